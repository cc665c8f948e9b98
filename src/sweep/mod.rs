//! The sweep: every repository of a Bitbucket Server at once. What is to be read, what was found,
//! and what that comes to.

mod entry;
mod fingerprint;
mod found;
mod journal;
mod projects;
mod summary;

pub use entry::{Entry, Planned, What};
pub use fingerprint::Fingerprint;
pub use found::{Fault, Found, Mistake};
pub use journal::{Journal, JournalEntries};
pub use projects::Projects;
pub use summary::{Summary, Undelivered, Unlisted};
