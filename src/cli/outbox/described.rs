//! A delivery in words: what it does, where it stands, what was in the way and what to do.

use std::collections::BTreeSet;
use std::fmt::Write;

use jiff::Timestamp;

use super::show::Known;
use crate::catalog::Entity;
use crate::outbox::{BuildJob, CatalogJob, Delivery, Extent, Job, Problem, Receipt, State};
use crate::report::counted;
use crate::visible::visible;

/// Entities of one delivery that people are shown.
const LONGEST_LIST: usize = 20;

/// How moments are written.
const MOMENT: &str = "%Y-%m-%d %H:%M:%S UTC";

/// All that is known, safe for a terminal; at this moment.
pub(super) fn described(known: &Known, now: Timestamp) -> String {
    match known {
        Known::Pending { delivery, problems } => pending(delivery, problems, now),
        Known::Finished(receipt) => finished(receipt),
        Known::Unreadable(file) => format!(
            "{file}\n  what to do: let the version of pushgate that wrote it deliver it, or remove the file\n"
        ),
    }
}

/// Lines with a name before each; the first has none.
struct Lines(String);

impl Lines {
    fn add(&mut self, name: &str, text: &str) {
        // Writing to a string can't fail.
        let _ = writeln!(self.0, "  {name}: {}", visible(text));
    }

    /// A name and what it stands for, one a line, as many as people read.
    fn list(&mut self, name: &str, items: impl ExactSizeIterator<Item = String>) {
        let count = items.len();
        if count == 0 {
            return;
        }
        let _ = writeln!(self.0, "  {name}:");
        for item in items.take(LONGEST_LIST) {
            let _ = writeln!(self.0, "    {}", visible(&item));
        }
        if count > LONGEST_LIST {
            let more = count - LONGEST_LIST;
            let _ = writeln!(
                self.0,
                "    and {more} more: `--format json` shows all of them"
            );
        }
    }
}

fn finished(receipt: &Receipt) -> String {
    let mut lines = Lines(format!("{}\n", receipt.id));
    lines.add("what", &receipt.job);
    lines.add("repository", receipt.repository.as_str());
    lines.add("state", &format!("it left the outbox: {}", receipt.ending));
    lines.add("left", &receipt.finished.strftime(MOMENT).to_string());
    lines.add("tried", &tried(receipt.attempts));
    lines.0
}

fn pending(delivery: &Delivery, problems: &[Problem], now: Timestamp) -> String {
    let mut lines = Lines(format!("{}\n", delivery.id));
    lines.add("what", &delivery.job.to_string());
    lines.add("repository", delivery.repository.as_str());
    match &delivery.job {
        Job::Catalog(job) => catalog(&mut lines, job),
        Job::Build(job) => build(&mut lines, job),
    }
    lines.add("put here", &delivery.created.strftime(MOMENT).to_string());
    lines.add("state", state(delivery));
    lines.add("tried", &tried(delivery.attempts));
    if delivery.state == State::Waiting {
        lines.add("next try", &next_try(delivery, now));
    }
    if let Some(problem) = &delivery.last_problem {
        let name = format!("last problem, {}", problem.at.strftime(MOMENT));
        lines.add(&name, &problem.message);
        if let Some(help) = &problem.help {
            let _ = writeln!(lines.0, "    help: {}", visible(help));
        }
    }
    if problems.len() > 1 {
        let earlier = counted(problems.len() - 1, "more problem");
        lines.add(
            "before it",
            &format!("{earlier}: `--format json` shows all of them"),
        );
    }
    lines.add("what to do", &what_to_do(delivery));
    lines.0
}

fn catalog(lines: &mut Lines, job: &CatalogJob) {
    lines.add(
        "commit",
        &format!("{} of {}", job.new.as_str(), job.ref_name),
    );
    let entities = match &job.desired {
        Ok(entities) => entities,
        Err(undetermined) => {
            let why = format!("what the commit declares can't be told: {undetermined}");
            lines.add("entities", &why);
            return;
        }
    };
    lines.list("entities", entities.iter().map(declared));
    if job.extent == Extent::Part {
        lines.add(
            "left out",
            "some entries of the files can't be told, so that nothing is deleted",
        );
        return;
    }
    let declared: BTreeSet<_> = entities.iter().filter_map(Entity::key).collect();
    let gone: Vec<String> = job
        .previous
        .iter()
        .filter(|key| !declared.contains(key))
        .map(ToString::to_string)
        .collect();
    let name = match job.delete {
        true => "no longer declared, to be deleted",
        false => "no longer declared, and kept in Port (`port.delete` is off)",
    };
    lines.list(name, gone.into_iter());
    if job.approved {
        lines.add("approved", "a person has let its deletions go on");
    }
}

fn declared(entity: &Entity) -> String {
    let identifier = entity.identifier.as_deref().unwrap_or("(search query)");
    let file = match entity.file.as_str() {
        "" => String::new(),
        file => format!("  {file}"),
    };
    format!("{}/{identifier}{file}", entity.blueprint)
}

fn build(lines: &mut Lines, job: &BuildJob) {
    let commit = job.commit.as_str();
    match &job.branch {
        Some(branch) => lines.add("commit", &format!("{commit} of {branch}")),
        None => lines.add("commit", commit),
    }
    if job.again {
        lines.add("again", "it is built even where it was built before");
    }
}

fn state(delivery: &Delivery) -> &'static str {
    match delivery.state {
        State::Waiting => "waiting",
        State::Refused => "refused: it is not tried again by itself",
        State::Held => "waits for approval: it would delete much",
    }
}

fn tried(attempts: u32) -> String {
    match attempts {
        0 => "not yet".to_owned(),
        attempts => counted(attempts as usize, "time"),
    }
}

fn next_try(delivery: &Delivery, now: Timestamp) -> String {
    match (delivery.next_try - now).get_seconds() {
        ..=0 => "now".to_owned(),
        seconds => format!("in {seconds} s, {}", delivery.next_try.strftime(MOMENT)),
    }
}

fn what_to_do(delivery: &Delivery) -> String {
    let id = &delivery.id;
    let discard = format!("`pushgate outbox discard {id}` takes it out without carrying it out");
    match delivery.state {
        State::Waiting if delivery.attempts == 0 => {
            format!("`pushgate deliver` carries it out; {discard}")
        }
        State::Waiting => format!(
            "nothing: `pushgate deliver` tries it again at that time; `pushgate outbox retry {id}` makes that now; {discard}"
        ),
        State::Refused => format!(
            "mend what was in the way and push, which takes its place, or try it again with `pushgate outbox retry {id}`; {discard}"
        ),
        State::Held => {
            format!("`pushgate outbox approve {id}` lets it go on with all deletions; {discard}")
        }
    }
}
