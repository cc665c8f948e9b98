//! What is sent.

use std::borrow::Cow;
use std::fmt;
use std::time::{Duration, Instant};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::secret::Secret;

/// The methods that remote systems ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Read.
    Get,
    /// Create, or whatever the route does.
    Post,
    /// Replace.
    Put,
    /// Change.
    Patch,
    /// Delete.
    Delete,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        })
    }
}

/// One request. It has no `Debug`: its body and its headers may hold secrets.
pub struct Request {
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) headers: Vec<(Cow<'static, str>, String)>,
    pub(super) body: Option<Vec<u8>>,
    pub(super) timeout: Option<Duration>,
    pub(super) until: Option<Instant>,
    pub(super) redirects: u32,
    pub(super) largest_answer: Option<u64>,
}

impl Request {
    /// A request without a body. The URL is complete, its segments encoded with [`segment`].
    #[must_use]
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self {
            method,
            url: url.into(),
            headers: vec![("Accept".into(), "application/json".to_owned())],
            body: None,
            timeout: None,
            until: None,
            redirects: 0,
            largest_answer: None,
        }
    }

    /// Adds a header, in place of one of the same name.
    #[must_use]
    pub fn header(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        let name = name.into();
        self.headers
            .retain(|(other, _)| !other.eq_ignore_ascii_case(&name));
        self.headers.push((name, value.into()));
        self
    }

    /// Adds `Authorization: SCHEME SECRET`.
    #[must_use]
    pub fn authorization(self, scheme: &str, secret: &Secret) -> Self {
        self.header("Authorization", format!("{scheme} {}", secret.expose()))
    }

    /// Sends a value as JSON.
    ///
    /// # Errors
    /// Where the value can't be written as JSON.
    pub fn json(self, value: &impl Serialize) -> Result<Self, serde_json::Error> {
        Ok(self.json_bytes(serde_json::to_vec(value)?))
    }

    /// Sends JSON that is written already.
    #[must_use]
    pub fn json_bytes(self, body: Vec<u8>) -> Self {
        self.body(body, "application/json")
    }

    /// Sends bytes of any type.
    #[must_use]
    pub fn body(mut self, body: Vec<u8>, content_type: &str) -> Self {
        self.body = Some(body);
        self.header("Content-Type", content_type)
    }

    /// Sends a body of no bytes: some servers want to be told how long even that is.
    #[must_use]
    pub fn empty_body(mut self) -> Self {
        self.body = Some(Vec::new());
        self
    }

    /// Whether there are bytes to send in it.
    pub(super) fn has_content(&self) -> bool {
        self.body.as_ref().is_some_and(|body| !body.is_empty())
    }

    /// Another time limit than the client's.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Follows up to `hops` redirects, to other hosts too: for what is public and is asked for
    /// without credentials.
    #[must_use]
    pub fn follow(mut self, hops: u32) -> Self {
        self.redirects = hops;
        self
    }

    /// Takes an answer of up to so many bytes, where the client's own limit is too small or too
    /// large.
    #[must_use]
    pub fn largest_answer(mut self, bytes: u64) -> Self {
        self.largest_answer = Some(bytes);
        self
    }

    /// Gives up at this moment even where the time limit would allow more.
    #[must_use]
    pub fn until(mut self, until: Option<Instant>) -> Self {
        self.until = until;
        self
    }
}

/// Letters, digits and these stand for themselves in a path segment (RFC 3986 `unreserved`).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Text as one segment of a path: `/`, blanks and everything else that would mean something are
/// percent-encoded.
#[must_use]
pub fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_stays_one_segment() {
        assert_eq!(segment("a/b c+d"), "a%2Fb%20c%2Bd");
        assert_eq!(segment("größe@1.0"), "gr%C3%B6%C3%9Fe%401.0");
    }
}
