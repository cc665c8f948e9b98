//! Deliveries of a sweep, carried out by the process that puts them into the outbox: claimed as they
//! are put there and let go many at a time, where one by one each would cost a dozen transactions.
//! Whatever is out of the ordinary is given back, for those who carry out all that waits.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::catalog::{Plan, Upsert};
use crate::http::Outcome;
use crate::outbox::{
    Arrival, DeliveryId, Ending, Flight, Outbox, OutboxError, RENEW, Worker, WorkerId,
};
use crate::port::{self, PlannedWork, Progress};

use super::event::{Event, Observer};

/// What ends within this time is taken down together: each transaction costs more than what is in it.
const GATHERED: Duration = Duration::from_millis(2);

/// A claimed delivery and what it has to do.
#[derive(Debug)]
pub struct Boarded {
    /// The delivery.
    pub delivery: DeliveryId,
    /// Its claim.
    pub flight: Flight,
    /// What it changes: nothing but upserts.
    pub upserts: Vec<Upsert<'static>>,
}

/// Carries deliveries out until it is closed.
pub struct Express<'a> {
    port: &'a port::Client,
    outbox: &'a Outbox,
    worker: Worker,
    carriers: usize,
    state: Mutex<State>,
    /// Something is to be carried, or nothing ever will be.
    work: Condvar,
    /// Something has come to its end.
    news: Condvar,
    /// Less is under way.
    room: Condvar,
}

#[derive(Default)]
struct State {
    /// Not begun.
    boarded: VecDeque<Boarded>,
    /// Begun, and not let go yet.
    aloft: BTreeMap<DeliveryId, Flight>,
    /// To be let go.
    arrived: Vec<Arrival>,
    /// To be left to others.
    failed: Vec<(DeliveryId, Flight)>,
    way: Way,
    is_closed: bool,
    /// Threads that carry.
    carriers: usize,
}

/// What is known of the way to Port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Way {
    /// Nobody has tried it: one goes ahead.
    #[default]
    Unknown,
    /// One is on it, the others wait for what he says.
    Tried,
    Open,
    /// Something is in the way of all. Others know how to wait.
    Shut,
}

/// Whose fault it is that a delivery failed.
enum Fault {
    Its,
    OfAll,
}

impl<'a> Express<'a> {
    /// Makes one that carries out so many deliveries at once.
    ///
    /// # Errors
    /// Where the state folder can't be used.
    pub fn new(
        outbox: &'a Outbox,
        port: &'a port::Client,
        carriers: usize,
    ) -> Result<Self, OutboxError> {
        Ok(Self {
            port,
            outbox,
            worker: outbox.worker()?,
            carriers: carriers.max(1),
            state: Mutex::default(),
            work: Condvar::new(),
            news: Condvar::new(),
            room: Condvar::new(),
        })
    }

    /// In whose name deliveries are claimed; none where they are better left to others.
    #[must_use]
    pub fn worker(&self) -> Option<&WorkerId> {
        let state = self.lock();
        let takes = state.way != Way::Shut && !state.is_closed;
        takes.then(|| self.worker.id())
    }

    /// Takes claimed deliveries.
    pub fn board(&self, boarded: Vec<Boarded>) {
        let mut state = self.lock();
        let more = boarded.len();
        state.boarded.extend(boarded);
        if state.is_closed || state.way == Way::Shut {
            state.shed();
            self.news.notify_one();
        }
        drop(state);
        for _ in 0..more {
            self.work.notify_one();
        }
    }

    /// Waits until no more than so many are under way, or until the deadline; whether it came to that.
    pub fn wait_for_room(&self, most: usize, deadline: Instant) -> bool {
        let mut state = self.lock();
        while !state.is_closed && state.boarded.len() + state.aloft.len() > most {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = wait(&self.room, state, left);
        }
        true
    }

    /// Carries out what boards, until it is closed and nothing is left.
    ///
    /// # Errors
    /// Where the outbox can't be used: what is claimed is free once this process has ended.
    pub fn run(&self, observer: &dyn Observer) -> Result<(), OutboxError> {
        thread::scope(|scope| {
            self.lock().carriers = self.carriers;
            for _ in 0..self.carriers {
                scope.spawn(|| self.carry());
            }
            let ended = self.let_go(observer);
            // Nobody takes down any more what the others do.
            self.close();
            ended
        })
    }

