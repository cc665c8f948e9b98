//! A system that can't be reached: nobody calls it for a while, then one does, and when that one has
//! an answer all of them do.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use pushgate::outbox::{Flight, LEASE, Store, System, WorkerId};
use standin::PortStandIn;

use crate::bench::{Bench, build, catalog, over_both};
use crate::carrying_out::{Said, carry_out};

/// Long enough for any machine.
const HOUR: Duration = Duration::from_secs(60 * 60);

fn hours(failures: u32) -> Duration {
    HOUR * failures
}

fn claim_all(store: &mut Store, worker: &WorkerId) -> Vec<Flight> {
    std::iter::from_fn(|| store.claim(worker, &[]).unwrap()).collect()
}

/// The pauses end by now.
fn wait_it_out(bench: &Bench) {
    bench.sql("UPDATE pauses SET until = 0");
}

fn is_in_hours(moment: Timestamp, failures: u32) -> bool {
    let left = Duration::try_from(Timestamp::now().until(moment).unwrap()).unwrap();
    left <= hours(failures) && left > hours(failures) - HOUR / 2
}

fn with_lanes(bench: &Bench, lanes: usize) -> Store {
    let mut store = bench.outbox().store().unwrap();
    for number in 0..lanes {
        let name = format!("PRJ/r{number}");
        store.take_in(&catalog(&name, &["x"])).unwrap();
    }
    store
}

#[test]
fn an_outage_is_one_for_all_lanes_and_grows_with_each_try() {
    over_both(|bench| {
        let mut store = with_lanes(bench, 4);
        let outbox = bench.outbox();
        let worker = outbox.worker().unwrap();
        let me = worker.id();
        store.take_in(&build("PRJ/r0", 0)).unwrap();
        let flights = claim_all(&mut store, me);
        assert_eq!(flights.len(), 5);
        // Those that were in the air together have the same news.
        let to_port = || {
            flights
                .iter()
                .filter(|flight| flight.lane.system == System::Port)
        };
        let first = store
            .note_unreachable(to_port().next().unwrap(), hours)
            .unwrap();
        assert!(is_in_hours(first, 1), "{first}");
        for flight in to_port() {
            let next = store.note_unreachable(flight, hours).unwrap();
            assert_eq!(next.as_microsecond(), first.as_microsecond());
        }
        for flight in &flights {
            store.land(flight).unwrap();
        }
        // Others are called as before.
        let others = claim_all(&mut store, me);
        assert_eq!(others.len(), 1);
        assert_eq!(others[0].lane.system, System::Algorithmia);
        for failures in 2..=4 {
            wait_it_out(bench);
            let probes = claim_all(&mut store, me);
            assert_eq!(probes.len(), 1, "one tries it, not all");
            assert!(store.is_any_probed().unwrap());
            // Who tries it is not kept from it by that.
            assert_eq!(store.paused_until(&probes[0]).unwrap(), None);
            let next = store.note_unreachable(&probes[0], hours).unwrap();
            assert!(is_in_hours(next, failures), "{failures}: {next}");
            store.land(&probes[0]).unwrap();
            assert!(claim_all(&mut store, me).is_empty());
            assert!(!store.is_any_probed().unwrap());
        }
        wait_it_out(bench);
        let probe = claim_all(&mut store, me).remove(0);
        store.note_answer(&System::Port).unwrap();
        assert_eq!(
            claim_all(&mut store, me).len(),
            3,
            "all go on with the first answer"
        );
        // And the next outage begins anew.
        let next = store.note_unreachable(&probe, hours).unwrap();
        assert!(is_in_hours(next, 1), "{next}");
    });
}

#[test]
fn of_many_that_come_when_the_pause_ends_one_tries() {
    over_both(|bench| {
        const WORKERS: usize = 6;
        let mut store = with_lanes(bench, 12);
        let outbox = bench.outbox();
        let worker = outbox.worker().unwrap();
        let flight = store.claim(worker.id(), &[]).unwrap().unwrap();
        store.note_unreachable(&flight, hours).unwrap();
        store.land(&flight).unwrap();
        for _ in 0..4 {
            wait_it_out(bench);
            let claimed = Mutex::new(Vec::new());
            let start = Barrier::new(WORKERS);
            thread::scope(|scope| {
                for _ in 0..WORKERS {
                    let (claimed, start, outbox) = (&claimed, &start, bench.outbox());
                    scope.spawn(move || {
                        let worker = outbox.worker().unwrap();
                        let mut store = outbox.store().unwrap();
                        start.wait();
                        claimed
                            .lock()
                            .unwrap()
                            .extend(store.claim(worker.id(), &[]).unwrap());
                    });
                }
            });
            let claimed = claimed.into_inner().unwrap();
            assert_eq!(claimed.len(), 1);
            assert_eq!(bench.sql("SELECT COUNT(*) FROM flights"), "1");
            // It gives the lane back without having called: the next one tries at once.
            store.land(&claimed[0]).unwrap();
            let next = claim_all(&mut store, worker.id());
            assert_eq!(next.len(), 1);
            store.note_unreachable(&next[0], hours).unwrap();
            store.land(&next[0]).unwrap();
        }
    });
}

