//! The sweep: every repository of a Bitbucket Server at once. What is to be read, what was found,
//! and what that comes to.

mod delivering;
mod desk;
mod due;
mod entry;
mod fingerprint;
mod found;
mod journal;
mod listing;
mod projects;
mod purpose;
mod reading;
mod run;
mod summary;
mod tips;

pub use delivering::{Delivering, News};
pub use desk::{Desk, DeskError, Rules, ShowPlan};
pub use entry::{Entry, Planned, What};
pub use fingerprint::Fingerprint;
pub use found::{Fault, Found};
pub use journal::{Journal, JournalEntries};
pub use listing::{Listed, Memory};
pub use projects::Projects;
pub use purpose::{Prune, Purpose};
pub use reading::{Brought, Declares, Reader};
pub use run::{Run, Step};
pub use summary::{Summary, Undelivered, Unlisted};
pub use tips::SweptTips;
