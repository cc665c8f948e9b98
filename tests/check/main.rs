//! Documents in, findings out.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that can't go on should stop, and says so where it skips"
)]

mod blueprints;
mod corpus;
mod fix;
mod fixtures;
mod gimlet_facts;
mod hostile;
mod hostile_schemas;
mod ignore;
mod inspected_pages;
mod misplaced;
mod operator;
mod pages;
mod pipelines_facts;
mod pipelines_schema;
mod pipelines_secrets;
mod port_facts;
mod properties;
mod rendering;
mod together;
