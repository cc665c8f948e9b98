//! What follows from what was read: deliveries, what is remembered, and what is told.

mod gone;

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use jiff::Timestamp;

use super::due::{Due, is_plain};
use super::entry::{Entry, Planned, What};
use super::fingerprint::Fingerprint;
use super::journal::Journal;
use super::purpose::Purpose;
use super::reading::{Brought, Declares};
use super::run::Step;
use super::summary::Summary;
use super::tips::SweptTips;
use crate::catalog::{
    Comparison, EntityKey, Inventory, Plan, PlanOptions, Upsert, compare_with_delivered, plan,
    plan_of_part,
};
use crate::delivery::Express;
use crate::git::{CommitId, RefName};
use crate::io_reason::io_reason;
use crate::origin::DEFAULT_BRANCH;
use crate::outbox::{
    CatalogJob, Delivery, Extent, Job, Lane, OutboxError, Read, Seen, State, Store, Sweep, System,
};
use crate::repository::RepositoryName;

/// What keeps a sweep from going on.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum DeskError {
    /// The store.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Outbox(#[from] OutboxError),
    /// The journal.
    #[error("the folder for temporary files can't be written: {}", io_reason(.0))]
    #[diagnostic(help("make room there, or name another folder in TMPDIR"))]
    Journal(#[from] io::Error),
}

/// How a sweep's plans are made.
#[derive(Clone, Debug)]
pub struct Rules {
    /// What the sweep is for.
    pub purpose: Purpose,
    /// How entities are brought to Port.
    pub plan: PlanOptions,
    /// Entities of which the operator says whose they are.
    pub owners: BTreeMap<EntityKey, RepositoryName>,
    /// The branch that goes to Port; the default branch where none is named.
    pub branch: Option<String>,
    /// What else decides what is found.
    pub fingerprint: Fingerprint,
    /// Renders what a plan would do.
    pub show: ShowPlan,
}

/// Renders what carrying a plan out for a commit changes.
pub type ShowPlan = fn(CommitId, Comparison) -> serde_json::Result<Planned>;

/// Where the repositories of a sweep pass over, one after the other.
pub struct Desk<'a> {
    rules: Rules,
    /// Is told of jobs that say what their branches declare at this moment.
    tips: Option<&'a SweptTips<'a>>,
    /// Carries out what it can as soon as it is in the outbox.
    express: Option<&'a Express<'a>>,
    sweep: Sweep,
    /// None where nothing was ever delivered, and nothing is to be.
    store: Option<Store>,
    refused: BTreeSet<RepositoryName>,
    journal: Journal,
    /// What it has come to so far.
    pub summary: Summary,
    /// The repositories that were seen, where that is noted nowhere else.
    seen: BTreeSet<RepositoryName>,
    /// Entities that a repository declares and another one has delivered, with that one.
    conflicts: Vec<(RepositoryName, EntityKey)>,
}

/// Conflicts that are kept, to be settled where one of the two is gone.
const CONFLICTS: usize = 10_000;

impl<'a> Desk<'a> {
    /// A desk; `refused` are the repositories of which Port has refused a delivery.
    ///
    /// # Errors
    /// Where no journal can be begun.
    pub fn new(
        rules: Rules,
        tips: Option<&'a SweptTips<'a>>,
        sweep: Sweep,
        store: Option<Store>,
        refused: BTreeSet<RepositoryName>,
    ) -> Result<Self, DeskError> {
        Ok(Self {
            rules,
            tips,
            express: None,
            sweep,
            store,
            refused,
            journal: Journal::new()?,
            summary: Summary::default(),
            seen: BTreeSet::new(),
            conflicts: Vec::new(),
        })
    }

    /// The same, with somebody who carries deliveries out as they are put into the outbox.
    #[must_use]
    pub fn with_express(self, express: Option<&'a Express<'a>>) -> Self {
        Self { express, ..self }
    }

