//! What readers of YAML 1.1 take a plain scalar for: the resolver of PyYAML, which most of them
//! share (<https://github.com/yaml/pyyaml/blob/main/lib/yaml/resolver.py>).

use super::scalar::ScalarValue;

/// What a plain scalar is to a reader of YAML 1.1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Older {
    /// `null`, `~` or nothing.
    Null,
    /// `true`, `yes`, `on` and their opposites.
    Bool(bool),
    /// A number, also in octal (`017`), in sixties (`12:30`) and with `_` between digits.
    Number(f64),
    /// A date, with or without a time of day.
    Date,
    /// `=` or `<<`, which such readers refuse as a value.
    Refused,
    /// Text.
    Text,
}

impl Older {
    /// Whether YAML 1.2 takes the scalar for the same.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "both readers lose the same digits"
    )]
    pub fn agrees_with(self, newer: ScalarValue) -> bool {
        match (self, newer) {
            (Self::Null, ScalarValue::Null) | (Self::Text, ScalarValue::Str) => true,
            (Self::Bool(one), ScalarValue::Bool(other)) => one == other,
            (Self::Number(one), ScalarValue::Int(other)) => same(one, other as f64),
            (Self::Number(one), ScalarValue::Float(other)) => same(one, other),
            _ => false,
        }
    }
}

fn same(one: f64, other: f64) -> bool {
    one.total_cmp(&other).is_eq() || (one - other).abs() <= one.abs() * f64::EPSILON
}

/// What a reader of YAML 1.1 takes a plain scalar for.
#[must_use]
pub fn older(text: &str) -> Older {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Older::Null,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Older::Bool(true);
        }
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Older::Bool(false);
        }
        "=" | "<<" => return Older::Refused,
        _ => {}
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) {
        return Older::Text;
    }
    integer(text)
        .or_else(|| float(text))
        .map(Older::Number)
        .or_else(|| is_date(text).then_some(Older::Date))
        .unwrap_or(Older::Text)
}

/// The sign as a factor, and what is behind it.
fn signed(text: &str) -> (f64, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (-1.0, &text[1..]),
        Some(b'+') => (1.0, &text[1..]),
        _ => (1.0, text),
    }
}

fn digits(text: &str, radix: u32) -> Option<f64> {
    let is_digit = |c: char| c == '_' || c.is_digit(radix);
    let has_digit = text.contains(|c: char| c != '_');
    (has_digit && text.chars().all(is_digit)).then(|| {
        text.chars()
            .filter_map(|c| c.to_digit(radix))
            .fold(0.0, |sum, digit| sum * f64::from(radix) + f64::from(digit))
    })
}

fn integer(text: &str) -> Option<f64> {
    let (sign, body) = signed(text);
    let number = if body == "0" {
        Some(0.0)
    } else if let Some(rest) = body.strip_prefix("0b") {
        digits(rest, 2)
    } else if let Some(rest) = body.strip_prefix("0x") {
        digits(rest, 16)
    } else if let Some(rest) = body.strip_prefix('0') {
        digits(rest, 8)
    } else if body.starts_with(|c: char| c.is_ascii_digit()) {
        sixties(body)
    } else {
        None
    };
    number.map(|number| sign * number)
}

/// `12:30:15`, or one number without a colon.
fn sixties(text: &str) -> Option<f64> {
    let mut parts = text.split(':');
    let first = digits(parts.next()?, 10)?;
    parts.try_fold(first, |sum, part| {
        let is_sixtieth = matches!(part.len(), 1 | 2)
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && (part.len() == 1 || part.as_bytes()[0] < b'6');
        let part: f64 = part.parse().ok().filter(|_| is_sixtieth)?;
        Some(sum * 60.0 + part)
    })
}

