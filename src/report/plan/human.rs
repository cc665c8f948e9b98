//! For people at a terminal: a diff by entity and key.

use std::fmt::Write;

use super::{PlanReport, against, because, held, name, owned, shortened, shortened_pair, summary};
use crate::catalog::{After, Effect, EntityDifference, FieldDifference};
use crate::visible::visible;

const GREEN: &str = "32";
const YELLOW: &str = "33";
const RED: &str = "31";
const FAINT: &str = "2";

/// The plan as a diff.
#[must_use]
pub fn human(report: &PlanReport, coloured: bool) -> String {
    let ink = Ink { coloured };
    let mut out = String::new();
    for entity in &report.comparison.entities {
        ink.entity(&mut out, entity);
        out.push('\n');
    }
    for taken in &report.comparison.taken {
        let entity = visible(&taken.key.to_string()).into_owned();
        out.push_str(&format!(
            "{}{}\n    {}\n\n",
            ink.style(&format!("! {entity}"), YELLOW),
            ink.style(&format!("  {}", visible(&taken.file)), FAINT),
            owned(taken)
        ));
    }
    for remark in &report.remarks {
        out.push_str(&format!("note: {}\n", visible(remark)));
    }
    if let Some(held) = held(&report.comparison) {
        out.push_str(&format!("{}\n", ink.style(&held, YELLOW)));
    }
    out.push_str(&format!(
        "{}\n{}\n",
        summary(report),
        ink.style(&against(report), FAINT)
    ));
    out
}

struct Ink {
    coloured: bool,
}

impl Ink {
    fn entity(&self, out: &mut String, entity: &EntityDifference) {
        let (sign, colour) = match entity.effect {
            Effect::New => ("+", GREEN),
            Effect::Changed => ("~", YELLOW),
            Effect::Deleted => ("-", RED),
            Effect::Kept(_) => ("=", FAINT),
        };
        let first = format!("{sign} {}", name(entity));
        // Writing to a string can't fail.
        let _ = write!(out, "{}", self.style(&first, colour));
        if !entity.file.is_empty() {
            let file = format!("  {}", visible(&entity.file));
            let _ = write!(out, "{}", self.style(&file, FAINT));
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
                self.style(&format!("+ {name}: {}", shortened(value, 0)), GREEN)
            }
            (Some(before), After::Set(value)) => {
                let (before, after) = shortened_pair(before, value);
                self.style(&format!("~ {name}: {before} → {after}"), YELLOW)
            }
            (None, After::Cleared) => self.style(&format!("- {name}"), RED),
            (Some(before), After::Cleared) => {
                self.style(&format!("- {name}: {}", shortened(before, 0)), RED)
            }
            (None, After::Stays) => self.style(&format!("= {name} stays in Port"), FAINT),
            (Some(before), After::Stays) => {
                let text = format!("= {name}: {} stays in Port", shortened(before, 0));
                self.style(&text, FAINT)
            }
        }
    }

    fn style(&self, text: &str, code: &str) -> String {
        if self.coloured {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}