    /// Takes what was read; the entries, as they are told.
    ///
    /// # Errors
    /// The store or the journal.
    pub fn take(&mut self, steps: Vec<Step>) -> Result<Vec<Entry>, DeskError> {
        let mut entries = Vec::with_capacity(steps.len());
        let mut due = Due::default();
        let mut seen = Vec::new();
        for step in steps {
            match step {
                Step::Unlisted(unlisted) => self.summary.unlisted.push(unlisted),
                Step::Repository(brought) => {
                    let entry = self.settle(*brought, &mut due, &mut seen)?;
                    entries.push(entry);
                }
            }
        }
        match (self.rules.purpose, &mut self.store) {
            (_, None) => {}
            (Purpose::Plan, Some(_)) => {
                self.seen.extend(seen.into_iter().map(|one| one.repository))
            }
            (_, Some(store)) => due.put(store, &self.sweep, &seen, self.express)?,
        }
        for entry in &entries {
            self.tell(entry)?;
        }
        Ok(entries)
    }

    fn tell(&mut self, entry: &Entry) -> Result<(), DeskError> {
        self.summary.count(entry);
        Ok(self.journal.note(entry)?)
    }

    fn settle(
        &mut self,
        brought: Brought,
        due: &mut Due,
        seen: &mut Vec<Seen>,
    ) -> Result<Entry, DeskError> {
        let Brought {
            repository,
            commit,
            what,
            before,
            asked,
            declares,
            ..
        } = brought;
        let mut entry = Entry {
            repository: repository.clone(),
            commit: commit.clone(),
            what,
            plan: None,
        };
        let read = match (&entry.what, &commit) {
            (What::Read(found), Some(tip)) => Some(Read {
                fingerprint: self.rules.fingerprint.as_str().to_owned(),
                tip: tip.clone(),
                found: serde_json::to_string(found).map_err(OutboxError::from)?,
            }),
            _ => None,
        };
        if let (Some(declares), Some(tip)) = (declares, commit)
            && self.rules.purpose != Purpose::Check
        {
            let job = self.job(before, tip, declares);
            if self.rules.purpose == Purpose::Plan {
                entry.plan = self.planned(&repository, &job)?;
            } else {
                self.put(&repository, job, asked, due)?;
            }
        }
        seen.push(Seen { repository, read });
        Ok(entry)
    }

    fn job(&self, old: Option<CommitId>, new: CommitId, declares: Declares) -> CatalogJob {
        CatalogJob {
            ref_name: match &self.rules.branch {
                Some(branch) => RefName::of_branch(branch).as_str().to_owned(),
                None => DEFAULT_BRANCH.to_owned(),
            },
            old,
            new,
            desired: Ok(declares.entities),
            extent: declares.extent,
            previous: Vec::new(),
            delete: self.rules.plan.delete,
            git_dir: None,
            approved: false,
        }
    }

    /// Tells who delivers where nothing can have come between the look at the tip and this moment.
    fn note_fresh(
        &mut self,
        repository: &RepositoryName,
        tip: &CommitId,
        asked: Timestamp,
    ) -> Result<(), DeskError> {
        if let (Some(tips), Some(store)) = (self.tips, &mut self.store)
            && !store.was_at_port_since(repository, asked)?
        {
            tips.note(repository, tip);
        }
        Ok(())
    }

    /// Puts a job among what is due, if it would do anything, or takes the place of one that was
    /// refused.
    fn put(
        &mut self,
        repository: &RepositoryName,
        job: CatalogJob,
        asked: Timestamp,
        due: &mut Due,
    ) -> Result<(), DeskError> {
        let inventory = self.inventory(repository)?;
        let plan = self.plan(repository, &job, &inventory)?;
        let was_refused = self.refused.contains(repository);
        let does_something = !plan.is_empty()
            || plan.held.is_some()
            || !plan.taken.is_empty()
            || !plan.forgotten.is_empty();
        if !does_something && !was_refused {
            return Ok(());
        }
        let takes_express = self
            .express
            .is_some_and(|express| express.worker().is_some());
        if takes_express && !was_refused && is_plain(&plan) {
            let records = plan.records_before(&inventory);
            let upserts = plan.upserts.into_iter().map(Upsert::into_owned).collect();
            let delivery = Delivery::new(repository.clone(), Job::Catalog(job));
            due.add_at_once(delivery, records, upserts, asked);
            return Ok(());
        }
        let taken: Vec<_> = plan
            .taken
            .into_iter()
            .map(|conflict| (conflict.owner, conflict.key))
            .collect();
        let room = CONFLICTS.saturating_sub(self.conflicts.len());
        self.conflicts.extend(taken.into_iter().take(room));
        self.note_fresh(repository, &job.new, asked)?;
        if !(was_refused && self.tries_again(repository, &job)?) {
            due.add(Delivery::new(repository.clone(), Job::Catalog(job)));
        }
        Ok(())
    }

