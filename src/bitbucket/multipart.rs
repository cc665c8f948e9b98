//! Bodies of `multipart/form-data` (RFC 7578).

use super::call::Call;

/// A form of texts.
#[derive(Debug, Default)]
pub(super) struct Form {
    body: Vec<u8>,
    fields: Vec<(&'static str, String)>,
}

impl Form {
    /// Adds a field.
    pub(super) fn field(mut self, name: &'static str, value: &str) -> Self {
        self.fields.push((name, value.to_owned()));
        self
    }

    /// The call with the form as its body, and the header that Bitbucket wants with one.
    pub(super) fn send_with(mut self, call: Call) -> Call {
        // Drawn anew until it stands in no field, as the RFC demands.
        let boundary = loop {
            let drawn = format!(
                "pushgate-{:016x}{:016x}",
                fastrand::u64(..),
                fastrand::u64(..)
            );
            if !self.fields.iter().any(|(_, value)| value.contains(&drawn)) {
                break drawn;
            }
        };
        for (name, value) in &self.fields {
            let head = format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
            );
            self.body.extend_from_slice(head.as_bytes());
            self.body.extend_from_slice(value.as_bytes());
            self.body.extend_from_slice(b"\r\n");
        }
        self.body
            .extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        call.body(
            self.body,
            format!("multipart/form-data; boundary={boundary}"),
        )
        .header("X-Atlassian-Token", "no-check")
    }
}
