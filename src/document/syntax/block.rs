//! Keys, list items and their indentation.

use super::cause;
use super::line::{Line, indent_with, is_indented_with, quoted, short};
use super::{Fault, Words};

/// Characters that a key on one line may have, YAML 1.2.2 §7.4.2.
const LONGEST_KEY: usize = 1024;

/// A colon where no key can be: `title: a: b`, a wrong indentation, a line before without colon.
pub(super) fn colon(fault: &Fault<'_>) -> Option<Words> {
    let line = fault.line();
    let before = &line.text[..(fault.at - line.start).min(line.text.len())];
    if before.trim_start().chars().count() > LONGEST_KEY {
        return Some(too_long(fault, before.trim_start()));
    }
    let (key, value) = line.pair()?;
    let value_span = line.span_of(value);
    if (value_span.start..value_span.end).contains(&fault.at) {
        if let Some(text) = line.sentence() {
            return Some(Words::new(
                line.span_of(text),
                format!(
                    "`{}` holds `: ` twice, and each would end a key",
                    short(text)
                ),
                format!("put the whole item in quotes: `- {}`", quoted(text)),
            ));
        }
        let key = short(key);
        return Some(Words::new(
            value_span,
            format!("the value of `{key}` holds a second `: `, which would begin another key"),
            format!("put the value in quotes: `{key}: {}`", quoted(value)),
        ));
    }
    let above = line.above()?;
    let named = short(key);
    match above.pair() {
        Some((parent, value)) if line.indent() > above.indent() && !value.is_empty() => {
            let parent = short(parent);
            Some(Words::new(
                line.span_of(key),
                format!("`{named}` is indented deeper than `{parent}`, which has a value already"),
                format!(
                    "{}, like `{parent}`, or take the value of `{parent}` away if `{named}` belongs to it",
                    indent_with(&format!("`{named}`"), column(above))
                ),
            ))
        }
        Some(_) => misplaced(fault),
        None => Some(lacks_colon(above)),
    }
}

fn too_long(fault: &Fault<'_>, key: &str) -> Words {
    Words::new(
        fault.line().span_of(key),
        format!(
            "this key has {} characters, a key on one line can have {LONGEST_KEY}",
            key.chars().count()
        ),
        "give it a shorter name; if it is text and no key, put it in quotes",
    )
}

/// A line among keys that has no colon.
pub(super) fn no_colon(fault: &Fault<'_>) -> Option<Words> {
    let line = fault.line();
    if let Some((key, _)) = line.pair()
        && key.chars().count() > LONGEST_KEY
    {
        return Some(too_long(fault, key));
    }
    if line.pair().is_some() && !begins_line(fault) {
        return behind_value(fault);
    }
    Some(lacks_colon(line))
}

fn lacks_colon(line: Line<'_>) -> Words {
    let content = line.content();
    let span = line.span_of(content);
    let text = short(content);
    // `name:value` is the most common slip of all.
    if let Some((key, value)) = content.split_once(':')
        && !key.contains(char::is_whitespace)
        && !value.starts_with('/')
    {
        return Words::new(
            span,
            format!("a space is missing after the colon in `{text}`"),
            format!("write `{}: {}`", short(key), short(value)),
        );
    }
    if let Some(item) = line.body().strip_prefix('-')
        && !item.starts_with([' ', '-'])
    {
        return Words::new(
            span,
            format!("a space is missing after the dash in `{text}`"),
            format!("write `- {}`", short(item)),
        );
    }
    if content == "..." {
        return Words::new(
            span,
            "`...` stands for something that was left out".to_owned(),
            "write what belongs here, or delete the line".to_owned(),
        );
    }
    Words::new(
        span,
        format!("`{text}` is not a key, because no `: ` follows it"),
        format!(
            "write `{text}:` and its value, or indent it deeper if it continues the text of the line above"
        ),
    )
}

/// Whether the fault is the first thing on its line, dashes apart.
pub(super) fn begins_line(fault: &Fault<'_>) -> bool {
    let line = fault.line();
    let before = &line.text[..(fault.at - line.start).min(line.text.len())];
    before.trim_matches(['-', ' ', '\t', '?']).is_empty()
}

