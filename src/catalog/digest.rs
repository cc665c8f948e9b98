//! What tells an entity that was delivered already from one that differs.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::entity::Entity;
use crate::hexadecimal::hexadecimal;

/// The hexadecimal SHA-256 of a declared body, written the same way whatever the order of its keys,
/// and of the options that change what Port makes of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// Of an entity as the files declare it, delivered with these options.
    #[must_use]
    pub fn of(entity: &Entity, create_missing_related_entities: bool) -> Self {
        let mut hash = Sha256::new();
        // A later version that sends the same body another way changes this line.
        hash.update(format!("1 {create_missing_related_entities}\n"));
        map(&mut hash, &entity.body);
        // What can't be read stays in Port, what is not there is cleared.
        for property in &entity.unread {
            text(&mut hash, property);
        }
        Self::finished(hash)
    }

    /// Of a single value.
    pub(super) fn of_value(given: &Value) -> Self {
        let mut hash = Sha256::new();
        value(&mut hash, given);
        Self::finished(hash)
    }

    fn finished(hash: Sha256) -> Self {
        Self(hexadecimal(&hash.finalize()))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn value(hash: &mut Sha256, given: &Value) {
    match given {
        Value::Null => hash.update("null"),
        Value::Bool(yes) => hash.update(if *yes { "true" } else { "false" }),
        Value::Number(number) => hash.update(number.to_string()),
        Value::String(given) => text(hash, given),
        Value::Array(items) => {
            hash.update("[");
            for item in items {
                value(hash, item);
                hash.update(",");
            }
            hash.update("]");
        }
        Value::Object(given) => map(hash, given),
    }
}

fn map(hash: &mut Sha256, given: &Map<String, Value>) {
    // The map itself is sorted only as long as no dependency asks it to keep its order.
    let mut entries: Vec<(&String, &Value)> = given.iter().collect();
    entries.sort_unstable_by_key(|(key, _)| *key);
    hash.update("{");
    for (key, given) in entries {
        text(hash, key);
        hash.update(":");
        value(hash, given);
        hash.update(",");
    }
    hash.update("}");
}

/// With its length in front, so that no text can pass for two.
fn text(hash: &mut Sha256, given: &str) {
    hash.update(format!("\"{}\"", given.len()));
    hash.update(given);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entity(body: &Value) -> Entity {
        let mut entity =
            Entity::from_json("port.yaml", json!({"blueprint": "b", "identifier": "x"})).unwrap();
        entity.body = body.as_object().unwrap().clone();
        entity
    }

    fn of(body: &Value) -> Digest {
        Digest::of(&entity(body), true)
    }

    #[test]
    fn the_order_of_keys_is_nothing_and_every_value_is_something() {
        let one: Value = serde_json::from_str(r#"{"a":1,"b":{"c":[1,2],"d":null}}"#).unwrap();
        let two: Value = serde_json::from_str(r#"{"b":{"d":null,"c":[1,2]},"a":1}"#).unwrap();
        assert_eq!(of(&one), of(&two));
        assert_eq!(of(&one).to_string().len(), 64);
        let different = [
            json!({}),
            json!({"a": null}),
            json!({"a": ""}),
            json!({"a": "1"}),
            json!({"a": 1}),
            json!({"a": true}),
            json!({"a": [1]}),
            json!({"a": [1, 2]}),
            json!({"a": [[1], 2]}),
            json!({"a": {"b": 1}}),
            json!({"a": "b\":\"c"}),
            json!({"a": "b", "c": ""}),
        ];
        for (number, one) in different.iter().enumerate() {
            for other in &different[number + 1..] {
                assert_ne!(of(one), of(other), "{one} {other}");
            }
        }
        let mut one = entity(&json!({"a": 1}));
        let digest = Digest::of(&one, true);
        assert_ne!(digest, Digest::of(&one, false));
        one.unread.insert("readme".to_owned());
        assert_ne!(digest, Digest::of(&one, true));
    }
}