#[test]
fn who_dies_while_trying_does_not_keep_the_others() {
    over_both(|bench| {
        let mut store = with_lanes(bench, 3);
        let outbox = bench.outbox();
        let worker = outbox.worker().unwrap();
        let dead = outbox.worker().unwrap();
        let flight = store.claim(dead.id(), &[]).unwrap().unwrap();
        store.note_unreachable(&flight, hours).unwrap();
        store.land(&flight).unwrap();
        wait_it_out(bench);
        store.claim(dead.id(), &[]).unwrap().unwrap();
        assert_eq!(store.claim(worker.id(), &[]).unwrap(), None);
        drop(dead);
        // Of this node it is known at once.
        assert!(
            outbox
                .free_flights_of_the_dead(&mut store, worker.id())
                .unwrap()
        );
        store.claim(worker.id(), &[]).unwrap().unwrap();
        // Of another one when its lease ends: as long as that the others wait, and no longer.
        assert_eq!(store.claim(worker.id(), &[]).unwrap(), None);
        let lease = LEASE.as_micros();
        bench.sql(&format!("UPDATE pauses SET until = until - {lease}"));
        assert!(store.claim(worker.id(), &[]).unwrap().is_some());
    });
}

#[test]
fn a_pause_that_was_asked_for_lets_all_go_when_it_ends() {
    over_both(|bench| {
        let mut store = with_lanes(bench, 3);
        let outbox = bench.outbox();
        let worker = outbox.worker().unwrap();
        let flight = store.claim(worker.id(), &[]).unwrap().unwrap();
        let later = Timestamp::now().checked_add(HOUR * 3).unwrap();
        store.pause(&System::Port, later).unwrap();
        // An answer is no leave to call again, and an outage no reason to call sooner.
        store.note_answer(&System::Port).unwrap();
        assert!(store.paused_until(&flight).unwrap().is_some());
        let next = store.note_unreachable(&flight, hours).unwrap();
        assert_eq!(next.as_microsecond(), later.as_microsecond());
        store.end_pauses().unwrap();
        store.pause(&System::Port, Timestamp::now()).unwrap();
        assert_eq!(claim_all(&mut store, worker.id()).len(), 2);
    });
}

#[test]
fn the_first_answer_ends_it_and_not_the_last() {
    over_both(|bench| {
        let outbox = bench.outbox();
        let port = PortStandIn::start().unwrap();
        for name in ["a", "b"] {
            let names: Vec<String> = (0..60).map(|number| format!("{name}{number}")).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            outbox
                .put(&catalog(&format!("PRJ/{name}"), &names))
                .unwrap();
        }
        let mut store = outbox.store().unwrap();
        outbox.take_in(&mut store).unwrap();
        let other = outbox.worker().unwrap();
        let flight = store.claim(other.id(), &[]).unwrap().unwrap();
        store.note_unreachable(&flight, hours).unwrap();
        store.land(&flight).unwrap();
        wait_it_out(bench);
        // While who tries it is at its second call, another one sets out.
        let (second, came) = mpsc::channel::<()>();
        let (claimed, goes_on) = mpsc::channel();
        let (theirs, me) = (bench.outbox(), other.id().clone());
        let setting_out = thread::spawn(move || {
            came.recv().unwrap();
            let mut store = theirs.store().unwrap();
            let flight = store.claim(&me, &[]).unwrap();
            if let Some(flight) = &flight {
                store.land(flight).unwrap();
            }
            claimed.send(()).unwrap();
            flight
        });
        let calls = AtomicUsize::new(0);
        port.fail_by(move |request| {
            if request.path.ends_with("/bulk") && calls.fetch_add(1, Ordering::SeqCst) == 1 {
                second.send(()).unwrap();
                goes_on.recv().unwrap();
            }
            None
        });
        assert!(carry_out(&outbox, &port, Said::new()).is_clear());
        assert!(
            setting_out.join().unwrap().is_some(),
            "it had to wait for the last answer"
        );
        assert_eq!(port.entities().len(), 120);
    });
}
