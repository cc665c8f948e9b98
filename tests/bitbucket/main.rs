//! Bitbucket Server: its REST API over real HTTP on loopback, and what is made of it.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "what goes wrong in a helper fails the test, and what is skipped is said"
)]

mod bench;
mod client;
mod config;
mod content;
mod hooks;
mod hostile;
mod paging;
mod words;
