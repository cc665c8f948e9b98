//! A mistake that shows only once the whole configuration is read, and its place in the file.

use miette::{NamedSource, SourceSpan};

use super::error::{ConfigError, InvalidConfig};
use crate::document::{Limits, Pointer, Source, Span, load};

/// What is wrong at a route of keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    route: Vec<String>,
    message: String,
    help: String,
}

impl Mistake {
    pub(super) fn at<T: Into<String>>(
        route: impl IntoIterator<Item = T>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            route: route.into_iter().map(Into::into).collect(),
            message: message.into(),
            help: help.into(),
        }
    }

    /// The same mistake, seen from further up.
    pub(super) fn below(mut self, route: impl IntoIterator<Item = String>) -> Self {
        self.route.splice(0..0, route);
        self
    }

    /// The error with its place.
    pub(super) fn in_text(self, text: &str, path: &str) -> ConfigError {
        let source = Source::new(path, text);
        let span = span(&source, self.route.clone()).unwrap_or_default();
        let position = source.position(span.start);
        ConfigError::Invalid(Box::new(InvalidConfig {
            path: path.to_owned(),
            line: position.line,
            column: position.column,
            message: format!("{}: {}", named(&self.route), self.message),
            help: Some(self.help),
            text: NamedSource::new(path, text.to_owned()),
            span: SourceSpan::from((span.start, span.len())),
        }))
    }
}

/// The place of the value, or of what is nearest above it.
fn span(source: &Source, mut route: Vec<String>) -> Option<Span> {
    let stream = load(source, &Limits::default());
    let document = stream.documents.first()?;
    loop {
        let pointer: Pointer = route.iter().cloned().collect();
        if let Some((_, place)) = document.resolve(&pointer) {
            return Some(place.value);
        }
        route.pop()?;
    }
}

/// As serde names it: `triggers[0].url`.
fn named(route: &[String]) -> String {
    let mut text = String::new();
    for part in route {
        if part.parse::<usize>().is_ok() {
            text.push_str(&format!("[{part}]"));
        } else {
            if !text.is_empty() {
                text.push('.');
            }
            text.push_str(part);
        }
    }
    text
}
