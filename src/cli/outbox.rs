//! `pushgate outbox`: what waits, why, and what to do with it.

mod described;
mod show;

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use miette::Diagnostic;
use serde::Serialize;
use thiserror::Error;

use super::parsed::parsed;
use super::{CommandError, ExitStatus, Invocation, output};
use crate::catalog::EntityKey;
use crate::config::Place;
use crate::json_text;
use crate::outbox::{
    Delivery, DeliveryId, Listing, Outbox, OutboxError, State, System, Unreadable,
};
use crate::report::counted;
use crate::repository::RepositoryName;
use crate::visible::visible;

/// The actions of `outbox`.
#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// What waits, oldest first
    List {
        /// How it is printed; `json` is an array, empty when nothing waits
        #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
        format: Format,
    },
    /// All of a delivery: what it does, how often it was tried, what was in the way
    Show {
        #[command(flatten)]
        chosen: Chosen,
        /// How it is printed; `json` is an object for each delivery
        #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
        format: Format,
    },
    /// Try refused or waiting deliveries again with the next `pushgate deliver`
    Retry(Chosen),
    /// Take deliveries out without carrying them out
    Discard(Chosen),
    /// Let deliveries go on that would delete much
    Approve(Chosen),
    /// Let another repository have entities that this one delivered
    Release(Release),
}

/// The arguments of `release`.
#[derive(Debug, Args)]
pub(super) struct Release {
    /// The repository that owns them
    #[arg(value_name = "PROJECT/SLUG", value_parser = parsed::<RepositoryName>)]
    owner: RepositoryName,
    /// The entities
    #[arg(value_name = "BLUEPRINT/IDENTIFIER", required = true)]
    entities: Vec<String>,
}

/// Which deliveries.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct Chosen {
    /// The deliveries
    #[arg(value_name = "ID")]
    ids: Vec<DeliveryId>,
    /// All that wait
    #[arg(long)]
    all: bool,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Human,
    /// For programs
    Json,
}

/// What is said where there is nothing to show or to act on.
const NOTHING: &str = "nothing waits\n";

#[derive(Debug, Error, Diagnostic)]
enum ActionError {
    #[error("no delivery `{0}` is known")]
    #[diagnostic(help("`pushgate outbox list` shows those that wait"))]
    Unknown(DeliveryId),
    #[error("`{0}` names no entity")]
    #[diagnostic(help("write it as BLUEPRINT/IDENTIFIER, for example service/web-shop"))]
    NoEntity(String),
    #[error("{owner} has not delivered `{entity}`")]
    #[diagnostic(help("the refused push names the repository that the entity belongs to"))]
    NotTheirs {
        owner: RepositoryName,
        entity: String,
    },
}

/// One entry of `list --format json`.
#[derive(Serialize)]
struct Entry<'a> {
    id: &'a DeliveryId,
    repository: &'a RepositoryName,
    system: System,
    job: String,
    state: State,
    attempts: u32,
    created: Timestamp,
    next_try: Timestamp,
    problem: Option<&'a str>,
    help: Option<&'a str>,
}

impl<'a> Entry<'a> {
    fn of(delivery: &'a Delivery) -> Self {
        let problem = delivery.last_problem.as_ref();
        Self {
            id: &delivery.id,
            repository: &delivery.repository,
            system: delivery.job.system(),
            job: delivery.job.to_string(),
            state: delivery.state,
            attempts: delivery.attempts,
            created: delivery.created,
            next_try: delivery.next_try,
            problem: problem.map(|problem| problem.message.as_str()),
            help: problem.and_then(|problem| problem.help.as_deref()),
        }
    }
}

