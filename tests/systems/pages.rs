//! `docs/systems.md` names every rule that is not of `docs/rules/`. Its commands: tests/docs/.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const PAGE: &str = include_str!("../../docs/systems.md");

/// The pieces of code in the text.
fn pieces() -> Vec<&'static str> {
    PAGE.split('`').skip(1).step_by(2).collect()
}

/// The rules that the sources name.
fn rules(folder: &Path, into: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rules(&path, into);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let named = text.split("RuleId::of(\"").skip(1);
        into.extend(named.map(|rest| rest.split('"').next().unwrap().to_owned()));
    }
}

#[test]
fn every_rule_of_ours_is_listed() {
    let mut ours = BTreeSet::new();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    rules(&sources.join("gimlet"), &mut ours);
    rules(&sources.join("pipelines"), &mut ours);
    let mut listed = BTreeSet::new();
    let mut family = "";
    for piece in pieces() {
        match piece.split_once('/') {
            Some(("", rule)) => listed.insert(format!("{family}/{rule}")),
            Some((name @ ("gimlet-server" | "trust-policy"), _)) => {
                family = name;
                listed.insert(piece.to_owned())
            }
            _ => false,
        };
    }
    assert_eq!(listed, ours);
}
