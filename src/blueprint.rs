//! Port's blueprints: what the entities of a blueprint may hold.
//!
//! Pure but for `file`, which keeps them. Keys and values that nobody knows are passed over: Port
//! adds some now and then, and a blueprint that is read in part is better than none (facts: the API's
//! specification closes its objects, its answers don't).

mod error;
mod file;
mod format;
mod json_schema;
mod property;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

pub use error::BlueprintsError;
pub use file::{BlueprintFile, Copied, WhenOld};
pub use format::Format;
pub use json_schema::json_schema;
pub use property::{Limits, Property, PropertyType};

/// Many blueprints, by identifier; each is taken apart when it is first asked for.
#[derive(Debug, Default)]
pub struct Blueprints {
    all: BTreeMap<String, Given>,
}

/// A blueprint as Port gave it, and what was made of it. Parsing hundreds of them takes many times as
/// long as all the rest of a push, and a push asks for one or two.
#[derive(Debug)]
struct Given {
    json: Box<RawValue>,
    read: OnceLock<Blueprint>,
}

#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow)]
    identifier: Cow<'a, str>,
}

/// What the entities of a blueprint may hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Blueprint {
    /// Its identifier.
    pub identifier: String,
    /// What people call it.
    pub title: Option<String>,
    /// What it is about.
    pub description: Option<String>,
    /// The properties that an entity may give, by key.
    pub properties: BTreeMap<String, Property>,
    /// The properties that every entity needs.
    pub required: BTreeSet<String>,
    /// The properties that Port works out by itself, where no property of that key can be given.
    pub computed: BTreeMap<String, Computed>,
    /// The relations, by key.
    pub relations: BTreeMap<String, Relation>,
    /// The path of relations to the blueprint whose team its entities inherit.
    pub team_from: Option<String>,
}

/// How Port comes to a value that no entity gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Computed {
    /// By a jq expression over the entity.
    Calculation,
    /// Taken from a related entity.
    Mirror,
    /// Counted or summed up over related entities.
    Aggregation,
}

/// Where a relation leads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relation {
    /// What people call it.
    pub title: Option<String>,
    /// What it is about.
    pub description: Option<String>,
    /// The blueprint of the entities that it leads to.
    pub target: Option<String>,
    /// Whether every entity needs it.
    pub required: bool,
    /// Whether it leads to a list of entities.
    pub many: bool,
}

