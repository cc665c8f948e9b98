//! Entities, what a repository declares, and what has to change in Port: pure, no input or output.

mod desired;
mod entity;
mod file_reference;
mod plan;

pub use desired::{DesiredState, Undetermined};
pub use entity::{Entity, EntityKey};
pub use file_reference::{FileReference, file_references};
pub use plan::{Change, Preview, changes, preview};
