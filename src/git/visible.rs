//! Text from a push, fit for a terminal and a log.

/// The text with control, bidirectional and other invisible characters written out as escapes.
pub(super) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\'' | '"' => shown.push(character),
            _ => shown.extend(character.escape_debug()),
        }
    }
    shown
}

/// The same of bytes that need not be UTF-8, cut after `limit` characters with an ellipsis.
pub(super) fn clipped(bytes: &[u8], limit: usize) -> String {
    // Four bytes a character at most: no more than that is worth decoding.
    let head = &bytes[..bytes.len().min(limit.saturating_mul(4))];
    let text = visible(&String::from_utf8_lossy(head));
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None if head.len() < bytes.len() => format!("{text}…"),
        None => text,
    }
}
