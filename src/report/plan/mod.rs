//! What a plan would do, one file an output format.

mod human;
mod json;
mod markdown;

use serde_json::Value;

use crate::catalog::{Comparison, Effect, EntityDifference, KeptBecause, TakenEntity};
use crate::git::CommitId;
use crate::visible::{clip, visible};

pub use human::{PlanParts, human};
pub use json::{json, undetermined as undetermined_json};
pub use markdown::{markdown, undetermined as undetermined_markdown};

/// Characters of a value that are shown.
const LONGEST_VALUE: usize = 60;

/// Characters that are shown before those that differ.
const CONTEXT: usize = 12;

/// A plan to be shown.
#[derive(Clone, Debug)]
pub struct PlanReport {
    /// The commit whose state is to be delivered.
    pub commit: CommitId,
    /// What it is compared with.
    pub against: Against,
    /// What happens to the entities.
    pub comparison: Comparison,
    /// `file://` values that could not be read, and other things to know.
    pub remarks: Vec<String>,
}

/// What a state is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Against {
    /// The state of another commit.
    Commit {
        /// The commit.
        id: CommitId,
        /// How it was found: a revision.
        named: String,
    },
    /// Nothing: there is no older commit.
    Nothing,
    /// What Port has now.
    Port,
    /// What pushgate delivered last.
    Delivered,
}

/// `2 new, 1 changed`; none where nothing changes.
fn counts(comparison: &Comparison) -> Option<String> {
    let kept = |effect| matches!(effect, Effect::Kept(_));
    let words: Vec<String> = [
        (comparison.count(|effect| effect == Effect::New), "new"),
        (
            comparison.count(|effect| effect == Effect::Changed),
            "changed",
        ),
        (
            comparison.count(|effect| effect == Effect::Deleted),
            "deleted",
        ),
        (comparison.count(kept), "kept"),
        (comparison.taken.len(), "owned elsewhere"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, word)| format!("{count} {word}"))
    .collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// The last line: what happens in all.
fn summary(report: &PlanReport) -> String {
    let comparison = &report.comparison;
    let mut line = match (counts(comparison), &report.against) {
        (Some(counts), _) => format!("{counts}, {} unchanged", comparison.unchanged),
        (None, Against::Port) => format!(
            "Port agrees: {} unchanged",
            counted_entities(comparison.unchanged)
        ),
        (None, _) => format!(
            "nothing changes in Port: {} unchanged",
            counted_entities(comparison.unchanged)
        ),
    };
    if comparison.not_compared > 0 {
        line.push_str(&format!(
            ", {} not compared: only Port can tell what its search query finds",
            comparison.not_compared
        ));
    }
    line
}

/// What to know about the deletions.
fn held(comparison: &Comparison) -> Option<String> {
    let (count, of) = comparison.held?;
    Some(format!(
        "{count} of {of} entities would be deleted: that waits for `pushgate outbox approve`"
    ))
}

/// What the state is compared with, in words.
fn against(report: &PlanReport) -> String {
    let commit = report.commit.short();
    match &report.against {
        Against::Commit { id, named } => {
            format!("{commit} compared with {} ({})", id.short(), visible(named))
        }
        Against::Nothing => format!("{commit} compared with nothing: there is no older commit"),
        Against::Port => format!("{commit} compared with what Port has now"),
        Against::Delivered => format!("{commit} compared with what was delivered last"),
    }
}

/// `blueprint/identifier`.
fn name(entity: &EntityDifference) -> String {
    let identifier = entity.identifier.as_deref();
    let identifier = identifier.unwrap_or("(search query)");
    visible(&format!("{}/{identifier}", entity.blueprint)).into_owned()
}

/// A value in one line, as JSON, from this character on.
fn shortened(value: &Value, from: usize) -> String {
    let json = value.to_string();
    let rest: String = json.chars().skip(from).collect();
    let shown = clip(&visible(&rest), LONGEST_VALUE);
    if from > 0 {
        format!("…{shown}")
    } else {
        shown
    }
}

/// Two values, each in one line; of long ones the parts that differ.
fn shortened_pair(before: &Value, after: &Value) -> (String, String) {
    let (one, other) = (before.to_string(), after.to_string());
    let longest = one.chars().count().max(other.chars().count());
    let same = one.chars().zip(other.chars());
    let same = same.take_while(|(one, other)| one == other).count();
    let from = if longest > LONGEST_VALUE {
        same.saturating_sub(CONTEXT)
    } else {
        0
    };
    (shortened(before, from), shortened(after, from))
}

/// Why it stays, for people.
fn because(why: KeptBecause) -> &'static str {
    match why {
        KeptBecause::PointedTo => "stays, since entities that stay point to it",
        KeptBecause::DeletionIsOff => "stays, since `port.delete` is off",
    }
}

/// Whose an entity is, for people.
fn owned(taken: &TakenEntity) -> String {
    format!(
        "belongs to the repository {}: nothing of it is delivered from here",
        taken.owner
    )
}

fn counted_entities(count: usize) -> String {
    match count {
        1 => "1 entity".to_owned(),
        count => format!("{count} entities"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn long_values_are_shown_where_they_differ() {
        let long = |end: &str| json!(format!("{} {end}", "word ".repeat(40)));
        let (before, after) = shortened_pair(&long("old"), &long("new"));
        assert_eq!(before, "… word word  old\"");
        assert_eq!(after, "… word word  new\"");
        let (before, after) = shortened_pair(&json!("a  b"), &json!("a b"));
        assert_eq!((before.as_str(), after.as_str()), ("\"a  b\"", "\"a b\""));
        let (before, _) = shortened_pair(&long("x"), &json!(null));
        assert!(before.ends_with("more characters)"), "{before}");
    }
}
