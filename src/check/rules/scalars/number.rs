//! What is left of a number's text once it was a number.

use crate::document::ScalarValue;

/// A number as JavaScript shows it, in which Port is written.
pub(super) fn shown(number: f64) -> String {
    if number.abs() < 1e21 {
        format!("{number}")
    } else {
        format!("{number:e}")
    }
}

/// What is left of a number's text once it was a number; none where that is the text itself.
pub(super) fn in_json(text: &str, value: ScalarValue, key: &str) -> Option<String> {
    let number = match value {
        #[expect(clippy::cast_precision_loss, reason = "the loss is what is looked for")]
        ScalarValue::Int(number) => number as f64,
        ScalarValue::Float(number) if number.is_finite() => number,
        _ => return None,
    };
    let shown = shown(number);
    let is_hexadecimal = text.starts_with("0x");
    // `.5` and `5.` are a person's ways to write a number, and so is `5.0` but for a version.
    let tidy = text.strip_suffix('.').unwrap_or(text);
    let tidy = match tidy.strip_prefix('.') {
        Some(fraction) => format!("0.{fraction}"),
        None => tidy.to_owned(),
    };
    let is_version = key.to_ascii_lowercase().contains("version");
    let is_whole = tidy.strip_suffix(".0").is_some_and(|whole| whole == shown);
    (tidy != shown && !is_hexadecimal && (is_version || !is_whole)).then_some(shown)
}

/// Whether no schema's `number` can have been meant: digits are lost, or zeros in front, or a name
/// such as `12345e7` has become a number.
pub(super) fn is_another(text: &str, value: ScalarValue, number: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let has_zeros = digits.len() > 1 && digits.starts_with('0') && !digits.contains(['.', 'o']);
    let is_name = digits.contains(['e', 'E']) && !digits.contains(['.', '-', '+']);
    let is_long = match value {
        ScalarValue::Int(_) => false,
        _ => digits.bytes().all(|byte| byte.is_ascii_digit()) && number != text,
    };
    has_zeros || is_name || is_long
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::resolve;

    fn becomes(text: &str, key: &str) -> Option<String> {
        in_json(text, resolve(text), key)
    }

    #[test]
    fn numbers_lose_what_only_their_text_had() {
        for (text, left) in [
            ("1.10", Some("1.1")),
            ("3.0", None),
            ("12345e7", Some("123450000000")),
            ("1e5", Some("100000")),
            ("007", Some("7")),
            ("+49170", Some("49170")),
            (
                "123456789012345678901234567890",
                Some("1.2345678901234568e29"),
            ),
            ("9007199254740993", Some("9007199254740992")),
            ("9007199254740992", None),
            ("12", None),
            ("-1.5", None),
            (".5", None),
            ("5.", None),
            ("0xFF", None),
            ("text", None),
            (".inf", None),
        ] {
            assert_eq!(becomes(text, "x").as_deref(), left, "{text}");
        }
        assert_eq!(becomes("3.0", "goVersion").as_deref(), Some("3"));
    }

    #[test]
    fn an_operators_numbers_may_be_written_as_numbers_are() {
        let warns = |text: &str| {
            becomes(text, "").is_some_and(|number| is_another(text, resolve(text), &number))
        };
        for text in ["12345e7", "007", "123456789012345678901234567890"] {
            assert!(warns(text), "{text}");
        }
        for text in ["99.90", "1.5e-3", "+5", "9007199254740993", "0.50", "0o17"] {
            assert!(!warns(text), "{text}");
        }
    }
}
