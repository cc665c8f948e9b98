//! JSON pointers (RFC 6901): the route from a document's root to a value.

use std::borrow::Borrow;
use std::fmt;

/// A route into a document; empty for its root.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pointer(Vec<String>);

impl Pointer {
    /// The root.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// Reads a pointer's text, `/properties/version`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self(
            text.split('/')
                .skip(1)
                .map(|part| part.replace("~1", "/").replace("~0", "~"))
                .collect(),
        )
    }

    /// The unescaped parts from the root on.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The last part; none for the root.
    #[must_use]
    pub fn last(&self) -> Option<&str> {
        self.0.last().map(String::as_str)
    }

    /// This pointer with one part more.
    #[must_use]
    pub fn join(&self, part: impl Into<String>) -> Self {
        let mut parts = self.0.clone();
        parts.push(part.into());
        Self(parts)
    }

    /// The pointer without its last part; none for the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        self.0
            .split_last()
            .map(|(_, parents)| Self(parents.to_vec()))
    }

    /// The parts of the root, of the value in it that leads on, and so forth to the pointer's own.
    pub fn way(&self) -> impl Iterator<Item = &[String]> {
        (0..=self.0.len()).map(|depth| &self.0[..depth])
    }

    /// How many parts it has.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.0.len()
    }
}

/// So that a set of pointers can be asked for a part of a `Pointer::way`.
impl Borrow<[String]> for Pointer {
    fn borrow(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|part| write!(f, "/{}", part.replace('~', "~0").replace('/', "~1")))
    }
}

impl FromIterator<String> for Pointer {
    fn from_iter<T: IntoIterator<Item = String>>(parts: T) -> Self {
        Self(parts.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_parts_are_the_same_route() {
        for text in ["", "/a", "/a~1b/0/m~0n", "/"] {
            assert_eq!(Pointer::parse(text).to_string(), text);
        }
        assert_eq!(Pointer::parse("/a~1b").last(), Some("a/b"));
    }
}
