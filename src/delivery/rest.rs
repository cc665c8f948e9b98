//! Systems that are left alone for a while: they take nothing from us, or nobody knows where they
//! are. What a system asks all workers to wait for is in the store.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::http::Problem;
use crate::outbox::System;

/// The systems that this process leaves alone.
#[derive(Debug, Default)]
pub(super) struct Rests(Mutex<BTreeMap<System, Rest>>);

/// Why one system is left alone, and how long.
#[derive(Clone, Debug)]
pub(super) struct Rest {
    pub(super) reason: Reason,
    until: Instant,
}

/// Why a system is left alone.
#[derive(Clone, Debug)]
pub(super) enum Reason {
    /// It takes nothing from us.
    Blocked(Problem),
    /// Something waits for it, and nobody knows where it is.
    NotConfigured,
}

/// What a run does once the time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    /// A person may have mended it meanwhile: it is tried again.
    TriesAgain,
    /// The run leaves it to the next one.
    GivesUp,
}

impl Rests {
    /// Leaves a system alone; whether that is new.
    pub(super) fn begin(&self, system: System, reason: Reason, time: Duration) -> bool {
        let until = Instant::now() + time;
        let mut rests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        rests.insert(system, Rest { reason, until }).is_none()
    }

    /// The systems that rest.
    pub(super) fn systems(&self, patience: Patience) -> Vec<System> {
        let mut rests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if patience == Patience::TriesAgain {
            let now = Instant::now();
            rests.retain(|_, rest| rest.until > now);
        }
        rests.keys().cloned().collect()
    }

    /// Every system with its reason.
    pub(super) fn reasons(self) -> impl Iterator<Item = (System, Reason)> {
        let rests = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        rests
            .into_iter()
            .map(|(system, rest)| (system, rest.reason))
    }
}
