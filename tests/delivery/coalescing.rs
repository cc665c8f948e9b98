//! Several pushes of one repository are one delivery, with the end that they have one by one.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use proptest::prelude::*;
use pushgate::catalog::{Entity, EntityKey};
use pushgate::outbox::{CatalogJob, Delivery, DeliveryId, Job, group_catalogs};
use serde_json::json;

use crate::bench::{Bench, catalog, commit, entity, entity_of, repository};

/// What a repository declares at a commit: identifiers and a value each.
type Declared = BTreeMap<u8, u8>;

fn entities(declared: &Declared) -> Vec<Entity> {
    declared
        .iter()
        .map(|(identifier, value)| {
            entity_of(json!({
                "blueprint": "a",
                "identifier": format!("e{identifier}"),
                "title": value.to_string(),
            }))
        })
        .collect()
}

/// The pushes between these states; `places` says in which order their deliveries were written.
fn deliveries(states: &[(usize, Declared)], places: &[usize], delete: &[bool]) -> Vec<Delivery> {
    let pushes = states.windows(2).zip(places).zip(delete);
    pushes
        .map(|((pair, place), delete)| {
            let [(old, before), (new, after)] = pair else {
                unreachable!();
            };
            let moment = Timestamp::from_second(1_700_000_000 + *place as i64).unwrap();
            let mut delivery = Delivery::new(
                repository(),
                Job::Catalog(CatalogJob {
                    ref_name: "refs/heads/main".to_owned(),
                    old: Some(commit(*old)),
                    new: commit(*new),
                    desired: Ok(entities(after)),
                    extent: Default::default(),
                    previous: entities(before).iter().filter_map(Entity::key).collect(),
                    delete: *delete,
                    git_dir: None,
                    approved: false,
                }),
            );
            delivery.id = DeliveryId::at(moment);
            delivery
        })
        .collect()
}

/// Port's entities by key, with their titles.
type Store = BTreeMap<EntityKey, String>;

fn apply(store: &mut Store, upserts: &[Entity], deletions: &[EntityKey]) {
    for entity in upserts {
        let title = entity.body["title"].to_string();
        store.insert(entity.key().unwrap(), title);
    }
    for key in deletions {
        store.remove(key);
    }
}

fn one_by_one(store: &mut Store, deliveries: &[Delivery]) {
    for delivery in deliveries {
        let Job::Catalog(job) = &delivery.job else {
            unreachable!();
        };
        let desired = job.desired.as_ref().unwrap();
        let kept: BTreeSet<EntityKey> = desired.iter().filter_map(Entity::key).collect();
        let gone: Vec<EntityKey> = job
            .previous
            .iter()
            .filter(|key| job.delete && !kept.contains(*key))
            .cloned()
            .collect();
        apply(store, desired, &gone);
    }
}

/// What is left to do for deliveries taken together: entities to write and to delete.
fn together(deliveries: &[Delivery]) -> (Vec<&Delivery>, &[Entity], Vec<EntityKey>) {
    let group = group_catalogs(deliveries).unwrap();
    let desired = group.newest.desired.as_ref().unwrap();
    let kept: BTreeSet<EntityKey> = desired.iter().filter_map(Entity::key).collect();
    let gone = group.previous.difference(&kept).cloned().collect();
    (group.members, desired, gone)
}

fn declared() -> impl Strategy<Value = Declared> {
    prop::collection::btree_map(0..6u8, 0..4u8, 0..5)
}

