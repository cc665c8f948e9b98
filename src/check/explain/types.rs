//! A value of the wrong type: what it is, what it must be, and how YAML came to read it so.

use jsonschema::{JsonType, JsonTypeSet};

use crate::check::annotation::part_of;
use crate::check::fault::{Violation, type_words};
use crate::check::findings::Draft;
use crate::check::rules::yaml::{as_written, quoted};
use crate::check::words::{code, is_copyable, one_of, whole, with_lines};
use crate::document::{Entry, NodeKind, Pointer, Scalar, ScalarValue, Span, Style, Use, resolve};
use crate::finding::{Fix, RuleId};

use super::Explainer;

/// How a value is read, and what to write in its place.
struct Reading {
    /// What it is: `a number`.
    is: String,
    label: Option<String>,
    help: String,
    fix: Option<Fix>,
}

/// A value of the wrong type, with the words for what it must be.
struct Wrong<'v> {
    at: &'v Pointer,
    part: &'v str,
    expected: JsonTypeSet,
    must: String,
}

impl Explainer<'_, '_> {
    pub(super) fn wrong_type(
        &self,
        violation: &Violation,
        expected: JsonTypeSet,
        rule: &RuleId,
    ) -> Draft {
        let part = part_of(&violation.keyword);
        let at = &violation.at;
        let (node, place) = self.subject.find(at);
        let name = self.subject.name(at);
        let is_scalar = matches!(node.kind, NodeKind::Scalar(_));
        let expected = if is_scalar && expected.contains(JsonType::String) {
            // Whoever wrote one word meant one word, not a mapping.
            expected.remove(JsonType::Object)
        } else {
            expected
        };
        let wrong = Wrong {
            at,
            part,
            expected,
            must: must(expected, is_scalar),
        };
        if let NodeKind::Scalar(scalar) = &node.kind
            && scalar.value == ScalarValue::Null
        {
            let label = if node.span.is_empty() {
                format!("it must be {}", wrong.must)
            } else {
                format!("{} without quotes means no value", code(&scalar.text))
            };
            let message = format!("{name} has no value");
            let draft = self.at_value(rule, at, message).label(label);
            return self.reword(part, draft.help(self.no_value(&wrong)));
        }
        let reading = match &node.kind {
            NodeKind::Scalar(scalar) => self.scalar(&wrong, scalar),
            NodeKind::Sequence(items) => Reading {
                is: "a list".to_owned(),
                label: None,
                help: self.list(&wrong, items, node.span),
                fix: None,
            },
            NodeKind::Mapping(entries) => Reading {
                is: "a mapping".to_owned(),
                label: None,
                help: self.mapping(&wrong, entries),
                fix: None,
            },
        };
        let message = format!("{name} must be {}, but is {}", wrong.must, reading.is);
        let span = self.subject.mark(node, place);
        let draft = self.at_place(rule, at, span, place, message);
        let draft = match reading.label {
            Some(label) => draft.label(label),
            None => draft,
        };
        self.reword(part, draft.help(reading.help).fix(reading.fix))
    }

    /// What to do about a value that is not there.
    fn no_value(&self, wrong: &Wrong<'_>) -> String {
        let is_needed = self.annotations.is_needed(wrong.part);
        let is_item = self.subject.is_item(wrong.at);
        let or_remove = match (is_needed, is_item) {
            (true, _) => "",
            (false, true) => ", or remove the line",
            (false, false) => ", or remove the key",
        };
        match self.example_of(wrong.part, wrong.at) {
            Some(example) if is_needed && example.contains('\n') => with_lines("write", &[example]),
            Some(example) if !example.contains('\n') => {
                format!("write {}{or_remove}", whole(&example))
            }
            Some(example) => with_lines(
                &format!("remove the key, or write {}, as in", wrong.must),
                &[example],
            ),
            None => {
                let mark = if is_item { "`-`" } else { "colon" };
                format!("write {} after the {mark}{or_remove}", wrong.must)
            }
        }
    }

