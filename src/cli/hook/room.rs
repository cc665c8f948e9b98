//! Whether what a push declares can be written down for delivery. Once its refs have moved it is too
//! late to refuse it.

use miette::Diagnostic;
use thiserror::Error;

use super::{HookError, repository_name};
use crate::check::Checker;
use crate::cli::{CommandError, Invocation};
use crate::config::{Config, OutboxSetupError};
use crate::git::{RefUpdate, Repository};
use crate::origin::OnDisk;
use crate::outbox::{Delivery, Job, OutboxError};
use crate::pushed::{Entities, WhenUnread, builds};

/// Why the push has to wait.
#[derive(Debug, Error, Diagnostic)]
#[error("what it declares could not be queued for delivery: {0}")]
#[diagnostic(help(
    "nothing of it was taken; tell whoever runs this git server, and push again once pushgate's state folder has room and belongs to the user that the hooks run as"
))]
pub(super) struct NoRoom(String);

/// Whether there is room for what a push leads to.
#[derive(Debug)]
pub(super) enum Room {
    /// Yes, or nothing is needed.
    Enough,
    /// No.
    None(NoRoom),
}

/// Proves that the deliveries which the push leads to could be written into the outbox. A push that
/// leads to none touches nothing.
///
/// # Errors
/// Where what the push declares, or where the outbox is, can't be told.
pub(super) fn prove(
    invocation: &Invocation,
    config: &Config,
    checker: &Checker,
    store: &Repository,
    updates: &[RefUpdate],
) -> Result<Room, CommandError> {
    let to_port = config.delivers_to_port(&invocation.environment);
    if !to_port && !builds::are_configured(config) {
        return Ok(Room::Enough);
    }
    let name = repository_name(invocation, store.directory())
        .ok_or_else(|| CommandError::usage(HookError::NoName))?;
    let origin = OnDisk(store);
    let mut jobs = Vec::new();
    if to_port
        && let Some(entities) =
            Entities::of(&origin, checker.kinds(), config, updates, WhenUnread::Later)?
    {
        jobs.extend(entities.expected()?.map(Job::Catalog));
    }
    let built = builds::of_push(&origin, config, &name, updates, &mut Vec::new())?;
    jobs.extend(built.into_iter().map(Job::Build));
    if jobs.is_empty() {
        return Ok(Room::Enough);
    }
    let deliveries: Vec<Delivery> = jobs
        .into_iter()
        .map(|job| Delivery::new(name.clone(), job))
        .collect();
    let tried = match config.outbox(&invocation.environment) {
        Ok(outbox) => outbox.try_out(&deliveries),
        Err(OutboxSetupError::Outbox(error)) => Err(error),
        Err(error) => return Err(CommandError::usage(error)),
    };
    match tried {
        Ok(()) => Ok(Room::Enough),
        Err(error @ OutboxError::Files { .. }) => Ok(Room::None(NoRoom(error.to_string()))),
        Err(error) => Err(CommandError::failure(error)),
    }
}
