//! What every entity of a blueprint needs.

use std::collections::HashSet;

use serde_json::Value;

use super::keys::name;
use super::{Entity, Held};
use crate::blueprint::{Format, Property, PropertyType, Relation};
use crate::check::findings::Findings;
use crate::check::rules::yaml::as_written;
use crate::check::suggest;
use crate::check::words::{all_of, code, one_of, with_lines};
use crate::document::Pointer;
use crate::finding::{RuleId, Severity};

const PROPERTY: RuleId = RuleId::of("port/missing-property");
const RELATION: RuleId = RuleId::of("port/missing-relation");

/// The keys of every entity.
const OWN_KEYS: [&str; 7] = [
    "identifier",
    "title",
    "blueprint",
    "icon",
    "team",
    "properties",
    "relations",
];

/// So many unknown keys of an entity may be a misspelt one.
const MOST_KEYS: usize = 20;

/// Why a needed key is not there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lack {
    Absent,
    Cleared,
}

impl Held<'_, '_> {
    pub(super) fn missing_properties(
        &self,
        entity: &Entity<'_>,
        meant: &HashSet<&str>,
        findings: &mut Findings<'_>,
    ) {
        let Some(given) = entity.properties else {
            return;
        };
        let at = entity.at.join("properties");
        for key in &entity.blueprint.required {
            let is_known = entity.blueprint.properties.contains_key(key);
            if is_known && given.get(key) == Some(&Value::Null) {
                self.cleared(&PROPERTY, entity, &at.join(key), findings);
            }
        }
        let absent: Vec<(&str, &Property)> = entity
            .blueprint
            .needed_properties()
            .filter(|(key, _)| !given.contains_key(*key) && !meant.contains(key))
            .filter(|(key, _)| !is_elsewhere(entity, "relations", key))
            .collect();
        let lines = || {
            absent
                .iter()
                .map(|(key, property)| format!("{key}: {}", example(key, property)))
                .collect()
        };
        let keys: Vec<&str> = absent.iter().map(|(key, _)| *key).collect();
        self.absent(&PROPERTY, entity, "properties", &keys, lines, findings);
    }

    pub(super) fn missing_relations(
        &self,
        entity: &Entity<'_>,
        meant: &HashSet<&str>,
        findings: &mut Findings<'_>,
    ) {
        let Some(given) = entity.relations else {
            return;
        };
        let at = entity.at.join("relations");
        let mut absent: Vec<(&str, &Relation)> = Vec::new();
        for (key, relation) in entity.blueprint.needed_relations() {
            match given.get(key) {
                Some(Value::Null) => self.cleared(&RELATION, entity, &at.join(key), findings),
                Some(_) => {}
                None if meant.contains(key) => {}
                None if is_elsewhere(entity, "properties", key) => {}
                None => absent.push((key, relation)),
            }
        }
        let lines = || {
            absent
                .iter()
                .map(|(key, relation)| {
                    let target = relation.target.as_deref().unwrap_or("entity");
                    let target = target.trim_start_matches('_');
                    match relation.many {
                        true => format!("{key}: [my-{target}]"),
                        false => format!("{key}: my-{target}"),
                    }
                })
                .collect()
        };
        let keys: Vec<&str> = absent.iter().map(|(key, _)| *key).collect();
        self.absent(&RELATION, entity, "relations", &keys, lines, findings);
    }

    /// All that one entity lacks is one finding.
    fn absent(
        &self,
        rule: &RuleId,
        entity: &Entity<'_>,
        part: &str,
        keys: &[&str],
        lines: impl Fn() -> Vec<String>,
        findings: &mut Findings<'_>,
    ) {
        if keys.is_empty() || is_part_elsewhere(entity, part) {
            return;
        }
        findings.no_worse_than(self.weight(entity, Lack::Absent), |findings| {
            findings.add_with(rule, || {
                let (node, place) = self.subject.find(entity.at);
                let span = self.subject.beginning(node, place);
                let quoted: Vec<String> = keys.iter().map(|key| code(key)).collect();
                let noun = match (part, keys.len()) {
                    ("relations", 1) => "relation ",
                    ("relations", _) => "relations ",
                    _ => "",
                };
                let message = format!(
                    "this entity has no {noun}{}, which {} requires",
                    one_of(&quoted),
                    name(entity.blueprint)
                );
                let is_there = entity
                    .json
                    .get(part)
                    .and_then(Value::as_object)
                    .is_some_and(|map| !map.is_empty());
                let help = match is_there {
                    true => with_lines(&format!("add below {}", code(part)), &lines()),
                    false => {
                        let lines: Vec<String> =
                            lines().iter().map(|line| format!("  {line}")).collect();
                        with_lines("add", &[format!("{part}:\n{}", lines.join("\n"))])
                    }
                };
                let draft = self.placed(rule, entity.at, span, place.defined, message);
                let draft = draft.help(help);
                match all_titles(entity, part, keys) {
                    Some(label) => draft.label(label),
                    None => draft,
                }
            });
        });
    }

