//! `algorithmia.conf`: a small JSON object that names the algorithm of a repository.

use crate::check::explain::Subject;
use crate::check::findings::{Draft, Findings};
use crate::check::schema::Schema;
use crate::document::{Pointer, Source, Span};
use crate::finding::RuleId;

const JSON: RuleId = RuleId::of("algorithmia/json");

pub(in crate::check) fn schema() -> Schema {
    Schema::built_in(
        "algorithmia.schema.json",
        include_str!("../../../schemas/algorithmia.schema.json"),
    )
}

pub(in crate::check) fn check(schema: &Schema, subject: &Subject<'_>, findings: &mut Findings<'_>) {
    if subject.document.number() > 1 {
        return;
    }
    // YAML reads nearly all JSON and more: what only YAML can read is no use to the reader.
    match not_json(subject.source) {
        Some((span, reason)) => findings.add(
            subject
                .draft(&JSON, &Pointer::root(), span, reason)
                .help(HELP),
        ),
        None => subject.hold_against(schema, &JSON, findings),
    }
}

/// A file without anything in it.
pub(in crate::check) fn empty(findings: &mut Findings<'_>) {
    findings.add(Draft::new(JSON, Span::default(), "the file is empty").help(HELP));
}

const HELP: &str = r#"write one JSON object, such as `{"username": "team", "algoname": "hello"}`"#;

/// Where the text stops being JSON, and in which way.
fn not_json(source: &Source) -> Option<(Span, String)> {
    let error = serde_json::from_str::<serde::de::IgnoredAny>(source.text()).err()?;
    let line = source.line_starts().get(error.line().saturating_sub(1));
    let at = line.copied().unwrap_or_default() + error.column().saturating_sub(1);
    let at = source.text().floor_char_boundary(at);
    let length = source.text()[at..].chars().next().map_or(0, char::len_utf8);
    let text = error.to_string();
    let reason = text.split(" at line ").next().unwrap_or_default();
    Some((
        Span::new(at, at + length),
        format!("the file is no JSON: {reason}"),
    ))
}
