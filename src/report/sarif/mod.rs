//! For code scanning: SARIF 2.1.0, the OASIS standard.

mod model;

use std::collections::HashMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use self::model::{
    Artifact, ArtifactChange, ArtifactLocation, Base, Bases, Change, Configuration, Descriptor,
    Driver, FindingResult, Invocation, Location, Log, LogicalLocation, Notification, Page,
    PartialFingerprints, PhysicalLocation, Reference, Region, Replacement, Run, Text, Tool,
};
use super::fingerprint::Fingerprints;
use super::{LEFT_OUT, Place, Reported, Root, advice, left_out};
use crate::check::rules;
use crate::document::{self, Source};
use crate::finding::{Finding, Fix, Severity};
use crate::json_text;
use crate::visible::{visible, visible_lines};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// What relative URIs count from.
const BASE: &str = "SRCROOT";
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// What stands in a URI as it is: RFC 3986's unreserved characters and the slash.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// The page of every rule that the operator's own kinds bring.
const OPERATOR_PAGE: &str = "\
# The schema of an operator's own kind

Whoever runs this gate declared a kind of documents with a JSON Schema, and the document is not what
that schema asks for.
";
const LEFT_OUT_PAGE: &str = "\
# More was found than is listed

A document of very many findings is listed up to a limit; those beyond it are counted. Mend what is
listed and run `pushgate check` again.
";

/// The report as one line of JSON. It holds the rules that found something, with their pages.
///
/// # Errors
/// None but those of serialising.
pub fn sarif(documents: &[Reported<'_>], root: &Root) -> serde_json::Result<String> {
    let mut ids = RuleIds::default();
    let mut fingerprints = Fingerprints::default();
    let (mut artifacts, mut results, mut notifications) = (Vec::new(), Vec::new(), Vec::new());
    for document in documents {
        let place = root.place(document.source.path());
        let artifact = ArtifactLocation {
            index: Some(artifacts.len()),
            ..located(&place)
        };
        for finding in document.findings {
            results.push(FindingResult {
                rule_id: finding.rule.as_str(),
                rule_index: ids.index(finding.rule.as_str()),
                level: level(finding.severity),
                message: plain(advice(finding)),
                locations: [location(finding, artifact.clone())],
                related_locations: related(finding, &artifact, root),
                partial_fingerprints: PartialFingerprints {
                    finding: fingerprints.of(place.text(), finding),
                },
                fixes: fixes(finding, document.source, &artifact),
            });
        }
        if document.left_out.all() > 0 {
            notifications.push(notification(document, &artifact));
        }
        artifacts.push(Artifact {
            location: artifact,
            roles: ["analysisTarget"],
        });
    }
    let run = Run {
        tool: Tool {
            driver: driver(ids, !notifications.is_empty()),
        },
        invocations: [Invocation {
            execution_successful: true,
            tool_execution_notifications: notifications,
        }],
        original_uri_base_ids: Bases {
            root: Base {
                description: plain("The root of the work tree that was checked."),
            },
        },
        column_kind: "unicodeCodePoints",
        newline_sequences: ["\r\n", "\n", "\r"],
        artifacts,
        results,
    };
    json_text::line(&Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [run],
    })
}

/// The rules that found something, in the order in which they did.
#[derive(Default)]
struct RuleIds<'a> {
    ids: Vec<&'a str>,
    index: HashMap<&'a str, usize>,
}

impl<'a> RuleIds<'a> {
    fn index(&mut self, id: &'a str) -> usize {
        *self.index.entry(id).or_insert_with(|| {
            self.ids.push(id);
            self.ids.len() - 1
        })
    }
}

fn driver(ids: RuleIds<'_>, has_left_out: bool) -> Driver<'_> {
    let notifications = has_left_out.then(|| {
        let severity = Severity::Warning;
        descriptor(
            LEFT_OUT,
            "more was found than is listed",
            LEFT_OUT_PAGE,
            severity,
        )
    });
    Driver {
        name: "pushgate",
        full_name: format!("pushgate {VERSION}"),
        version: VERSION,
        semantic_version: VERSION,
        rules: ids.ids.into_iter().map(rule).collect(),
        notifications: notifications.into_iter().collect(),
    }
}

fn rule(id: &str) -> Descriptor<'_> {
    match rules::with_page_by_id(id) {
        Some(rule) => descriptor(id, rule.summary, rule.page, rule.severity),
        None => descriptor(
            id,
            "a document that the operator's schema refuses",
            OPERATOR_PAGE,
            Severity::Error,
        ),
    }
}

