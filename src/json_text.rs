//! JSON for whoever reads it: also on a terminal, where it can do no harm.
//!
//! JSON itself escapes control characters below the blank only. Those above it, and the characters
//! that reorder or hide others, are written as `\u…` too, which every parser reads as the same text.

use std::borrow::Cow;
use std::fmt::Write;

use serde::Serialize;

use crate::visible::is_hidden;

/// The value as JSON in one line.
///
/// # Errors
/// None but those of serialising.
pub fn line(value: &(impl Serialize + ?Sized)) -> serde_json::Result<String> {
    Ok(escaped(serde_json::to_string(value)?))
}

/// The value as indented JSON.
///
/// # Errors
/// None but those of serialising.
pub fn pretty(value: &(impl Serialize + ?Sized)) -> serde_json::Result<String> {
    Ok(escaped(serde_json::to_string_pretty(value)?))
}

fn escaped(json: String) -> String {
    match escape(&json) {
        Cow::Borrowed(_) => json,
        Cow::Owned(escaped) => escaped,
    }
}

/// What is hidden stands inside of strings only: line breaks outside of them are left as they are.
fn escape(json: &str) -> Cow<'_, str> {
    let must_go = |c: char| c >= '\u{7f}' && is_hidden(c);
    if !json.chars().any(must_go) {
        return Cow::Borrowed(json);
    }
    let mut text = String::with_capacity(json.len() + 32);
    for c in json.chars() {
        if must_go(c) {
            for unit in c.encode_utf16(&mut [0; 2]).iter() {
                // Writing to a string can't fail.
                let _ = write!(text, "\\u{unit:04x}");
            }
        } else {
            text.push(c);
        }
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_escaped_and_reads_back_as_it_was() {
        let text = "é 日本 \u{1b}[31m \u{7f}\u{9b}31m \u{202e}x\u{200b}\u{e0041}\n";
        let json = line(&text).unwrap();
        assert_eq!(
            json,
            r#""é 日本 \u001b[31m \u007f\u009b31m \u202ex\u200b\udb40\udc41\n""#
        );
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }

    #[test]
    fn the_lines_of_indented_json_stay() {
        assert_eq!(pretty(&["\u{9b}"]).unwrap(), "[\n  \"\\u009b\"\n]");
    }
}
