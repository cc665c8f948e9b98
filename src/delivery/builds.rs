//! Builds of one repository by one system, in the order in which they were asked for.

use crate::algorithmia::{Compiled, SshKey};
use crate::http::{Outcome, Problem};
use crate::outbox::{
    BuildGroup, BuildTarget, Ending, Flight, OutboxError, State, Store, System, group_builds,
};
use crate::trigger::Values;
use crate::{algorithmia, trigger};

use super::crew::{Crew, endings};
use super::event::Event;

/// Who builds.
#[derive(Clone, Copy)]
enum Builder<'a> {
    Algorithmia(&'a algorithmia::Client),
    Trigger(&'a trigger::Client),
}

impl Crew<'_> {
    pub(super) fn builds(&self, store: &mut Store, flight: &Flight) -> Result<(), OutboxError> {
        let system = &flight.lane.system;
        let Some(builder) = self.builder(system) else {
            self.not_configured(system.clone());
            return Ok(());
        };
        let mut deliveries = store.deliveries_of(&flight.lane)?;
        let now = jiff::Timestamp::now();
        deliveries.retain(|delivery| delivery.state == State::Waiting);
        for group in group_builds(&deliveries) {
            let is_due = group.members.iter().any(|member| member.is_due(now));
            let resting = self.rests.systems(super::rest::Patience::GivesUp);
            if !is_due || self.mode.is_over() || resting.contains(system) {
                continue;
            }
            if store.paused_until(flight)?.is_some() {
                break;
            }
            self.build(store, flight, builder, &group)?;
        }
        Ok(())
    }

    fn builder(&self, system: &System) -> Option<Builder<'_>> {
        match system {
            System::Port => None,
            System::Algorithmia => {
                let algorithmia = self.remotes.algorithmia.as_ref();
                algorithmia.map(Builder::Algorithmia)
            }
            System::Trigger(name) => self.remotes.triggers.get(name).map(Builder::Trigger),
        }
    }

    fn build(
        &self,
        store: &mut Store,
        flight: &Flight,
        builder: Builder<'_>,
        group: &BuildGroup<'_>,
    ) -> Result<(), OutboxError> {
        let target = group.job.target.remembered(&flight.lane.repository);
        if !group.again && store.is_built(&target, &group.job.commit)? {
            return self.finish(store, flight, &endings(&group.members, Ending::BuiltBefore));
        }
        let built = match (builder, &group.job.target) {
            (
                Builder::Algorithmia(client),
                BuildTarget::Algorithmia {
                    algorithm,
                    ssh_key_file,
                },
            ) => {
                let key = match self.key(ssh_key_file) {
                    Ok(key) => key,
                    Err(problem) => return self.fail(store, flight, &group.members, problem),
                };
                // Cut off, a build would be started anew each time and never be heard to end.
                let compiled = client.compile(algorithm, &group.job.commit, &key, None);
                compiled.map(|compiled| match compiled {
                    Compiled::Accepted => Ending::BuildAccepted,
                    Compiled::Built => Ending::Built,
                })
            }
            (Builder::Trigger(client), BuildTarget::Trigger(_)) => client
                .trigger(&Values {
                    sha: group.job.commit.as_str(),
                    branch: group.job.branch.as_deref(),
                    project: flight.lane.repository.project(),
                    slug: flight.lane.repository.slug(),
                })
                .map(|()| Ending::BuildAccepted),
            // A lane holds the jobs of its own system.
            _ => return Ok(()),
        };
        if !matches!(&built, Err(problem) if problem.unreachable) {
            store.note_answer(&flight.lane.system)?;
        }
        match built {
            Ok(ending) => {
                let endings = endings(&group.members, ending);
                let receipts = store.finish_build(&target, &group.job.commit, &endings)?;
                self.tell(receipts);
                Ok(())
            }
            Err(problem) => self.fail(store, flight, &group.members, problem),
        }
    }

    /// The key, read with each build: who mends its file needs to do nothing else.
    fn key(&self, file: &std::path::Path) -> Result<SshKey, Problem> {
        let key = SshKey::read(file).map_err(|error| Problem {
            outcome: Outcome::Retry { after: None },
            ..Problem::refused(error.to_string(), Some(error.advice()))
        })?;
        if let Some(warning) = key.warning() {
            self.observer.observe(Event::Warning(warning.to_string()));
        }
        Ok(key)
    }
}
