//! `pushgate sync` against stand-ins for Bitbucket Server and Port: what reaches Port, what is told,
//! and what becomes of it when things fail.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "what goes wrong in a helper fails the test, and what is skipped is said"
)]

mod faults;
mod gone;
mod job;
mod left;
mod plan;
#[path = "../outbox/postgres.rs"]
#[expect(dead_code, reason = "other tests need more of it")]
mod postgres;
mod postgres_store;
mod reading;
mod reports;
mod resume;
mod script;
mod site;
mod wrong_use;
