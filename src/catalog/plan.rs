//! The plan: what has to be sent so that Port agrees with what a repository declares.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::{Map, Value};

use super::digest::Digest;
use super::entity::{Entity, EntityKey};
use super::inventory::{Delivered, Inventory, is_query, keyed, targets};
use super::options::PlanOptions;
use super::order::{Node, Order};
use crate::repository::RepositoryName;

/// What is to be made true in Port.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan<'a> {
    /// Entities to create or change, in the order in which they are to be sent.
    pub upserts: Vec<Upsert<'a>>,
    /// Entities to delete, dependents before what they point to.
    pub deletions: Vec<EntityKey>,
    /// Declared entities that were delivered as they are.
    pub unchanged: usize,
    /// Entities that left the files, but that others which stay point to: Port would only make them
    /// anew. They stay in the inventory, so that they go once nobody points to them.
    pub kept: Vec<EntityKey>,
    /// Entries of the inventory that are to be forgotten, without a call: queries that left the
    /// files, what another repository owns by now, what left while nothing is to be deleted.
    pub forgotten: Vec<EntityKey>,
    /// Deletions that wait until a person approves them.
    pub held: Option<Held>,
    /// Declared here, owned by another repository: not sent.
    pub taken: Vec<Conflict>,
}

/// One entity to send.
#[derive(Clone, Debug, PartialEq)]
pub struct Upsert<'a> {
    /// Its key in the inventory.
    pub key: EntityKey,
    /// The entity as declared, or with explicit nulls for what left the file.
    pub entity: Cow<'a, Entity>,
    /// What to record once it has arrived.
    pub delivered: Delivered,
    /// What has a lower number is sent before; those of the same number can be sent together.
    pub pass: usize,
}

/// Deletions that are too many to be carried out unasked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// What would be deleted, dependents first.
    pub deletions: Vec<EntityKey>,
    /// How many entities of the repository there are in Port.
    pub of: usize,
}

/// An entity that two repositories declare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The entity.
    pub key: EntityKey,
    /// The repository that it belongs to.
    pub owner: RepositoryName,
}

impl Upsert<'_> {
    /// The same, that outlives what it was made from.
    #[must_use]
    pub fn into_owned(self) -> Upsert<'static> {
        Upsert {
            key: self.key,
            entity: Cow::Owned(self.entity.into_owned()),
            delivered: self.delivered,
            pass: self.pass,
        }
    }

    /// Whether it lacks relations that a later one of the same entity brings: nothing is lost where
    /// it fails.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.delivered.digest.is_none()
    }
}

impl Plan<'_> {
    /// Whether there is nothing to send.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.upserts.is_empty() && self.deletions.is_empty()
    }

    /// What has to be in the inventory before anything is sent, so that neither an arrival nor a
    /// loss can go unnoticed; none where an entry goes. What is on its way is in doubt: should it be
    /// declared again it is sent again, whether the upsert or the deletion had arrived or not. Each
    /// entity that arrives then gets its [`Upsert::delivered`], each one deleted leaves.
    #[must_use]
    pub fn records_before(&self, inventory: &Inventory) -> BTreeMap<EntityKey, Option<Delivered>> {
        let mut records = BTreeMap::new();
        for key in &self.forgotten {
            records.insert(key.clone(), None);
        }
        // What is kept goes later, and who else would know of it then?
        for key in &self.kept {
            if inventory.get(key).is_none() {
                records.insert(key.clone(), Some(Delivered::default()));
            }
        }
        for Upsert { key, delivered, .. } in &self.upserts {
            let doubt = Delivered::in_doubt(inventory.get(key), delivered);
            records.insert(key.clone(), Some(doubt));
        }
        for key in &self.deletions {
            if let Some(known) = inventory.get(key) {
                let doubt = Delivered {
                    digest: None,
                    ..known.clone()
                };
                records.insert(key.clone(), Some(doubt));
            }
        }
        records
    }
}

