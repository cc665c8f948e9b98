//! Text of a server or a push, made fit to be shown.

/// The text with control characters made visible, in one line, cut after `limit` characters with a
/// note of how many were left out.
#[must_use]
pub fn legible(text: &str, limit: usize) -> String {
    let mut shown = String::new();
    let mut blank = false;
    for c in text.trim().chars() {
        match c {
            '\n' | '\r' | '\t' | ' ' => {
                if !blank {
                    shown.push(' ');
                }
            }
            c if is_hostile(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
        blank = matches!(c, '\n' | '\r' | '\t' | ' ');
    }
    clip(&shown, limit)
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

/// Characters that change how a terminal shows what stands around them.
fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_made_visible_and_length_is_counted() {
        assert_eq!(legible(" a\r\n\tb\u{1b}[31mc ", 80), "a b\\u{1b}[31mc");
        assert_eq!(legible("a\u{202e}b", 80), "a\\u{202e}b");
        assert_eq!(legible("äöüß", 2), "äö … (2 more characters)");
    }
}
