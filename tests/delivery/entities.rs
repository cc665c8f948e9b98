//! Entities into Port: grouping, answers by index, deletions.

use serde_json::{Value, json};

use crate::bench::{Bench, catalog, entity, entity_of, key};
use pushgate::outbox::{Ending, State, Status};

fn bulk_sizes(bench: &Bench) -> Vec<usize> {
    bench
        .port
        .requests_on("entities/bulk")
        .iter()
        .map(|request| request.body["entities"].as_array().unwrap().len())
        .collect()
}

#[test]
fn a_push_reaches_port_and_leaves_a_receipt() {
    let bench = Bench::new();
    let id = bench.put(catalog(
        0,
        1,
        vec![entity("service", "one"), entity("team", "two")],
        vec![],
    ));
    let summary = bench.deliver();
    assert!(summary.is_clear(), "{summary:?}");
    assert_eq!(bench.port.entity("service", "one").unwrap()["title"], "one");
    assert!(bench.port.entity("team", "two").is_some());
    let Status::Finished(receipt) = bench.outbox.status(&id).unwrap() else {
        panic!("no receipt");
    };
    assert_eq!(receipt.attempts, 1);
    assert_eq!(receipt.ending.to_string(), "2 written, 0 deleted");
    let agent = concat!("pushgate/", env!("CARGO_PKG_VERSION"), " (PRJ/hello)");
    for request in bench.port.requests() {
        assert_eq!(request.header("user-agent"), Some(agent));
    }
    let upsert = &bench.port.requests_on("bulk")[0];
    assert!(upsert.flag("upsert") && upsert.flag("merge"));
    assert!(upsert.flag("create_missing_related_entities"));
    bench.port.assert_conforms();
}

#[test]
fn twenty_entities_travel_together() {
    let bench = Bench::new();
    let entities = (0..45).map(|number| entity("service", &format!("s{number}")));
    bench.put(catalog(0, 1, entities.collect(), vec![]));
    assert!(bench.deliver().is_clear());
    assert_eq!(bulk_sizes(&bench), [20, 20, 5]);
    assert_eq!(bench.port.entities().len(), 45);
    bench.port.assert_conforms();
}

#[test]
fn requests_stay_below_one_mebibyte() {
    let bench = Bench::new();
    let entities = (0..6).map(|number| {
        entity_of(json!({
            "blueprint": "service",
            "identifier": format!("s{number}"),
            "properties": {"readme": "x".repeat(300_000)},
        }))
    });
    bench.put(catalog(0, 1, entities.collect(), vec![]));
    assert!(bench.deliver().is_clear());
    assert_eq!(bulk_sizes(&bench), [3, 3]);
    bench.port.assert_conforms();
}

#[test]
fn a_server_that_takes_less_gets_halves() {
    let bench = Bench::new();
    bench.port.set_largest_body(700);
    let entities = (0..9).map(|number| {
        entity_of(json!({
            "blueprint": "service",
            "identifier": format!("s{number}"),
            "properties": {"text": "x".repeat(200)},
        }))
    });
    bench.put(catalog(0, 1, entities.collect(), vec![]));
    assert!(bench.deliver().is_clear());
    assert_eq!(bench.port.entities().len(), 9);
}

#[test]
fn an_entity_that_is_too_large_alone_is_refused_and_the_others_pass() {
    let bench = Bench::new();
    let large = json!({
        "blueprint": "service",
        "identifier": "large",
        "properties": {"readme": "x".repeat(1024 * 1024)},
    });
    bench.put(catalog(
        0,
        1,
        vec![entity_of(large), entity("service", "small")],
        vec![],
    ));
    let summary = bench.deliver();
    assert_eq!(summary.refused, 1);
    assert!(bench.port.entity("service", "small").is_some());
    let problem = bench.problem();
    assert!(
        problem.contains("`service/large` of port.yaml"),
        "{problem}"
    );
    assert!(problem.contains("at most 1048576"), "{problem}");
    bench.port.assert_conforms();
}

pub fn blueprint(identifier: &str, relations: Value) -> Value {
    json!({
        "identifier": identifier,
        "schema": {"properties": {"size": {"type": "number"}}, "required": []},
        "relations": relations,
    })
}

#[test]
fn answers_are_matched_by_their_place_not_by_identifier() {
    let bench = Bench::new();
    bench
        .port
        .set_blueprints(vec![blueprint("a", json!({})), blueprint("b", json!({}))]);
    let sized = |blueprint: &str, identifier: &str, size: Value| {
        entity_of(json!({
            "blueprint": blueprint,
            "identifier": identifier,
            "properties": {"size": size},
        }))
    };
    bench.put(catalog(
        0,
        1,
        vec![
            sized("a", "same", json!(1)),
            sized("b", "other", json!(2)),
            sized("b", "same", json!("large")),
        ],
        vec![key("a", "gone")],
    ));
    bench
        .port
        .insert("a", "gone", json!({"identifier": "gone"}));
    let summary = bench.deliver();
    assert_eq!(summary.refused, 1);
    let problem = bench.problem();
    assert!(problem.contains("`b/same` of port.yaml"), "{problem}");
    assert!(!problem.contains("`a/same`"), "{problem}");
    assert!(
        problem.contains("it does not fit its blueprint"),
        "{problem}"
    );
    assert!(bench.port.entity("a", "same").is_some());
    assert!(bench.port.entity("b", "other").is_some());
    // Nothing is deleted where something could not be written.
    assert!(bench.port.entity("a", "gone").is_some());
    bench.port.assert_conforms();
}

