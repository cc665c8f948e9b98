//! `algorithmia.conf`: a small JSON object that names the algorithm of a repository.

use super::{Rule, rule};
use crate::check::ahead;
use crate::check::explain::Subject;
use crate::check::findings::{Draft, Findings};
use crate::check::schema::Schema;
use crate::check::words::code;
use crate::document::{Cause, Pointer, Problem, ProblemKind, Source, Span};
use crate::finding::RuleId;

/// The registry: a line a rule.
#[rustfmt::skip]
pub(super) static RULES: &[Rule] = &[
    rule!(error, "algorithmia/json", "the file is not JSON"),
    rule!(error, "algorithmia/missing-key", "the algorithm's owner or name is missing"),
    rule!(error, "algorithmia/name", "a name that no owner or algorithm can have"),
    rule!(error, "algorithmia/type", "a value of the wrong type"),
    rule!(warning, "algorithmia/unknown-key", "a key that Algorithmia does not read"),
];

const JSON: RuleId = RuleId::of("algorithmia/json");

pub(in crate::check) fn schema() -> Schema {
    Schema::built_in(
        "algorithmia.schema.json",
        include_str!("../../../schemas/algorithmia.schema.json"),
        ahead::algorithmia,
    )
}

pub(in crate::check) fn check(schema: &Schema, subject: &Subject<'_>, findings: &mut Findings<'_>) {
    if subject.document.number() > 1 {
        return;
    }
    // YAML reads nearly all JSON and more: what only YAML can read is no use to the reader.
    match not_json(subject.source) {
        Some(wrong) => findings.add(
            subject
                .draft(&JSON, &Pointer::root(), wrong.span, wrong.message)
                .help(wrong.help),
        ),
        None => subject.hold_against(schema, &JSON, findings),
    }
}

/// What YAML says of a text that can't be read, in JSON's words.
pub(in crate::check) fn in_json(draft: Draft, problem: &Problem, source: &Source) -> Draft {
    // A tab is as good as a space to JSON.
    let is_syntax = matches!(
        problem.kind,
        ProblemKind::Syntax {
            cause: Cause::Tab | Cause::Other,
            ..
        }
    );
    match not_json(source).filter(|_| is_syntax) {
        Some(wrong) => {
            Draft::new(RuleId::of("yaml/syntax"), wrong.span, wrong.message).help(wrong.help)
        }
        None => draft,
    }
}

/// A file without anything in it.
pub(in crate::check) fn empty(findings: &mut Findings<'_>) {
    findings.add(Draft::new(JSON, Span::default(), "the file is empty").help(write_it()));
}

fn write_it() -> String {
    format!("write one JSON object, such as `{EXAMPLE}`")
}

const EXAMPLE: &str = r#"{"username": "team", "algoname": "hello"}"#;

/// Where the text stops being JSON, in which way, and what to do.
struct NotJson {
    span: Span,
    message: String,
    help: String,
}

fn not_json(source: &Source) -> Option<NotJson> {
    let error = serde_json::from_str::<serde::de::IgnoredAny>(source.text()).err()?;
    let text = source.text();
    let line = source.line_starts().get(error.line().saturating_sub(1));
    let at = line.copied().unwrap_or_default() + error.column().saturating_sub(1);
    let at = text.floor_char_boundary(at);
    let found = text[at..].chars().next();
    let before = text[..at].trim_end();
    let here = Span::new(at, at + found.map_or(0, char::len_utf8));
    let wrong = |span, message: &str, help: String| NotJson {
        span,
        message: message.to_owned(),
        help,
    };
    if before.is_empty() && found.is_some_and(|c| !c.is_whitespace()) && !text.starts_with('{') {
        return Some(wrong(
            here,
            "the file is not JSON, which begins with `{`",
            write_it(),
        ));
    }
    Some(match found {
        Some('}' | ']') if before.ends_with(',') => wrong(
            Span::new(before.len() - 1, before.len()),
            "JSON allows no comma after the last value",
            "remove the comma".to_owned(),
        ),
        Some('\'') => wrong(
            here,
            "JSON knows double quotes only",
            "write `\"` in place of each `'`".to_owned(),
        ),
        Some('/' | '#') => wrong(
            here,
            "JSON has no comments",
            "remove the comment".to_owned(),
        ),
        _ if error.is_eof() => wrong(
            here,
            "the file ends before its JSON does",
            format!("close every quote and brace, as in `{EXAMPLE}`"),
        ),
        Some('"') if before.ends_with(|c: char| c == '"' || c.is_alphanumeric()) => {
            let rest = text[at + 1..].find(['"', '\n']).map_or(1, |end| end + 2);
            let end = text.floor_char_boundary(at + rest);
            let key = code(text[at..end].trim_end());
            wrong(
                Span::new(at, end),
                &format!("a comma is missing before {key}"),
                "write a `,` after the value before it".to_owned(),
            )
        }
        Some('{') if before.ends_with('}') => wrong(
            here,
            "a second JSON object begins here, and only one is read",
            "keep one of the two".to_owned(),
        ),
        Some(c) if c.is_alphabetic() => wrong(
            here,
            "a double quote is missing here or before",
            format!("put each key and each text in double quotes, as in `{EXAMPLE}`"),
        ),
        _ => {
            let text = error.to_string();
            let reason = text.split(" at line ").next().unwrap_or_default();
            wrong(here, &format!("the file is not JSON: {reason}"), write_it())
        }
    })
}
