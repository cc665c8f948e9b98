//! `pushgate bitbucket hooks status`: whether the gate really ran.

use serde::Serialize;

use super::super::{CommandError, ExitStatus, Invocation, output};
use super::hooks::Status;
use super::targets::Found;
use super::{Format, each};
use crate::bitbucket::{Client, Scope, Version};
use crate::config::Config;
use crate::gate_status::GateStatus;
use crate::io_reason::io_reason;
use crate::json_text;
use crate::report::{Deed, SetupRow, grouped, told_of};
use crate::repository::RepositoryName;
use crate::verdicts::{Record, Verdicts};
use crate::visible::visible;

#[derive(Serialize)]
struct Row {
    repository: String,
    /// `ran`, `merged`, `checked`, `unproven`, `did-not-run`, `not-installed`, `failed` or `skipped`.
    status: &'static str,
    message: String,
    help: Option<String>,
}

/// Whose record was looked at.
struct Place {
    node: Option<String>,
    folder: String,
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    bitbucket: String,
    /// The node whose record was looked at, where its system tells its name.
    node: Option<String>,
    /// The folder of that record.
    record: String,
    repositories: &'a [Row],
}

/// Looks at each repository; ends with 1 where the gate is missing or did not run, with 3 where that
/// can't be told.
pub(super) fn run(
    invocation: &Invocation,
    config: &Config,
    client: &Client,
    arguments: &Status,
) -> Result<ExitStatus, CommandError> {
    let version = client.version().map_err(CommandError::failure)?;
    let verdicts = Verdicts::of(&config.state_folder(&invocation.environment)?);
    let place = Place {
        node: node(),
        folder: verdicts.folder().display().to_string(),
    };
    let mut found = Found::default();
    let meant = arguments.targets.meant(invocation, client, &mut found)?;
    found.repositories_of(client, meant);
    let looked = each(&found.repositories, client.concurrency(), |name| {
        look(client, &version, &verdicts, name)
    });
    let mut rows: Vec<Row> = looked;
    rows.extend(found.rows.into_iter().map(Row::of));
    rows.sort_by(|one, other| one.repository.cmp(&other.repository));
    match arguments.format {
        Format::Human => output::report(&human(&rows, &place)),
        Format::Json => {
            let json = json_text::pretty(&Document {
                version: 1,
                bitbucket: version.to_string(),
                node: place.node,
                record: place.folder,
                repositories: &rows,
            })
            .map_err(|_| CommandError::internal("writing the report"))?;
            output::out(&(json + "\n"));
        }
    }
    let has = |wanted: &[&str]| rows.iter().any(|row| wanted.contains(&row.status));
    Ok(if has(&["failed"]) {
        ExitStatus::Failure
    } else if has(&["did-not-run", "not-installed"]) {
        ExitStatus::Findings
    } else {
        ExitStatus::Fine
    })
}

fn look(client: &Client, version: &Version, verdicts: &Verdicts, name: &RepositoryName) -> Row {
    let scope = Scope::Repository(name.clone());
    let record = match verdicts.record(name) {
        Ok(record) => record,
        Err(error) => {
            return Row::new(
                name,
                "failed",
                format!(
                    "this node's record of verdicts can't be read: {}",
                    io_reason(&error)
                ),
            )
            .help("run it as the git server's user");
        }
    };
    match GateStatus::ask(client, version, name, &record) {
        Ok(status) => Row::told(name, &status, version, &record),
        Err(problem) => Row::of(SetupRow::failed(&scope, &problem)),
    }
}

impl Row {
    fn new(name: &RepositoryName, status: &'static str, message: impl Into<String>) -> Self {
        Self {
            repository: name.to_string(),
            status,
            message: message.into(),
            help: None,
        }
    }

    fn help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }

    fn of(row: SetupRow) -> Self {
        Self {
            repository: row.scope,
            status: match row.outcome {
                Deed::Failed => "failed",
                _ => "skipped",
            },
            message: row.details.join("; "),
            help: row.help,
        }
    }

    fn told(
        name: &RepositoryName,
        status: &GateStatus,
        version: &Version,
        record: &Record,
    ) -> Self {
        Self {
            help: status.remedy(name, version),
            ..Self::new(name, status.word(), status.message(record))
        }
    }
}

/// The name of this node, where the system tells it.
fn node() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    Some(visible(name.trim()).into_owned()).filter(|name| !name.is_empty())
}

fn human(rows: &[Row], place: &Place) -> String {
    let mut out = String::new();
    let mut counts = std::collections::BTreeMap::<&str, usize>::new();
    for row in rows {
        *counts.entry(row.status).or_default() += 1;
    }
    // Of a remedy only the name differs, and the first one's says how the whole project is mended.
    let remedy = |row: &Row| Some(row.help.as_ref()?.replace(&row.repository, ""));
    for group in grouped(rows, |row| Some((row.status, &row.message, remedy(row)?))) {
        let Some(row) = group.first() else { continue };
        let names: Vec<&str> = group.iter().map(|row| row.repository.as_str()).collect();
        let words = format!("{}: {}", words(row.status), row.message);
        out.push_str(&told_of(&names, "repositories", &words));
        if let Some(help) = &row.help {
            out.push_str(&format!("  help: {help}\n"));
        }
    }
    let counts: Vec<String> = counts
        .iter()
        .map(|(status, count)| format!("{count} {}", words(status)))
        .collect();
    out.push_str(&match counts.is_empty() {
        true => "no repository is meant\n".to_owned(),
        false => {
            let node = place.node.as_ref().map(|node| format!(" ({node})"));
            format!(
                "{}\nlooked at: this node's record{}, {}; each node of a cluster has its own, and the others were not asked\n",
                counts.join(", "),
                node.unwrap_or_default(),
                place.folder
            )
        }
    });
    out
}

fn words(status: &str) -> String {
    status.replace('-', " ")
}
