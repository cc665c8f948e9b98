//! For people at a terminal: a diff by entity and key.

use std::fmt::Write;

use super::{PlanReport, against, because, held, name, owned, shortened, shortened_pair, summary};
use crate::catalog::{After, Effect, EntityDifference, FieldDifference};
use crate::report::ink::Ink;
use crate::visible::visible;

/// The plan as a diff.
#[must_use]
pub fn human(report: &PlanReport, coloured: bool) -> String {
    let paper = Paper { coloured };
    let mut out = String::new();
    for entity in &report.comparison.entities {
        paper.entity(&mut out, entity);
        out.push('\n');
    }
    for taken in &report.comparison.taken {
        let entity = visible(&taken.key.to_string()).into_owned();
        out.push_str(&format!(
            "{}{}\n    {}\n\n",
            paper.style(&format!("! {entity}"), Ink::Doubtful),
            format_args!("  {}", visible(&taken.file)),
            owned(taken)
        ));
    }
    for remark in &report.remarks {
        out.push_str(&format!("note: {}\n", visible(remark)));
    }
    if let Some(held) = held(&report.comparison) {
        out.push_str(&format!("{}\n", paper.style(&held, Ink::Doubtful)));
    }
    out.push_str(&format!("{}\n{}\n", summary(report), against(report)));
    out
}

struct Paper {
    coloured: bool,
}

impl Paper {
    fn entity(&self, out: &mut String, entity: &EntityDifference) {
        let (sign, colour) = match entity.effect {
            Effect::New => ("+", Some(Ink::Good)),
            Effect::Changed => ("~", Some(Ink::Doubtful)),
            Effect::Deleted => ("-", Some(Ink::Bad)),
            Effect::Kept(_) => ("=", None),
        };
        let first = format!("{sign} {}", name(entity));
        // Writing to a string can't fail.
        match colour {
            Some(ink) => out.push_str(&self.style(&first, ink)),
            None => out.push_str(&first),
        }
        if !entity.file.is_empty() {
            let _ = write!(out, "  {}", visible(&entity.file));
        }
        out.push('\n');
        if let Effect::Kept(why) = entity.effect {
            let _ = writeln!(out, "    {}", because(why));
        }
        for field in &entity.fields {
            let _ = writeln!(out, "    {}", self.field(field));
        }
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
