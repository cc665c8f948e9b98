//! What a sweep came to, in numbers; it grows with nothing but what is wrong.

use super::entry::{Entry, What};
use crate::repository::RepositoryName;

/// Problems that are kept; the rest is counted.
const KEPT: usize = 200;

/// What a sweep came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Repositories that the server listed.
    pub repositories: usize,
    /// Of those: read in this sweep.
    pub read: usize,
    /// Of those: unchanged since a sweep that read them.
    pub unchanged: usize,
    /// Of those: without a commit on the branch that goes to Port.
    pub empty: usize,
    /// Of those: not to be read.
    pub unreadable: usize,
    /// Repositories with entities of theirs in Port's files.
    pub with_entities: usize,
    /// Repositories without any document.
    pub without_documents: usize,
    /// Repositories of which a document is wrong.
    pub wrong: usize,
    /// Documents of all kinds.
    pub documents: usize,
    /// Entities that are declared.
    pub entities: usize,
    /// Findings of severity error.
    pub errors: usize,
    /// Findings of severity warning.
    pub warnings: usize,
    /// Entities that a sweep that only tells would create.
    pub planned_new: usize,
    /// Entities that it would change.
    pub planned_changed: usize,
    /// Entities that it would delete.
    pub planned_deleted: usize,
    /// Repositories that are gone and whose entities are to leave Port.
    pub gone: usize,
    /// Lists of the server that could not be read to their end.
    pub unlisted: Vec<Unlisted>,
    /// Deliveries that were carried out.
    pub delivered: usize,
    /// Entities that were created or changed in Port.
    pub upserted: usize,
    /// Entities that were deleted in Port.
    pub deleted: usize,
    /// Deliveries that were not carried out, with the reason.
    pub undelivered: Vec<Undelivered>,
    /// Further such deliveries, which are not kept.
    pub undelivered_more: usize,
}

/// A list that could not be read to its end: what it did not give is not swept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unlisted {
    /// What could not be read, and why.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// A delivery that was not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undelivered {
    /// Whose; none where a whole system takes nothing.
    pub repository: Option<RepositoryName>,
    /// What is in the way.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Summary {
    /// Counts a repository.
    pub fn count(&mut self, entry: &Entry) {
        if let Some(plan) = &entry.plan {
            self.planned_new += plan.new;
            self.planned_changed += plan.changed;
            self.planned_deleted += plan.deleted;
        }
        if let What::Gone { .. } = entry.what {
            self.gone += 1;
            return;
        }
        self.repositories += 1;
        match &entry.what {
            What::Read(_) => self.read += 1,
            What::Unchanged(_) => self.unchanged += 1,
            What::Empty => {
                self.empty += 1;
                self.without_documents += 1;
            }
            What::Unreadable { .. } => self.unreadable += 1,
            What::Gone { .. } => {}
        }
        let Some(found) = entry.found() else { return };
        self.with_entities += usize::from(found.entities > 0);
        self.without_documents += usize::from(found.documents == 0);
        self.wrong += usize::from(found.is_wrong());
        self.documents += found.documents;
        self.entities += found.entities;
        self.errors += found.errors;
        self.warnings += found.warnings;
    }

    /// Notes a delivery that was not carried out.
    pub fn not_delivered(&mut self, what: Undelivered) {
        if self.undelivered.len() < KEPT {
            self.undelivered.push(what);
        } else {
            self.undelivered_more += 1;
        }
    }

    /// All deliveries that were not carried out.
    #[must_use]
    pub fn all_undelivered(&self) -> usize {
        self.undelivered.len() + self.undelivered_more
    }

    /// Whether everything that the sweep covers was listed.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.unlisted.is_empty()
    }

    /// Whether something could not be read or delivered.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.unreadable > 0 || !self.unlisted.is_empty() || self.all_undelivered() > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::{Fault, Found};

    fn entry(what: What) -> Entry {
        Entry {
            repository: "PRJ/hello".parse().unwrap(),
            commit: None,
            what,
            plan: None,
        }
    }

    #[test]
    fn every_kind_of_entry_is_counted_once() {
        let mut summary = Summary::default();
        let found = Found {
            documents: 2,
            entities: 3,
            ..Found::default()
        };
        let wrong = Found {
            documents: 1,
            errors: 2,
            fault: Some(Fault::Entries(Vec::new())),
            ..Found::default()
        };
        for what in [
            What::Read(found),
            What::Unchanged(Found::default()),
            What::Unchanged(wrong),
            What::Empty,
            What::Gone { entities: 4 },
        ] {
            summary.count(&entry(what));
        }
        assert!(!summary.has_failed());
        let message = String::new();
        summary.count(&entry(What::Unreadable {
            message,
            help: None,
        }));
        let Summary {
            repositories,
            read,
            unchanged,
            empty,
            unreadable,
            ..
        } = summary;
        assert_eq!(
            [repositories, read, unchanged, empty, unreadable],
            [5, 1, 2, 1, 1]
        );
        assert_eq!((summary.documents, summary.entities), (3, 3));
        assert_eq!((summary.without_documents, summary.wrong), (2, 1));
        assert_eq!((summary.with_entities, summary.gone), (1, 1));
        assert!(summary.has_failed());
    }

    #[test]
    fn what_was_not_delivered_is_kept_or_counted() {
        let mut summary = Summary::default();
        for _ in 0..KEPT + 5 {
            summary.not_delivered(Undelivered {
                repository: None,
                message: String::new(),
                help: None,
            });
        }
        assert_eq!(
            (summary.undelivered.len(), summary.undelivered_more),
            (KEPT, 5)
        );
    }
}
