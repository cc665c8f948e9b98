//! Values of properties: their type, format, choices and limits. Words for them are those that any
//! schema's faults get.

use jsonschema::{JsonType, JsonTypeSet};
use serde_json::{Map, Value, json};

use super::{Entity, Held, is_file};
use crate::blueprint::{Format, Limits, Property, PropertyType};
use crate::check::fault::{Bound, Fault, Sized, Violation};
use crate::check::findings::Findings;
use crate::check::rules::yaml::quoted;
use crate::check::words::code;
use crate::document::Pointer;
use crate::finding::RuleId;

const TYPE: RuleId = RuleId::of("port/property-type");
const FORMAT: RuleId = RuleId::of("port/property-format");
const VALUE: RuleId = RuleId::of("port/property-value");

/// Which of the faults are asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Types,
    Formats,
    Values,
}

/// What is wrong with the values of one entity.
struct Faults<'f> {
    asked: Asked,
    held: &'f Held<'f, 'f>,
    found: Vec<Violation>,
}

impl Held<'_, '_> {
    pub(super) fn types(&self, entity: &Entity<'_>, findings: &mut Findings<'_>) {
        self.faults(entity, Asked::Types, &TYPE, findings);
    }

    pub(super) fn values(&self, entity: &Entity<'_>, findings: &mut Findings<'_>) {
        self.faults(entity, Asked::Formats, &FORMAT, findings);
        self.faults(entity, Asked::Values, &VALUE, findings);
        self.labeled_urls(entity, findings);
    }

    fn faults(
        &self,
        entity: &Entity<'_>,
        asked: Asked,
        rule: &RuleId,
        findings: &mut Findings<'_>,
    ) {
        let mut faults = Faults {
            asked,
            held: self,
            found: Vec::new(),
        };
        let below = entity.at.join("properties");
        for (key, property, value) in given(entity) {
            faults.of_value(property, value, &|| below.join(key), &format!("/{key}"));
        }
        let found = self.nearly_right(faults.found, findings);
        if found.is_empty() {
            return;
        }
        // What the explainer looks examples up in, made only where something is wrong.
        let schema: Map<String, Value> = entity
            .blueprint
            .properties
            .iter()
            .map(|(key, property)| (key.clone(), example_schema(property)))
            .collect();
        let schema = Value::Object(schema);
        self.subject.explain(found, &schema, rule, findings);
    }

    /// Adds findings of what has its format by a hair, and gives the other faults back.
    fn nearly_right(
        &self,
        mut found: Vec<Violation>,
        findings: &mut Findings<'_>,
    ) -> Vec<Violation> {
        found.retain(|violation| {
            let at = &violation.at;
            let Fault::Format { format } = &violation.fault else {
                return true;
            };
            let text = self.subject.json().pointer(&at.to_string());
            let text = text.and_then(Value::as_str).unwrap_or_default();
            let Some(meant) = nearly(format, text).filter(|_| !self.subject.is_blind(at)) else {
                return true;
            };
            findings.add_with(&FORMAT, || {
                let name = self.subject.name(at);
                let what = match format.as_str() {
                    "url" => "a whole URL",
                    _ => "a date and a time",
                };
                let message = format!("{name} must be {what}, but is {}", code(text));
                let draft = self.at_value(&FORMAT, at, message);
                let label = match format.as_str() {
                    "url" => "it has no scheme",
                    _ => "it has no time",
                };
                // To readers of YAML 1.1 a date without quotes is no text.
                let meant = match format.as_str() {
                    "url" => meant,
                    _ => quoted(&meant),
                };
                let line = self.subject.line(at, &meant);
                draft.label(label).help(format!("write {}", code(&line)))
            });
            false
        });
        found
    }

