//! Paragraphs broken to a width.

use textwrap::WordSeparator::AsciiSpace;
use textwrap::core::{Word, break_words, display_width};
use textwrap::wrap_algorithms::wrap_first_fit;

use crate::visible::visible;

/// The text in lines of at most `columns`, the first behind `first` and the others behind `next`,
/// with control characters made visible. Breaks at blanks only, and between backticks only where what
/// stands there is wider than a line: a path or a command stays whole for who copies it.
pub(super) fn wrapped(
    text: &str,
    columns: usize,
    first: &str,
    next: &str,
    overlong: Overlong,
) -> String {
    lines(&visible(text), columns, first, next, overlong)
}

fn lines(shown: &str, columns: usize, first: &str, next: &str, overlong: Overlong) -> String {
    let rooms = [first, next].map(|indent| columns.saturating_sub(display_width(indent)));
    let mut pieces = pieces(shown, rooms[1]);
    if overlong == Overlong::Broken {
        pieces = break_words(pieces, rooms[1].max(1));
    }
    let widths = rooms.map(|room| room as f64);
    let mut out = String::new();
    for (number, line) in wrap_first_fit(&pieces, &widths).into_iter().enumerate() {
        let line: String = line
            .iter()
            .flat_map(|piece| [piece.word, piece.whitespace])
            .collect();
        let indent = if number == 0 { first } else { next };
        out.push_str(format!("{indent}{line}").trim_end());
        out.push('\n');
    }
    out
}

/// What becomes of a word that is wider than a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overlong {
    /// It reaches beyond the width, in one piece.
    Whole,
    /// It is broken, since no line may be wider.
    Broken,
}

/// What stays together: words, and text between backticks that fits into `room`.
fn pieces(text: &str, room: usize) -> Vec<Word<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(end_of_piece(rest));
        match Word::from(piece) {
            word if display_width(word.word) <= room => pieces.push(word),
            _ => pieces.extend(AsciiSpace.find_words(piece)),
        }
        rest = behind;
    }
    pieces
}

