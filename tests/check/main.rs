//! Documents in, findings out.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that can't go on should stop, and says so where it skips"
)]

mod blueprints;
mod corpus;
mod fixtures;
mod gimlet_facts;
mod ignore;
mod operator;
mod pages;
mod properties;
mod rendering;
