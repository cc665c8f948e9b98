//! What one repository declares, made true in Port.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::catalog::{
    Conflict, Delivered, Entity, EntityKey, Held, Inventory, Plan, Undetermined, Upsert, plan,
    plan_of_part,
};
use crate::http::Problem;
use crate::outbox::{
    self, CatalogGroup, Delivery, DeliveryId, Ending, Extent, Flight, Job, OutboxError, State,
    Store, System, group_catalogs,
};
use crate::port::{self, PlannedWork, Progress};
use crate::repository::RepositoryName;

use super::crew::{Crew, carried, endings};
use super::event::Event;
use super::run::Mode;
use super::tip::Tip;

/// The repositories that entities belong to, where it is another one.
type Owners = BTreeMap<EntityKey, RepositoryName>;

/// What is recorded in one transaction: no more than one call to Port brings.
const AT_ONCE: usize = 20;

/// Entities that a message names before the rest is counted.
const NAMED: usize = 5;

impl Crew<'_> {
    pub(super) fn entities(&self, store: &mut Store, flight: &Flight) -> Result<(), OutboxError> {
        let Some(port) = &self.remotes.port else {
            self.not_configured(System::Port);
            return Ok(());
        };
        // What they desire may be large, and the tip's is what counts where it can be read.
        let deliveries = store.outlines_of(&flight.lane)?;
        let Some(group) = group_catalogs(&deliveries) else {
            return Ok(());
        };
        let desired: Result<Vec<Entity>, Undetermined> =
            match self.tips.read(&flight.lane.repository, group.newest) {
                Tip::Declares(entities) => Ok(entities),
                Tip::Undetermined(undetermined) => Err(undetermined),
                Tip::NotNow(problem) => return self.fail(store, flight, &group.members, problem),
                Tip::OutOfReach => match group.members.last() {
                    None => return Ok(()),
                    Some(newest) => match store.delivery(&newest.id)?.map(|newest| newest.job) {
                        Some(Job::Catalog(newest)) => newest.desired,
                        // A person has discarded it just now.
                        _ => return Ok(()),
                    },
                },
            };
        match desired {
            Ok(desired) => self.make_true(store, flight, port, &group, desired),
            Err(undetermined) => self.fail(store, flight, &group.members, not_told(&undetermined)),
        }
    }

    fn make_true(
        &self,
        store: &mut Store,
        flight: &Flight,
        port: &port::Client,
        group: &CatalogGroup<'_>,
        desired: Vec<Entity>,
    ) -> Result<(), OutboxError> {
        let plan = self.settle(store, flight, group, &desired)?;
        let stop = Cell::new(false);
        let mut log = Log {
            store,
            flight,
            arrived: Vec::new(),
            gone: Vec::new(),
            has_answered: false,
            failed: Ok(()),
            stop: &stop,
            mode: self.mode,
        };
        let work = PlannedWork {
            repository: &flight.lane.repository,
            plan: &plan,
            until: self.mode.deadline(),
            stop: Some(&stop),
        };
        let report = port.carry_out_plan(&work, &mut |progress| log.note(progress));
        log.close()?;
        if stop.get() && report.stopped.is_some() {
            // Nothing failed: whoever comes next goes on from what is recorded.
            return Ok(());
        }
        let problem = report.summary();
        // What arrived is noted already, and a plan that changes nothing makes no call.
        if problem.as_ref().is_some_and(|problem| !problem.unreachable) {
            store.note_answer(&System::Port)?;
        }
        let problem = problem.or_else(|| taken(&plan.taken, &self.settings.owners));
        let wanted: Vec<&EntityKey> = plan.taken.iter().map(|conflict| &conflict.key).collect();
        if !wanted.is_empty() {
            let ids: Vec<DeliveryId> = group.members.iter().map(|one| one.id.clone()).collect();
            store.want(flight, &ids, &wanted)?;
        }
        let Plan {
            upserts,
            held,
            kept,
            ..
        } = plan;
        // The store reads deliveries again before they leave: not all has to be held at once.
        drop(upserts);
        drop(desired);
        if let Some(problem) = problem {
            return self.fail(store, flight, &group.members, problem);
        }
        let Some((newest, older)) = group.members.split_last() else {
            return Ok(());
        };
        if let Some(held) = &held {
            return self.hold(store, flight, newest, older, held);
        }
        let ending = Ending::Catalog {
            upserted: report.upserted,
            deleted: report.deleted,
            kept: kept.len(),
        };
        self.finish(store, flight, &endings(&group.members, ending))
    }

    /// The plan, once all that it may touch is in the inventory as this repository's: whatever
    /// arrives, the next plan knows that it may have, and nobody else takes it for his meanwhile.
    fn settle<'e>(
        &self,
        store: &mut Store,
        flight: &Flight,
        group: &CatalogGroup<'_>,
        desired: &'e [Entity],
    ) -> Result<Plan<'e>, OutboxError> {
        loop {
            let owners = self.owners(store, flight, group, desired)?;
            let inventory: Inventory = store
                .inventory(&flight.lane.repository)?
                .into_iter()
                .collect();
            let plan = self.plan(group, desired, &inventory, &owners);
            let mut records = plan.records_before(&inventory);
            let held = plan.held.iter().flat_map(|held| &held.deletions);
            // Known from the jobs alone, which may be gone before they are.
            for key in plan.deletions.iter().chain(held) {
                if inventory.get(key).is_none() {
                    records.insert(key.clone(), Some(Delivered::default()));
                }
            }
            store.begin(flight, &records)?;
            // Another repository may have declared one since we looked; now it can't any more.
            let known = records.iter().filter(|(_, record)| record.is_some());
            let known = known.map(|(key, _)| key);
            if store
                .other_owners(&flight.lane.repository, known)?
                .is_empty()
            {
                return Ok(plan);
            }
        }
    }

    /// The repositories that entities belong to, where it is another one: as the operator says, else
    /// as they were delivered.
    fn owners(
        &self,
        store: &mut Store,
        flight: &Flight,
        group: &CatalogGroup<'_>,
        desired: &[Entity],
    ) -> Result<Owners, OutboxError> {
        let repository = &flight.lane.repository;
        let declared: BTreeSet<EntityKey> = desired.iter().filter_map(Entity::key).collect();
        let mut owners = store.other_owners(repository, declared.union(&group.previous))?;
        let mut ours = Vec::new();
        for (key, owner) in &self.settings.owners {
            if owner != repository {
                owners.insert(key.clone(), owner.clone());
            } else if declared.contains(key) && owners.remove(key).is_some() {
                ours.push(key);
            }
        }
        if !ours.is_empty() {
            store.take_over(flight, ours.into_iter())?;
        }
        Ok(owners)
    }

    fn plan<'e>(
        &self,
        group: &CatalogGroup<'_>,
        desired: &'e [Entity],
        inventory: &Inventory,
        owners: &Owners,
    ) -> Plan<'e> {
        let mut options = self.settings.plan;
        options.delete &= group.newest.delete;
        options.approved = group.newest.approved;
        let owner = |key: &EntityKey| owners.get(key).cloned();
        match group.newest.extent {
            Extent::Whole => plan(desired, inventory, &group.previous, &owner, &options),
            Extent::Part => plan_of_part(desired, inventory, &owner, &options),
        }
    }

    /// Leaves deletions to a person; all else was carried out.
    fn hold(
        &self,
        store: &mut Store,
        flight: &Flight,
        newest: &Delivery,
        older: &[&Delivery],
        held: &Held,
    ) -> Result<(), OutboxError> {
        let problem = outbox::Problem {
            at: Timestamp::now(),
            message: format!(
                "{} of the {} entities of {} would be deleted: {}",
                held.deletions.len(),
                held.of,
                flight.lane.repository,
                named(&held.deletions)
            ),
            help: Some(format!(
                "if they are to go: `pushgate outbox approve {}`; else put them back into the files and push",
                newest.id
            )),
        };
        let ids = [newest.id.clone()];
        store.postpone(flight, &ids, &problem, State::Held, Timestamp::now())?;
        self.finish(store, flight, &carried(older, newest))?;
        self.observer.observe(Event::Held {
            id: newest.id.clone(),
            repository: flight.lane.repository.clone(),
            message: problem.message,
            help: problem.help.unwrap_or_default(),
        });
        Ok(())
    }
}

