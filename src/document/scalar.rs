//! Scalars and their types by the YAML 1.2 Core Schema (YAML 1.2.2 §10.3.2).

use compact_str::CompactString;
use serde_json::{Number, Value};

/// A scalar: its text after quotes and folding, how it was written, what it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Scalar {
    /// The content; for a plain scalar the text of the file.
    pub text: CompactString,
    /// How it is written.
    pub style: Style,
    /// What YAML 1.2 takes it for.
    pub value: ScalarValue,
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// In single or double quotes.
    Quoted,
    /// A block, `|` or `>`.
    Block,
}

/// What a scalar is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ScalarValue {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`; `yes`, `no`, `on` and `off` are strings.
    Bool(bool),
    /// A whole number that 64 bits hold, unsigned ones included.
    Int(i128),
    /// Any other number.
    Float(f64),
    /// Text.
    Str,
}

impl Scalar {
    /// A scalar by its style: only a plain one can be anything but text.
    #[must_use]
    pub fn new(text: CompactString, style: Style) -> Self {
        let value = match style {
            Style::Plain => resolve(&text),
            Style::Quoted | Style::Block => ScalarValue::Str,
        };
        Self { text, style, value }
    }

    /// The text, where the scalar is a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        matches!(self.value, ScalarValue::Str).then_some(self.text.as_str())
    }

    /// As JSON; `.inf`, `.nan` and other numbers that JSON lacks become their text.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match self.value {
            ScalarValue::Null => Value::Null,
            ScalarValue::Bool(value) => Value::Bool(value),
            ScalarValue::Int(_) | ScalarValue::Float(_) | ScalarValue::Str => self
                .number()
                .map_or_else(|| Value::from(self.text.as_str()), Value::Number),
        }
    }

    /// The number, where the scalar is one that JSON has.
    #[must_use]
    pub fn number(&self) -> Option<Number> {
        match self.value {
            ScalarValue::Int(value) => Number::from_i128(value),
            ScalarValue::Float(value) => Number::from_f64(value),
            ScalarValue::Null | ScalarValue::Bool(_) | ScalarValue::Str => None,
        }
    }
}

/// What a plain scalar is.
#[must_use]
pub fn resolve(text: &str) -> ScalarValue {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return ScalarValue::Null,
        "true" | "True" | "TRUE" => return ScalarValue::Bool(true),
        "false" | "False" | "FALSE" => return ScalarValue::Bool(false),
        _ => {}
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) {
        return ScalarValue::Str;
    }
    integer(text)
        .or_else(|| float(text))
        .unwrap_or(ScalarValue::Str)
}

fn integer(text: &str) -> Option<ScalarValue> {
    let (digits, radix) = match text.get(..2) {
        Some("0o") => (&text[2..], 8),
        Some("0x") => (&text[2..], 16),
        _ => (text, 10),
    };
    let unsigned = if radix == 10 {
        digits.strip_prefix(['-', '+']).unwrap_or(digits)
    } else {
        digits
    };
    if unsigned.is_empty() || !unsigned.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    match i128::from_str_radix(digits, radix) {
        Ok(value) if Number::from_i128(value).is_some() => Some(ScalarValue::Int(value)),
        _ if radix == 10 => text.parse().ok().map(ScalarValue::Float),
        _ => Some(ScalarValue::Float(wide(digits, radix))),
    }
}

/// A number of more than 64 bits, as near as a float comes.
fn wide(digits: &str, radix: u32) -> f64 {
    digits
        .chars()
        .filter_map(|c| c.to_digit(radix))
        .fold(0.0, |sum, digit| sum * f64::from(radix) + f64::from(digit))
}

fn float(text: &str) -> Option<ScalarValue> {
    let (negative, body) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    match body {
        ".inf" | ".Inf" | ".INF" => {
            let value = if negative {
                f64::NEG_INFINITY
            } else {
                f64::INFINITY
            };
            return Some(ScalarValue::Float(value));
        }
        ".nan" | ".NaN" | ".NAN" if body.len() == text.len() => {
            return Some(ScalarValue::Float(f64::NAN));
        }
        _ => {}
    }
    let (mantissa, exponent) = match body.find(['e', 'E']) {
        Some(at) => (&body[..at], Some(&body[at + 1..])),
        None => (body, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_float = digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|exponent| {
            let unsigned = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
            !unsigned.is_empty() && digits(unsigned)
        });
    is_float
        .then(|| text.parse().ok().map(ScalarValue::Float))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_core_schema_types_plain_scalars() {
        use ScalarValue::{Bool, Float, Int, Null, Str};
        let cases = [
            ("", Null),
            ("~", Null),
            ("NULL", Null),
            ("nULL", Str),
            ("true", Bool(true)),
            ("False", Bool(false)),
            ("NO", Str),
            ("yes", Str),
            ("on", Str),
            ("y", Str),
            ("0", Int(0)),
            ("-12", Int(-12)),
            ("+7", Int(7)),
            ("0777", Int(777)),
            ("0o17", Int(15)),
            ("0xFF", Int(255)),
            ("-0xFF", Str),
            ("0o8", Str),
            ("18446744073709551615", Int(18_446_744_073_709_551_615)),
            ("18446744073709551616", Float(18_446_744_073_709_551_616.0)),
            ("1.10", Float(1.1)),
            (".5", Float(0.5)),
            ("5.", Float(5.0)),
            ("1e3", Float(1000.0)),
            ("12345e7", Float(123_450_000_000.0)),
            ("1e", Str),
            (".", Str),
            ("-", Str),
            ("+", Str),
            ("1_000", Str),
            ("12:30", Str),
            ("2020-01-02", Str),
            ("1.2.3", Str),
            ("-.inf", Float(f64::NEG_INFINITY)),
            ("+.INF", Float(f64::INFINITY)),
            ("inf", Str),
            ("+.nan", Str),
        ];
        for (text, value) in cases {
            assert_eq!(resolve(text), value, "{text:?}");
        }
        assert!(matches!(resolve(".NaN"), Float(value) if value.is_nan()));
    }

    #[test]
    fn quotes_make_text_of_everything() {
        let scalar = Scalar::new("12".into(), Style::Quoted);
        assert_eq!(scalar.as_str(), Some("12"));
        assert_eq!(scalar.to_json(), "12");
    }
}
