//! Small words for messages: quoted text, enumerations, counts.

use crate::visible::is_hidden;

/// Text from a document between backticks: control characters visible, cut where it is long.
pub(crate) fn code(text: &str) -> String {
    shown(text, 100)
}

/// What somebody is to copy, between backticks: never cut.
pub(super) fn whole(text: &str) -> String {
    shown(text, usize::MAX)
}

/// Whether anybody would copy so much; a pushed value may have a megabyte.
pub(super) fn is_copyable(text: &str) -> bool {
    const MOST: usize = 400;
    text.len() <= MOST && !text.contains('\n')
}

/// What to do, with the lines to write: on one line where there is one only.
pub(super) fn with_lines(what: &str, lines: &[String]) -> String {
    match lines {
        [one] if !one.contains('\n') => format!("{what} the line {}", whole(one)),
        _ => {
            let lines: Vec<&str> = lines.iter().flat_map(|line| line.lines()).collect();
            format!("{what} these lines:\n  {}", lines.join("\n  "))
        }
    }
}

fn shown(text: &str, most: usize) -> String {
    let mut shown = String::with_capacity(text.len().min(most).min(1000) + 2);
    shown.push('`');
    for (count, c) in text.chars().enumerate() {
        if count == most {
            shown.push('…');
            break;
        }
        if c == '`' {
            shown.push('\'');
        } else if is_hidden(c) || (c.is_whitespace() && c != ' ') {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown.push('`');
    shown
}

/// `a`, `b` or `c`; of many only the first are named and the rest is counted.
pub(super) fn one_of(parts: &[String]) -> String {
    join(parts, "or")
}

/// `a`, `b` and `c`.
pub(super) fn all_of(parts: &[String]) -> String {
    join(parts, "and")
}

fn join(parts: &[String], word: &str) -> String {
    const MOST: usize = 12;
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        _ if parts.len() > MOST => {
            let more = parts.len() - MOST;
            format!("{} {word} {more} more", parts[..MOST].join(", "))
        }
        [first @ .., last] => format!("{} {word} {last}", first.join(", ")),
    }
}

/// `1 item`, `3 items`.
pub(super) fn count(number: u64, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

/// A character by its name, for people.
pub(super) fn character(c: char) -> String {
    match c {
        ' ' => "a space".to_owned(),
        '\t' => "a tab".to_owned(),
        '\n' | '\r' => "a line break".to_owned(),
        '\u{a0}' => "a no-break space (U+00A0)".to_owned(),
        c if c.is_whitespace() => format!("the blank U+{:04X}", u32::from(c)),
        c if is_hidden(c) => format!("the invisible character U+{:04X}", u32::from(c)),
        c => format!("`{c}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_a_push_cannot_steer_a_terminal() {
        assert_eq!(code("a\u{1b}[31m\nb"), "`a\\u{1b}[31m\\nb`");
        assert_eq!(code("x\u{202E}y`z"), "`x\\u{202e}y'z`");
        assert_eq!(code(&"é".repeat(200)).chars().count(), 103);
    }

    #[test]
    fn enumerations_read_like_prose() {
        let parts: Vec<String> = ["a", "b", "c"].map(str::to_owned).into();
        assert_eq!(one_of(&parts), "a, b or c");
        assert_eq!(all_of(&parts[..2]), "a and b");
        assert_eq!(count(1, "item"), "1 item");
    }

    #[test]
    fn what_is_to_be_copied_is_whole() {
        assert_eq!(whole(&"x".repeat(200)).len(), 202);
        let lines = |lines: &[&str]| {
            let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            with_lines("add", &lines)
        };
        assert_eq!(lines(&["a: 1"]), "add the line `a: 1`");
        assert_eq!(
            lines(&["a: 1", "b:\n  c: 2"]),
            "add these lines:\n  a: 1\n  b:\n    c: 2"
        );
    }
}
