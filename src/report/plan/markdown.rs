//! For a comment on a pull request. Bitbucket Server renders no HTML, so that it is Markdown alone;
//! what comes from files stands in one fenced block, where nothing of it is markup, link or mention.

use super::{
    PlanReport, against, because, counts, held, name, owned, shortened, shortened_pair, summary,
};
use crate::catalog::{After, Effect, EntityDifference, Undetermined};
use crate::visible::visible;

/// Bytes of the block: with the rest it stays below the 32,768 characters of a comment on Bitbucket.
const LONGEST_BLOCK: usize = 30_000;

const TITLE: &str = "### What this changes in Port";

/// The plan as Markdown.
#[must_use]
pub fn markdown(report: &PlanReport) -> String {
    let mut out = format!("{TITLE}\n\n");
    match counts(&report.comparison) {
        Some(_) => out.push_str(&format!("**{}**\n\n", summary(report))),
        None => out.push_str(&format!("{}\n\n", summary(report))),
    }
    if let Some(held) = held(&report.comparison) {
        out.push_str(&format!("⚠️ {held}\n\n"));
    }
    let (block, left_out) = block(report);
    if !block.is_empty() {
        let fence = "`".repeat(longest_run(&block).max(2) + 1);
        out.push_str(&format!("{fence}diff\n{block}{fence}\n\n"));
    }
    if left_out > 0 {
        out.push_str(&format!(
            "{left_out} more not shown: `pushgate plan` shows all of them\n\n"
        ));
    }
    out.push_str(&span(&against(report)));
    out.push('\n');
    out
}

/// A state that can't be told, as Markdown.
#[must_use]
pub fn undetermined(why: &Undetermined) -> String {
    format!(
        "{TITLE}\n\nNothing: what is declared can't be told, so that nothing is delivered and nothing \
         is deleted.\n\n{}\n",
        span(&visible(&why.to_string()))
    )
}

/// The entities and remarks as far as there is room, and how many are left out.
fn block(report: &PlanReport) -> (String, usize) {
    let remarks = report
        .remarks
        .iter()
        .map(|remark| format!("# {}\n", visible(remark)));
    let entities = report.comparison.entities.iter().map(drawn);
    let taken = report.comparison.taken.iter().map(|taken| {
        let entity = taken.key.to_string();
        let (entity, file) = (visible(&entity), visible(&taken.file));
        format!("# {entity}  ({file}) {}\n", owned(taken))
    });
    let mut block = String::new();
    let mut left_out = 0;
    for part in entities.chain(taken).chain(remarks) {
        // Once one is left out, those after it are: the order stays whole.
        if left_out == 0 && block.len() + part.len() <= LONGEST_BLOCK {
            block.push_str(&part);
        } else {
            left_out += 1;
        }
    }
    (block, left_out)
}

/// An entity in the lines of a diff: `!` is how it marks a change.
fn drawn(entity: &EntityDifference) -> String {
    let name = name(entity);
    let file = match visible(&entity.file) {
        none if none.is_empty() => String::new(),
        file => format!("  ({file})"),
    };
    let mut lines = match entity.effect {
        Effect::New => format!("+ {name}{file}\n"),
        Effect::Changed => format!("! {name}{file}\n"),
        Effect::Deleted => format!("- {name}{file}\n"),
        Effect::Kept(why) => format!("  {name}{file} {}\n", because(why)),
    };
    for field in &entity.fields {
        let name = field.field.to_string();
        let name = visible(&name);
        let (old, new) = match (&field.before, &field.after) {
            (None, After::Set(value)) => (None, Some(shortened(value, 0))),
            (Some(before), After::Set(value)) => {
                let (before, after) = shortened_pair(before, value);
                (Some(before), Some(after))
            }
            (before, After::Cleared) => {
                let before = before.as_ref().map(|before| shortened(before, 0));
                (Some(before.unwrap_or_else(|| "null".to_owned())), None)
            }
            (before, After::Stays) => {
                let before = before.as_ref().map(|before| shortened(before, 0));
                let before = before.unwrap_or_default();
                lines.push_str(&format!("      {name}: {before} stays in Port\n"));
                continue;
            }
        };
        if let Some(old) = old {
            lines.push_str(&format!("-     {name}: {old}\n"));
        }
        if let Some(new) = new {
            lines.push_str(&format!("+     {name}: {new}\n"));
        }
    }
    lines
}

/// A text as code, whatever backticks it holds.
fn span(text: &str) -> String {
    let fence = "`".repeat(longest_run(text) + 1);
    let blank = if text.contains('`') { " " } else { "" };
    format!("{fence}{blank}{text}{blank}{fence}")
}

/// The most backticks in a row.
fn longest_run(text: &str) -> usize {
    let runs = text.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or(0)
}