    fn list(&self, wrong: &Wrong<'_>, items: &[Use], span: Span) -> String {
        let expected = wrong.expected;
        let scalar = |item: &Use| match &self.subject.document.node(item.node).kind {
            NodeKind::Scalar(scalar) if scalar.style != Style::Block => {
                Some(self.subject.source.slice(item.at)).filter(|text| is_copyable(text))
            }
            _ => None,
        };
        let first = items.first().and_then(scalar);
        match first {
            Some(first) if expected.contains(JsonType::String) => {
                let line = whole(&self.subject.line(wrong.at, first));
                if items.len() == 1 {
                    format!("write {line}")
                } else {
                    format!("write one of them only, such as {line}")
                }
            }
            _ if expected.contains(JsonType::Object)
                && !items.is_empty()
                && self.subject.source.slice(span).starts_with('-') =>
            {
                "write the keys and values without `-` in front".to_owned()
            }
            _ => self.in_place(wrong, "the list"),
        }
    }

    fn mapping(&self, wrong: &Wrong<'_>, entries: &[Entry]) -> String {
        let named = entries
            .iter()
            .find(|entry| matches!(entry.key.as_str(), "identifier" | "name" | "id"))
            .filter(|_| wrong.expected.contains(JsonType::String))
            .and_then(|entry| self.subject.document.scalar(entry.value.node))
            .filter(|scalar| scalar.as_str().is_some_and(is_copyable));
        if let Some(scalar) = named {
            let line = self.subject.line(wrong.at, &as_written(&scalar.text));
            return format!("write {}", whole(&line));
        }
        let means = self.annotations.word(wrong.part, "means");
        if wrong.expected.contains(JsonType::Array) && means.is_none() {
            return "write a list: a `-` in front of each item".to_owned();
        }
        self.in_place(wrong, "the mapping")
    }

    fn in_place(&self, wrong: &Wrong<'_>, of: &str) -> String {
        if let Some(means) = self.annotations.word(wrong.part, "means") {
            return format!("write {means} in place of {of}");
        }
        match self.example_of(wrong.part, wrong.at) {
            Some(example) if !example.contains('\n') => {
                format!(
                    "write {} in place of {of}, such as {}",
                    wrong.must,
                    whole(&example)
                )
            }
            Some(example) => with_lines(
                &format!("write {} in place of {of}, as in", wrong.must),
                &[example],
            ),
            None => format!("write {} in place of {of}", wrong.must),
        }
    }

    fn scalar(&self, wrong: &Wrong<'_>, scalar: &Scalar) -> Reading {
        let text = scalar.text.as_str();
        let expected = wrong.expected;
        let wants_text = expected.contains(JsonType::String);
        let quote = || {
            if !is_copyable(text) {
                return "put the value in quotes".to_owned();
            }
            let line = self.subject.line(wrong.at, &quoted(text));
            format!("write {}", whole(&line))
        };
        match scalar.value {
            ScalarValue::Null | ScalarValue::Bool(_) => {
                // Nobody is called `true`.
                let is_name = self.annotations.word(wrong.part, "means").is_some();
                let is_text = is_only_text(expected) && !is_name;
                Reading {
                    is: code(text),
                    label: is_text.then(|| format!("{} without quotes is not text", code(text))),
                    help: if is_text {
                        quote()
                    } else {
                        self.other_value(wrong)
                    },
                    fix: is_text.then(|| self.subject.in_quotes(wrong.at)).flatten(),
                }
            }
            ScalarValue::Int(_) | ScalarValue::Float(_) => Reading {
                is: "a number".to_owned(),
                label: wants_text.then(|| "read as a number because it is not quoted".to_owned()),
                help: if wants_text {
                    quote()
                } else {
                    self.other_value(wrong)
                },
                fix: wants_text
                    .then(|| self.subject.in_quotes(wrong.at))
                    .flatten(),
            },
            ScalarValue::Str => {
                let meant = meant(scalar, expected).filter(|value| is_copyable(value));
                // `1,5` may be a number of thousands, and a word in quotes is mostly meant as one.
                let is_certain = |value: &&String| {
                    matches!(resolve(value), ScalarValue::Int(_) | ScalarValue::Bool(_))
                };
                let certain = meant.as_ref().filter(is_certain);
                let fix = certain.and_then(|value| self.subject.bare(wrong.at, text, value));
                Reading {
                    fix,
                    is: "text".to_owned(),
                    label: match (&meant, scalar.style) {
                        (Some(_), Style::Quoted) => Some("the quotes make it text".to_owned()),
                        (Some(_), _) => Some(format!("{} is text in YAML 1.2", code(text))),
                        _ => None,
                    },
                    help: match meant {
                        Some(value) => {
                            format!("write {}", whole(&self.subject.line(wrong.at, &value)))
                        }
                        None => self
                            .without_space(wrong, scalar)
                            .unwrap_or_else(|| self.other_value(wrong)),
                    },
                }
            }
        }
    }

