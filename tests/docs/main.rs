//! The documentation holds what it says: its structure, its commands, and the help of every command.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop")]

mod benches;
mod book;
mod commands;
mod configurations;
mod help;
mod mentions;
mod page;
mod site;
