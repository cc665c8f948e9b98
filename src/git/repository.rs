//! One repository, opened so that it sees what the hook's push brings.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::environment::{HookEnvironment, NoRepository};
use super::id::ObjectId;
use super::libgit2::Libgit2;
use super::memory::Memory;
use super::object::{Object, Tree};
use super::program::Program;
use super::read_error::ReadError;
use super::ref_update::RefName;
use super::store::{Branches, ObjectStore, read_tree};

/// A repository with the objects of the push, if one is under way.
///
/// libgit2 reads it where it can. The `git` program reads what libgit2 does not know (SHA-256,
/// reftable, partial clones and whatever comes) and has the last word about an object that libgit2
/// can't read.
pub struct Repository {
    directory: PathBuf,
    /// `Err`: why libgit2 must not read it.
    libgit2: Result<Libgit2, String>,
    program: Program,
    memory: Memory,
}

/// No repository could be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum OpenError {
    /// There is none.
    #[error(transparent)]
    #[diagnostic(transparent)]
    NoRepository(#[from] NoRepository),
}

impl Repository {
    /// Finds the repository and gets ready to read it; no object and no ref is read yet, and who
    /// owns it does not matter: git has accepted it before it called the hook.
    ///
    /// # Errors
    /// There is no repository where the environment says one is.
    pub fn open(environment: &HookEnvironment) -> Result<Self, OpenError> {
        let directory = environment.locate()?;
        let libgit2 = Libgit2::open(&directory, environment);
        let program = Program::new(&directory, environment);
        Ok(Self {
            directory,
            libgit2,
            program,
            memory: Memory::default(),
        })
    }

    /// The repository's own directory, absolute (of a work tree its `.git`).
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Why the `git` program reads this repository and not libgit2, in libgit2's words; `None` in
    /// the usual case.
    #[must_use]
    pub fn read_by_program(&self) -> Option<&str> {
        self.libgit2.as_ref().err().map(String::as_str)
    }

    pub(super) fn program(&self) -> &Program {
        &self.program
    }

    fn read(&self, id: &ObjectId, limit: u64) -> Result<Object, ReadError> {
        let Ok(libgit2) = &self.libgit2 else {
            return self.program.object(id, limit);
        };
        libgit2
            .object(id, limit)
            .or_else(|first| self.program.object(id, limit).map_err(|_| first))
    }

    fn store(&self) -> &dyn ObjectStore {
        match &self.libgit2 {
            Ok(libgit2) => libgit2,
            Err(_) => &self.program,
        }
    }
}

impl ObjectStore for Repository {
    fn object(&self, id: &ObjectId, limit: u64) -> Result<Object, ReadError> {
        if let Some(commit) = self.memory.commit(id) {
            return Ok(commit);
        }
        let object = self.read(id, limit)?;
        self.memory.keep_commit(id, &object);
        Ok(object)
    }

    fn tree(&self, id: &ObjectId) -> Result<Rc<Tree>, ReadError> {
        if let Some(tree) = self.memory.folder(id) {
            return Ok(tree);
        }
        let tree = read_tree(self, id)?;
        self.memory.keep_folder(id, &tree);
        Ok(tree)
    }

    fn reference(&self, name: &RefName) -> Result<Option<ObjectId>, ReadError> {
        self.store().reference(name)
    }

    fn branches(&self) -> Result<Branches<'_>, ReadError> {
        self.store().branches()
    }

    fn moves(&self, name: &RefName) -> Result<RefName, ReadError> {
        self.store().moves(name)
    }

    fn default_branch(&self) -> Result<Option<RefName>, ReadError> {
        self.store().default_branch()
    }

    fn arrives_with_the_push(&self, id: &ObjectId) -> bool {
        self.store().arrives_with_the_push(id)
    }
}
