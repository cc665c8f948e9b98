//! What became of a delivery that left the outbox; kept a day, so that a hook that waits for it and
//! `outbox show` can tell.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::repository::RepositoryName;

use super::id::DeliveryId;
use super::system::System;

/// What became of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// The delivery's name.
    pub id: DeliveryId,
    /// The repository whose push it came from.
    pub repository: RepositoryName,
    /// The system that it was for.
    pub system: System,
    /// What it was, in words.
    pub job: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it left.
    pub finished: Timestamp,
    /// How it ended.
    pub ending: Ending,
}

/// How a delivery ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Ending {
    /// Port agrees with the commit.
    Catalog {
        /// Entities created or changed.
        upserted: usize,
        /// Entities deleted.
        deleted: usize,
        /// Entities that left the files, but that others which stayed still point to.
        kept: usize,
    },
    /// The build was taken.
    BuildAccepted,
    /// Algorithmia has built it.
    Built,
    /// The commit had been built before.
    BuiltBefore,
    /// Another delivery did the same, or more.
    CarriedBy(DeliveryId),
    /// A person discarded it.
    Discarded,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Catalog {
                upserted,
                deleted,
                kept,
            } => {
                write!(f, "{upserted} written, {deleted} deleted")?;
                match kept {
                    0 => Ok(()),
                    kept => write!(f, ", {kept} kept since others point to them"),
                }
            }
            Self::BuildAccepted => f.write_str("accepted for building"),
            Self::Built => f.write_str("built"),
            Self::BuiltBefore => f.write_str("built before"),
            Self::CarriedBy(id) => write!(f, "carried out by {id}"),
            Self::Discarded => f.write_str("discarded"),
        }
    }
}
