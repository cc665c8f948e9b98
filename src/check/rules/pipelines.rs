//! `bitbucket-pipelines.yml`: a walk over the tree by a table of what Bitbucket knows, since
//! Atlassian's own schema answers a mistake with one unreadable sentence about all of it.

mod address;
mod image;
mod keys;
mod literal;
mod names;
mod pipeline;
mod rules;
mod script;
mod secret;
mod shape;
mod step;
mod table;
mod types;
mod walk;

use crate::check::explain::Subject;
use crate::check::findings::{Draft, Findings};
use crate::check::words::{code, with_lines};
use crate::document::{Entry, NodeKind, ScalarValue, Source, Span};

pub(super) use rules::RULES;
use rules::{FORMAT, NOTHING_TO_RUN};
pub(in crate::check) use secret::WrittenSecret;
use walk::{Here, Walk};

/// How a file begins.
const EXAMPLE: &str = "pipelines:\n  default:\n    - step:\n        script:\n          - npm test";

/// The secrets of a file, whether its text can be read as YAML or not: no report may show them.
pub(in crate::check) fn secrets(source: &Source) -> Vec<WrittenSecret> {
    secret::written(source.text())
}

/// Looks at a file in whose text these secrets are.
pub(in crate::check) fn check(
    subject: &Subject<'_>,
    secrets: &[WrittenSecret],
    findings: &mut Findings<'_>,
) {
    // Bitbucket reads no further document, and that is a finding already.
    if subject.document.number() > 1 {
        return;
    }
    let root = subject.document.root();
    let here = Here {
        key: None,
        used: root,
    };
    let kind = &subject.document.node(root.node).kind;
    let mut walk = Walk::new(subject, findings);
    let is = match kind {
        NodeKind::Mapping(entries) => {
            walk.value(&table::FILE, here);
            walk.nothing_to_run(entries, here);
            return walk.secrets(secrets);
        }
        NodeKind::Scalar(scalar) if scalar.value == ScalarValue::Null => {
            return empty(root.at, subject.document.number(), findings);
        }
        NodeKind::Sequence(_) => "a list",
        NodeKind::Scalar(_) => "only text",
    };
    let span = walk.mark(here);
    walk.tell(&FORMAT, span, |subject, at| {
        let message = format!("the file is {is}, and Bitbucket reads keys and values");
        subject.draft(&FORMAT, at, span, message).help(begin())
    });
}

/// A file without anything in it.
pub(in crate::check) fn empty(at: Span, document: usize, findings: &mut Findings<'_>) {
    findings.add(
        Draft::new(FORMAT.clone(), at, "the file is empty")
            .at(document, "")
            .help(begin()),
    );
}

fn begin() -> String {
    with_lines(
        "delete the file, or write a pipeline, as in",
        &[EXAMPLE.to_owned()],
    )
}

impl<'a> Walk<'_, 'a, '_> {
    /// A file that Bitbucket accepts and never does anything with.
    fn nothing_to_run(&mut self, entries: &'a [Entry], here: Here) {
        let get = |key: &str| entries.iter().find(|entry| entry.key == key);
        if let Some(pipelines) = get("pipelines") {
            let is_empty_mapping = matches!(&self.document.node(pipelines.value.node).kind,
                NodeKind::Mapping(entries) if entries.is_empty());
            if is_empty_mapping {
                let span = pipelines.key_span;
                self.tell_at("pipelines", &NOTHING_TO_RUN, span, |subject, at| {
                    subject
                        .draft(&NOTHING_TO_RUN, at, span, "`pipelines` is empty")
                        .help(with_lines(
                            "write a pipeline below it, as in",
                            &[EXAMPLE.to_owned()],
                        ))
                });
            }
            return;
        }
        // What another repository imports need not run here.
        if get("export").is_some() {
            return;
        }
        let told = |entry: &&Entry| {
            let is_section = table::PIPELINES
                .keys
                .iter()
                .any(|key| key.name == entry.key);
            is_section || crate::check::suggest::nearest(&entry.key, ["pipelines"]).is_some()
        };
        if entries.iter().any(|entry| told(&entry)) {
            return;
        }
        // They may stand in the second document, which is a finding already.
        let end = self.node(here).span.end;
        if self.subject.source.text()[end..].contains("\n---") {
            return;
        }
        let span = self.mark(here);
        let only = entries.first().map(|entry| code(&entry.key));
        self.tell(&NOTHING_TO_RUN, span, |subject, at| {
            let message = match only {
                Some(_) => "the file has no `pipelines`, so that nothing ever runs",
                None => "the file is an empty mapping, so that nothing ever runs",
            };
            subject
                .draft(&NOTHING_TO_RUN, at, span, message)
                .help(with_lines("add", &[EXAMPLE.to_owned()]))
        });
    }

    /// The secrets that are known by their own look.
    fn secrets(&mut self, written: &[WrittenSecret]) {
        for found in written {
            self.written_secret(found);
        }
    }
}
