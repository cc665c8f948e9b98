//! Values of the right type that are wrong all the same: patterns, choices, sizes.

use serde_json::{Value, json};

use crate::check::annotation::{is_anything, part_of};
use crate::check::fault::{Bound, Fault, Sized, Violation};
use crate::check::findings::Draft;
use crate::check::suggest;
use crate::check::words::{all_of, character, code, count, one_of};
use crate::document::Pointer;
use crate::finding::RuleId;

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
            (Fault::Pattern { pattern }, Some(text)) => self.pattern(part, &name, text, pattern),
            (fault, _) => self.general(fault, &name, at),
        };
        let draft = if is_about_its_key(&violation.fault) {
            let (_, place) = self.subject.find(at);
            let span = place.key.unwrap_or(place.value);
            self.at_place(rule, at, span, place, words.message)
        } else {
            self.at_value(rule, at, words.message)
        };
        let draft = match words.label {
            Some(label) => draft.label(label),
            None => draft,
        };
        let draft = match words.help {
            Help::None => draft,
            Help::Say(help) => draft.help(help),
            Help::Write { before, value } => {
                let line = self.subject.line(at, &value);
                draft.help(format!("{before}write {}", code(&line)))
            }
        };
        self.reword(part, draft)
    }

    /// A key whose name is wrong: the same words, at the key.
    fn wrong_key(&self, at: &Pointer, key: &str, inner: &Violation, rule: &RuleId) -> Draft {
        let part = part_of(&inner.keyword);
        let pointer = at.join(key);
        let (_, place) = self.subject.find(&pointer);
        let name = format!("the key {}", code(key));
        let words = match &inner.fault {
            Fault::Pattern { pattern } => self.pattern(part, &name, key, pattern),
            Fault::Size { bound, limit, .. } => {
                let length = key.chars().count() as u64;
                Words::say(size(&name, *bound, *limit, length, Sized::Characters))
            }
            fault => self.general(fault, &name, &pointer),
        };
        let span = place.key.unwrap_or(place.value);
        let draft = self.at_place(rule, &pointer, span, place, words.message);
        let draft = match words.label {
            Some(label) => draft.label(label),
            None => draft,
        };
        let draft = match words.help {
            Help::None => draft,
            Help::Say(help) => draft.help(help),
            Help::Write { before, value } => {
                draft.help(format!("{before}write {}", code(&format!("{value}:"))))
            }
        };
        self.reword(part, draft)
    }

    fn wrong_choice(&self, at: &Pointer, name: &str, allowed: &[Value], rule: &RuleId) -> Draft {
        let value = self.subject.value(at);
        let choices: Vec<String> = allowed.iter().map(|value| code(&shown(value))).collect();
        let must = one_of(&choices);
        let message = if value.is_object() || value.is_array() {
            format!("{name} must be {must}")
        } else {
            format!("{name} must be {must}, but is {}", code(&shown(value)))
        };
        let draft = self.at_value(rule, at, message);
        let texts = allowed.iter().filter_map(Value::as_str);
        let meant = match (value.as_str(), allowed) {
            (Some(text), _) => suggest::nearest(text, texts),
            _ => None,
        };
        match (meant, allowed) {
            (Some(meant), _) => draft
                .label(format!("did you mean {}?", code(meant)))
                .help(format!("write {}", code(&self.subject.line(at, meant)))),
            (None, [only]) => {
                let line = self.subject.line(at, &shown(only));
                draft.help(format!("write {}", code(&line)))
            }
            _ => draft,
        }
    }

    /// A text that a pattern refuses, by the first character that may not be in it.
    fn pattern(&self, part: &str, name: &str, text: &str, pattern: &str) -> Words {
        let noun = self
            .annotations
            .word(part, "name")
            .and_then(|name| name.split_once(' '))
            .map_or_else(
                || format!("{name}: {}", code(text)),
                |(_, bare)| format!("the {bare} {}", code(text)),
            );
        let holds = self.annotations.word(part, "holds");
        let may_hold = holds.map(|holds| format!("it may hold {holds}"));
        let help = |value: Option<String>| match (&may_hold, value) {
            (Some(may_hold), Some(value)) => Help::Write {
                before: format!("{may_hold}; "),
                value,
            },
            (Some(may_hold), None) => Help::Say(may_hold.clone()),
            (None, _) => Help::None,
        };
        if text.is_empty() {
            let named = self.annotations.word(part, "name");
            let message = named.and_then(|name| name.split_once(' ')).map_or_else(
                || format!("{name} is empty"),
                |(_, bare)| format!("the {bare} is empty"),
            );
            return Words {
                message,
                label: None,
                help: help(None),
            };
        }
        let allowed = self
            .annotations
            .word(part, "characters")
            .and_then(Characters::new);
        let wrong = allowed
            .as_ref()
            .and_then(|allowed| text.chars().position(|c| !allowed.hold(c)));
        let Some((wrong, allowed)) = wrong.zip(allowed) else {
            let message = match holds {
                Some(_) => format!("{noun} is not allowed"),
                None => format!("{noun} does not match the pattern {}", code(pattern)),
            };
            return Words {
                message,
                label: None,
                help: help(None),
            };
        };
        let c = text.chars().nth(wrong).unwrap_or_default();
        let mended = allowed.mend(text);
        let mended = Some(mended).filter(|mended| matches(pattern, mended));
        Words {
            message: format!("{noun} holds {}", character(c)),
            label: Some(format!("character {} may not be here", wrong + 1)),
            help: help(mended),
        }
    }

    fn general(&self, fault: &Fault, name: &str, at: &Pointer) -> Words {
        let value = self.subject.value(at);
        let here = || code(&shown(value));
        match fault {
            Fault::Size { bound, limit, of } => {
                let has = match value {
                    Value::String(text) => text.chars().count(),
                    Value::Array(items) => items.len(),
                    Value::Object(entries) => entries.len(),
                    _ => 0,
                };
                Words::say(size(name, *bound, *limit, has as u64, *of))
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
                Words::say(format!("{name} must be {must} {limit}, but is {}", here()))
            }
            Fault::MultipleOf { of } => Words::say(format!(
                "{name} must be a multiple of {of}, but is {}",
                here()
            )),
            Fault::Format { format } => {
                let (what, example) = format_words(format);
                let message = format!("{name} must be {what}, but is {}", here());
                match example {
                    Some(example) => Words {
                        help: Help::Write {
                            before: String::new(),
                            value: example.to_owned(),
                        },
                        ..Words::say(message)
                    },
                    None => Words::say(message),
                }
            }
            Fault::Repeated => Words {
                help: Help::Say(repeated(value)),
                ..Words::say(format!("{name} has the same item twice"))
            },
            Fault::Forbidden { schema } => {
                let options = schema.get("enum").and_then(Value::as_array);
                let refused: Vec<String> = options
                    .into_iter()
                    .flatten()
                    .chain(schema.get("const"))
                    .map(|value| code(&shown(value)))
                    .collect();
                match refused.as_slice() {
                    [] => Words::say(format!("{name} must not be what it is here")),
                    _ => Words::say(format!("{name} must not be {}", one_of(&refused))),
                }
            }
            Fault::NotAllowed => Words {
                help: Help::Say("remove it".to_owned()),
                ..Words::say(format!("{name} is not allowed here"))
            },
            Fault::Ambiguous => Words::say(format!(
                "{name} fits several descriptions of the schema and must fit one only"
            )),
            Fault::Surplus { limit } => Words::say(format!(
                "{name} has more than {}",
                count(*limit as u64, "item")
            )),
            Fault::Other { text } => Words::say(format!("{name}: {text}")),
            Fault::Pattern { pattern } => Words::say(format!(
                "{name} does not match the pattern {}",
                code(pattern)
            )),
            Fault::Options { allowed } => {
                let choices: Vec<String> =
                    allowed.iter().map(|value| code(&shown(value))).collect();
                Words::say(format!("{name} must be {}", one_of(&choices)))
            }
            Fault::Type { .. } | Fault::Missing { .. } | Fault::Unknown { .. } => {
                Words::say(format!("{name} is not what the schema describes"))
            }
            Fault::Key { violation, .. } => self.general(&violation.fault, name, at),
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
struct Words {
    message: String,
    label: Option<String>,
    help: Help,
}

enum Help {
    None,
    Say(String),
    /// The value to write, which needs its key or its `-`.
    Write {
        before: String,
        value: String,
    },
}

impl Words {
    fn say(message: String) -> Self {
        Self {
            message,
            label: None,
            help: Help::None,
        }
    }
}

/// The characters that a text may hold.
struct Characters(jsonschema::Validator);

impl Characters {
    fn new(pattern: &str) -> Option<Self> {
        pattern_validator(pattern).map(Self)
    }

    fn hold(&self, c: char) -> bool {
        self.0.is_valid(&Value::String(c.to_string()))
    }

    /// The text with each wrong character as a small letter or a `-`.
    fn mend(&self, text: &str) -> String {
        let mut mended = String::with_capacity(text.len());
        for c in text.chars() {
            let small = c.to_ascii_lowercase();
            if self.hold(c) {
                mended.push(c);
            } else if self.hold(small) {
                mended.push(small);
            } else if !mended.is_empty() && !mended.ends_with('-') {
                mended.push('-');
            }
        }
        mended.truncate(mended.trim_end_matches('-').len());
        mended
    }
}

fn pattern_validator(pattern: &str) -> Option<jsonschema::Validator> {
    jsonschema::options()
        .offline()
        .with_pattern_options(jsonschema::PatternOptions::regex())
        .build(&json!({ "pattern": pattern }))
        .ok()
}

fn matches(pattern: &str, text: &str) -> bool {
    pattern_validator(pattern)
        .is_some_and(|validator| validator.is_valid(&Value::String(text.to_owned())))
}

/// A value as one would write it: text without quotes, everything else as JSON.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
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
        _ => format!("remove {} once", all_of(&twice)),
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
