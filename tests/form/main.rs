//! The binary that is handed out, as `.ci/dist` builds it: static, small, and whole where nothing else is.

// The lints allow these in test functions only, not in what they share.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod alone;
mod elf;
mod handed_out;
mod starved;

#[path = "../command/server.rs"]
#[allow(dead_code)]
mod server;
