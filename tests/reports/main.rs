//! The reports of `check`: what they say, and that those who read them can.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that can't go on should stop, and says so where it skips"
)]

mod example;
mod properties;
mod runs;
mod snapshots;
mod valid;
mod validators;
