//! Text from a push made safe to show: no control character reaches a terminal or a log.

use std::borrow::Cow;

/// The text with every control character, and every character that reorders or hides others,
/// written as its escape (`\u{1b}`). Line breaks and tabs are control characters too.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| !is_hidden(c)) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_hidden(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// As [`visible`], keeping line breaks.
#[must_use]
pub fn visible_lines(text: &str) -> String {
    text.lines().map(visible).collect::<Vec<_>>().join("\n")
}

/// The text in one line, white space folded into single blanks, cut as [`clip`] does it.
#[must_use]
pub fn one_line(text: &str, limit: usize) -> String {
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    clip(&visible(&folded), limit)
}

/// The text cut after `limit` characters, with a note of how many were left out.
#[must_use]
pub fn clip(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text.to_owned(),
        Some((end, _)) => {
            let rest = text[end..].chars().count();
            format!("{} … ({rest} more characters)", &text[..end])
        }
    }
}

/// The first `limit` characters of bytes that need not be UTF-8, made visible, with an ellipsis
/// where more follow.
#[must_use]
pub fn clipped_bytes(bytes: &[u8], limit: usize) -> String {
    // Four bytes a character at most: no more than that is worth decoding.
    let head = &bytes[..bytes.len().min(limit.saturating_mul(4))];
    let text = String::from_utf8_lossy(head);
    let shown = visible(&text);
    match shown.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", &shown[..end]),
        None if head.len() < bytes.len() => format!("{shown}…"),
        None => shown.into_owned(),
    }
}

/// The text of a name that need not be UTF-8: other bytes are written as `\xff`, so that two names stay
/// two, and a name that no text can have is one all the same.
#[must_use]
pub fn bytes_in_words(name: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(name) {
        return Cow::Borrowed(text);
    }
    let parts = name
        .utf8_chunks()
        .map(|chunk| format!("{}{}", chunk.valid(), chunk.invalid().escape_ascii()));
    Cow::Owned(parts.collect())
}

/// Control characters, and those that change what stands around them: bidirectional overrides,
/// zero-width characters, separators that end lines.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_a_cursor_or_hides_text_is_escaped() {
        assert_eq!(visible("plain é ü 日本"), "plain é ü 日本");
        assert_eq!(visible("a\x1b[31mb"), "a\\u{1b}[31mb");
        assert_eq!(visible("a\r\nb\tc\0"), "a\\r\\nb\\tc\\u{0}");
        assert_eq!(visible("a\u{202E}b"), "a\\u{202e}b");
        assert_eq!(visible_lines("a\x07\nb"), "a\\u{7}\nb");
        assert_eq!(one_line(" a\r\n\tb\u{1b}[31mc ", 80), "a b\\u{1b}[31mc");
        assert_eq!(clip("äöüß", 2), "äö … (2 more characters)");
        assert_eq!(clipped_bytes(b"abcdef", 3), "abc…");
        assert_eq!(clipped_bytes(b"ab\xff", 3), "ab\u{fffd}");
        assert_eq!(bytes_in_words("é.yaml".as_bytes()), "é.yaml");
        assert_eq!(
            bytes_in_words(b"a\xff\xfeb\xe2\x80"),
            "a\\xff\\xfeb\\xe2\\x80"
        );
    }
}
