//! What either database has to hold to.

use std::collections::BTreeSet;
use std::sync::{Barrier, Mutex};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use pushgate::outbox::{Delivery, Ending, LEASE, OutboxError, Problem, State, System};

use crate::bench::{build, catalog, commit, over_both};

fn problem() -> Problem {
    Problem {
        at: Timestamp::now(),
        message: "no luck".to_owned(),
        help: None,
    }
}

#[test]
fn what_is_taken_in_twice_is_there_once_and_never_comes_back() {
    over_both(|bench| {
        let outbox = bench.outbox();
        let mut store = outbox.store().unwrap();
        let delivery = catalog("PRJ/a", &["one"]);
        for _ in 0..3 {
            store.take_in(&delivery).unwrap();
        }
        assert_eq!(store.deliveries().unwrap(), [rounded(&delivery)]);
        // What has happened to it since is not undone by another node that saw the same file.
        store
            .update(&delivery.id, |delivery| delivery.state = State::Refused)
            .unwrap();
        store.take_in(&delivery).unwrap();
        assert_eq!(store.deliveries().unwrap()[0].state, State::Refused);
        store.discard(&delivery.id).unwrap();
        store.take_in(&delivery).unwrap();
        assert_eq!(store.deliveries().unwrap(), []);
        let receipt = store.receipt(&delivery.id).unwrap().unwrap();
        assert_eq!(receipt.ending, Ending::Discarded);
    });
}

/// As the store keeps it: moments to the microsecond.
fn rounded(delivery: &Delivery) -> Delivery {
    let round = |moment: Timestamp| Timestamp::from_microsecond(moment.as_microsecond()).unwrap();
    Delivery {
        created: round(delivery.created),
        next_try: round(delivery.next_try),
        ..delivery.clone()
    }
}

#[test]
fn many_take_the_same_files_in_and_none_is_lost_or_doubled() {
    over_both(|bench| {
        let outbox = bench.outbox();
        let put: BTreeSet<_> = (0..60)
            .map(|number| outbox.put(&build("PRJ/a", number)).unwrap())
            .collect();
        thread::scope(|scope| {
            for _ in 0..6 {
                let outbox = bench.outbox();
                scope.spawn(move || outbox.take_in(&mut outbox.store().unwrap()).unwrap());
            }
        });
        let there: BTreeSet<_> = outbox
            .list()
            .unwrap()
            .deliveries
            .into_iter()
            .map(|one| one.id)
            .collect();
        assert_eq!(there, put);
        let spool = bench.folder.path().join("spool/pending");
        assert_eq!(std::fs::read_dir(spool).unwrap().count(), 0);
    });
}

#[test]
fn many_claim_at_once_and_each_lane_is_one_workers() {
    const LANES: usize = 24;
    const WORKERS: usize = 8;
    over_both(|bench| {
        let outbox = bench.outbox();
        let mut store = outbox.store().unwrap();
        for number in 0..LANES {
            // More than one of a lane, so that they could meet there.
            for one in 0..3 {
                store
                    .take_in(&build(&format!("PRJ/r{number}"), one))
                    .unwrap();
            }
        }
        let claimed = Mutex::new(Vec::new());
        let start = Barrier::new(WORKERS);
        thread::scope(|scope| {
            for _ in 0..WORKERS {
                let (claimed, start, outbox) = (&claimed, &start, bench.outbox());
                scope.spawn(move || {
                    let worker = outbox.worker().unwrap();
                    let mut store = outbox.store().unwrap();
                    start.wait();
                    while let Some(flight) = store.claim(worker.id(), &[]).unwrap() {
                        claimed.lock().unwrap().push(flight.lane);
                    }
                });
            }
        });
        let mut claimed = claimed.into_inner().unwrap();
        claimed.sort();
        let all = claimed.len();
        claimed.dedup();
        assert_eq!(claimed.len(), all, "a lane was claimed twice");
        // Who finds others at every lane it looks at gives up for now, and looks again later.
        let worker = outbox.worker().unwrap();
        let left = std::iter::from_fn(|| store.claim(worker.id(), &[]).unwrap()).count();
        assert_eq!(all + left, LANES);
    });
}

#[test]
fn the_lane_that_waited_longest_is_next() {
    over_both(|bench| {
        let outbox = bench.outbox();
        let mut store = outbox.store().unwrap();
        // One repository with much to do comes first, and the others don't wait for all of it.
        for number in 0..20 {
            store.take_in(&build("PRJ/busy", number)).unwrap();
        }
        for name in ["PRJ/b", "PRJ/c"] {
            store.take_in(&build(name, 0)).unwrap();
        }
        let worker = outbox.worker().unwrap();
        let mut turns = Vec::new();
        for _ in 0..6 {
            let flight = store.claim(worker.id(), &[]).unwrap().unwrap();
            turns.push(flight.lane.repository.as_str().to_owned());
            store.land(&flight).unwrap();
        }
        let round = ["PRJ/busy", "PRJ/b", "PRJ/c"];
        assert_eq!(turns, [round, round].concat());
    });
}

