//! What the store knows of the repository, where it can be seen from here.

use super::Command;
use crate::catalog::{DesiredState, OtherOwners};
use crate::cli::hook;
use crate::outbox::{Lane, State, System};
use crate::pushed::StoredOwners;
use crate::repository::RepositoryName;

impl Command<'_> {
    /// The repositories that declared entities belong to, where it is another one.
    pub(super) fn other_owners(&self, declared: &DesiredState) -> OtherOwners {
        let name = self.name();
        let owners = StoredOwners::new(&self.invocation.environment, &self.config, name.as_ref());
        let keys: Vec<_> = declared.keys().cloned().collect();
        owners.others_of(&keys)
    }

    /// Deletions of earlier pushes that a person has to approve, each with what to do.
    pub(super) fn waits_for_approval(&self) -> Vec<String> {
        let look = || {
            let repository = self.name()?;
            let mut store = self
                .config
                .delivered_elsewhere(&self.invocation.environment)?;
            let lane = Lane {
                repository,
                system: System::Port,
            };
            store.outlines_of(&lane).ok()
        };
        let held = look().into_iter().flatten();
        held.filter(|delivery| delivery.state == State::Held)
            .filter_map(|delivery| {
                let problem = delivery.last_problem?;
                let help = problem.help.unwrap_or_default();
                Some(format!(
                    "an earlier push waits: {}; {help}",
                    problem.message
                ))
            })
            .collect()
    }

    /// The repository's name as the server has it. A work tree's path says nothing of it.
    fn name(&self) -> Option<RepositoryName> {
        if self.bare {
            hook::repository_name(self.invocation, self.repository.directory())
        } else {
            hook::told_name(self.invocation)
        }
    }
}
