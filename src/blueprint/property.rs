//! A property of a blueprint: its type, and what its values may be.

use serde_json::{Number, Value};

use super::format::Format;
use super::text;

/// What a property's values may be; what is not said is not asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Property {
    /// What people call it.
    pub title: Option<String>,
    /// What it is about.
    pub description: Option<String>,
    /// The type of its values.
    pub kind: Option<PropertyType>,
    /// What its text must be; none where every text will do.
    pub format: Option<Format>,
    /// What Port takes where an entity says nothing.
    pub default: Option<Value>,
    /// The only values that there are; empty where there are others.
    pub options: Vec<Value>,
    /// A regular expression (ECMA-262) that its text must match.
    pub pattern: Option<String>,
    /// Characters of its text.
    pub length: Limits<u64>,
    /// The least and the largest number.
    pub range: Limits<Number>,
    /// Items of its list.
    pub size: Limits<u64>,
    /// What each item of its list must be.
    pub items: Option<Box<Property>>,
}

/// The least and the most of something, both included.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits<T> {
    /// Not less than this.
    pub least: Option<T>,
    /// Not more than this.
    pub most: Option<T>,
}

impl<T> Default for Limits<T> {
    fn default() -> Self {
        Self {
            least: None,
            most: None,
        }
    }
}

/// The types of Port's properties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PropertyType {
    /// Text.
    String,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A mapping.
    Object,
    /// A list.
    Array,
}

impl PropertyType {
    /// As Port writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Object => "object",
            Self::Array => "array",
        }
    }

    fn named(name: &str) -> Option<Self> {
        let all = [
            Self::String,
            Self::Number,
            Self::Boolean,
            Self::Object,
            Self::Array,
        ];
        all.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether a value is of this type.
    #[must_use]
    pub fn has(self, value: &Value) -> bool {
        match self {
            Self::String => value.is_string(),
            Self::Number => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::Object => value.is_object(),
            Self::Array => value.is_array(),
        }
    }
}

impl Property {
    /// Reads a property of `schema.properties`, or the `items` of one.
    #[must_use]
    pub fn of_json(json: &Value) -> Self {
        let number = |key| json.get(key).and_then(Value::as_u64);
        let bound = |key| json.get(key).and_then(Value::as_number).cloned();
        let kind = text(json, "type").and_then(|name| PropertyType::named(&name));
        let options = json.get("enum").and_then(Value::as_array);
        Self {
            title: text(json, "title"),
            description: text(json, "description"),
            kind,
            format: text(json, "format").and_then(|name| Format::named(&name)),
            default: json
                .get("default")
                .filter(|value| !value.is_null())
                .cloned(),
            options: options.cloned().unwrap_or_default(),
            pattern: text(json, "pattern"),
            length: Limits {
                least: number("minLength"),
                most: number("maxLength"),
            },
            range: Limits {
                least: bound("minimum"),
                most: bound("maximum"),
            },
            size: Limits {
                least: number("minItems"),
                most: number("maxItems"),
            },
            items: json
                .get("items")
                .filter(|items| items.is_object())
                .map(|items| Box::new(Self::of_json(items))),
        }
    }

    /// A value that it would take, where it names one itself.
    #[must_use]
    pub fn example(&self) -> Option<&Value> {
        self.default.as_ref().or_else(|| self.options.first())
    }
}
