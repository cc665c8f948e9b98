//! Deliveries that a sweep carries out as it puts them into the outbox.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use pushgate::catalog::{EntityKey, Inventory, plan};
use pushgate::delivery::{Boarded, Event, Express};
use pushgate::outbox::{
    Arrival, Delivery, DeliveryId, Departure, Ending, Flight, Job, LEASE, Outbox, Store, Sweep,
    System,
};
use standin::{Fault, PortStandIn};

use crate::bench::{Bench, catalog, delivered, key, over_both, wait_until};
use crate::carrying_out::{Said, carry_out, remotes};

const DONE: Ending = Ending::Catalog {
    upserted: 1,
    deleted: 0,
    kept: 0,
};

fn sweep() -> Sweep {
    Sweep {
        server: "https://git.example.com".to_owned(),
        began: Timestamp::now(),
    }
}

fn departure(delivery: &Delivery, identifier: &str) -> Departure {
    Departure {
        delivery: delivery.id.clone(),
        records: [(key(identifier), Default::default())].into(),
        asked: delivery.created,
    }
}

/// Puts deliveries into the outbox, each with the entity that it declares; what may depart.
fn put(
    outbox: &Outbox,
    worker: &pushgate::outbox::WorkerId,
    deliveries: &[(Delivery, &str)],
) -> Vec<(DeliveryId, Flight)> {
    let departures: Vec<Departure> = deliveries
        .iter()
        .map(|(delivery, identifier)| departure(delivery, identifier))
        .collect();
    let deliveries: Vec<Delivery> = deliveries
        .iter()
        .map(|(delivery, _)| delivery.clone())
        .collect();
    let mut store = outbox.store().unwrap();
    store
        .note_swept(&sweep(), &[], &deliveries, Some((worker, &departures)))
        .unwrap()
}

fn arrival((delivery, flight): (DeliveryId, Flight), identifier: &str) -> Arrival {
    Arrival {
        flight,
        delivery,
        records: vec![(key(identifier), delivered(identifier))],
        ending: DONE,
    }
}

fn is_known(store: &mut Store, repository: &str, key: &EntityKey) -> bool {
    let inventory = store.inventory(&repository.parse().unwrap()).unwrap();
    inventory.get(key).is_some_and(|one| one.digest.is_some())
}

#[test]
fn what_departs_is_nobody_elses_and_leaves_with_what_has_arrived() {
    over_both(|bench| {
        let outbox = bench.outbox();
        let (me, other) = (outbox.worker().unwrap(), outbox.worker().unwrap());
        let deliveries = [
            (catalog("PRJ/a", &["a"]), "a"),
            (catalog("PRJ/b", &["b"]), "b"),
        ];
        let flights = put(&outbox, me.id(), &deliveries);
        assert_eq!(flights.len(), 2);
        let mut store = outbox.store().unwrap();
        assert_eq!(store.claim(other.id(), &[]).unwrap(), None);
        let arrivals: Vec<Arrival> = flights
            .into_iter()
            .zip(["a", "b"])
            .map(|(flight, identifier)| arrival(flight, identifier))
            .collect();
        let receipts = store.arrive(&arrivals).unwrap();
        assert_eq!(receipts.len(), 2);
        assert!(receipts.iter().all(|receipt| receipt.ending == DONE));
        assert!(store.deliveries().unwrap().is_empty());
        assert!(is_known(&mut store, "PRJ/a", &key("a")));
        assert!(is_known(&mut store, "PRJ/b", &key("b")));
        // Once more changes nothing.
        assert!(store.arrive(&arrivals).unwrap().is_empty());
    });
}

#[test]
fn what_is_given_back_or_taken_over_is_carried_out_by_others() {
    over_both(|bench| {
        let outbox = bench.outbox();
        let (me, other) = (outbox.worker().unwrap(), outbox.worker().unwrap());
        let mut store = outbox.store().unwrap();
        let given_back = put(&outbox, me.id(), &[(catalog("PRJ/a", &["a"]), "a")]);
        let (_, flight) = &given_back[0];
        store.give_back(std::slice::from_ref(flight)).unwrap();
        let claimed = store.claim(other.id(), &[]).unwrap().unwrap();
        assert_eq!(claimed.lane, flight.lane);
        // Whoever comes too late is not listened to.
        let late = given_back.into_iter().map(|one| arrival(one, "a"));
        let late: Vec<Arrival> = late.collect();
        assert!(store.arrive(&late).unwrap().is_empty());
        assert_eq!(store.deliveries().unwrap().len(), 1);
        assert!(!is_known(&mut store, "PRJ/a", &key("a")));
    });
}

#[test]
fn a_process_that_dies_leaves_what_it_had_claimed_to_others() {
    over_both(|bench| {
        let outbox = bench.outbox();
        let other = outbox.worker().unwrap();
        let dead = outbox.worker().unwrap();
        let flights = put(&outbox, dead.id(), &[(catalog("PRJ/a", &["a"]), "a")]);
        assert_eq!(flights.len(), 1);
        drop(dead);
        let mut store = outbox.store().unwrap();
        outbox
            .free_flights_of_the_dead(&mut store, other.id())
            .unwrap();
        assert!(store.claim(other.id(), &[]).unwrap().is_some());
    });
}

