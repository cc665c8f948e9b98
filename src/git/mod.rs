//! Repositories, the quarantine of a push, ref updates and the documents that they change.

mod id;

pub use id::{CommitId, NotAnObjectId, ObjectId};
