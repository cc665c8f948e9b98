//! Paragraphs broken to a width.

use crate::visible::visible;

/// The text in lines of at most `columns`, the first behind `first` and the others behind `next`,
/// with control characters made visible. Breaks at blanks only: a path or a word of a command stays
/// whole for who copies it.
pub(super) fn wrapped(text: &str, columns: usize, first: &str, next: &str) -> String {
    let shown = visible(text);
    let options = textwrap::Options::new(columns)
        .initial_indent(first)
        .subsequent_indent(next)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    let mut out = String::new();
    for line in textwrap::wrap(&shown, options) {
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// The text behind what stands `indent` columns wide before it, its later lines below its first;
/// broken to `columns` where they are known, since a file is as wide as its lines.
pub(crate) fn hanging(text: &str, columns: Option<usize>, indent: usize) -> String {
    let below = " ".repeat(indent);
    let mut out = String::new();
    for line in text.lines() {
        match columns {
            // A command stays in one line for who copies it.
            Some(columns) if !line.starts_with("$ ") => {
                out.push_str(&wrapped(line, columns, &below, &below));
            }
            _ => {
                out.push_str(&below);
                out.push_str(&visible(line));
                out.push('\n');
            }
        }
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_lines_stand_below_the_first() {
        assert_eq!(
            hanging("one two three\nfour", Some(14), 6),
            "one two\n      three\n      four"
        );
        assert_eq!(
            hanging("one two three\nfour", None, 6),
            "one two three\n      four"
        );
        assert_eq!(
            hanging("$ git push origin main", Some(14), 6),
            "$ git push origin main"
        );
        assert_eq!(hanging("", Some(14), 6), "");
    }
}
