//! For people at a terminal: what is wrong, then the numbers.

use std::io::{self, Write};

use super::{SweepReport, faults, many, numbers, verdict};
use crate::finding::Severity;
use crate::kept_finding::KeptFinding;
use crate::report::ink::Ink;
use crate::report::{counted, folded};
use crate::sweep::{Entry, Found, Purpose, What};
use crate::visible::{visible, visible_lines};

/// Repositories without documents that are named before the rest is counted.
const NAMED: usize = 10;

/// Writes the report, its lines broken to `columns` where it goes to a terminal.
///
/// # Errors
/// Where the entries can't be read or the report can't be written.
pub fn human(
    report: &SweepReport<'_>,
    entries: impl Iterator<Item = io::Result<Entry>>,
    coloured: bool,
    columns: Option<usize>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut paper = Paper {
        out,
        coloured,
        columns,
    };
    let mut without = Vec::new();
    for entry in entries {
        let entry = entry?;
        paper.entry(&entry)?;
        let has_none = match entry.found() {
            Some(found) => found.documents == 0,
            None => entry.what == What::Empty,
        };
        if has_none && without.len() < NAMED {
            without.push(entry.repository.to_string());
        }
    }
    let summary = report.summary;
    for list in &summary.unlisted {
        paper.problem("not listed", &list.message, list.help.as_deref())?;
    }
    for delivery in &summary.undelivered {
        let whose = match &delivery.repository {
            Some(repository) => format!("{repository}: not delivered"),
            None => "not delivered".to_owned(),
        };
        paper.problem(&whose, &delivery.message, delivery.help.as_deref())?;
    }
    if summary.undelivered_more > 0 {
        paper.line(&format!(
            "{} not delivered: `pushgate outbox list` shows them",
            many(summary.undelivered_more, "more was", "more were")
        ))?;
    }
    if !without.is_empty() {
        let more = summary.without_documents.saturating_sub(without.len());
        let mut names = visible(&without.join(", ")).into_owned();
        if more > 0 {
            names.push_str(&format!(" and {more} more"));
        }
        paper.line(&format!("without documents: {names}"))?;
    }
    if summary.warnings > 0 {
        paper.line(&format!(
            "{}: `--report FILE.html` and `--format json` show them",
            counted(summary.warnings, "warning")
        ))?;
    }
    paper.numbers(report)
}

struct Paper<'a> {
    out: &'a mut dyn Write,
    coloured: bool,
    columns: Option<usize>,
}

impl Paper<'_> {
    fn line(&mut self, line: &str) -> io::Result<()> {
        self.out
            .write_all(folded(&format!("{line}\n"), self.columns).as_bytes())
    }

    fn entry(&mut self, entry: &Entry) -> io::Result<()> {
        let name = visible(entry.repository.as_str()).into_owned();
        match &entry.what {
            What::Read(found) | What::Unchanged(found) => self.found(&name, found)?,
            What::Empty => {}
            What::Unreadable { message, help } => {
                self.problem(&format!("{name}: not read"), message, help.as_deref())?;
            }
            What::Gone { entities } => {
                let name = self.style(&name, Ink::Strong);
                let entities = many(*entities, "entity", "entities");
                self.line(&format!(
                    "{name}: is gone from Bitbucket, {entities} of it in Port"
                ))?;
            }
        }
        if let Some(plan) = &entry.plan {
            let name = self.style(&name, Ink::Strong);
            let commit = entry
                .commit
                .as_ref()
                .map(|commit| format!(" at {}", commit.short()));
            self.line(&format!("{name}{}", commit.unwrap_or_default()))?;
            for line in plan.human.lines() {
                self.line(&format!("  {line}"))?;
            }
        }
        Ok(())
    }

    /// Errors only: what is merely doubtful at rest is for the reports that one looks things up in.
    fn found(&mut self, name: &str, found: &Found) -> io::Result<()> {
        let errors = found
            .mistakes
            .iter()
            .filter(|mistake| mistake.severity == Severity::Error);
        let mut shown = 0;
        for KeptFinding {
            rule,
            path,
            line,
            column,
            message,
            help,
            ..
        } in errors
        {
            shown += 1;
            let place = format!("{name}: {}:{line}:{column}", visible(path));
            let (place, rule) = (
                self.style(&place, Ink::Strong),
                self.style(&format!("error[{rule}]"), Ink::Error),
            );
            self.line(&format!("{place}: {rule}: {}", visible(message)))?;
            self.help(help.as_deref())?;
        }
        if found.errors > shown {
            let more = counted(found.errors - shown, "error");
            self.line(&format!("{}: {more} more", self.style(name, Ink::Strong)))?;
        }
        for fault in found.fault.iter().flat_map(faults) {
            self.problem(name, &fault, None)?;
        }
        Ok(())
    }

    fn problem(&mut self, what: &str, message: &str, help: Option<&str>) -> io::Result<()> {
        let what = self.style(&visible(what), Ink::Strong);
        self.line(&format!("{what}: {}", visible(message)))?;
        self.help(help)
    }

    fn help(&mut self, help: Option<&str>) -> io::Result<()> {
        let Some(help) = help else { return Ok(()) };
        let help = visible_lines(help).replace('\n', "\n        ");
        self.line(&format!("  {} {help}", self.style("help:", Ink::Help)))
    }

    fn numbers(&mut self, report: &SweepReport<'_>) -> io::Result<()> {
        let rows: Vec<(String, String)> = numbers(report)
            .into_iter()
            .map(|(level, name, count)| {
                (format!("{}{name}", "  ".repeat(level)), count.to_string())
            })
            .collect();
        let names = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        let counts = rows.iter().map(|(_, count)| count.len()).max().unwrap_or(0);
        writeln!(self.out)?;
        for (name, count) in rows {
            self.line(&format!("{name:names$}  {count:>counts$}"))?;
        }
        let colour = match (report.summary.has_failed(), report.summary.wrong) {
            (true, _) => Ink::Error,
            (false, 0) => Ink::Strong,
            (false, _) => Ink::Warning,
        };
        let said = match report.purpose {
            Purpose::Plan => format!("{}; nothing was changed", verdict(report)),
            Purpose::Deliver | Purpose::Check => verdict(report),
        };
        self.line(&format!("\n{}", self.style(&said, colour)))?;
        match report.summary.all_undelivered() {
            0 => Ok(()),
            _ => self.help(Some(
                "`pushgate outbox list` shows what waits and why; the next sweep tries it again",
            )),
        }
    }

    fn style(&self, text: &str, ink: Ink) -> String {
        ink.on(text, self.coloured).into_owned()
    }
}
