//! The pages of rules of what only a command inspects: their examples are run.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use pushgate::check::{Inspected, Rule, rules};
use pushgate::document::Source;
use pushgate::gimlet::{KeyAt, KeyFiles, inspect_dotenv, inspect_kubernetes};
use pushgate::pipelines::{Claims, Expected, inspect_policy};

use crate::pages::example;

/// Keys lie on the server.
struct OnTheServer;

impl KeyFiles for OnTheServer {
    fn key_at(&self, _: &str) -> KeyAt {
        KeyAt::Unseen
    }
}

fn inspect(rule: &Rule, path: &str, text: &str) -> Inspected {
    let source = Source::new(path, text);
    match path {
        "gimlet.env" => inspect_dotenv(source, &OnTheServer),
        "gimlet.yaml" => inspect_kubernetes(source),
        _ => {
            assert_eq!(path, "trust-policy.json", "{}", rule.id);
            inspect_policy(source, &expected(rule))
        }
    }
}

/// What a step of Bitbucket has, for the page that speaks of it.
fn expected(rule: &Rule) -> Expected {
    let token = (rule.id == "trust-policy/token").then(|| Claims {
        issuer: "https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc"
            .to_owned(),
        audiences: vec![
            "ari:cloud:bitbucket::workspace/3fa85f64-5717-4562-b3fc-2c963f66afa6".to_owned(),
        ],
        subject: "{9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d}:{11111111-2222-3333-4444-555555555555}"
            .to_owned(),
    });
    Expected {
        token,
        ..Expected::default()
    }
}

#[test]
fn the_examples_are_what_they_say() {
    const MISSING: &str = "gimlet-server/missing";
    let mut wrong = String::new();
    for rule in rules::inspected() {
        for (section, expected) in [
            ("Bad", BTreeSet::from([rule.id.to_owned()])),
            ("Good", BTreeSet::new()),
        ] {
            let files = example(rule.page, section);
            if files.is_empty() {
                let _ = writeln!(wrong, "{}: no example below {section}", rule.id);
            }
            for (path, text) in files {
                let inspected = inspect(rule, &path, &text);
                let mut found: BTreeSet<String> = inspected
                    .findings
                    .iter()
                    .map(|finding| finding.rule.to_string())
                    .collect();
                // An example shows the settings that it is about, and no others.
                if rule.id != MISSING {
                    found.remove(MISSING);
                }
                if found != expected {
                    let _ = writeln!(wrong, "{} {section}: {found:?}", rule.id);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A report names the rule, and `pushgate explain` has to know it.
#[test]
fn every_rule_that_is_found_has_a_page() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut named = BTreeSet::new();
    for folder in ["gimlet", "pipelines"] {
        for entry in ignore::Walk::new(source.join(folder)) {
            let entry = entry.unwrap();
            if entry.path().is_file() {
                let text = std::fs::read_to_string(entry.path()).unwrap();
                let ids = text.split("RuleId::of(\"").skip(1);
                named.extend(ids.map(|rest| rest.split('"').next().unwrap().to_owned()));
            }
        }
    }
    let known: BTreeSet<String> = rules::inspected().map(|rule| rule.id.to_owned()).collect();
    assert_eq!(named, known);
}
