//! What Port holds, and how it answers.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::search;
use crate::request::{Recorded, Reply};

pub(super) const CLIENT_ID: &str = "stand-in-client";
pub(super) const CLIENT_SECRET: &str = "stand-in-client-secret";
const MOST_ENTITIES: usize = 20;
const MOST_DELETIONS: usize = 100;
const LARGEST_BODY: usize = 1024 * 1024;

/// The life of a token in seconds.
const TOKEN_LIFE: u64 = 10_800;

/// Blueprint and identifier.
type Key = (String, String);

pub(super) struct State {
    /// Without any, every blueprint exists and takes everything.
    pub(super) blueprints: Option<BTreeMap<String, Value>>,
    pub(super) entities: BTreeMap<Key, Value>,
    pub(super) tokens_issued: usize,
    /// Whether who asks again gets the same token, as Port does it.
    pub(super) same_token: bool,
    pub(super) expires_in: u64,
    pub(super) largest_body: usize,
    /// Most entities of a page, whatever is asked for.
    pub(super) search_page: usize,
}

/// Why an entity or a call is refused: status, code, message.
struct Refusal(u16, &'static str, String);

impl Default for State {
    fn default() -> Self {
        Self {
            blueprints: None,
            entities: BTreeMap::new(),
            tokens_issued: 0,
            same_token: false,
            expires_in: TOKEN_LIFE,
            largest_body: LARGEST_BODY,
            search_page: usize::MAX,
        }
    }
}

impl State {
    /// Answers one request.
    pub(super) fn answer(&mut self, request: &Recorded) -> Reply {
        if request.length > self.largest_body {
            return refused(&Refusal(413, "bad_request", "body too large".to_owned()));
        }
        let segments = request.segments();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let method = request.method.as_str();
        if segments == ["v1", "auth", "access_token"] {
            return self.grant(request);
        }
        if request.header("authorization") != Some(&format!("Bearer {}", self.token())) {
            return refused(&Refusal(401, "unauthorized", "unknown token".to_owned()));
        }
        let outcome = match (method, segments.as_slice()) {
            ("GET", ["v1", "blueprints"]) => Ok(json!({
                "ok": true,
                "blueprints": self.blueprints.iter().flat_map(BTreeMap::values).collect::<Vec<_>>(),
            })),
            ("GET", ["v1", "blueprints", blueprint]) => self
                .blueprint(blueprint)
                .map(|blueprint| json!({"ok": true, "blueprint": blueprint})),
            ("GET", ["v1", "blueprints", blueprint, "entities", identifier]) => {
                self.get(blueprint, identifier)
            }
            ("POST", ["v1", "blueprints", blueprint, "entities"]) => self
                .upsert(request, blueprint, &request.body)
                .map(|_| json!({"ok": true, "entity": request.body})),
            ("POST", ["v1", "blueprints", blueprint, "entities", "bulk"]) => {
                return self.bulk(request, blueprint);
            }
            ("POST", ["v1", "blueprints", blueprint, "entities", "search"]) => self
                .blueprint(blueprint)
                .map(|_| search::page(&self.entities, blueprint, &request.body, self.search_page)),
            ("POST", ["v1", "blueprints", blueprint, "bulk", "entities", "delete"]) => {
                self.bulk_delete(request, blueprint)
            }
            ("DELETE", ["v1", "blueprints", blueprint, "entities", identifier]) => self
                .delete(request, blueprint, &[identifier])
                .map(|()| json!({"ok": true})),
            _ => Err(Refusal(404, "not_found", "no such route".to_owned())),
        };
        match outcome {
            Ok(body) => Reply::json(200, &body),
            Err(refusal) => refused(&refusal),
        }
    }

    fn token(&self) -> String {
        format!("planted-token-{}", self.tokens_issued)
    }

    fn grant(&mut self, request: &Recorded) -> Reply {
        let good = json!({"clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET});
        if request.body != good {
            let quoted = format!("invalid credentials {}", request.body);
            return refused(&Refusal(401, "invalid_credentials", quoted));
        }
        if !self.same_token || self.tokens_issued == 0 {
            self.tokens_issued += 1;
        }
        Reply::json(
            200,
            &json!({
                "ok": true,
                "accessToken": self.token(),
                "expiresIn": self.expires_in,
                "tokenType": "Bearer",
            }),
        )
    }

    fn blueprint(&self, identifier: &str) -> Result<Value, Refusal> {
        match &self.blueprints {
            None => Ok(Value::Null),
            Some(blueprints) => blueprints.get(identifier).cloned().ok_or_else(|| {
                let message = format!("Blueprint with identifier \"{identifier}\" does not exist");
                Refusal(404, "not_found", message)
            }),
        }
    }

    fn get(&self, blueprint: &str, identifier: &str) -> Result<Value, Refusal> {
        self.entities
            .get(&(blueprint.to_owned(), identifier.to_owned()))
            .map(|entity| json!({"ok": true, "entity": entity}))
            .ok_or_else(|| missing(blueprint, identifier))
    }

    fn bulk(&mut self, request: &Recorded, blueprint: &str) -> Reply {
        let entities = request.body["entities"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        if entities.is_empty() || entities.len() > MOST_ENTITIES {
            let message = "body/entities must hold 1 to 20 items".to_owned();
            return refused(&Refusal(422, "invalid_request", message));
        }
        if let Err(refusal) = self.blueprint(blueprint) {
            return refused(&refusal);
        }
        let (mut taken, mut errors) = (Vec::new(), Vec::new());
        for (index, entity) in entities.iter().enumerate() {
            let identifier = entity["identifier"].as_str().unwrap_or("unknown");
            let taken_in = if index == 0 && request.is_partly() {
                let message = "something went wrong".to_owned();
                Err(Refusal(500, "internal_error", message))
            } else {
                self.upsert(request, blueprint, entity)
            };
            match taken_in {
                Ok(created) => taken.push(json!({
                    "created": created, "identifier": identifier, "index": index,
                    "additionalData": {},
                })),
                Err(Refusal(status, code, message)) => errors.push(json!({
                    "identifier": identifier, "index": index, "statusCode": status,
                    "error": code, "message": message,
                })),
            }
        }
        let status = if errors.is_empty() { 200 } else { 207 };
        Reply::json(
            status,
            &json!({"ok": errors.is_empty(), "entities": taken, "errors": errors}),
        )
    }

    /// Whether the entity is new.
    fn upsert(
        &mut self,
        request: &Recorded,
        blueprint: &str,
        entity: &Value,
    ) -> Result<bool, Refusal> {
        let schema = self.blueprint(blueprint)?;
        let identifier = self.identifier(blueprint, &entity["identifier"])?;
        let key = (blueprint.to_owned(), identifier);
        if !request.flag("upsert") && self.entities.contains_key(&key) {
            return Err(Refusal(409, "identifier_taken", "taken".to_owned()));
        }
        if !schema.is_null() {
            fits(&schema, entity)?;
            if !self.entities.contains_key(&key) {
                has_required(&schema, entity)?;
            }
            self.relate(request, &schema, entity)?;
        }
        let created = !self.entities.contains_key(&key);
        let stored = self.entities.entry(key).or_insert_with(|| json!({}));
        if !request.flag("merge") {
            *stored = json!({});
        }
        merge(stored, entity);
        if let Some(agent) = request.header("user-agent") {
            stored["$datasource"] = agent.into();
        }
        Ok(created)
    }

    /// The identifier itself, or that of the one entity that a search query finds.
    fn identifier(&self, blueprint: &str, wanted: &Value) -> Result<String, Refusal> {
        if let Some(identifier) = wanted.as_str() {
            return Ok(identifier.to_owned());
        }
        let rules = wanted["rules"].as_array().cloned().unwrap_or_default();
        let holds = |entity: &Value| {
            rules.iter().all(|rule| {
                let property = rule["property"].as_str().unwrap_or_default();
                let value = match property.strip_prefix('$') {
                    Some(own) => &entity[own],
                    None => &entity["properties"][property],
                };
                *value == rule["value"]
            })
        };
        let found: Vec<&Key> = self
            .entities
            .iter()
            .filter(|(key, entity)| key.0 == blueprint && holds(entity))
            .map(|(key, _)| key)
            .collect();
        match found.as_slice() {
            [(_, identifier)] => Ok(identifier.clone()),
            found => {
                let message = format!("the query matches {} entities", found.len());
                Err(Refusal(422, "invalid_request", message))
            }
        }
    }

    /// Checks that relations lead somewhere, or makes what they lead to.
    fn relate(
        &mut self,
        request: &Recorded,
        schema: &Value,
        entity: &Value,
    ) -> Result<(), Refusal> {
        for (name, value) in entity["relations"].as_object().unwrap_or(&Map::new()) {
            let relation = &schema["relations"][name];
            let Some(target) = relation["target"].as_str() else {
                let message = format!("relation {name} is unknown");
                return Err(Refusal(422, "blueprint_schema_mismatch", message));
            };
            if value.is_array() && relation["many"] != true {
                let message = format!("relation {name} takes one");
                return Err(Refusal(422, "relation_many_violation", message));
            }
            let targets = match value {
                Value::Array(targets) => targets.clone(),
                one => vec![one.clone()],
            };
            for identifier in targets.iter().filter_map(Value::as_str) {
                let key = (target.to_owned(), identifier.to_owned());
                if self.entities.contains_key(&key) {
                    continue;
                }
                if !request.flag("create_missing_related_entities") {
                    return Err(missing(target, identifier));
                }
                self.entities.insert(key, json!({"identifier": identifier}));
            }
        }
        Ok(())
    }

    fn bulk_delete(&mut self, request: &Recorded, blueprint: &str) -> Result<Value, Refusal> {
        let identifiers: Vec<&str> = request.body["entities"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        if identifiers.is_empty() || identifiers.len() > MOST_DELETIONS {
            let message = "body/entities must hold 1 to 100 items".to_owned();
            return Err(Refusal(422, "invalid_request", message));
        }
        self.delete(request, blueprint, &identifiers)?;
        Ok(json!({"ok": true, "deletedEntities": identifiers}))
    }

    /// All of them or none.
    fn delete(
        &mut self,
        request: &Recorded,
        blueprint: &str,
        identifiers: &[&str],
    ) -> Result<(), Refusal> {
        let key = |identifier: &str| (blueprint.to_owned(), identifier.to_owned());
        for identifier in identifiers {
            if !self.entities.contains_key(&key(identifier)) {
                return Err(missing(blueprint, identifier));
            }
            let needed = self.dependents(blueprint, identifier);
            if !needed.is_empty() && !request.flag("delete_dependents") {
                let message = format!("{} entities depend on \"{identifier}\"", needed.len());
                return Err(Refusal(403, "has_dependents", message));
            }
            for dependent in needed {
                self.entities.remove(&dependent);
            }
        }
        for identifier in identifiers {
            self.entities.remove(&key(identifier));
        }
        Ok(())
    }

    /// The entities with a required relation to this one.
    fn dependents(&self, blueprint: &str, identifier: &str) -> Vec<Key> {
        let points = |key: &Key, entity: &Value| {
            let schema = self.blueprint(&key.0).unwrap_or_default();
            let relations = schema["relations"].as_object().cloned().unwrap_or_default();
            relations.iter().any(|(name, relation)| {
                relation["required"] == true
                    && relation["target"] == blueprint
                    && entity["relations"][name] == identifier
            })
        };
        self.entities
            .iter()
            .filter(|(key, entity)| points(key, entity))
            .map(|(key, _)| key.clone())
            .collect()
    }
}

/// Checks the properties against the blueprint's schema.
fn fits(schema: &Value, entity: &Value) -> Result<(), Refusal> {
    let mismatch = |message: String| Refusal(422, "blueprint_schema_mismatch", message);
    for (name, value) in entity["properties"].as_object().unwrap_or(&Map::new()) {
        let property = &schema["schema"]["properties"][name];
        let fits = match property["type"].as_str() {
            None => return Err(mismatch(format!("property {name} is unknown"))),
            _ if value.is_null() => true,
            Some("string") => value.is_string(),
            Some("number") => value.is_number(),
            Some("boolean") => value.is_boolean(),
            Some("object") => value.is_object(),
            Some("array") => value.is_array(),
            Some(_) => false,
        };
        if !fits {
            return Err(mismatch(format!("\"{name}\" has the wrong type")));
        }
    }
    Ok(())
}

/// Checks that a new entity has the relations that its blueprint requires.
fn has_required(schema: &Value, entity: &Value) -> Result<(), Refusal> {
    let relations = schema["relations"].as_object();
    for (name, relation) in relations.into_iter().flatten() {
        if relation["required"] == true && entity["relations"][name].is_null() {
            let message = format!("relation {name} is required");
            return Err(Refusal(422, "required_relation", message));
        }
    }
    Ok(())
}

/// Given keys take the place of stored ones, a null clears.
fn merge(stored: &mut Value, given: &Value) {
    for (name, value) in given.as_object().unwrap_or(&Map::new()) {
        if matches!(name.as_str(), "properties" | "relations") {
            for (key, value) in value.as_object().unwrap_or(&Map::new()) {
                stored[name][key] = value.clone();
            }
            if stored[name].is_null() {
                stored[name] = json!({});
            }
        } else if name != "identifier" || value.is_string() {
            stored[name] = value.clone();
        }
    }
}

fn missing(blueprint: &str, identifier: &str) -> Refusal {
    let message = format!(
        "Entity with identifier \"{identifier}\" does not exist in the blueprint \"{blueprint}\""
    );
    Refusal(404, "not_found", message)
}

fn refused(Refusal(status, code, message): &Refusal) -> Reply {
    Reply::json(
        *status,
        &json!({"ok": false, "error": code, "message": message}),
    )
}
