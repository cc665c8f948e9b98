//! Targets before what points to them, and the other way round when they go.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use pushgate::catalog::{Entity, Inventory, PlanOptions};
use serde_json::{Value, json};

use crate::model::{Fate, Port, plan, pointing, targets};
use crate::records::Records;

const OFF: PlanOptions = PlanOptions {
    create_missing_related_entities: false,
    delete: true,
    deletion_threshold: pushgate::catalog::DeletionThreshold {
        at_least: usize::MAX,
        more_than: 1.0,
    },
    approved: false,
};

/// Entities of which each points to earlier ones only, in any order.
fn without_cycles() -> impl Strategy<Value = Vec<Entity>> {
    let links = prop::collection::vec((0..2usize, prop::collection::vec(any::<u8>(), 0..3)), 1..30);
    links
        .prop_map(|links| {
            let blueprints: Vec<&str> = links.iter().map(|(at, _)| ["a", "b"][*at]).collect();
            let one = |(number, (_, to)): (usize, &(usize, Vec<u8>))| {
                let mut relations = json!({});
                for to in to.iter().filter(|_| number > 0) {
                    let to = usize::from(*to) % number;
                    let name = format!("{}{to}", blueprints[to]);
                    relations[name] = json!(format!("e{to}"));
                }
                pointing(blueprints[number], &format!("e{number}"), relations)
            };
            links.iter().enumerate().map(one).collect::<Vec<_>>()
        })
        .prop_shuffle()
}

fn place(plan: &[pushgate::catalog::EntityKey], identifier: &str) -> usize {
    plan.iter()
        .position(|key| key.identifier == identifier)
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn without_cycles_each_is_sent_once_and_goes_after_what_needs_it(desired in without_cycles()) {
        let (mut port, mut inventory) = (Port::default(), Records::default());
        let planned = plan(&desired, &inventory, &OFF);
        prop_assert_eq!(planned.upserts.len(), desired.len());
        prop_assert!(port.carry_out(&planned, &mut inventory, &OFF, || Fate::Fine));
        // Any order within a pass does.
        let mut port = Port::default();
        let mut reversed = planned.clone();
        reversed.upserts.reverse();
        reversed.upserts.sort_by_key(|upsert| upsert.pass);
        prop_assert!(port.carry_out(&reversed, &mut inventory, &OFF, || Fate::Fine));

        let gone = plan(&[], &inventory, &OFF).deletions;
        prop_assert_eq!(gone.len(), desired.len());
        for entity in &desired {
            let own = place(&gone, entity.identifier.as_deref().unwrap());
            let relations = entity.body.get("relations").and_then(Value::as_object);
            for target in relations.into_iter().flatten().flat_map(|(_, value)| targets(value)) {
                prop_assert!(own < place(&gone, target));
            }
        }
    }
}

fn sent(desired: &[Entity], inventory: &Records) -> Vec<(usize, String, Value)> {
    let one = |upsert: &pushgate::catalog::Upsert| {
        let relations = upsert.entity.body.get("relations").cloned();
        (
            upsert.pass,
            upsert.key.to_string(),
            relations.unwrap_or_default(),
        )
    };
    plan(desired, inventory, &OFF)
        .upserts
        .iter()
        .map(one)
        .collect()
}

#[test]
fn a_cycle_takes_two_passes_the_first_without_what_closes_it() {
    let desired = [
        pointing("a", "outside", json!({"a1": "one"})),
        pointing("a", "one", json!({"b1": ["two"], "a2": "base"})),
        pointing("b", "two", json!({"a1": "one"})),
        pointing("a", "base", json!({})),
    ];
    let expected = [
        (0, "a/base", json!({})),
        (1, "a/one", json!({"a2": "base"})),
        (1, "b/two", json!({})),
        (2, "a/outside", json!({"a1": "one"})),
        (2, "a/one", json!({"b1": ["two"], "a2": "base"})),
        (2, "b/two", json!({"a1": "one"})),
    ]
    .map(|(pass, key, relations)| (pass, key.to_owned(), relations));
    assert_eq!(sent(&desired, &Records::default()), expected);
    let (mut port, mut inventory) = (Port::default(), Records::default());
    let planned = plan(&desired, &inventory, &OFF);
    assert!(port.carry_out(&planned, &mut inventory, &OFF, || Fate::Fine));
    // What is in Port keeps nobody waiting any more.
    let desired = [
        pointing("a", "outside", json!({"a1": "one"})),
        pointing("a", "one", json!({"b1": "two"})),
        pointing("b", "two", json!({"a1": ["one"]})),
        pointing("a", "base", json!({})),
    ];
    let expected = [
        (0, "a/one".to_owned(), json!({"b1": "two", "a2": null})),
        (0, "b/two".to_owned(), json!({"a1": ["one"]})),
    ];
    assert_eq!(sent(&desired, &inventory), expected);
}

#[test]
fn an_entity_that_points_to_itself_takes_two_passes() {
    let desired = [pointing("a", "one", json!({"a1": "one"}))];
    let expected = [
        (0, "a/one".to_owned(), json!({})),
        (1, "a/one".to_owned(), json!({"a1": "one"})),
    ];
    assert_eq!(sent(&desired, &Records::default()), expected);
}

#[test]
fn with_create_missing_the_files_order_is_kept() {
    let desired = [
        pointing("b", "two", json!({"a1": "one"})),
        pointing("a", "one", json!({"b1": "two"})),
    ];
    let planned = plan(&desired, &Records::default(), &PlanOptions::default());
    let keys: Vec<String> = planned
        .upserts
        .iter()
        .map(|upsert| upsert.key.to_string())
        .collect();
    assert_eq!(keys, ["b/two", "a/one"]);
    assert!(planned.upserts.iter().all(|upsert| upsert.pass == 0));
}

/// Ten thousand of the worst shapes stay cheap: one chain, one ring, one identifier for all.
#[test]
fn ten_thousand_entities_are_planned_at_once() {
    const MANY: usize = 10_000;
    let name = |number: usize| format!("e{number}");
    let shapes: [Vec<Entity>; 3] = [
        (0..MANY)
            .map(|number| pointing("a", &name(number), json!({"a1": name(number + 1)})))
            .collect(),
        (0..MANY)
            .map(|number| pointing("a", &name(number), json!({"a1": name((number + 1) % MANY)})))
            .collect(),
        (0..MANY)
            .map(|number| pointing(&name(number), "same", json!({"a1": "same"})))
            .collect(),
    ];
    for desired in shapes {
        let started = Instant::now();
        let planned = plan(&desired, &Records::default(), &OFF);
        let inventory = Records::from(Inventory::as_if_delivered(&desired, false));
        assert_eq!(plan(&desired, &inventory, &OFF).unchanged, MANY);
        assert_eq!(plan(&[], &inventory, &OFF).deletions.len(), MANY);
        let took = started.elapsed();
        assert!(planned.upserts.len() >= MANY);
        // A few hundred milliseconds without optimisation; quadratic would be minutes.
        assert!(took < Duration::from_secs(30), "{took:?}");
    }
}
