//! What differs between two bodies of an entity, key by key.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value};

/// A key of an entity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// `title`, `icon`, `team` or another one at the top.
    Top(String),
    /// A property.
    Property(String),
    /// A relation.
    Relation(String),
}

/// One key that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldDifference {
    /// The key.
    pub field: Field,
    /// Its value before; none where it had none.
    pub before: Option<Value>,
    /// What becomes of it.
    pub after: After,
}

/// What becomes of a key.
#[derive(Clone, Debug, PartialEq)]
pub enum After {
    /// It gets this value.
    Set(Value),
    /// It has none any more.
    Cleared,
    /// It left the file, and Port keeps what it has.
    Stays,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Top(key) => f.write_str(key),
            Self::Property(key) => write!(f, "properties.{key}"),
            Self::Relation(key) => write!(f, "relations.{key}"),
        }
    }
}

/// The groups of keys in a body.
const GROUPS: [&str; 2] = ["properties", "relations"];

/// What differs between two declarations of an entity. `unread` are properties of the new one whose
/// value could not be read.
#[must_use]
pub fn differences(
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    unread: &BTreeSet<String>,
) -> Vec<FieldDifference> {
    let mut differences = Vec::new();
    for key in keys(before, after) {
        let is_group = GROUPS.contains(&key.as_str());
        if is_group || key == "identifier" {
            continue;
        }
        let (old, new) = (before.get(key), after.get(key));
        let becomes = match new {
            Some(new) if old != Some(new) => After::Set(new.clone()),
            Some(_) => continue,
            None => After::Stays,
        };
        differences.push(FieldDifference {
            field: Field::Top(key.clone()),
            before: old.cloned(),
            after: becomes,
        });
    }
    let none = Map::new();
    for group in GROUPS {
        let of = |body: &'_ Map<String, Value>| -> Map<String, Value> {
            body.get(group)
                .and_then(Value::as_object)
                .unwrap_or(&none)
                .clone()
        };
        let (before, after) = (of(before), of(after));
        for key in keys(&before, &after) {
            let (old, new) = (before.get(key), after.get(key));
            let set = old.filter(|old| !old.is_null());
            let becomes = match new {
                Some(new) if old == Some(new) => continue,
                Some(Value::Null) => After::Cleared,
                Some(new) => After::Set(new.clone()),
                None if set.is_none() => continue,
                None if group == "properties" && unread.contains(key) => After::Stays,
                None => After::Cleared,
            };
            differences.push(FieldDifference {
                field: match group {
                    "properties" => Field::Property(key.clone()),
                    _ => Field::Relation(key.clone()),
                },
                before: set.cloned(),
                after: becomes,
            });
        }
    }
    differences
}

/// What a declaration would change of the entity that Port has: drift. Keys that the file does not
/// name belong to others, and what a search query stands for only Port knows.
#[must_use]
pub fn drift(
    stored: &Map<String, Value>,
    declared: &Map<String, Value>,
    unread: &BTreeSet<String>,
) -> Vec<FieldDifference> {
    let mut seen = Map::new();
    for (key, value) in declared {
        if GROUPS.contains(&key.as_str()) {
            let of = |key: &str| stored.get(key).and_then(Value::as_object);
            let mut group = Map::new();
            for (name, value) in value.as_object().into_iter().flatten() {
                let stored = of(key).and_then(|of| of.get(name));
                if let Some(value) = seen_as(stored, value, key == "properties") {
                    group.insert(name.clone(), value);
                }
            }
            seen.insert(key.clone(), Value::Object(group));
        } else if let Some(value) = seen_as(stored.get(key), value, false) {
            seen.insert(key.clone(), value);
        }
    }
    differences(&seen, declared, unread)
}

