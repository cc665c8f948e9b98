//! What comes back.

use serde::de::DeserializeOwned;
use ureq::http::HeaderMap;

use super::outcome::{Outcome, of_status};
use super::rate_limit::wait_asked_for;

/// An answer, whatever its status.
#[derive(Clone, Debug)]
pub struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Whether the status is one of the 200s.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A header's value, where it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body's bytes.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// Where it is something else.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }

    /// What the status means for whoever asked.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        of_status(
            self.status,
            wait_asked_for(|name| self.header(name), std::time::SystemTime::now()),
        )
    }
}
