//! The releases of the format with `envs`.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::{place, regexes, tag_variable};
use crate::check::explain::Subject;
use crate::check::findings::Findings;
use crate::check::suggest;
use crate::check::words::{code, is_copyable, whole};
use crate::document::{NodeId, Pointer};
use crate::finding::RuleId;

const MISSPELT: RuleId = RuleId::of("gimlet/misspelt-key");
const DUPLICATE: RuleId = RuleId::of("gimlet/duplicate-release");
const QUOTE: RuleId = RuleId::of("gimlet/vars-quote");

/// Keys that releases of the format with `envs` are known to have; the needed ones first.
const RELEASE_KEYS: [&str; 17] = [
    "name",
    "namespace",
    "image",
    "tag",
    "env",
    "containerPort",
    "replicas",
    "ingress",
    "requests",
    "limits",
    "vars",
    "prometheusScraping",
    "alwaysPullImages",
    "deploy",
    "hpa",
    "strategy",
    "trigger",
];
/// How many of them are needed.
const NEEDED_KEYS: usize = 5;

/// One release and where it stands.
struct Release<'a> {
    at: Pointer,
    /// The environment it is for, where that is said.
    env: Option<&'a str>,
    node: NodeId,
}

/// The text below a key, found from the mapping itself: from the root it would be a long way.
pub(super) fn text<'a>(subject: &Subject<'a>, holder: NodeId, key: &str) -> Option<&'a str> {
    let document = subject.document;
    document.string(document.get(holder, key)?.value.node)
}

/// What no schema can say of the releases.
pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let releases = releases(subject);
    for release in &releases {
        misspelt_keys(subject, release, findings);
        regexes::check(subject, &release.at, release.node, findings);
        if let Some(tag) = text(subject, release.node, "tag") {
            tag_variable::check(subject, &release.at, tag, findings);
        }
        quotes_in_vars(subject, release, findings);
    }
    duplicates(subject, &releases, findings);
}

/// The releases of both forms: environments with lists, or one list.
fn releases<'a>(subject: &Subject<'a>) -> Vec<Release<'a>> {
    let document = subject.document;
    let Some(envs) = document.get(document.root().node, "envs") else {
        return Vec::new();
    };
    let at = Pointer::root().join("envs");
    let listed = |at: &Pointer, list: NodeId, env: Option<&'a str>| -> Vec<Release<'a>> {
        let items = document.items(list).iter().enumerate();
        let release = |(index, item): (usize, &crate::document::Use)| {
            let own = document.get(item.node, "env");
            Release {
                at: at.join(index.to_string()),
                env: env.or_else(|| document.string(own?.value.node)),
                node: item.node,
            }
        };
        items.map(release).collect()
    };
    let mut releases = listed(&at, envs.value.node, None);
    for entry in document.entries(envs.value.node) {
        let at = at.join(entry.key.as_str());
        releases.extend(listed(&at, entry.value.node, Some(&entry.key)));
    }
    releases
}

/// Keys of a release that look like slips of well-known ones. An installation may have others of
/// its own, so that they are no more than looked at twice.
fn misspelt_keys(subject: &Subject<'_>, release: &Release<'_>, findings: &mut Findings<'_>) {
    let document = subject.document;
    for entry in document.entries(release.node) {
        if RELEASE_KEYS.contains(&entry.key.as_str()) {
            continue;
        }
        // What is needed and missing is an error, and told as one.
        let optional = RELEASE_KEYS[NEEDED_KEYS..]
            .iter()
            .copied()
            .filter(|key| document.get(release.node, key).is_none());
        let Some(meant) = suggest::nearest(&entry.key, optional) else {
            continue;
        };
        findings.add_with(&MISSPELT, || {
            let message = format!(
                "{} is not a key that releases usually have",
                code(&entry.key)
            );
            let span = entry.merged.unwrap_or(entry.key_span);
            subject
                .draft(
                    &MISSPELT,
                    &release.at.join(entry.key.as_str()),
                    span,
                    message,
                )
                .label(format!("did you mean {}?", code(meant)))
                .help(format!(
                    "rename the key to {}, or leave it if your installation knows it",
                    code(meant)
                ))
        });
    }
}

/// Gimlet writes each of them as `value: '…'` without looking at it.
fn quotes_in_vars(subject: &Subject<'_>, release: &Release<'_>, findings: &mut Findings<'_>) {
    let document = subject.document;
    let Some(vars) = document.get(release.node, "vars") else {
        return;
    };
    for entry in document.entries(vars.value.node) {
        let Some(text) = document.string(entry.value.node) else {
            continue;
        };
        let Some(found) = text.find(['\'', '\n']) else {
            continue;
        };
        findings.add_with(&QUOTE, || {
            let at = release.at.join("vars").join(entry.key.as_str());
            let name = code(&entry.key);
            if text[found..].starts_with('\n') {
                let message = format!("{name} has several lines, and Gimlet writes it on one");
                return place::draft(subject, &QUOTE, &at, message)
                    .help("write the value on one line, and break it up where it is read");
            }
            let span = place::of_piece(subject, &at, text, found..found + 1);
            let message = format!("{name} holds `'`, which ends the quotes that Gimlet puts it in");
            let doubled = text.replace('\'', "''");
            let help = match is_copyable(text) && !text.contains('"') {
                true => format!(
                    "double it: {}",
                    whole(&subject.line(&at, &format!("\"{doubled}\"")))
                ),
                false => "write `''` for each `'` in the value".to_owned(),
            };
            subject.draft(&QUOTE, &at, span, message).help(help)
        });
    }
}

/// Two releases of one name in one environment: both are written to the same folder.
fn duplicates(subject: &Subject<'_>, releases: &[Release<'_>], findings: &mut Findings<'_>) {
    let mut first: HashMap<(&str, &str), &Pointer> = HashMap::new();
    for release in releases {
        let (Some(env), Some(name)) = (release.env, text(subject, release.node, "name")) else {
            continue;
        };
        match first.entry((env, name)) {
            Entry::Vacant(entry) => {
                entry.insert(&release.at);
            }
            Entry::Occupied(entry) => findings.add_with(&DUPLICATE, || {
                let message = format!("{} is released to {} a second time", code(name), code(env));
                let (node, place) = subject.find(&entry.get().join("name"));
                place::draft(subject, &DUPLICATE, &release.at.join("name"), message)
                    .label("overwrites the other one")
                    .related(subject.mark(node, place), "first released here")
                    .help("give it another name, or remove one of the two")
            }),
        }
    }
}
