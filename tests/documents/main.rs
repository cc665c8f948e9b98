//! Reading documents: the YAML test suite, hostile files, places, properties, and the words for
//! broken files.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests may fail as tests do"
)]

mod hostile;
mod hostile_inputs;
mod places;
mod properties;
mod words;
mod yaml_suite;
