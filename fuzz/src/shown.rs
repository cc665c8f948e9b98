//! What holds for every text that is shown to people.

use pushgate::visible::is_hidden;

/// Nothing in it moves a cursor, ends a line or hides other text.
pub(crate) fn assert_one_line(text: &str) {
    let hidden = text.chars().find(|&c| is_hidden(c));
    assert_eq!(hidden, None, "in {text:?}");
}

/// The same for text of several lines.
pub(crate) fn assert_lines(text: &str) {
    let hidden = text.chars().find(|&c| c != '\n' && is_hidden(c));
    assert_eq!(hidden, None, "in {text:?}");
}

/// Its length has an end, whatever it was made of.
pub(crate) fn assert_short(text: &str, most: usize) {
    assert!(text.len() <= most, "{} bytes: {text:?}", text.len());
}
