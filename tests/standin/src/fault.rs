//! What can go wrong on demand.

use std::time::Duration;

/// A fault that takes the place of a proper answer.
#[derive(Clone, Debug)]
pub enum Fault {
    /// This status with these headers and this body; nothing is applied.
    Status(u16, Vec<(String, String)>, String),
    /// No answer until the client or the stand-in gives up; nothing is applied.
    Hang,
    /// The connection is lost before anything is applied.
    CloseBeforeApply,
    /// The request is applied, and the connection is lost before the answer.
    CloseAfterApply,
    /// A proper answer, that much later.
    Slow(Duration),
    /// The request is applied at once, and answered that much later.
    SlowAfterApply(Duration),
    /// Of a bulk request the first entity fails with 500 and the others are applied; any other
    /// request is answered properly.
    Partly,
}

impl Fault {
    /// A status without headers or body.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::Status(status, Vec::new(), String::new())
    }

    /// A status with one header.
    #[must_use]
    pub fn with_header(status: u16, name: &str, value: &str) -> Self {
        Self::Status(
            status,
            vec![(name.to_owned(), value.to_owned())],
            String::new(),
        )
    }

    /// A status with a body.
    #[must_use]
    pub fn with_body(status: u16, body: &str) -> Self {
        Self::Status(status, Vec::new(), body.to_owned())
    }
}