/// Records what Port has confirmed, a call's worth at a time.
struct Log<'a, 'b> {
    store: &'b mut Store,
    flight: &'b Flight,
    arrived: Vec<&'a Upsert<'a>>,
    gone: Vec<&'a EntityKey>,
    /// Whether it is noted that Port answers.
    has_answered: bool,
    failed: Result<(), OutboxError>,
    /// Set where no further call is to be made.
    stop: &'b Cell<bool>,
    mode: Mode<'b>,
}

impl<'a> Log<'a, '_> {
    fn note(&mut self, progress: Progress<'a>) {
        if !self.has_answered {
            // All that waits for Port goes on with the first answer, not with the last one.
            self.has_answered = self.store.note_answer(&System::Port).is_ok();
        }
        match progress {
            Progress::Upserted(upsert) => self.arrived.push(upsert),
            Progress::Deleted(key) => self.gone.push(key),
        }
        if self.arrived.len() + self.gone.len() >= AT_ONCE {
            self.write();
        }
        // Where it can't be told that the flight is still ours, another worker may be at it.
        if self.failed.is_err() || self.mode.is_stopped() {
            self.stop.set(true);
        }
    }

    /// What can't be recorded is sent again by the next plan.
    fn write(&mut self) {
        let arrived = self.arrived.drain(..);
        let recorded = self.store.record(
            self.flight,
            arrived.map(|upsert| (&upsert.key, &upsert.delivered)),
        );
        // Most calls delete nothing.
        let forgotten = match self.gone.is_empty() {
            true => Ok(()),
            false => self.store.forget(self.flight, self.gone.drain(..)),
        };
        if self.failed.is_ok() {
            self.failed = recorded.and(forgotten);
        }
    }

    fn close(mut self) -> Result<(), OutboxError> {
        self.write();
        self.failed
    }
}

