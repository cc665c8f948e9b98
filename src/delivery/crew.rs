//! The workers of one run: each claims what a repository has for a system, carries it out, and goes
//! on with the next.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::outbox::{
    Delivery, DeliveryId, Ending, Flight, Outbox, OutboxError, RENEW, Receipt, Store, System,
    WorkerId,
};

use super::event::{Event, Observer};
use super::rest::{Patience, Rests};
use super::run::{Mode, Remotes, Settings};
use super::tip::Tips;

/// How often a run that goes on tidies up.
const TIDY: Duration = Duration::from_secs(60 * 60);

/// How often dead workers are looked for at least.
const FREE: Duration = Duration::from_secs(1);

/// What the workers of a run share.
pub(super) struct Crew<'a> {
    pub(super) outbox: &'a Outbox,
    pub(super) remotes: &'a Remotes,
    pub(super) settings: &'a Settings,
    pub(super) tips: &'a dyn Tips,
    pub(super) mode: Mode<'a>,
    pub(super) observer: &'a dyn Observer,
    pub(super) worker: &'a WorkerId,
    pub(super) rests: Rests,
    pub(super) finished: AtomicUsize,
    taking_in: Mutex<()>,
    in_flight: Mutex<Vec<Flight>>,
    /// Whether there is nothing left to prolong.
    over: Mutex<bool>,
    ended: Condvar,
    failed: AtomicBool,
}

/// When what has to be done now and then was done last.
#[derive(Default)]
struct Chores {
    tidied: Option<Instant>,
    freed: Option<Instant>,
}

/// What a worker does once its turn is over.
enum Next {
    /// It takes another one.
    Turn,
    /// It ends: nothing is left for it, or the run is over.
    End,
}

/// Whether it is time again; then it counts as done.
fn is_due(last: &mut Option<Instant>, every: Duration) -> bool {
    let due = last.is_none_or(|last| last.elapsed() >= every);
    if due {
        *last = Some(Instant::now());
    }
    due
}

impl<'a> Crew<'a> {
    pub(super) fn new(
        outbox: &'a Outbox,
        remotes: &'a Remotes,
        settings: &'a Settings,
        tips: &'a dyn Tips,
        mode: Mode<'a>,
        observer: &'a dyn Observer,
        worker: &'a WorkerId,
    ) -> Self {
        Self {
            outbox,
            remotes,
            settings,
            tips,
            mode,
            observer,
            worker,
            rests: Rests::default(),
            finished: AtomicUsize::new(0),
            taking_in: Mutex::default(),
            in_flight: Mutex::default(),
            over: Mutex::new(false),
            ended: Condvar::new(),
            failed: AtomicBool::new(false),
        }
    }

    /// Works until the mode says that it is over, or nothing is left that can be carried out.
    pub(super) fn work(&self) -> Result<(), OutboxError> {
        thread::scope(|scope| {
            let renewing = scope.spawn(|| self.renew());
            let others: Vec<_> = (1..self.settings.workers.max(1))
                .map(|_| scope.spawn(|| self.member()))
                .collect();
            let mut ended = self.member();
            for other in others {
                let other = other
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                ended = ended.and(other);
            }
            *self.over.lock().unwrap_or_else(PoisonError::into_inner) = true;
            self.ended.notify_all();
            let _ = renewing.join();
            ended
        })
    }

    fn member(&self) -> Result<(), OutboxError> {
        let ended = self.store().and_then(|mut store| {
            let mut chores = Chores::default();
            loop {
                match self.turn(&mut store, &mut chores) {
                    Ok(Next::Turn) => {}
                    Ok(Next::End) => return Ok(()),
                    Err(error) if self.mode.is_watch() => {
                        // The store may come back; what was done is done again without harm.
                        self.observer.observe(Event::Warning(error.to_string()));
                        self.pause(self.settings.back_off.longest.min(Duration::from_secs(5)));
                        let _ = store.heal();
                        if self.mode.is_over() {
                            return Ok(());
                        }
                    }
                    Err(error) => return Err(error),
                }
            }
        });
        if ended.is_err() {
            self.failed.store(true, Ordering::Relaxed);
        }
        ended
    }

    fn store(&self) -> Result<Store, OutboxError> {
        loop {
            match self.outbox.store() {
                Err(error) if self.mode.is_watch() && !self.mode.is_over() => {
                    self.observer.observe(Event::Warning(error.to_string()));
                    self.pause(Duration::from_secs(5));
                }
                opened => return opened,
            }
        }
    }

