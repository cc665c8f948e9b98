//! Plans: what has to be sent so that Port agrees with the files, whatever happened before.

#![expect(
    clippy::unwrap_used,
    reason = "what goes wrong in a helper fails the test"
)]

mod histories;
mod model;
mod order;
mod records;
mod rules;
