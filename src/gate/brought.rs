//! What a ref update brings, and which other branches account for it.

use super::{Judge, Judgement};
use crate::committed::{Listed, PathsOf};
use crate::config::Enforcement;
use crate::declared::referenced_files;
use crate::document::Kind;
use crate::git::{
    Change, CommitFiles, CommitId, DocumentPaths, Peeled, ReadError, RefName, RefUpdate,
    TreeDocument, changed_documents, documents_at,
};

/// Whether an update changes what entities say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entities {
    Touched,
    Untouched,
}

/// What an update brings.
pub(super) struct Brought {
    pub(super) old: Option<CommitId>,
    /// What files are compared with: the old commit; of a new ref the default branch's, where that
    /// accounts for documents.
    base: Option<CommitId>,
    pub(super) tip: CommitId,
    pub(super) documents: Vec<TreeDocument>,
    /// What is known of the tip's documents, the unchanged ones included.
    pub(super) listed: Listed,
    /// The port documents at the base and now; none without a base.
    port: Option<(Vec<TreeDocument>, Vec<TreeDocument>)>,
}

impl Judge<'_> {
    /// The documents that an update brings; none where it brings no commit.
    pub(super) fn brought(
        &self,
        update: &RefUpdate,
        judgement: &mut Judgement,
    ) -> Result<Option<Brought>, ReadError> {
        let kinds = self.checker.kinds();
        let old = match update.old().map(|old| self.store.peel(old)).transpose()? {
            Some(Peeled::Commit(commit)) => Some(commit),
            _ => None,
        };
        // Where a look into the top folder is enough, both sides are told at the price of one.
        if let (Some(old), Some(new), Some(_)) = (&old, update.new_id(), kinds.names_at_the_top())
            && let Peeled::Commit(tip) = self.store.peel(new)?
        {
            let (before, now) = self.sides(old, &tip, kinds)?;
            let documents = now.iter().filter(|document| !before.contains(document));
            let documents = documents.cloned().collect();
            let listed = Listed::All(Listed::paths(&now));
            let is_port =
                |document: &TreeDocument| kinds.of_path(&document.path) == Some(&Kind::Port);
            let port = |side: Vec<TreeDocument>| side.into_iter().filter(is_port).collect();
            return Ok(Some(Brought {
                port: Some((port(before), port(now))),
                old: Some(old.clone()),
                base: Some(old.clone()),
                tip,
                documents,
                listed,
            }));
        }
        let accounts = self.accounts(update)?;
        Ok(
            match changed_documents(self.store, update, kinds, &accounts)? {
                Change::Deleted => None,
                Change::NotACommit { .. } => {
                    judgement.without_commit.push(update.name().clone());
                    None
                }
                Change::Documents { commit, documents } => {
                    let paths = PathsOf {
                        kinds,
                        kind: &Kind::Port,
                    };
                    let base = old.clone().or_else(|| self.default_tip(accounts));
                    let port = match (&old, &base) {
                        (Some(old), _) => Some(self.sides(old, &commit, &paths)?),
                        // As among the documents, what can't be read there accounts for nothing.
                        (None, Some(base)) => self.sides(base, &commit, &paths).ok(),
                        (None, None) => None,
                    };
                    Some(Brought {
                        listed: match &port {
                            Some((_, now)) => Listed::Port(Listed::paths(now)),
                            None => Listed::Nothing,
                        },
                        port,
                        old,
                        base,
                        tip: commit,
                        documents,
                    })
                }
            },
        )
    }

    /// Which branches account for what a new ref holds: what they hold was judged there, and at
    /// least as strictly. None do for the branch that goes to Port: only there it is asked who owns
    /// what is declared. A tag or another kind of ref, from which nothing follows, any branch does
    /// for.
    fn accounts(&self, update: &RefUpdate) -> Result<impl Fn(&RefName) -> bool, ReadError> {
        let is_new = matches!(update, RefUpdate::Created { .. });
        let any = is_new && !self.goes_to_port(update.name())?;
        let own = match update.name().branch() {
            Some(branch) => self.gate.enforcement_of(Some(branch)),
            None => Enforcement::Off,
        };
        Ok(move |other: &RefName| any && self.gate.enforcement_of(other.branch()) <= own)
    }

    /// Where the default branch stands, if it accounts for documents and can be read.
    fn default_tip(&self, accounts: impl Fn(&RefName) -> bool) -> Option<CommitId> {
        let default = self.store.default_branch().ok()?.filter(accounts)?;
        let tip = self.store.reference(&default).ok()??;
        match self.store.peel(&tip).ok()? {
            Peeled::Commit(commit) => Some(commit),
            Peeled::NotACommit { .. } => None,
        }
    }

    /// The documents at both commits; nothing where their files are the same.
    fn sides(
        &self,
        old: &CommitId,
        tip: &CommitId,
        paths: &impl DocumentPaths,
    ) -> Result<(Vec<TreeDocument>, Vec<TreeDocument>), ReadError> {
        if self.store.root_tree(old)? == self.store.root_tree(tip)? {
            return Ok((Vec::new(), Vec::new()));
        }
        let before = documents_at(self.store, old, paths)?;
        Ok((before, documents_at(self.store, tip, paths)?))
    }

    /// Whether an update changes what entities say. A changed file that a `file://` property names
    /// changes the entity: its document counts as changed and joins the update's.
    pub(super) fn touched_entities(&self, brought: &mut Brought) -> Result<Entities, ReadError> {
        let (Some(base), Some((before, now))) = (&brought.base, brought.port.take()) else {
            return Ok(Entities::Touched);
        };
        // Every entity of a new ref is new.
        let mut entities = if before == now && brought.old.is_some() {
            Entities::Untouched
        } else {
            Entities::Touched
        };
        let files = |commit| CommitFiles::new(self.store, commit);
        let (files_before, files_now) = (files(base), files(&brought.tip));
        for document in now {
            if brought.documents.contains(&document) {
                continue;
            }
            for path in referenced_files(self.store, &document, self.checker.limits())? {
                if files_before.differs(&files_now, &path)? {
                    brought.documents.push(document);
                    entities = Entities::Touched;
                    break;
                }
            }
        }
        Ok(entities)
    }
}
