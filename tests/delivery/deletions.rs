//! What left the files leaves Port: in what order, how much at a time, and what stays.

use serde_json::json;
use standin::Fault;

use crate::bench::{Bench, catalog, entity, entity_of, key};
use crate::entities::blueprint;
use pushgate::outbox::{Ending, Status};

#[test]
fn no_deletion_while_an_upsert_waits() {
    let bench = Bench::new();
    bench.port.insert("a", "gone", json!({}));
    bench
        .port
        .fail_next_on("bulk", 1, &Fault::with_header(503, "retry-after", "600"));
    bench.put(catalog(
        0,
        1,
        vec![entity("a", "stays")],
        vec![key("a", "gone")],
    ));
    let summary = bench.deliver_due();
    assert_eq!(summary.waiting, 1);
    assert!(bench.port.entity("a", "gone").is_some());
}

#[test]
fn what_left_the_files_is_deleted_and_what_is_gone_already_is_no_problem() {
    let bench = Bench::new();
    for identifier in ["one", "two", "other-source"] {
        bench.port.insert("a", identifier, json!({}));
    }
    bench.port.insert("b", "three", json!({}));
    let id = bench.put(catalog(
        0,
        1,
        vec![entity("a", "stays")],
        vec![
            key("a", "one"),
            key("a", "two"),
            key("a", "never-there"),
            key("a", "stays"),
            key("b", "three"),
        ],
    ));
    assert!(bench.deliver().is_clear());
    let left: Vec<String> = bench
        .port
        .entities()
        .into_keys()
        .map(|(_, id)| id)
        .collect();
    assert_eq!(left, ["other-source", "stays"]);
    let Status::Finished(receipt) = bench.outbox.status(&id).unwrap() else {
        panic!("no receipt");
    };
    assert_eq!(
        receipt.ending,
        Ending::Catalog {
            upserted: 1,
            deleted: 4,
            kept: 0
        }
    );
    bench.port.assert_conforms();
}

#[test]
fn many_deletions_go_a_hundred_at_a_time() {
    let bench = Bench::new();
    let keys: Vec<_> = (0..150)
        .map(|number| key("a", &format!("e{number}")))
        .collect();
    for key in &keys {
        bench.port.insert("a", &key.identifier, json!({}));
    }
    let id = bench.put(catalog(0, 1, vec![], keys));
    assert_eq!(bench.deliver().held, 1);
    assert_eq!(bench.port.entities().len(), 150);
    bench.outbox.approve(&id).unwrap();
    assert!(bench.deliver().is_clear());
    assert!(bench.port.entities().is_empty());
    assert_eq!(bench.port.requests_on("bulk/entities/delete").len(), 2);
    bench.port.assert_conforms();
}

#[test]
fn an_entity_that_others_still_point_to_is_kept_and_counted() {
    let bench = Bench::new();
    bench.port.insert("a", "target", json!({}));
    let pointing = json!({
        "blueprint": "b",
        "identifier": "stays",
        "relations": {"uses": ["target"]},
    });
    let id = bench.put(catalog(
        0,
        1,
        vec![entity_of(pointing)],
        vec![key("a", "target")],
    ));
    assert!(bench.deliver().is_clear());
    assert!(bench.port.entity("a", "target").is_some());
    let Status::Finished(receipt) = bench.outbox.status(&id).unwrap() else {
        panic!("no receipt");
    };
    assert_eq!(
        receipt.ending.to_string(),
        "1 written, 0 deleted, 1 kept since others point to them"
    );
}

#[test]
fn dependents_go_before_what_they_need() {
    let bench = Bench::new();
    let uses = json!({"uses": {"target": "a", "required": true}});
    bench
        .port
        .set_blueprints(vec![blueprint("a", json!({})), blueprint("b", uses)]);
    bench.port.insert("a", "needed", json!({}));
    bench
        .port
        .insert("b", "needing", json!({"relations": {"uses": "needed"}}));
    bench.put(catalog(
        0,
        1,
        vec![],
        vec![key("a", "needed"), key("b", "needing")],
    ));
    assert!(bench.deliver().is_clear());
    assert!(bench.port.entities().is_empty());
    bench.port.assert_conforms();
}

#[test]
fn a_deletion_that_others_forbid_is_told_with_the_setting_that_allows_it() {
    let uses = json!({"uses": {"target": "a", "required": true}});
    let blueprints = vec![blueprint("a", json!({})), blueprint("b", uses)];
    let bench = Bench::new();
    bench.port.set_blueprints(blueprints.clone());
    bench.port.insert("a", "needed", json!({}));
    bench
        .port
        .insert("b", "foreign", json!({"relations": {"uses": "needed"}}));
    bench.put(catalog(0, 1, vec![], vec![key("a", "needed")]));
    assert_eq!(bench.deliver().refused, 1);
    let problem = bench.problem();
    assert!(problem.contains("other entities need it"), "{problem}");
    assert!(problem.contains("port.delete_dependents"), "{problem}");
    assert!(problem.contains("trace id trace-0001"), "{problem}");

    let bench = Bench::with(|settings| settings.delete_dependents = true);
    bench.port.set_blueprints(blueprints);
    bench.port.insert("a", "needed", json!({}));
    bench
        .port
        .insert("b", "foreign", json!({"relations": {"uses": "needed"}}));
    bench.put(catalog(0, 1, vec![], vec![key("a", "needed")]));
    assert!(bench.deliver().is_clear());
    assert!(bench.port.entities().is_empty());
    bench.port.assert_conforms();
}
