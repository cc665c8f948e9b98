//! Carries out what waits in the outbox. It can be late, killed or run twice without harm.

mod back_off;
mod builds;
mod crew;
mod entities;
mod event;
mod express;
mod failures;
mod rest;
mod run;
mod tip;

pub use back_off::BackOff;
pub use event::{Event, Observer, Summary};
pub use express::{Boarded, Express};
pub use run::{Deadline, Remotes, Settings, deliver, moment_after, watch};
pub use tip::{Tip, Tips};
