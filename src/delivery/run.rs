//! A run: once over what is due, or on and on.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::catalog::{EntityKey, PlanOptions};
use crate::outbox::{Outbox, OutboxError, State, Worker};
use crate::repository::RepositoryName;
use crate::trigger::TriggerName;
use crate::{algorithmia, port, trigger};

use super::back_off::BackOff;
use super::crew::Crew;
use super::event::{Observer, Summary};
use super::rest::{Reason, Rests};
use super::tip::Tips;

/// The systems that deliveries go to; none where one is not configured.
#[derive(Debug, Default)]
pub struct Remotes {
    /// Port; it may be asked for something else meanwhile.
    pub port: Option<Arc<port::Client>>,
    /// Algorithmia.
    pub algorithmia: Option<algorithmia::Client>,
    /// The triggers of the configuration.
    pub triggers: BTreeMap<TriggerName, trigger::Client>,
}

/// How deliveries are carried out.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The waits between tries.
    pub back_off: BackOff,
    /// The waits between tries to reach a system that can't be reached, for all that waits for it.
    pub outage: BackOff,
    /// How often the outbox is looked at while nothing is due.
    pub poll: Duration,
    /// How long it can be told what became of a delivery.
    pub keep_receipts: Duration,
    /// How many repositories are served at once.
    pub workers: usize,
    /// How entities are brought to Port.
    pub plan: PlanOptions,
    /// Entities of which the operator says whose they are.
    pub owners: BTreeMap<EntityKey, RepositoryName>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            back_off: BackOff::default(),
            outage: BackOff::for_outages(),
            poll: Duration::from_secs(1),
            keep_receipts: Duration::from_secs(24 * 60 * 60),
            workers: 4,
            plan: PlanOptions::default(),
            owners: BTreeMap::new(),
        }
    }
}

/// Nobody waits longer.
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// When a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deadline {
    /// As soon as nothing is due.
    NothingDue,
    /// At this moment; until then, what failed is tried again when its time has come. It also ends
    /// when nothing waits any more.
    At(Instant),
}

impl Deadline {
    /// That long from now, a year at most: a clock need not know later moments.
    #[must_use]
    pub fn after(time: Duration) -> Self {
        Self::At(moment_after(time))
    }
}

/// The moment that long from now, as [`Deadline::after`] has it.
#[must_use]
pub fn moment_after(time: Duration) -> Instant {
    Instant::now() + time.min(YEAR)
}

/// How a worker knows that it is to end.
#[derive(Clone, Copy)]
pub(super) enum Mode<'a> {
    Once(Deadline),
    Watch(&'a AtomicBool),
}

impl Mode<'_> {
    pub(super) fn is_over(self) -> bool {
        match self {
            Self::Once(Deadline::NothingDue) => false,
            Self::Once(Deadline::At(moment)) => Instant::now() >= moment,
            Self::Watch(stop) => stop.load(Ordering::Relaxed),
        }
    }

    /// When a run ends at the latest; calls that may safely be cut off are cut off then.
    pub(super) fn deadline(self) -> Option<Instant> {
        match self {
            Self::Once(Deadline::At(moment)) => Some(moment),
            _ => None,
        }
    }

    /// Whether somebody wants it to end, unlike a deadline that cuts calls off by itself.
    pub(super) fn is_stopped(self) -> bool {
        self.is_watch() && self.is_over()
    }

    pub(super) fn is_watch(self) -> bool {
        matches!(self, Self::Watch(_))
    }
}

/// Carries out what is due, one process of those that pushes start a state folder: where another
/// one is at work, it will see what was put into the outbox before it ends.
///
/// # Errors
/// Where the outbox can't be read or written.
pub fn deliver(
    outbox: &Outbox,
    remotes: &Remotes,
    settings: &Settings,
    tips: &dyn Tips,
    deadline: Deadline,
    observer: &dyn Observer,
) -> Result<Summary, OutboxError> {
    let mode = Mode::Once(deadline);
    let worker = outbox.worker()?;
    let mut summary = Summary::default();
    loop {
        let Some(courier) = outbox.courier()? else {
            summary.busy = true;
            break;
        };
        let crew = Crew::new(outbox, remotes, settings, tips, mode, observer, worker.id());
        crew.work()?;
        drop(courier);
        summary.finished += crew.finished.into_inner();
        note(&mut summary, crew.rests);
        // Who put something here while we held the lock left it to us.
        if mode.is_over() || !is_anything_due(outbox, &summary)? {
            break;
        }
    }
    conclude(outbox, summary)
}

/// Carries out what is put into the outbox until the flag is set. Any number of processes may.
///
/// # Errors
/// Where the state folder can't be used.
pub fn watch(
    outbox: &Outbox,
    remotes: &Remotes,
    settings: &Settings,
    tips: &dyn Tips,
    stop: &AtomicBool,
    observer: &dyn Observer,
) -> Result<Summary, OutboxError> {
    let worker: Worker = outbox.worker()?;
    let mode = Mode::Watch(stop);
    let crew = Crew::new(outbox, remotes, settings, tips, mode, observer, worker.id());
    crew.work()?;
    let mut summary = Summary {
        finished: crew.finished.into_inner(),
        ..Summary::default()
    };
    note(&mut summary, crew.rests);
    conclude(outbox, summary)
}

/// What is still in the way of whole systems.
fn note(summary: &mut Summary, rests: Rests) {
    summary.blocked.clear();
    summary.not_configured.clear();
    for (system, reason) in rests.reasons() {
        match reason {
            Reason::Blocked(problem) => summary.blocked.push((system, problem)),
            Reason::NotConfigured => summary.not_configured.push(system),
        }
    }
}

fn is_anything_due(outbox: &Outbox, summary: &Summary) -> Result<bool, OutboxError> {
    let resting: Vec<_> = summary
        .blocked
        .iter()
        .map(|(system, _)| system.clone())
        .chain(summary.not_configured.iter().cloned())
        .collect();
    let mut store = outbox.store()?;
    outbox.take_in(&mut store)?;
    let next = store.next_due(&resting)?;
    Ok(next.is_some_and(|next| next <= jiff::Timestamp::now()))
}

fn conclude(outbox: &Outbox, mut summary: Summary) -> Result<Summary, OutboxError> {
    let mut store = outbox.store()?;
    summary.unreadable = outbox.take_in(&mut store)?;
    for (state, count) in store.counts()? {
        match state {
            State::Waiting => summary.waiting = count,
            State::Refused => summary.refused = count,
            State::Held => summary.held = count,
        }
    }
    Ok(summary)
}