#[test]
fn only_what_is_due_and_nobody_rests_from_is_claimed() {
    over_both(|bench| {
        let outbox = bench.outbox();
        let mut store = outbox.store().unwrap();
        let worker = outbox.worker().unwrap();
        let hour = Duration::from_secs(60 * 60);
        let later = Timestamp::now().checked_add(hour).unwrap();
        let mut waits = build("PRJ/later", 0);
        waits.next_try = later;
        store.take_in(&waits).unwrap();
        let refused = build("PRJ/refused", 0);
        store.take_in(&refused).unwrap();
        store
            .update(&refused.id, |delivery| delivery.state = State::Refused)
            .unwrap();
        assert_eq!(store.claim(worker.id(), &[]).unwrap(), None);
        let next = store.next_due(&[]).unwrap().unwrap();
        assert_eq!(next.as_microsecond(), later.as_microsecond());
        assert_eq!(store.next_due(&[System::Algorithmia]).unwrap(), None);

        store.take_in(&catalog("PRJ/a", &["one"])).unwrap();
        assert_eq!(store.claim(worker.id(), &[System::Port]).unwrap(), None);
        let flight = store.claim(worker.id(), &[]).unwrap().unwrap();

        // A pause that one worker was asked for is kept by all of them.
        store.pause(&System::Port, later).unwrap();
        store.pause(&System::Port, Timestamp::now()).unwrap();
        let mut other = bench.outbox().store().unwrap();
        let until = other.paused_until(&flight).unwrap().unwrap();
        assert_eq!(until.as_microsecond(), later.as_microsecond());
        store.land(&flight).unwrap();
        assert_eq!(other.claim(worker.id(), &[]).unwrap(), None);
        other.end_pauses().unwrap();
        assert!(store.claim(worker.id(), &[]).unwrap().is_some());
    });
}

#[test]
fn a_lease_that_ended_is_anybodys_and_the_first_one_has_no_more_say() {
    over_both(|bench| {
        let outbox = bench.outbox();
        let mut store = outbox.store().unwrap();
        let delivery = build("PRJ/a", 0);
        store.take_in(&delivery).unwrap();
        let worker = outbox.worker().unwrap();
        let first = store.claim(worker.id(), &[]).unwrap().unwrap();
        assert_eq!(store.claim(worker.id(), &[]).unwrap(), None);
        bench.age_flights(LEASE + Duration::from_secs(1));
        // The same process again, with another of its threads: it is another flight all the same.
        let second = store.claim(worker.id(), &[]).unwrap().unwrap();
        assert_eq!(first.lane, second.lane);
        assert_ne!(first, second);
        let endings = [(delivery.id.clone(), Ending::Built)];
        let taken_over = |result: Result<_, OutboxError>| {
            assert!(matches!(result, Err(OutboxError::TakenOver { .. })));
        };
        taken_over(store.finish(&first, &endings).map(|_| ()));
        let ids = [delivery.id.clone()];
        let now = Timestamp::now();
        taken_over(store.postpone(&first, &ids, &problem(), State::Refused, now));
        taken_over(store.record(&first, [].into_iter()));
        taken_over(store.forget(&first, [].into_iter()));
        store.renew(std::slice::from_ref(&first)).unwrap();
        store.land(&first).unwrap();
        assert_eq!(
            store.claim(worker.id(), &[]).unwrap(),
            None,
            "it gave back what is not its own"
        );
        // That a commit was built is true whoever says it.
        store
            .finish_build("acme/hello", &commit(0), &endings)
            .unwrap();
        assert!(store.is_built("acme/hello", &commit(0)).unwrap());
        assert!(!store.is_built("acme/hello", &commit(1)).unwrap());
        assert!(!store.is_built("acme/other", &commit(0)).unwrap());
        assert_eq!(store.deliveries().unwrap(), []);
        assert_eq!(store.finish(&second, &endings).unwrap(), []);
    });
}

#[test]
fn a_renewed_lease_does_not_end() {
    over_both(|bench| {
        let outbox = bench.outbox();
        let mut store = outbox.store().unwrap();
        store.take_in(&build("PRJ/a", 0)).unwrap();
        let worker = outbox.worker().unwrap();
        let flight = store.claim(worker.id(), &[]).unwrap().unwrap();
        for _ in 0..3 {
            bench.age_flights(LEASE / 2);
            store.renew(std::slice::from_ref(&flight)).unwrap();
        }
        assert_eq!(store.claim(worker.id(), &[]).unwrap(), None);
    });
}

#[test]
fn each_try_is_remembered_as_long_as_the_delivery() {
    over_both(|bench| {
        let outbox = bench.outbox();
        let mut store = outbox.store().unwrap();
        let delivery = build("PRJ/a", 0);
        store.take_in(&delivery).unwrap();
        let worker = outbox.worker().unwrap();
        for _ in 0..3 {
            let flight = store.claim(worker.id(), &[]).unwrap().unwrap();
            let ids = [delivery.id.clone()];
            store
                .postpone(&flight, &ids, &problem(), State::Waiting, Timestamp::now())
                .unwrap();
            store.land(&flight).unwrap();
        }
        assert_eq!(store.attempts(&delivery.id).unwrap().len(), 3);
        store.discard(&delivery.id).unwrap();
        store.forget_receipts(Timestamp::MIN).unwrap();
        assert_eq!(store.attempts(&delivery.id).unwrap().len(), 3);
        store.forget_receipts(Timestamp::MAX).unwrap();
        assert_eq!(store.attempts(&delivery.id).unwrap(), []);
        assert_eq!(store.receipt(&delivery.id).unwrap(), None);
    });
}

#[test]
fn states_are_counted() {
    over_both(|bench| {
        let mut store = bench.outbox().store().unwrap();
        assert!(store.counts().unwrap().is_empty());
        let deliveries: Vec<Delivery> = (0..5).map(|number| build("PRJ/a", number)).collect();
        for delivery in &deliveries {
            store.take_in(delivery).unwrap();
        }
        store
            .update(&deliveries[0].id, |delivery| delivery.state = State::Held)
            .unwrap();
        let counts: Vec<_> = store.counts().unwrap().into_iter().collect();
        assert_eq!(counts, [(State::Waiting, 4), (State::Held, 1)]);
    });
}
