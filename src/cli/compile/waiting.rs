//! Waiting until deliveries have left the outbox.

use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

use crate::cli::delivering::{self, Courier};
use crate::cli::{CommandError, ExitStatus, Invocation, output};
use crate::outbox::{
    BuildJob, BuildTarget, DeliveryId, Ending, Job, Outbox, State, Status, System,
};

/// How often the outbox is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How long after a delivering process has left the work to another one the next is started.
const SEND_AGAIN: Duration = Duration::from_millis(500);

/// What was said of the builds.
pub(super) struct Said<'a> {
    /// How the command ends, if nothing else goes wrong.
    pub(super) ending: ExitStatus,
    /// The builds that Algorithmia has taken, and that go on there.
    pub(super) taken: Vec<&'a BuildJob>,
}

/// Who waits for the builds.
pub(super) struct Waiting<'a> {
    pub(super) invocation: &'a Invocation,
    pub(super) state: &'a Path,
    pub(super) outbox: &'a Outbox,
    /// What is waited for.
    pub(super) asked: &'a [(DeliveryId, BuildJob)],
    /// Whether it waits for the end; who does not waits a little for the first try.
    pub(super) insists: bool,
    /// The process that delivers.
    pub(super) child: Option<Child>,
    pub(super) courier: Courier,
    pub(super) has_algorithmia: bool,
}

impl<'a> Waiting<'a> {
    /// Starts a process that delivers.
    pub(super) fn send(&mut self) {
        self.child = delivering::start(self.invocation, self.state).ok();
        self.courier = match self.child {
            Some(_) => Courier::OnTheWay,
            None => Courier::Missing,
        };
    }

    /// Waits until all have left the outbox or were refused, or nobody goes on trying.
    pub(super) fn until_ended(&mut self, end: Option<Instant>) -> Result<(), CommandError> {
        let mut store = None;
        loop {
            let mut open = false;
            let mut untried = false;
            for (id, _) in self.asked {
                let status = self
                    .outbox
                    .status_in(&mut store, id)
                    .map_err(CommandError::failure)?;
                if let Status::Pending(delivery) = status {
                    let waits = delivery.state == State::Waiting;
                    open |= waits && (self.insists || delivery.attempts == 0);
                    untried |= waits && delivery.attempts == 0 && self.is_possible(&delivery.job);
                }
            }
            if !open || end.is_some_and(|end| Instant::now() >= end) {
                return Ok(());
            }
            if let Some(ended) = self.child.as_mut().and_then(|child| child.try_wait().ok()?) {
                // Another process had the work; only if it has left ours is a new one of use.
                if !ended.success() && !untried {
                    return Ok(());
                }
                std::thread::sleep(SEND_AGAIN);
                self.send();
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }

    /// Whether this machine's configuration knows how to carry it out.
    fn is_possible(&self, job: &Job) -> bool {
        self.has_algorithmia || job.system() != System::Algorithmia
    }

    /// What became of them. What waits is durable, and only who waited for it is told of a failure.
    pub(super) fn say(&self) -> Result<Said<'a>, CommandError> {
        let mut ending = ExitStatus::Fine;
        let mut taken = Vec::new();
        let mut store = None;
        for (id, job) in self.asked {
            let status = self
                .outbox
                .status_in(&mut store, id)
                .map_err(CommandError::failure)?;
            match status {
                Status::Finished(receipt) => {
                    output::out(&format!("{}: {}\n", receipt.job, receipt.ending));
                    let goes_on =
                        matches!(receipt.ending, Ending::BuildAccepted | Ending::CarriedBy(_));
                    if goes_on && matches!(job.target, BuildTarget::Algorithmia { .. }) {
                        taken.push(job);
                    }
                }
                Status::Pending(delivery) => {
                    let refused = delivery.state != State::Waiting;
                    if refused || self.insists {
                        ending = ExitStatus::Failure;
                    }
                    let (what, outlook) = if refused {
                        ("refused", format!("delivery {id}: `pushgate outbox retry`"))
                    } else {
                        (
                            "not yet",
                            format!("delivery {id}: {}", self.courier.outlook()),
                        )
                    };
                    let mut text = output::notes();
                    match &delivery.last_problem {
                        Some(problem) => {
                            text.line(&format!("{}: {what}: {}", delivery.job, problem.message));
                            if let Some(help) = &problem.help {
                                text.help(help);
                            }
                        }
                        None => text.line(&format!("{}: {what}", delivery.job)),
                    }
                    if !self.is_possible(&delivery.job) {
                        text.help(
                            "Algorithmia is not configured here: set ALGORITHMIA_API and \
                         ALGORITHMIA_API_KEY, or `algorithmia.api` and `algorithmia.api_key_file`",
                        );
                    }
                    text.line(&outlook);
                    output::err(&text.finish());
                }
                Status::Unreadable(file) => {
                    ending = ExitStatus::Failure;
                    let mut text = output::notes();
                    text.line(&file.to_string());
                    output::err(&text.finish());
                }
                Status::Unknown => {
                    ending = ExitStatus::Failure;
                    output::err(&format!("{id}: somebody has removed it from the outbox\n"));
                }
            }
        }
        Ok(Said { ending, taken })
    }
}
