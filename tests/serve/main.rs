//! `pushgate serve` as it runs: the built binary, real HTTP, real signals, a real browser.

// The lints allow these in test functions only, not in what they share.
#![allow(clippy::unwrap_used, clippy::print_stderr, clippy::panic)]

mod browser;
mod client;
mod durability;
mod health;
mod limits;
mod page;
mod pictures;
mod pushes;
mod receiver;
mod signatures;
mod start;
