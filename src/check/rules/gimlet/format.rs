//! Which of the two formats a file has, and what is wrong where it has neither or both.

use super::FORMAT;
use crate::check::explain::Subject;
use crate::check::findings::{Draft, Findings};
use crate::check::suggest;
use crate::check::words::{code, with_lines};
use crate::document::{Entry, NodeKind, Pointer, Span};

/// How a manifest begins.
const MANIFEST: &str = "app: my-service\nenv: staging\nnamespace: default";

/// Keys that only a manifest has.
const MANIFEST_KEYS: [&str; 11] = [
    "app",
    "env",
    "namespace",
    "chart",
    "values",
    "deploy",
    "cleanup",
    "manifests",
    "strategicMergePatches",
    "json6902Patches",
    "dependencies",
];

pub(super) enum Format {
    Manifest,
    Environments,
    Both,
    Neither,
}

/// A file without anything in it.
pub(in crate::check) fn empty(at: Span, document: usize, findings: &mut Findings<'_>) {
    findings.add(
        Draft::new(FORMAT, at, "the file is empty")
            .at(document, "")
            .help(with_lines(
                "delete the file, or write a manifest, which begins with",
                &[MANIFEST.to_owned()],
            )),
    );
}

pub(super) fn format(subject: &Subject<'_>) -> Format {
    let root = subject.document.root().node;
    let has = |key| subject.document.get(root, key).is_some();
    match (has("app"), has("envs")) {
        (true, true) => return Format::Both,
        (true, false) => return Format::Manifest,
        (false, true) => return Format::Environments,
        (false, false) => {}
    }
    let is_manifest_key = |entry: &Entry| suggest::nearest(&entry.key, MANIFEST_KEYS).is_some();
    let keys = subject.document.entries(root);
    match misspelt_envs(subject) {
        // What `env` holds is one word.
        Some(_) if keys.len() == 1 => Format::Neither,
        _ if keys.iter().any(is_manifest_key) => Format::Manifest,
        _ => Format::Neither,
    }
}

/// A root key that was meant to be `envs`: it is spelt like it and holds environments.
fn misspelt_envs<'a>(subject: &Subject<'a>) -> Option<&'a Entry> {
    let document = subject.document;
    let mut entries = document.entries(document.root().node).iter();
    entries.find(|entry| {
        let holds_many = !matches!(document.node(entry.value.node).kind, NodeKind::Scalar(_));
        holds_many && suggest::nearest(&entry.key, ["environments", "envs"]).is_some()
    })
}

pub(super) fn both(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let root = subject.document.root().node;
    let place = |key| {
        let entry = subject.document.get(root, key)?;
        Some(entry.merged.unwrap_or(entry.key_span))
    };
    let (Some(app), Some(envs)) = (place("app"), place("envs")) else {
        return;
    };
    let (first, second) = (app.min(envs), app.max(envs));
    let message = "`app` and `envs` stand in one file, and Gimlet never reads both";
    findings.add(
        subject
            .draft(&FORMAT, &Pointer::root(), second, message)
            .label("belongs to the other format")
            .related(first, "one format begins here")
            .help("keep one: `app` for a manifest, or `envs` for the releases of all environments"),
    );
}

pub(super) fn neither(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let (node, place) = subject.find(&Pointer::root());
    let span = subject.beginning(node, place);
    let draft = |message: String| subject.draft(&FORMAT, &Pointer::root(), span, message);
    match &node.kind {
        NodeKind::Mapping(_) => {}
        NodeKind::Sequence(_) => {
            let draft = draft("the file is a list, and Gimlet reads keys and values".to_owned());
            findings.add(draft.help(
                    "put `envs:` above a list of releases, or write each manifest into a file of its own in `.gimlet/`",
                ));
            return;
        }
        NodeKind::Scalar(_) => {
            let draft = draft("the file is only text, and Gimlet reads keys and values".to_owned());
            findings.add(draft.help(with_lines(
                "write a manifest, which begins with",
                &[MANIFEST.to_owned()],
            )));
            return;
        }
    }
    match misspelt_envs(subject) {
        Some(entry) => findings.add(
            subject
                .draft(
                    &FORMAT,
                    &Pointer::root().join(entry.key.as_str()),
                    entry.merged.unwrap_or(entry.key_span),
                    format!(
                        "Gimlet reads environments below `envs`, not below {}",
                        code(&entry.key)
                    ),
                )
                .label("did you mean `envs`?")
                .help("rename the key to `envs`"),
        ),
        None => findings.add(
            draft("this is not a Gimlet file: it has neither `app` nor `envs`".to_owned()).help(
                with_lines(
                    "write a manifest, which begins with",
                    &[MANIFEST.to_owned()],
                ),
            ),
        ),
    }
}