/// The first byte behind the blanks that follow the first piece. Blanks between backticks are none.
fn end_of_piece(text: &str) -> usize {
    let mut at = 0;
    while let Some(found) = text[at..].find([' ', '`']) {
        let behind = &text[at + found + 1..];
        at = text.len() - behind.len();
        match (text.as_bytes()[at - 1], behind.find('`')) {
            (b' ', _) => return text.len() - behind.trim_start_matches(' ').len(),
            (_, Some(closing)) => at += closing + 1,
            (_, None) => {}
        }
    }
    text.len()
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
                out.push_str(&wrapped(line, columns, &below, &below, Overlong::Whole));
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

/// How a help begins, with a colour and without.
const HELP: [&str; 2] = ["help: ", "\u{1b}[36mhelp:\u{1b}[0m "];

/// Columns of an indentation that is one of a line that goes on.
const DEEP: usize = 8;

/// A report that is safe to show, with each of its lines broken to `columns`, where they are known;
/// what follows a line's first part stands a little to the right of it. Colours take no room.
pub(crate) fn folded(report: &str, columns: Option<usize>) -> String {
    let Some(columns) = columns else {
        return report.to_owned();
    };
    let mut out = String::with_capacity(report.len());
    for line in report.lines() {
        let text = line.trim_start_matches(' ');
        let indent = line.len() - text.len();
        // A help's later lines stand below its words.
        let below = match HELP.into_iter().any(|help| text.starts_with(help)) {
            true => indent + "help: ".len(),
            false if indent >= DEEP => indent,
            false => indent + 4,
        };
        let below = " ".repeat(below);
        out.push_str(&match text.starts_with("$ ") {
            // A command stays in one line for who copies it.
            true => format!("{line}\n"),
            false => lines(line, columns, "", &below, Overlong::Whole),
        });
    }
    out
}

/// A page of Markdown with its paragraphs and items broken anew to `columns`, where they are known.
/// Code, tables and headings stay as they are.
pub(crate) fn reflowed(page: &str, columns: Option<usize>) -> String {
    let Some(columns) = columns else {
        return page.to_owned();
    };
    let mut out = String::with_capacity(page.len());
    let mut paragraph = String::new();
    let mut in_code = false;
    for line in page.lines().chain([""]) {
        let is_fence = line.starts_with("```");
        let is_item = line.starts_with("- ");
        let stays = in_code || is_fence || line.is_empty() || line.starts_with(['#', '|', ' ']);
        let goes_on = line.starts_with("  ") && paragraph.starts_with("- ") && !in_code;
        if (stays && !goes_on) || is_item {
            let below = if paragraph.starts_with("- ") {
                "  "
            } else {
                ""
            };
            if !paragraph.is_empty() {
                out.push_str(&wrapped(&paragraph, columns, "", below, Overlong::Whole));
                paragraph.clear();
            }
        }
        if stays && !goes_on {
            out.push_str(line);
            out.push('\n');
        } else {
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(line.trim_start());
        }
        in_code ^= is_fence;
    }
    // The empty line that ended the last paragraph is none of the page's.
    out.pop();
    out
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

    #[test]
    fn lines_of_a_report_go_on_to_the_right() {
        let report = "PRJ/hello: unchanged since May\n  help: run `a b` and look\n        on\n$ git push origin main now\n\nx\n";
        assert_eq!(folded(report, None), report);
        assert_eq!(
            folded(report, Some(18)),
            "PRJ/hello:\n    unchanged\n    since May\n  help: run `a b`\n        and look\n        on\n$ git push origin main now\n\nx\n"
        );
        assert_eq!(
            folded(
                "\u{1b}[1mPRJ/hello\u{1b}[0m: is there\n  \u{1b}[36mhelp:\u{1b}[0m a b c d e f g\n",
                Some(19)
            ),
            "\u{1b}[1mPRJ/hello\u{1b}[0m: is there\n  \u{1b}[36mhelp:\u{1b}[0m a b c d e f\n        g\n"
        );
    }

    #[test]
    fn a_page_is_broken_anew_but_its_code() {
        let page = "# A long heading stays\n\none two\nthree four five\n\n- six seven\n  eight nine ten\n- eleven\n\n```yaml port.yaml\na: a long line of code\n```\n| a | table |\nthe end\n";
        assert_eq!(reflowed(page, None), page);
        assert_eq!(
            reflowed(page, Some(16)),
            "# A long heading stays\n\none two three\nfour five\n\n- six seven\n  eight nine ten\n- eleven\n\n```yaml port.yaml\na: a long line of code\n```\n| a | table |\nthe end\n"
        );
    }

    #[test]
    fn what_is_copied_stays_whole() {
        let broken = |text: &str| wrapped(text, 20, "", "  ", Overlong::Whole);
        for (text, lines) in [
            (
                "run `git push origin` then",
                "run\n  `git push origin`\n  then\n",
            ),
            (
                "see (`a b`, `c d`) now `e f`.",
                "see (`a b`, `c d`)\n  now `e f`.\n",
            ),
            // Wider than a line: by words, as all else.
            (
                "`git push --force origin main` it",
                "`git push --force\n  origin main` it\n",
            ),
            ("a lone ` and then words", "a lone ` and then\n  words\n"),
            ("it`s a`b and more words", "it`s a`b and more\n  words\n"),
            (
                "at /srv/git/PROJECT/repository.git now",
                "at\n  /srv/git/PROJECT/repository.git\n  now\n",
            ),
            ("日本日本 日本日本日 x", "日本日本 日本日本日\n  x\n"),
            ("a\u{1b}b", "a\\u{1b}b\n"),
            (
                "`a b c d e f g h i j k` then `x y`",
                "`a b c d e f g h i j\n  k` then `x y`\n",
            ),
            ("", "\n"),
        ] {
            assert_eq!(broken(text), lines, "{text}");
        }
        assert_eq!(
            wrapped(
                "at /srv/git/PROJECT/repository.git now",
                20,
                "",
                "  ",
                Overlong::Broken
            ),
            "at\n  /srv/git/PROJECT/r\n  epository.git now\n"
        );
    }
}
