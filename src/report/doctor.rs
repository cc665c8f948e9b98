//! What `pushgate doctor` found: for people, and for programs as one object whose form stays.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde::Serialize;

use super::counted;
use super::grouped::grouped;
use super::ink::Ink;
use super::paragraph::hanging;
use crate::doctor::{Examined, State};
use crate::json_text;

/// The form's number: a reader that knows it knows every key below.
const VERSION: u32 = 1;

/// What was found.
#[derive(Clone, Debug)]
pub struct DoctorReport {
    /// Every item that was looked at, in the order in which they are told.
    pub examined: Vec<Examined>,
}

impl DoctorReport {
    /// How many items are in this state.
    #[must_use]
    pub fn count(&self, state: State) -> usize {
        let items = self.examined.iter();
        items.filter(|item| item.state == state).count()
    }
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    items: Vec<Item<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    title: &'a str,
    state: &'static str,
    message: &'a str,
    remedy: Option<&'a str>,
}

#[derive(Serialize)]
struct Summary {
    ok: usize,
    warnings: usize,
    failed: usize,
    skipped: usize,
}

/// The report as JSON.
///
/// # Errors
/// None but those of writing to a string.
pub fn json(report: &DoctorReport) -> Result<String, serde_json::Error> {
    let items = report.examined.iter().map(|item| Item {
        id: item.id,
        title: item.title,
        state: item.state.word(),
        message: &item.message,
        remedy: item.remedy.as_deref(),
    });
    json_text::pretty(&Document {
        version: VERSION,
        items: items.collect(),
        summary: Summary {
            ok: report.count(State::Ok),
            warnings: report.count(State::Warning),
            failed: report.count(State::Failed),
            skipped: report.count(State::Skipped),
        },
    })
}

/// Columns of the state and of the indentation behind it.
const INDENT: usize = 9;

/// The report for people: one paragraph an item, or for all that were skipped for one reason, broken to
/// `columns` where it goes to a terminal, and a line that counts and names what failed.
#[must_use]
pub fn human(report: &DoctorReport, coloured: bool, columns: Option<usize>) -> String {
    let mut out = String::new();
    let mut told = BTreeSet::new();
    let groups = grouped(&report.examined, |item| {
        (item.state == State::Skipped).then_some((&item.message, &item.remedy))
    });
    for group in groups {
        let Some(item) = group.first() else { continue };
        let ids: Vec<&str> = group.iter().map(|item| item.id).collect();
        let word = format!("{:INDENT$}", item.state.word());
        let word = match item.state {
            State::Ok => Ink::Good.on(&word, coloured),
            State::Skipped => word.as_str().into(),
            State::Warning => Ink::Doubtful.on(&word, coloured),
            State::Failed => Ink::Bad.on(&word, coloured),
        };
        // Writing to a string can't fail.
        let told_here = format!("{}: {}", ids.join(", "), item.message);
        let _ = writeln!(out, "{word}{}", hanging(&told_here, columns, INDENT));
        // What one remedy mends is said with the first of its items only.
        if let Some(remedy) = &item.remedy
            && told.insert(remedy)
        {
            let name = "help: ";
            let _ = writeln!(
                out,
                "{:INDENT$}{name}{}",
                "",
                hanging(remedy, columns, INDENT + name.len())
            );
        }
    }
    let counts = [
        (State::Ok, "ok"),
        (State::Warning, "warning"),
        (State::Failed, "failed"),
        (State::Skipped, "skipped"),
    ];
    let failed: Vec<&str> = report
        .examined
        .iter()
        .filter(|item| item.state == State::Failed)
        .map(|item| item.id)
        .collect();
    let words: Vec<String> = counts
        .iter()
        .map(|&(state, word)| (report.count(state), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| match word {
            "warning" => counted(count, word),
            // The last line is what a small terminal still shows.
            "failed" => format!("{count} failed ({})", failed.join(", ")),
            _ => format!("{count} {word}"),
        })
        .collect();
    let _ = writeln!(out, "\n{}", hanging(&words.join(", "), columns, 4));
    out
}
