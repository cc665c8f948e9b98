//! A delivering process that outlives the hook, and news of what became of deliveries.

use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use jiff::Timestamp;

use super::Invocation;
use crate::environment::{CONFIG, STATE};
use crate::outbox::{DeliveryId, Outbox, State, Status, Store};

/// How long a process that a hook started goes on trying before it leaves the rest to the next one.
pub(super) const AFTER_PUSH_SECONDS: &str = "600";

/// Who carries out what a hook has put into the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Courier {
    /// A process of its own, just started.
    OnTheWay,
    /// None could be started.
    Missing,
    /// Somebody else, by the operator's choice.
    Elsewhere,
}

impl Courier {
    /// What the pusher may expect of what still waits.
    pub(super) fn outlook(self) -> &'static str {
        match self {
            Self::OnTheWay => "tried again until it is done, nothing to do for you",
            Self::Missing => {
                "no process could be started to deliver it; the next push or `pushgate deliver` will"
            }
            Self::Elsewhere => "`pushgate deliver` carries it out",
        }
    }
}

/// Starts a process that delivers. It holds none of the hook's file descriptors: git keeps the
/// pusher waiting as long as somebody has its output open.
pub(super) fn send(invocation: &Invocation, state: &Path) -> Courier {
    start(invocation, state).map_or(Courier::Missing, |_| Courier::OnTheWay)
}

/// As [`send`], for who wants to know when it ends.
pub(super) fn start(invocation: &Invocation, state: &Path) -> io::Result<Child> {
    let binary = std::env::current_exe()?;
    let mut command = Command::new(binary);
    command
        .args(["deliver", "--detached", "--deadline", AFTER_PUSH_SECONDS])
        .env(STATE, state)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Some(config) = &invocation.config {
        let config = std::path::absolute(config).unwrap_or_else(|_| config.clone());
        command.env(CONFIG, config);
    }
    // Git's variables are about this push and its quarantine, which the child outlives.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GIT_") {
            command.env_remove(name);
        }
    }
    // What git or the server left open beside the standard streams stays out of the child too.
    #[cfg(unix)]
    close_fds::set_fds_cloexec(3, &[]);
    command.spawn()
}

/// What became of deliveries so far.
#[derive(Debug, Default)]
pub(super) struct News {
    /// What is to be said of them.
    pub(super) lines: Vec<Line>,
    waiting: usize,
    /// Whether one of those that wait has not been tried yet.
    untried: bool,
    /// When the first of those that wait is tried again.
    next_try: Option<Timestamp>,
}

/// One thing to say.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) help: Option<String>,
}

impl News {
    /// Whether looking again within that time may bring something new.
    pub(super) fn may_change_within(&self, time: Duration) -> bool {
        if time.is_zero() || self.waiting == 0 {
            return false;
        }
        let end = Timestamp::now().checked_add(time).unwrap_or(Timestamp::MAX);
        self.untried || self.next_try.is_some_and(|next| next <= end)
    }

    /// How many still wait and will be tried.
    pub(super) fn open(&self) -> usize {
        self.waiting
    }
}

/// Looks where deliveries stand; the store stays open for the next look.
pub(super) fn news(outbox: &Outbox, store: &mut Option<Store>, ids: &[DeliveryId]) -> News {
    let mut news = News::default();
    for id in ids {
        let status = match outbox.status_in(store, id) {
            Ok(status) => status,
            // They are durable, and whoever delivers them says what is wrong with the store.
            Err(_) => {
                news.waiting += 1;
                continue;
            }
        };
        match status {
            Status::Finished(receipt) => news.say(format!("{}: {}", receipt.job, receipt.ending)),
            Status::Pending(delivery) => {
                let (verb, waits) = match delivery.state {
                    State::Refused => ("refused", false),
                    State::Held => ("held", false),
                    State::Waiting => ("not yet", true),
                };
                if waits {
                    news.waiting += 1;
                    news.untried |= delivery.attempts == 0;
                    let next = news
                        .next_try
                        .unwrap_or(Timestamp::MAX)
                        .min(delivery.next_try);
                    news.next_try = Some(next);
                }
                if let Some(problem) = &delivery.last_problem {
                    news.lines.push(Line {
                        text: format!("{}: {verb}: {}", delivery.job, problem.message),
                        help: problem.help.clone(),
                    });
                }
            }
            Status::Unreadable(file) => {
                news.say(file.to_string());
            }
            Status::Unknown => {}
        }
    }
    news
}

impl News {
    fn say(&mut self, text: String) {
        self.lines.push(Line { text, help: None });
    }
}
