//! For people at a terminal: a diff by entity and key.

use std::fmt::Write;

use super::{PlanReport, against, because, held, name, owned, shortened, shortened_pair, summary};
use crate::catalog::{After, Effect, EntityDifference, FieldDifference, TakenEntity};
use crate::report::ink::Ink;
use crate::visible::visible;

/// A plan in words, part by part; each part ends without a line break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanParts {
    /// What happens to each entity, in one line or more.
    entities: Vec<String>,
    /// What else there is to know, a line each.
    notes: Vec<String>,
    /// What happens in all.
    summary: String,
    /// What the state is compared with.
    against: String,
}

impl PlanParts {
    /// The parts of a report.
    #[must_use]
    pub fn of(report: &PlanReport, coloured: bool) -> Self {
        let paper = Paper { coloured };
        let comparison = &report.comparison;
        let entities = comparison.entities.iter().map(|one| paper.entity(one));
        let taken = comparison.taken.iter().map(|one| paper.taken(one));
        let remarks = report.remarks.iter();
        let remarks = remarks.map(|remark| format!("note: {}", visible(remark)));
        let held = held(comparison).map(|held| paper.style(&held, Ink::Doubtful));
        Self {
            entities: entities.chain(taken).collect(),
            notes: remarks.chain(held).collect(),
            summary: summary(report),
            against: against(report),
        }
    }

    /// All of it, with a blank line behind each entity.
    #[must_use]
    pub fn whole(&self) -> String {
        let entities = self.entities.iter().map(|entity| format!("{entity}\n"));
        let lines = self.notes.iter().chain([&self.summary, &self.against]);
        joined(entities.chain(lines.cloned()))
    }

    /// One of many that are compared with the same, of which the list says it once: close together.
    #[must_use]
    pub fn in_a_list(&self) -> String {
        let lines = self.entities.iter().chain(&self.notes);
        joined(lines.chain([&self.summary]).cloned())
    }
}

fn joined(lines: impl Iterator<Item = String>) -> String {
    lines.map(|line| line + "\n").collect()
}

/// The plan as a diff.
#[must_use]
pub fn human(report: &PlanReport, coloured: bool) -> String {
    PlanParts::of(report, coloured).whole()
}

struct Paper {
    coloured: bool,
}

impl Paper {
    fn entity(&self, entity: &EntityDifference) -> String {
        let (sign, colour) = match entity.effect {
            Effect::New => ("+", Some(Ink::Good)),
            Effect::Changed => ("~", Some(Ink::Doubtful)),
            Effect::Deleted => ("-", Some(Ink::Bad)),
            Effect::Kept(_) => ("=", None),
        };
        let first = format!("{sign} {}", name(entity));
        let mut out = match colour {
            Some(ink) => self.style(&first, ink),
            None => first,
        };
        // Writing to a string can't fail.
        if !entity.file.is_empty() {
            let _ = write!(out, "  {}", visible(&entity.file));
        }
        if let Effect::Kept(why) = entity.effect {
            let _ = write!(out, "\n    {}", because(why));
        }
        for field in &entity.fields {
            let _ = write!(out, "\n    {}", self.field(field));
        }
        out
    }

    fn taken(&self, taken: &TakenEntity) -> String {
        let entity = visible(&taken.key.to_string()).into_owned();
        let entity = self.style(&format!("! {entity}"), Ink::Doubtful);
        format!("{entity}  {}\n    {}", visible(&taken.file), owned(taken))
    }

    fn field(&self, field: &FieldDifference) -> String {
        let name = visible(&field.field.to_string()).into_owned();
        match (&field.before, &field.after) {
            (None, After::Set(value)) => {
                self.style(&format!("+ {name}: {}", shortened(value, 0)), Ink::Good)
            }
            (Some(before), After::Set(value)) => {
                let (before, after) = shortened_pair(before, value);
                self.style(&format!("~ {name}: {before} → {after}"), Ink::Doubtful)
            }
            (None, After::Cleared) => self.style(&format!("- {name}"), Ink::Bad),
            (Some(before), After::Cleared) => {
                self.style(&format!("- {name}: {}", shortened(before, 0)), Ink::Bad)
            }
            (None, After::Stays) => format!("= {name} stays in Port"),
            (Some(before), After::Stays) => {
                format!("= {name}: {} stays in Port", shortened(before, 0))
            }
        }
    }

    fn style(&self, text: &str, ink: Ink) -> String {
        ink.on(text, self.coloured).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> String {
        text.to_owned()
    }

    /// No part is taken for another by what it says.
    #[test]
    fn a_list_leaves_out_what_it_is_compared_with_and_nothing_else() {
        let parts = PlanParts {
            entities: vec![text("+ service/a\n    + title: \"x\""), text("- service/b")],
            notes: vec![text("note: 1 compared with 2")],
            summary: text("1 new, 1 deleted, 0 unchanged"),
            against: text("0123456789 compared with\nwhat was delivered last"),
        };
        assert_eq!(
            parts.in_a_list(),
            "+ service/a\n    + title: \"x\"\n- service/b\nnote: 1 compared with 2\n\
             1 new, 1 deleted, 0 unchanged\n"
        );
        assert_eq!(
            parts.whole(),
            "+ service/a\n    + title: \"x\"\n\n- service/b\n\nnote: 1 compared with 2\n\
             1 new, 1 deleted, 0 unchanged\n0123456789 compared with\nwhat was delivered last\n"
        );
    }
}
