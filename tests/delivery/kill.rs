//! Processes that are killed while they write: nothing acknowledged is lost, nothing is damaged.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use pushgate::delivery::{self, Deadline, Remotes};
use pushgate::http::Secret;
use pushgate::outbox::Delivery;
use pushgate::port;
use serde_json::json;

use crate::bench::{Bench, catalog, entity, key, outbox_in, port_client, repository, settings};

const SPOOL: &str = "PUSHGATE_TEST_SPOOL";
const PORT: &str = "PUSHGATE_TEST_PORT";
const ROUNDS: usize = 25;

/// Not a test by itself: the process that is killed.
#[test]
fn the_one_that_is_killed() {
    let Some(state) = std::env::var_os(SPOOL) else {
        return;
    };
    let outbox = outbox_in(Path::new(&state));
    let mut out = std::io::stdout();
    for number in 0.. {
        let entities = (0..20).map(|one| entity("a", &format!("e{number}-{one}")));
        let job = catalog(number, number + 1, entities.collect(), vec![]);
        let id = outbox.put(&Delivery::new(repository(), job)).unwrap();
        writeln!(out, "put {id}").unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn what_was_acknowledged_is_there_after_any_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = BTreeSet::new();
    for _ in 0..ROUNDS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "kill::the_one_that_is_killed", "--nocapture"])
            .env(SPOOL, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut left = fastrand::usize(1..40);
        for line in lines {
            // After the kill, what stands in the pipe was acknowledged too.
            if let Ok(line) = line
                && let Some((_, id)) = line.split_once("put ")
                && id.len() == "20260131t094501123456-k3f9a2xq".len()
            {
                acknowledged.insert(id.to_owned());
                left -= usize::from(left > 0);
            }
            if left == 0 {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
    }
    let listing = outbox_in(folder.path()).list().unwrap();
    assert_eq!(listing.unreadable, []);
    let there: BTreeSet<String> = listing
        .deliveries
        .iter()
        .map(|delivery| delivery.id.to_string())
        .collect();
    assert!(acknowledged.len() >= ROUNDS);
    let lost: Vec<_> = acknowledged.difference(&there).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

/// Not a test by itself: the worker that is killed.
#[test]
fn the_worker_that_is_killed() {
    let (Some(state), Ok(port)) = (std::env::var_os(SPOOL), std::env::var(PORT)) else {
        return;
    };
    let (address, credentials) = port.split_once(' ').unwrap();
    let (client_id, client_secret) = credentials.split_once(' ').unwrap();
    let client = port_client(port::Settings {
        api_url: address.to_owned(),
        client_id: client_id.to_owned(),
        client_secret: Secret::new(client_secret),
        state: Some(state.clone().into()),
        create_missing_related_entities: true,
        delete_dependents: false,
    });
    let remotes = Remotes {
        port: Some(client.into()),
        ..Remotes::default()
    };
    let outbox = outbox_in(Path::new(&state));
    delivery::deliver(
        &outbox,
        &remotes,
        &settings(),
        &crate::bench::no_branches(),
        Deadline::NothingDue,
        &|_| (),
    )
    .unwrap();
}

#[test]
fn a_worker_that_is_killed_leaves_what_the_next_one_brings_to_the_same_end() {
    for round in 0..ROUNDS {
        let bench = Bench::new();
        bench.port.insert("a", "zero", json!({}));
        bench.port.insert("a", "foreign", json!({}));
        let mut before = vec![key("a", "zero")];
        for number in 0..4 {
            let names = [format!("own-{number}"), format!("own-{}", number + 1)];
            let declared = names.iter().map(|name| entity("a", name)).collect();
            bench.put(catalog(number, number + 1, declared, before));
            before = names.iter().map(|name| key("a", name)).collect();
        }
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "kill::the_worker_that_is_killed"])
            .env(SPOOL, bench.folder.path())
            .env(
                PORT,
                format!(
                    "{} {} {}",
                    bench.port.url(),
                    bench.port.client_id(),
                    bench.port.client_secret()
                ),
            )
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Somewhere between the first request and the last receipt.
        let calls = round % 4;
        while bench.port.requests().len() < calls && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        assert!(bench.port.requests().len() >= calls);
        for _ in 0..fastrand::usize(..2_000) {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(bench.deliver().is_clear());
        let left: Vec<String> = bench
            .port
            .entities()
            .into_keys()
            .map(|(_, id)| id)
            .collect();
        assert_eq!(left, ["foreign", "own-3", "own-4"]);
    }
}
