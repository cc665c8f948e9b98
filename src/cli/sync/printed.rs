//! What a sweep came to, as it is printed.

use std::io::{self, BufWriter, Write};

use super::{Command, Format, SyncError};
use crate::catalog::{Comparison, Effect};
use crate::cli::colour::columns;
use crate::cli::{CommandError, ExitStatus, Invocation, output, reports};
use crate::git::CommitId;
use crate::report::{
    Against, PlanParts, PlanReport, SweepReport, plan_json, sweep_html, sweep_human, sweep_json,
};
use crate::sweep::{Journal, Planned, Summary};

impl Command<'_> {
    /// Prints the result, and writes the page where one is asked for; how the command ends.
    pub(super) fn print(
        &self,
        mut journal: Journal,
        summary: &Summary,
    ) -> Result<ExitStatus, CommandError> {
        let report = SweepReport {
            server: self.server(),
            purpose: self.purpose,
            summary,
        };
        let failed = |error| CommandError::failure(SyncError::Journal(error));
        let Invocation {
            colour,
            environment,
            ..
        } = self.invocation;
        let entries = journal.entries().map_err(failed)?;
        let mut out = BufWriter::new(output::Unfailing);
        match self.arguments.format {
            Format::Human => {
                let coloured = colour.is_on(environment, &io::stdout());
                sweep_human(&report, entries, coloured, columns(&io::stdout()), &mut out)
            }
            Format::Json => sweep_json(&report, entries, &mut out),
        }
        .and_then(|()| out.flush())
        .map_err(failed)?;
        if let Some(path) = &self.arguments.report {
            reports::write_report(path, |file| sweep_html(&report, || journal.entries(), file))
                .map_err(|error| reports::unwritable(path, error))?;
        }
        Ok(if summary.has_failed() {
            ExitStatus::Failure
        } else if summary.errors > 0 || summary.wrong > 0 {
            ExitStatus::Findings
        } else {
            ExitStatus::Fine
        })
    }
}

/// A plan in the forms in which reports take it.
pub(super) fn show(commit: CommitId, comparison: Comparison) -> serde_json::Result<Planned> {
    let count = |effect| comparison.count(|one| one == effect);
    let (new, changed, deleted) = (
        count(Effect::New),
        count(Effect::Changed),
        count(Effect::Deleted),
    );
    let report = PlanReport {
        commit,
        against: Against::Delivered,
        comparison,
        remarks: Vec::new(),
    };
    Ok(Planned {
        // Every repository is compared with what was delivered last, which the first line says of all.
        human: PlanParts::of(&report, false).in_a_list(),
        json: plan_json(&report)?,
        new,
        changed,
        deleted,
    })
}