fn not_told(undetermined: &Undetermined) -> Problem {
    Problem::refused(
        format!("what the repository declares can't be told: {undetermined}"),
        Some("push a mended file; until then Port stays as it is".to_owned()),
    )
}

/// What others own, by what was delivered or by `said`, what the operator says.
fn taken(conflicts: &[Conflict], said: &Owners) -> Option<Problem> {
    let first = conflicts.first()?;
    let owner = &first.owner;
    let keys: Vec<EntityKey> = conflicts
        .iter()
        .filter(|conflict| conflict.owner == first.owner)
        .map(|conflict| conflict.key.clone())
        .collect();
    Some(Problem::refused(
        format!("{} belongs to the repository {owner}", named(&keys)),
        Some(match said.contains_key(&first.key) {
            true => {
                "`port.owners` in the configuration says so: take it out of the files here, or \
                     name this repository there"
                    .to_owned()
            }
            false => format!(
                "take it out of one of the two; where it is to move here, take it out of {owner} or \
                 run `pushgate outbox release {owner} {}`: it is then delivered without another push",
                first.key
            ),
        }),
    ))
}

fn named(keys: &[EntityKey]) -> String {
    let mut words: Vec<String> = keys
        .iter()
        .take(NAMED)
        .map(|key| format!("`{}`", crate::visible::one_line(&key.to_string(), 100)))
        .collect();
    if keys.len() > NAMED {
        words.push(format!("and {} more", keys.len() - NAMED));
    }
    words.join(", ")
}