fn descriptor<'a>(
    id: &'a str,
    summary: &str,
    page: &'static str,
    severity: Severity,
) -> Descriptor<'a> {
    Descriptor {
        id,
        short_description: plain(sentence(summary)),
        full_description: plain(what(page)),
        help: Page {
            text: page,
            markdown: page,
        },
        default_configuration: Configuration {
            level: level(severity),
        },
    }
}

/// A sentence, as the standard wants descriptions.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first: String = characters
        .next()
        .map(|first| first.to_uppercase().collect())
        .unwrap_or_default();
    let full_stop = if text.ends_with('.') { "" } else { "." };
    format!("{first}{}{full_stop}", characters.as_str())
}

/// What a page says before its examples: what is wrong, and why that is so.
fn what(page: &str) -> String {
    let prose = page.split("\n## Bad").next().unwrap_or_default();
    let paragraphs: Vec<String> = prose
        .split("\n\n")
        .map(|paragraph| paragraph.trim().replace('\n', " "))
        .filter(|paragraph| !paragraph.is_empty() && !paragraph.starts_with('#'))
        .collect();
    paragraphs.join("\n\n")
}

/// A text for people. A viewer makes a link of `[…](…)` also in plain text, so that a document
/// could put one into a message; the blank keeps it text.
///
/// Braces are not doubled: no viewer takes them for placeholders where there are no arguments.
fn plain(text: impl Into<String>) -> Text {
    Text {
        text: text.into().replace("](", "] ("),
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn located(place: &Place) -> ArtifactLocation {
    let encoded = |path: &str| utf8_percent_encode(path, ENCODED).to_string();
    let (uri, uri_base_id) = match place {
        Place::Below(path) => (encoded(path), Some(BASE)),
        Place::Outside(path) => {
            let path = path.trim_start_matches('/');
            (format!("file:///{}", encoded(path)), None)
        }
    };
    ArtifactLocation {
        uri,
        uri_base_id,
        index: None,
    }
}

fn region(at: document::Location) -> Region {
    Region {
        start_line: at.start.line,
        start_column: at.start.column,
        end_line: at.end.line,
        end_column: at.end.column,
    }
}

fn location(finding: &Finding, artifact: ArtifactLocation) -> Location<'_> {
    let pointer = (!finding.pointer.is_empty()).then(|| LogicalLocation {
        fully_qualified_name: &finding.pointer,
    });
    Location {
        physical_location: PhysicalLocation {
            artifact_location: artifact,
            region: Some(region(finding.location)),
        },
        logical_locations: pointer.into_iter().collect(),
        message: None,
    }
}

fn related<'a>(finding: &Finding, artifact: &ArtifactLocation, root: &Root) -> Vec<Location<'a>> {
    let located = |related: &crate::finding::Related| Location {
        physical_location: PhysicalLocation {
            artifact_location: if finding.is_here(related) {
                artifact.clone()
            } else {
                located(&root.place(&related.path))
            },
            region: Some(region(related.location)),
        },
        logical_locations: Vec::new(),
        message: Some(plain(visible(&related.label))),
    };
    finding.related.iter().map(located).collect()
}

fn fixes(finding: &Finding, source: &Source, artifact: &ArtifactLocation) -> Vec<Change> {
    let change = |fix: &Fix| Change {
        description: plain(match &finding.help {
            Some(help) => visible_lines(help),
            None => "what `pushgate check --fix` changes".to_owned(),
        }),
        artifact_changes: [ArtifactChange {
            artifact_location: artifact.clone(),
            replacements: fix
                .edits
                .iter()
                .map(|edit| Replacement {
                    deleted_region: region(source.location(edit.span)),
                    inserted_content: Text {
                        text: edit.text.clone(),
                    },
                })
                .collect(),
        }],
    };
    finding.fix.iter().map(change).collect()
}

fn notification<'a>(document: &Reported<'_>, artifact: &ArtifactLocation) -> Notification<'a> {
    Notification {
        // An error would say that the run itself went wrong.
        level: level(Severity::Warning),
        message: plain(left_out(document.left_out)),
        locations: [Location {
            physical_location: PhysicalLocation {
                artifact_location: artifact.clone(),
                region: None,
            },
            logical_locations: Vec::new(),
            message: None,
        }],
        descriptor: Reference {
            id: LEFT_OUT,
            index: 0,
        },
    }
}
