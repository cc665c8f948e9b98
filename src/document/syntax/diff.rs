//! The output of `diff` where the file itself should be.

use super::super::problem::Cause;
use super::super::span::Span;
use super::super::tree::Document;
use super::line::short;
use super::{Fault, Words};

const HELP: &str = "commit the file itself: delete the diff's own lines and those that begin with `-`, and the first character of every other line";

/// Lines below a removed one in which an added one is looked for.
const SOON: usize = 50;

/// A line up to the fault that only a diff has.
pub(super) fn before(fault: &Fault<'_>) -> Option<Words> {
    let here = fault.line();
    let end = here.start + here.text.len();
    let mut start = 0;
    for line in fault.text[..end].split_inclusive('\n') {
        let text = line.trim_end();
        if is_header(text) || is_added(text) {
            return Some(words(Span::new(start, start + text.len()), text));
        }
        start += line.len();
    }
    // A removed line comes before the added one.
    let is_removed = here.text.starts_with('-') && !here.text.starts_with("- ");
    let mut below = fault.text[end..].lines().skip(1).take(SOON);
    (is_removed && below.any(is_added)).then(|| words(here.span(), here.body()))
}

/// A diff that is YAML as well: one long text, or keys that all are removed or added lines.
pub(super) fn readable(document: &Document, text: &str) -> Option<Words> {
    let line = text.lines().next()?.trim_end();
    if is_header(line) && document.scalar(document.root().node).is_some() {
        return Some(words(Span::new(0, line.len()), line));
    }
    let entries = document.entries(document.root().node);
    let [first, _, ..] = entries else {
        return None;
    };
    let is_diff = entries.iter().all(|entry| is_changed(&entry.key))
        && entries.iter().any(|entry| entry.key.starts_with('+'))
        // `"+one": ok` is a key that somebody quoted.
        && is_changed(&text[first.key_span.start..]);
    is_diff.then(|| words(first.key_span, &first.key))
}

/// `+title` or `-  title`.
fn is_changed(key: &str) -> bool {
    let name = key.strip_prefix(['+', '-']).map(str::trim_start);
    name.is_some_and(|name| name.starts_with(|c: char| c.is_alphabetic() || c == '_'))
}

fn is_header(line: &str) -> bool {
    line.starts_with("diff --git ")
        || line.starts_with("--- a/")
        || line.starts_with("+++ b/")
        || (line.starts_with("@@ -") && line.contains(" @@"))
}

/// `+key: value`, and `+` alone for a blank line; `+1` is a number.
fn is_added(line: &str) -> bool {
    line.strip_prefix('+')
        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
}

fn words(span: Span, line: &str) -> Words {
    let message = format!("`{}` is a line of a diff, not of the file", short(line));
    Words::new(span, message, HELP).by(Cause::Diff)
}
