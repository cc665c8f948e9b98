//! What SECURITY.md promises, and that each promise has its test.

// The lints allow these in test functions only, not in what they share.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../serve/client.rs"]
#[allow(dead_code)]
mod client;
mod hosts;
mod objects;
mod outside;
mod private;
mod promises;
#[path = "../serve/receiver.rs"]
#[allow(dead_code)]
mod receiver;
mod redirects;
mod repository_file;
#[path = "../command/server.rs"]
#[allow(dead_code)]
mod server;
mod spawns;
mod visible;
