//! For programs: one JSON object, whose form stays as it is.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::value::RawValue;

use super::SweepReport;
use crate::catalog::Undetermined;
use crate::json_text;
use crate::kept_finding::KeptFinding;
use crate::sweep::{Entry, Fault, Found, Purpose, Summary, What};

/// The form's number: a reader that knows it knows every key below.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Repository<'a> {
    repository: &'a str,
    status: &'static str,
    commit: Option<&'a str>,
    documents: usize,
    entities: usize,
    errors: usize,
    warnings: usize,
    findings: &'a [KeptFinding],
    /// Findings that are counted above and not listed.
    left_out: usize,
    /// Why nothing of the repository is delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    undetermined: Option<&'a Undetermined>,
    /// Entries that are no entities: nothing but they stays undelivered.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    passed_by: &'a [Undetermined],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    remarks: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Trouble<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct Trouble<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<&'a str>,
    message: &'a str,
    help: Option<&'a str>,
}

#[derive(Serialize)]
struct Numbers {
    repositories: usize,
    read: usize,
    unchanged: usize,
    empty: usize,
    unreadable: usize,
    with_entities: usize,
    without_documents: usize,
    wrong: usize,
    gone: usize,
    documents: usize,
    entities: usize,
    errors: usize,
    warnings: usize,
    delivered: usize,
    upserted: usize,
    deleted: usize,
    undelivered: usize,
}

/// Writes the report, a line a repository.
///
/// # Errors
/// Where the entries can't be read or the report can't be written.
pub fn json(
    report: &SweepReport<'_>,
    entries: impl Iterator<Item = io::Result<Entry>>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let purpose = match report.purpose {
        Purpose::Deliver => "deliver",
        Purpose::Plan => "plan",
        Purpose::Check => "check",
    };
    let server = json_text::line(report.server)?;
    write!(
        out,
        "{{\"version\":{VERSION},\"server\":{server},\"purpose\":\"{purpose}\",\"repositories\":["
    )?;
    for (number, entry) in entries.enumerate() {
        let entry = entry?;
        out.write_all(if number == 0 { b"\n" } else { b",\n" })?;
        out.write_all(json_text::line(&repository(&entry)?)?.as_bytes())?;
    }
    let Summary {
        unlisted,
        undelivered,
        ..
    } = report.summary;
    let unlisted: Vec<_> = unlisted
        .iter()
        .map(|list| Trouble {
            repository: None,
            message: &list.message,
            help: list.help.as_deref(),
        })
        .collect();
    let undelivered: Vec<_> = undelivered
        .iter()
        .map(|delivery| Trouble {
            repository: delivery.repository.as_ref().map(|name| name.as_str()),
            message: &delivery.message,
            help: delivery.help.as_deref(),
        })
        .collect();
    writeln!(
        out,
        "\n],\"unlisted\":{},\"undelivered\":{},\"complete\":{},\"summary\":{}}}",
        json_text::line(&unlisted)?,
        json_text::line(&undelivered)?,
        report.summary.is_complete(),
        json_text::line(&of(report.summary))?,
    )
}

fn repository(entry: &Entry) -> serde_json::Result<Repository<'_>> {
    let found = entry.found().unwrap_or(&NOTHING);
    let (status, problem) = match &entry.what {
        What::Read(_) => ("read", None),
        What::Unchanged(_) => ("unchanged", None),
        What::Empty => ("empty", None),
        What::Gone { .. } => ("gone", None),
        What::Unreadable { message, help } => (
            "unreadable",
            Some(Trouble {
                repository: None,
                message,
                help: help.as_deref(),
            }),
        ),
    };
    let (undetermined, passed_by) = match &found.fault {
        None => (None, &[][..]),
        Some(Fault::Undetermined(why)) => (Some(why), &[][..]),
        Some(Fault::Entries(entries)) => (None, entries.as_slice()),
    };
    let plan = entry.plan.as_ref();
    Ok(Repository {
        repository: entry.repository.as_str(),
        status,
        commit: entry.commit.as_ref().map(|commit| commit.as_str()),
        documents: found.documents,
        entities: match entry.what {
            What::Gone { entities } => entities,
            _ => found.entities,
        },
        errors: found.errors,
        warnings: found.warnings,
        findings: &found.mistakes,
        left_out: found.left_out(),
        undetermined,
        passed_by,
        remarks: &found.remarks,
        problem,
        plan: plan
            .map(|plan| serde_json::from_str(&plan.json))
            .transpose()?,
    })
}

static NOTHING: Found = Found {
    documents: 0,
    entities: 0,
    mistakes: Vec::new(),
    errors: 0,
    warnings: 0,
    fault: None,
    remarks: Vec::new(),
};

fn of(summary: &Summary) -> Numbers {
    Numbers {
        repositories: summary.repositories,
        read: summary.read,
        unchanged: summary.unchanged,
        empty: summary.empty,
        unreadable: summary.unreadable,
        with_entities: summary.with_entities,
        without_documents: summary.without_documents,
        wrong: summary.wrong,
        gone: summary.gone,
        documents: summary.documents,
        entities: summary.entities,
        errors: summary.errors,
        warnings: summary.warnings,
        delivered: summary.delivered,
        upserted: summary.upserted,
        deleted: summary.deleted,
        undelivered: summary.all_undelivered(),
    }
}
