//! Setting a Bitbucket Server up, and proving a set-up: the built binary against stand-ins.

// The lints allow these in test functions only, not in what they share.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod doctor;
mod doctor_local;
mod doctor_remotes;
mod hooks;
mod status;
mod webhooks;
mod world;

/// Real pushes, as the tests of the commands make them.
#[path = "../command/server.rs"]
#[expect(dead_code, reason = "other tests need more of it")]
mod server;
