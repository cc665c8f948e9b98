//! The variables in the `tag` of a release: `${COMMIT_SHA:0:8}`.

use std::ops::Range;

use super::place;
use crate::check::explain::Subject;
use crate::check::findings::Findings;
use crate::check::suggest;
use crate::check::words::{code, whole};
use crate::document::Pointer;
use crate::finding::RuleId;

const RULE: RuleId = RuleId::of("gimlet/tag-variable");

/// The variables that Gimlet fills in.
const KNOWN: [&str; 2] = ["COMMIT_SHA", "TAG"];

/// What is wrong with a variable, and where.
#[derive(Debug, PartialEq, Eq)]
enum Fault<'t> {
    /// `${` without `}`.
    Unclosed(Range<usize>),
    /// `${}`.
    Empty(Range<usize>),
    /// A name that Gimlet does not know.
    Unknown(&'t str, Range<usize>),
}

/// Looks at the variables of the tag `text` of the release at `release`; the first one that is
/// wrong is told.
pub(super) fn check(
    subject: &Subject<'_>,
    release: &Pointer,
    text: &str,
    findings: &mut Findings<'_>,
) {
    let Some(fault) = fault(text) else {
        return;
    };
    findings.add_with(&RULE, || {
        let (message, help, piece) = match &fault {
            Fault::Unclosed(piece) => (
                "`${` opens a variable that never ends".to_owned(),
                "close it with `}`, such as `${COMMIT_SHA:0:8}`".to_owned(),
                piece,
            ),
            Fault::Empty(piece) => (
                format!("{} names no variable", code(&text[piece.clone()])),
                "write `${COMMIT_SHA}` or `${TAG}`".to_owned(),
                piece,
            ),
            Fault::Unknown(name, piece) => (
                format!(
                    "Gimlet fills in `COMMIT_SHA` and `TAG`, and knows no {}",
                    code(name)
                ),
                match suggest::nearest(name, KNOWN) {
                    Some(meant) => format!("write {}", whole(meant)),
                    None => "write `COMMIT_SHA` or `TAG`".to_owned(),
                },
                piece,
            ),
        };
        let at = release.join("tag");
        let span = place::of_piece(subject, &at, text, piece.clone());
        subject.draft(&RULE, &at, span, message).help(help)
    });
}

fn fault(text: &str) -> Option<Fault<'_>> {
    let mut at = 0;
    while let Some(found) = text[at..].find("${") {
        let open = at + found;
        let begin = open + 2;
        let Some(length) = text[begin..].find('}') else {
            return Some(Fault::Unclosed(open..begin));
        };
        let inside = &text[begin..begin + length];
        // `${#NAME}` is the name's length.
        let from = begin + usize::from(inside.starts_with('#'));
        let rest = &text[from..begin + length];
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let name = &rest[..rest.find(|c| !is_name(c)).unwrap_or(rest.len())];
        if name.is_empty() {
            return Some(Fault::Empty(open..begin + length + 1));
        }
        if !KNOWN.contains(&name) {
            return Some(Fault::Unknown(name, from..from + name.len()));
        }
        at = begin + length + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_told_by_their_name() {
        for text in [
            "1.17",
            "${COMMIT_SHA:0:8}",
            "v${TAG##v}-${#TAG}",
            "$x",
            "a}b",
        ] {
            assert_eq!(fault(text), None, "{text}");
        }
        assert_eq!(
            fault("${COMIT_SHA:0:8}"),
            Some(Fault::Unknown("COMIT_SHA", 2..11))
        );
        assert_eq!(fault("x${TAG"), Some(Fault::Unclosed(1..3)));
        assert_eq!(fault("${}"), Some(Fault::Empty(0..3)));
    }
}