    /// Takes nothing any more. What has not begun is left to others.
    pub fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        state.shed();
        drop(state);
        self.work.notify_all();
        self.news.notify_all();
        self.room.notify_all();
    }

    fn carry(&self) {
        let _leaving = Leaving(self);
        while let Some(boarded) = self.next() {
            let delivery = boarded.delivery.clone();
            let flown = self.fly(boarded);
            let mut state = self.lock();
            let before = state.way;
            match flown {
                Ok(arrival) => {
                    state.way = state.way.proven();
                    state.arrived.push(arrival);
                }
                Err((flight, Fault::Its)) => {
                    state.way = state.way.proven();
                    state.failed.push((delivery, flight));
                }
                Err((flight, Fault::OfAll)) => {
                    state.way = Way::Shut;
                    state.failed.push((delivery, flight));
                    state.shed();
                }
            }
            if state.way != before {
                self.work.notify_all();
            }
            drop(state);
            self.news.notify_one();
        }
    }

    /// What to carry next; none where nothing ever will be.
    fn next(&self) -> Option<Boarded> {
        let mut state = self.lock();
        loop {
            let next = match state.way {
                Way::Unknown | Way::Open => state.boarded.pop_front(),
                Way::Tried | Way::Shut => None,
            };
            if let Some(boarded) = next {
                if state.way == Way::Unknown {
                    state.way = Way::Tried;
                }
                let (delivery, flight) = (boarded.delivery.clone(), boarded.flight.clone());
                state.aloft.insert(delivery, flight);
                return Some(boarded);
            }
            if state.is_closed {
                return None;
            }
            state = wait(&self.work, state, RENEW);
        }
    }

    fn fly(&self, boarded: Boarded) -> Result<Arrival, (Flight, Fault)> {
        let Boarded {
            delivery,
            flight,
            upserts,
        } = boarded;
        let plan = Plan {
            upserts,
            ..Plan::default()
        };
        let mut records = Vec::new();
        let work = PlannedWork {
            repository: &flight.lane.repository,
            plan: &plan,
            until: None,
            stop: None,
        };
        let report = self.port.carry_out_plan(&work, &mut |progress| {
            if let Progress::Upserted(upsert) = progress {
                records.push((upsert.key.clone(), upsert.delivered.clone()));
            }
        });
        match report.outcome() {
            Outcome::Done => Ok(Arrival {
                delivery,
                ending: Ending::Catalog {
                    upserted: report.upserted,
                    deleted: 0,
                    kept: 0,
                },
                records,
                flight,
            }),
            _ if report.stopped.is_some() => Err((flight, Fault::OfAll)),
            _ => Err((flight, Fault::Its)),
        }
    }

    /// Takes down what has become of the deliveries, all that there are at once.
    fn let_go(&self, observer: &dyn Observer) -> Result<(), OutboxError> {
        let mut store = self.outbox.store()?;
        let mut renewed = Instant::now();
        while let Some(Ended { arrived, failed }) = self.ended(renewed + RENEW) {
            if renewed.elapsed() >= RENEW {
                let claimed = self.lock().claimed();
                store.renew(&claimed)?;
                renewed = Instant::now();
            }
            let receipts = store.arrive(&arrived)?;
            let free: Vec<Flight> = failed.iter().map(|(_, flight)| flight.clone()).collect();
            store.give_back(&free)?;
            for receipt in receipts {
                observer.observe(Event::Finished(receipt));
            }
            let mut state = self.lock();
            let arrived = arrived.iter().map(|one| &one.delivery);
            for delivery in arrived.chain(failed.iter().map(|(delivery, _)| delivery)) {
                state.aloft.remove(delivery);
            }
            drop(state);
            self.room.notify_all();
        }
        Ok(())
    }

    /// What has ended by a moment; none where nothing ever will.
    fn ended(&self, by: Instant) -> Option<Ended> {
        let mut state = self.lock();
        while state.arrived.is_empty() && state.failed.is_empty() {
            if state.is_closed && (state.aloft.is_empty() || state.carriers == 0) {
                return None;
            }
            let left = by.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = wait(&self.news, state, left);
        }
        drop(state);
        thread::sleep(GATHERED);
        let mut state = self.lock();
        Some(Ended {
            arrived: std::mem::take(&mut state.arrived),
            failed: std::mem::take(&mut state.failed),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Also where a thread panics, those that wait for it go on.
struct Leaving<'a>(&'a Express<'a>);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.lock().carriers -= 1;
        self.0.news.notify_one();
    }
}

/// Deliveries that came to an end.
struct Ended {
    arrived: Vec<Arrival>,
    failed: Vec<(DeliveryId, Flight)>,
}

fn wait<'s>(
    condition: &Condvar,
    state: MutexGuard<'s, State>,
    most: Duration,
) -> MutexGuard<'s, State> {
    condition
        .wait_timeout(state, most)
        .unwrap_or_else(PoisonError::into_inner)
        .0
}

impl Way {
    fn proven(self) -> Self {
        match self {
            Self::Shut => Self::Shut,
            Self::Unknown | Self::Tried | Self::Open => Self::Open,
        }
    }
}

impl State {
    /// Leaves to others what has not begun.
    fn shed(&mut self) {
        let shed = self.boarded.drain(..);
        self.failed
            .extend(shed.map(|boarded| (boarded.delivery, boarded.flight)));
    }

    fn claimed(&self) -> Vec<Flight> {
        let boarded = self.boarded.iter().map(|boarded| &boarded.flight);
        self.aloft.values().chain(boarded).cloned().collect()
    }
}
