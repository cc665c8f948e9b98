//! Repositories made by the real `git`, read by pushgate.

// The lints allow these in test functions only, not in what they share.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod changed;
mod foreign_owner;
mod formats;
mod hook;
mod locate;
mod made;
mod messages;
mod pushes;
mod ref_updates;
mod repository_files;
mod store;
