//! What a schema says against a value: the validator's errors, reduced to what is told of them.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{JsonType, JsonTypeSet};
use serde_json::Value;

use crate::document::Pointer;

use super::branch;
use super::instance::is_blind;

/// One thing that a schema says against one value.
#[derive(Clone, Debug)]
pub(super) struct Violation {
    /// The value.
    pub(super) at: Pointer,
    /// The schema's keyword, as a JSON pointer into the schema.
    pub(super) keyword: String,
    /// What is wrong.
    pub(super) fault: Fault,
}

impl Violation {
    /// Whether a text was held against a pattern.
    pub(super) fn is_about_a_pattern(&self) -> bool {
        match &self.fault {
            Fault::Pattern { .. } => true,
            Fault::Key { violation, .. } => violation.is_about_a_pattern(),
            _ => false,
        }
    }
}

/// What is wrong with a value.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    /// It is of another type.
    Type { expected: JsonTypeSet },
    /// It lacks a key: any one of these.
    Missing { keys: Vec<String> },
    /// It has a key that it must not have.
    Unknown { key: String },
    /// It is none of the values that are allowed.
    Options { allowed: Vec<Value> },
    /// Its text does not match a pattern.
    Pattern { pattern: String },
    /// Its text is no date, address or the like.
    Format { format: String },
    /// Too few or too many characters, items or keys.
    Size { bound: Bound, limit: u64, of: Sized },
    /// Too small or too large a number; the limit itself may be allowed.
    Number {
        bound: Bound,
        limit: Value,
        inclusive: bool,
    },
    /// Not a multiple of a number.
    MultipleOf { of: String },
    /// One of its items is there twice.
    Repeated,
    /// A list has no item of the kind that it needs.
    NoneFits,
    /// It is what it must not be.
    Forbidden { schema: Value },
    /// It must not be there.
    NotAllowed,
    /// It fits several descriptions of which it must fit one.
    Ambiguous,
    /// A key's name is wrong.
    Key {
        key: String,
        violation: Box<Violation>,
    },
    /// A list has more items than are described.
    Surplus { limit: usize },
    /// Whatever else there is, in the validator's words.
    Other { text: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    Least,
    Most,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sized {
    Characters,
    Items,
    Keys,
}

/// Adds what an error says; of alternatives only the one that was meant. Nothing more is added once
/// there is no `room`, which the alternatives that were not meant take as well.
pub(super) fn violations(error: &ValidationError<'_>, into: &mut Vec<Violation>, room: &mut usize) {
    if is_blind(error.instance()) {
        return;
    }
    let at = Pointer::parse(error.instance_path().as_str());
    let keyword = error.schema_path().as_str().to_owned();
    let mut add = |fault| {
        if *room > 0 {
            *room -= 1;
            into.push(Violation {
                at: at.clone(),
                keyword: keyword.clone(),
                fault,
            });
        }
    };
    let size = |bound, limit, of| Fault::Size { bound, limit, of };
    match error.kind() {
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            let branches = context
                .iter()
                .map(|errors| {
                    let mut inner = Vec::new();
                    errors
                        .iter()
                        .for_each(|error| violations(error, &mut inner, room));
                    inner
                })
                .collect();
            into.extend(branch::choose(&at, &keyword, branches));
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            for key in unexpected {
                add(Fault::Unknown { key: key.clone() });
            }
        }
        Kind::Type { kind } => add(Fault::Type {
            expected: match kind {
                TypeKind::Single(one) => JsonTypeSet::from(*one),
                TypeKind::Multiple(several) => *several,
            },
        }),
        Kind::Required { property } => add(Fault::Missing {
            keys: vec![property.as_str().unwrap_or_default().to_owned()],
        }),
        Kind::Constant { expected_value } => add(Fault::Options {
            allowed: vec![Value::clone(expected_value)],
        }),
        Kind::Enum { options } => add(Fault::Options {
            allowed: options.as_array().cloned().unwrap_or_default(),
        }),
        Kind::Pattern { pattern } => add(Fault::Pattern {
            pattern: pattern.clone(),
        }),
        Kind::Format { format } => add(Fault::Format {
            format: format.clone(),
        }),
        Kind::MinLength { limit } => add(size(Bound::Least, *limit, Sized::Characters)),
        Kind::MaxLength { limit } => add(size(Bound::Most, *limit, Sized::Characters)),
        Kind::MinItems { limit } => add(size(Bound::Least, *limit, Sized::Items)),
        Kind::MaxItems { limit } => add(size(Bound::Most, *limit, Sized::Items)),
        Kind::MinProperties { limit } => add(size(Bound::Least, *limit, Sized::Keys)),
        Kind::MaxProperties { limit } => add(size(Bound::Most, *limit, Sized::Keys)),
        Kind::Minimum { limit } => add(number(Bound::Least, limit, true)),
        Kind::Maximum { limit } => add(number(Bound::Most, limit, true)),
        Kind::ExclusiveMinimum { limit } => add(number(Bound::Least, limit, false)),
        Kind::ExclusiveMaximum { limit } => add(number(Bound::Most, limit, false)),
        Kind::MultipleOf { multiple_of } => add(Fault::MultipleOf {
            of: multiple_of.to_string(),
        }),
        Kind::Contains => add(Fault::NoneFits),
        Kind::UniqueItems => add(Fault::Repeated),
        Kind::Not { schema } => add(Fault::Forbidden {
            schema: schema.clone(),
        }),
        Kind::FalseSchema => add(Fault::NotAllowed),
        Kind::OneOfMultipleValid { .. } => add(Fault::Ambiguous),
        Kind::AdditionalItems { limit } => add(Fault::Surplus { limit: *limit }),
        Kind::PropertyNames { error: inner } => {
            let key = inner.instance().as_str().unwrap_or_default().to_owned();
            let mut wrong = Vec::new();
            violations(inner, &mut wrong, room);
            into.extend(wrong.into_iter().map(|violation| Violation {
                at: at.clone(),
                keyword: keyword.clone(),
                fault: Fault::Key {
                    key: key.clone(),
                    violation: Box::new(violation),
                },
            }));
        }
        // The value itself may be long and hold anything: it is never part of the text.
        _ => add(Fault::Other {
            text: error.masked_with("the value").to_string(),
        }),
    }
}

fn number(bound: Bound, limit: &Value, inclusive: bool) -> Fault {
    Fault::Number {
        bound,
        limit: limit.clone(),
        inclusive,
    }
}

/// The JSON types in words: one of them, or a choice.
pub(super) fn type_words(types: JsonTypeSet) -> Vec<String> {
    let number = types.contains(JsonType::Number);
    let several = types.len() > 1;
    types
        .iter()
        .filter(|kind| !(number && *kind == JsonType::Integer))
        // Nobody who wrote something meant nothing.
        .filter(|kind| !(several && *kind == JsonType::Null))
        .map(|kind| type_word(kind).to_owned())
        .collect()
}

pub(super) fn type_word(kind: JsonType) -> &'static str {
    match kind {
        JsonType::Null => "empty",
        JsonType::Boolean => "`true` or `false`",
        JsonType::Integer => "a whole number",
        JsonType::Number => "a number",
        JsonType::String => "text",
        JsonType::Array => "a list",
        JsonType::Object => "a mapping",
    }
}
