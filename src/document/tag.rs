//! Explicit tags: which ones every reader knows.

use super::scalar::{Scalar, ScalarValue, resolve};

/// What one of YAML's own tags says of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Core {
    /// A type whose text decides: `!!int`, `!!bool` and the like.
    Resolved,
    /// Text whatever it looks like: `!!str`, `!`.
    Text,
    /// `!!map`, `!!seq` and their kin.
    Collection,
}

impl Core {
    /// None for every tag that is not YAML's own.
    pub(super) fn of(tag: &granit_parser::Tag) -> Option<Self> {
        match (tag.handle(), tag.suffix()) {
            ("tag:yaml.org,2002:", suffix) => match suffix {
                "int" | "float" | "bool" | "null" => Some(Self::Resolved),
                "str" | "binary" | "timestamp" => Some(Self::Text),
                "map" | "seq" | "set" | "omap" | "pairs" | "merge" => Some(Self::Collection),
                _ => None,
            },
            ("", "!") | ("!", "") => Some(Self::Text),
            _ => None,
        }
    }
}

/// Gives a tagged scalar its value; text where the tag is unknown.
pub(super) fn apply(core: Option<Core>, scalar: &mut Scalar) {
    match core {
        Some(Core::Resolved) => scalar.value = resolve(scalar.text.trim()),
        Some(Core::Text) | None => scalar.value = ScalarValue::Str,
        Some(Core::Collection) => {}
    }
}