/// A line that fits none of the lines above: list among keys, key in a list, odd indentation.
pub(super) fn misplaced(fault: &Fault<'_>) -> Option<Words> {
    let line = fault.line();
    let above = line.above()?;
    let nearest = Line::at(fault.text, line.start.checked_sub(1)?);
    if nearest.body().is_empty() && nearest.text.contains('#') && line.pair().is_none() {
        return Some(cause::comment_inside(fault));
    }
    if above.pair().is_none() && !above.is_item() && above.indent() == line.indent() {
        return Some(lacks_colon(above));
    }
    let text = short(line.body());
    let twin = std::iter::successors(Some(above), |line| line.above())
        .find(|other| other.indent() == line.indent());
    if let Some(twin) = twin {
        return Some(mixed(line, twin));
    }
    // A dash was forgotten or a space too many: `-x` above reads as text.
    let columns = columns_above(line);
    let wanted = columns
        .iter()
        .map(|&(column, _)| column)
        .min_by_key(|column| column.abs_diff(line.indent()))?;
    let (_, model) = columns.into_iter().find(|&(column, _)| column == wanted)?;
    Some(Words::new(
        line.span(),
        format!(
            "`{text}` {}, which fits no line above",
            is_indented_with(line.indent())
        ),
        format!(
            "{}, like `{}`",
            indent_with("it", wanted),
            short(if wanted == model.indent() {
                model.body()
            } else {
                model.content()
            })
        ),
    ))
}

/// The columns at which lines above begin that this line could stand beside.
fn columns_above(line: Line<'_>) -> Vec<(usize, Line<'_>)> {
    let mut columns: Vec<(usize, Line<'_>)> = Vec::new();
    let mut smallest = usize::MAX;
    for above in std::iter::successors(line.above(), |line| line.above()).take(200) {
        if above.indent() < smallest {
            smallest = above.indent();
            columns.push((smallest, above));
            if !line.is_item() && above.is_item() && column(above) != smallest {
                columns.push((column(above), above));
            }
        }
        if smallest == 0 {
            break;
        }
    }
    columns
}

/// Where a line's first key begins, behind the dashes.
fn column(line: Line<'_>) -> usize {
    line.span_of(line.content()).start - line.start
}

fn mixed(line: Line<'_>, twin: Line<'_>) -> Words {
    let (text, other) = (short(line.body()), short(twin.body()));
    match (line.is_item(), twin.is_item()) {
        (true, false) => Words::new(
            line.span(),
            format!("the list item `{text}` stands where the keys of a mapping are"),
            format!(
                "give the list a key of its own, or indent it below the key it belongs to; `{other}` has the same indentation and is no item"
            ),
        ),
        (false, true) => Words::new(
            line.span(),
            format!("`{text}` stands in a list, but does not begin with `- `"),
            format!(
                "write `- {text}` for another item, or {} if it belongs to the item above",
                indent_with("it", column(twin).max(line.indent() + 2))
            ),
        ),
        _ => Words::new(
            line.span(),
            format!(
                "`{text}` fits neither the line above nor `{other}`, which has the same indentation"
            ),
            "indent it like the keys it belongs to, or deeper if it continues a text",
        ),
    }
}

/// Text behind a value that is complete: `[a] b`.
pub(super) fn behind_value(fault: &Fault<'_>) -> Option<Words> {
    let line = fault.line();
    let rest = fault.rest();
    if rest.is_empty() {
        return None;
    }
    if rest.starts_with(',') && line.pair().is_none() {
        return Some(Words::new(
            line.span(),
            format!("`{}` stands behind the end of the value", short(rest)),
            "put brackets around what the commas divide: `[a, b]`, or begin each value with `- ` on its own line",
        ));
    }
    let help = match line.pair() {
        Some((key, value)) if !value.is_empty() => {
            format!(
                "put the whole value in quotes: `{}: {}`",
                short(key),
                quoted(value)
            )
        }
        _ => "put the whole value in quotes, or delete what does not belong to it".into(),
    };
    Some(Words::new(
        line.span_of(rest),
        format!("`{}` stands behind the end of the value", short(rest)),
        help,
    ))
}

/// `key: - item`.
pub(super) fn list_beside_key(fault: &Fault<'_>) -> Option<Words> {
    let line = fault.line();
    let Some((key, value)) = line.pair().filter(|(_, value)| value.starts_with('-')) else {
        let rest = fault.rest();
        return Some(Words::new(
            line.span_of(rest),
            format!(
                "the list item `{}` can't begin behind other text",
                short(rest)
            ),
            "put it on a line of its own",
        ));
    };
    let key = short(key);
    let item = value[1..].trim();
    let span = line.span_of(value);
    Some(if item.is_empty() {
        Words::new(
            span,
            format!("`-` as the value of `{key}` would begin a list"),
            format!("put it in quotes: `{key}: \"-\"`"),
        )
    } else {
        Words::new(
            span,
            format!("a list can't begin on the line of its key `{key}`"),
            format!("put `{}` on a line of its own below `{key}:`", short(value)),
        )
    })
}
