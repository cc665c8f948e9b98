//! Values of the right type that are wrong all the same: patterns, choices, sizes.

use serde_json::Value;

use crate::check::annotation::{is_anything, part_of};
use crate::check::fault::{Bound, Fault, Sized, Violation, type_words};
use crate::check::findings::Draft;
use crate::check::rules::yaml::as_written;
use crate::check::suggest;
use crate::check::words::{all_of, code, count, one_of, whole};
use crate::document::Pointer;
use crate::finding::{Fix, RuleId};

use super::Explainer;

impl Explainer<'_, '_> {
    /// Whatever is neither a key nor a type.
    pub(super) fn wrong_value(&self, violation: &Violation, rule: &RuleId) -> Draft {
        let at = &violation.at;
        let part = part_of(&violation.keyword);
        if let Fault::Key { key, violation } = &violation.fault {
            return self.wrong_key(at, key, violation, rule);
        }
        let name = self.subject.name(at);
        let text = self.subject.value(at).as_str();
        if let Fault::Options { allowed } = &violation.fault {
            return self.reword(part, self.wrong_choice(at, &name, allowed, rule));
        }
        let words = match (&violation.fault, text) {
            (Fault::Pattern { pattern }, Some(text)) => {
                self.pattern(part, &name, text, pattern, at)
            }
            (fault, _) => self.general(fault, &name, at, part),
        };
        let draft = if is_about_its_key(&violation.fault) {
            let (_, place) = self.subject.find(at);
            let span = place.key.unwrap_or(place.value);
            self.at_place(rule, at, span, place, words.message)
        } else {
            self.at_value(rule, at, words.message)
        };
        let help = match words.help {
            Help::Say(help) => help,
            Help::Write { value, why } => {
                let line = whole(&self.subject.line(at, &value));
                format!("write {line}{}", because(why))
            }
        };
        self.reword(part, labelled(draft, words.label).help(help))
    }

    /// A key whose name is wrong: the same words, at the key.
    fn wrong_key(&self, at: &Pointer, key: &str, inner: &Violation, rule: &RuleId) -> Draft {
        let part = part_of(&inner.keyword);
        let pointer = at.join(key);
        let (_, place) = self.subject.find(&pointer);
        let name = format!("the key {}", code(key));
        let words = match &inner.fault {
            Fault::Pattern { pattern } => self.pattern(part, &name, key, pattern, &pointer),
            Fault::Size { bound, limit, .. } => {
                let length = key.chars().count() as u64;
                Words {
                    message: size(&name, *bound, *limit, length, Sized::Characters),
                    label: None,
                    help: Help::Say(resize(*bound, *limit, length, Sized::Characters)),
                }
            }
            fault => self.general(fault, &name, &pointer, part),
        };
        let span = place.key.unwrap_or(place.value);
        let draft = self.at_place(rule, &pointer, span, place, words.message);
        let help = match words.help {
            Help::Say(help) => help,
            Help::Write { value, why } => {
                format!("rename the key to {}{}", whole(&value), because(why))
            }
        };
        self.reword(part, labelled(draft, words.label).help(help))
    }

    fn wrong_choice(&self, at: &Pointer, name: &str, allowed: &[Value], rule: &RuleId) -> Draft {
        let value = self.subject.value(at);
        let choices: Vec<String> = allowed.iter().map(|value| code(&shown(value))).collect();
        let must = one_of(&choices);
        let message = match value {
            Value::Null => format!("{name} has no value"),
            Value::Object(_) => format!("{name} must be {must}, but is a mapping"),
            Value::Array(_) => format!("{name} must be {must}, but is a list"),
            value => format!("{name} must be {must}, but is {}", code(&shown(value))),
        };
        let draft = self.at_value(rule, at, message);
        let meant = value
            .as_str()
            .and_then(|text| suggest::nearest(text, allowed.iter().filter_map(Value::as_str)));
        let lines = |values: &[Value]| -> Vec<String> {
            let line = |value| whole(&self.subject.line(at, &written(value)));
            values.iter().map(line).collect()
        };
        match meant {
            Some(meant) => draft
                .label(format!("did you mean {}?", code(meant)))
                .help(format!("write {}", lines(&[meant.into()]).join("")))
                .fix(self.choice(at, allowed)),
            // Of many the message names some, and counts the rest.
            None if allowed.len() <= 4 => draft.help(format!("write {}", one_of(&lines(allowed)))),
            None => draft.help(format!(
                "write one of these values, such as {}",
                lines(&allowed[..1]).join("")
            )),
        }
    }

