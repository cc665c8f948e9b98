//! One call, as the operator wrote it, with names where the values of a push go.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::http::Method;

use super::encoding::Encoding;
use super::preset::Preset;
use super::template::{Name, Template};

/// What is sent for a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// The address; names begin behind its host.
    pub url: Template,
    /// The headers, without the body's own type.
    pub headers: Vec<(String, Template)>,
    /// What is sent in the request.
    pub body: Option<Body>,
    /// The statuses that mean that the service has taken the commit.
    pub success: Vec<u16>,
    /// How long the call may take.
    pub timeout: Duration,
    /// The files of the secrets, by name; read when the call is made.
    pub secrets: BTreeMap<String, PathBuf>,
    /// Where the repository is cloned from.
    pub clone_url: Option<Template>,
    /// The service, where it is one that pushgate knows.
    pub preset: Option<Preset>,
}

/// What is sent in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// A text.
    Text {
        /// The text.
        template: Template,
        /// Its type, `application/json`.
        content_type: String,
        /// How values are written in it.
        encoding: Encoding,
    },
    /// The fields of a form.
    Form(Vec<(String, Template)>),
}

impl Call {
    /// Whether it says which branch was pushed.
    #[must_use]
    pub fn names_the_branch(&self) -> bool {
        let body: Vec<&Template> = match &self.body {
            None => Vec::new(),
            Some(Body::Text { template, .. }) => vec![template],
            Some(Body::Form(fields)) => fields.iter().map(|(_, value)| value).collect(),
        };
        let headers = self.headers.iter().map(|(_, value)| value);
        std::iter::once(&self.url)
            .chain(&self.clone_url)
            .chain(headers)
            .chain(body)
            .flat_map(Template::names)
            .any(|name| matches!(name, Name::Branch | Name::Ref))
    }
}
