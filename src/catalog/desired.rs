//! The desired state: the entities that a repository declares at one commit.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::entity::{Entity, EntityKey};

/// The entities that a repository declares at a commit of its default branch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DesiredState {
    entities: BTreeMap<EntityKey, Entity>,
    queries: Vec<Entity>,
}

/// Why a file's entities can't be told. A state that is not known is never taken for an empty one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{file}: {reason}")]
pub struct Undetermined {
    /// The file.
    pub file: String,
    /// What is wrong with it, in words.
    pub reason: String,
}

impl DesiredState {
    /// Adds the entities of one YAML document: one mapping, a list of them, or nothing.
    ///
    /// # Errors
    /// Where something stands there that is no entity.
    pub fn add(&mut self, file: &str, document: Value) -> Result<(), Undetermined> {
        for value in entries(document) {
            let entity = Entity::from_json(file, value).ok_or_else(|| Undetermined {
                file: file.to_owned(),
                reason: "an entry in it has no `blueprint` or no `identifier` that is text".into(),
            })?;
            self.insert(entity);
        }
        Ok(())
    }

    /// The same, passing by what is no entity: what else the files declare is not known then.
    #[must_use]
    pub fn add_entities(&mut self, file: &str, document: Value) -> Vec<Undetermined> {
        let mut passed_by = Vec::new();
        for (number, value) in (1..).zip(entries(document)) {
            match Entity::from_json(file, value) {
                Some(entity) => self.insert(entity),
                None => passed_by.push(Undetermined {
                    file: file.to_owned(),
                    reason: format!(
                        "entry {number} has no `blueprint` or no `identifier` that is text"
                    ),
                }),
            }
        }
        passed_by
    }

    fn insert(&mut self, entity: Entity) {
        match entity.key() {
            // The first declaration stands, as in the findings about duplicates.
            Some(key) => {
                self.entities.entry(key).or_insert(entity);
            }
            None => self.queries.push(entity),
        }
    }

    /// All entities, those with a key first and in the order of their keys.
    pub fn entities(&self) -> impl Iterator<Item = &Entity> {
        self.entities.values().chain(&self.queries)
    }

    /// All entities, in the same order.
    pub fn into_entities(self) -> impl Iterator<Item = Entity> {
        self.entities.into_values().chain(self.queries)
    }

    /// All entities, to be changed in place.
    pub fn entities_mut(&mut self) -> impl Iterator<Item = &mut Entity> {
        self.entities.values_mut().chain(&mut self.queries)
    }

    /// The keys of all entities that have one.
    pub fn keys(&self) -> impl Iterator<Item = &EntityKey> {
        self.entities.keys()
    }

    /// The entity of that key.
    #[must_use]
    pub fn get(&self, key: &EntityKey) -> Option<&Entity> {
        self.entities.get(key)
    }

    /// Those whose identifier is a search query.
    #[must_use]
    pub fn queries(&self) -> &[Entity] {
        &self.queries
    }
}

/// One mapping, a list of them, or nothing.
fn entries(document: Value) -> Vec<Value> {
    match document {
        Value::Null => Vec::new(),
        Value::Array(values) => values,
        value => vec![value],
    }
}