    /// A null takes away what the entity can't be without.
    fn cleared(
        &self,
        rule: &RuleId,
        entity: &Entity<'_>,
        at: &Pointer,
        findings: &mut Findings<'_>,
    ) {
        findings.no_worse_than(self.weight(entity, Lack::Cleared), |findings| {
            findings.add_with(rule, || {
                let key = at.last().unwrap_or_default();
                let message = format!(
                    "{} has no value, and {} requires it",
                    code(key),
                    name(entity.blueprint)
                );
                self.at_value(rule, at, message)
                    .label("null takes the value away in Port")
                    .help("write a value; to keep the one that Port has, remove the line")
            });
        });
    }

    /// An entity that is there may have what this file leaves out.
    fn weight(&self, entity: &Entity<'_>, lack: Lack) -> Option<Severity> {
        let identifier = entity.json.get("identifier").and_then(Value::as_str);
        let was_there = identifier
            .and_then(|identifier| self.before.has(&entity.blueprint.identifier, identifier));
        match (lack, was_there) {
            (Lack::Cleared, _) | (Lack::Absent, Some(false)) => None,
            (Lack::Absent, _) => Some(Severity::Warning),
        }
    }
}

/// Whether a key stands in a wrong place, which is a finding already: below the other part, where no
/// such key belongs, or beside both.
fn is_elsewhere(entity: &Entity<'_>, other: &str, key: &str) -> bool {
    let blueprint = entity.blueprint;
    let (given, belongs) = match other {
        "relations" => (entity.relations, blueprint.relations.contains_key(key)),
        _ => (entity.properties, blueprint.properties.contains_key(key)),
    };
    (!belongs && given.is_some_and(|given| given.contains_key(key)))
        || (entity.json.contains_key(key) && !OWN_KEYS.contains(&key))
}

/// Whether all of a part stands in a wrong place, or has another name.
fn is_part_elsewhere(entity: &Entity<'_>, part: &str) -> bool {
    let is_inside = entity
        .properties
        .and_then(|properties| properties.get(part))
        .is_some_and(|inside| inside.is_object() || inside.is_null());
    let is_misspelt = || {
        let keys = entity.json.keys().map(String::as_str);
        let mut unknown = keys.filter(|key| !OWN_KEYS.contains(key)).take(MOST_KEYS);
        unknown.any(|key| suggest::nearest(key, [part]).is_some())
    };
    is_inside || (!entity.json.contains_key(part) && is_misspelt())
}

/// What people call what is missing, where that is another word.
fn all_titles(entity: &Entity<'_>, part: &str, keys: &[&str]) -> Option<String> {
    let blueprint = entity.blueprint;
    let title = |key: &&str| match part {
        "relations" => blueprint.relations.get(*key)?.title.as_deref(),
        _ => blueprint.properties.get(*key)?.title.as_deref(),
    };
    let titles: Option<Vec<String>> = keys
        .iter()
        .map(|key| title(key).map(|title| format!("“{}”", crate::visible::one_line(title, 40))))
        .collect();
    let titles = titles.filter(|titles| titles.len() <= 3)?;
    Some(format!("{} in Port", all_of(&titles)))
}

/// A value that a property would take, as one would write it.
fn example(key: &str, property: &Property) -> String {
    if let Some(value) = property.example() {
        return value.as_str().map_or_else(|| value.to_string(), as_written);
    }
    match (property.kind, property.format) {
        (_, Some(Format::DateTime)) => "\"2026-03-31T12:00:00Z\"".to_owned(),
        (Some(PropertyType::Object), Some(Format::LabeledUrl)) => {
            "{ url: \"https://example.com\" }".to_owned()
        }
        (_, Some(Format::Url | Format::LabeledUrl)) => "https://example.com".to_owned(),
        (_, Some(Format::Email)) => "team@example.com".to_owned(),
        (_, Some(Format::Ipv4)) => "192.0.2.1".to_owned(),
        (_, Some(Format::Ipv6)) => "\"2001:db8::1\"".to_owned(),
        (Some(PropertyType::Number), _) => {
            let least = property
                .range
                .least
                .as_ref()
                .or(property.range.most.as_ref());
            least.map_or_else(|| "1".to_owned(), ToString::to_string)
        }
        (Some(PropertyType::Boolean), _) => "true".to_owned(),
        (Some(PropertyType::Object), _) => "{ key: value }".to_owned(),
        (Some(PropertyType::Array), _) => match &property.items {
            Some(items) => format!("[{}]", example(key, items)),
            None => "[one, two]".to_owned(),
        },
        _ => as_written(&format!("my {}", key.replace(['_', '-', '='], " "))),
    }
}
