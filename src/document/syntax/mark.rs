//! Characters that mean something to YAML at the start of a value.

use super::super::span::Span;
use super::line::{quoted, short};
use super::{Fault, Words};

/// A value that begins with such a character and is none: `branch: *`, `user: @me`.
pub(super) fn at_start(fault: &Fault<'_>) -> Option<Words> {
    let line = fault.line();
    let mark = fault.character()?;
    if mark.is_whitespace() {
        return None;
    }
    let rest = match fault.bracket {
        Some(_) => fault.rest().split([',', ']']).next()?.trim_end(),
        None => fault.rest(),
    };
    let meaning = match mark {
        '*' => "is how YAML refers to another value",
        '&' => "is how YAML gives a value a name",
        '!' => "is how YAML gives a value a type",
        '|' | '>' => "begins a text of several lines",
        '?' => "begins a key",
        '-' => "begins a list item",
        '%' | '@' | '`' => "is kept for later versions of YAML",
        ',' => "divides values",
        _ => return None,
    };
    let written = quoted(rest);
    let mark = match mark {
        '`' => "a backtick".to_owned(),
        _ => format!("`{mark}`"),
    };
    Some(Words::new(
        line.span_of(rest),
        format!("a value can't begin with {mark} unless it is in quotes: {mark} {meaning}"),
        match line.pair() {
            Some((key, value)) if value == rest => {
                format!("put the value in quotes: `{}: {written}`", short(key))
            }
            _ => format!("put the value in quotes: `{written}`"),
        },
    ))
}

/// `*name` without `&name` before it.
pub(super) fn unknown_alias(fault: &Fault<'_>) -> Option<Words> {
    let line = fault.line();
    let rest = fault.rest();
    let alias = rest
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | '[' | ']' | '{' | '}'))
        .next()?;
    let name = alias.strip_prefix('*')?;
    let span = line.span_of(alias);
    let is_name = |name: &str| {
        let mut chars = name.chars();
        !name.is_empty() && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
    };
    if !is_name(name)
        || alias.len() < rest.len()
            && fault.bracket.is_none()
            && !rest[alias.len()..].trim_start().starts_with(':')
    {
        return at_start(fault);
    }
    let nearest = anchors(&fault.text[..fault.at])
        .map(|anchor| (strsim::damerau_levenshtein(anchor, name), anchor))
        .min_by_key(|&(distance, _)| distance)
        .filter(|&(distance, _)| distance <= 1 + name.chars().count() / 4);
    let alias = short(alias);
    let help = match nearest {
        Some((_, anchor)) => format!("did you mean `*{}`?", short(anchor)),
        None => format!(
            "name a value above `&{}`, or put the text in quotes: `{}`",
            short(name),
            quoted(&alias)
        ),
    };
    Some(Words::new(
        span,
        format!(
            "`{alias}` refers to `&{}`, which no value above is named",
            short(name)
        ),
        help,
    ))
}

/// The names of anchors in a text, a bounded number of them, the nearest to its end first.
fn anchors(text: &str) -> impl Iterator<Item = &str> {
    const MOST: usize = 500;
    const LONGEST: usize = 64;
    text.rmatch_indices('&')
        .filter(|(at, _)| text[..*at].ends_with([' ', '\t', '\n', '[', '{', ',']) || *at == 0)
        .take(MOST)
        .filter_map(|(at, _)| {
            text[at + 1..]
                .split(|c: char| c.is_whitespace() || matches!(c, ',' | '[' | ']' | '{' | '}'))
                .next()
        })
        .filter(|name| !name.is_empty() && name.len() <= LONGEST)
}

/// A second `&name`, `!type` or an alias behind one.
pub(super) fn properties(fault: &Fault<'_>) -> Option<Words> {
    let mark = fault.character().filter(|c| matches!(c, '&' | '!' | '*'))?;
    let rest = fault.rest();
    let word = rest.split_whitespace().next()?;
    let span = Span::new(fault.at, fault.at + word.len());
    let message = match mark {
        '*' => "an alias can't have a name or a type of its own",
        '&' => "a value can have one name only",
        _ => "a value can have one type only",
    };
    Some(Words::new(
        span,
        message,
        format!(
            "delete `{}` or what stands before it; if it is text, put it in quotes",
            short(word)
        ),
    ))
}

/// Text beside `|` or `>`.
pub(super) fn block_header(fault: &Fault<'_>) -> Words {
    let line = fault.line();
    let rest = fault.rest();
    let mark = fault.character().unwrap_or('|');
    let behind = rest.trim_start_matches(['|', '>']).trim_start();
    Words::new(
        line.span_of(rest),
        format!(
            "`{mark}` begins a text of several lines, which starts on the next line and not with `{}`",
            short(behind)
        ),
        format!(
            "put the text on the next line, indented; if `{mark}` belongs to the value, put it in quotes: `{}`",
            quoted(rest)
        ),
    )
}

/// Blank lines that are longer than the text below them is indented.
pub(super) fn block_indentation(fault: &Fault<'_>) -> Words {
    let line = fault.line();
    let what = match short(line.body()) {
        text if text.is_empty() => "a blank line".to_owned(),
        text => format!("`{text}`"),
    };
    Words::new(
        line.span(),
        format!("{what} is indented less than a blank line above it, at the start of a text"),
        "delete the spaces of the blank lines between `|` or `>` and the text",
    )
}
