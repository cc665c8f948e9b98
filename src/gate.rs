//! The gate: ref updates in, a verdict out. It changes nothing.

use std::collections::HashMap;

use crate::catalog::{Preview, preview};
use crate::check::{Checked, Checker, NotAFile};
use crate::config::{Enforcement, Gate};
use crate::declared::{PortPaths, declared, referenced_files};
use crate::git::{
    Blob, Change, CommitId, EntryKind, ObjectStore, Peeled, ReadError, RefName, RefUpdate,
    TreeDocument, changed_documents, differs, documents_at,
};

/// What the gate answers to a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The refs may move.
    Accepted,
    /// They may not.
    Refused,
}

/// A push, judged.
#[derive(Debug)]
pub struct Judgement {
    /// The answer.
    pub verdict: Verdict,
    /// The documents that the push brings, each once, in the order they were met.
    pub documents: Vec<Checked>,
    /// Refs in which documents were found wrong, with what that means there.
    pub wrong: Vec<(RefName, Enforcement)>,
    /// Refs that name no commit, and so no documents.
    pub without_commit: Vec<RefName>,
    /// What the push changes in Port; none where it does not touch the branch that goes there.
    pub preview: Option<Preview>,
}

/// Bytes of a symbolic link's target that are worth showing.
const LINK_TARGET: u64 = 4096;

/// Whether an update changes what entities say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entities {
    Touched,
    Untouched,
}

/// Judges pushes by one configuration.
pub struct Judge<'a> {
    /// The repository, with the push's objects in sight.
    pub store: &'a dyn ObjectStore,
    /// The rules.
    pub checker: &'a Checker,
    /// The operator's settings.
    pub gate: &'a Gate,
    /// The branch whose entities go to Port; none where nothing goes there.
    pub port_branch: Option<RefName>,
}

impl Judge<'_> {
    /// Judges all updates of a push, each by its own documents.
    ///
    /// # Errors
    /// An object that can't be read: nothing is said of such a push, and it must be refused.
    pub fn judge(&self, updates: &[RefUpdate]) -> Result<Judgement, ReadError> {
        let mut judgement = Judgement {
            verdict: Verdict::Accepted,
            documents: Vec::new(),
            wrong: Vec::new(),
            without_commit: Vec::new(),
            preview: None,
        };
        let mut seen = HashMap::new();
        for update in updates {
            self.update(update, &mut judgement, &mut seen)?;
        }
        Ok(judgement)
    }

    fn update(
        &self,
        update: &RefUpdate,
        judgement: &mut Judgement,
        seen: &mut HashMap<TreeDocument, usize>,
    ) -> Result<(), ReadError> {
        let enforcement = self.gate.enforcement_of(update.name().branch());
        if enforcement == Enforcement::Off {
            return Ok(());
        }
        let (tip, mut documents) =
            match changed_documents(self.store, update, self.checker.kinds())? {
                Change::Deleted => return Ok(()),
                Change::NotACommit { .. } => {
                    judgement.without_commit.push(update.name().clone());
                    return Ok(());
                }
                Change::Documents { commit, documents } => (commit, documents),
            };
        let old = self.old_commit(update)?;
        let entities = self.touched_entities(old.as_ref(), &tip, &mut documents)?;
        let mut errors = 0;
        for document in documents {
            let number = match seen.get(&document) {
                Some(&number) => number,
                None => {
                    judgement.documents.push(self.check(&document)?);
                    seen.insert(document, judgement.documents.len() - 1);
                    judgement.documents.len() - 1
                }
            };
            errors += judgement.documents[number].errors();
        }
        if errors > 0 {
            judgement.wrong.push((update.name().clone(), enforcement));
            if enforcement == Enforcement::Enforce {
                judgement.verdict = Verdict::Refused;
            }
        } else if entities == Entities::Touched && self.port_branch.as_ref() == Some(update.name())
        {
            judgement.preview = self.preview(old.as_ref(), &tip)?;
        }
        Ok(())
    }

    fn old_commit(&self, update: &RefUpdate) -> Result<Option<CommitId>, ReadError> {
        Ok(match update.old() {
            Some(old) => match self.store.peel(old)? {
                Peeled::Commit(commit) => Some(commit),
                Peeled::NotACommit { .. } => None,
            },
            None => None,
        })
    }

    /// Whether an update changes what entities say. A changed file that a `file://` property names
    /// changes the entity: its document counts as changed and joins `documents`.
    fn touched_entities(
        &self,
        old: Option<&CommitId>,
        tip: &CommitId,
        documents: &mut Vec<TreeDocument>,
    ) -> Result<Entities, ReadError> {
        let Some(old) = old else {
            return Ok(Entities::Touched);
        };
        if self.store.root_tree(old)? == self.store.root_tree(tip)? {
            return Ok(Entities::Untouched);
        }
        let paths = PortPaths(self.checker.kinds());
        let before = documents_at(self.store, old, &paths)?;
        let now = documents_at(self.store, tip, &paths)?;
        let mut entities = if before == now {
            Entities::Untouched
        } else {
            Entities::Touched
        };
        for document in now {
            if documents.contains(&document) {
                continue;
            }
            for path in referenced_files(self.store, &document, self.checker.limits())? {
                if differs(self.store, old, tip, &path)? {
                    documents.push(document);
                    entities = Entities::Touched;
                    break;
                }
            }
        }
        Ok(entities)
    }

    fn check(&self, document: &TreeDocument) -> Result<Checked, ReadError> {
        let kind = self.checker.kinds().of_path(&document.path);
        // The walk offers only paths that have a kind.
        let kind = kind.unwrap_or(&crate::document::Kind::Port);
        let path = &document.path;
        let not_a_file = match document.what {
            EntryKind::File | EntryKind::Executable => None,
            EntryKind::Symlink => Some(NotAFile::Symlink {
                target: self.link_target(document)?,
            }),
            EntryKind::Submodule => Some(NotAFile::Submodule),
            EntryKind::Folder => Some(NotAFile::Folder),
        };
        if let Some(what) = not_a_file {
            return Ok(self.checker.not_a_file(kind, path, what));
        }
        let limit = self.checker.limits().bytes as u64;
        Ok(match self.store.blob(&document.id, limit)? {
            Blob::Content(bytes) => self.checker.check(kind, path, &bytes),
            Blob::TooLarge { bytes } => self.checker.oversized(kind, path, bytes),
        })
    }

    fn link_target(&self, link: &TreeDocument) -> Result<Option<String>, ReadError> {
        Ok(match self.store.blob(&link.id, LINK_TARGET)? {
            Blob::Content(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
            Blob::TooLarge { .. } => None,
        })
    }

    /// What moving the branch changes in Port; none where either state can't be told.
    fn preview(
        &self,
        old: Option<&CommitId>,
        tip: &CommitId,
    ) -> Result<Option<Preview>, ReadError> {
        let read = |commit: &CommitId| {
            declared(
                self.store,
                commit,
                self.checker.kinds(),
                self.checker.limits(),
            )
        };
        let before = match old {
            Some(commit) => read(commit)?.state,
            None => Ok(crate::catalog::DesiredState::default()),
        };
        let after = read(tip)?.state;
        Ok(match (before, after) {
            (Ok(before), Ok(after)) => Some(preview(&before, &after)).filter(|p| !p.is_empty()),
            _ => None,
        })
    }
}
