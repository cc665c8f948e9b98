//! What Port asks of texts beyond their type (facts: the table of formats).

use std::net::{Ipv4Addr, Ipv6Addr};

/// A format that can be checked here. `markdown`, `yaml`, `proto`, `team` and `blueprints` are any
/// text, and so is whatever Port adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `date-time` and `timer`: a date and a time.
    DateTime,
    /// `url`: an address with its scheme.
    Url,
    /// `email`, `idn-email` and `user`: an e-mail address.
    Email,
    /// `ipv4`.
    Ipv4,
    /// `ipv6`.
    Ipv6,
    /// `labeled-url`: a mapping with `url` and perhaps `displayText`.
    LabeledUrl,
}

impl Format {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "date-time" | "timer" => Self::DateTime,
            "url" => Self::Url,
            // Items spell it `idn-format` (specification).
            "email" | "idn-email" | "idn-format" | "user" => Self::Email,
            "ipv4" => Self::Ipv4,
            "ipv6" => Self::Ipv6,
            "labeled-url" => Self::LabeledUrl,
            _ => return None,
        })
    }

    /// The name that JSON Schema has for it, or Port where JSON Schema has none.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::DateTime => "date-time",
            Self::Url => "url",
            Self::Email => "email",
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::LabeledUrl => "labeled-url",
        }
    }

    /// Whether a text has it. What Port may take is taken: an error here refuses a push.
    #[must_use]
    pub fn has(self, text: &str) -> bool {
        match self {
            Self::DateTime => is_date_time(text),
            Self::Url => is_url(text),
            Self::Email => is_email(text),
            Self::Ipv4 => text.parse::<Ipv4Addr>().is_ok(),
            Self::Ipv6 => text.parse::<Ipv6Addr>().is_ok(),
            // About mappings only.
            Self::LabeledUrl => true,
        }
    }
}

/// ISO 8601 with a time; whether Port takes one without an offset is not known.
fn is_date_time(text: &str) -> bool {
    let has_time = text.contains(['T', 't', ' ']);
    let is_instant = || text.parse::<jiff::Timestamp>().is_ok();
    let is_civil = || text.parse::<jiff::civil::DateTime>().is_ok();
    has_time && (is_instant() || is_civil())
}

/// `scheme:rest` without blanks.
fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c));
    let rest = rest.trim_start_matches('/');
    is_scheme && !rest.is_empty() && !rest.contains(char::is_whitespace)
}

fn is_email(text: &str) -> bool {
    let mut parts = text.split('@');
    let (local, host) = (parts.next().unwrap_or_default(), parts.next());
    let is_whole = !local.is_empty() && host.is_some_and(|host| !host.is_empty());
    is_whole && parts.next().is_none() && !text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_told_apart() {
        for (format, good, bad) in [
            (
                Format::DateTime,
                &[
                    "2026-03-31T12:00:00Z",
                    "2026-03-31T12:00:00.123+02:00",
                    "2026-03-31 12:00:00Z",
                    "2026-03-31T12:00:00",
                ][..],
                &[
                    "2026-03-31",
                    "12:00",
                    "yesterday",
                    "2026-13-31T12:00:00Z",
                    "",
                ][..],
            ),
            (
                Format::Url,
                &[
                    "https://example.com",
                    "http://localhost:8080/x?y=1#z",
                    "mailto:a@b.c",
                    "https://exämple.com/a(b)",
                ],
                &[
                    "example.com",
                    "https://",
                    "https://a b",
                    "/path",
                    "1a:b",
                    "",
                ],
            ),
            (
                Format::Email,
                &["a@example.com", "ä+b@host"],
                &["a", "a@", "@b", "a b@c", "a@b@c", ""],
            ),
            (
                Format::Ipv4,
                &["192.0.2.1"],
                &["192.0.2", "192.0.2.256", "::1"],
            ),
            (
                Format::Ipv6,
                &["2001:db8::1", "::"],
                &["192.0.2.1", "2001:db8::g"],
            ),
        ] {
            for text in good {
                assert!(format.has(text), "{format:?} {text}");
            }
            for text in bad {
                assert!(!format.has(text), "{format:?} {text}");
            }
        }
    }
}
