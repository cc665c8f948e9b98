//! Lines that are about documents: `%YAML`, `---`, `...`.

use granit_parser::ErrorKind;

use super::line::short;
use super::{Fault, Words};

/// Faults around `%`; none for kinds that have nothing to do with it.
pub(super) fn explain(kind: &ErrorKind, fault: &Fault<'_>) -> Option<Words> {
    use ErrorKind as E;
    let here = fault.line();
    let line = [Some(here), here.above()]
        .into_iter()
        .flatten()
        .find(|line| line.text.starts_with('%'))?;
    let body = line.body();
    let text = short(body);
    let span = line.span();
    Some(match kind {
        E::UnsupportedYamlMajorVersion
        | E::YamlVersionTooLong
        | E::MissingYamlVersion
        | E::MissingYamlVersionSeparator => Words::new(
            span,
            format!("`{text}` asks for a version of YAML that does not exist"),
            "delete the line: YAML 1.2 is what everyone reads",
        ),
        E::DuplicateVersionDirective | E::DuplicateTagDirective => Words::new(
            span,
            format!("`{text}` repeats what a line above says"),
            "delete the line",
        ),
        E::MissingDocumentEndBeforeDirective => Words::new(
            span,
            format!("`{text}` stands inside a document"),
            "end the document above with a line `...`, or delete this line",
        ),
        E::ExpectedDocumentStart if text.starts_with("%YAML ") || text.starts_with("%TAG ") => {
            Words::new(
                span,
                format!("`{text}` has to be followed by a line `---`"),
                "write `---` on a line of its own between it and the document, or delete the line",
            )
        }
        _ => Words::new(
            span,
            format!(
                "a line that begins with `%` is an instruction to the reader, and `{text}` is none that YAML knows"
            ),
            "delete the line, or put the text in quotes",
        ),
    })
}

/// Text behind `...`.
pub(super) fn behind_end(fault: &Fault<'_>) -> Words {
    let line = fault.line();
    let rest = fault.rest();
    Words::new(
        line.span_of(rest),
        format!(
            "`...` ends the document, so `{}` can't stand behind it",
            short(rest)
        ),
        "put the text on a line of its own after `---`, or delete it",
    )
}
