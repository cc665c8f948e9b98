//! `x-pushgate`: the words and rule names that a schema gives to its own parts.
//!
//! Beside any keyword of a schema may stand an object `x-pushgate` with
//! - `name`: what the value is, with its article, such as `an entity`;
//! - `missing`, `unknown`, `type`, `value`: the rule for a missing key, an unknown key, a wrong type
//!   and every other fault; `rule` for all four. They hold for everything below as well;
//! - `example`: the line or lines to add where the key is missing, and `example_from`: the sibling key
//!   whose text makes a better example;
//! - `unknown_help`: what to do with a key that the mapping does not know;
//! - `means`: what the value is the name of, such as `the team's identifier`: whoever wrote something
//!   else has to look it up, and nothing is guessed;
//! - `holds`, `characters`: what a text may hold, in words and as a pattern of one character;
//! - `message`, `help`: what to say of a fault of this very part in place of general words.

use serde_json::Value;

use crate::document::Pointer;
use crate::finding::RuleId;

use super::fault::type_word;

/// The key of the annotations.
const KEY: &str = "x-pushgate";

/// What kind of fault a rule is looked up for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Class {
    Missing,
    Unknown,
    Type,
    Value,
}

impl Class {
    fn key(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Unknown => "unknown",
            Self::Type => "type",
            Self::Value => "value",
        }
    }
}

/// The annotations of one schema.
#[derive(Clone, Copy, Debug)]
pub(super) struct Annotations<'s> {
    schema: &'s Value,
}

impl<'s> Annotations<'s> {
    pub(super) fn new(schema: &'s Value) -> Self {
        Self { schema }
    }

    /// The annotations of a schema that has none.
    pub(super) fn none() -> Self {
        Self {
            schema: &Value::Null,
        }
    }

    /// A word of the part of the schema that `part` points at.
    pub(super) fn word(self, part: &str, word: &str) -> Option<&'s str> {
        self.schema.pointer(part)?.get(KEY)?.get(word)?.as_str()
    }

    /// The rule for a fault of `part`: the nearest one from there to the schema's root.
    pub(super) fn rule(self, part: &str, class: Class) -> Option<RuleId> {
        let mut here = Some(part);
        while let Some(part) = here {
            let rule = self
                .word(part, class.key())
                .or_else(|| self.word(part, "rule"));
            if let Some(rule) = rule {
                return Some(RuleId::named(rule.to_owned()));
            }
            here = parent(part);
        }
        None
    }

    /// Whether the mapping around `part` can't do without it.
    pub(super) fn is_needed(self, part: &str) -> bool {
        let holder = parent(part).and_then(parent);
        let key = part.rsplit('/').next().unwrap_or_default();
        let needed =
            holder.and_then(|holder| self.schema.pointer(holder)?.get("required")?.as_array());
        needed.is_some_and(|keys| keys.iter().any(|needed| needed == key))
            || self.word(part, "missing").is_some()
    }

    /// A value that `part` names itself: its default, or one of those that it allows.
    pub(super) fn value_of(self, part: &str) -> Option<&'s Value> {
        let schema = self.schema.pointer(part)?;
        let first = |key: &str| schema.get(key).and_then(|all| all.get(0));
        let value = schema.get("const").or_else(|| schema.get("default"));
        value
            .or_else(|| first("examples"))
            .or_else(|| first("enum"))
    }

    /// The one type that `part` asks for, in words.
    pub(super) fn type_word(self, part: &str) -> Option<&'static str> {
        let name = self.schema.pointer(part)?.get("type")?.as_str()?;
        name.parse().ok().map(type_word)
    }

    /// The keys that the mapping described by `part` may have, where it says so.
    pub(super) fn keys(self, part: &str) -> Vec<&'s str> {
        let mut keys = Vec::new();
        self.collect_keys(part, 0, &mut keys);
        let mut seen = std::collections::HashSet::new();
        keys.retain(|key| seen.insert(*key));
        keys
    }

    fn collect_keys(self, part: &str, depth: usize, keys: &mut Vec<&'s str>) {
        // A schema may refer to itself.
        const DEEPEST: usize = 8;
        let Some(schema) = self.schema.pointer(part).filter(|_| depth < DEEPEST) else {
            return;
        };
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            let allowed = properties.iter().filter(|(_, value)| !is_forbidden(value));
            keys.extend(allowed.map(|(key, _)| key.as_str()));
        }
        if let Some(target) = schema.get("$ref").and_then(Value::as_str)
            && let Some(target) = target.strip_prefix('#')
        {
            self.collect_keys(target, depth + 1, keys);
        }
        for applicator in ["allOf", "anyOf", "oneOf"] {
            let branches = schema.get(applicator).and_then(Value::as_array);
            for branch in 0..branches.map_or(0, Vec::len) {
                self.collect_keys(&format!("{part}/{applicator}/{branch}"), depth + 1, keys);
            }
        }
        for applicator in ["if", "then", "else"] {
            if schema.get(applicator).is_some() {
                self.collect_keys(&format!("{part}/{applicator}"), depth + 1, keys);
            }
        }
    }
}

/// The part of a schema that a keyword's pointer belongs to.
pub(super) fn part_of(keyword: &str) -> &str {
    parent(keyword).unwrap_or_default()
}

/// The description of a key in the mapping that `part` describes.
pub(super) fn property(part: &str, key: &str) -> String {
    let key = Pointer::root().join(key);
    format!("{part}/properties{key}")
}

/// Whether a schema refuses every value.
pub(super) fn is_forbidden(schema: &Value) -> bool {
    *schema == Value::Bool(false) || schema.get("not").is_some_and(is_anything)
}

/// Whether a schema takes every value.
pub(super) fn is_anything(schema: &Value) -> bool {
    *schema == Value::Bool(true) || schema.as_object().is_some_and(serde_json::Map::is_empty)
}

fn parent(pointer: &str) -> Option<&str> {
    pointer.rfind('/').map(|at| &pointer[..at])
}
