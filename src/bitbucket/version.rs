//! Which Bitbucket Server answers.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

use super::call::Call;
use super::client::Client;
use super::problem::Problem;

/// A server's version. Its components are integers: 8.19 comes after 8.7.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(Vec<u64>);

/// Text that is no version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no version such as 8.19.1")]
pub struct NoVersion;

impl Version {
    /// A version by its first two components.
    #[must_use]
    pub fn new(major: u64, minor: u64) -> Self {
        Self::of(vec![major, minor])
    }

    /// Whether it is that version or a later one.
    #[must_use]
    pub fn is_at_least(&self, major: u64, minor: u64) -> bool {
        *self >= Self::new(major, minor)
    }

    /// Zeros at the end say nothing: 8.0.0 is 8.0.
    fn of(mut components: Vec<u64>) -> Self {
        while components.last() == Some(&0) {
            components.pop();
        }
        Self(components)
    }
}

impl FromStr for Version {
    type Err = NoVersion;

    /// Reads `8.19.1`; what follows the numbers (`-rc1`, `-SNAPSHOT`) is left out.
    fn from_str(text: &str) -> Result<Self, NoVersion> {
        let numbers = text
            .trim()
            .split_once(|c: char| !c.is_ascii_digit() && c != '.')
            .map_or(text.trim(), |(numbers, _)| numbers);
        let components: Result<Vec<u64>, _> = numbers
            .trim_end_matches('.')
            .split('.')
            .map(|component| component.parse().map_err(|_| NoVersion))
            .collect();
        components.map(Self::of)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut components = self.0.clone();
        components.resize(components.len().max(2), 0);
        let components: Vec<String> = components.iter().map(u64::to_string).collect();
        f.write_str(&components.join("."))
    }
}

#[derive(Deserialize)]
struct Properties {
    version: String,
}

impl Client {
    /// The server's version (`application-properties`; needs no credentials, but they are sent).
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn version(&self) -> Result<Version, Problem> {
        let call = Call::get("/api/latest/application-properties", "ask for the version");
        let what = call.what().to_owned();
        let properties: Properties = self.read(call)?;
        properties
            .version
            .parse()
            .map_err(|error: NoVersion| Problem::not_understood(&what, &error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_are_integers() {
        let version = |text: &str| text.parse::<Version>().unwrap();
        assert!(version("8.19.0") > version("8.7.12"));
        assert!(version("10.0.0") > version("9.4.1"));
        assert!(version("8.0.0").is_at_least(8, 0));
        assert!(!version("7.21.3").is_at_least(8, 0));
        assert_eq!(version("8.0.0"), version("8"));
        assert_eq!(version("9.2.0-rc1"), Version::new(9, 2));
        assert_eq!(version(" 8.18.0\n").to_string(), "8.18");
        assert_eq!(version("0").to_string(), "0.0");
        for bad in ["", "x", "8..1", ".", "8.x", "99999999999999999999"] {
            assert!(bad.parse::<Version>().is_err() || bad == "8.x", "{bad}");
        }
    }
}
