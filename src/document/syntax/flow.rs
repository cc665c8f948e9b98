//! Brackets and braces.

use super::super::span::Span;
use super::block;
use super::line::{indent_with, quoted, short};
use super::{Fault, Words};

/// What a bracket is called and how it is closed.
fn names(open: char) -> (&'static str, char) {
    match open {
        '[' => ("list", ']'),
        _ => ("mapping", '}'),
    }
}

fn opener(fault: &Fault<'_>) -> Option<(usize, char)> {
    let at = fault.bracket?;
    Some((at, fault.text[at..].chars().next()?))
}

/// The bracket that closes the one at `open`; none where the file ends before.
fn closing(text: &str, open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in text[open..].char_indices() {
        match (quote, c) {
            (Some(mark), _) if c == mark => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') if !before.is_alphanumeric() => quote = Some(c),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(open + at);
                }
            }
            _ => {}
        }
        before = c;
    }
    None
}

/// A bracket without its end.
pub(super) fn unclosed(fault: &Fault<'_>, at: usize) -> Option<Words> {
    let open = fault.text[at..].chars().next()?;
    let (what, close) = names(open);
    Some(Words::new(
        Span::new(at, at + open.len_utf8()),
        format!("this `{open}` is never closed"),
        format!("end the {what} with `{close}`; if no {what} is meant, put the value in quotes"),
    ))
}

/// `[1, 2}`.
pub(super) fn mismatched(fault: &Fault<'_>, open: char, close: char) -> Words {
    let (_, wanted) = names(open);
    Words::new(
        fault.point(),
        format!("this `{open}` is closed by `{close}`"),
        format!("close it with `{wanted}`, or open it with the bracket that fits `{close}`"),
    )
}

/// `]` without `[`.
pub(super) fn unopened(fault: &Fault<'_>) -> Option<Words> {
    let close = fault.character()?;
    let open = if close == ']' { '[' } else { '{' };
    let line = fault.line();
    let help = match line.pair() {
        Some((key, value)) if !value.is_empty() => format!(
            "delete it, or put the value in quotes: `{}: {}`",
            short(key),
            quoted(value)
        ),
        _ => "delete it, or write the bracket that opens it".into(),
    };
    Some(Words::new(
        fault.point(),
        format!("`{close}` closes a bracket that no `{open}` has opened"),
        help,
    ))
}

/// A line inside of brackets that is not indented.
pub(super) fn indentation(fault: &Fault<'_>) -> Option<Words> {
    let (open, bracket) = opener(fault)?;
    let (what, close) = names(bracket);
    if closing(fault.text, open).is_none() {
        return unclosed(fault, open);
    }
    let line = fault.line();
    let outer = super::Line::at(fault.text, open);
    Some(Words::new(
        line.span(),
        format!(
            "`{}` is inside of the {what} that `{bracket}` opens, but not indented deeper than the line it begins on",
            short(line.body())
        ),
        format!(
            "{}; if the {what} was to end before it, close it with `{close}`",
            indent_with("it", outer.indent() + 2)
        ),
    ))
}

/// A comma too few or too many.
pub(super) fn separator(fault: &Fault<'_>) -> Option<Words> {
    let (open, bracket) = opener(fault)?;
    let (what, close) = names(bracket);
    match fault.character() {
        None => return unclosed(fault, open),
        Some(',') => {
            return Some(Words::new(
                fault.point(),
                "two commas with no value between them",
                format!(
                    "delete one comma, or write the value that is missing; an empty one is `\"\"`, and a {what} may end with one comma"
                ),
            ));
        }
        Some(':') if fault.text[..fault.at].ends_with([']', '}']) => {
            return block::behind_value(fault);
        }
        Some(_) => {}
    }
    // At the colon of the next pair the word before it is what lacks a comma.
    let at = match fault.character() {
        Some(':') => {
            let before = fault.text[..fault.at].trim_end();
            before
                .rfind(|c: char| c.is_whitespace() || matches!(c, ',' | '[' | '{'))
                .map_or(0, |at| at + 1)
        }
        _ => fault.at,
    };
    let rest = &fault.text[at..];
    let end = rest
        .find([',', ':', '\n', '\r', ']', '}'])
        .filter(|&end| end > 0)
        .unwrap_or_else(|| rest.chars().next().map_or(0, char::len_utf8));
    let span = Span::new(at, at + rest[..end].trim_end().len());
    let word = short(fault.slice(span));
    Some(Words::new(
        span,
        format!("a comma is missing before `{word}`"),
        format!("write `, {word}`; if the {what} ends there, close it with `{close}`"),
    ))
}

/// `[ - a ]`.
pub(super) fn dash(fault: &Fault<'_>) -> Option<Words> {
    let (_, bracket) = opener(fault)?;
    let (_, close) = names(bracket);
    Some(Words::new(
        fault.point(),
        format!("a `- ` item inside of `{bracket}` and `{close}`"),
        "between brackets, divide the values with commas and leave the dashes out",
    ))
}

/// `{a:[1]}`.
pub(super) fn space_after_colon(fault: &Fault<'_>) -> Words {
    Words::new(
        fault.point(),
        "a space is missing after the colon",
        "write `: `, a colon and a space",
    )
}
