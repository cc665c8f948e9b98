//! What all requests and workers share.

use std::sync::{Mutex, PoisonError};

use super::event::Event;
use super::inbox::Inbox;
use super::metrics::Metrics;
use super::rate::Rate;
use super::replay::{BodyDigest, Seen};
use super::session::Sessions;
use super::settings::Settings;
use crate::outbox::{Outbox, OutboxError, Overview, Store};

/// Refused webhooks that are told of in a minute; all are counted.
const TOLD_A_MINUTE: u32 = 30;

/// Wrongly signed webhooks that are told why in a minute. Rightly signed ones don't count here: who
/// does not know the secret can't use theirs up.
const UNTRUSTED_A_MINUTE: u32 = 300;

/// Who is told what happens.
pub type Observer = Box<dyn Fn(Event) + Send + Sync>;

/// What all requests and workers share.
pub struct Site {
    pub(super) settings: Settings,
    pub(super) inbox: Inbox,
    pub(super) outbox: Outbox,
    pub(super) metrics: Metrics,
    pub(super) sessions: Sessions,
    pub(super) seen: Seen,
    pub(super) webhooks: Rate,
    pub(super) untrusted: Rate,
    told: Rate,
    store: Mutex<Option<Store>>,
    observer: Observer,
}

impl Site {
    pub(super) fn new(
        settings: Settings,
        inbox: Inbox,
        outbox: Outbox,
        observer: Observer,
    ) -> Self {
        let seen = Seen::new(settings.limits.replay_window);
        for digest in inbox.digests() {
            seen.note(&BodyDigest::kept(&digest));
        }
        Self {
            inbox,
            outbox,
            metrics: Metrics::new(),
            sessions: Sessions::new(settings.token.clone()),
            seen,
            webhooks: Rate::per_minute(settings.limits.per_minute),
            untrusted: Rate::per_minute(UNTRUSTED_A_MINUTE),
            told: Rate::per_minute(TOLD_A_MINUTE),
            store: Mutex::new(None),
            observer,
            settings,
        }
    }

    /// Tells of something.
    pub(super) fn say(&self, event: Event) {
        (self.observer)(event);
    }

    /// Tells of something that strangers can make happen as often as they like.
    pub(super) fn say_now_and_then(&self, event: Event) {
        if self.told.take().is_ok() {
            self.say(event);
        }
    }

    /// What waits in the outbox. It blocks.
    pub(super) fn overview(&self, most: usize) -> Result<Overview, OutboxError> {
        let mut open = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let looked = self.look(&mut open, most);
        if looked.is_err() {
            // The next look connects anew.
            *open = None;
        }
        looked
    }

    fn look(&self, open: &mut Option<Store>, most: usize) -> Result<Overview, OutboxError> {
        let store = match open {
            Some(store) => store,
            None => open.insert(self.outbox.store()?),
        };
        self.outbox.take_in(store)?;
        store.overview(most)
    }
}