    /// Carries out one lane, or waits for one.
    fn turn(&self, store: &mut Store, chores: &mut Chores) -> Result<Next, OutboxError> {
        if self.mode.is_over() || self.failed.load(Ordering::Relaxed) {
            return Ok(Next::End);
        }
        if is_due(&mut chores.tidied, TIDY) {
            self.outbox.sweep(store, self.settings.keep_receipts)?;
        }
        // Also where there is always something else to do.
        if is_due(&mut chores.freed, FREE) {
            self.outbox.free_flights_of_the_dead(store, self.worker)?;
            store.retry_wanted(&self.settings.owners)?;
        }
        {
            // The others would only read the same files, which may be large.
            let _alone = self
                .taking_in
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            self.outbox.take_in(store)?;
        }
        let resting = self.rests.systems(self.mode.patience());
        if let Some(flight) = store.claim(self.worker, &resting)? {
            // Another worker of ours may have learnt meanwhile that the system takes nothing.
            let resting = self.rests.systems(self.mode.patience());
            if resting.contains(&flight.lane.system) {
                store.land(&flight)?;
            } else {
                self.fly(store, &flight)?;
            }
            return Ok(Next::Turn);
        }
        if self.outbox.free_flights_of_the_dead(store, self.worker)?
            || store.retry_wanted(&self.settings.owners)? > 0
        {
            return Ok(Next::Turn);
        }
        self.wait(store, &resting)
    }

    fn fly(&self, store: &mut Store, flight: &Flight) -> Result<(), OutboxError> {
        self.flights().push(flight.clone());
        let flown = match &flight.lane.system {
            System::Port => self.entities(store, flight),
            System::Algorithmia | System::Trigger(_) => self.builds(store, flight),
        };
        self.flights().retain(|other| other != flight);
        let landed = store.land(flight);
        match flown {
            // Its lease had ended; the other worker's word counts.
            Err(OutboxError::TakenOver { .. }) => Ok(()),
            Err(error) => Err(error),
            Ok(()) => landed,
        }
    }

    fn flights(&self) -> std::sync::MutexGuard<'_, Vec<Flight>> {
        self.in_flight
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until something may be due, where it is worth it.
    fn wait(&self, store: &mut Store, resting: &[System]) -> Result<Next, OutboxError> {
        // What another worker of ours carries out may have to be tried again, or lets others go on.
        let alone = self.flights().is_empty();
        let Some(deadline) = self.mode.deadline() else {
            let goes_on = self.mode.is_watch() || !alone && store.is_any_probed()?;
            if !goes_on {
                return Ok(Next::End);
            }
            self.pause(self.settings.poll);
            return Ok(Next::Turn);
        };
        let Some(next) = store.next_due(resting)? else {
            if alone {
                return Ok(Next::End);
            }
            self.pause(self.settings.poll);
            return Ok(Next::Turn);
        };
        let wait = Timestamp::now()
            .until(next)
            .ok()
            .and_then(|span| Duration::try_from(span).ok())
            .unwrap_or_default();
        if alone && wait >= deadline.saturating_duration_since(Instant::now()) {
            return Ok(Next::End);
        }
        self.pause(wait.clamp(
            Duration::from_millis(1),
            self.settings.poll.max(Duration::from_millis(1)),
        ));
        Ok(Next::Turn)
    }

    /// Sleeps, but not through the end of a run.
    fn pause(&self, time: Duration) {
        const SLICE: Duration = Duration::from_millis(100);
        // Who looks often is to end soon.
        let slice = SLICE
            .min(self.settings.poll / 8)
            .max(Duration::from_millis(1));
        let end = Instant::now() + time;
        while !self.mode.is_over() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            thread::sleep(left.min(slice));
        }
    }

    /// Prolongs the claims until the run is over.
    fn renew(&self) {
        let mut store = None;
        let mut over = self.over.lock().unwrap_or_else(PoisonError::into_inner);
        while !*over {
            over = self
                .ended
                .wait_timeout(over, RENEW)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
            if *over {
                break;
            }
            let flights = self.flights().clone();
            if flights.is_empty() {
                continue;
            }
            if store.is_none() {
                store = self.outbox.store().ok();
            }
            if let Some(open) = &mut store
                && open.renew(&flights).is_err()
            {
                store = None;
            }
        }
    }

    /// Lets deliveries leave, each with its ending.
    pub(super) fn finish(
        &self,
        store: &mut Store,
        flight: &Flight,
        endings: &[(DeliveryId, Ending)],
    ) -> Result<(), OutboxError> {
        self.tell(store.finish(flight, endings)?);
        Ok(())
    }

    pub(super) fn tell(&self, receipts: Vec<Receipt>) {
        for receipt in receipts {
            self.finished.fetch_add(1, Ordering::Relaxed);
            self.observer.observe(Event::Finished(receipt));
        }
    }
}

/// The endings of deliveries that are carried out together: the newest one, which is the last, has it,
/// and the others went along.
pub(super) fn endings(members: &[&Delivery], ending: Ending) -> Vec<(DeliveryId, Ending)> {
    let Some((newest, older)) = members.split_last() else {
        return Vec::new();
    };
    let mut endings = carried(older, newest);
    endings.push((newest.id.clone(), ending));
    endings
}

/// The endings of those that go along with a newer one.
pub(super) fn carried(older: &[&Delivery], newest: &Delivery) -> Vec<(DeliveryId, Ending)> {
    older
        .iter()
        .map(|older| (older.id.clone(), Ending::CarriedBy(newest.id.clone())))
        .collect()
}

impl Mode<'_> {
    fn patience(self) -> Patience {
        if self.is_watch() {
            Patience::TriesAgain
        } else {
            Patience::GivesUp
        }
    }
}
