//! The way from an accepted push to Port and Algorithmia, over real HTTP on loopback.

#![expect(
    clippy::unwrap_used,
    reason = "what goes wrong in a helper fails the test"
)]

mod bench;
mod builds;
mod coalescing;
mod deletions;
mod entities;
mod faults;
mod histories;
mod http_client;
mod kill;
mod outage;
mod outbox;
mod plans;
#[path = "../catalog/records.rs"]
mod records;
mod recovery;
mod secrets;
mod standins;
mod tls;
mod trigger_kill;
mod trigger_values;
mod triggers;
mod words;
mod workers;
