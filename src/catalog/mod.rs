//! Entities, what a repository declares, and what has to change in Port: pure, no input or output.

mod comparison;
mod desired;
mod difference;
mod digest;
mod entity;
mod file_reference;
mod inventory;
mod options;
mod order;
mod plan;
mod preview;

pub use comparison::{
    Comparison, Effect, EntityDifference, KeptBecause, OtherOwners, TakenEntity, compare,
    compare_with_delivered, compare_with_port,
};
pub use desired::{DesiredState, Undetermined};
pub use difference::{After, Field, FieldDifference, differences, drift};
pub use digest::Digest;
pub use entity::{Entity, EntityKey};
pub use file_reference::{FileReference, file_references};
pub use inventory::{Delivered, Inventory, is_query};
pub use options::{DeletionThreshold, PlanOptions};
pub use plan::{Conflict, Held, Plan, Upsert, plan, plan_of_part};
pub use preview::{Change, Preview, changes, preview};
