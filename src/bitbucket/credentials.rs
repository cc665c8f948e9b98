//! Who asks a Bitbucket Server, or Bitbucket Cloud.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::http::{Request, Secret};

/// How a client proves who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// A user's name with a password or an HTTP access token.
    Basic {
        /// The user.
        user: String,
        /// The password or token.
        password: Secret,
    },
    /// An HTTP access token of a user, a project or a repository.
    Bearer(Secret),
}

impl Credentials {
    pub(crate) fn sign(&self, request: Request) -> Request {
        match self {
            Self::Basic { user, password } => {
                let pair = format!("{user}:{}", password.expose());
                request.authorization("Basic", &Secret::new(STANDARD.encode(pair)))
            }
            Self::Bearer(token) => request.authorization("Bearer", token),
        }
    }

    /// The text without the secret: servers quote what they were sent.
    pub(crate) fn hide_in(&self, text: &str) -> String {
        match self {
            Self::Basic { user, password } => {
                let pair = STANDARD.encode(format!("{user}:{}", password.expose()));
                password.hide_in(&text.replace(&pair, "[hidden]"))
            }
            Self::Bearer(token) => token.hide_in(text),
        }
    }

    /// Whether no header can carry it: a line break in a password's file, for instance.
    pub(crate) fn is_unwritable(&self) -> bool {
        match self {
            Self::Basic { user, .. } => user.contains(':'),
            Self::Bearer(token) => token.expose().chars().any(char::is_control),
        }
    }
}
