//! `pushgate doctor`: proves a set-up item by item, with the remedy for each failure.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::colour::columns;
use super::{CommandError, ExitStatus, Invocation, output};
use crate::config::Place;
use crate::doctor::{Configuration, ITEMS, Item, Limits, State, Subject, examine};
use crate::report::{DoctorReport, doctor_human, doctor_json};

/// The arguments of `doctor`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A bare repository on this node, whose hooks are looked at [default: the current folder]
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Look at these items only: an id, or a family such as `bitbucket`; may be repeated
    #[arg(long, value_name = "ITEM")]
    only: Vec<String>,
    /// The binary that hooks start on this node [default: this one]
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// How long one item may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: u64,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    /// For people
    #[default]
    Human,
    /// For programs: one object
    Json,
}

/// What keeps `doctor` from looking.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("there is no item or family of items named `{name}`")]
#[diagnostic(help("the items are {known}"))]
struct UnknownItem {
    name: String,
    known: String,
}

/// Looks at everything that is set up; ends with 1 where something does not work.
pub(super) fn run(
    invocation: &Invocation,
    arguments: &Arguments,
) -> Result<ExitStatus, CommandError> {
    let items = chosen(&arguments.only)?;
    let config = match invocation.load_config(Place::Server) {
        Ok(config) => Configuration::Read(Box::new(config)),
        Err(error) => Configuration::Wrong(error),
    };
    let limits = Limits {
        each: Duration::from_secs(arguments.timeout),
        ..Limits::default()
    };
    let subject = Subject {
        named_config: invocation.config.clone(),
        config,
        environment: invocation.environment.clone(),
        repository: invocation.repository.clone(),
        folder: arguments.folder.clone(),
        binary: arguments.binary.clone(),
        patience: limits.each,
    };
    let report = DoctorReport {
        examined: examine(&items, &Arc::new(subject), limits),
    };
    let text = match arguments.format {
        Format::Human => {
            let stdout = std::io::stdout();
            doctor_human(
                &report,
                invocation.colour.is_on(&invocation.environment, &stdout),
                columns(&stdout),
            )
        }
        Format::Json => doctor_json(&report)
            .map(|text| text + "\n")
            .map_err(|_| CommandError::internal("writing the report"))?,
    };
    output::out(&text);
    Ok(match report.count(State::Failed) {
        0 => ExitStatus::Fine,
        _ => ExitStatus::Findings,
    })
}

/// The items that are asked for, and what they need: that is looked at too, and told.
fn chosen(only: &[String]) -> Result<Vec<Item>, CommandError> {
    if only.is_empty() {
        return Ok(ITEMS.to_vec());
    }
    let mut ids: Vec<&str> = Vec::new();
    for name in only {
        let of_name = |item: &&Item| {
            item.id == name
                || item
                    .id
                    .split('.')
                    .next()
                    .is_some_and(|family| family == name)
        };
        let found: Vec<&str> = ITEMS.iter().filter(of_name).map(|item| item.id).collect();
        if found.is_empty() {
            let known: Vec<&str> = ITEMS.iter().map(|item| item.id).collect();
            return Err(CommandError::usage(UnknownItem {
                name: name.escape_debug().to_string(),
                known: known.join(", "),
            }));
        }
        ids.extend(found);
    }
    let mut next = 0;
    while let Some(id) = ids.get(next).copied() {
        let item = ITEMS.iter().find(|item| item.id == id);
        ids.extend(item.into_iter().flat_map(|item| item.needs));
        next += 1;
    }
    Ok(ITEMS
        .iter()
        .filter(|item| ids.contains(&item.id))
        .copied()
        .collect())
}
