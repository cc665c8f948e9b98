//! Everything that hostile hands can reach, one module a way in. Each puts bytes through the real
//! code and panics where something does not hold that always has to.
//!
//! libFuzzer calls these functions with inputs that it makes up; `tests/hostile` calls the same ones
//! with the seeds and with changes of them in every run of the tests.

pub mod answers;
pub mod config;
pub mod document;
pub mod push;
mod shown;
pub mod webhook;

/// A way in: its name, which is that of its fuzz target and of its folder in `seeds`, and what takes
/// an input.
pub type Target = (&'static str, fn(&[u8]));

/// Every way in.
pub const TARGETS: [Target; 5] = [
    ("document", document::put_through),
    ("push", push::put_through),
    ("answers", answers::put_through),
    ("webhook", webhook::put_through),
    ("config", config::put_through),
];
