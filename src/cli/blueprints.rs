//! `pushgate blueprints`: Port's blueprints, against which entities are held.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use miette::Diagnostic;
use serde::Serialize;
use thiserror::Error;

use super::{CommandError, ExitStatus, Invocation, equipment, output};
use crate::blueprint::{Blueprint, BlueprintFile, Blueprints, BlueprintsError, json_schema};
use crate::config::{Config, Place};
use crate::report::counted;
use crate::visible::{one_line, visible};
use crate::work_tree::{WorkTree, shown};

/// The actions of `blueprints`.
#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Fetch the blueprints from Port, so that `check` knows what entities may hold
    Pull(Pull),
    /// The blueprints that were pulled
    List(List),
    /// A JSON Schema of `port.yaml`, with which editors complete and check it
    Schema(Schema),
}

/// The arguments of `pull`.
#[derive(Debug, Args)]
pub(super) struct Pull {
    /// Where they are kept [default: port.blueprints of the configuration, else
    /// .pushgate/blueprints.json]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// The arguments of `list`.
#[derive(Debug, Args)]
pub(super) struct List {
    /// How they are printed
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    #[command(flatten)]
    from: From,
}

/// The arguments of `schema`.
#[derive(Debug, Args)]
pub(super) struct Schema {
    /// Of entities of this blueprint only [default: of all]
    #[arg(value_name = "BLUEPRINT")]
    blueprint: Option<String>,
    /// Write it to this file [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    from: From,
}

/// Where the blueprints are read.
#[derive(Debug, Args)]
struct From {
    /// The file of blueprints [default: port.blueprints of the configuration, else
    /// .pushgate/blueprints.json]
    #[arg(long, value_name = "FILE")]
    blueprints: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    /// For people
    #[default]
    Human,
    /// For programs: an array
    Json,
}

/// One line of `list --format json`.
#[derive(Serialize)]
struct Row<'a> {
    identifier: &'a str,
    title: Option<&'a str>,
    properties: usize,
    relations: usize,
}

/// Why nothing was fetched.
#[derive(Debug, Error, Diagnostic)]
enum PullError {
    #[error("Port is not configured")]
    #[diagnostic(help(
        "set PORT_CLIENT_ID and PORT_CLIENT_SECRET, or `port.client_id_file` and `port.client_secret_file` in the configuration"
    ))]
    NotConfigured,
    #[error("the schema `{path}` can't be written: {reason}")]
    #[diagnostic(help("see that the folder is there and that this user may write it"))]
    Unwritable { path: String, reason: String },
}

/// Fetches or shows.
pub(super) fn run(invocation: &Invocation, action: &Action) -> Result<ExitStatus, CommandError> {
    let tree = WorkTree::around(Path::new("."));
    let config = invocation.load_config(Place::WorkTree(tree.root()))?;
    let file = |given: &Option<PathBuf>| {
        let configured = given.clone().or_else(|| config.port.blueprints.clone());
        let own = || tree.root_from_here().join(".pushgate/blueprints.json");
        BlueprintFile::new(configured.unwrap_or_else(own))
    };
    match action {
        Action::Pull(arguments) => pull(invocation, &config, &file(&arguments.output)),
        Action::List(arguments) => list(&file(&arguments.from.blueprints), arguments.format),
        Action::Schema(arguments) => schema(&file(&arguments.from.blueprints), arguments),
    }
}

fn pull(
    invocation: &Invocation,
    config: &Config,
    file: &BlueprintFile,
) -> Result<ExitStatus, CommandError> {
    let http = config.http_client().map_err(CommandError::usage)?;
    let port = equipment::port(config, &invocation.environment, &http)?
        .ok_or_else(|| CommandError::usage(PullError::NotConfigured))?;
    let given = port
        .blueprints(None)
        .map_err(|problem| CommandError::failure(BlueprintsError::Port(problem)))?;
    file.write(&given).map_err(CommandError::failure)?;
    output::out(&format!(
        "pulled {} into {}\n",
        counted(given.len(), "blueprint"),
        visible(&shown(file.path()))
    ));
    Ok(ExitStatus::Fine)
}

fn read(file: &BlueprintFile) -> Result<Blueprints, CommandError> {
    // Nothing outside is asked: as in `check`, it is for who names the file to put that right.
    let copied = file.read().map_err(CommandError::usage)?;
    Ok(copied.blueprints)
}

fn list(file: &BlueprintFile, format: Format) -> Result<ExitStatus, CommandError> {
    let blueprints = read(file)?;
    let rows: Vec<Row<'_>> = blueprints.iter().map(Row::of).collect();
    match format {
        Format::Human => output::report(&table(&rows)),
        Format::Json => output::json(&rows)?,
    }
    Ok(ExitStatus::Fine)
}

impl<'a> Row<'a> {
    fn of(blueprint: &'a Blueprint) -> Self {
        Self {
            identifier: &blueprint.identifier,
            title: blueprint.title.as_deref(),
            properties: blueprint.properties.len(),
            relations: blueprint.relations.len(),
        }
    }
}

/// Identifier, title and numbers, in columns.
fn table(rows: &[Row<'_>]) -> String {
    let cells = |row: &Row<'_>| {
        let numbers = [
            match row.properties {
                1 => "1 property".to_owned(),
                count => format!("{count} properties"),
            },
            counted(row.relations, "relation"),
        ];
        let [properties, relations] = numbers;
        [
            one_line(row.identifier, 100),
            one_line(row.title.unwrap_or_default(), 100),
            properties,
            relations,
        ]
    };
    let rows: Vec<[String; 4]> = rows.iter().map(cells).collect();
    let width = |column: usize| {
        let widths = rows.iter().map(|row| row[column].chars().count());
        widths.max().unwrap_or_default()
    };
    let widths = [width(0), width(1), width(2)];
    rows.iter()
        .map(|[identifier, title, properties, relations]| {
            format!(
                "{identifier:0$}  {title:1$}  {properties:>2$}  {relations}\n",
                widths[0], widths[1], widths[2]
            )
        })
        .collect()
}

fn schema(file: &BlueprintFile, arguments: &Schema) -> Result<ExitStatus, CommandError> {
    let blueprints = read(file)?;
    let only = match &arguments.blueprint {
        Some(identifier) => Some(blueprints.get(identifier).ok_or_else(|| {
            CommandError::usage(BlueprintsError::unknown(identifier, &blueprints))
        })?),
        None => None,
    };
    let schema = json_schema(&blueprints, only);
    match &arguments.output {
        None => output::json(&schema)?,
        Some(path) => {
            BlueprintFile::write_schema(path, &schema).map_err(|error| {
                CommandError::failure(PullError::Unwritable {
                    path: visible(&shown(path)).into_owned(),
                    reason: crate::io_reason::io_reason(&error),
                })
            })?;
            output::out(&format!("wrote {}\n", visible(&shown(path))));
        }
    }
    Ok(ExitStatus::Fine)
}
