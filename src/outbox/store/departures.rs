//! Deliveries that whoever puts them here carries out at once: put and claimed in one transaction, and
//! let go in another one, many at a time.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::database::{Session, Value};
use super::deliveries::leave;
use super::flights::{Flight, Lane, give_back, hold, take};
use super::{Store, inventory, stored};
use crate::catalog::{Delivered, EntityKey};
use crate::outbox::worker::WorkerId;
use crate::outbox::{Delivery, DeliveryId, Ending, OutboxError, Receipt};

/// What is to be known before a delivery is carried out at once.
#[derive(Clone, Debug)]
pub struct Departure {
    /// The delivery, one of those that are put here.
    pub delivery: DeliveryId,
    /// What may be at Port once the first call was made.
    pub records: BTreeMap<EntityKey, Delivered>,
    /// When it was asked where the branch stands: what was delivered since may be newer.
    pub asked: Timestamp,
}

/// A delivery that was carried out at once.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Its claim.
    pub flight: Flight,
    /// The delivery.
    pub delivery: DeliveryId,
    /// What has arrived.
    pub records: Vec<(EntityKey, Delivered)>,
    /// How it ended.
    pub ending: Ending,
}

impl Store {
    /// Notes what was carried out and lets it leave. What somebody else has claimed meanwhile is left
    /// to him.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn arrive(&mut self, arrivals: &[Arrival]) -> Result<Vec<Receipt>, OutboxError> {
        // Lost with the machine's power, it is carried out again.
        self.database.fleeting(|session| {
            let mut receipts = Vec::new();
            for arrival in arrivals {
                match hold(session, &arrival.flight) {
                    Err(OutboxError::TakenOver { .. }) => continue,
                    held => held?,
                }
                let repository = &arrival.flight.lane.repository;
                let records = arrival.records.iter().map(|(key, known)| (key, known));
                inventory::write_all(session, repository, records)?;
                let ending = arrival.ending.clone();
                receipts.extend(leave(session, &arrival.delivery, ending)?);
                give_back(session, &arrival.flight)?;
            }
            Ok(receipts)
        })
    }

    /// Leaves to others what was to be carried out at once.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn give_back(&mut self, flights: &[Flight]) -> Result<(), OutboxError> {
        self.database.fleeting(|session| {
            flights
                .iter()
                .try_for_each(|flight| give_back(session, flight))
        })
    }
}

/// Claims what was just put here, where nothing speaks against its being carried out at once.
pub(super) fn depart(
    session: &mut dyn Session,
    delivery: &Delivery,
    departure: &Departure,
    worker: &WorkerId,
) -> Result<Option<Flight>, OutboxError> {
    let now = Timestamp::now();
    let lane = Lane {
        repository: delivery.repository.clone(),
        system: delivery.job.system(),
    };
    if is_kept_back(session, &lane, departure.asked, now)? {
        return Ok(None);
    }
    let claim = worker.claim();
    if !take(session, &lane, worker, &claim, now)? {
        return Ok(None);
    }
    let flight = Flight { lane, claim };
    let repository = &flight.lane.repository;
    let written = inventory::write_all(session, repository, departure.records.iter())?;
    if written < departure.records.len() as u64 {
        // Another repository owns one of them by now.
        give_back(session, &flight)?;
        return Ok(None);
    }
    Ok(Some(flight))
}

/// Whether something else is to be done before, or was done meanwhile: that is for those who look
/// at all that waits.
fn is_kept_back(
    session: &mut dyn Session,
    lane: &Lane,
    asked: Timestamp,
    now: Timestamp,
) -> Result<bool, OutboxError> {
    let [repository, system] = lane.values();
    let (asked, now) = (stored(asked).into(), stored(now).into());
    let values: [Value; 4] = [repository, system, asked, now];
    let rows = session.query(
        "SELECT
           (SELECT COUNT(*) FROM deliveries WHERE repository = $1 AND system = $2)
             + (SELECT COUNT(*) FROM turns WHERE repository = $1 AND system = $2 AND last >= $3)
             + (SELECT COUNT(*) FROM pauses
                WHERE system = $2 AND (failures > 0 OR until > $4))",
        &values,
    )?;
    // The one that was just put here.
    Ok(rows.first().map_or(Ok(0), |row| row.number(0))? != 1)
}
