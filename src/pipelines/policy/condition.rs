//! One condition of a statement: an operator, a key of the token, the values.

use super::super::token::Claims;
use super::{Statement, Text};

/// A key that an operator is applied to.
pub(super) struct Condition<'a> {
    pub(super) operator: Text<'a>,
    pub(super) key: Text<'a>,
    pub(super) values: Vec<Text<'a>>,
}

/// All conditions of a statement; each of them has to hold.
pub(super) fn conditions<'a>(statement: &Statement<'a>) -> Vec<Condition<'a>> {
    let document = statement.document;
    let Some(all) = document.get(statement.node, "Condition") else {
        return Vec::new();
    };
    let mut conditions = Vec::new();
    for operator in document.entries(all.value.node) {
        let route = format!("{}/Condition/{}", statement.pointer, operator.key);
        for key in document.entries(operator.value.node) {
            let values = statement.texts(operator.value.node, &key.key, &route);
            conditions.push(Condition {
                operator: Text {
                    text: &operator.key,
                    at: operator.key_span,
                    pointer: route.clone(),
                },
                key: Text {
                    text: &key.key,
                    at: key.key_span,
                    pointer: format!("{route}/{}", key.key.replace('/', "~1")),
                },
                values,
            });
        }
    }
    conditions
}

impl Condition<'_> {
    /// The claim of the token, in small letters: keys are compared without regard to case.
    pub(super) fn claim(&self) -> String {
        let claim = self
            .key
            .text
            .rsplit_once(':')
            .map_or("", |(_, claim)| claim);
        claim.to_ascii_lowercase()
    }

    pub(super) fn is_about(&self, claim: &str) -> bool {
        self.claim() == claim
    }

    pub(super) fn is_of(&self, provider: &str) -> bool {
        let own = self
            .key
            .text
            .rsplit_once(':')
            .map_or("", |(provider, _)| provider);
        own.eq_ignore_ascii_case(provider)
    }

    /// The operator without what is put before and behind it.
    pub(super) fn base(&self) -> &str {
        let name = self.operator.text;
        let name = name.split_once(':').map_or(name, |(_, name)| name);
        name.strip_suffix("IfExists").unwrap_or(name)
    }

    /// Whether it holds also where the token has no such claim.
    pub(super) fn holds_without(&self) -> bool {
        let name = self.operator.text;
        name.ends_with("IfExists") || name.starts_with("ForAllValues:")
    }

    pub(super) fn is_negative(&self) -> bool {
        matches!(
            self.base(),
            "StringNotEquals" | "StringNotLike" | "StringNotEqualsIgnoreCase"
        )
    }

    pub(super) fn takes_wildcards(&self) -> bool {
        matches!(self.base(), "StringLike" | "StringNotLike")
    }

    pub(super) fn is_known(&self) -> bool {
        matches!(
            self.base(),
            "StringEquals" | "StringLike" | "StringEqualsIgnoreCase"
        )
    }

    /// Whether a token of the provider says all that it asks for.
    pub(super) fn is_certain(&self, provider: &str) -> bool {
        // What `ForAllValues:` and `ForAnyValue:` make of several values depends on the operator.
        let is_plain = !self.operator.text.contains(':');
        is_plain
            && (self.is_known() || self.is_negative())
            && matches!(self.claim().as_str(), "aud" | "sub")
            && self.is_of(provider)
    }

    /// Whether it lets a token in; of what is not in the token nothing is known, and nothing is said.
    pub(super) fn holds(&self, provider: &str, token: &Claims) -> bool {
        let claims: Vec<&str> = match self.claim().as_str() {
            "aud" => token.audiences.iter().map(String::as_str).collect(),
            "sub" => vec![&token.subject],
            _ => return true,
        };
        if !self.is_of(provider) {
            return self.holds_without();
        }
        let is_met = |value: &Text<'_>| {
            claims.iter().any(|claim| match self.base() {
                "StringLike" | "StringNotLike" => is_like(claim.as_bytes(), value.text.as_bytes()),
                "StringEqualsIgnoreCase" | "StringNotEqualsIgnoreCase" => {
                    claim.eq_ignore_ascii_case(value.text)
                }
                _ => *claim == value.text,
            })
        };
        self.values.iter().any(is_met) != self.is_negative()
    }
}

/// Whether a text is what a pattern with `*` and `?` describes.
pub(super) fn is_like(text: &[u8], pattern: &[u8]) -> bool {
    let (mut at, mut in_pattern) = (0, 0);
    // Where the last `*` stood, and how much of the text it had taken.
    let mut star: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(in_pattern) {
            Some(b'*') => {
                star = Some((in_pattern, at));
                in_pattern += 1;
            }
            Some(&c) if c == b'?' || c == text[at] => {
                at += 1;
                in_pattern += 1;
            }
            _ => match star {
                Some((begin, taken)) => {
                    star = Some((begin, taken + 1));
                    at = taken + 1;
                    in_pattern = begin + 1;
                }
                None => return false,
            },
        }
    }
    pattern[in_pattern..].iter().all(|&c| c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_string_like() {
        for (text, pattern, fits) in [
            ("{a}:{b}", "{a}:*", true),
            ("{a}:", "{a}:*", true),
            ("{a}", "{a}:*", false),
            ("{a}:{b}:{c}", "*:{c}", true),
            ("abc", "a?c", true),
            ("ac", "a?c", false),
            ("", "*", true),
            ("aXbXc", "a*b*c", true),
            ("aXbX", "a*b*c", false),
        ] {
            assert_eq!(
                is_like(text.as_bytes(), pattern.as_bytes()),
                fits,
                "{text} {pattern}"
            );
        }
    }
}