#[test]
fn what_is_out_of_the_ordinary_does_not_depart() {
    over_both(|bench| {
        let outbox = bench.outbox();
        let me = outbox.worker().unwrap();
        let mut store = outbox.store().unwrap();
        // Something waits already, and is older.
        store.take_in(&catalog("PRJ/a", &["old"])).unwrap();
        assert_eq!(
            put(&outbox, me.id(), &[(catalog("PRJ/a", &["a"]), "a")]),
            []
        );
        // Another repository has delivered the entity.
        let theirs = put(&outbox, me.id(), &[(catalog("PRJ/b", &["b"]), "b")]);
        let theirs = theirs.into_iter().map(|one| arrival(one, "b"));
        let theirs: Vec<Arrival> = theirs.collect();
        store.arrive(&theirs).unwrap();
        assert_eq!(
            put(&outbox, me.id(), &[(catalog("PRJ/c", &["b"]), "b")]),
            []
        );
        // The branch was asked for before something was delivered: that may be newer.
        let mut delivery = catalog("PRJ/b", &["b"]);
        delivery.created = Timestamp::UNIX_EPOCH;
        assert_eq!(put(&outbox, me.id(), &[(delivery, "b")]), []);
        // Port has asked for a pause.
        let until = Timestamp::now() + LEASE;
        store.pause(&System::Port, until).unwrap();
        assert_eq!(
            put(&outbox, me.id(), &[(catalog("PRJ/d", &["d"]), "d")]),
            []
        );
        // All of it is there, for whoever carries out what waits.
        assert_eq!(store.deliveries().unwrap().len(), 5);
        store.end_pauses().unwrap();
        let port = PortStandIn::start().unwrap();
        carry_out(&outbox, &port, Said::new());
        assert!(port.entity("service", "a").is_some() && port.entity("service", "d").is_some());
    });
}

/// What an express says of so many deliveries of a repository each, once none is under way.
fn carried(bench: &Bench, port: &PortStandIn, many: usize) -> Vec<Event> {
    let outbox = bench.outbox();
    let remotes = remotes(port);
    let express = Express::new(&outbox, remotes.port.as_ref().unwrap(), 4).unwrap();
    let said = Mutex::new(Vec::new());
    let observer = |event: Event| said.lock().unwrap().push(event);
    let names: Vec<String> = (0..many).map(|number| format!("e{number}")).collect();
    let deliveries: Vec<(Delivery, &str)> = names
        .iter()
        .map(|name| (catalog(&format!("PRJ/{name}"), &[name]), name.as_str()))
        .collect();
    std::thread::scope(|scope| {
        let running = scope.spawn(|| express.run(&observer));
        let flights = put(&outbox, express.worker().unwrap(), &deliveries);
        assert_eq!(flights.len(), many);
        let boarded = flights.into_iter().map(|(id, flight)| {
            let (delivery, _) = deliveries.iter().find(|(one, _)| one.id == id).unwrap();
            let Job::Catalog(job) = &delivery.job else {
                panic!("no catalog")
            };
            let desired = job.desired.as_ref().unwrap();
            let nobody = |_: &EntityKey| None;
            let plan = plan(
                desired,
                &Inventory::default(),
                &Default::default(),
                &nobody,
                &Default::default(),
            );
            let upserts = plan.upserts.into_iter();
            Boarded {
                delivery: id,
                flight,
                upserts: upserts.map(|upsert| upsert.into_owned()).collect(),
            }
        });
        express.board(boarded.collect());
        assert!(express.wait_for_room(0, Instant::now() + Duration::from_secs(60)));
        express.close();
        running.join().unwrap().unwrap();
    });
    said.into_inner().unwrap()
}

#[test]
fn an_express_carries_out_what_it_can_and_leaves_the_rest() {
    over_both(|bench| {
        let port = PortStandIn::start().unwrap();
        port.fail_by(|request| request.text.contains("\"e3\"").then(|| Fault::status(422)));
        let said = carried(bench, &port, 10);
        assert_eq!(said.len(), 9, "{said:?}");
        assert_eq!(port.requests_on("/bulk").len(), 10);
        assert_eq!(port.entities().len(), 9);
        let outbox = bench.outbox();
        assert_eq!(outbox.list().unwrap().deliveries.len(), 1);
        port.mend();
        let summary = carry_out(&outbox, &port, Said::new());
        assert!(summary.is_clear(), "{summary:?}");
        assert_eq!(port.entities().len(), 10);
    });
}

#[test]
fn where_port_takes_nothing_one_has_asked_and_all_is_left_to_others() {
    over_both(|bench| {
        for status in [503, 401] {
            let port = PortStandIn::start().unwrap();
            port.fail_by(move |request| {
                let bulk = request.path.ends_with("/bulk");
                bulk.then(|| Fault::status(status))
            });
            let said = carried(bench, &port, 20);
            assert_eq!(said, []);
            // A token is renewed once.
            assert!(port.requests_on("/bulk").len() <= 2);
            let outbox = bench.outbox();
            assert_eq!(outbox.list().unwrap().deliveries.len(), 20);
            port.mend();
            let end = Duration::from_secs(20);
            wait_until(end, "all is delivered", || {
                carry_out(&outbox, &port, Said::new()).is_clear()
            });
            assert_eq!(port.entities().len(), 20);
            let mut store = outbox.store().unwrap();
            for number in 0..20 {
                let name = format!("e{number}");
                let repository = format!("PRJ/{name}").parse().unwrap();
                store.release(&repository, &key(&name)).unwrap();
            }
        }
    });
}
