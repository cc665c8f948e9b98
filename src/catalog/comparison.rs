//! Two states of the catalog side by side, for people: what a plan would do, with the values.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::desired::DesiredState;
use super::difference::{FieldDifference, differences, drift};
use super::entity::{Entity, EntityKey};
use super::inventory::{Inventory, is_query, keyed};
use super::options::PlanOptions;
use super::plan::{Plan, plan};
use crate::repository::RepositoryName;

/// What happens to the entities.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// Those to which something happens, in the order of their keys.
    pub entities: Vec<EntityDifference>,
    /// Those to which nothing does.
    pub unchanged: usize,
    /// Those that can't be compared, since only Port can name them.
    pub not_compared: usize,
    /// Where the deletions would wait for a person: how many of how many.
    pub held: Option<(usize, usize)>,
    /// Those that another repository owns: nothing of them is delivered from here.
    pub taken: Vec<TakenEntity>,
}

/// A declared entity that another repository owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenEntity {
    /// The entity.
    pub key: EntityKey,
    /// The file that declares it.
    pub file: String,
    /// The repository that it belongs to.
    pub owner: RepositoryName,
}

/// The repositories that entities belong to, where it is another one.
pub type OtherOwners = BTreeMap<EntityKey, RepositoryName>;

/// What happens to one entity.
#[derive(Clone, Debug, PartialEq)]
pub struct EntityDifference {
    /// Its blueprint.
    pub blueprint: String,
    /// Its identifier; none where that is a search query.
    pub identifier: Option<String>,
    /// The file that declares it, or did; empty where nobody knows any more.
    pub file: String,
    /// What happens.
    pub effect: Effect,
    /// Its keys that differ; none of one that is deleted.
    pub fields: Vec<FieldDifference>,
}

/// What happens to an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It appears.
    New,
    /// It is there and differs.
    Changed,
    /// It left the files and goes.
    Deleted,
    /// It left the files and stays.
    Kept(KeptBecause),
}

/// Why an entity that left the files stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptBecause {
    /// Entities that stay point to it.
    PointedTo,
    /// Nothing is deleted.
    DeletionIsOff,
}

/// What delivering `new` changes where `old` was delivered before.
#[must_use]
pub fn compare(
    old: &DesiredState,
    new: &DesiredState,
    owners: &OtherOwners,
    options: &PlanOptions,
) -> Comparison {
    let create_missing = options.create_missing_related_entities;
    // What belongs to another repository was not delivered from here.
    let ours = |entity: &&Entity| !entity.key().is_some_and(|key| owners.contains_key(&key));
    let inventory = Inventory::as_if_delivered(old.entities().filter(ours), create_missing);
    let before: BTreeMap<EntityKey, &Entity> = keyed(old.entities()).collect();
    let owner = |key: &EntityKey| owners.get(key).cloned();
    let plan = plan(new.entities(), &inventory, &[].into(), &owner, options);
    let mut comparison = Comparison {
        unchanged: plan.unchanged,
        taken: taken(new, owners),
        ..Comparison::default()
    };
    let mut found: BTreeMap<&EntityKey, EntityDifference> = BTreeMap::new();
    let nothing = Map::new();
    let declared: BTreeMap<EntityKey, &Entity> = keyed(new.entities()).collect();
    for upsert in plan.upserts.iter().filter(|upsert| !upsert.is_partial()) {
        // What the file says, without the nulls that make Port forget what it had.
        let Some(entity) = declared.get(&upsert.key) else {
            continue;
        };
        let old = before.get(&upsert.key);
        let body = old.map_or(&nothing, |old| &old.body);
        let fields = differences(body, &entity.body, &entity.unread);
        if old.is_some() && fields.is_empty() {
            comparison.unchanged += 1;
            continue;
        }
        let effect = if old.is_some() {
            Effect::Changed
        } else {
            Effect::New
        };
        found.insert(&upsert.key, of(entity, effect, fields));
    }
    let held = plan.held.as_ref();
    comparison.held = held.map(|held| (held.deletions.len(), held.of));
    let deleted = plan.deletions.iter();
    let deleted = deleted.chain(held.into_iter().flat_map(|held| &held.deletions));
    let because = |why| move |key| (key, Effect::Kept(why));
    let left = deleted
        .map(|key| (key, Effect::Deleted))
        .chain(plan.kept.iter().map(because(KeptBecause::PointedTo)))
        .chain(
            plan.forgotten
                .iter()
                .map(because(KeptBecause::DeletionIsOff)),
        );
    for (key, effect) in left {
        // A query that left changes nothing in Port.
        if let Some(entity) = before.get(key).filter(|_| !is_query(key)) {
            found.insert(key, of(entity, effect, Vec::new()));
        }
    }
    comparison.entities = found.into_values().collect();
    comparison
}

