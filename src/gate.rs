//! The gate: ref updates in, a verdict out. It changes nothing.

mod before;
mod brought;

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::catalog::{Preview, preview};
use crate::check::{Added, Checked, Checker, Elsewhere, NotAFile, Owners, Placed};
use crate::committed::Committed;
use crate::config::{Enforcement, Gate};
use crate::declared::declared;
use crate::document::Kind;
use crate::git::{
    Blob, CommitId, EntryKind, ObjectStore, ReadError, RefName, RefUpdate, TreeDocument,
};
use before::DeclaredBefore;
use brought::{Brought, Entities};

/// What the gate answers to a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
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

/// Judges pushes by one configuration.
pub struct Judge<'a> {
    /// The repository, with the push's objects in sight.
    pub store: &'a dyn ObjectStore,
    /// The rules.
    pub checker: &'a Checker,
    /// The operator's settings.
    pub gate: &'a Gate,
    /// The branch whose entities go to Port.
    pub port: ToPort,
    /// Who knows which entities other repositories have delivered.
    pub owners: &'a dyn Owners,
}

/// The branch whose entities go to Port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToPort {
    /// None does.
    Nothing,
    /// This one.
    Branch(RefName),
    /// The repository's default branch.
    DefaultBranch,
}

/// What the updates of a push have in common: a document is checked once.
#[derive(Default)]
struct Met {
    documents: HashMap<TreeDocument, Seen>,
    /// What the rest of their commits adds to the documents, by number.
    added: BTreeMap<usize, Added>,
}

/// A document that was checked, and the errors that it has by itself.
#[derive(Clone, Copy)]
struct Seen {
    number: usize,
    errors: usize,
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
        let updates = self.moved(updates)?;
        let before = DeclaredBefore::new(self, &updates);
        let mut met = Met::default();
        for update in &updates {
            self.update(update, &before, &mut judgement, &mut met)?;
        }
        for (number, added) in met.added {
            judgement.documents[number].add(added);
        }
        before.finish()?;
        Ok(judgement)
    }

    /// The updates by the refs that they move: what is pushed to a symbolic ref is judged like a push to
    /// the branch behind it.
    fn moved(&self, updates: &[RefUpdate]) -> Result<Vec<RefUpdate>, ReadError> {
        let moved = updates.iter();
        moved
            .map(|update| Ok(update.of(self.store.moves(update.name())?)))
            .collect()
    }

    fn update(
        &self,
        update: &RefUpdate,
        before: &DeclaredBefore<'_>,
        judgement: &mut Judgement,
        met: &mut Met,
    ) -> Result<(), ReadError> {
        let enforcement = self.gate.enforcement_of(update.name().branch());
        if enforcement == Enforcement::Off {
            return Ok(());
        }
        let Some(mut brought) = self.brought(update, judgement)? else {
            return Ok(());
        };
        let entities = self.touched_entities(&mut brought)?;
        let goes_to_port = entities == Entities::Touched && self.goes_to_port(update.name())?;
        let Brought {
            old,
            tip,
            documents,
            listed,
            ..
        } = brought;
        let mut errors = 0;
        let mut numbers = Vec::with_capacity(documents.len());
        for document in documents {
            let of_document = match met.documents.get(&document) {
                Some(&of_document) => of_document,
                None => {
                    let checked = self.check(&document, before)?;
                    let of_document = Seen {
                        number: judgement.documents.len(),
                        errors: checked.errors(),
                    };
                    judgement.documents.push(checked);
                    met.documents.insert(document, of_document);
                    of_document
                }
            };
            errors += of_document.errors;
            numbers.push(of_document.number);
        }
        if !numbers.is_empty() {
            let files = Committed::new(self.store, &tip, self.checker.kinds(), listed);
            errors += self.together(&files, &numbers, &judgement.documents, &mut met.added)?;
            if goes_to_port {
                errors += self.owned(&numbers, &judgement.documents, &mut met.added);
            }
        }
        if errors > 0 {
            judgement.wrong.push((update.name().clone(), enforcement));
            if enforcement == Enforcement::Enforce {
                judgement.verdict = Verdict::Refused;
            }
        } else if goes_to_port {
            judgement.preview = self.preview(old.as_ref(), &tip)?;
        }
        Ok(())
    }

    /// Checks an update's documents against each other and the rest of its commit; answers with the
    /// number of errors that this brings.
    fn together(
        &self,
        files: &Committed<'_>,
        numbers: &[usize],
        documents: &[Checked],
        added: &mut BTreeMap<usize, Added>,
    ) -> Result<usize, ReadError> {
        let placed: Vec<_> = numbers
            .iter()
            .map(|&number| &documents[number])
            .map(|checked| Placed {
                path: &checked.path,
                checked,
            })
            .collect();
        let mut errors = 0;
        for (&number, found) in numbers.iter().zip(self.checker.together(&placed, files)?) {
            errors += found.errors();
            if !found.is_empty() {
                added.entry(number).or_default().merge(found);
            }
        }
        Ok(errors)
    }

    /// Checks whether other repositories own what the documents declare; answers with the number of
    /// errors that this brings.
    fn owned(
        &self,
        numbers: &[usize],
        documents: &[Checked],
        added: &mut BTreeMap<usize, Added>,
    ) -> usize {
        let mut errors = 0;
        for &number in numbers {
            let found = self
                .checker
                .owned_elsewhere(&documents[number], self.owners);
            errors += found.errors();
            if !found.is_empty() {
                added.entry(number).or_default().merge(found);
            }
        }
        errors
    }

    /// Whether the entities of that branch go to Port.
    fn goes_to_port(&self, name: &RefName) -> Result<bool, ReadError> {
        Ok(match &self.port {
            ToPort::Nothing => false,
            ToPort::Branch(branch) => branch == name || self.store.moves(branch)? == *name,
            ToPort::DefaultBranch => self.store.default_branch()?.as_ref() == Some(name),
        })
    }

    fn check(
        &self,
        document: &TreeDocument,
        before: &DeclaredBefore<'_>,
    ) -> Result<Checked, ReadError> {
        let kinds = self.checker.kinds();
        let path = &document.path;
        let elsewhere = match document.what {
            EntryKind::File | EntryKind::Executable | EntryKind::Folder => None,
            EntryKind::Symlink => Some(Elsewhere::Symlink {
                target: self.link_target(document)?,
            }),
            EntryKind::Submodule => Some(Elsewhere::Submodule),
        };
        if let Some(what) = &elsewhere
            && let Some(kind) = kinds.of_own_folder(path)
        {
            return Ok(self.checker.not_a_folder(kind, path, what));
        }
        // The walk offers no other paths than those that have a kind.
        let kind = kinds.of_path(path).unwrap_or(&Kind::Port);
        let not_a_file = |what| Ok(self.checker.not_a_file(kind, path, what));
        if let Some(what) = elsewhere {
            return not_a_file(NotAFile::Elsewhere(what));
        }
        if document.what == EntryKind::Folder {
            return not_a_file(NotAFile::Folder);
        }
        let limit = self.checker.limits().bytes as u64;
        Ok(match self.store.blob(&document.id, limit)? {
            Blob::Content(bytes) => self.checker.check_after(kind, path, &bytes, before),
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
