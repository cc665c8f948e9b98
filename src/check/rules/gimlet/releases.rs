//! The releases of the format with `envs`.

use crate::check::explain::Subject;
use crate::check::findings::Findings;
use crate::check::suggest;
use crate::check::words::code;
use crate::document::{NodeId, Pointer};
use crate::finding::RuleId;

const MISSPELT: RuleId = RuleId::of("gimlet/misspelt-key");

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

/// Keys of releases that look like slips of well-known ones. An installation may have others of its
/// own, so that they are no more than looked at twice.
pub(super) fn misspelt_keys(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let document = subject.document;
    let Some(envs) = document.get(document.root().node, "envs") else {
        return;
    };
    let at = Pointer::root().join("envs");
    let listed = |at: &Pointer, node: NodeId| -> Vec<(Pointer, NodeId)> {
        let items = document.items(node).iter().enumerate();
        items
            .map(|(index, item)| (at.join(index.to_string()), item.node))
            .collect()
    };
    let mut releases = listed(&at, envs.value.node);
    for entry in document.entries(envs.value.node) {
        releases.extend(listed(&at.join(&entry.key), entry.value.node));
    }
    for (at, release) in releases {
        for entry in document.entries(release) {
            if RELEASE_KEYS.contains(&entry.key.as_str()) {
                continue;
            }
            // What is needed and missing is an error, and told as one.
            let optional = RELEASE_KEYS[NEEDED_KEYS..]
                .iter()
                .copied()
                .filter(|key| document.get(release, key).is_none());
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
                    .draft(&MISSPELT, &at.join(&entry.key), span, message)
                    .label(format!("did you mean {}?", code(meant)))
                    .help(format!(
                        "rename the key to {}, or leave it if your installation knows it",
                        code(meant)
                    ))
            });
        }
    }
}
