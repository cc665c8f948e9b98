//! A run: once over what is due, or on and on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::outbox::{Outbox, OutboxError, State, System};
use crate::{algorithmia, port};

use super::back_off::BackOff;
use super::event::{Observer, Summary};
use super::lane::{Lane, Rest};

/// The systems that deliveries go to; none where one is not configured.
#[derive(Debug, Default)]
pub struct Remotes {
    /// Port.
    pub port: Option<port::Client>,
    /// Algorithmia.
    pub algorithmia: Option<algorithmia::Client>,
}

/// How deliveries are carried out.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The waits between tries.
    pub back_off: BackOff,
    /// How often the outbox is looked at while nothing is due.
    pub poll: Duration,
    /// How long it can be told what became of a delivery.
    pub keep_receipts: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            back_off: BackOff::default(),
            poll: Duration::from_secs(1),
            keep_receipts: Duration::from_secs(24 * 60 * 60),
        }
    }
}

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
    /// That long from now.
    #[must_use]
    pub fn after(time: Duration) -> Self {
        Instant::now()
            .checked_add(time)
            .map_or(Self::NothingDue, Self::At)
    }
}

/// How a lane knows that it is to end.
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

    /// When calls that may safely be cut off are cut off.
    pub(super) fn cut(self) -> Option<Instant> {
        match self {
            Self::Once(Deadline::At(moment)) => Some(moment),
            _ => None,
        }
    }
}

/// Carries out what is due, one worker a state folder: where another one is at work, it will see
/// what was put into the outbox before it ends.
///
/// # Errors
/// Where the outbox can't be read or written.
pub fn deliver(
    outbox: &Outbox,
    remotes: &Remotes,
    settings: &Settings,
    deadline: Deadline,
    observer: &dyn Observer,
) -> Result<Summary, OutboxError> {
    let mode = Mode::Once(deadline);
    let mut summary = Summary::default();
    let mut rests = Vec::new();
    outbox.sweep(settings.keep_receipts)?;
    loop {
        let Some(worker) = outbox.worker()? else {
            summary.busy = true;
            break;
        };
        rests = lanes(
            outbox,
            remotes,
            settings,
            mode,
            observer,
            rests,
            &mut summary,
        )?;
        drop(worker);
        // Who put something here while we held the lock left it to us.
        if mode.is_over() || !is_anything_left(outbox, &rests)? {
            break;
        }
    }
    conclude(outbox, &rests, summary)
}

/// Carries out what is put into the outbox until the flag is set.
///
/// # Errors
/// Where the outbox can't be read or written.
pub fn watch(
    outbox: &Outbox,
    remotes: &Remotes,
    settings: &Settings,
    stop: &AtomicBool,
    observer: &dyn Observer,
) -> Result<Summary, OutboxError> {
    let mode = Mode::Watch(stop);
    let mut summary = Summary::default();
    let mut rests = Vec::new();
    while !mode.is_over() {
        match outbox.worker()? {
            Some(_worker) => {
                rests = lanes(
                    outbox,
                    remotes,
                    settings,
                    mode,
                    observer,
                    rests,
                    &mut summary,
                )?;
            }
            None => thread::sleep(settings.poll),
        }
    }
    conclude(outbox, &rests, summary)
}

/// Both systems at once: a slow build keeps no entity waiting.
fn lanes(
    outbox: &Outbox,
    remotes: &Remotes,
    settings: &Settings,
    mode: Mode<'_>,
    observer: &dyn Observer,
    rests: Vec<Rest>,
    summary: &mut Summary,
) -> Result<Vec<Rest>, OutboxError> {
    let lane = |system| {
        let rest = rests.iter().find(|rest| rest.system == system).cloned();
        Lane {
            outbox,
            remotes,
            settings,
            mode,
            observer,
            finished: 0,
            rest: rest.unwrap_or_else(|| Rest::none(system)),
        }
    };
    let (port, algorithmia) = (lane(System::Port), lane(System::Algorithmia));
    let ended = thread::scope(|scope| {
        let other = scope.spawn(|| algorithmia.run());
        let own = port.run();
        let other = other
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        [own, other]
    });
    let mut rests = Vec::new();
    for lane in ended {
        let (finished, rest) = lane?;
        summary.finished += finished;
        rests.push(rest);
    }
    Ok(rests)
}

fn is_anything_left(outbox: &Outbox, rests: &[Rest]) -> Result<bool, OutboxError> {
    let now = Timestamp::now();
    let listing = outbox.list()?;
    Ok(listing.deliveries.iter().any(|delivery| {
        delivery.is_due(now)
            && rests
                .iter()
                .any(|rest| rest.system == delivery.job.system() && !rest.is_resting())
    }))
}

fn conclude(outbox: &Outbox, rests: &[Rest], mut summary: Summary) -> Result<Summary, OutboxError> {
    let listing = outbox.list()?;
    for delivery in &listing.deliveries {
        match delivery.state {
            State::Waiting => summary.waiting += 1,
            State::Refused => summary.refused += 1,
        }
    }
    summary.unreadable = listing.unreadable;
    for rest in rests {
        if let Some(problem) = &rest.blocked {
            summary.blocked.push((rest.system, problem.clone()));
        }
        if rest.not_configured {
            summary.not_configured.push(rest.system);
        }
    }
    Ok(summary)
}