    /// A labelled URL is the one mapping of which Port says what must be in it.
    fn labeled_urls(&self, entity: &Entity<'_>, findings: &mut Findings<'_>) {
        for (key, property, value) in given(entity) {
            let is_labeled = property.format == Some(Format::LabeledUrl);
            let Some(labeled) = value.as_object().filter(|_| is_labeled) else {
                continue;
            };
            let at = || entity.at.join("properties").join(key);
            let url = labeled.get("url");
            let is_good = match url.and_then(Value::as_str) {
                Some(url) => Format::Url.has(url) || url.contains("{{"),
                None => false,
            };
            let (at, message, help) = match url {
                _ if is_good => continue,
                None => (
                    at(),
                    format!("{} has no `url`", code(key)),
                    "add the line `url: https://example.com` below it".to_owned(),
                ),
                Some(_) => (
                    at().join("url"),
                    format!("the `url` of {} must be a whole URL", code(key)),
                    "write a whole URL, such as `url: https://example.com`".to_owned(),
                ),
            };
            if self.subject.is_blind(&at) {
                continue;
            }
            findings.add_with(&FORMAT, || self.at_value(&FORMAT, &at, message).help(help));
        }
    }
}

/// The properties that the blueprint knows, with values that can be judged: a null clears, and what
/// a file's content is nobody knows here.
fn given<'e>(entity: &Entity<'e>) -> impl Iterator<Item = (&'e String, &'e Property, &'e Value)> {
    let blueprint = entity.blueprint;
    let given = entity.properties.into_iter().flatten();
    given
        .filter(|(_, value)| !value.is_null() && !is_file(value))
        .filter_map(|(key, value)| Some((key, blueprint.properties.get(key)?, value)))
}

impl Faults<'_> {
    /// `part` is where the explainer's schema describes the value.
    fn of_value(
        &mut self,
        property: &Property,
        value: &Value,
        at: &dyn Fn() -> Pointer,
        part: &str,
    ) {
        let is_typed = property.kind.is_none_or(|kind| kind.has(value));
        match (self.asked, property.kind) {
            // Quoting it would not make it one of the choices.
            (Asked::Values, Some(PropertyType::String)) if is_no_choice(property, value) => {
                let allowed = property.options.clone();
                self.add(at, part, Fault::Options { allowed });
            }
            (Asked::Types, Some(kind)) if !is_typed && !is_no_choice(property, value) => {
                let expected = JsonTypeSet::from(json_type(kind));
                self.add(at, part, Fault::Type { expected });
            }
            (Asked::Formats, _) if is_typed => self.of_format(property, value, at, part),
            (Asked::Values, _) if is_typed => self.of_limits(property, value, at, part),
            _ => {}
        }
        if let (Some(items), Value::Array(values)) = (&property.items, value)
            && is_typed
        {
            let part = format!("{part}/items");
            for (index, value) in values.iter().enumerate() {
                self.of_value(items, value, &|| at().join(index.to_string()), &part);
            }
        }
    }

    fn of_format(
        &mut self,
        property: &Property,
        value: &Value,
        at: &dyn Fn() -> Pointer,
        part: &str,
    ) {
        let (Some(format), Some(text)) = (property.format, value.as_str()) else {
            return;
        };
        if property.kind == Some(PropertyType::String) && !is_template(text) && !format.has(text) {
            let format = format.name().to_owned();
            self.add(at, part, Fault::Format { format });
        }
    }

    fn of_limits(
        &mut self,
        property: &Property,
        value: &Value,
        at: &dyn Fn() -> Pointer,
        part: &str,
    ) {
        if value.as_str().is_some_and(is_template) {
            return;
        }
        let options = &property.options;
        if !options.is_empty() && !options.iter().any(|option| is_same(option, value)) {
            let allowed = options.clone();
            // Of what is none of the choices nothing else is worth saying.
            return self.add(at, part, Fault::Options { allowed });
        }
        match (property.kind, value) {
            (Some(PropertyType::String), Value::String(text)) => {
                let is_bounded = property.length != Limits::default();
                let length = if is_bounded { text.chars().count() } else { 0 };
                self.of_size(&property.length, length, Sized::Characters, at, part);
                if let Some(pattern) = &property.pattern
                    && self.held.copy.matches(pattern, text) == Some(false)
                {
                    let pattern = pattern.clone();
                    self.add(at, part, Fault::Pattern { pattern });
                }
            }
            (Some(PropertyType::Number), Value::Number(number)) => {
                let number = number.as_f64().unwrap_or_default();
                for (bound, limit) in [
                    (Bound::Least, &property.range.least),
                    (Bound::Most, &property.range.most),
                ] {
                    let Some(limit) = limit else { continue };
                    let value = limit.as_f64().unwrap_or_default();
                    let is_out = match bound {
                        Bound::Least => number < value,
                        Bound::Most => number > value,
                    };
                    if is_out {
                        let limit = Value::Number(limit.clone());
                        let inclusive = true;
                        let fault = Fault::Number {
                            bound,
                            limit,
                            inclusive,
                        };
                        self.add(at, part, fault);
                    }
                }
            }
            (Some(PropertyType::Array), Value::Array(items)) => {
                self.of_size(&property.size, items.len(), Sized::Items, at, part);
            }
            _ => {}
        }
    }

    fn of_size(
        &mut self,
        limits: &Limits<u64>,
        size: usize,
        of: Sized,
        at: &dyn Fn() -> Pointer,
        part: &str,
    ) {
        let size = size as u64;
        for (bound, limit) in [(Bound::Least, limits.least), (Bound::Most, limits.most)] {
            let is_out = limit.is_some_and(|limit| match bound {
                Bound::Least => size < limit,
                Bound::Most => size > limit,
            });
            if let Some(limit) = limit.filter(|_| is_out) {
                self.add(at, part, Fault::Size { bound, limit, of });
            }
        }
    }

    fn add(&mut self, at: &dyn Fn() -> Pointer, part: &str, fault: Fault) {
        self.found.push(Violation {
            at: at(),
            keyword: format!("{part}/value"),
            fault,
        });
    }
}

