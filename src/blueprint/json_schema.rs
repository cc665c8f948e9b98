//! A JSON Schema of `port.yaml` for editors, made of blueprints.
//!
//! It says what the rules say, but for this: an editor knows nothing of what Port holds already, so
//! that what a new entity needs is asked of every entity; and it holds a date and time to RFC 3339.
//! Draft 7, which yaml-language-server knows best.

use serde_json::{Map, Value, json};

use super::{Blueprint, Blueprints, Format, Property, PropertyType, Relation};

/// The schema of a file whose entities are of any of the blueprints, or of the one named only.
#[must_use]
pub fn json_schema(blueprints: &Blueprints, only: Option<&Blueprint>) -> Value {
    let chosen: Vec<&Blueprint> = match only {
        Some(only) => vec![only],
        None => blueprints.iter().collect(),
    };
    let identifiers: Vec<&str> = chosen
        .iter()
        .map(|blueprint| blueprint.identifier.as_str())
        .collect();
    let branches: Vec<Value> = chosen.iter().map(|blueprint| branch(blueprint)).collect();
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "port.yaml",
        "description": "The entities of Port that a repository declares: one, or a list of them.",
        "if": { "type": "array" },
        "then": { "type": "array", "items": { "$ref": "#/definitions/entity" } },
        "else": { "$ref": "#/definitions/entity" },
        "definitions": {
            "entity": {
                "title": "Entity",
                "type": "object",
                "required": ["identifier", "title", "blueprint"],
                "properties": {
                    "identifier": {
                        "description": "What the entity is known by within its blueprint.",
                        "anyOf": [{ "type": "string", "minLength": 1 }, { "$ref": "#/definitions/query" }]
                    },
                    "title": { "description": "What people call the entity.", "type": "string" },
                    "blueprint": {
                        "description": "The blueprint that says what the entity is.",
                        "type": "string",
                        "enum": identifiers
                    },
                    "icon": { "description": "The name of one of Port's icons.", "type": "string" },
                    "team": {
                        "description": "Who owns the entity: a team, several teams, or a search that finds them.",
                        "anyOf": [
                            { "type": "string" },
                            { "type": "array", "items": { "type": "string" } },
                            { "$ref": "#/definitions/query" }
                        ]
                    },
                    "properties": { "description": "The entity's own data; null clears a property.", "type": ["object", "null"] },
                    "relations": { "description": "Other entities; null clears a relation.", "type": ["object", "null"] }
                },
                "allOf": branches
            },
            "query": {
                "title": "Search",
                "description": "A search that finds entities, in place of an identifier.",
                "type": "object",
                "required": ["combinator", "rules"],
                "properties": {
                    "combinator": { "enum": ["and", "or"] },
                    "rules": { "type": "array", "items": { "type": "object" } }
                },
                "additionalProperties": false
            }
        }
    })
}

/// What holds for the entities of one blueprint.
fn branch(blueprint: &Blueprint) -> Value {
    let is_needed = |key: &str| blueprint.required.contains(key);
    let properties = blueprint
        .properties
        .iter()
        .map(|(key, property)| (key.clone(), given(property, is_needed(key))));
    let relations = blueprint
        .relations
        .iter()
        .map(|(key, relation)| (key.clone(), target(relation)));
    let needed: Vec<&str> = blueprint.needed_properties().map(|(key, _)| key).collect();
    let needed_relations: Vec<&str> = blueprint.needed_relations().map(|(key, _)| key).collect();
    let mut entity = Map::new();
    entity.insert("properties".to_owned(), part(properties.collect(), &needed));
    entity.insert(
        "relations".to_owned(),
        part(relations.collect(), &needed_relations),
    );
    if blueprint.team_from.is_some() {
        entity.insert("team".to_owned(), json!(false));
    }
    let mut required = Vec::new();
    if !needed.is_empty() {
        required.push("properties");
    }
    if !needed_relations.is_empty() {
        required.push("relations");
    }
    json!({
        "if": {
            "required": ["blueprint"],
            "properties": { "blueprint": { "const": blueprint.identifier } }
        },
        "then": { "properties": entity, "required": required }
    })
}

/// `properties` or `relations`: nothing but these keys.
fn part(keys: Map<String, Value>, needed: &[&str]) -> Value {
    let kind = match needed {
        [] => json!(["object", "null"]),
        _ => json!("object"),
    };
    json!({
        "type": kind,
        "properties": keys,
        "required": needed,
        "additionalProperties": false
    })
}