/// States of a linear history, in each of which every commit is another one.
fn history() -> impl Strategy<Value = (Vec<(usize, Declared)>, Vec<usize>)> {
    prop::collection::vec(declared(), 2..7).prop_flat_map(|states| {
        let places: Vec<usize> = (0..states.len() - 1).collect();
        let states: Vec<(usize, Declared)> = states.into_iter().enumerate().collect();
        (Just(states), Just(places).prop_shuffle())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn racing_hooks_end_where_the_pushes_end(
        (states, places) in history(),
        done in 0..7usize,
        others in declared(),
    ) {
        let delete = vec![true; places.len()];
        let waiting = deliveries(&states, &places, &delete);
        let mut expected = Store::new();
        apply(&mut expected, &entities(&states[0].1), &[]);
        // Some were carried out in part before: any prefix of the pushes.
        let mut store = expected.clone();
        one_by_one(&mut store, &waiting[..done.min(waiting.len())]);
        let foreign = |declared: &Declared| {
            declared.keys().map(|key| (EntityKey {
                blueprint: "foreign".to_owned(),
                identifier: format!("e{key}"),
            }, String::new())).collect::<Store>()
        };
        expected.extend(foreign(&others));
        store.extend(foreign(&others));
        one_by_one(&mut expected, &waiting);

        let mut shuffled = waiting.clone();
        shuffled.sort_by(|one, two| one.id.cmp(&two.id));
        let (members, desired, gone) = together(&shuffled);
        let order: Vec<&DeliveryId> = members.iter().map(|member| &member.id).collect();
        let pushed: Vec<&DeliveryId> = waiting.iter().map(|delivery| &delivery.id).collect();
        prop_assert_eq!(order, pushed);
        apply(&mut store, desired, &gone);
        prop_assert_eq!(&store, &expected);
        // Twice is once.
        apply(&mut store, desired, &gone);
        prop_assert_eq!(&store, &expected);
    }

    #[test]
    fn pushes_back_and_forth_follow_the_ids(
        states in prop::collection::vec((0..3usize, declared()), 2..7),
        delete in prop::collection::vec(any::<bool>(), 6),
    ) {
        // The same commit declares the same, wherever it comes up.
        let mut known: BTreeMap<usize, Declared> = BTreeMap::new();
        let mut states: Vec<(usize, Declared)> = states
            .into_iter()
            .map(|(commit, declared)| (commit, known.entry(commit).or_insert(declared).clone()))
            .collect();
        states.dedup_by_key(|(commit, _)| *commit);
        prop_assume!(states.len() > 1);
        let places: Vec<usize> = (0..states.len() - 1).collect();
        let waiting = deliveries(&states, &places, &delete);
        let (members, _, gone) = together(&waiting);
        prop_assert_eq!(&members.last().unwrap().id, &waiting.last().unwrap().id);
        if delete.iter().take(places.len()).all(|delete| !delete) {
            prop_assert!(gone.is_empty());
        }
    }
}

#[test]
fn a_missing_link_falls_back_to_the_ids() {
    let mut first = Delivery::new(repository(), catalog(0, 1, vec![entity("a", "x")], vec![]));
    first.id = DeliveryId::at(Timestamp::from_second(1).unwrap());
    let mut second = Delivery::new(repository(), catalog(5, 6, vec![entity("a", "y")], vec![]));
    second.id = DeliveryId::at(Timestamp::from_second(2).unwrap());
    let all = [second.clone(), first.clone()];
    assert_eq!(group_catalogs(&all).unwrap().members, [&first, &second]);
}

#[test]
fn older_pushes_leave_with_the_newest() {
    let bench = Bench::new();
    bench.port.insert("a", "zero", json!({}));
    let zero = crate::bench::key("a", "zero");
    let one = crate::bench::key("a", "one");
    bench.put(catalog(1, 2, vec![entity("a", "two")], vec![one]));
    bench.put(catalog(0, 1, vec![entity("a", "one")], vec![zero]));
    let summary = bench.deliver();
    assert_eq!(summary.finished, 2);
    let left: Vec<String> = bench
        .port
        .entities()
        .into_keys()
        .map(|(_, id)| id)
        .collect();
    assert_eq!(left, ["two"]);
    assert_eq!(bench.port.requests_on("entities/bulk").len(), 1);
}
