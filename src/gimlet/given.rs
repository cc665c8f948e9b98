//! Settings as they are given: values and their places, wherever they come from.

use std::fs;
use std::path::Path;

use super::address::credentials;
use super::private_key::looks_like_key;
use super::variable::Variable;
use crate::check::Inspection;
use crate::document::{Source, Span};
use crate::io_reason::io_reason;

/// The name under which the environment stands in reports.
const ENVIRONMENT: &str = "environment";

/// A value, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// The text that Gimlet gets.
    Text(String),
    /// It is set, by something that is not at hand, such as a Secret of the cluster.
    Elsewhere,
    /// It is set wrongly, and that was said.
    Faulty,
}

/// One variable that is set.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) name: String,
    pub(super) value: Value,
    /// Where its name is written.
    pub(super) key: Span,
    /// Where its value is written; the name's place where it has none.
    pub(super) at: Span,
    /// Number of the YAML document, from 1.
    pub(super) document: usize,
    /// JSON pointer of the value.
    pub(super) pointer: String,
}

impl Given {
    pub(super) fn variable(&self) -> Option<Variable> {
        Variable::named(&self.name)
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            Value::Elsewhere | Value::Faulty => None,
        }
    }
}

/// What kind of place the settings stand in: it decides how they are mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The environment of this process.
    Environment,
    /// A dotenv file.
    Dotenv,
    /// A container, named where there is more than one, in a manifest.
    Container { named: Option<String> },
}

/// All settings of one server.
#[derive(Clone, Debug)]
pub struct Settings {
    pub(super) kind: Kind,
    /// In the order in which they are given; the last of a name counts.
    pub(super) given: Vec<Given>,
    /// Where settings may come from that can't be seen, in words.
    pub(super) unseen: Vec<String>,
    /// Where a missing setting is missing.
    pub(super) home: Span,
    pub(super) document: usize,
    pub(super) pointer: String,
}

impl Settings {
    /// The value of a variable that counts.
    pub(super) fn get(&self, variable: Variable) -> Option<&Given> {
        self.given
            .iter()
            .rev()
            .find(|given| given.variable() == Some(variable))
    }
}

/// What a path of a private key leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyAt {
    /// The file's text.
    Text(String),
    /// Nothing, and Gimlet won't find anything there either.
    Missing(String),
    /// Nothing on this machine; Gimlet may run on another.
    NotHere(String),
    /// It is there, and what it holds is not at hand.
    Unseen,
}

/// Where files of private keys are looked for.
pub trait KeyFiles {
    /// What is at a path.
    fn key_at(&self, path: &str) -> KeyAt;
}

/// This machine's files, relative paths below `Self`'s folder.
impl KeyFiles for &Path {
    fn key_at(&self, path: &str) -> KeyAt {
        match fs::read_to_string(self.join(path)) {
            Ok(text) => KeyAt::Text(text),
            Err(error) => KeyAt::NotHere(io_reason(&error)),
        }
    }
}

/// The environment as a text, a line a variable, and the settings in it.
pub(super) fn of_environment<'a>(
    variables: impl IntoIterator<Item = (&'a str, &'a str)>,
    inspection: &mut Inspection,
) -> (Source, Settings) {
    let mut relevant: Vec<(&str, &str)> = variables
        .into_iter()
        .filter(|(name, _)| {
            Variable::named(name).is_some() || name.starts_with("BITBUCKET_SERVER_")
        })
        .collect();
    relevant
        .sort_by_key(|&(name, _)| (Variable::named(name).is_none(), Variable::named(name), name));
    let mut text = String::new();
    let mut given = Vec::new();
    for (name, value) in relevant {
        let start = text.len();
        text.push_str(name);
        let key = Span::new(start, text.len());
        text.push('=');
        let start = text.len();
        text.push_str(value);
        let at = Span::new(start, text.len());
        text.push('\n');
        hide(name, value, value, at, inspection);
        given.push(Given {
            name: name.to_owned(),
            value: Value::Text(value.to_owned()),
            key,
            at: if at.is_empty() { key } else { at },
            document: 1,
            pointer: format!("/{name}"),
        });
    }
    let settings = Settings {
        kind: Kind::Environment,
        given,
        unseen: Vec::new(),
        home: Span::default(),
        document: 1,
        pointer: String::new(),
    };
    (Source::new(ENVIRONMENT, text), settings)
}

/// Keeps a value out of reports, unless it is known to be none that anybody would hide. `written` is what
/// stands at `at`.
pub(super) fn hide(name: &str, value: &str, written: &str, at: Span, inspection: &mut Inspection) {
    // The page's own words in place of a secret.
    if value.is_empty() || value.contains("openssl rand") {
        return;
    }
    if looks_like_key(value) {
        // Its first and last line are everybody's, and findings are to speak of them.
        let from = written
            .find(KEY_BEGINS)
            .map_or(0, |start| start + KEY_BEGINS.len());
        let to = written.rfind("-----END").unwrap_or(written.len());
        let body = written.get(from..to).unwrap_or_default();
        let from = from + (body.len() - body.trim_start().len());
        let start = at.start + from;
        inspection.keep_secret(Span::new(start, start + body.trim().len()));
        return;
    }
    let is_public = match Variable::named(name) {
        Some(Variable::PrivateKey) => is_path(value),
        Some(variable) => !variable.is_secret(),
        None => Variable::OTHERS.contains(&name),
    };
    if !is_public {
        inspection.keep_secret(at);
    } else if let Some((from, to)) = credentials(written) {
        inspection.keep_secret(Span::new(at.start + from, at.start + to));
    }
}

/// Where the first line of a key ends.
const KEY_BEGINS: &str = "KEY-----";

/// Whether the value of the private key's variable names a file.
pub(super) fn is_path(value: &str) -> bool {
    let value = value.trim();
    !looks_like_key(value)
        && value.lines().count() == 1
        && (value.starts_with(['/', '.', '~'])
            || value.ends_with(".pem")
            || value.ends_with(".key"))
}
