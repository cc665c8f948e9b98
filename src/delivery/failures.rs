//! What follows from a failure, for the deliveries and for the system.

use std::time::Duration;

use jiff::Timestamp;

use crate::http::{Outcome, Problem};
use crate::outbox::{self, Delivery, DeliveryId, Flight, OutboxError, State, Store, System};

use super::crew::Crew;
use super::event::Event;
use super::rest::Reason;

impl Crew<'_> {
    /// Notes that deliveries failed, and leaves the system alone where others would fare no better.
    pub(super) fn fail(
        &self,
        store: &mut Store,
        flight: &Flight,
        members: &[&Delivery],
        problem: Problem,
    ) -> Result<(), OutboxError> {
        let now = Timestamp::now();
        let next_try = self.next_try(store, flight, members, &problem)?;
        let ids: Vec<DeliveryId> = members.iter().map(|member| member.id.clone()).collect();
        let state = match problem.outcome {
            Outcome::Refused | Outcome::Done => State::Refused,
            Outcome::Retry { .. } | Outcome::Blocked => State::Waiting,
        };
        let noted = outbox::Problem {
            at: now,
            message: problem.message.clone(),
            help: problem.help.clone(),
        };
        store.postpone(flight, &ids, &noted, state, next_try)?;
        let repository = flight.lane.repository.clone();
        let system = flight.lane.system.clone();
        self.observer.observe(match problem.outcome {
            Outcome::Refused | Outcome::Done => Event::Refused {
                ids,
                repository,
                problem,
            },
            Outcome::Retry { .. } => Event::Postponed {
                ids,
                repository,
                problem,
                next_try,
            },
            Outcome::Blocked => {
                let reason = Reason::Blocked(problem.clone());
                self.rests
                    .begin(system.clone(), reason, self.settings.back_off.longest);
                Event::Blocked { system, problem }
            }
        });
        Ok(())
    }

    /// When deliveries are tried again. Where nobody else's calls would fare better, nobody makes
    /// any before then.
    fn next_try(
        &self,
        store: &mut Store,
        flight: &Flight,
        members: &[&Delivery],
        problem: &Problem,
    ) -> Result<Timestamp, OutboxError> {
        let now = Timestamp::now();
        let after = match problem.outcome {
            Outcome::Retry { after } => after,
            _ => return Ok(now),
        };
        if problem.unreachable {
            // It is no fault of theirs: how long the outage lasts says how long they wait.
            return store.note_unreachable(flight, |failures| {
                self.settings.outage.after(failures, after)
            });
        }
        let tries = members.last().map_or(1, |newest| newest.attempts + 1);
        let wait = self.settings.back_off.after(tries, after);
        let next_try = now.saturating_add(wait).unwrap_or(now);
        if after.is_some() {
            store.pause(&flight.lane.system, next_try)?;
        }
        Ok(next_try)
    }

    pub(super) fn not_configured(&self, system: System) {
        let time: Duration = self.settings.back_off.longest;
        if self
            .rests
            .begin(system.clone(), Reason::NotConfigured, time)
        {
            self.observer.observe(Event::NotConfigured(system));
        }
    }
}
