//! Bitbucket Server: its REST API over real HTTP on loopback, and what is made of it.

#![expect(
    clippy::unwrap_used,
    reason = "what goes wrong in a helper fails the test"
)]

mod bench;
mod client;
mod config;
mod content;
mod hooks;
mod hostile;
mod insights;
mod paging;
mod words;