fn float(text: &str) -> Option<f64> {
    let (sign, body) = signed(text);
    match body {
        ".inf" | ".Inf" | ".INF" => return Some(sign * f64::INFINITY),
        ".nan" | ".NaN" | ".NAN" if body.len() == text.len() => return Some(f64::NAN),
        _ => {}
    }
    let (whole, rest) = body.split_once('.')?;
    if whole.contains(':') {
        let fraction = rest
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'_');
        let fraction = fraction.then(|| rest.replace('_', ""))?;
        let fraction: f64 = format!("0.{fraction}0").parse().ok()?;
        return sixties(whole).map(|whole| sign * (whole + fraction));
    }
    let (fraction, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], Some(&rest[at + 1..])),
        None => (rest, None),
    };
    let are_digits = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'_')
    };
    let begins_well = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    // The exponent needs its sign, and `.5` takes none in front.
    let is_float = are_digits(whole)
        && are_digits(fraction)
        && (begins_well(whole) || whole.is_empty() && begins_well(fraction) && body == text)
        && exponent.is_none_or(|exponent| {
            exponent.strip_prefix(['-', '+']).is_some_and(|digits| {
                !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
            })
        });
    is_float
        .then(|| text.replace('_', "").parse().ok())
        .flatten()
}

/// `2026-03-31`, or with a time of day behind it.
fn is_date(text: &str) -> bool {
    let numbers = |text: &str, lengths: &[usize]| {
        lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let (date, time) = match text.find(['T', 't', ' ', '\t']) {
        Some(at) => (&text[..at], Some(text[at + 1..].trim_start())),
        None => (text, None),
    };
    let parts: Vec<&str> = date.splitn(4, '-').collect();
    let [year, month, day] = parts.as_slice() else {
        return false;
    };
    let lengths: &[usize] = if time.is_none() { &[2] } else { &[1, 2] };
    if !(numbers(year, &[4]) && numbers(month, lengths) && numbers(day, lengths)) {
        return false;
    }
    let Some(time) = time else { return true };
    let clock = time.find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.')));
    let (clock, zone) = time.split_at(clock.unwrap_or(time.len()));
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let parts: Vec<&str> = clock.splitn(4, ':').collect();
    let is_clock = matches!(parts.as_slice(), [hour, minute, second]
        if numbers(hour, &[1, 2]) && numbers(minute, &[2]) && numbers(second, &[2]));
    let zone = zone.trim_start();
    let is_zone = zone.is_empty()
        || zone == "Z"
        || zone.strip_prefix(['-', '+']).is_some_and(|zone| {
            let (hour, minute) = zone.split_once(':').unwrap_or((zone, "00"));
            numbers(hour, &[1, 2]) && numbers(minute, &[2])
        });
    is_clock && is_zone && fraction.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::super::scalar::resolve;
    use super::*;

    fn differs(text: &str) -> bool {
        !older(text).agrees_with(resolve(text))
    }

    #[test]
    fn what_both_versions_read_alike() {
        for text in [
            "",
            "~",
            "true",
            "FALSE",
            "0",
            "-12",
            "+7",
            "0xFF",
            "1.10",
            "5.",
            ".5",
            "1.5e+3",
            ".inf",
            "-.INF",
            ".nan",
            "text",
            "y",
            "n",
            "1.2.3",
            "12:99",
            "2026-3-1",
            "1-2",
            "+",
            "2026-03-31x",
            "12345678901234567890",
        ] {
            assert!(!differs(text), "{text}: {:?}", older(text));
        }
    }

    #[test]
    fn what_they_read_differently() {
        use Older::{Bool, Date, Number, Refused, Text};
        for (text, value) in [
            ("no", Bool(false)),
            ("On", Bool(true)),
            ("YES", Bool(true)),
            ("0777", Number(511.0)),
            ("-017", Number(-15.0)),
            ("0899", Text),
            ("0o17", Text),
            ("0b101", Number(5.0)),
            ("12:30", Number(750.0)),
            ("1:02:03", Number(3723.0)),
            ("1:30.5", Number(90.5)),
            ("1_000", Number(1000.0)),
            ("1_000.5", Number(1000.5)),
            ("1e5", Text),
            ("1.5e3", Text),
            ("2026-03-31", Date),
            ("2026-3-1 1:02:03.5 +01:00", Date),
            ("2026-03-31T12:00:00Z", Date),
            ("=", Refused),
        ] {
            assert_eq!(older(text), value, "{text}");
            assert!(differs(text), "{text}");
        }
    }
}
