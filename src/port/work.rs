//! A plan that Port is asked to make true, and the news while it does.

use std::cell::Cell;
use std::time::Instant;

use crate::catalog::{EntityKey, Plan, Upsert};
use crate::http::Problem;
use crate::repository::RepositoryName;

use super::client::{Client, Context};
use super::problem::Report;
use super::upsert::Upserting;

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
    /// failed. Doing it again gives the same state. `observe` is told of every entity as soon as
    /// the call that brought it is answered.
    #[must_use]
    pub fn carry_out_plan<'a>(
        &self,
        work: &PlannedWork<'a>,
        observe: &mut dyn FnMut(Progress<'a>),
    ) -> Report {
        let context = Context {
            stop: work.stop,
            ..Context::of(work.repository, work.until)
        };
        let mut report = Report::default();
        report.stopped = self
            .carry_out_parts(&context, work.plan, observe, &mut report)
            .err();
        report
    }

    fn carry_out_parts<'a>(
        &self,
        context: &Context<'_>,
        plan: &'a Plan<'a>,
        observe: &mut dyn FnMut(Progress<'a>),
        report: &mut Report,
    ) -> Result<(), Problem> {
        let upserts: Vec<_> = plan.upserts.iter().collect();
        let mut run = Upserting::new(&mut *observe, &mut *report);
        self.upsert(context, &upserts, &mut run)?;
        if !report.problems.is_empty() {
            return Ok(());
        }
        let deletions: Vec<_> = plan.deletions.iter().collect();
        self.delete(context, &deletions, observe, report)
    }
}
