//! What an accepted push means for the world outside: entities for Port, commits to build, and who owns
//! what it declares.

pub mod build_target;
pub mod builds;
mod entities;
mod owners;

use crate::config::Config;
use crate::git::RefName;
use crate::origin::{Origin, OriginError};

pub use entities::{Entities, WhenUnread};
pub use owners::StoredOwners;

/// The branch whose entities go to Port: the configured one, else the repository's default branch; where
/// that is a symbolic ref, the one behind it.
///
/// # Errors
/// It can't be read.
pub fn port_branch(config: &Config, origin: &dyn Origin) -> Result<Option<RefName>, OriginError> {
    match &config.port.branch {
        Some(branch) => origin.moves(&RefName::of_branch(branch)).map(Some),
        None => origin.default_branch(),
    }
}
