//! What Port is asked to make true, and the news while it does.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::time::Instant;

use serde_json::Value;

use crate::catalog::{Entity, EntityKey, Plan, Upsert};
use crate::http::Problem;
use crate::repository::RepositoryName;

use super::bulk::Sending;
use super::client::{Client, Context};
use super::problem::Report;
use super::upsert::Upserting;

/// What is to be made true in Port.
#[derive(Clone, Copy, Debug)]
pub struct Work<'a> {
    /// For whom: its name goes into the entities' datasource.
    pub repository: &'a RepositoryName,
    /// Entities to create or change.
    pub upserts: &'a [Entity],
    /// Entities to delete.
    pub deletions: &'a [EntityKey],
    /// When to give up.
    pub until: Option<Instant>,
}

/// A plan to carry out.
#[derive(Clone, Copy, Debug)]
pub struct PlannedWork<'a> {
    /// For whom: its name goes into the entities' datasource.
    pub repository: &'a RepositoryName,
    /// What to do.
    pub plan: &'a Plan<'a>,
    /// When to give up.
    pub until: Option<Instant>,
    /// Set by who observes, where no further call is to be made.
    pub stop: Option<&'a Cell<bool>>,
}

/// What Port has confirmed.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// The entity is there as it was sent; of a partial upsert the whole one follows.
    Upserted(&'a Upsert<'a>),
    /// The entity is gone, or was not there.
    Deleted(&'a EntityKey),
}

impl Client {
    /// Creates, changes and deletes entities: upserts first, and no deletion where one of them
    /// failed. Doing it again gives the same state.
    #[must_use]
    pub fn carry_out(&self, work: &Work<'_>) -> Report {
        let targets = if self.settings.create_missing_related_entities {
            relation_targets(work.upserts)
        } else {
            BTreeSet::new()
        };
        // Relations name no blueprint, so that an identifier alone has to be enough to keep it.
        let (kept, deletions): (Vec<_>, Vec<_>) = work
            .deletions
            .iter()
            .partition(|key| targets.contains(key.identifier.as_str()));
        let sendings: Vec<_> = work.upserts.iter().map(Sending::plain).collect();
        let context = Context::of(work.repository, work.until);
        let mut report = self.send_all(&context, &sendings, &deletions, &mut |_| ());
        // Where upserts failed, nothing was to be deleted, and nothing was kept from it.
        if report.stopped.is_none() && report.problems.is_empty() {
            report.kept = kept.into_iter().cloned().collect();
        }
        report
    }

    /// Carries a plan out, as [`Client::carry_out`] does. `observe` is told of every entity as soon
    /// as the call that brought it is answered.
    #[must_use]
    pub fn carry_out_plan<'a>(
        &self,
        work: &PlannedWork<'a>,
        observe: &mut dyn FnMut(Progress<'a>),
    ) -> Report {
        let sendings: Vec<_> = work.plan.upserts.iter().map(Sending::planned).collect();
        let deletions: Vec<_> = work.plan.deletions.iter().collect();
        let mut context = Context::of(work.repository, work.until);
        context.stop = work.stop;
        let report = self.send_all(&context, &sendings, &deletions, observe);
        Report {
            kept: work.plan.kept.clone(),
            ..report
        }
    }

    fn send_all<'a>(
        &self,
        context: &Context<'_>,
        sendings: &[Sending<'a>],
        deletions: &[&'a EntityKey],
        observe: &mut dyn FnMut(Progress<'a>),
    ) -> Report {
        let mut report = Report::default();
        let mut work = || -> Result<(), Problem> {
            let mut run = Upserting::new(&mut *observe, &mut report);
            self.upsert(context, sendings, &mut run)?;
            if report.problems.is_empty() {
                self.delete(context, deletions, &mut *observe, &mut report)?;
            }
            Ok(())
        };
        let stopped = work().err();
        report.stopped = stopped;
        report
    }
}

/// The identifiers that relations of these entities point to.
fn relation_targets(entities: &[Entity]) -> BTreeSet<&str> {
    entities
        .iter()
        .filter_map(|entity| entity.body.get("relations")?.as_object())
        .flat_map(|relations| relations.values())
        .flat_map(|value| match value {
            Value::Array(targets) => targets.iter().collect(),
            target => vec![target],
        })
        .filter_map(Value::as_str)
        .collect()
}