    /// The value that can have been meant, where there is only one.
    fn choice(&self, at: &Pointer, allowed: &[Value]) -> Option<Fix> {
        let text = self.subject.value(at).as_str()?;
        let certain = suggest::certain(text, allowed.iter().filter_map(Value::as_str))?;
        // `xor` is one letter away from `or`.
        let is_slip = certain.len() > 3 || text.eq_ignore_ascii_case(certain);
        if !is_slip {
            return None;
        }
        self.subject.reworded(at, text, certain)
    }

    fn general(&self, fault: &Fault, name: &str, at: &Pointer, part: &str) -> Words {
        let value = self.subject.value(at);
        let here = || code(&shown(value));
        let words = |message: String, help: String| Words {
            message,
            label: None,
            help: Help::Say(help),
        };
        let example = || self.example_of(part, at).map(|example| whole(&example));
        match fault {
            Fault::Size { bound, limit, of } => {
                let has = match value {
                    Value::String(text) => text.chars().count(),
                    Value::Array(items) => items.len(),
                    Value::Object(entries) => entries.len(),
                    _ => 0,
                } as u64;
                if has == 0 && *limit == 1 {
                    let help = match (example(), of) {
                        (Some(example), Sized::Characters) => format!("write {example}"),
                        (_, Sized::Characters) => "write some text between the quotes".to_owned(),
                        (_, Sized::Items) => "add an item, or remove the key".to_owned(),
                        (_, Sized::Keys) => "add a key, or remove the mapping".to_owned(),
                    };
                    return words(format!("{name} is empty"), help);
                }
                words(
                    size(name, *bound, *limit, has, *of),
                    resize(*bound, *limit, has, *of),
                )
            }
            Fault::Number {
                bound,
                limit,
                inclusive,
            } => {
                let must = match (bound, inclusive) {
                    (Bound::Least, true) => "at least",
                    (Bound::Least, false) => "more than",
                    (Bound::Most, true) => "at most",
                    (Bound::Most, false) => "less than",
                };
                let message = format!("{name} must be {must} {limit}, but is {}", here());
                let number = match inclusive {
                    true => format!("a number of {must} {limit}"),
                    false => format!("a number that is {must} {limit}"),
                };
                words(message, format!("write {number}"))
            }
            Fault::MultipleOf { of } => words(
                format!("{name} must be a multiple of {of}, but is {}", here()),
                format!("write a multiple of {of}"),
            ),
            Fault::Format { format } => {
                let (what, example) = format_words(format);
                let message = format!("{name} must be {what}, but is {}", here());
                let help = match example {
                    Some(example) => {
                        let line = self.subject.line(at, &as_written(example));
                        format!("write {what}, such as {}", whole(&line))
                    }
                    None => format!("write {what}"),
                };
                words(message, help)
            }
            Fault::NoneFits => match self.annotations.value_of(&format!("{part}/contains")) {
                Some(needed) => {
                    let item = whole(&written(needed));
                    words(
                        format!("{name} must hold {item}"),
                        format!("add {item} to the list"),
                    )
                }
                None => words(
                    format!("{name} has no item of the kind that it needs"),
                    "add the item that the schema of this kind of document asks for".to_owned(),
                ),
            },
            Fault::Repeated => words(format!("{name} has the same item twice"), repeated(value)),
            Fault::Forbidden { schema } => {
                let options = schema.get("enum").and_then(Value::as_array);
                let refused: Vec<String> = options
                    .into_iter()
                    .flatten()
                    .chain(schema.get("const"))
                    .map(|value| code(&shown(value)))
                    .collect();
                let help = match example() {
                    Some(example) => format!("write something else, such as {example}"),
                    None => "write something else, or remove it".to_owned(),
                };
                match refused.as_slice() {
                    [] => words(format!("{name} must not be what it is here"), help),
                    _ => words(format!("{name} must not be {}", one_of(&refused)), help),
                }
            }
            Fault::NotAllowed => words(
                format!("{name} is not allowed here"),
                "remove it".to_owned(),
            ),
            Fault::Ambiguous => words(
                format!("{name} fits several descriptions of the schema and must fit one only"),
                "remove what belongs to the other descriptions".to_owned(),
            ),
            Fault::Surplus { limit } => words(
                format!("{name} has more than {}", count(*limit as u64, "item")),
                format!("remove all but the first {}", count(*limit as u64, "item")),
            ),
            Fault::Other { text } => words(
                format!("{name}: {text}"),
                format!("change {name} so that it fits the schema of this kind of document"),
            ),
            Fault::Pattern { pattern } => words(
                format!("{name} does not match the pattern {}", code(pattern)),
                self.to_match(pattern),
            ),
            Fault::Options { allowed } => {
                let choices: Vec<String> =
                    allowed.iter().map(|value| code(&shown(value))).collect();
                let must = one_of(&choices);
                words(format!("{name} must be {must}"), format!("write {must}"))
            }
            Fault::Type { expected } => {
                let must = one_of(&type_words(*expected));
                words(format!("{name} must be {must}"), format!("write {must}"))
            }
            Fault::Missing { .. } | Fault::Unknown { .. } => words(
                format!("{name} is not what the schema describes"),
                format!("change {name} so that it fits the schema of this kind of document"),
            ),
            Fault::Key { violation, .. } => self.general(&violation.fault, name, at, part),
        }
    }
}