    /// Lets the refused delivery of this very state go on, where there is one: another one of each
    /// sweep would only be more of the same in the outbox.
    fn tries_again(
        &mut self,
        repository: &RepositoryName,
        job: &CatalogJob,
    ) -> Result<bool, DeskError> {
        let Some(store) = &mut self.store else {
            return Ok(false);
        };
        let lane = Lane {
            repository: repository.clone(),
            system: System::Port,
        };
        let is_same = |delivery: &&Delivery| {
            delivery.state == State::Refused
                && matches!(&delivery.job, Job::Catalog(refused)
                    if refused.ref_name == job.ref_name
                        && refused.new == job.new
                        && refused.desired == job.desired
                        && refused.extent == job.extent
                        && refused.delete == job.delete)
        };
        // The last one: it is the one whose state counts.
        let deliveries = store.deliveries_of(&lane)?;
        let Some(refused) = deliveries.iter().rev().find(is_same) else {
            return Ok(false);
        };
        store.update(&refused.id, |delivery| {
            delivery.state = State::Waiting;
            delivery.next_try = Timestamp::now();
        })?;
        Ok(true)
    }

    /// What carrying a job out would change; none where that is nothing.
    fn planned(
        &mut self,
        repository: &RepositoryName,
        job: &CatalogJob,
    ) -> Result<Option<Planned>, DeskError> {
        let inventory = self.inventory(repository)?;
        let plan = self.plan(repository, job, &inventory)?;
        let desired = job.desired.as_deref().unwrap_or_default();
        let comparison = compare_with_delivered(&plan, desired, &inventory);
        if comparison.entities.is_empty() && comparison.taken.is_empty() {
            return Ok(None);
        }
        let show = self.rules.show;
        let planned = show(job.new.clone(), comparison);
        Ok(Some(planned.map_err(OutboxError::from)?))
    }

    fn inventory(&mut self, repository: &RepositoryName) -> Result<Inventory, DeskError> {
        Ok(match &mut self.store {
            Some(store) => store.inventory(repository)?.into_iter().collect(),
            None => Inventory::default(),
        })
    }

    /// The plan that the delivering side will make of a job.
    fn plan<'j>(
        &mut self,
        repository: &RepositoryName,
        job: &'j CatalogJob,
        inventory: &Inventory,
    ) -> Result<Plan<'j>, DeskError> {
        let desired = job.desired.as_deref().unwrap_or_default();
        let declared: Vec<EntityKey> = desired.iter().filter_map(|entity| entity.key()).collect();
        let mut owners = match &mut self.store {
            Some(store) => store.other_owners(repository, declared.iter())?,
            None => BTreeMap::new(),
        };
        for (key, owner) in &self.rules.owners {
            if owner == repository {
                owners.remove(key);
            } else {
                owners.insert(key.clone(), owner.clone());
            }
        }
        let owner = |key: &EntityKey| owners.get(key).cloned();
        let mut options = self.rules.plan;
        options.delete &= job.delete;
        Ok(match job.extent {
            Extent::Whole => plan(desired, inventory, &BTreeSet::new(), &owner, &options),
            Extent::Part => plan_of_part(desired, inventory, &owner, &options),
        })
    }

    /// The journal, once nothing is taken any more.
    #[must_use]
    pub fn close(self) -> (Journal, Summary) {
        (self.journal, self.summary)
    }
}
