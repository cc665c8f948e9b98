//! The status page: HTML made here, with nothing from anywhere else. Every text that is shown goes
//! through [`shown`] and maud's own escaping.

mod layout;
mod login;
mod overview;
mod push;
mod words;

use std::borrow::Cow;

use maud::{Markup, html};

use crate::visible::{visible, visible_lines};

pub(super) use layout::{Notice, STYLE, Viewer, message};
pub(super) use login::login;
pub(super) use overview::{Outbox, overview};
pub(super) use push::push;

/// Text from outside, with control characters and what hides or reorders others made visible.
fn shown(text: &str) -> Cow<'_, str> {
    visible(text)
}

/// Sentences in which code stands between backticks; lines stay lines, and those that are indented are
/// code as a whole.
fn prose(text: &str) -> Markup {
    let shown = visible_lines(text);
    html! {
        @for (number, line) in shown.split('\n').enumerate() {
            @if number > 0 { "\n" }
            @if line.starts_with("  ") { code { (line) } } @else { (sentence(line)) }
        }
    }
}

fn sentence(line: &str) -> Markup {
    let mut pieces: Vec<&str> = line.split('`').collect();
    // One that is left over is no mark.
    let rest = if pieces.len().is_multiple_of(2) {
        pieces.pop()
    } else {
        None
    };
    html! {
        @for (number, piece) in pieces.iter().enumerate() {
            @if number % 2 == 1 { code { (piece) } } @else { (piece) }
        }
        @if let Some(rest) = rest { "`" (rest) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_in_sentences_is_code_and_nothing_else_is_markup() {
        let cases = [
            ("plain", "plain"),
            ("say `a <b>` now", "say <code>a &lt;b&gt;</code> now"),
            ("`a` and `b`", "<code>a</code> and <code>b</code>"),
            ("one ` alone", "one ` alone"),
            ("`a` and ` alone", "<code>a</code> and ` alone"),
            (
                "a `b`:\n  c: `1`",
                "a <code>b</code>:\n<code>  c: `1`</code>",
            ),
            ("\u{1b}[31m", "\\u{1b}[31m"),
            ("", ""),
        ];
        for (text, markup) in cases {
            assert_eq!(prose(text).into_string(), markup, "{text}");
        }
    }
}
