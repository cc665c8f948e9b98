//! How a value is written so that it stays one value, whatever a pusher has named a branch.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::http::segment;

/// What a value is written into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// A part of a URL, or a value of a form.
    Percent,
    /// A header: as [`Encoding::Percent`], but with slashes.
    Header,
    /// A string of a JSON text.
    Json,
    /// Text or an attribute of an XML document.
    Xml,
    /// Text without any structure.
    Plain,
}

/// Repositories and branches keep their slashes in headers.
const HEADER: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

impl Encoding {
    /// The value as it is written there.
    #[must_use]
    pub fn encode(self, value: &str) -> String {
        match self {
            Self::Percent => segment(value),
            Self::Header => utf8_percent_encode(value, HEADER).to_string(),
            Self::Json => json(value),
            Self::Xml => xml(value),
            Self::Plain => value.to_owned(),
        }
    }
}

/// As serde writes a string, without the quotes around it.
fn json(value: &str) -> String {
    let quoted = serde_json::Value::from(value).to_string();
    let inner = quoted
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    inner.unwrap_or_default().to_owned()
}

/// Characters that XML 1.0 can't hold at all become U+FFFD.
fn xml(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '"' => text.push_str("&quot;"),
            '\'' => text.push_str("&apos;"),
            '\t' | '\n' | '\r' => text.push_str(&format!("&#{};", u32::from(c))),
            '\u{fffe}' | '\u{ffff}' => text.push('\u{fffd}'),
            c if c.is_control() && c < ' ' => text.push('\u{fffd}'),
            c => text.push(c),
        }
    }
    text
}
