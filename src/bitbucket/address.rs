//! Where a Bitbucket Server is.

use std::fmt;

use crate::http;

/// A server's address: scheme, host and context path, without what stands behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(String);

/// Text that can't be a server's address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("`{0}` is no address of a Bitbucket Server")]
#[diagnostic(help(
    "write it as https://bitbucket.example.com, with the port and path it is reached by"
))]
pub struct BadAddress(String);

/// What people copy together with the address.
const ENDINGS: [&str; 4] = ["/api/1.0", "/api/latest", "/rest", "/"];

impl Address {
    /// Reads an address as people write it: with or without `/` and `/rest/api/1.0` at its end.
    ///
    /// # Errors
    /// Where it is no `http` or `https` address.
    pub fn parse(text: &str) -> Result<Self, BadAddress> {
        let bad = || BadAddress(http::without_credentials(text));
        let mut root = http::api_root(text).ok_or_else(bad)?;
        while let Some(shorter) = ENDINGS.iter().find_map(|ending| root.strip_suffix(ending)) {
            root = shorter;
        }
        // What was left may have been `https:/` and nothing else.
        http::api_root(root)
            .map(|root| Self(root.to_owned()))
            .ok_or_else(bad)
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_habit_of_writing_the_address_is_one() {
        for (written, meant) in [
            ("http://localhost:7990", "http://localhost:7990"),
            ("https://git.acme.org/", "https://git.acme.org"),
            ("https://git.acme.org/rest", "https://git.acme.org"),
            ("https://git.acme.org/rest/api/1.0/", "https://git.acme.org"),
            (
                "https://git.acme.org/rest/api/latest",
                "https://git.acme.org",
            ),
            ("https://acme.org/bitbucket//", "https://acme.org/bitbucket"),
            (
                "https://acme.org/bitbucket/rest/",
                "https://acme.org/bitbucket",
            ),
        ] {
            assert_eq!(
                Address::parse(written).unwrap().as_str(),
                meant,
                "{written}"
            );
        }
        for bad in [
            "",
            "git.acme.org",
            "ssh://git@acme.org",
            "https://",
            "https:///rest",
            "https://ada:secret@acme.org",
            "https://a b",
        ] {
            let error = Address::parse(bad).unwrap_err();
            assert!(!error.to_string().contains("ada:secret"), "{error}");
        }
    }
}
