//! What would be forgotten, sent by two, or sent too long.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use pushgate::delivery::{self, Deadline, Settings};
use pushgate::outbox::{Delivery, State};
use serde_json::json;
use standin::Fault;

use crate::bench::{Bench, catalog, entity, entity_of, key, no_branches, settings};

#[test]
fn what_was_kept_for_another_goes_once_nobody_points_to_it() {
    let bench = Bench::new();
    bench.port.insert("a", "x", json!({}));
    let pointing = entity_of(json!({
        "blueprint": "a", "identifier": "one", "relations": {"up": "x"}
    }));
    // Delivered before there was an inventory: only the job knows of it.
    bench.put(catalog(0, 1, vec![pointing], vec![key("a", "x")]));
    assert!(bench.deliver().is_clear());
    assert!(bench.port.entity("a", "x").is_some());
    bench.put(catalog(
        1,
        2,
        vec![entity("a", "one")],
        vec![key("a", "one")],
    ));
    assert!(bench.deliver().is_clear());
    assert_eq!(bench.port.entity("a", "x"), None);
}

#[test]
fn deletions_that_an_older_push_asked_for_are_approved_with_the_newer_one() {
    let bench = Bench::new();
    let gone: Vec<_> = (0..12)
        .map(|number| key("a", &format!("e{number}")))
        .collect();
    for key in &gone {
        bench
            .port
            .insert(&key.blueprint, &key.identifier, json!({}));
    }
    bench.put(catalog(0, 1, vec![], gone));
    assert_eq!(bench.deliver().held, 1);
    let newer = bench.put(catalog(1, 2, vec![entity("a", "new")], vec![]));
    assert_eq!(bench.deliver().held, 1);
    assert_eq!(bench.port.entities().len(), 13);
    let approved = bench.outbox.approve(&newer).unwrap();
    assert_eq!(approved.state, State::Waiting);
    assert!(bench.deliver().is_clear());
    let left: Vec<_> = bench.port.entities().into_keys().collect();
    assert_eq!(left, [("a".to_owned(), "new".to_owned())]);
}

#[test]
fn of_two_repositories_that_declare_one_entity_at_once_one_has_it() {
    let together = Settings {
        workers: 2,
        ..settings()
    };
    for round in 0..8 {
        let bench = Bench::new();
        for name in ["PRJ/one", "PRJ/two"] {
            let entities = (0..30).map(|number| {
                let identifier = format!("e{number}");
                entity_of(json!({"blueprint": "a", "identifier": identifier, "title": name}))
            });
            let job = catalog(0, 1, entities.collect(), vec![]);
            let delivery = Delivery::new(name.parse().unwrap(), job);
            bench.outbox.put(&delivery).unwrap();
        }
        let summary = delivery::deliver(
            &bench.outbox,
            &bench.remotes,
            &together,
            &no_branches(),
            Deadline::NothingDue,
            &|_| (),
        );
        assert_eq!(summary.unwrap().refused, 1, "round {round}");
        let mut store = bench.outbox.store().unwrap();
        for name in ["PRJ/one", "PRJ/two"] {
            for key in store.inventory(&name.parse().unwrap()).unwrap().keys() {
                let there = bench.port.entity(&key.blueprint, &key.identifier);
                assert_eq!(there.unwrap()["title"], name, "round {round}");
            }
        }
    }
}

#[test]
fn a_worker_that_is_to_end_finishes_the_call_and_gives_the_rest_back() {
    let bench = Bench::new();
    let entities = (0..200).map(|number| entity("a", &format!("e{number}")));
    bench.put(catalog(0, 1, entities.collect(), vec![]));
    let stop = std::sync::Arc::new(AtomicBool::new(false));
    let (stopping, calls) = (std::sync::Arc::clone(&stop), AtomicUsize::new(0));
    bench.port.fail_by(move |request| {
        let is_upsert = request.path.ends_with("/bulk");
        if is_upsert && calls.fetch_add(1, Ordering::SeqCst) == 2 {
            // While the third call is on its way.
            stopping.store(true, Ordering::SeqCst);
            return Some(Fault::Slow(Duration::from_millis(20)));
        }
        None
    });
    let summary = delivery::watch(
        &bench.outbox,
        &bench.remotes,
        &settings(),
        &no_branches(),
        &stop,
        &|_| (),
    );
    assert_eq!(summary.unwrap().waiting, 1);
    assert_eq!(bench.port.requests_on("/bulk").len(), 3);
    assert_eq!(bench.port.entities().len(), 60);
    let left = bench.outbox.list().unwrap().deliveries;
    assert_eq!((left[0].attempts, &left[0].last_problem), (0, &None));
    // Whoever comes next has it at once, and sends what is missing.
    bench.port.mend();
    assert!(bench.deliver().is_clear());
    assert_eq!(bench.port.requests_on("/bulk").len(), 10);
    assert_eq!(bench.port.entities().len(), 200);
}
