//! Quoted values: quotes that are not closed, text behind them, escapes.

use super::super::span::Span;
use super::line::{Line, quoted, short};
use super::{Fault, Words};

/// A quoted value: its quote, where it opens, and where the closing quote ends, if it does.
struct Quote {
    mark: char,
    open: usize,
    end: Option<usize>,
}

/// The last quoted value that opens between what has been read and the fault.
fn last(fault: &Fault<'_>) -> Option<Quote> {
    let bytes = fault.text.as_bytes();
    let mut at = fault.read_to.min(fault.at);
    let mut found = None;
    while at <= fault.at && at < bytes.len() {
        let begins = at == 0 || b" \t\r\n[{,:".contains(&bytes[at - 1]);
        match bytes[at] {
            b'#' if begins => at += memchr::memchr(b'\n', &bytes[at..]).unwrap_or(bytes.len()),
            mark @ (b'"' | b'\'') if begins => {
                let end = close(bytes, at, mark);
                found = Some(Quote {
                    mark: char::from(mark),
                    open: at,
                    end,
                });
                match end {
                    Some(end) if end <= fault.at => at = end,
                    _ => break,
                }
            }
            _ => at += 1,
        }
    }
    found
}

/// Behind the quote that closes the one at `open`.
fn close(bytes: &[u8], open: usize, mark: u8) -> Option<usize> {
    let mut at = open + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' if mark == b'"' => at += 2,
            _ if byte != mark => at += 1,
            b'\'' if bytes.get(at + 1) == Some(&b'\'') => at += 2,
            _ => return Some(at + 1),
        }
    }
    None
}

/// A quote that no quote closes in time.
pub(super) fn unclosed(fault: &Fault<'_>) -> Option<Words> {
    let quote = last(fault).filter(|quote| quote.end.is_none_or(|end| end > fault.at))?;
    let mark = quote.mark;
    let line = Line::at(fault.text, quote.open);
    let fits = quote.end.is_some_and(|end| {
        // A text over several lines that is closed where the next thing may begin.
        let rest = Line::at(fault.text, end);
        let rest = super::line::without_comment(&rest.text[end - rest.start..]);
        rest.is_empty() || rest.starts_with([',', ']', '}'])
    });
    if fits {
        let here = fault.line();
        return Some(Words::new(
            here.span(),
            format!(
                "this line belongs to the text that opens with `{mark}` above, but is not indented"
            ),
            format!(
                "indent it deeper than the line with the opening quote, or close the quote there: `{}{mark}`",
                short(&line.text[quote.open - line.start..])
            ),
        ));
    }
    Some(Words::new(
        Span::new(quote.open, quote.open + 1),
        format!("this `{mark}` is never closed"),
        format!(
            "close it: `{}{mark}`",
            short(super::line::without_comment(
                &line.text[quote.open - line.start..]
            ))
        ),
    ))
}

/// Text behind the closing quote.
pub(super) fn trailing(fault: &Fault<'_>) -> Option<Words> {
    let quote = last(fault)?;
    let line = Line::at(fault.text, quote.open);
    let rest = fault.rest();
    let span = fault.line().span_of(rest);
    if fault.bracket.is_some() && rest.starts_with(['"', '\'']) {
        let next = rest.split([',', ']', '}', ':']).next().unwrap_or(rest);
        let span = Span::new(span.start, span.start + next.len());
        let next = short(next);
        return Some(Words::new(
            span,
            format!("a comma is missing before `{next}`"),
            format!("write `, {next}`"),
        ));
    }
    if rest.starts_with(':') {
        return Some(super::key_of_several_lines(fault));
    }
    let behind = || {
        format!(
            "`{}` stands behind the closing `{}` of the value",
            short(rest),
            quote.mark
        )
    };
    if let Some(text) = line.sentence() {
        let help = format!("put the whole item in quotes: `- {}`", quoted(text));
        return Some(Words::new(span, behind(), help));
    }
    let whole = super::line::without_comment(&line.text[quote.open - line.start..]);
    let inner = whole
        .strip_prefix(quote.mark)
        .and_then(|text| text.strip_suffix(quote.mark));
    let fixed = match (inner, quote.mark) {
        (Some(inner), '\'') => format!("'{}'", short(inner).replace('\'', "''")),
        (Some(inner), _) => quoted(inner),
        (None, _) => quoted(whole),
    };
    Some(Words::new(
        span,
        behind(),
        format!("put the whole value in one pair of quotes: `{fixed}`"),
    ))
}

/// A backslash in double quotes that begins nothing YAML knows.
pub(super) fn escape(fault: &Fault<'_>) -> Option<Words> {
    let text = &fault.text[fault.at..];
    let mut escapes = text.char_indices().skip(1);
    while let Some((at, c)) = escapes.next() {
        if c == '"' {
            return None;
        }
        if c != '\\' {
            continue;
        }
        let (_, letter) = escapes.next()?;
        let digits = match letter {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ if "0abtnvfre \"/\\N_LP\t\n\r".contains(letter) => continue,
            _ => 0,
        };
        let code: String = text[at + 1 + letter.len_utf8()..]
            .chars()
            .take(digits)
            .collect();
        if digits > 0 && is_character(&code, digits) {
            continue;
        }
        let end = at + 1 + letter.len_utf8();
        let span = Span::new(fault.at + at, fault.at + end);
        return Some(if digits == 0 {
            Words::new(
                span,
                format!("`\\{letter}` means nothing inside of double quotes"),
                format!("write `\\\\{letter}`, or use single quotes, which leave `\\` as it is"),
            )
        } else {
            Words::new(
                span,
                format!("`\\{letter}` needs {digits} hexadecimal digits that name a character"),
                format!(
                    "complete the number, or write `\\\\{letter}` if the backslash is meant itself"
                ),
            )
        });
    }
    None
}

fn is_character(code: &str, digits: usize) -> bool {
    code.len() == digits
        && code.bytes().all(|byte| byte.is_ascii_hexdigit())
        && u32::from_str_radix(code, 16).is_ok_and(|code| char::from_u32(code).is_some())
}
