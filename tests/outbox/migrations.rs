//! The tables, made and changed by whoever comes first.

use std::process::Child;

use pushgate::outbox::OutboxError;

use crate::bench::{build, given_outbox, over_both};

const PROCESSES: usize = 8;

/// Not a test by itself: one of the processes that come at once.
#[test]
fn one_that_opens_the_store() {
    let Some(outbox) = given_outbox() else {
        return;
    };
    // Entering the list of workers is part of every start, and so is tidying it.
    let _worker = outbox.worker().unwrap();
    let mut store = outbox.store().unwrap();
    outbox.sweep(&mut store, std::time::Duration::MAX).unwrap();
    store.take_in(&build("PRJ/a", 0)).unwrap();
}

#[test]
fn processes_that_come_at_once_make_the_tables_once() {
    over_both(|bench| {
        for round in 1..=3 {
            let children: Vec<Child> = (0..PROCESSES)
                .map(|_| {
                    let mut command = bench.once_more("migrations::one_that_opens_the_store");
                    command.spawn().unwrap()
                })
                .collect();
            for child in children {
                let output = child.wait_with_output().unwrap();
                assert!(
                    output.status.success(),
                    "{}{}",
                    String::from_utf8_lossy(&output.stdout),
                    String::from_utf8_lossy(&output.stderr)
                );
            }
            let there = bench.outbox().list().unwrap().deliveries.len();
            assert_eq!(there, PROCESSES * round);
            assert_eq!(
                bench.sql("SELECT COUNT(*) FROM steps WHERE number = 1"),
                "1"
            );
        }
        let workers = bench.folder.path().join("workers");
        assert_eq!(std::fs::read_dir(workers).unwrap().count(), 0);
    });
}

#[test]
fn a_newer_store_is_left_alone() {
    over_both(|bench| {
        let outbox = bench.outbox();
        outbox.store().unwrap().take_in(&build("PRJ/a", 0)).unwrap();
        bench.sql("INSERT INTO steps VALUES (1000)");
        assert!(matches!(outbox.store(), Err(OutboxError::NewerStore)));
        // What hooks write is kept until the newer version is here too.
        outbox.put(&build("PRJ/a", 1)).unwrap();
        assert!(matches!(outbox.list(), Err(OutboxError::NewerStore)));
        let spool = bench.folder.path().join("spool/pending");
        assert_eq!(std::fs::read_dir(spool).unwrap().count(), 1);
        assert_eq!(bench.sql("SELECT COUNT(*) FROM deliveries"), "1");
    });
}
