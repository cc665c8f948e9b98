//! How far a sweep is: a bar on a terminal, a line a project elsewhere.

use std::cell::RefCell;
use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::output;
use crate::sweep::{Entry, Projects, Purpose, What};
use crate::visible::visible;

/// Tells people on standard error how far it is.
pub(super) enum Progress {
    /// On a terminal.
    Bar(ProgressBar, RefCell<Project>),
    /// In a log.
    Lines(RefCell<Project>),
}

/// The project that is told of.
#[derive(Default)]
pub(super) struct Project {
    key: Option<String>,
    read: usize,
    unchanged: usize,
    unreadable: usize,
    wrong: usize,
    all: usize,
}

impl Progress {
    pub(super) fn begin(server: &str, projects: &Projects, purpose: Purpose) -> Self {
        let which = match projects {
            Projects::All => "all projects".to_owned(),
            Projects::Only(keys) => format!("projects {}", keys.join(", ")),
        };
        let only = match purpose {
            Purpose::Deliver => "",
            Purpose::Plan => ", compared with what was delivered last; nothing is changed",
            Purpose::Check => "; nothing goes to Port (`port.deliver: never`)",
        };
        say(&format!("sweeping {server}, {which}{only}"));
        let project = RefCell::default();
        if !io::stderr().is_terminal() {
            return Self::Lines(project);
        }
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        if let Ok(style) =
            ProgressStyle::with_template("{bar:24} {pos} of {len} listed  {wide_msg}")
        {
            bar.set_style(style);
        }
        Self::Bar(bar, project)
    }

    /// A repository is done, of so many that were listed by now.
    pub(super) fn tell(&self, entry: &Entry, listed: usize) {
        let (Self::Bar(_, project) | Self::Lines(project)) = self;
        let key = entry.repository.project();
        if project.borrow().key.as_deref() != Some(key) {
            self.listed();
            project.borrow_mut().key = Some(key.to_owned());
        }
        project.borrow_mut().count(entry);
        if let Self::Bar(bar, project) = self {
            bar.set_length(listed as u64);
            bar.inc(1);
            bar.set_message(project.borrow().words());
        }
    }

    /// The project that was told of last is done.
    pub(super) fn listed(&self) {
        let (Self::Bar(_, project) | Self::Lines(project)) = self;
        let done = project.take();
        if let (Self::Lines(_), Some(_)) = (self, &done.key) {
            say(&done.words());
        }
    }

    /// Everything was read.
    pub(super) fn delivers(&self) {
        if let Self::Bar(bar, _) = self {
            bar.set_message("read; delivering what is left");
        }
    }

    /// Nothing follows.
    pub(super) fn end(&self) {
        if let Self::Bar(bar, _) = self {
            bar.finish_and_clear();
        }
    }

    /// Something that a person should know and that is in nobody's way.
    pub(super) fn warn(&self, text: &str) {
        say(&format!("warning: {text}"));
    }
}

fn say(line: &str) {
    let mut text = output::notes();
    text.line(line);
    output::err(&text.finish());
}

impl Project {
    fn count(&mut self, entry: &Entry) {
        self.all += 1;
        match &entry.what {
            What::Read(_) => self.read += 1,
            What::Unchanged(_) => self.unchanged += 1,
            What::Unreadable { .. } => self.unreadable += 1,
            What::Empty | What::Gone { .. } => {}
        }
        self.wrong += usize::from(entry.found().is_some_and(|found| found.is_wrong()));
    }

    fn words(&self) -> String {
        let key = visible(self.key.as_deref().unwrap_or_default()).into_owned();
        let all = match self.all {
            1 => "1 repository".to_owned(),
            all => format!("{all} repositories"),
        };
        let parts: String = [
            (self.read, "read"),
            (self.unchanged, "unchanged"),
            (self.unreadable, "not to be read"),
            (self.wrong, "wrong"),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!(", {count} {word}"))
        .collect();
        format!("{key}: {all}{parts}")
    }
}
