//! Repositories, the quarantine of a push, ref updates and the documents that they change.

mod alternates;
mod changed;
mod directory;
mod environment;
mod file_at;
mod hooks_folder;
mod id;
mod libgit2;
mod memory;
mod object;
mod program;
mod read_error;
mod ref_update;
mod repository;
mod revision;
mod store;
mod walk;

pub use changed::{Change, changed_documents, documents_at, documents_between};
pub use directory::repository_name;
pub use environment::{HookEnvironment, LookedAt, NoRepository, Place, objects_are_pushed};
pub use file_at::{CommitFiles, FileAt, read};
pub use hooks_folder::HooksFolder;
pub use id::{CommitId, NotAnObjectId, ObjectId};
pub use object::{Blob, Entries, Entry, EntryKind, Object, ObjectKind, Tree};
pub use read_error::{Fault, ReadError, WalkLimit, Wanted};
pub use ref_update::{LineFault, MalformedLine, RefName, RefUpdate};
pub use repository::{OpenError, Repository};
pub use store::{Branch, Branches, ObjectStore, Peeled};
pub use walk::{DocumentPaths, TreeDocument};