impl Blueprints {
    /// Takes blueprints as Port gives them, of JSON that nobody has parsed; what has no identifier is
    /// left out.
    fn of_text<'t>(given: impl IntoIterator<Item = &'t RawValue>) -> Self {
        let named = given.into_iter().filter_map(|json| {
            let named: Named<'_> = serde_json::from_str(json.get()).ok()?;
            let given = Given {
                json: json.to_owned(),
                read: OnceLock::new(),
            };
            Some((named.identifier.into_owned(), given))
        });
        Self {
            all: named.collect(),
        }
    }

    /// The blueprint of that identifier.
    #[must_use]
    pub fn get(&self, identifier: &str) -> Option<&Blueprint> {
        let given = self.all.get(identifier)?;
        Some(given.read.get_or_init(|| {
            let json = serde_json::from_str(given.json.get()).unwrap_or_default();
            Blueprint::of_json(&json)
        }))
    }

    /// All identifiers, sorted.
    pub fn identifiers(&self) -> impl Iterator<Item = &str> {
        self.all.keys().map(String::as_str)
    }

    /// All blueprints, by identifier.
    pub fn iter(&self) -> impl Iterator<Item = &Blueprint> {
        self.identifiers()
            .filter_map(|identifier| self.get(identifier))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

impl Blueprint {
    /// Reads one blueprint as `GET /v1/blueprints` lists it.
    #[must_use]
    pub fn of_json(json: &Value) -> Self {
        let schema = json.get("schema").unwrap_or(&Value::Null);
        let properties: BTreeMap<String, Property> = entries(schema, "properties")
            .map(|(key, value)| (key.clone(), Property::of_json(value)))
            .collect();
        let computed = [
            ("aggregationProperties", Computed::Aggregation),
            ("mirrorProperties", Computed::Mirror),
            ("calculationProperties", Computed::Calculation),
        ]
        .into_iter()
        .flat_map(|(part, computed)| entries(json, part).map(move |(key, _)| (key, computed)))
        .filter(|(key, _)| !properties.contains_key(*key))
        .map(|(key, computed)| (key.clone(), computed))
        .collect();
        Self {
            identifier: text(json, "identifier").unwrap_or_default(),
            title: text(json, "title"),
            description: text(json, "description"),
            required: strings(schema.get("required")).collect(),
            computed,
            relations: entries(json, "relations")
                .map(|(key, value)| (key.clone(), Relation::of_json(value)))
                .collect(),
            team_from: inherited(json),
            properties,
        }
    }

    /// The required properties that an entity has to give itself: Port fills in a default.
    pub fn needed_properties(&self) -> impl Iterator<Item = (&str, &Property)> {
        self.required.iter().filter_map(|key| {
            let property = self.properties.get(key)?;
            property
                .default
                .is_none()
                .then_some((key.as_str(), property))
        })
    }

    /// The relations that every entity needs.
    pub fn needed_relations(&self) -> impl Iterator<Item = (&str, &Relation)> {
        self.relations
            .iter()
            .filter(|(_, relation)| relation.required)
            .map(|(key, relation)| (key.as_str(), relation))
    }
}

impl Relation {
    fn of_json(json: &Value) -> Self {
        Self {
            title: text(json, "title"),
            description: text(json, "description"),
            target: text(json, "target"),
            required: is_true(json, "required"),
            many: is_true(json, "many"),
        }
    }
}

/// The path of inherited ownership, in Port's present and in its older form.
fn inherited(json: &Value) -> Option<String> {
    let ownership = json.get("ownership");
    let is_inherited =
        ownership.is_some_and(|own| own.get("type").is_some_and(|kind| kind == "Inherited"));
    let older = json
        .get("teamInheritance")
        .filter(|older| older.is_object());
    match (is_inherited, ownership, older) {
        (true, Some(ownership), _) => Some(text(ownership, "path").unwrap_or_default()),
        (false, None, Some(older)) => Some(text(older, "path").unwrap_or_default()),
        _ => None,
    }
}

fn text(json: &Value, key: &str) -> Option<String> {
    json.get(key)?.as_str().map(str::to_owned)
}

fn is_true(json: &Value, key: &str) -> bool {
    json.get(key) == Some(&Value::Bool(true))
}

fn entries<'j>(json: &'j Value, key: &str) -> impl Iterator<Item = (&'j String, &'j Value)> {
    json.get(key)
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(Map::iter)
}

fn strings(list: Option<&Value>) -> impl Iterator<Item = String> {
    let items = list.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(|item| item.as_str().map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_nobody_knows_is_passed_over() {
        let given = json!([
            {"identifier": "odd", "title": 7, "schema": {"properties": {
                "a": {"type": "vector", "format": ["x"], "enum": 3, "minLength": "long"},
                "b": "no property at all",
                "c": {"type": "number"},
            }, "required": ["c", 7, "gone"]}, "relations": [], "ownership": "mine", "new": {}},
            {"title": "nameless"},
            "nothing",
        ]);
        let text = given.to_string();
        let written: Vec<&RawValue> = serde_json::from_str(&text).unwrap();
        let blueprints = Blueprints::of_text(written);
        assert_eq!(blueprints.identifiers().collect::<Vec<_>>(), ["odd"]);
        let odd = blueprints.get("odd").unwrap();
        assert_eq!(odd.properties["a"].kind, None);
        assert_eq!(odd.properties["b"], Property::default());
        assert_eq!(odd.properties["c"].kind, Some(PropertyType::Number));
        assert_eq!(odd.needed_properties().count(), 1);
        assert_eq!(odd.team_from, None);
    }

    #[test]
    fn what_port_works_out_is_told_from_what_an_entity_gives() {
        let blueprint = Blueprint::of_json(&json!({
            "identifier": "service",
            "schema": {"properties": {"cost": {"type": "number"}}},
            "mirrorProperties": {"tier": {"path": "system.tier"}, "cost": {"path": "a.b"}},
            "calculationProperties": {"size": {"calculation": ".x", "type": "number"}},
            "aggregationProperties": {"bugs": {"target": "bug"}},
            "teamInheritance": {"path": "system"},
        }));
        let computed: Vec<_> = blueprint.computed.into_iter().collect();
        assert_eq!(
            computed,
            [
                ("bugs".to_owned(), Computed::Aggregation),
                ("size".to_owned(), Computed::Calculation),
                ("tier".to_owned(), Computed::Mirror),
            ]
        );
        assert_eq!(blueprint.team_from.as_deref(), Some("system"));
    }
}
