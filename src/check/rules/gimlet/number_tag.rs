//! Image tags without quotes that Go's YAML reader (`yaml.v3`) takes for numbers or dates, so that
//! another image is pulled than the one that was written.

use super::place;
use crate::check::explain::Subject;
use crate::check::findings::Findings;
use crate::check::rules::yaml::quoted;
use crate::check::words::{code, whole};
use crate::document::{NodeId, NodeKind, Pointer, Style};
use crate::finding::{Fix, RuleId};

const RULE: RuleId = RuleId::of("gimlet/number-tag");

/// Looks at every `tag` below `values`, but for those of which something worse is said.
pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    let document = subject.document;
    let Some(values) = document.get(document.root().node, "values") else {
        return;
    };
    let mut seen = std::collections::HashSet::new();
    let mut waiting = vec![(Pointer::root().join("values"), values.value.node)];
    while let Some((at, node)) = waiting.pop() {
        if !seen.insert(node) {
            continue;
        }
        match &document.node(node).kind {
            NodeKind::Scalar(_) => {}
            NodeKind::Sequence(items) => {
                let items = items.iter().enumerate();
                waiting.extend(items.map(|(index, item)| (at.join(index.to_string()), item.node)));
            }
            NodeKind::Mapping(entries) => {
                for entry in entries.iter().filter(|entry| entry.merged.is_none()) {
                    let node = entry.value.node;
                    match document.scalar(node) {
                        Some(_) if entry.key == "tag" => {
                            tag(subject, &at.join(entry.key.as_str()), node, findings);
                        }
                        Some(_) => {}
                        None => waiting.push((at.join(entry.key.as_str()), node)),
                    }
                }
            }
        }
    }
}

fn tag(subject: &Subject<'_>, at: &Pointer, node: NodeId, findings: &mut Findings<'_>) {
    let node = subject.document.node(node);
    let NodeKind::Scalar(scalar) = &node.kind else {
        return;
    };
    if scalar.style != Style::Plain || node.tag.is_some() {
        return;
    }
    let Some(read) = Read::of(&scalar.text) else {
        return;
    };
    if findings.speak_of(&at.to_string()) {
        return;
    }
    findings.add_with(&RULE, || {
        let text = &scalar.text;
        let becomes = read.printed();
        let message = if becomes == *text {
            format!(
                "the tag {} is {}, not text, for want of quotes",
                code(text),
                read.is()
            )
        } else {
            format!(
                "the tag {} is read as {} and becomes {}",
                code(text),
                read.is(),
                code(&becomes)
            )
        };
        let line = subject.line(at, &quoted(text));
        let draft =
            place::draft(subject, &RULE, at, message).help(format!("write {}", whole(&line)));
        let (_, place) = subject.find(at);
        match place.defined {
            None => draft.fix(Fix::replace(place.value, quoted(text))),
            Some(_) => draft,
        }
    });
}

/// What Go's reader takes an unquoted scalar for, where it is no text.
#[derive(Clone, Debug, PartialEq)]
enum Read {
    Number(f64),
    Date(String),
    Bool(bool),
}

impl Read {
    fn of(text: &str) -> Option<Self> {
        match text {
            "true" | "True" | "TRUE" => return Some(Self::Bool(true)),
            "false" | "False" | "FALSE" => return Some(Self::Bool(false)),
            _ => {}
        }
        if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
            return None;
        }
        if let Some(date) = date(text) {
            return Some(Self::Date(date));
        }
        let plain = text.replace('_', "");
        integer(&plain).or_else(|| float(&plain)).map(Self::Number)
    }

    fn is(&self) -> &'static str {
        match self {
            Self::Number(_) => "a number",
            Self::Date(_) => "a date",
            Self::Bool(_) => "true or false",
        }
    }

    /// As a Helm chart prints it: every number is a float by then.
    fn printed(&self) -> String {
        match self {
            Self::Number(number) => go_float(*number),
            Self::Date(date) => date.clone(),
            Self::Bool(value) => value.to_string(),
        }
    }
}

/// `2020-1-2` and `2020-01-02`; whatever follows the day is rare in a tag and left alone.
fn date(text: &str) -> Option<String> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let is_number = |part: &str, most: usize| {
        (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    if !(is_number(year, 4) && is_number(month, 2) && is_number(day, 2)) {
        return None;
    }
    let (month, day): (u8, u8) = (month.parse().ok()?, day.parse().ok()?);
    let year: i16 = year.parse().ok()?;
    let month = i8::try_from(month).ok()?;
    let date = jiff::civil::Date::new(year, month, i8::try_from(day).ok()?).ok()?;
    Some(format!("{date}T00:00:00Z"))
}

/// A whole number in one of Go's notations; `0` in front means octal.
fn integer(text: &str) -> Option<f64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1.0, digits),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let (digits, radix) = if let Some(digits) = lower.strip_prefix("0x") {
        (digits, 16)
    } else if let Some(digits) = lower.strip_prefix("0b") {
        (digits, 2)
    } else if let Some(digits) = lower.strip_prefix("0o") {
        (digits, 8)
    } else if lower.len() > 1 && lower.starts_with('0') {
        (&lower[1..], 8)
    } else {
        (lower.as_str(), 10)
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "the chart gets a float too")]
    let value = u64::from_str_radix(digits, radix)
        .ok()
        .map(|value| value as f64);
    value.map(|value| sign * value)
}

fn float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let has_digits = !before.is_empty() || !after.is_empty();
    let exponent_fits = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    if !(has_digits && digits(before) && digits(after) && exponent_fits) {
        return None;
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// A float as Go's `%v` writes it: the shortest digits, with an exponent where that is below -4 or
/// above 5.
fn go_float(number: f64) -> String {
    let scientific = format!("{number:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..6).contains(&exponent) {
        return format!("{number}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_become_what_go_makes_of_them() {
        for (text, printed) in [
            ("12345e7", "1.2345e+11"),
            ("0123456", "42798"),
            ("00123", "83"),
            ("1.10", "1.1"),
            ("2020-01-02", "2020-01-02T00:00:00Z"),
            ("1234567", "1.234567e+06"),
            ("123456", "123456"),
            ("0899", "899"),
            ("1_000", "1000"),
            ("0x1F", "31"),
            ("0b11", "3"),
            ("2", "2"),
            ("1.0", "1"),
            ("-7", "-7"),
            ("1e-7", "1e-07"),
            ("true", "true"),
        ] {
            let read = Read::of(text).map(|read| read.printed());
            assert_eq!(read.as_deref(), Some(printed), "{text}");
        }
    }

    #[test]
    fn text_stays_text() {
        for text in [
            "",
            "~",
            "null",
            "v1",
            "1.19.3",
            "0.8.4",
            "3.12-bookworm",
            "latest",
            "1e5f",
            "2020-13-01",
            "2020-01-02-a",
            ".",
            "-",
            "+",
            "0x",
            "e5",
            "12_a",
            "1.2.3",
            "99999999999999999999a",
        ] {
            assert_eq!(Read::of(text), None, "{text}");
        }
    }
}