#[test]
fn relations_within_a_push_may_come_in_any_order() {
    let bench = Bench::with(|settings| settings.create_missing_related_entities = false);
    let next = json!({"next": {"target": "a"}, "up": {"target": "b"}});
    bench
        .port
        .set_blueprints(vec![blueprint("a", next), blueprint("b", json!({}))]);
    let pointing = |identifier: &str, target: &str| {
        entity_of(json!({
            "blueprint": "a",
            "identifier": identifier,
            "relations": {"next": target},
        }))
    };
    let up = entity_of(json!({
        "blueprint": "a",
        "identifier": "four",
        "relations": {"up": "top"},
    }));
    bench.put(catalog(
        0,
        1,
        vec![
            pointing("one", "two"),
            pointing("two", "three"),
            pointing("three", "four"),
            up,
            entity("b", "top"),
        ],
        vec![],
    ));
    assert!(bench.deliver().is_clear());
    assert_eq!(bench.port.entities().len(), 5);

    bench.put(catalog(1, 2, vec![pointing("one", "nowhere")], vec![]));
    assert_eq!(bench.deliver().refused, 1);
    let problem = bench.problem();
    assert!(
        problem.contains("something it points to is not in Port"),
        "{problem}"
    );
    assert!(problem.contains("nowhere"), "{problem}");
    assert!(
        problem.contains("create_missing_related_entities"),
        "{problem}"
    );
    bench.port.assert_conforms();
}

#[test]
fn identifiers_with_slashes_and_letters_of_any_alphabet_arrive_as_they_are() {
    let bench = Bench::new();
    let identifiers = ["team/größe@1.0", "a\\b:c=d", "名前", "x+y"];
    let entities = identifiers.map(|identifier| entity("team/blueprint", identifier));
    bench.put(catalog(0, 1, entities.to_vec(), vec![]));
    assert!(bench.deliver().is_clear());
    for identifier in identifiers {
        let stored = bench.port.entity("team/blueprint", identifier);
        assert!(stored.is_some(), "{identifier}");
    }
    // One at a time, since the identifier stands in the path then.
    for (number, identifier) in identifiers.iter().enumerate() {
        let gone = vec![key("team/blueprint", identifier)];
        bench.put(catalog(number + 1, number + 2, vec![], gone));
        assert!(bench.deliver().is_clear());
    }
    assert!(bench.port.entities().is_empty());
    bench.port.assert_conforms();
}

#[test]
fn an_identifier_that_is_a_query_changes_the_one_entity_it_finds() {
    let bench = Bench::new();
    bench.port.insert(
        "service",
        "known",
        json!({"identifier": "known", "properties": {"repo": "r", "tier": 1}}),
    );
    let query = |value: &str| {
        json!({
            "blueprint": "service",
            "identifier": {
                "combinator": "and",
                "rules": [{"property": "repo", "operator": "=", "value": value}],
            },
            "properties": {"tier": 2},
        })
    };
    bench.put(catalog(
        0,
        1,
        vec![entity("service", "other"), entity_of(query("r"))],
        vec![],
    ));
    assert!(bench.deliver().is_clear());
    let known = bench.port.entity("service", "known").unwrap();
    assert_eq!(known["properties"], json!({"repo": "r", "tier": 2}));

    bench.put(catalog(
        1,
        2,
        vec![entity_of(query("nobody")), entity("service", "third")],
        vec![],
    ));
    assert_eq!(bench.deliver().refused, 1);
    assert!(bench.port.entity("service", "third").is_some());
    assert!(bench.problem().contains("`service/(search query)`"));
    bench.port.assert_conforms();
}

#[test]
fn a_missing_blueprint_is_told_once_for_all_with_the_rest_counted() {
    let bench = Bench::new();
    bench.port.set_blueprints(vec![]);
    let entities = (0..8).map(|number| entity("service", &format!("s{number}")));
    bench.put(catalog(0, 1, entities.collect(), vec![]));
    assert_eq!(bench.deliver().refused, 1);
    let problem = bench.problem();
    assert!(problem.contains("Port has no such blueprint"), "{problem}");
    assert!(problem.contains("and 3 more"), "{problem}");
}

#[test]
fn a_newer_push_takes_the_place_of_a_refused_one() {
    let bench = Bench::new();
    bench.port.set_blueprints(vec![blueprint("a", json!({}))]);
    let wrong = json!({"blueprint": "a", "identifier": "x", "properties": {"size": "big"}});
    let first = bench.put(catalog(
        0,
        1,
        vec![entity_of(wrong), entity("a", "short-lived")],
        vec![],
    ));
    assert_eq!(bench.deliver().refused, 1);
    let Status::Pending(refused) = bench.outbox.status(&first).unwrap() else {
        panic!("it left");
    };
    assert_eq!(refused.state, State::Refused);
    let right = json!({"blueprint": "a", "identifier": "x", "properties": {"size": 1}});
    let second = bench.put(catalog(1, 2, vec![entity_of(right)], vec![]));
    assert!(bench.deliver().is_clear());
    let Status::Finished(receipt) = bench.outbox.status(&first).unwrap() else {
        panic!("it is still there");
    };
    assert_eq!(receipt.ending, Ending::CarriedBy(second));
    // The refused push had brought it in; the newer one doesn't have it.
    assert!(bench.port.entity("a", "short-lived").is_none());
}