/// A property's value in a file: null clears it, and a path stands for the content of a file.
fn given(property: &Property, is_needed: bool) -> Value {
    let mut schema = described(property.title.as_deref(), property.description.as_deref());
    let own = value(property);
    let mut choices = vec![Value::Object(own)];
    if property.kind.is_some() {
        choices.push(json!({ "type": "string", "pattern": "^file://" }));
    }
    if !is_needed && property.kind.is_some() {
        choices.push(json!({ "type": "null" }));
    }
    // One type and nothing else reads best in an editor.
    let is_plain = property.kind == Some(PropertyType::String) && is_any_text(property);
    match choices.as_slice() {
        _ if is_plain && is_needed => {
            schema.insert("type".to_owned(), json!("string"));
        }
        _ if is_plain => {
            schema.insert("type".to_owned(), json!(["string", "null"]));
        }
        [Value::Object(only)] => schema.extend(only.clone()),
        _ => {
            schema.insert("anyOf".to_owned(), Value::Array(choices));
        }
    }
    // A type that nobody knows allows anything, but what is needed can't be cleared.
    if is_needed && property.kind.is_none() {
        schema.insert("not".to_owned(), json!({ "type": "null" }));
    }
    if let Some(default) = &property.default {
        schema.insert("default".to_owned(), default.clone());
    }
    Value::Object(schema)
}

fn is_any_text(property: &Property) -> bool {
    let has_format = property
        .format
        .is_some_and(|format| format != Format::LabeledUrl);
    let is_limited = property.length.least.is_some() || property.length.most.is_some();
    property.options.is_empty() && property.pattern.is_none() && !has_format && !is_limited
}

/// What the rules ask of a value.
fn value(property: &Property) -> Map<String, Value> {
    let mut schema = Map::new();
    let mut set = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            schema.insert(key.to_owned(), value);
        }
    };
    set("type", property.kind.map(|kind| json!(kind.name())));
    let options = &property.options;
    set("enum", (!options.is_empty()).then(|| json!(options)));
    match property.kind {
        Some(PropertyType::String) => {
            set("pattern", property.pattern.clone().map(Value::String));
            set("minLength", property.length.least.map(|least| json!(least)));
            set("maxLength", property.length.most.map(|most| json!(most)));
            if let Some(format) = property.format.and_then(format) {
                // A pattern of its own needs a place of its own.
                match property.pattern {
                    Some(_) => set("allOf", Some(json!([format]))),
                    None => format
                        .into_iter()
                        .for_each(|(key, value)| set(&key, Some(value))),
                }
            }
        }
        Some(PropertyType::Number) => {
            set("minimum", property.range.least.clone().map(Value::Number));
            set("maximum", property.range.most.clone().map(Value::Number));
        }
        Some(PropertyType::Array) => {
            set("minItems", property.size.least.map(|least| json!(least)));
            set("maxItems", property.size.most.map(|most| json!(most)));
            let items = property.items.as_ref();
            set("items", items.map(|items| Value::Object(value(items))));
        }
        Some(PropertyType::Object) if property.format == Some(Format::LabeledUrl) => {
            set("required", Some(json!(["url"])));
            let mut url = format(Format::Url).unwrap_or_default();
            url.insert("type".to_owned(), json!("string"));
            let label = json!({ "type": "string" });
            set(
                "properties",
                Some(json!({ "url": url, "displayText": label })),
            );
        }
        _ => {}
    }
    schema
}

/// The keywords that say a format. Editors know `uri` in different strictness, so that a pattern says
/// what the rules ask; `patternErrorMessage` is what editors show of it.
fn format(format: Format) -> Option<Map<String, Value>> {
    let pattern = |pattern: &str, message: &str| json!({ "pattern": pattern, "patternErrorMessage": message });
    let keywords = match format {
        Format::DateTime | Format::Ipv4 | Format::Ipv6 => json!({ "format": format.name() }),
        Format::Url => pattern(
            r"^[A-Za-z][A-Za-z0-9+.-]*:/*[^/\s]\S*$",
            "Write a whole URL, such as https://example.com",
        ),
        Format::Email => pattern(
            r"^[^@\s]+@[^@\s]+$",
            "Write an e-mail address, such as team@example.com",
        ),
        Format::LabeledUrl => return None,
    };
    keywords.as_object().cloned()
}

/// What a relation's value may be.
fn target(relation: &Relation) -> Value {
    let about = relation.target.as_ref().map(|target| match relation.many {
        true => format!("Identifiers of entities of `{target}`."),
        false => format!("The identifier of an entity of `{target}`."),
    });
    let about = [relation.description.clone(), about];
    let about: Vec<String> = about.into_iter().flatten().collect();
    let about = Some(about.join(" ")).filter(|about| !about.is_empty());
    let mut schema = described(relation.title.as_deref(), about.as_deref());
    let own = match relation.many {
        true => json!({ "type": "array", "items": { "type": "string" } }),
        false => json!({ "type": "string" }),
    };
    let mut choices = vec![own, json!({ "$ref": "#/definitions/query" })];
    if !relation.required {
        choices.push(json!({ "type": "null" }));
    }
    schema.insert("anyOf".to_owned(), Value::Array(choices));
    Value::Object(schema)
}

fn described(title: Option<&str>, description: Option<&str>) -> Map<String, Value> {
    [("title", title), ("description", description)]
        .into_iter()
        .filter_map(|(key, text)| Some((key.to_owned(), json!(text?))))
        .collect()
}