/// What has to be sent so that Port agrees with `desired`.
///
/// `also_gone` are entities that may be in Port without being in the inventory: what older jobs
/// say was declared before them. `owners` names the repository that an entity belongs to where that
/// is another one. Pure, and near-linear in the entities and what they hold.
#[must_use]
pub fn plan<'a>(
    desired: impl IntoIterator<Item = &'a Entity>,
    inventory: &Inventory,
    also_gone: &BTreeSet<EntityKey>,
    owners: &dyn Fn(&EntityKey) -> Option<RepositoryName>,
    options: &PlanOptions,
) -> Plan<'a> {
    let mut plan = Plan::default();
    let mut declared: BTreeMap<EntityKey, &Entity> = BTreeMap::new();
    let mut changed: Vec<Changed<'a>> = Vec::new();
    for (key, entity) in keyed(desired) {
        declared.insert(key.clone(), entity);
        if let Some(owner) = owners(&key) {
            if inventory.get(&key).is_some() {
                plan.forgotten.push(key.clone());
            }
            plan.taken.push(Conflict { key, owner });
            continue;
        }
        let digest = Digest::of(entity, options.create_missing_related_entities);
        let before = inventory.get(&key);
        if before.is_some_and(|before| before.digest.as_ref() == Some(&digest)) {
            plan.unchanged += 1;
        } else {
            changed.push(Changed { key, entity });
        }
    }
    plan.upserts = upserts(changed, inventory, options);
    gone(&mut plan, &declared, inventory, also_gone, owners, options);
    plan
}

/// As [`plan`], for entities of files in which others can't be told: what is not there may still be
/// declared, so that nothing is deleted or forgotten.
#[must_use]
pub fn plan_of_part<'a>(
    desired: &'a [Entity],
    inventory: &Inventory,
    owners: &dyn Fn(&EntityKey) -> Option<RepositoryName>,
    options: &PlanOptions,
) -> Plan<'a> {
    let declared: Inventory = keyed(desired)
        .filter_map(|(key, _)| {
            let delivered = inventory.get(&key)?.clone();
            Some((key, delivered))
        })
        .collect();
    plan(desired, &declared, &BTreeSet::new(), owners, options)
}

/// A declared entity that was not delivered as it is.
struct Changed<'a> {
    key: EntityKey,
    entity: &'a Entity,
}

fn upserts<'a>(
    changed: Vec<Changed<'a>>,
    inventory: &Inventory,
    options: &PlanOptions,
) -> Vec<Upsert<'a>> {
    let create_missing = options.create_missing_related_entities;
    let whole = |changed: Changed<'a>, pass: usize| {
        let before = inventory.get(&changed.key);
        let (entity, unread) = whole(changed.entity, before);
        let mut delivered = Delivered::of(changed.entity, create_missing);
        delivered.properties.extend(unread);
        Upsert {
            key: changed.key,
            entity,
            delivered,
            pass,
        }
    };
    if create_missing {
        // What a query is to find may come with the others.
        return changed
            .into_iter()
            .map(|changed| {
                let pass = usize::from(changed.entity.identifier.is_none());
                whole(changed, pass)
            })
            .collect();
    }
    let nodes: Vec<Node<'_>> = changed
        .iter()
        .map(|Changed { key, entity }| Node {
            // What is in Port keeps nobody waiting.
            identifier: entity.identifier.as_deref().filter(|_| {
                inventory
                    .get(key)
                    .is_none_or(|known| known.digest.is_none())
            }),
            targets: relations(entity)
                .flat_map(|(_, value)| targets(value))
                .collect(),
        })
        .collect();
    let order = Order::of(&nodes);
    let last = (0..nodes.len()).map(|node| order.level(node) + 1).max();
    let mut upserts = Vec::with_capacity(nodes.len());
    for (node, changed) in changed.into_iter().enumerate() {
        if changed.entity.identifier.is_none() {
            upserts.push(whole(changed, last.unwrap_or(0) + 1));
            continue;
        }
        let level = order.level(node);
        if !order.is_in_cycle(node) {
            upserts.push(whole(changed, level));
            continue;
        }
        let full = whole(changed, level + 1);
        let closing = |value: &Value| targets(value).any(|to| order.closes_cycle(node, to));
        let mut first = full.entity.clone().into_owned();
        if let Some(Value::Object(relations)) = first.body.get_mut("relations") {
            relations.retain(|_, value| !closing(value));
        }
        let delivered = Delivered::in_doubt(inventory.get(&full.key), &full.delivered);
        upserts.push(Upsert {
            key: full.key.clone(),
            entity: Cow::Owned(first),
            delivered,
            pass: level,
        });
        upserts.push(full);
    }
    upserts.sort_by_key(|upsert| upsert.pass);
    upserts
}

fn relations(entity: &Entity) -> impl Iterator<Item = (&String, &Value)> {
    let relations = entity.body.get("relations").and_then(Value::as_object);
    relations.into_iter().flat_map(Map::iter)
}

