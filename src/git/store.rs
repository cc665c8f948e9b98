//! What pushgate asks of a repository, whoever reads it.

use std::rc::Rc;

use super::id::{CommitId, ObjectId};
use super::object::{Blob, Object, ObjectKind, Tree, target_of_tag, tree_of_commit};
use super::read_error::{Fault, ReadError, Wanted};
use super::ref_update::RefName;

/// What a ref points to may be a file of any size: it isn't read beyond this many bytes.
const STRUCTURE_LIMIT: u64 = 64 * 1024 * 1024;

/// Git has read every pushed commit and tree as a whole before it calls a hook; asking for their
/// sizes first would cost more than it guards against.
const ANY_SIZE: u64 = u64::MAX;

/// The most tags on tags that are followed.
const TAG_CHAIN: usize = 64;

/// What a ref's object stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peeled {
    /// A commit, itself or at the end of tags.
    Commit(CommitId),
    /// Something without folders of its own history: a tag may name a single file or tree.
    NotACommit {
        /// What it is.
        kind: ObjectKind,
    },
}

/// A branch and its tip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// Its full name.
    pub name: RefName,
    /// What it points to.
    pub tip: ObjectId,
}

/// Branches, one at a time.
pub type Branches<'store> = Box<dyn Iterator<Item = Result<Branch, ReadError>> + 'store>;

/// Objects and refs of one repository.
///
/// An object that can't be read is always a [`ReadError`], never "nothing there".
pub trait ObjectStore {
    /// An object's kind and, if it has no more than `limit` bytes, its content; with [`u64::MAX`]
    /// its size isn't looked at.
    ///
    /// # Errors
    /// It is missing or damaged.
    fn object(&self, id: &ObjectId, limit: u64) -> Result<Object, ReadError>;

    /// What a ref points to, symbolic refs followed; `None` if there is no such ref.
    ///
    /// # Errors
    /// The refs can't be read.
    fn reference(&self, name: &RefName) -> Result<Option<ObjectId>, ReadError>;

    /// Every branch, in no promised order, read as it is asked for.
    ///
    /// # Errors
    /// The refs can't be read.
    fn branches(&self) -> Result<Branches<'_>, ReadError>;

    /// The ref that moves where this one is pushed to: a symbolic one's target, else itself. Servers
    /// keep a branch's former name as a symbolic ref.
    ///
    /// # Errors
    /// The refs can't be read.
    fn moves(&self, name: &RefName) -> Result<RefName, ReadError>;

    /// The default branch: what `HEAD` leads to, whether it has a commit yet or not; `None` if `HEAD`
    /// names no branch.
    ///
    /// # Errors
    /// `HEAD` can't be read.
    fn default_branch(&self) -> Result<Option<RefName>, ReadError>;

    /// Whether the object is surely new with this push: it lies in the quarantine alone. No branch
    /// can hold such an object yet. `false` also where that isn't known.
    fn arrives_with_the_push(&self, _id: &ObjectId) -> bool {
        false
    }

    /// What a ref's object stands for: annotated tags are followed to their end.
    ///
    /// # Errors
    /// An object on the way can't be read.
    fn peel(&self, id: &ObjectId) -> Result<Peeled, ReadError> {
        let mut current = id.clone();
        for _ in 0..TAG_CHAIN {
            let object = self.object(&current, STRUCTURE_LIMIT)?;
            match object.kind {
                ObjectKind::Commit => return Ok(Peeled::Commit(CommitId(current))),
                kind @ (ObjectKind::Tree | ObjectKind::Blob) => {
                    return Ok(Peeled::NotACommit { kind });
                }
                ObjectKind::Tag => {}
            }
            let bytes = content(&current, object, ObjectKind::Tag)?;
            current = target_of_tag(&bytes).ok_or_else(|| {
                ReadError::object(&current, Fault::Malformed("the tag names no object"))
            })?;
        }
        Err(ReadError::object(id, Fault::TagChain(TAG_CHAIN)))
    }

    /// The id of the topmost folder of a commit.
    ///
    /// # Errors
    /// The commit can't be read.
    fn root_tree(&self, commit: &CommitId) -> Result<ObjectId, ReadError> {
        let id = &commit.0;
        self.object(id, ANY_SIZE)
            .and_then(|object| content(id, object, ObjectKind::Commit))
            .and_then(|bytes| {
                tree_of_commit(&bytes).ok_or_else(|| {
                    ReadError::object(id, Fault::Malformed("the commit names no tree"))
                })
            })
            .map_err(|error| error.wanted_for(|| Wanted::Commit))
    }

    /// The entries of a folder.
    ///
    /// # Errors
    /// The folder can't be read.
    fn tree(&self, id: &ObjectId) -> Result<Rc<Tree>, ReadError> {
        read_tree(self, id)
    }

    /// The content of a file, or of a symbolic link its target, if it has no more than `limit`
    /// bytes.
    ///
    /// # Errors
    /// The file can't be read.
    fn blob(&self, id: &ObjectId, limit: u64) -> Result<Blob, ReadError> {
        let object = self.object(id, limit)?;
        if object.kind == ObjectKind::Blob {
            Ok(object.content)
        } else {
            Err(unexpected(id, ObjectKind::Blob, object.kind))
        }
    }
}

/// Reads a folder from whatever holds objects.
pub(super) fn read_tree(
    store: &(impl ObjectStore + ?Sized),
    id: &ObjectId,
) -> Result<Rc<Tree>, ReadError> {
    let object = store.object(id, ANY_SIZE)?;
    let bytes = content(id, object, ObjectKind::Tree)?;
    Ok(Rc::new(Tree::new(id.clone(), bytes)))
}

fn content(id: &ObjectId, object: Object, expected: ObjectKind) -> Result<Vec<u8>, ReadError> {
    if object.kind != expected {
        return Err(unexpected(id, expected, object.kind));
    }
    match object.content {
        Blob::Content(bytes) => Ok(bytes),
        Blob::TooLarge { bytes } => Err(ReadError::object(
            id,
            Fault::TooLarge {
                bytes,
                limit: STRUCTURE_LIMIT,
            },
        )),
    }
}

fn unexpected(id: &ObjectId, expected: ObjectKind, found: ObjectKind) -> ReadError {
    ReadError::object(id, Fault::Unexpected { expected, found })
}
