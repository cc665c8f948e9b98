//! One call of the API, which can be sent and can be shown.

use std::time::Duration;

use serde_json::Value;

use crate::http::{Method, Secret};

use super::credentials::Role;

/// What a call is for: it decides the words for what goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To have a commit built.
    Compile,
    /// To see what became of a build.
    Builds,
    /// To see an algorithm.
    ShowAlgorithm,
    /// To create an algorithm.
    CreateAlgorithm,
    /// To see or change the SCM configurations.
    Scms,
}

impl Purpose {
    /// Whose credentials it needs.
    #[must_use]
    pub fn role(self) -> Role {
        match self {
            Self::Scms => Role::Administrator,
            Self::Compile | Self::Builds | Self::ShowAlgorithm | Self::CreateAlgorithm => {
                Role::Organisation
            }
        }
    }
}

/// A call of the API that changes something. It has no `Debug`: its body may hold secrets.
pub struct Call {
    pub(super) purpose: Purpose,
    pub(super) method: Method,
    /// Behind `/v1`, its segments encoded.
    pub(super) path: String,
    pub(super) body: Option<Value>,
    /// What in the body must never be shown.
    pub(super) secrets: Vec<Secret>,
    /// Another limit than the client's own.
    pub(super) timeout: Option<Duration>,
}

impl Call {
    pub(super) fn new(purpose: Purpose, method: Method, path: impl Into<String>) -> Self {
        Self {
            purpose,
            method,
            path: path.into(),
            body: None,
            secrets: Vec::new(),
            timeout: None,
        }
    }

    pub(super) fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    pub(super) fn secret(mut self, secret: &Secret) -> Self {
        self.secrets.push(secret.clone());
        self
    }

    pub(super) fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// A server's text without what was sent to it in secret.
    pub(super) fn hide_in(&self, text: &str) -> String {
        let secrets = self.secrets.iter();
        secrets.fold(text.to_owned(), |text, secret| secret.hide_in(&text))
    }

    /// The body for people: indented, with placeholders where secrets stand.
    pub(super) fn shown_body(&self) -> Option<String> {
        let mut body = self.body.clone()?;
        self.mask(&mut body);
        serde_json::to_string_pretty(&body).ok()
    }

    fn mask(&self, value: &mut Value) {
        match value {
            Value::String(text) if self.secrets.iter().any(|one| one.expose() == text) => {
                Secret::placeholder().clone_into(text);
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.mask(item)),
            Value::Object(members) => members.values_mut().for_each(|member| self.mask(member)),
            _ => {}
        }
    }
}
