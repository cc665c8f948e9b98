//! The inventory: what pushgate delivered last of a repository's entities.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::digest::Digest;
use super::entity::{Entity, EntityKey};

/// What begins the key of an entity that only Port can name: no identifier of Port's has a blank
/// (Port's specification).
const QUERY: &str = "? ";

/// What pushgate delivered last of one entity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivered {
    /// Digest of the declared body that was sent; none while it is not known whether it arrived.
    pub digest: Option<Digest>,
    /// Keys that were ever sent and not cleared since: what leaves the file is cleared by an
    /// explicit null.
    pub properties: BTreeSet<String>,
    /// Relations likewise, with the identifiers they pointed to.
    pub relations: BTreeMap<String, Vec<String>>,
}

/// What was delivered of one repository's entities, by key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    entities: BTreeMap<EntityKey, Delivered>,
}

impl Delivered {
    /// What is delivered once this entity has arrived as the file declares it. A null clears: its
    /// key needs no clearing any more.
    #[must_use]
    pub fn of(entity: &Entity, create_missing_related_entities: bool) -> Self {
        let set = |key: &str| {
            let values = entity.body.get(key).and_then(Value::as_object);
            let entries = values.into_iter().flat_map(Map::iter);
            entries.filter(|(_, value)| !value.is_null())
        };
        Self {
            digest: Some(Digest::of(entity, create_missing_related_entities)),
            properties: set("properties").map(|(key, _)| key.clone()).collect(),
            relations: set("relations")
                .map(|(key, value)| (key.clone(), targets(value).map(str::to_owned).collect()))
                .collect(),
        }
    }

    /// What may be in Port while nobody knows whether `next` arrives: the keys of both, no digest.
    #[must_use]
    pub fn in_doubt(before: Option<&Self>, next: &Self) -> Self {
        let mut doubt = Self {
            digest: None,
            ..next.clone()
        };
        if let Some(before) = before {
            doubt.properties.extend(before.properties.iter().cloned());
            for (relation, old) in &before.relations {
                let targets = doubt.relations.entry(relation.clone()).or_default();
                for target in old {
                    if !targets.contains(target) {
                        targets.push(target.clone());
                    }
                }
            }
        }
        doubt
    }
}

/// The identifiers that a relation's value names; none where it is a search query or a null.
pub(super) fn targets(value: &Value) -> impl Iterator<Item = &str> {
    let (one, many) = match value {
        Value::Array(many) => (None, many.as_slice()),
        one => (Some(one), [].as_slice()),
    };
    one.into_iter().chain(many).filter_map(Value::as_str)
}

impl Inventory {
    /// The inventory after all of these had arrived, as a comparison of two states needs it.
    #[must_use]
    pub fn as_if_delivered<'a>(
        entities: impl IntoIterator<Item = &'a Entity>,
        create_missing_related_entities: bool,
    ) -> Self {
        let mut inventory = Self::default();
        for (key, entity) in keyed(entities) {
            let delivered = Delivered::of(entity, create_missing_related_entities);
            inventory.entities.insert(key, delivered);
        }
        inventory
    }

    /// What was delivered of an entity.
    #[must_use]
    pub fn get(&self, key: &EntityKey) -> Option<&Delivered> {
        self.entities.get(key)
    }

    /// Every entity, in the order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = (&EntityKey, &Delivered)> {
        self.entities.iter()
    }

    /// The keys of all entities that Port knows by them.
    pub fn keys(&self) -> impl Iterator<Item = &EntityKey> {
        self.entities.keys().filter(|key| !is_query(key))
    }
}

impl FromIterator<(EntityKey, Delivered)> for Inventory {
    fn from_iter<T: IntoIterator<Item = (EntityKey, Delivered)>>(entities: T) -> Self {
        Self {
            entities: entities.into_iter().collect(),
        }
    }
}

/// Whether a key of the inventory stands for an entity that only Port can name.
#[must_use]
pub fn is_query(key: &EntityKey) -> bool {
    key.identifier.starts_with(QUERY)
}

/// The entities with the keys that the inventory has for them. The first declaration of a key
/// stands; equal queries are told apart by their order.
pub(super) fn keyed<'a>(
    entities: impl IntoIterator<Item = &'a Entity>,
) -> impl Iterator<Item = (EntityKey, &'a Entity)> {
    let mut seen = BTreeSet::new();
    entities.into_iter().filter_map(move |entity| {
        let key = match entity.key() {
            Some(key) => Some(key).filter(|key| !seen.contains(key)),
            None => (1..)
                .map(|number| query_key(entity, number))
                .find(|key| !seen.contains(key)),
        }?;
        seen.insert(key.clone());
        Some((key, entity))
    })
}

fn query_key(entity: &Entity, number: usize) -> EntityKey {
    let query = entity.body.get("identifier").unwrap_or(&Value::Null);
    let digest = Digest::of_value(query);
    EntityKey {
        blueprint: entity.blueprint.clone(),
        identifier: match number {
            1 => format!("{QUERY}{digest}"),
            number => format!("{QUERY}{digest} {number}"),
        },
    }
}
