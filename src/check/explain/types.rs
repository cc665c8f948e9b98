//! A value of the wrong type: what it is, what it must be, and how YAML came to read it so.

use jsonschema::{JsonType, JsonTypeSet};

use crate::check::annotation::part_of;
use crate::check::fault::{Violation, type_words};
use crate::check::findings::Draft;
use crate::check::rules::yaml::quoted;
use crate::check::words::{code, one_of};
use crate::document::{NodeKind, Scalar, ScalarValue, Style, resolve};
use crate::finding::RuleId;

use super::Explainer;

/// How a value is read, and what to write in its place.
struct Reading {
    /// What it is: `is a number`.
    is: String,
    label: Option<String>,
    help: String,
}

impl Explainer<'_, '_> {
    pub(super) fn wrong_type(
        &self,
        violation: &Violation,
        expected: JsonTypeSet,
        rule: &RuleId,
    ) -> Draft {
        let part = part_of(&violation.keyword);
        let (node, place) = self.subject.find(&violation.at);
        let name = self.subject.name(&violation.at);
        let is_scalar = matches!(node.kind, NodeKind::Scalar(_));
        let expected = if is_scalar && expected.contains(JsonType::String) {
            // Whoever wrote one word meant one word, not a search query.
            expected.remove(JsonType::Object)
        } else {
            expected
        };
        let must = one_of(&type_words(expected));
        if is_scalar && node.span.is_empty() {
            let message = format!("{name} has no value");
            let draft = self.at_value(rule, &violation.at, message);
            let help = match self.annotations.word(part, "example") {
                Some(example) if self.annotations.word(part, "missing").is_some() => {
                    format!("write {}", code(example))
                }
                Some(example) => format!("write {}, or remove the key", code(example)),
                None => format!("write {must} behind it, or remove it"),
            };
            return self.reword(part, draft.label(format!("it must be {must}")).help(help));
        }
        let reading = match &node.kind {
            NodeKind::Scalar(scalar) => self.scalar(violation, scalar, expected, &must),
            NodeKind::Sequence(items) => Reading {
                is: "a list".to_owned(),
                label: None,
                help: match items.as_slice() {
                    [only] if expected.contains(JsonType::String) => {
                        let text = self.subject.source.slice(only.at);
                        let line = self.subject.line(&violation.at, text);
                        format!("write {}", code(&line))
                    }
                    _ if expected.contains(JsonType::Object)
                        && self.subject.source.slice(node.span).starts_with('-') =>
                    {
                        "write keys and values without `-` in front".to_owned()
                    }
                    _ => format!("write {must} in place of the list"),
                },
            },
            NodeKind::Mapping(_) => Reading {
                is: "a mapping".to_owned(),
                label: None,
                help: if expected.contains(JsonType::Array) {
                    "write a list: a `-` in front of each item".to_owned()
                } else if expected.contains(JsonType::String) {
                    "write text in place of the mapping, in quotes if it holds `{` or `: `"
                        .to_owned()
                } else {
                    format!("write {must} in place of the mapping")
                },
            },
        };
        let message = format!("{name} must be {must}, but is {}", reading.is);
        let span = self.subject.mark(node, place);
        let draft = self.at_place(rule, &violation.at, span, place, message);
        let draft = match reading.label {
            Some(label) => draft.label(label),
            None => draft,
        };
        self.reword(part, draft.help(reading.help))
    }

    fn scalar(
        &self,
        violation: &Violation,
        scalar: &Scalar,
        expected: JsonTypeSet,
        must: &str,
    ) -> Reading {
        let written = |value: &str| {
            let line = self.subject.line(&violation.at, value);
            format!("write {}", code(&line))
        };
        let text = scalar.text.as_str();
        let wants_text = expected.contains(JsonType::String);
        let general = || {
            if expected.contains(JsonType::Object) && expected.len() == 1 {
                "write its keys and values on lines of their own, indented".to_owned()
            } else if expected.contains(JsonType::Array) && expected.len() == 1 {
                written(&format!(
                    "[{}]",
                    self.subject
                        .source
                        .slice(self.subject.find(&violation.at).1.value)
                ))
            } else {
                format!("write {must}")
            }
        };
        match scalar.value {
            ScalarValue::Null => Reading {
                is: "null".to_owned(),
                label: Some(format!("{} without quotes means no value", code(text))),
                help: if wants_text {
                    format!(
                        "write a value, or {} if the word is meant",
                        code(&self.subject.line(&violation.at, &quoted(text)))
                    )
                } else {
                    format!("write {must}, or remove it")
                },
            },
            ScalarValue::Bool(_) => Reading {
                is: "a truth value".to_owned(),
                label: Some(format!("{} without quotes is not text", code(text))),
                help: if wants_text {
                    written(&quoted(text))
                } else {
                    general()
                },
            },
            ScalarValue::Int(_) | ScalarValue::Float(_) => Reading {
                is: "a number".to_owned(),
                label: Some(if wants_text {
                    "read as a number because it is not quoted".to_owned()
                } else {
                    "a number".to_owned()
                }),
                help: if wants_text {
                    written(&quoted(text))
                } else {
                    general()
                },
            },
            ScalarValue::Str => {
                let meant = meant(scalar, expected);
                Reading {
                    is: "text".to_owned(),
                    label: match (&meant, scalar.style) {
                        (Some(_), Style::Quoted) => Some("the quotes make it text".to_owned()),
                        (Some(_), _) => Some(format!("{} is text in YAML 1.2", code(text))),
                        _ => None,
                    },
                    help: meant.map_or_else(general, |value| written(&value)),
                }
            }
        }
    }
}

/// The value that a text was probably meant to be.
fn meant(scalar: &Scalar, expected: JsonTypeSet) -> Option<String> {
    if expected.contains(JsonType::Boolean) {
        match scalar.text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "y" => return Some("true".to_owned()),
            "false" | "no" | "off" | "n" => return Some("false".to_owned()),
            _ => {}
        }
    }
    let is_meant = match resolve(&scalar.text) {
        ScalarValue::Int(_) => {
            expected.contains(JsonType::Integer) || expected.contains(JsonType::Number)
        }
        ScalarValue::Float(_) => expected.contains(JsonType::Number),
        ScalarValue::Null => expected.contains(JsonType::Null) && !scalar.text.is_empty(),
        _ => false,
    };
    is_meant.then(|| scalar.text.clone())
}
