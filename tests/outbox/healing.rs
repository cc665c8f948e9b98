//! A PostgreSQL that goes away while it is used.

use std::time::Duration;

use pushgate::outbox::{Outbox, OutboxError, PostgresAddress, StoreAddress};

use crate::bench::{build, commit, wait_until};
use crate::postgres::Postgres;

#[test]
fn a_lost_connection_is_made_anew_and_nothing_is_lost() {
    // One of its own: others use the shared one.
    let Some(server) = Postgres::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let address = PostgresAddress::parse(&server.database()).unwrap();
    let address = StoreAddress::Postgres(Box::new(address));
    let outbox = Outbox::open(folder.path(), address).unwrap();
    let worker = outbox.worker().unwrap();
    let mut store = outbox.store().unwrap();
    let delivery = build("PRJ/a", 0);
    outbox.put(&delivery).unwrap();

    server.cut_connections();
    let lost = outbox.take_in(&mut store).unwrap_err();
    assert!(matches!(lost, OutboxError::Database { .. }), "{lost}");
    store.heal().unwrap();
    assert_eq!(outbox.take_in(&mut store).unwrap(), []);

    // In the middle of a flight: the claim outlives the connection.
    let flight = store.claim(worker.id(), &[]).unwrap().unwrap();
    server.restart();
    let endings = [(delivery.id.clone(), pushgate::outbox::Ending::Built)];
    wait_until(Duration::from_secs(30), "it heals", || {
        let finished = store.finish(&flight, &endings).is_ok();
        if !finished {
            let _ = store.heal();
        }
        finished
    });
    assert!(store.receipt(&delivery.id).unwrap().is_some());
    assert!(!store.is_built("acme/hello", &commit(0)).unwrap());
    store.land(&flight).unwrap();
    assert_eq!(store.claim(worker.id(), &[]).unwrap(), None);
}

#[test]
fn a_server_that_cannot_be_reached_keeps_nobody_from_pushing() {
    let folder = tempfile::tempdir().unwrap();
    let secret = "postgres://pushgate:hunter2@127.0.0.1:1/none";
    let address = PostgresAddress::parse(secret).unwrap();
    let address = StoreAddress::Postgres(Box::new(address));
    let outbox = Outbox::open(folder.path(), address).unwrap();
    let id = outbox.put(&build("PRJ/a", 0)).unwrap();
    // It lies in the spool, where it can be seen without the server.
    assert!(matches!(
        outbox.status(&id).unwrap(),
        pushgate::outbox::Status::Pending(_)
    ));
    let error = outbox.store().unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
}

/// A server that is gone without a word must not keep a worker that waits for its answer.
#[test]
fn a_silent_connection_is_asked_whether_it_lives_within_seconds() {
    let Some(server) = Postgres::start() else {
        return;
    };
    let address = PostgresAddress::parse(&server.database()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let address = StoreAddress::Postgres(Box::new(address));
    let outbox = Outbox::open(folder.path(), address).unwrap();
    let _store = outbox.store().unwrap();
    let Ok(table) = std::fs::read_to_string("/proc/net/tcp") else {
        println!("skipped: this system does not show its connections");
        return;
    };
    // The remote address, and the timer: 02 is that of keep-alives, with hundredths of a second left.
    let remote = format!("0100007F:{:04X}", server.port());
    let timers: Vec<(&str, u64)> = table
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|columns| columns.get(2) == Some(&remote.as_str()) && columns[3] == "01")
        .map(|columns| columns[5].split_once(':').unwrap())
        .map(|(timer, left)| (timer, u64::from_str_radix(left, 16).unwrap()))
        .collect();
    assert_eq!(timers.len(), 1, "{table}");
    let (timer, left) = timers[0];
    assert_eq!(timer, "02");
    assert!(left <= 1_500, "{left} hundredths of a second");
}
