//! What waits for one system, carried out in turn.

use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::algorithmia::{self, Compiled, SshKey};
use crate::http::{Outcome, Problem};
use crate::outbox::{
    self, BuildGroup, CatalogGroup, Delivery, DeliveryId, Ending, Outbox, OutboxError, State,
    System, group_builds, group_catalogs,
};
use crate::port::{self, Work};
use crate::repository::RepositoryName;

use super::event::{Event, Observer};
use super::run::{Mode, Remotes, Settings};

/// How often a run that goes on tidies up.
const TIDY: Duration = Duration::from_secs(60 * 60);

/// One system's deliveries.
pub(super) struct Lane<'a> {
    pub(super) outbox: &'a Outbox,
    pub(super) remotes: &'a Remotes,
    pub(super) settings: &'a Settings,
    pub(super) mode: Mode<'a>,
    pub(super) observer: &'a dyn Observer,
    pub(super) finished: usize,
    pub(super) rest: Rest,
}

/// Why a system is left alone for a while.
#[derive(Clone, Debug)]
pub(super) struct Rest {
    pub(super) system: System,
    /// It takes nothing from us.
    pub(super) blocked: Option<Problem>,
    /// Something waits for it, and nobody knows where it is.
    pub(super) not_configured: bool,
    /// It asked for a pause, or can't be reached.
    until: Option<Instant>,
}

impl Rest {
    pub(super) fn none(system: System) -> Self {
        Self {
            system,
            blocked: None,
            not_configured: false,
            until: None,
        }
    }

    pub(super) fn is_resting(&self) -> bool {
        self.blocked.is_some()
            || self.not_configured
            || self.until.is_some_and(|until| Instant::now() < until)
    }
}