/// Whether no value would do in this place, so that the key has to go.
fn is_about_its_key(fault: &Fault) -> bool {
    match fault {
        Fault::NotAllowed => true,
        Fault::Forbidden { schema } => is_anything(schema),
        _ => false,
    }
}

/// The parts of a finding about a value.
pub(super) struct Words {
    pub(super) message: String,
    pub(super) label: Option<String>,
    pub(super) help: Help,
}

/// What to do about a value.
pub(super) enum Help {
    Say(String),
    /// The value to write, which needs its key or its `-`, and why.
    Write {
        value: String,
        why: Option<String>,
    },
}

fn because(why: Option<String>) -> String {
    why.map_or_else(String::new, |why| format!("; {why}"))
}

fn labelled(draft: Draft, label: Option<String>) -> Draft {
    match label {
        Some(label) => draft.label(label),
        None => draft,
    }
}

/// A value as one would write it: text without quotes, everything else as JSON.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A value as YAML takes it.
fn written(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), as_written)
}

fn size(name: &str, bound: Bound, limit: u64, has: u64, of: Sized) -> String {
    let noun = match of {
        Sized::Characters => "character",
        Sized::Items => "item",
        Sized::Keys => "key",
    };
    let must = match bound {
        Bound::Least => format!("at least {}", count(limit, noun)),
        Bound::Most => format!("at most {}", count(limit, noun)),
    };
    match has {
        0 => format!("{name} must have {must}, but is empty"),
        _ => format!("{name} must have {must}, but has {has}"),
    }
}

/// What to do about too much or too little of something.
fn resize(bound: Bound, limit: u64, has: u64, of: Sized) -> String {
    let much = limit.abs_diff(has);
    match (bound, of) {
        (Bound::Most, Sized::Characters) => {
            format!("shorten it by {}", count(much, "character"))
        }
        (Bound::Most, Sized::Items) => format!("remove {}", count(much, "item")),
        (Bound::Most, Sized::Keys) => format!("remove {}", count(much, "key")),
        (Bound::Least, Sized::Characters) => {
            format!("lengthen it by at least {}", count(much, "character"))
        }
        (Bound::Least, Sized::Items) => format!("add at least {}", count(much, "item")),
        (Bound::Least, Sized::Keys) => format!("add at least {}", count(much, "key")),
    }
}

fn repeated(value: &Value) -> String {
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut seen = std::collections::HashSet::new();
    let twice: Vec<String> = items
        .iter()
        .filter(|item| !seen.insert(item.to_string()))
        .map(|item| code(&shown(item)))
        .take(3)
        .collect();
    match twice.as_slice() {
        [] => "remove one of them".to_owned(),
        _ => format!("remove the second {}", all_of(&twice)),
    }
}

/// A format in words and an example of it.
fn format_words(format: &str) -> (String, Option<&'static str>) {
    let (what, example) = match format {
        "date" => ("a date", Some("2026-03-31")),
        "date-time" => ("a date and a time", Some("2026-03-31T12:00:00Z")),
        "time" => ("a time", Some("12:00:00Z")),
        "email" | "idn-email" => ("an e-mail address", Some("team@example.com")),
        "uri" | "url" | "iri" => ("a whole URL", Some("https://example.com/path")),
        "hostname" | "idn-hostname" => ("a host's name", Some("www.example.com")),
        "ipv4" => ("an IPv4 address", Some("192.0.2.1")),
        "ipv6" => ("an IPv6 address", Some("2001:db8::1")),
        "uuid" => ("a UUID", None),
        "regex" => ("a regular expression", None),
        other => return (format!("of the format {}", code(other)), None),
    };
    (what.to_owned(), example)
}
