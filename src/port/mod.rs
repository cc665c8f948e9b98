//! Port: entities created, changed and deleted through its REST API. Knows nothing of git or of
//! the outbox.

mod blueprints;
mod bulk;
mod client;
mod delete;
mod problem;
mod stored;
mod token;
mod upsert;
mod work;

pub use client::{BadAddress, Client, EUROPE, Settings, base_url, other_region};
pub use problem::{EntityProblem, Report};
pub use stored::Stored;
pub use work::{PlannedWork, Progress};