/// The stored value, or the declared one where both mean the same.
fn seen_as(stored: Option<&Value>, declared: &Value, ordered: bool) -> Option<Value> {
    let nothing = Value::Null;
    let stored = stored.unwrap_or(&nothing);
    if declared.is_object() && declared.get("combinator").is_some()
        || same(stored, declared)
        || !ordered && same_targets(stored, declared)
    {
        return Some(declared.clone());
    }
    Some(stored.clone()).filter(|stored| !stored.is_null())
}

/// Whether two values are one: `1` is `1.0`.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one == other || one.as_f64().is_some() && one.as_f64() == other.as_f64()
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let there = |key: &String, one| other.get(key).is_some_and(|other| same(one, other));
            one.len() == other.len() && one.iter().all(|(key, one)| there(key, one))
        }
        (one, other) => one == other,
    }
}

/// Whether two values name the same teams or targets: they have no order, and one may stand for a
/// list of one.
fn same_targets(one: &Value, other: &Value) -> bool {
    let texts = |value: &Value| -> Option<BTreeSet<String>> {
        match value {
            Value::String(one) => Some(BTreeSet::from([one.clone()])),
            Value::Array(many) => many
                .iter()
                .map(|one| one.as_str().map(str::to_owned))
                .collect(),
            _ => None,
        }
    };
    texts(one).is_some_and(|one| Some(one) == texts(other))
}

fn keys<'a>(
    one: &'a Map<String, Value>,
    other: &'a Map<String, Value>,
) -> impl Iterator<Item = &'a String> {
    let keys: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    keys.into_iter()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    fn shown(differences: &[FieldDifference]) -> Vec<String> {
        differences
            .iter()
            .map(|difference| {
                let before = difference.before.clone().unwrap_or_default();
                match &difference.after {
                    After::Set(value) => format!("{} {before} {value}", difference.field),
                    After::Cleared => format!("{} {before} cleared", difference.field),
                    After::Stays => format!("{} {before} stays", difference.field),
                }
            })
            .collect()
    }

    #[test]
    fn declarations_differ_by_what_port_will_do() {
        let before = json!({
            "identifier": "x", "title": "Old", "icon": "Go",
            "properties": {"same": 1, "new": null, "left": "l", "null": 2, "unread": "u", "was": null},
            "relations": {"to": ["a"]},
        });
        let after = json!({
            "identifier": "x", "title": "New", "team": "t",
            "properties": {"same": 1, "new": 3, "null": null, "first": null},
        });
        let unread = BTreeSet::from(["unread".to_owned()]);
        assert_eq!(
            shown(&differences(&map(&before), &map(&after), &unread)),
            [
                r#"icon "Go" stays"#,
                r#"team null "t""#,
                r#"title "Old" "New""#,
                "properties.first null cleared",
                r#"properties.left "l" cleared"#,
                "properties.new null 3",
                "properties.null 2 cleared",
                r#"properties.unread "u" stays"#,
                r#"relations.to ["a"] cleared"#,
            ]
        );
    }

    #[test]
    fn drift_is_only_what_the_file_names_and_port_has_otherwise() {
        let stored = json!({
            "identifier": "x", "title": "X", "icon": null, "team": ["t"], "createdAt": "2026",
            "properties": {"one": 1.0, "other": 2, "foreign": 1, "list": [2, 1], "gone": null},
            "relations": {"many": ["b", "a"], "one": "c", "query": "d"},
        });
        let declared = json!({
            "identifier": "x", "title": "Y", "team": "t",
            "properties": {"one": 1, "other": null, "list": [1, 2], "none": null, "gone": "g"},
            "relations": {"many": ["a", "b"], "one": ["c"], "query": {"combinator": "and", "rules": []}},
        });
        assert_eq!(
            shown(&drift(&map(&stored), &map(&declared), &BTreeSet::new())),
            [
                r#"title "X" "Y""#,
                r#"properties.gone null "g""#,
                "properties.list [2,1] [1,2]",
                "properties.other 2 cleared",
            ]
        );
    }
}