    /// What to do about `key:value`, which was to be a mapping.
    fn without_space(&self, wrong: &Wrong<'_>, scalar: &Scalar) -> Option<String> {
        let (key, value) = self.subject.text_of(wrong.at).split_once(':')?;
        let is_pair = wrong.expected.contains(JsonType::Object)
            && scalar.style == Style::Plain
            && key
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
            && !value.starts_with('/')
            && is_copyable(value);
        is_pair.then(|| {
            let pair = whole(&format!("{key}: {value}"));
            format!("write {pair}: a space belongs behind the colon of a key")
        })
    }

    /// What to write in place of one word or number.
    fn other_value(&self, wrong: &Wrong<'_>) -> String {
        let expected = wrong.expected.remove(JsonType::Null);
        let written = |value: &str| whole(&self.subject.line(wrong.at, value));
        if expected.contains(JsonType::Boolean) && expected.len() == 1 {
            return format!("write {} or {}", written("true"), written("false"));
        }
        let example = self.example_of(wrong.part, wrong.at);
        if let Some(means) = self.annotations.word(wrong.part, "means") {
            return match example {
                Some(example) => format!("write {means}, such as {}", whole(&example)),
                None => format!("write {means}"),
            };
        }
        match example {
            Some(example) if example.contains('\n') => {
                with_lines(&format!("write {}, as in", wrong.must), &[example])
            }
            Some(example) => format!("write {}, such as {}", wrong.must, whole(&example)),
            None if expected.contains(JsonType::Object) && expected.len() == 1 => {
                "write its keys and values on lines of their own, indented".to_owned()
            }
            None if expected.contains(JsonType::Array) && expected.len() == 1 => {
                let (_, place) = self.subject.find(wrong.at);
                let text = self.subject.source.slice(place.value);
                if !is_copyable(text) {
                    "write it as a list: a `-` in front of each item".to_owned()
                } else {
                    format!("write {}", written(&format!("[{text}]")))
                }
            }
            None => format!("write {}", wrong.must),
        }
    }
}

/// What a value must be, in words.
fn must(expected: JsonTypeSet, is_scalar: bool) -> String {
    let is_any_scalar = expected.contains(JsonType::String)
        && expected.contains(JsonType::Number)
        && expected.contains(JsonType::Boolean)
        && !expected.contains(JsonType::Array)
        && !expected.contains(JsonType::Object);
    if is_any_scalar && !is_scalar {
        "a single value".to_owned()
    } else {
        one_of(&type_words(expected))
    }
}

/// Whether a word in quotes would do, and nothing else that is one word.
fn is_only_text(expected: JsonTypeSet) -> bool {
    let others = [JsonType::Number, JsonType::Integer, JsonType::Boolean];
    expected.contains(JsonType::String) && !others.iter().any(|other| expected.contains(*other))
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
    let decimal = scalar.text.replacen(',', ".", 1);
    if expected.contains(JsonType::Number)
        && decimal != scalar.text
        && matches!(resolve(&decimal), ScalarValue::Float(_))
    {
        return Some(decimal);
    }
    let is_meant = match resolve(&scalar.text) {
        ScalarValue::Int(_) => {
            expected.contains(JsonType::Integer) || expected.contains(JsonType::Number)
        }
        ScalarValue::Float(_) => expected.contains(JsonType::Number),
        ScalarValue::Null => expected.contains(JsonType::Null) && !scalar.text.is_empty(),
        _ => false,
    };
    is_meant.then(|| scalar.text.to_string())
}