/// The entity with nulls for what left the file, and what stays in Port unread. `title`, `icon` and
/// `team` that left stay as Port has them: it takes no null there (Port's specification).
fn whole<'a>(entity: &'a Entity, before: Option<&Delivered>) -> (Cow<'a, Entity>, Vec<String>) {
    let mut whole = Cow::Borrowed(entity);
    let mut unread = Vec::new();
    let Some(before) = before else {
        return (whole, unread);
    };
    for key in &before.properties {
        if whole.unread.contains(key) {
            unread.push(key.clone());
        } else {
            clear(&mut whole, "properties", key);
        }
    }
    for key in before.relations.keys() {
        clear(&mut whole, "relations", key);
    }
    (whole, unread)
}

/// Puts a null where the file has nothing.
fn clear(entity: &mut Cow<'_, Entity>, group: &str, key: &str) {
    let values = entity.body.get(group).and_then(Value::as_object);
    if values.is_some_and(|values| values.contains_key(key)) {
        return;
    }
    // Most entities have nothing to clear and need no copy.
    let body = &mut entity.to_mut().body;
    if !body.contains_key(group) {
        body.insert(group.to_owned(), Value::Object(Map::new()));
    }
    if let Some(Value::Object(values)) = body.get_mut(group) {
        values.insert(key.to_owned(), Value::Null);
    }
}

/// What left the files: deleted, kept, held or forgotten.
fn gone(
    plan: &mut Plan<'_>,
    declared: &BTreeMap<EntityKey, &Entity>,
    inventory: &Inventory,
    also_gone: &BTreeSet<EntityKey>,
    owners: &dyn Fn(&EntityKey) -> Option<RepositoryName>,
    options: &PlanOptions,
) {
    let left = inventory.iter().map(|(key, _)| key);
    let (queries, left): (Vec<_>, Vec<_>) = left
        .filter(|key| !declared.contains_key(key))
        .partition(|key| is_query(key));
    plan.forgotten.extend(queries.into_iter().cloned());
    if !options.delete {
        plan.forgotten.extend(left.into_iter().cloned());
        return;
    }
    let unknown = also_gone
        .iter()
        .filter(|key| inventory.get(key).is_none() && !is_query(key));
    let known = inventory.keys().count() + unknown.clone().count();
    let mut candidates: Vec<&EntityKey> = left;
    candidates.extend(unknown.filter(|key| !declared.contains_key(key)));
    candidates.sort_unstable();
    let needed = needed(declared, options);
    let mut deletions: Vec<&EntityKey> = Vec::new();
    for key in candidates {
        if owners(key).is_some() {
            if inventory.get(key).is_some() {
                plan.forgotten.push(key.clone());
            }
        } else if needed.contains(key.identifier.as_str()) {
            plan.kept.push(key.clone());
        } else {
            deletions.push(key);
        }
    }
    let deletions = dependents_first(deletions, inventory);
    if !options.approved && options.deletion_threshold.is_passed(deletions.len(), known) {
        plan.held = Some(Held {
            deletions,
            of: known,
        });
    } else {
        plan.deletions = deletions;
    }
}

/// Identifiers that entities which stay point to and that none of them has: a relation names no
/// blueprint, so that an identifier alone has to be enough to keep an entity. One that moved to
/// another blueprint is found there.
fn needed<'a>(
    declared: &BTreeMap<EntityKey, &'a Entity>,
    options: &PlanOptions,
) -> HashSet<&'a str> {
    if !options.create_missing_related_entities {
        return HashSet::new();
    }
    let mut needed: HashSet<&str> = declared
        .values()
        .flat_map(|entity| relations(entity))
        .flat_map(|(_, value)| targets(value))
        .collect();
    for entity in declared.values() {
        if let Some(identifier) = &entity.identifier {
            needed.remove(identifier.as_str());
        }
    }
    needed
}

fn dependents_first(keys: Vec<&EntityKey>, inventory: &Inventory) -> Vec<EntityKey> {
    let nodes: Vec<Node<'_>> = keys
        .iter()
        .map(|key| Node {
            identifier: Some(&key.identifier),
            targets: inventory
                .get(key)
                .into_iter()
                .flat_map(|delivered| delivered.relations.values().flatten())
                .map(String::as_str)
                .collect(),
        })
        .collect();
    let order = Order::of(&nodes);
    // Of a level, those in a cycle go first: they may point to one of the same identifier as theirs.
    let mut ordered: Vec<((usize, bool), &EntityKey)> = keys
        .into_iter()
        .enumerate()
        .map(|(node, key)| ((order.level(node), order.is_in_cycle(node)), key))
        .collect();
    // Those of a blueprint stay together, since one call serves one blueprint.
    ordered.sort_by(|one, two| two.0.cmp(&one.0).then_with(|| one.1.cmp(two.1)));
    ordered.into_iter().map(|(_, key)| key.clone()).collect()
}
