//! What a sweep puts into the outbox together, and which of it is carried out at once.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::catalog::{Delivered, EntityKey, Plan, Upsert};
use crate::delivery::{Boarded, Express};
use crate::outbox::{Delivery, DeliveryId, Departure, OutboxError, Seen, Store, Sweep};

/// Upserts of a delivery that is carried out as soon as it is in the outbox: what has arrived is
/// noted once all have.
const MOST_AT_ONCE: usize = 40;

/// What is to be put into the outbox together.
#[derive(Default)]
pub(super) struct Due {
    deliveries: Vec<Delivery>,
    /// Those of them that may be carried out at once, and what they send then.
    departures: Vec<Departure>,
    upserts: BTreeMap<DeliveryId, Vec<Upsert<'static>>>,
}

impl Due {
    /// Adds one that is carried out as any other.
    pub(super) fn add(&mut self, delivery: Delivery) {
        self.deliveries.push(delivery);
    }

    /// Adds one that may be carried out at once: what may be at Port once it has begun, and what it
    /// sends. The branch was asked for at `asked`.
    pub(super) fn add_at_once(
        &mut self,
        delivery: Delivery,
        records: BTreeMap<EntityKey, Option<Delivered>>,
        upserts: Vec<Upsert<'static>>,
        asked: Timestamp,
    ) {
        let records = records.into_iter();
        let records = records.filter_map(|(key, known)| Some((key, known?)));
        self.departures.push(Departure {
            delivery: delivery.id.clone(),
            records: records.collect(),
            asked,
        });
        self.upserts.insert(delivery.id.clone(), upserts);
        self.add(delivery);
    }

    /// Puts all into the outbox, with what the sweep saw, and hands over what was claimed.
    ///
    /// # Errors
    /// The store's.
    pub(super) fn put(
        mut self,
        store: &mut Store,
        sweep: &Sweep,
        seen: &[Seen],
        express: Option<&Express<'_>>,
    ) -> Result<(), OutboxError> {
        let express = express.and_then(|express| Some((express, express.worker()?)));
        let departures = express.map(|(_, worker)| (worker, self.departures.as_slice()));
        let flights = store.note_swept(sweep, seen, &self.deliveries, departures)?;
        if let Some((express, _)) = express {
            let boarded = flights.into_iter().map(|(delivery, flight)| Boarded {
                upserts: self.upserts.remove(&delivery).unwrap_or_default(),
                delivery,
                flight,
            });
            express.board(boarded.collect());
        }
        Ok(())
    }
}

/// Whether a plan does nothing that somebody has to decide on, and no more than is sent again without
/// regret where it is cut off.
pub(super) fn is_plain(plan: &Plan<'_>) -> bool {
    let Plan {
        upserts,
        deletions,
        unchanged: _,
        kept,
        forgotten,
        held,
        taken,
    } = plan;
    (1..=MOST_AT_ONCE).contains(&upserts.len())
        && deletions.is_empty()
        && kept.is_empty()
        && forgotten.is_empty()
        && held.is_none()
        && taken.is_empty()
}
