//! Names of deliveries, in the order of time.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Random digits behind the time, so that two processes never choose the same name.
const RANDOM_DIGITS: usize = 8;

/// The id of a delivery: `20260131t094501123456-k3f9a2xq`, UTC to the microsecond and randomness.
/// Ids sort by time, and are safe as a file's name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DeliveryId(String);

/// Text that is no delivery's id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("`{0}` is no delivery's id")]
#[diagnostic(help("`pushgate outbox list` shows the ids"))]
pub struct NotADeliveryId(String);

impl DeliveryId {
    /// A new id for a delivery that is made at this moment.
    #[must_use]
    pub fn at(moment: Timestamp) -> Self {
        let mut text = moment.strftime("%Y%m%dt%H%M%S%6f-").to_string();
        text.extend(std::iter::repeat_with(fastrand::alphanumeric).take(RANDOM_DIGITS));
        text.make_ascii_lowercase();
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DeliveryId {
    type Err = NotADeliveryId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let valid = (1..=64).contains(&text.len())
            && text
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'z' | b'-'))
            && !text.starts_with('-');
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotADeliveryId(text.escape_debug().to_string()))
        }
    }
}

impl TryFrom<String> for DeliveryId {
    type Error = NotADeliveryId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<DeliveryId> for String {
    fn from(id: DeliveryId) -> Self {
        id.0
    }
}

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_and_are_safe_as_names() {
        let early: Timestamp = "2026-01-31T09:45:01.000009Z".parse().unwrap();
        let late: Timestamp = "2026-01-31T09:45:01.00001Z".parse().unwrap();
        let (one, two) = (DeliveryId::at(early), DeliveryId::at(late));
        assert!(one < two, "{one} {two}");
        assert!(one.as_str().starts_with("20260131t094501000009-"));
        assert_eq!(one.as_str().parse(), Ok(one.clone()));
        for bad in ["", "../x", "a/b", "A", "-x", "a.json", "a\0"] {
            assert!(bad.parse::<DeliveryId>().is_err(), "{bad}");
        }
    }
}