/// Whether a number or truth value stands for none of the texts that are allowed.
fn is_no_choice(property: &Property, value: &Value) -> bool {
    let is_scalar = value.is_number() || value.is_boolean();
    let text = || Value::String(value.to_string());
    is_scalar
        && property.kind == Some(PropertyType::String)
        && !property.options.is_empty()
        && !property.options.contains(&text())
}

/// The text that was probably meant, where one has another format by a hair.
fn nearly(format: &str, text: &str) -> Option<String> {
    let meant = match format {
        "date-time" => format!("{text}T00:00:00Z"),
        "url" if text.contains('.') && !text.contains(':') => {
            format!("https://{}", text.trim_start_matches('/'))
        }
        _ => return None,
    };
    let is_plain = meant
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || ":/.-_?=&%".contains(c));
    let format = match format {
        "url" => Format::Url,
        _ => Format::DateTime,
    };
    (is_plain && format.has(&meant)).then_some(meant)
}

/// Whether a template stands in the value's place, which is another mistake.
fn is_template(text: &str) -> bool {
    text.contains("{{")
}

/// `1` and `1.0` are one number.
fn is_same(option: &Value, value: &Value) -> bool {
    match (option, value) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        _ => option == value,
    }
}

fn json_type(kind: PropertyType) -> JsonType {
    match kind {
        PropertyType::String => JsonType::String,
        PropertyType::Number => JsonType::Number,
        PropertyType::Boolean => JsonType::Boolean,
        PropertyType::Object => JsonType::Object,
        PropertyType::Array => JsonType::Array,
    }
}

/// What a property's value may look like, for the explainer.
fn example_schema(property: &Property) -> Value {
    let items = property.items.as_deref().map(example_schema);
    let means = property.format.map(|format| match format {
        Format::DateTime => "a date and a time",
        Format::Url => "a whole URL",
        Format::Email => "an e-mail address",
        Format::Ipv4 | Format::Ipv6 => "an IP address",
        Format::LabeledUrl => "a mapping with `url` and `displayText`",
    });
    let words = means.map(|means| json!({ "means": means }));
    match property.example() {
        Some(example) => json!({ "default": example, "items": items, "x-pushgate": words }),
        None => json!({ "items": items, "x-pushgate": words }),
    }
}
