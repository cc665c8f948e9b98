//! Port as far as a plan can tell: an absent key keeps, a null clears, relations lead somewhere.

use std::collections::{BTreeMap, BTreeSet};

use pushgate::catalog::{Entity, EntityKey, Plan, PlanOptions, Upsert};

use crate::records::Records;
use serde_json::{Map, Value, json};

pub fn key(blueprint: &str, identifier: &str) -> EntityKey {
    EntityKey {
        blueprint: blueprint.to_owned(),
        identifier: identifier.to_owned(),
    }
}

pub fn entity(value: Value) -> Entity {
    Entity::from_json("port.yaml", value).unwrap()
}

/// An entity with nothing but relations named after the blueprints that they lead to.
pub fn pointing(blueprint: &str, identifier: &str, relations: Value) -> Entity {
    entity(json!({"blueprint": blueprint, "identifier": identifier, "relations": relations}))
}

/// A plan where nothing belongs to anybody else.
pub fn plan<'a>(desired: &'a [Entity], inventory: &Records, options: &PlanOptions) -> Plan<'a> {
    pushgate::catalog::plan(
        desired,
        &inventory.inventory(),
        &BTreeSet::new(),
        &|_| None,
        options,
    )
}

/// An entity as Port has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stored {
    /// Made by Port since a relation points to it, and never sent.
    pub is_stub: bool,
    pub title: Option<Value>,
    pub properties: Map<String, Value>,
    pub relations: Map<String, Value>,
}

/// Port.
#[derive(Clone, Debug, Default)]
pub struct Port {
    pub entities: BTreeMap<EntityKey, Stored>,
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Fine,
    /// It arrives, and whoever sent it is killed before it is recorded.
    Unrecorded,
    Lost,
}

/// Whose value is merged: an absent key keeps, a null clears.
fn merge(stored: &mut Map<String, Value>, given: &Value) {
    for (key, value) in given.as_object().into_iter().flatten() {
        if value.is_null() {
            stored.remove(key);
        } else {
            stored.insert(key.clone(), value.clone());
        }
    }
}

pub fn targets(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    }
}

impl Port {
    /// Takes an entity, or names the target that is missing. Relation `a2` leads to blueprint `a`.
    pub fn take(&mut self, entity: &Entity, create_missing: bool) -> Result<(), EntityKey> {
        let body = Value::Object(entity.body.clone());
        for (relation, value) in body["relations"].as_object().into_iter().flatten() {
            for target in targets(value) {
                let to = key(&relation[..1], target);
                if self.entities.contains_key(&to) {
                    continue;
                }
                if !create_missing {
                    return Err(to);
                }
                let stub = Stored {
                    is_stub: true,
                    ..Stored::default()
                };
                self.entities.insert(to, stub);
            }
        }
        let stored = self.entities.entry(entity.key().unwrap()).or_default();
        stored.is_stub = false;
        if let Some(title) = body.get("title") {
            assert!(!title.is_null(), "Port takes no null here");
            stored.title = Some(title.clone());
        }
        merge(&mut stored.properties, &body["properties"]);
        merge(&mut stored.relations, &body["relations"]);
        Ok(())
    }

    /// Carries a plan out as a worker does; whether all of it was done.
    pub fn carry_out(
        &mut self,
        plan: &Plan,
        inventory: &mut Records,
        options: &PlanOptions,
        mut fate: impl FnMut() -> Fate,
    ) -> bool {
        let mut done = true;
        inventory.begin(plan);
        for upsert in &plan.upserts {
            done &= self.upsert(upsert, inventory, options, fate());
        }
        for key in plan.deletions.iter().filter(|_| done) {
            let fate = fate();
            if fate != Fate::Lost {
                self.entities.remove(key);
            }
            if fate == Fate::Fine {
                inventory.0.remove(key);
            } else {
                return false;
            }
        }
        done
    }

    fn upsert(
        &mut self,
        upsert: &Upsert,
        inventory: &mut Records,
        options: &PlanOptions,
        fate: Fate,
    ) -> bool {
        let create_missing = options.create_missing_related_entities;
        let taken = fate != Fate::Lost && self.take(&upsert.entity, create_missing).is_ok();
        if taken && fate == Fate::Fine {
            inventory.complete(upsert);
            return true;
        }
        false
    }
}
