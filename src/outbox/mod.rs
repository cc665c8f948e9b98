//! Where deliveries wait: a folder of small files that survives any kill. Nothing leaves it unless
//! it was carried out or a person discarded it.

mod build;
mod coalesce;
mod delivery;
mod error;
mod id;
mod receipt;
mod spool;
mod worker;

pub use build::{BuildGroup, group_builds};
pub use coalesce::{CatalogGroup, group_catalogs};
pub use delivery::{BuildJob, CatalogJob, Delivery, Job, Problem, State, System};
pub use error::OutboxError;
pub use id::{DeliveryId, NotADeliveryId};
pub use receipt::{Ending, Receipt};
pub use spool::{Listing, Outbox, Status, Unreadable};
pub use worker::Worker;
