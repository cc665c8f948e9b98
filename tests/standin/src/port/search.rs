//! `POST …/entities/search`: the entities of a blueprint that a query finds, page by page.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// Entities of a page where the request names no number.
const PAGE: usize = 200;

/// One page. Of queries it knows `and` over rules with `=` and `in`.
pub(super) fn page(
    entities: &BTreeMap<(String, String), Value>,
    blueprint: &str,
    request: &Value,
    largest: usize,
) -> Value {
    let none = Vec::new();
    let rules = request["query"]["rules"].as_array().unwrap_or(&none);
    let limit = request["limit"]
        .as_u64()
        .map_or(PAGE, |limit| limit as usize)
        .min(largest);
    let from: usize = request["from"]
        .as_str()
        .map_or(0, |from| from.parse().unwrap_or(0));
    let mut found = entities
        .iter()
        .filter(|((of, identifier), entity)| {
            of == blueprint && rules.iter().all(|rule| holds(rule, identifier, entity))
        })
        .map(|((_, identifier), entity)| whole(identifier, entity))
        .skip(from);
    let page: Vec<Value> = found.by_ref().take(limit).collect();
    let mut answer = json!({"ok": true, "entities": page});
    if found.next().is_some() {
        answer["next"] = (from + limit).to_string().into();
    }
    answer
}

fn holds(rule: &Value, identifier: &str, entity: &Value) -> bool {
    let value = match rule["property"].as_str() {
        Some("$identifier") => json!(identifier),
        Some(property) => entity["properties"][property].clone(),
        None => Value::Null,
    };
    match rule["value"].as_array() {
        Some(values) => values.contains(&value),
        None => rule["value"] == value,
    }
}

/// As Port answers: with what it adds of its own, nulls for what is not set.
fn whole(identifier: &str, entity: &Value) -> Value {
    let mut whole = entity.clone();
    whole["identifier"] = identifier.into();
    whole["createdAt"] = "2026-01-01T00:00:00.000Z".into();
    for key in ["properties", "relations"] {
        if whole[key].is_null() {
            whole[key] = json!({});
        }
    }
    if whole["icon"].is_null() {
        whole["icon"] = Value::Null;
    }
    whole
}
