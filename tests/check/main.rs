//! Documents in, findings out.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that can't go on should stop, and says so where it skips"
)]

mod corpus;
mod fixtures;
mod operator;
mod pipelines_facts;
mod pipelines_schema;
mod pipelines_secrets;
mod properties;
mod rendering;
