//! Gimlet's two formats under one name, told apart by their root key: a manifest (`app`) says how
//! one application is deployed to one environment, the older format (`envs`) lists them all.

use crate::check::explain::Subject;
use crate::check::findings::{Draft, Findings};
use crate::check::schema::Schema;
use crate::check::suggest;
use crate::check::words::code;
use crate::document::{NodeKind, Pointer, ScalarValue, Span};
use crate::finding::RuleId;

const FORMAT: RuleId = RuleId::of("gimlet/format");

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
        Format::Environments => subject.hold_against(environments, &FORMAT, findings),
        Format::Both => both(subject, findings),
        Format::Neither => neither(subject, findings),
    }
}

/// A file without anything in it.
pub(in crate::check) fn empty(at: Span, document: usize, findings: &mut Findings<'_>) {
    findings.add(
        Draft::new(FORMAT, at, "the file is empty")
            .at(document, "")
            .help("write a manifest that begins with `app`, or delete the file"),
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
    let keys = subject.document.entries(root).iter();
    let like_manifest = keys
        .filter(|entry| suggest::nearest(&entry.key, MANIFEST_KEYS).is_some())
        .count();
    if like_manifest > 0 {
        Format::Manifest
    } else {
        Format::Neither
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
    let message = "`app` and `envs` stand side by side, and no version of Gimlet reads both";
    findings.add(
        subject
            .draft(&FORMAT, &Pointer::root(), second, message)
            .label("belongs to the other format")
            .related(first, "one format begins here")
            .help("keep `app` for a manifest or `envs` for the list of environments"),
    );
}

fn neither(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let (node, place) = subject.find(&Pointer::root());
    let span = subject.beginning(node, place);
    let draft = |message: String| subject.draft(&FORMAT, &Pointer::root(), span, message);
    let entries =
        match &node.kind {
            NodeKind::Mapping(entries) => entries,
            NodeKind::Sequence(_) => {
                let draft = draft("the file is a list; Gimlet reads a mapping".to_owned());
                findings.add(draft.help(
                    "put `envs:` above the list, or write one manifest a file, in `.gimlet/`",
                ));
                return;
            }
            NodeKind::Scalar(_) => {
                let draft = draft("the file is one text; Gimlet reads a mapping".to_owned());
                findings.add(draft.help("begin a manifest with `app: my-service`"));
                return;
            }
        };
    let misspelt = entries.iter().find_map(|entry| {
        let meant = suggest::nearest(&entry.key, ["environments", "envs"])?;
        Some((entry, meant))
    });
    match misspelt {
        Some((entry, _)) => findings.add(
            subject
                .draft(
                    &FORMAT,
                    &Pointer::root().join(&entry.key),
                    entry.merged.unwrap_or(entry.key_span),
                    format!("{} is not a key that Gimlet reads", code(&entry.key)),
                )
                .label("did you mean `envs`?")
                .help("rename the key to `envs`"),
        ),
        None => findings.add(
            draft("this is no file of Gimlet: it has neither `app` nor `envs`".to_owned())
                .help("begin a manifest with `app: my-service`"),
        ),
    }
}
