//! A worker whose claim ended while it was at work, and one that was never heard of again.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use pushgate::outbox::{LEASE, State};
use standin::PortStandIn;

use crate::bench::{catalog, over_both};
use crate::carrying_out::{Said, carry_out};

/// Entities of one call.
const AT_ONCE: usize = 20;

#[test]
fn a_worker_whose_claim_was_lost_stops_before_it_writes() {
    over_both(|bench| {
        let outbox = bench.outbox();
        let port = PortStandIn::start().unwrap();
        let names: Vec<String> = (0..AT_ONCE * 5)
            .map(|number| format!("e{number}"))
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let delivery = catalog("PRJ/a", &names);
        outbox.put(&delivery).unwrap();
        let other = outbox.worker().unwrap();
        // Its second call takes so long that its lease ends, and another worker claims the lane. On
        // a thread of its own: a stand-in can't wait for a database.
        let (late, came) = mpsc::channel::<()>();
        let (claimed, goes_on) = mpsc::channel();
        let (tables, theirs, me) = (bench.tables(), bench.outbox(), other.id().clone());
        let taking_over = thread::spawn(move || {
            came.recv().unwrap();
            tables.age_flights(LEASE * 2);
            let flight = theirs.store().unwrap().claim(&me, &[]).unwrap();
            claimed.send(()).unwrap();
            flight.unwrap()
        });
        let calls = AtomicUsize::new(0);
        port.fail_by(move |request| {
            if request.path.ends_with("/bulk") && calls.fetch_add(1, Ordering::SeqCst) == 1 {
                late.send(()).unwrap();
                goes_on.recv().unwrap();
            }
            None
        });
        let summary = carry_out(&outbox, &port, Said::new());
        assert_eq!((summary.finished, summary.waiting), (0, 1));
        assert_eq!(port.requests_on("/bulk").len(), 2, "it went on writing");
        let left = outbox.list().unwrap().deliveries;
        assert_eq!((left[0].state, left[0].attempts), (State::Waiting, 0));
        // What it heard after its claim had ended is not recorded: the other one sends it again.
        let flight = taking_over.join().unwrap();
        let mut store = outbox.store().unwrap();
        let inventory = store.inventory(&flight.lane.repository).unwrap();
        let confirmed = inventory
            .values()
            .filter(|one| one.digest.is_some())
            .count();
        assert_eq!(confirmed, AT_ONCE);
        // The other one still has it.
        assert_eq!(store.claim(other.id(), &[]).unwrap(), None);
        store.land(&flight).unwrap();
        port.mend();
        let summary = carry_out(&outbox, &port, Said::new());
        assert!(summary.is_clear(), "{summary:?}");
        assert_eq!(port.entities().len(), names.len());
    });
}

#[test]
fn what_a_worker_claimed_that_is_never_heard_of_again_is_carried_out_once_its_lease_ends() {
    over_both(|bench| {
        let outbox = bench.outbox();
        let port = PortStandIn::start().unwrap();
        outbox.put(&catalog("PRJ/a", &["one"])).unwrap();
        let mut store = outbox.store().unwrap();
        outbox.take_in(&mut store).unwrap();
        // It lives, so that nobody takes it for dead, but says nothing.
        let silent = outbox.worker().unwrap();
        store.claim(silent.id(), &[]).unwrap().unwrap();
        assert_eq!(carry_out(&outbox, &port, Said::new()).waiting, 1);
        bench.age_flights(LEASE - Duration::from_secs(5));
        assert_eq!(carry_out(&outbox, &port, Said::new()).waiting, 1);
        assert_eq!(port.requests().len(), 0);
        bench.age_flights(Duration::from_secs(6));
        assert!(carry_out(&outbox, &port, Said::new()).is_clear());
        assert!(port.entity("service", "one").is_some());
    });
}
