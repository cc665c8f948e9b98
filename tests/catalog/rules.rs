//! Single rules of a plan.

use std::collections::BTreeSet;

use pushgate::catalog::{
    DeletionThreshold, Entity, EntityKey, Held, Inventory, Plan, PlanOptions, is_query,
};
use serde_json::{Value, json};

use crate::model::{entity, key, plan, pointing};
use crate::records::Records;

fn of(value: Value) -> Vec<Entity> {
    vec![entity(value)]
}

/// The inventory after these were delivered.
fn after(entities: &[Entity]) -> Records {
    Records::from(Inventory::as_if_delivered(entities, true))
}

fn body(plan: &Plan) -> Value {
    Value::Object(plan.upserts[0].entity.body.clone())
}

fn many(count: usize) -> Vec<Entity> {
    (0..count)
        .map(|number| pointing("a", &format!("e{number}"), json!({})))
        .collect()
}

#[test]
fn what_left_is_cleared_by_a_null_and_a_title_is_not() {
    let before = of(json!({
        "blueprint": "a", "identifier": "x", "title": "X", "icon": "Go", "team": "t",
        "properties": {"stays": 1, "left": 2, "cleared": null},
        "relations": {"left": ["y"], "none": null},
    }));
    let now =
        of(json!({"blueprint": "a", "identifier": "x", "properties": {"stays": 1, "null": null}}));
    let planned = plan(&now, &after(&before), &PlanOptions::default());
    assert_eq!(
        body(&planned),
        json!({
            "identifier": "x",
            "properties": {"stays": 1, "left": null, "null": null},
            "relations": {"left": null},
        })
    );
    let delivered = &planned.upserts[0].delivered;
    assert_eq!(delivered.properties, BTreeSet::from(["stays".to_owned()]));
    assert!(delivered.relations.is_empty());
}

#[test]
fn a_property_whose_file_cannot_be_read_stays() {
    let before = of(json!({"blueprint": "a", "identifier": "x", "properties": {"readme": "long"}}));
    let mut now = of(json!({"blueprint": "a", "identifier": "x", "title": "X"}));
    now[0].unread.insert("readme".to_owned());
    let planned = plan(&now, &after(&before), &PlanOptions::default());
    assert_eq!(body(&planned), json!({"identifier": "x", "title": "X"}));
    assert!(planned.upserts[0].delivered.properties.contains("readme"));
    // Taken out of the file, it goes.
    let mut inventory = after(&before);
    inventory.complete(&planned.upserts[0]);
    now[0].unread.clear();
    let planned = plan(&now, &inventory, &PlanOptions::default());
    assert_eq!(body(&planned)["properties"], json!({"readme": null}));
}

#[test]
fn what_may_have_arrived_is_sent_again() {
    let desired = many(1);
    let mut inventory = Records::default();
    let planned = plan(&desired, &inventory, &PlanOptions::default());
    inventory.begin(&planned);
    assert_eq!(
        plan(&desired, &inventory, &PlanOptions::default())
            .upserts
            .len(),
        1
    );
    inventory.complete(&planned.upserts[0]);
    assert!(plan(&desired, &inventory, &PlanOptions::default()).is_empty());
    // An option that changes what Port makes of it is a change.
    let off = PlanOptions {
        create_missing_related_entities: false,
        ..PlanOptions::default()
    };
    assert_eq!(plan(&desired, &inventory, &off).upserts.len(), 1);
    // Neither does a lost answer to a deletion make it an entity that was delivered.
    let gone = plan(&[], &inventory, &PlanOptions::default());
    inventory.begin(&gone);
    assert_eq!(
        plan(&desired, &inventory, &PlanOptions::default())
            .upserts
            .len(),
        1
    );
}

#[test]
fn what_is_kept_goes_later_also_where_only_an_older_job_knew_it() {
    let mut inventory = Records::default();
    let also = BTreeSet::from([key("a", "x")]);
    let options = PlanOptions::default();
    let desired = [pointing("b", "y", json!({"a1": "x"}))];
    let planned =
        pushgate::catalog::plan(&desired, &inventory.inventory(), &also, &|_| None, &options);
    assert_eq!(planned.kept, [key("a", "x")]);
    inventory.begin(&planned);
    inventory.complete(&planned.upserts[0]);
    let now = [pointing("b", "y", json!({}))];
    assert_eq!(plan(&now, &inventory, &options).deletions, [key("a", "x")]);
}