/// A file of the outbox that this version can't read, in the same list.
#[derive(Serialize)]
#[serde(untagged)]
enum Item<'a> {
    Delivery(Entry<'a>),
    Unreadable(&'a Unreadable),
}

/// Looks and acts.
pub(super) fn run(invocation: &Invocation, action: &Action) -> Result<ExitStatus, CommandError> {
    let config = invocation.load_config(Place::Server)?;
    let outbox = config
        .outbox(&invocation.environment)
        .map_err(CommandError::failure)?;
    match action {
        Action::List { format } => list(&outbox, *format),
        Action::Show { chosen, format } => show::show(&outbox, chosen, *format),
        Action::Retry(chosen) => each(&outbox, chosen, |id| {
            let delivery = outbox.retry(id).map_err(not_done)?;
            output::report(&format!("{id}: {} will be tried again\n", delivery.job));
            Ok(())
        }),
        Action::Discard(chosen) => each(&outbox, chosen, |id| {
            let receipt = outbox.discard(id).map_err(not_done)?;
            output::report(&format!("{id}: {} discarded\n", receipt.job));
            Ok(())
        }),
        Action::Approve(chosen) => each(&outbox, chosen, |id| {
            let delivery = outbox.approve(id).map_err(not_done)?;
            output::report(&format!(
                "{id}: {} will be carried out with all deletions\n",
                delivery.job
            ));
            Ok(())
        }),
        Action::Release(release) => self::release(&outbox, release),
    }?;
    Ok(ExitStatus::Fine)
}

/// An id of which nothing waits is the caller's, as in `show`.
fn not_done(error: OutboxError) -> CommandError {
    match error {
        OutboxError::Gone(_) => CommandError::usage(error),
        _ => CommandError::failure(error),
    }
}

fn release(outbox: &Outbox, release: &Release) -> Result<(), CommandError> {
    let mut store = outbox.store().map_err(CommandError::failure)?;
    for entity in &release.entities {
        // No blueprint has a slash at its end, and identifiers may have some of their own.
        let Some((blueprint, identifier)) = entity.split_once('/') else {
            return Err(CommandError::usage(ActionError::NoEntity(entity.clone())));
        };
        let key = EntityKey {
            blueprint: blueprint.to_owned(),
            identifier: identifier.to_owned(),
        };
        let released = store
            .release(&release.owner, &key)
            .map_err(CommandError::failure)?;
        if released == 0 {
            return Err(CommandError::usage(ActionError::NotTheirs {
                owner: release.owner.clone(),
                entity: entity.clone(),
            }));
        }
        output::report(&format!(
            "{entity} belongs to whoever declares it next; {} must not declare it any more\n",
            release.owner
        ));
    }
    Ok(())
}

fn waiting(outbox: &Outbox) -> Result<Listing, CommandError> {
    outbox.list().map_err(CommandError::failure)
}

fn list(outbox: &Outbox, format: Format) -> Result<(), CommandError> {
    let listing = waiting(outbox)?;
    match format {
        Format::Json => {
            let deliveries = listing
                .deliveries
                .iter()
                .map(|one| Item::Delivery(Entry::of(one)));
            let entries: Vec<Item<'_>> = deliveries
                .chain(listing.unreadable.iter().map(Item::Unreadable))
                .collect();
            let json =
                json_text::line(&entries).map_err(|_| CommandError::internal("writing JSON"))?;
            output::out(&(json + "\n"));
        }
        Format::Human => output::report(&for_people(&listing)),
    }
    Ok(())
}

fn for_people(listing: &Listing) -> String {
    let mut text = String::new();
    for delivery in &listing.deliveries {
        text.push_str(&format!(
            "{}  {}  {}  {}\n",
            delivery.id,
            delivery.repository,
            delivery.job,
            standing(delivery)
        ));
        if let Some(problem) = &delivery.last_problem {
            text.push_str(&format!("    {}\n", visible(&problem.message)));
            if let Some(help) = &problem.help {
                text.push_str(&format!("    help: {}\n", visible(help)));
            }
        }
    }
    for file in &listing.unreadable {
        text.push_str(&format!("{file}\n"));
    }
    if text.is_empty() {
        text.push_str(NOTHING);
    }
    text
}

fn standing(delivery: &Delivery) -> String {
    match (delivery.state, delivery.attempts) {
        (State::Refused, _) => "refused".to_owned(),
        (State::Held, _) => "waits for approval".to_owned(),
        (State::Waiting, 0) => "waiting".to_owned(),
        (State::Waiting, attempts) => {
            let seconds = (delivery.next_try - Timestamp::now()).get_seconds().max(0);
            let times = counted(attempts as usize, "time");
            format!("tried {times}, next try in {seconds} s")
        }
    }
}

fn each(
    outbox: &Outbox,
    chosen: &Chosen,
    act: impl Fn(&DeliveryId) -> Result<(), CommandError>,
) -> Result<(), CommandError> {
    if chosen.all {
        let listing = waiting(outbox)?;
        if listing.deliveries.is_empty() && listing.unreadable.is_empty() {
            output::out(NOTHING);
        }
        // What can't be read stays as it is, and is not passed over in silence.
        for file in &listing.unreadable {
            output::report(&format!("{file}\n"));
        }
        return listing
            .deliveries
            .iter()
            .try_for_each(|delivery| act(&delivery.id));
    }
    chosen.ids.iter().try_for_each(act)
}
