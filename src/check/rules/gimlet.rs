//! Gimlet's two formats under one name, told apart by their root key: a manifest (`app`) says how
//! one application is deployed to one environment, the older format (`envs`) lists them all.

use super::{Rule, rule};
use crate::check::explain::Subject;
use crate::check::findings::{Draft, Findings};
use crate::check::schema::Schema;
use crate::check::suggest;
use crate::check::words::{code, with_lines};
use crate::document::{Entry, NodeId, NodeKind, Pointer, ScalarValue, Span};
use crate::finding::RuleId;

/// The registry: a line a rule.
#[rustfmt::skip]
pub(super) static RULES: &[Rule] = &[
    rule!(error, "gimlet/format", "the file is neither a manifest nor a list of environments"),
    rule!(error, "gimlet/missing-app", "a manifest has no `app`"),
    rule!(error, "gimlet/missing-env", "a manifest has no `env`"),
    rule!(error, "gimlet/missing-namespace", "a manifest has no `namespace`"),
    rule!(error, "gimlet/missing-chart", "a manifest deploys nothing: neither `chart` nor `manifests`"),
    rule!(error, "gimlet/missing-key", "something else that is needed is missing"),
    rule!(error, "gimlet/app-name", "an `app` that can't name a release"),
    rule!(error, "gimlet/env-name", "an `env` that can't name an environment"),
    rule!(error, "gimlet/type", "a value of the wrong type"),
    rule!(error, "gimlet/value", "a value that Gimlet does not know"),
    rule!(error, "gimlet/unknown-key", "a key that Gimlet ignores"),
    rule!(error, "gimlet/deploy-never-fires", "a `deploy` that no push can meet"),
    rule!(error, "gimlet/cleanup", "a `cleanup` that never fires, or fires on every branch"),
    rule!(error, "gimlet/duplicate-app", "two manifests deploy the same `app` to the same `env`"),
    rule!(warning, "gimlet/every-branch", "a `deploy` that every branch meets"),
    rule!(warning, "gimlet/misspelt-key", "a key of a release that looks like a slip of a well-known one"),
    rule!(warning, "gimlet/removed-key", "a key that Gimlet no longer reads"),
];

const FORMAT: RuleId = RuleId::of("gimlet/format");
const MISSPELT: RuleId = RuleId::of("gimlet/misspelt-key");

/// How a manifest begins.
const MANIFEST: &str = "app: my-service\nenv: staging\nnamespace: default";

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

pub(in crate::check) fn manifest_schema() -> Schema {
    Schema::built_in(
        "gimlet-manifest.schema.json",
        include_str!("../../../schemas/gimlet-manifest.schema.json"),
    )
}

pub(in crate::check) fn environments_schema() -> Schema {
    Schema::built_in(
        "gimlet-envs.schema.json",
        include_str!("../../../schemas/gimlet-envs.schema.json"),
    )
}

enum Format {
    Manifest,
    Environments,
    Both,
    Neither,
}

pub(in crate::check) fn check(
    manifest: &Schema,
    environments: &Schema,
    subject: &Subject<'_>,
    findings: &mut Findings<'_>,
) {
    // Gimlet reads no further document, and that is a finding already.
    if subject.document.number() > 1 {
        return;
    }
    let root = subject.document.root();
    if let NodeKind::Scalar(scalar) = &subject.document.node(root.node).kind
        && scalar.value == ScalarValue::Null
    {
        return empty(root.at, subject.document.number(), findings);
    }
    match format(subject) {
        Format::Manifest => subject.hold_against(manifest, &FORMAT, findings),
        Format::Environments => {
            subject.hold_against(environments, &FORMAT, findings);
            misspelt_keys(subject, findings);
        }
        Format::Both => both(subject, findings),
        Format::Neither => neither(subject, findings),
    }
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

fn format(subject: &Subject<'_>) -> Format {
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

/// Keys of releases that look like slips of well-known ones. An installation may have others of its
/// own, so that they are no more than looked at twice.
fn misspelt_keys(subject: &Subject<'_>, findings: &mut Findings<'_>) {
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

fn both(subject: &Subject<'_>, findings: &mut Findings<'_>) {
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

fn neither(subject: &Subject<'_>, findings: &mut Findings<'_>) {
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
                    &Pointer::root().join(&entry.key),
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