#[test]
fn an_entity_that_only_port_can_name_is_sent_once_and_never_deleted() {
    let query = |value: &str| {
        json!({
            "blueprint": "a",
            "identifier": {"combinator": "and", "rules": [{"property": "repo", "operator": "=", "value": value}]},
            "properties": {"tier": 1},
        })
    };
    let desired = vec![entity(query("r")), entity(query("r")), entity(query("s"))];
    let planned = plan(&desired, &Records::default(), &PlanOptions::default());
    let keys: BTreeSet<&EntityKey> = planned.upserts.iter().map(|upsert| &upsert.key).collect();
    assert_eq!(keys.len(), 3);
    assert!(keys.iter().all(|key| is_query(key)));
    let inventory = after(&desired);
    assert_eq!(
        plan(&desired, &inventory, &PlanOptions::default()).unchanged,
        3
    );
    let planned = plan(&desired[..1], &inventory, &PlanOptions::default());
    assert!(planned.is_empty());
    assert_eq!(planned.forgotten.len(), 2);
    // It comes after the others: they may be what it finds.
    let desired = [entity(query("r")), pointing("a", "x", json!({}))];
    for create_missing_related_entities in [true, false] {
        let options = PlanOptions {
            create_missing_related_entities,
            ..PlanOptions::default()
        };
        let planned = plan(&desired, &Records::default(), &options);
        let pass = |query: bool| {
            let mut upserts = planned.upserts.iter();
            upserts
                .find(|upsert| is_query(&upsert.key) == query)
                .unwrap()
                .pass
        };
        assert!(pass(false) < pass(true));
    }
}

#[test]
fn what_others_point_to_is_kept_until_nobody_does() {
    let before = [
        pointing("a", "x", json!({})),
        pointing("b", "y", json!({"a1": "x"})),
    ];
    let planned = plan(&before[1..], &after(&before), &PlanOptions::default());
    assert_eq!(
        (planned.kept, planned.deletions),
        (vec![key("a", "x")], vec![])
    );
    let now = [pointing("b", "y", json!({}))];
    let planned = plan(&now, &after(&before), &PlanOptions::default());
    assert_eq!(
        (planned.kept, planned.deletions),
        (vec![], vec![key("a", "x")])
    );
    // One that moved to another blueprint is what the relation finds.
    let now = [
        pointing("c", "x", json!({})),
        pointing("b", "y", json!({"a1": "x"})),
    ];
    let planned = plan(&now, &after(&before), &PlanOptions::default());
    assert_eq!(
        (planned.kept, planned.deletions),
        (vec![], vec![key("a", "x")])
    );
    // Without create-missing nothing would bring it back.
    let off = PlanOptions {
        create_missing_related_entities: false,
        ..PlanOptions::default()
    };
    let inventory = Records::from(Inventory::as_if_delivered(&before, false));
    assert_eq!(
        plan(&before[1..], &inventory, &off).deletions,
        [key("a", "x")]
    );
}

#[test]
fn a_large_deletion_waits_for_a_person() {
    let before = many(20);
    let with = |left: usize, options: &PlanOptions| plan(&before[..left], &after(&before), options);
    let options = PlanOptions::default();
    // Ten of twenty are half, not more.
    let planned = with(10, &options);
    assert_eq!((planned.deletions.len(), planned.held), (10, None));
    let planned = with(9, &options);
    assert_eq!(planned.deletions, []);
    let Held { deletions, of: all } = planned.held.unwrap();
    assert_eq!((deletions.len(), all), (11, 20));
    let approved = PlanOptions {
        approved: true,
        ..options
    };
    let planned = with(0, &approved);
    assert_eq!((planned.deletions.len(), planned.held), (20, None));
    // Nine are few, whatever they are of.
    let planned = plan(&[], &after(&many(9)), &options);
    assert_eq!((planned.deletions.len(), planned.held), (9, None));
    let strict = PlanOptions {
        deletion_threshold: DeletionThreshold {
            at_least: 1,
            more_than: 0.0,
        },
        ..options
    };
    assert!(with(19, &strict).held.is_some());
    // Upserts go on.
    let mut now = many(1);
    now.extend(of(json!({"blueprint": "a", "identifier": "new"})));
    let planned = plan(&now, &after(&before), &options);
    assert_eq!((planned.upserts.len(), planned.held.is_some()), (1, true));
}

#[test]
fn older_jobs_say_what_else_may_be_there() {
    let also = BTreeSet::from([key("a", "older"), key("a", "e0")]);
    let declared = many(1);
    let planned = pushgate::catalog::plan(
        &declared,
        &Inventory::default(),
        &also,
        &|_| None,
        &PlanOptions::default(),
    );
    assert_eq!(planned.deletions, [key("a", "older")]);
}

#[test]
fn what_another_repository_owns_is_neither_sent_nor_deleted() {
    let before = many(3);
    let owner = "PRJ/other".parse().unwrap();
    let owners =
        |asked: &EntityKey| (asked.identifier != "e2").then(|| "PRJ/other".parse().unwrap());
    let planned = pushgate::catalog::plan(
        &before[..1],
        &after(&before).inventory(),
        &BTreeSet::from([key("a", "older")]),
        &owners,
        &PlanOptions::default(),
    );
    assert!(planned.upserts.is_empty());
    assert_eq!(planned.deletions, [key("a", "e2")]);
    assert_eq!(
        (&planned.taken[0].key, &planned.taken[0].owner),
        (&key("a", "e0"), &owner)
    );
    assert_eq!(planned.forgotten, [key("a", "e0"), key("a", "e1")]);
}

#[test]
fn without_deletion_what_left_is_nobodys() {
    let before = many(3);
    let options = PlanOptions {
        delete: false,
        ..PlanOptions::default()
    };
    let planned = plan(&before[..1], &after(&before), &options);
    assert!(planned.is_empty());
    assert_eq!(planned.forgotten.len(), 2);
}
