//! For programs: one JSON object, whose form stays as it is.

use serde::Serialize;
use serde_json::{Value, json};

use super::{Against, PlanReport};
use crate::catalog::{
    After, Effect, EntityDifference, FieldDifference, KeptBecause, TakenEntity, Undetermined,
};
use crate::json_text;

/// The form's number: a reader that knows it knows every key below.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Plan<'a> {
    version: u32,
    commit: &'a str,
    /// A commit's id, `port`, `delivered`, or null where there is nothing older.
    against: Option<&'a str>,
    entities: Vec<Entity<'a>>,
    /// Declared here, and another repository's.
    owned_elsewhere: Vec<Taken<'a>>,
    remarks: &'a [String],
    summary: Summary,
}

#[derive(Serialize)]
struct Entity<'a> {
    change: &'static str,
    blueprint: &'a str,
    identifier: Option<&'a str>,
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kept_because: Option<&'static str>,
    fields: Vec<Field<'a>>,
}

#[derive(Serialize)]
struct Taken<'a> {
    blueprint: &'a str,
    identifier: &'a str,
    file: &'a str,
    owner: &'a str,
}

#[derive(Serialize)]
struct Field<'a> {
    field: String,
    change: &'static str,
    before: Option<&'a Value>,
    after: Option<&'a Value>,
}

#[derive(Serialize)]
struct Summary {
    new: usize,
    changed: usize,
    deleted: usize,
    kept: usize,
    unchanged: usize,
    not_compared: usize,
    needs_approval: bool,
}

/// The plan as JSON.
///
/// # Errors
/// None but those of writing to a string.
pub fn json(report: &PlanReport) -> Result<String, serde_json::Error> {
    let comparison = &report.comparison;
    let plan = Plan {
        version: VERSION,
        commit: report.commit.as_str(),
        against: match &report.against {
            Against::Commit { id, .. } => Some(id.as_str()),
            Against::Nothing => None,
            Against::Port => Some("port"),
            Against::Delivered => Some("delivered"),
        },
        entities: comparison.entities.iter().map(entity).collect(),
        owned_elsewhere: comparison.taken.iter().map(taken).collect(),
        remarks: &report.remarks,
        summary: Summary {
            new: comparison.count(|effect| effect == Effect::New),
            changed: comparison.count(|effect| effect == Effect::Changed),
            deleted: comparison.count(|effect| effect == Effect::Deleted),
            kept: comparison.count(|effect| matches!(effect, Effect::Kept(_))),
            unchanged: comparison.unchanged,
            not_compared: comparison.not_compared,
            needs_approval: comparison.held.is_some(),
        },
    };
    json_text::pretty(&plan)
}

/// A state that can't be told, as JSON.
#[must_use]
pub fn undetermined(why: &Undetermined) -> String {
    let undetermined = json!({"file": why.file, "reason": why.reason});
    let document = json!({"version": VERSION, "undetermined": undetermined});
    json_text::line(&document).unwrap_or_else(|_| document.to_string())
}

fn entity(entity: &EntityDifference) -> Entity<'_> {
    let (change, kept_because) = match entity.effect {
        Effect::New => ("new", None),
        Effect::Changed => ("changed", None),
        Effect::Deleted => ("deleted", None),
        Effect::Kept(KeptBecause::PointedTo) => ("kept", Some("pointed_to")),
        Effect::Kept(KeptBecause::DeletionIsOff) => ("kept", Some("deletion_is_off")),
    };
    Entity {
        change,
        blueprint: &entity.blueprint,
        identifier: entity.identifier.as_deref(),
        file: &entity.file,
        kept_because,
        fields: entity.fields.iter().map(field).collect(),
    }
}

fn taken(taken: &TakenEntity) -> Taken<'_> {
    Taken {
        blueprint: &taken.key.blueprint,
        identifier: &taken.key.identifier,
        file: &taken.file,
        owner: taken.owner.as_str(),
    }
}

fn field(field: &FieldDifference) -> Field<'_> {
    let (change, after) = match &field.after {
        After::Set(value) => ("set", Some(value)),
        After::Cleared => ("cleared", None),
        After::Stays => ("stays", field.before.as_ref()),
    };
    Field {
        field: field.field.to_string(),
        change,
        before: field.before.as_ref(),
        after,
    }
}
