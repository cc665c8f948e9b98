//! The outbox under strain: its store over either database, and what becomes of real pushes when
//! everything round them fails.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "what goes wrong in a helper fails the test, and what is skipped is said"
)]

mod bad_folders;
mod bench;
mod carrying_out;
mod claims;
mod departures;
mod encrypted;
mod fault_run;
mod healing;
mod let_go;
mod many;
mod migrations;
mod model;
mod no_room;
mod outage;
mod ownership;
mod postgres;
mod reload;
mod rush;
#[path = "../command/server.rs"]
#[expect(dead_code, reason = "other tests need more of it")]
mod server;
mod store;
mod workers;
