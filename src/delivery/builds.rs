//! Builds of one repository, in the order in which they were asked for.

use crate::algorithmia::{self, Compiled, SshKey};
use crate::http::{Outcome, Problem};
use crate::outbox::{
    BuildGroup, Delivery, DeliveryId, Ending, Flight, OutboxError, State, Store, System,
    group_builds,
};

use super::crew::Crew;
use super::event::Event;

impl Crew<'_> {
    pub(super) fn builds(&self, store: &mut Store, flight: &Flight) -> Result<(), OutboxError> {
        let Some(algorithmia) = &self.remotes.algorithmia else {
            self.not_configured(System::Algorithmia);
            return Ok(());
        };
        let mut deliveries = store.deliveries_of(&flight.lane)?;
        let now = jiff::Timestamp::now();
        deliveries.retain(|delivery| delivery.state == State::Waiting);
        for group in group_builds(&deliveries) {
            let is_due = group.members.iter().any(|member| member.is_due(now));
            let resting = self.rests.systems(super::rest::Patience::GivesUp);
            if !is_due || self.mode.is_over() || resting.contains(&System::Algorithmia) {
                continue;
            }
            if store.paused_until(System::Algorithmia)?.is_some() {
                break;
            }
            self.build(store, flight, algorithmia, &group)?;
        }
        Ok(())
    }

    fn build(
        &self,
        store: &mut Store,
        flight: &Flight,
        algorithmia: &algorithmia::Client,
        group: &BuildGroup<'_>,
    ) -> Result<(), OutboxError> {
        let target = group.job.algorithm.to_string();
        if store.is_built(&target, &group.job.commit)? {
            return self.finish(
                store,
                flight,
                &endings(&group.members, &Ending::BuiltBefore),
            );
        }
        match self.compile(algorithmia, group) {
            Ok(compiled) => {
                let ending = match compiled {
                    Compiled::Accepted => Ending::BuildAccepted,
                    Compiled::Built => Ending::Built,
                };
                let endings = endings(&group.members, &ending);
                let receipts = store.finish_build(&target, &group.job.commit, &endings)?;
                self.tell(receipts);
                Ok(())
            }
            Err(problem) => self.fail(store, flight, &group.members, problem),
        }
    }

    fn compile(
        &self,
        algorithmia: &algorithmia::Client,
        group: &BuildGroup<'_>,
    ) -> Result<Compiled, Problem> {
        // The file is read now: who mends it needs to do nothing else.
        let key = SshKey::read(&group.job.ssh_key_file).map_err(|error| Problem {
            outcome: Outcome::Retry { after: None },
            ..Problem::refused(error.to_string(), Some(error.advice()))
        })?;
        if let Some(warning) = key.warning() {
            self.observer.observe(Event::Warning(warning.to_string()));
        }
        // Cut off, a build would be started anew each time and never be heard to end.
        algorithmia.compile(&group.job.algorithm, &group.job.commit, &key, None)
    }
}

/// The last one has the ending, the others were carried along.
fn endings(members: &[&Delivery], ending: &Ending) -> Vec<(DeliveryId, Ending)> {
    let Some((last, others)) = members.split_last() else {
        return Vec::new();
    };
    others
        .iter()
        .map(|other| (other.id.clone(), Ending::CarriedBy(last.id.clone())))
        .chain([(last.id.clone(), ending.clone())])
        .collect()
}
