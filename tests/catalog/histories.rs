//! Random histories of files end where the last state alone says, whatever failed in between.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use pushgate::catalog::{Entity, EntityKey, PlanOptions};
use serde_json::{Map, Value, json};

use crate::model::{Fate, Port, Stored, entity, key, plan, targets};
use crate::records::Records;

const BLUEPRINTS: [&str; 2] = ["a", "b"];

/// An entity's keys: title, properties with a value or a null, relations.
type Drawn = (Option<u8>, BTreeMap<u8, Option<u8>>, BTreeMap<u8, Vec<u8>>);

fn drawn() -> impl Strategy<Value = Drawn> {
    (
        prop::option::of(0..3u8),
        prop::collection::btree_map(0..4u8, prop::option::weighted(0.8, 0..3u8), 0..4),
        prop::collection::btree_map(0..4u8, prop::collection::vec(0..5u8, 1..3), 0..3),
    )
}

/// What a commit declares, by blueprint and identifier.
fn state() -> impl Strategy<Value = BTreeMap<(usize, u8), Drawn>> {
    prop::collection::btree_map((0..2usize, 0..5u8), drawn(), 0..7)
}

/// The entities of a state; without `loose` relations lead only to what is declared.
fn entities(state: &BTreeMap<(usize, u8), Drawn>, loose: bool) -> Vec<Entity> {
    let declared = |relation: u8, target: &u8| {
        loose || state.contains_key(&(usize::from(relation % 2), *target))
    };
    let one = |((blueprint, identifier), drawn): (&(usize, u8), &Drawn)| {
        let (title, properties, relations) = drawn;
        let mut body =
            json!({"blueprint": BLUEPRINTS[*blueprint], "identifier": format!("e{identifier}")});
        if let Some(title) = title {
            body["title"] = title.to_string().into();
        }
        for (property, value) in properties {
            body["properties"][format!("p{property}")] = json!(value);
        }
        for (relation, to) in relations {
            let name = format!("{}{relation}", BLUEPRINTS[usize::from(relation % 2)]);
            let to: Vec<String> = to
                .iter()
                .filter(|target| declared(*relation, target))
                .map(|target| format!("e{target}"))
                .collect();
            body["relations"][name] = match to.as_slice() {
                [] => Value::Null,
                [one] => json!(one),
                many => json!(many),
            };
        }
        entity(body)
    };
    state.iter().map(one).collect()
}

/// What other sources wrote: entities of their own, and a property on ours.
fn others(port: &mut Port) {
    let foreign = Stored {
        properties: Map::from_iter([("foreign".to_owned(), json!(1))]),
        ..Stored::default()
    };
    for identifier in ["foreign", "e4"] {
        port.entities.insert(key("z", identifier), foreign.clone());
    }
    for stored in port.entities.values_mut() {
        stored.properties.insert("foreign".to_owned(), json!(1));
    }
}

fn set(values: &Value) -> Map<String, Value> {
    let values = values.as_object().cloned().unwrap_or_default();
    values
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .collect()
}

/// Port has what the state says, and nothing more of ours.
fn assert_agrees(port: &Port, desired: &[Entity], kept: &[EntityKey]) -> Result<(), TestCaseError> {
    let mut pointed_to: BTreeSet<String> = BTreeSet::new();
    for entity in desired {
        let key = entity.key().unwrap();
        let body = Value::Object(entity.body.clone());
        let stored = port.entities.get(&key);
        prop_assert!(stored.is_some(), "{key} is missing");
        let mut stored = stored.unwrap().clone();
        stored.properties.remove("foreign");
        prop_assert_eq!(&stored.properties, &set(&body["properties"]), "{}", key);
        prop_assert_eq!(&stored.relations, &set(&body["relations"]), "{}", key);
        // A title that left stays.
        if body.get("title").is_some() {
            prop_assert_eq!(&stored.title, &body.get("title").cloned(), "{}", key);
        }
        let all = stored
            .relations
            .values()
            .flat_map(targets)
            .map(str::to_owned);
        pointed_to.extend(all);
    }
    let declared: BTreeSet<EntityKey> = desired.iter().filter_map(Entity::key).collect();
    for (key, stored) in &port.entities {
        let ours = !stored.is_stub && key.blueprint != "z" && !declared.contains(key);
        prop_assert!(!ours || kept.contains(key), "{key} is left");
    }
    for key in kept {
        prop_assert!(
            pointed_to.contains(&key.identifier),
            "{key} is kept for nothing"
        );
    }
    for identifier in ["foreign", "e4"] {
        let foreign = &port.entities[&key("z", identifier)];
        prop_assert_eq!(
            &Value::Object(foreign.properties.clone()),
            &json!({"foreign": 1})
        );
    }
    Ok(())
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        6 => Just(Fate::Fine),
        1 => Just(Fate::Unrecorded),
        1 => Just(Fate::Lost),
    ]
}

fn options(create_missing: bool) -> PlanOptions {
    PlanOptions {
        create_missing_related_entities: create_missing,
        approved: true,
        ..PlanOptions::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_state_of_a_history_is_reached_and_then_costs_nothing(
        states in prop::collection::vec(state(), 1..8),
        create_missing in any::<bool>(),
    ) {
        let options = options(create_missing);
        let (mut port, mut inventory) = (Port::default(), Records::default());
        for state in &states {
            let desired = entities(state, create_missing);
            let planned = plan(&desired, &inventory, &options);
            others(&mut port);
            prop_assert!(port.carry_out(&planned, &mut inventory, &options, || Fate::Fine));
            assert_agrees(&port, &desired, &planned.kept)?;
            let again = plan(&desired, &inventory, &options);
            prop_assert!(again.is_empty() && again.forgotten.is_empty(), "{:?}", again);
            prop_assert_eq!(again.unchanged, desired.len());
        }
    }

    #[test]
    fn what_failed_on_the_way_is_made_good(
        states in prop::collection::vec(state(), 1..8),
        fates in prop::collection::vec(fate(), 200),
        create_missing in any::<bool>(),
    ) {
        let options = options(create_missing);
        let (mut port, mut inventory) = (Port::default(), Records::default());
        let mut fates = fates.into_iter();
        let mut fate = || fates.next().unwrap_or(Fate::Fine);
        for state in &states {
            let desired = entities(state, create_missing);
            let planned = plan(&desired, &inventory, &options);
            others(&mut port);
            port.carry_out(&planned, &mut inventory, &options, &mut fate);
        }
        let desired = entities(states.last().unwrap(), create_missing);
        let planned = plan(&desired, &inventory, &options);
        prop_assert!(port.carry_out(&planned, &mut inventory, &options, || Fate::Fine));
        assert_agrees(&port, &desired, &planned.kept)?;
        prop_assert!(plan(&desired, &inventory, &options).is_empty());
    }
}
