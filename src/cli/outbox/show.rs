//! `outbox show`: all that is known of a delivery, for people and for programs.

use jiff::Timestamp;
use serde::Serialize;

use super::described::described;
use super::{ActionError, Chosen, Format, NOTHING};
use crate::catalog::{Entity, EntityKey, Undetermined};
use crate::cli::{CommandError, output};
use crate::git::CommitId;
use crate::outbox::{
    BuildJob, CatalogJob, Delivery, DeliveryId, Extent, Job, Outbox, Problem, Receipt, State,
    Status, Unreadable,
};
use crate::repository::RepositoryName;

/// What is known of an id.
pub(super) enum Known {
    /// It waits, or was refused.
    Pending {
        delivery: Box<Delivery>,
        /// What was in the way of each try.
        problems: Vec<Problem>,
    },
    /// It left within the last day.
    Finished(Receipt),
    /// Its file can't be read.
    Unreadable(Unreadable),
}

/// Shows the chosen deliveries.
pub(super) fn show(outbox: &Outbox, chosen: &Chosen, format: Format) -> Result<(), CommandError> {
    if !chosen.all {
        let known = chosen.ids.iter().map(|id| find(outbox, id));
        return print(known, format);
    }
    let listing = super::waiting(outbox)?;
    if listing.deliveries.is_empty() && listing.unreadable.is_empty() {
        // For programs, nothing of nothing.
        if let Format::Human = format {
            output::out(NOTHING);
        }
        return Ok(());
    }
    let unreadable = listing.unreadable.into_iter().map(Known::Unreadable);
    let ids = listing.deliveries.iter().map(|delivery| &delivery.id);
    let known = ids.map(|id| find(outbox, id));
    print(known.chain(unreadable.map(Ok)), format)
}

fn find(outbox: &Outbox, id: &DeliveryId) -> Result<Known, CommandError> {
    let status = outbox.status(id).map_err(CommandError::failure)?;
    Ok(match status {
        Status::Pending(delivery) => Known::Pending {
            delivery,
            problems: outbox
                .store()
                .and_then(|mut store| store.attempts(id))
                .map_err(CommandError::failure)?,
        },
        Status::Finished(receipt) => Known::Finished(receipt),
        Status::Unreadable(file) => Known::Unreadable(file),
        Status::Unknown => return Err(CommandError::usage(ActionError::Unknown(id.clone()))),
    })
}

fn print(
    all: impl Iterator<Item = Result<Known, CommandError>>,
    format: Format,
) -> Result<(), CommandError> {
    for (number, known) in all.enumerate() {
        let known = known?;
        match format {
            Format::Json => output::json(&Shown::of(&known))?,
            Format::Human => {
                let apart = if number == 0 { "" } else { "\n" };
                let text = described(&known, Timestamp::now());
                output::report(&format!("{apart}{text}"));
            }
        }
    }
    Ok(())
}

/// The form for programs: it stays as it is, however deliveries are stored.
#[derive(Serialize)]
#[serde(untagged)]
enum Shown<'a> {
    Delivery {
        id: &'a DeliveryId,
        created: Timestamp,
        repository: &'a RepositoryName,
        job: ShownJob<'a>,
        attempts: u32,
        last_problem: Option<&'a Problem>,
        next_try: Timestamp,
        state: State,
        problems: &'a [Problem],
    },
    Receipt(&'a Receipt),
    Unreadable(&'a Unreadable),
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum ShownJob<'a> {
    Catalog(ShownCatalog<'a>),
    Build(&'a BuildJob),
}

#[derive(Serialize)]
struct ShownCatalog<'a> {
    ref_name: &'a str,
    old: Option<&'a CommitId>,
    new: &'a CommitId,
    desired: Desired<'a>,
    #[serde(skip_serializing_if = "Extent::is_whole")]
    extent: Extent,
    previous: &'a [EntityKey],
    delete: bool,
    git_dir: Option<&'a std::path::Path>,
    approved: bool,
}

/// What a commit declares: `{"entities": […]}`, or `{"error": "port.yaml: …"}` where that can't be
/// told.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Desired<'a> {
    Entities(&'a [Entity]),
    Error(String),
}

impl<'a> Shown<'a> {
    fn of(known: &'a Known) -> Self {
        let (delivery, problems) = match known {
            Known::Pending { delivery, problems } => (delivery, problems),
            Known::Finished(receipt) => return Self::Receipt(receipt),
            Known::Unreadable(file) => return Self::Unreadable(file),
        };
        Self::Delivery {
            id: &delivery.id,
            created: delivery.created,
            repository: &delivery.repository,
            job: match &delivery.job {
                Job::Catalog(job) => ShownJob::Catalog(ShownCatalog::of(job)),
                Job::Build(job) => ShownJob::Build(job),
            },
            attempts: delivery.attempts,
            last_problem: delivery.last_problem.as_ref(),
            next_try: delivery.next_try,
            state: delivery.state,
            problems,
        }
    }
}

impl<'a> ShownCatalog<'a> {
    fn of(job: &'a CatalogJob) -> Self {
        Self {
            ref_name: &job.ref_name,
            old: job.old.as_ref(),
            new: &job.new,
            desired: match &job.desired {
                Ok(entities) => Desired::Entities(entities),
                Err(undetermined) => Desired::Error(Undetermined::to_string(undetermined)),
            },
            extent: job.extent,
            previous: &job.previous,
            delete: job.delete,
            git_dir: job.git_dir.as_deref(),
            approved: job.approved,
        }
    }
}
