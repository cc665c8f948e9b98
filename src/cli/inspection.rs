//! Files that are no documents of a push, such as settings and policies: read and reported as `check` does it.

use std::io;
use std::path::Path;

use miette::Diagnostic;
use thiserror::Error;

use super::reports::ReportArguments;
use super::{CommandError, ExitStatus, Invocation, output};
use crate::check::Inspected;
use crate::document::{Limits, Source};
use crate::io_reason::io_reason;
use crate::report::{Counts, Reported, Root};
use crate::visible::visible;
use crate::work_tree::{WorkTree, shown};

#[derive(Debug, Error, Diagnostic)]
enum InspectionError {
    #[error("cannot read `{path}`: {}", io_reason(source))]
    #[diagnostic(help("correct the path, or let this user read the file"))]
    Unreadable { path: String, source: io::Error },
    #[error("`{path}` is no text: {what}")]
    #[diagnostic(help("save it as UTF-8, or name another file"))]
    NoText { path: String, what: &'static str },
}

/// Reports findings as `check` does it, with its exit codes.
pub(super) fn report(
    invocation: &Invocation,
    reports: &ReportArguments,
    inspected: &Inspected,
) -> Result<ExitStatus, CommandError> {
    let reports = reports.reports()?;
    let tree = WorkTree::around(Path::new("."));
    let here = std::path::absolute(".").unwrap_or_else(|_| tree.root().to_owned());
    let root = Root::new(tree.root(), &here);
    let reported = [Reported::from(inspected)];
    reports.write(invocation, &reported, &root, output::out)?;
    Ok(match Counts::total(&reported).errors {
        0 => ExitStatus::Fine,
        _ => ExitStatus::Findings,
    })
}

/// Reads a file that somebody names, within the limits of documents.
pub(super) fn read(path: &Path) -> Result<Source, CommandError> {
    let bytes = std::fs::read(path).map_err(|source| {
        CommandError::usage(InspectionError::Unreadable {
            path: visible(&path.to_string_lossy()).into_owned(),
            source,
        })
    })?;
    let name = shown(path);
    Source::decode(&name, &bytes, &Limits::default()).map_err(|_| {
        CommandError::usage(InspectionError::NoText {
            path: visible(&name).into_owned(),
            what: "it has another encoding than UTF-8, control characters, or more than 1 MiB",
        })
    })
}