/// What carrying a plan out changes of what was delivered before. Of that no values are known.
#[must_use]
pub fn compare_with_delivered(
    plan: &Plan<'_>,
    desired: &[Entity],
    inventory: &Inventory,
) -> Comparison {
    let files: BTreeMap<EntityKey, &Entity> = keyed(desired).collect();
    let taken = plan.taken.iter().map(|conflict| TakenEntity {
        key: conflict.key.clone(),
        file: files
            .get(&conflict.key)
            .map_or_else(String::new, |entity| entity.file.clone()),
        owner: conflict.owner.clone(),
    });
    let mut found: BTreeMap<&EntityKey, EntityDifference> = BTreeMap::new();
    for upsert in plan.upserts.iter().filter(|upsert| !upsert.is_partial()) {
        let effect = match inventory.get(&upsert.key) {
            Some(_) => Effect::Changed,
            None => Effect::New,
        };
        found.insert(&upsert.key, of(&upsert.entity, effect, Vec::new()));
    }
    let held = plan.held.as_ref();
    let deleted = plan.deletions.iter();
    let deleted = deleted.chain(held.into_iter().flat_map(|held| &held.deletions));
    let left = deleted.map(|key| (key, Effect::Deleted)).chain(
        plan.kept
            .iter()
            .map(|key| (key, Effect::Kept(KeptBecause::PointedTo))),
    );
    for (key, effect) in left {
        let gone = EntityDifference {
            blueprint: key.blueprint.clone(),
            identifier: Some(key.identifier.clone()),
            file: String::new(),
            effect,
            fields: Vec::new(),
        };
        found.insert(key, gone);
    }
    Comparison {
        entities: found.into_values().collect(),
        unchanged: plan.unchanged,
        not_compared: 0,
        held: held.map(|held| (held.deletions.len(), held.of)),
        taken: taken.collect(),
    }
}

/// What delivering `declared` changes of what Port has now. What left the files is not looked for.
#[must_use]
pub fn compare_with_port(
    declared: &DesiredState,
    owners: &OtherOwners,
    stored: &BTreeMap<EntityKey, Map<String, Value>>,
) -> Comparison {
    let mut comparison = Comparison {
        not_compared: declared.queries().len(),
        taken: taken(declared, owners),
        ..Comparison::default()
    };
    for key in declared.keys().filter(|key| !owners.contains_key(key)) {
        let Some(entity) = declared.get(key) else {
            continue;
        };
        let (effect, fields) = match stored.get(key) {
            Some(stored) => (Effect::Changed, drift(stored, &entity.body, &entity.unread)),
            None => (
                Effect::New,
                differences(&Map::new(), &entity.body, &entity.unread),
            ),
        };
        if effect == Effect::Changed && fields.is_empty() {
            comparison.unchanged += 1;
        } else {
            comparison.entities.push(of(entity, effect, fields));
        }
    }
    comparison
}

fn taken(declared: &DesiredState, owners: &OtherOwners) -> Vec<TakenEntity> {
    owners
        .iter()
        .filter_map(|(key, owner)| {
            Some(TakenEntity {
                key: key.clone(),
                file: declared.get(key)?.file.clone(),
                owner: owner.clone(),
            })
        })
        .collect()
}

fn of(entity: &Entity, effect: Effect, fields: Vec<FieldDifference>) -> EntityDifference {
    EntityDifference {
        blueprint: entity.blueprint.clone(),
        identifier: entity.identifier.clone(),
        file: entity.file.clone(),
        effect,
        fields,
    }
}

impl Comparison {
    /// How many entities something of that kind happens to.
    #[must_use]
    pub fn count(&self, is: impl Fn(Effect) -> bool) -> usize {
        self.entities.iter().filter(|one| is(one.effect)).count()
    }
}
