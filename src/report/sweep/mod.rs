//! What a sweep found, one file an output format. Entries are read from the journal while they are
//! written: no report holds them all.

mod html;
mod human;
mod json;

use crate::catalog::Undetermined;
use crate::sweep::{Fault, Purpose, Summary};

pub use html::html;
pub use human::human;
pub use json::json;

/// A sweep to be shown, but for its entries.
#[derive(Clone, Copy, Debug)]
pub struct SweepReport<'a> {
    /// The server's address.
    pub server: &'a str,
    /// What the sweep was for.
    pub purpose: Purpose,
    /// What it came to.
    pub summary: &'a Summary,
}

/// Why entities don't go to Port, for people.
fn faults(fault: &Fault) -> Vec<String> {
    match fault {
        Fault::Undetermined(why) => vec![format!(
            "{why}: nothing of the repository is delivered, and nothing is deleted"
        )],
        Fault::Entries(entries) => entries
            .iter()
            .map(|Undetermined { file, reason }| {
                format!("{file}: {reason}: it is not delivered, and nothing is deleted")
            })
            .collect(),
    }
}

/// The verdict, in one line.
fn verdict(report: &SweepReport<'_>) -> String {
    let summary = report.summary;
    let mut parts = Vec::new();
    if summary.wrong > 0 {
        parts.push(many(
            summary.wrong,
            "repository has documents that are wrong",
            "repositories have documents that are wrong",
        ));
    }
    if summary.unreadable > 0 || !summary.unlisted.is_empty() {
        parts.push(format!(
            "{} could not be read",
            things(summary.unreadable + summary.unlisted.len())
        ));
    }
    let undelivered = summary.all_undelivered();
    if undelivered > 0 {
        parts.push(many(
            undelivered,
            "delivery was not carried out",
            "deliveries were not carried out",
        ));
    }
    match (parts.is_empty(), report.purpose) {
        (false, _) => parts.join("; "),
        (true, _) if summary.repositories == 0 => {
            "Bitbucket shows no repository to this user".to_owned()
        }
        (true, Purpose::Deliver) => "nothing is wrong, and Port has it all".to_owned(),
        (true, Purpose::Plan | Purpose::Check) => "nothing is wrong".to_owned(),
    }
}

fn things(count: usize) -> String {
    super::counted(count, "thing")
}

/// `1 entity`, `2 entities`.
fn many(count: usize, one: &str, many: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    }
}

/// The numbers: a name, how far it belongs below the one before, and the count. What is in order
/// and zero is left out.
fn numbers(report: &SweepReport<'_>) -> Vec<(usize, &'static str, usize)> {
    let Summary {
        repositories,
        read,
        unchanged,
        empty,
        unreadable,
        with_entities,
        without_documents,
        wrong,
        documents,
        entities,
        errors,
        warnings,
        gone,
        planned_new,
        planned_changed,
        planned_deleted,
        delivered,
        upserted,
        deleted,
        ..
    } = *report.summary;
    let all = [
        (0, "repositories", repositories),
        (1, "read", read),
        (1, "unchanged", unchanged),
        (1, "without a commit", empty),
        (1, "not to be read", unreadable),
        (1, "with entities", with_entities),
        (1, "without documents", without_documents),
        (1, "with wrong documents", wrong),
        (1, "gone", gone),
        (0, "documents", documents),
        (1, "errors", errors),
        (1, "warnings", warnings),
        (0, "entities", entities),
        (1, "new", planned_new),
        (1, "changed", planned_changed),
        (1, "to be deleted", planned_deleted),
        (0, "deliveries", delivered),
        (1, "entities sent", upserted),
        (1, "entities deleted", deleted),
        (1, "not delivered", report.summary.all_undelivered()),
    ];
    let is_shown = |&(level, name, count): &(usize, &str, usize)| {
        (count > 0 || level == 0) && (name != "deliveries" || report.purpose == Purpose::Deliver)
    };
    all.into_iter().filter(is_shown).collect()
}
