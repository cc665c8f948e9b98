//! `pushgate algorithmia` and `pushgate compile` with the built binary, against a stand-in that answers
//! by the vendor's OpenAPI document and by the vendor's page on the build-via-API configuration.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::panic,
    reason = "what goes wrong in a helper fails the test, and what is skipped is said"
)]

mod algorithms;
mod builds;
mod credentials;
mod keys;
mod official;
mod page;
mod scms;
mod site;
mod terminal;
