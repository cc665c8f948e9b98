//! Repositories that are gone from the server, and what becomes of their entities.

use super::{Desk, DeskError};
use crate::outbox::{Delivery, Extent, Gone, Job};
use crate::repository::RepositoryName;
use crate::sweep::entry::{Entry, What};
use crate::sweep::projects::Projects;
use crate::sweep::purpose::{Prune, Purpose};
use crate::sweep::reading::Declares;

impl Desk<'_> {
    /// Once everything was listed: what is gone from the server. Its entities that another
    /// repository declares by now, as one that was moved does, become that one's; with `prune` the
    /// others leave Port.
    ///
    /// # Errors
    /// The store or the journal.
    pub fn end(&mut self, projects: &Projects, prune: Prune) -> Result<(), DeskError> {
        let Some(store) = self.store.as_mut().filter(|_| self.summary.is_complete()) else {
            return Ok(());
        };
        let not_seen = store.not_seen(&self.sweep);
        let gone = match (not_seen, self.rules.purpose) {
            // Nobody has ever swept, or with tables of an older version.
            (Err(_), Purpose::Plan) => return Ok(()),
            (gone, _) => gone?,
        };
        for gone in gone {
            let seen = self.seen.contains(&gone.repository);
            if !seen && projects.covers(gone.repository.project()) {
                self.gone(gone, prune)?;
            }
        }
        Ok(())
    }

    fn gone(&mut self, gone: Gone, prune: Prune) -> Result<(), DeskError> {
        let Gone {
            repository,
            tip,
            mut entities,
        } = gone;
        let nothing = Declares {
            entities: Vec::new(),
            extent: Extent::Whole,
        };
        let mut job = self.job(Some(tip.clone()), tip.clone(), nothing);
        // Asked for, whatever becomes of entities that leave their files.
        job.delete = true;
        let mut entry = Entry {
            repository: repository.clone(),
            commit: Some(tip),
            what: What::Gone { entities },
            plan: None,
        };
        match (self.rules.purpose, prune) {
            (Purpose::Plan, Prune::Gone) => {
                let delete = std::mem::replace(&mut self.rules.plan.delete, true);
                entry.plan = self.planned(&repository, &job)?;
                self.rules.plan.delete = delete;
            }
            (Purpose::Deliver, _) => {
                entities -= self.hand_over(&repository)?.min(entities);
                entry.what = What::Gone { entities };
                if entities == 0 {
                    return Ok(());
                }
                if let (Prune::Gone, Some(store)) = (prune, &mut self.store) {
                    let last = Delivery::new(repository, Job::Catalog(job));
                    store.forget_swept(&self.sweep, &last)?;
                }
            }
            (Purpose::Plan | Purpose::Check, _) => {}
        }
        self.tell(&entry)
    }

    /// Gives entities of a repository that is gone to those that declare them; how many.
    fn hand_over(&mut self, gone: &RepositoryName) -> Result<usize, DeskError> {
        let Some(store) = &mut self.store else {
            return Ok(0);
        };
        let mut handed_over = 0;
        for (_, key) in self.conflicts.iter().filter(|(owner, _)| owner == gone) {
            handed_over += usize::try_from(store.release(gone, key)?).unwrap_or_default();
        }
        if handed_over > 0 {
            store.retry_wanted(&self.rules.owners)?;
        }
        Ok(handed_over)
    }
}