impl Lane<'_> {
    /// Goes on until the mode says that it is over, or nothing is due that can be carried out.
    pub(super) fn run(mut self) -> Result<(usize, Rest), OutboxError> {
        let mut tidied = Instant::now();
        while !self.mode.is_over() {
            if tidied.elapsed() >= TIDY && self.rest.system == System::Port {
                self.outbox.sweep(self.settings.keep_receipts)?;
                tidied = Instant::now();
            }
            let mut deliveries = self.outbox.list()?.deliveries;
            deliveries.retain(|delivery| delivery.job.system() == self.rest.system);
            if !self.pass(&deliveries)? && !self.wait(&deliveries) {
                break;
            }
        }
        Ok((self.finished, self.rest))
    }

    /// Carries out what is due; whether anything was.
    fn pass(&mut self, deliveries: &[Delivery]) -> Result<bool, OutboxError> {
        let mut tried = false;
        let (catalogs, builds) = (group_catalogs(deliveries), group_builds(deliveries));
        for group in catalogs {
            if group.is_due(Timestamp::now()) && !self.mode.is_over() && !self.rest.is_resting() {
                tried |= self.catalog(&group)?;
            }
        }
        for group in builds {
            if group.is_due(Timestamp::now()) && !self.mode.is_over() && !self.rest.is_resting() {
                tried |= self.build(&group)?;
            }
        }
        Ok(tried)
    }

    /// Waits until something may be due; whether it is worth it.
    fn wait(&mut self, deliveries: &[Delivery]) -> bool {
        let next = deliveries
            .iter()
            .filter(|delivery| delivery.state == State::Waiting)
            .map(|delivery| delivery.next_try)
            .min();
        let pause = |until: Instant| until.saturating_duration_since(Instant::now());
        let wait = match (self.mode.cut(), self.mode) {
            (_, Mode::Watch(_)) => {
                // A person may have mended it meanwhile.
                if self.rest.until.is_none_or(|until| pause(until).is_zero()) {
                    self.rest.blocked = None;
                    self.rest.not_configured = false;
                }
                self.settings.poll
            }
            (Some(deadline), _) => {
                let Some(next) = next else {
                    return false;
                };
                if self.rest.blocked.is_some() || self.rest.not_configured {
                    return false;
                }
                let wait = Timestamp::now()
                    .until(next)
                    .ok()
                    .and_then(|span| Duration::try_from(span).ok())
                    .unwrap_or_default()
                    .max(self.rest.until.map(pause).unwrap_or_default());
                if wait >= pause(deadline) {
                    return false;
                }
                wait.min(self.settings.poll)
            }
            (None, _) => return false,
        };
        thread::sleep(wait);
        true
    }

    fn catalog(&mut self, group: &CatalogGroup<'_>) -> Result<bool, OutboxError> {
        let Some(port) = &self.remotes.port else {
            return Ok(self.not_configured());
        };
        let report = port.carry_out(&Work {
            repository: group.repository,
            upserts: group.upserts,
            deletions: &group.deletions,
            until: self.mode.cut(),
        });
        match report.summary() {
            None => self.finish(&group.members, catalog_ending(&report))?,
            Some(problem) => self.fail(group.repository, &group.members, problem)?,
        }
        Ok(true)
    }

    fn build(&mut self, group: &BuildGroup<'_>) -> Result<bool, OutboxError> {
        let Some(algorithmia) = &self.remotes.algorithmia else {
            return Ok(self.not_configured());
        };
        match self.compile(algorithmia, group) {
            Ok(Compiled::Accepted) => self.finish(&group.members, Ending::BuildAccepted)?,
            Ok(Compiled::Built) => self.finish(&group.members, Ending::Built)?,
            Err(problem) => {
                if let Some(first) = group.members.first() {
                    self.fail(&first.repository, &group.members, problem)?;
                }
            }
        }
        Ok(true)
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

    /// Lets deliveries leave, the one that counts last: killed in between, it is carried out again
    /// and no older state with it.
    fn finish(&mut self, members: &[&Delivery], ending: Ending) -> Result<(), OutboxError> {
        let Some((newest, older)) = members.split_last() else {
            return Ok(());
        };
        let older = older
            .iter()
            .map(|older| (*older, Ending::CarriedBy(newest.id.clone())));
        for (delivery, ending) in older.chain([(*newest, ending)]) {
            match self.outbox.finish(&delivery.id, ending) {
                Ok(receipt) => {
                    self.finished += 1;
                    self.observer.observe(Event::Finished(receipt));
                }
                // A person discarded it meanwhile.
                Err(OutboxError::Gone(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn fail(
        &mut self,
        repository: &RepositoryName,
        members: &[&Delivery],
        problem: Problem,
    ) -> Result<(), OutboxError> {
        let now = Timestamp::now();
        let tries = members.last().map_or(1, |newest| newest.attempts + 1);
        let wait = match problem.outcome {
            Outcome::Retry { after } => self.settings.back_off.after(tries, after),
            _ => Duration::ZERO,
        };
        let next_try = now.saturating_add(wait).unwrap_or(now);
        let ids: Vec<DeliveryId> = members.iter().map(|member| member.id.clone()).collect();
        for id in &ids {
            let updated = self.outbox.update(id, |delivery| {
                delivery.attempts += 1;
                delivery.last_problem = Some(outbox::Problem {
                    at: now,
                    message: problem.message.clone(),
                    help: problem.help.clone(),
                });
                match problem.outcome {
                    Outcome::Refused | Outcome::Done => delivery.state = State::Refused,
                    Outcome::Retry { .. } => delivery.next_try = next_try,
                    Outcome::Blocked => {}
                }
            });
            match updated {
                Ok(_) | Err(OutboxError::Gone(_)) => {}
                Err(error) => return Err(error),
            }
        }
        let repository = repository.clone();
        self.observer.observe(match problem.outcome {
            Outcome::Refused | Outcome::Done => Event::Refused {
                ids,
                repository,
                problem,
            },
            Outcome::Retry { after } => {
                // Nobody else's calls would fare better.
                if problem.unreachable || after.is_some() {
                    self.rest.until = Some(Instant::now() + wait);
                }
                Event::Postponed {
                    ids,
                    repository,
                    problem,
                    next_try,
                }
            }
            Outcome::Blocked => {
                self.rest.blocked = Some(problem.clone());
                self.rest.until = Some(Instant::now() + self.settings.back_off.longest);
                Event::Blocked {
                    system: self.rest.system,
                    problem,
                }
            }
        });
        Ok(())
    }

    fn not_configured(&mut self) -> bool {
        self.rest.not_configured = true;
        self.rest.until = Some(Instant::now() + self.settings.back_off.longest);
        self.observer
            .observe(Event::NotConfigured(self.rest.system));
        false
    }
}

fn catalog_ending(report: &port::Report) -> Ending {
    Ending::Catalog {
        upserted: report.upserted,
        deleted: report.deleted,
        kept: report.kept.len(),
    }
}
