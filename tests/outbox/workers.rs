//! Workers that start, end and die.

use std::io::{BufRead, BufReader};

use crate::bench::{build, given_outbox, over_both};

/// Not a test by itself: the worker that is killed.
#[test]
fn one_that_claims_all_and_waits() {
    let Some(outbox) = given_outbox() else {
        return;
    };
    let worker = outbox.worker().unwrap();
    let mut store = outbox.store().unwrap();
    while store.claim(worker.id(), &[]).unwrap().is_some() {}
    println!("\nclaimed");
    loop {
        std::thread::park();
    }
}

#[test]
fn what_a_killed_worker_had_claimed_is_free_at_once() {
    over_both(|bench| {
        let outbox = bench.outbox();
        let mut store = outbox.store().unwrap();
        for number in 0..3 {
            store.take_in(&build(&format!("PRJ/r{number}"), 0)).unwrap();
        }
        let mut command = bench.once_more("workers::one_that_claims_all_and_waits");
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap() == "claimed"));
        let worker = outbox.worker().unwrap();
        let me = worker.id();
        // As long as it lives it keeps them, whatever it does.
        assert!(!outbox.free_flights_of_the_dead(&mut store, me).unwrap());
        assert_eq!(store.claim(me, &[]).unwrap(), None);
        // Nobody of another node can tell whether it lives: the lease has to end there.
        let elsewhere = tempfile::tempdir().unwrap();
        let other = bench.outbox_of_node(elsewhere.path());
        let stranger = other.worker().unwrap();
        assert_ne!(stranger.id().node(), me.node());

        child.kill().unwrap();
        child.wait().unwrap();
        assert!(
            !other
                .free_flights_of_the_dead(&mut store, stranger.id())
                .unwrap()
        );
        assert!(outbox.free_flights_of_the_dead(&mut store, me).unwrap());
        let free = std::iter::from_fn(|| store.claim(me, &[]).unwrap()).count();
        assert_eq!(free, 3);
        // And one's own are not those of a dead one.
        assert!(!outbox.free_flights_of_the_dead(&mut store, me).unwrap());
        assert_eq!(store.claim(me, &[]).unwrap(), None);
    });
}

#[test]
fn workers_start_while_others_tidy_up() {
    over_both(|bench| {
        std::thread::scope(|scope| {
            for _ in 0..8 {
                let outbox = bench.outbox();
                scope.spawn(move || {
                    let mut store = outbox.store().unwrap();
                    for _ in 0..25 {
                        let worker = outbox.worker().unwrap();
                        outbox.sweep(&mut store, std::time::Duration::MAX).unwrap();
                        drop(worker);
                    }
                });
            }
        });
    });
}
