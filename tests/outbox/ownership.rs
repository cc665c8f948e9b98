//! An entity belongs to the repository that delivered it, also where two declare it at once.

use pushgate::catalog::EntityKey;
use pushgate::outbox::{Flight, Outbox, Store};
use pushgate::repository::RepositoryName;

use crate::bench::{catalog, delivered, key, over_both};

fn name(text: &str) -> RepositoryName {
    text.parse().unwrap()
}

/// A flight of that repository to Port.
fn flight(outbox: &Outbox, store: &mut Store, repository: &str) -> Flight {
    store.take_in(&catalog(repository, &["x"])).unwrap();
    let worker = outbox.worker().unwrap();
    let flight = store.claim(worker.id(), &[]).unwrap().unwrap();
    assert_eq!(flight.lane.repository, name(repository));
    flight
}

fn keys(store: &mut Store, repository: &str) -> Vec<String> {
    let inventory = store.inventory(&name(repository)).unwrap();
    inventory.into_keys().map(|key| key.identifier).collect()
}

#[test]
fn what_one_has_delivered_no_other_takes_over() {
    over_both(|bench| {
        let outbox = bench.outbox();
        let mut store = outbox.store().unwrap();
        let one = flight(&outbox, &mut store, "PRJ/one");
        let two = flight(&outbox, &mut store, "PRJ/two");
        let (shared, own) = (key("shared"), key("own"));
        let (first, second) = (delivered("first"), delivered("second"));
        store.record(&one, [(&shared, &first)].into_iter()).unwrap();
        store
            .record(&two, [(&shared, &second), (&own, &second)].into_iter())
            .unwrap();
        assert_eq!(keys(&mut store, "PRJ/one"), ["shared"]);
        assert_eq!(keys(&mut store, "PRJ/two"), ["own"]);
        let kept = store.inventory(&name("PRJ/one")).unwrap();
        assert_eq!(kept[&shared], first);
        let owners = |store: &mut Store, repository: &str, keys: &[EntityKey]| {
            let owners = store.other_owners(&name(repository), keys.iter()).unwrap();
            let owners = owners.into_iter();
            owners
                .map(|(key, owner)| format!("{key} {owner}"))
                .collect::<Vec<_>>()
        };
        let asked = [shared.clone(), own.clone(), key("nobodys")];
        let told = owners(&mut store, "PRJ/two", &asked);
        assert_eq!(told, ["service/shared PRJ/one"]);
        assert_eq!(
            owners(&mut store, "PRJ/one", &asked),
            ["service/own PRJ/two"]
        );
        // Nor forgets it.
        store.forget(&two, [&shared].into_iter()).unwrap();
        assert_eq!(store.release(&name("PRJ/two"), &shared).unwrap(), 0);
        assert_eq!(keys(&mut store, "PRJ/one"), ["shared"]);
        // Handed over by a person, or given up.
        assert_eq!(store.release(&name("PRJ/one"), &shared).unwrap(), 1);
        store
            .record(&two, [(&shared, &second)].into_iter())
            .unwrap();
        assert_eq!(keys(&mut store, "PRJ/two"), ["own", "shared"]);
    });
}

#[test]
fn many_rows_of_two_that_overlap_are_written_without_waiting_for_one_another() {
    over_both(|bench| {
        let outbox = bench.outbox();
        let mut store = outbox.store().unwrap();
        let flights = ["PRJ/one", "PRJ/two"].map(|name| flight(&outbox, &mut store, name));
        let all: Vec<EntityKey> = (0..1_000)
            .map(|number| key(&format!("e{number}")))
            .collect();
        let content = delivered("x");
        std::thread::scope(|scope| {
            for (turned, flight) in [false, true].into_iter().zip(&flights) {
                let (mut keys, content, outbox) = (all.clone(), &content, bench.outbox());
                if turned {
                    keys.reverse();
                }
                scope.spawn(move || {
                    let mut store = outbox.store().unwrap();
                    for _ in 0..5 {
                        let rows = keys.iter().map(|key| (key, content));
                        store.record(flight, rows).unwrap();
                    }
                });
            }
        });
        let one = keys(&mut store, "PRJ/one").len();
        let two = keys(&mut store, "PRJ/two").len();
        assert_eq!(one + two, all.len());
    });
}

#[test]
fn names_hold_whatever_a_file_can_hold() {
    over_both(|bench| {
        let outbox = bench.outbox();
        let mut store = outbox.store().unwrap();
        let flight = flight(&outbox, &mut store, "PRJ/one");
        for identifier in [
            "",
            "'; DROP TABLE inventory",
            "$1",
            "ü\u{1f980}\u{202e}",
            "a\nb",
            "a\0b",
        ] {
            let key = key(identifier);
            store
                .record(&flight, [(&key, &delivered("x"))].into_iter())
                .unwrap();
        }
        assert_eq!(keys(&mut store, "PRJ/one").len(), 6);
    });
}
