//! Hostile input at every way in: the seeds of the fuzz targets and changes of them, servers that
//! answer as no honest one does, and environments that nobody set in good faith.

#![expect(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "what does not hold fails the test, and what was measured is said"
)]

mod answer;
mod hooks;
mod seeds;
mod servers;
mod site;
mod texts;
#[path = "../../fuzz/src/lib.rs"]
mod ways_in;
