//! What is told while deliveries are carried out, and at the end.

use jiff::Timestamp;

use crate::http::Problem;
use crate::outbox::{DeliveryId, Receipt, System, Unreadable};
use crate::repository::RepositoryName;

/// Something that happened to deliveries.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// One was carried out and has left the outbox.
    Finished(Receipt),
    /// Some of a repository failed and wait for their next try.
    Postponed {
        /// Which ones.
        ids: Vec<DeliveryId>,
        /// Whose.
        repository: RepositoryName,
        /// Why.
        problem: Problem,
        /// When they are tried again.
        next_try: Timestamp,
    },
    /// Some were refused for good and wait for a person, or for a newer push.
    Refused {
        /// Which ones.
        ids: Vec<DeliveryId>,
        /// Whose.
        repository: RepositoryName,
        /// Why.
        problem: Problem,
    },
    /// One would delete so much that a person has to approve it; all else of it was carried out.
    Held {
        /// Which one.
        id: DeliveryId,
        /// Whose.
        repository: RepositoryName,
        /// What would be deleted.
        message: String,
        /// What to do.
        help: String,
    },
    /// A system takes nothing from us, credentials or address are wrong; what waits for it stays.
    Blocked {
        /// The system.
        system: System,
        /// Why.
        problem: Problem,
    },
    /// Deliveries wait for a system that is not configured.
    NotConfigured(System),
    /// Something that a person should look at, but that is in nobody's way.
    Warning(String),
}

/// Who is told, from more than one thread.
pub trait Observer: Sync {
    /// Takes note.
    fn observe(&self, event: Event);
}

impl<F: Fn(Event) + Sync> Observer for F {
    fn observe(&self, event: Event) {
        self(event);
    }
}

/// What a run came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// Another process carries deliveries out at this moment; it will see what was put here.
    pub busy: bool,
    /// Deliveries that left the outbox.
    pub finished: usize,
    /// Deliveries that still wait.
    pub waiting: usize,
    /// Deliveries that were refused, now or earlier, and wait for a person.
    pub refused: usize,
    /// Deliveries that a person has to approve.
    pub held: usize,
    /// Systems that take nothing from us, and why.
    pub blocked: Vec<(System, Problem)>,
    /// Systems that deliveries wait for and that are not configured.
    pub not_configured: Vec<System>,
    /// Files of the outbox that can't be read.
    pub unreadable: Vec<Unreadable>,
}

impl Summary {
    /// Whether nothing is left to do or to look at.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        self.waiting + self.refused + self.held == 0 && self.unreadable.is_empty()
    }
}
