//! Where deliveries wait: files that hooks write, and a store that the delivering process takes them
//! into. Nothing leaves it unless it was carried out or a person discarded it.

mod build;
mod build_job;
mod coalesce;
mod delivery;
mod error;
mod id;
mod owner;
mod receipt;
mod spool;
mod store;
mod system;
mod worker;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use spool::Spool;
use store::Line;

use crate::private_file;

pub use build::{BuildGroup, group_builds};
pub use build_job::{BuildJob, BuildTarget};
pub use coalesce::{CatalogGroup, group_catalogs};
pub use delivery::{CatalogJob, Delivery, Extent, Job, Problem, State};
pub use error::OutboxError;
pub use id::{DeliveryId, NotADeliveryId};
pub use receipt::{Ending, Receipt};
pub use spool::{Listing, Unreadable};
pub use store::{
    Arrival, Departure, Flight, Gone, LEASE, Lane, Outline, Overview, PostgresAddress, RENEW, Read,
    Seen, Store, StoreAddress, Sweep, Waiting,
};
pub use system::System;
pub use worker::{Courier, Worker, WorkerId};

/// The outbox of a state folder.
#[derive(Clone, Debug)]
pub struct Outbox {
    state: PathBuf,
    spool: Spool,
    address: StoreAddress,
    line: Arc<Line>,
}

/// Where a delivery stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Status {
    /// It waits, or was refused.
    Pending(Box<Delivery>),
    /// It is there, but can't be read.
    Unreadable(Unreadable),
    /// It left the outbox within the last day.
    Finished(Receipt),
    /// Nobody knows of it (any more).
    Unknown,
}

impl Outbox {
    /// Opens the outbox of a state folder, and makes what is missing of the folder. The store is not
    /// reached before something is asked of it: a hook only puts deliveries down.
    ///
    /// # Errors
    /// Where the folders can't be made.
    pub fn open(state: &Path, address: StoreAddress) -> Result<Self, OutboxError> {
        Ok(Self {
            state: state.to_owned(),
            spool: Spool::open(state)?,
            address,
            line: Arc::default(),
        })
    }

    /// Whether its store is in the state folder: one connection is quickest there, where many are
    /// elsewhere.
    #[must_use]
    pub fn is_in_folder(&self) -> bool {
        matches!(self.address, StoreAddress::Folder(_))
    }

    /// Puts a delivery here. Once this returns, it survives any kill.
    ///
    /// # Errors
    /// Where it can't be written; then nothing may be acknowledged.
    pub fn put(&self, delivery: &Delivery) -> Result<DeliveryId, OutboxError> {
        self.spool.put(delivery)?;
        Ok(delivery.id.clone())
    }

    /// Proves that all of these could be put here at this moment; nothing of them stays.
    ///
    /// # Errors
    /// As [`Outbox::put`].
    pub fn try_out(&self, deliveries: &[Delivery]) -> Result<(), OutboxError> {
        self.spool.try_out(deliveries)
    }

    /// The store, opened anew.
    ///
    /// # Errors
    /// Where it can't be reached.
    pub fn store(&self) -> Result<Store, OutboxError> {
        if let StoreAddress::Folder(folder) = &self.address {
            private_file::prepare(&folder.join(store::FILE));
        }
        Store::open(&self.address, &self.line)
    }

    /// Takes what hooks have put down into the store; files that can't be read stay where they are.
    ///
    /// # Errors
    /// Where files or the store fail.
    pub fn take_in(&self, store: &mut Store) -> Result<Vec<Unreadable>, OutboxError> {
        self.spool.empty_into(|delivery| store.take_in(delivery))
    }

    /// Everything that waits, oldest first.
    ///
    /// # Errors
    /// Where the folder or the store can't be read.
    pub fn list(&self) -> Result<Listing, OutboxError> {
        let mut store = self.store()?;
        let unreadable = self.take_in(&mut store)?;
        Ok(Listing {
            deliveries: store.deliveries()?,
            unreadable,
        })
    }

    /// Where a delivery stands.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn status(&self, id: &DeliveryId) -> Result<Status, OutboxError> {
        self.status_in(&mut None, id)
    }

    /// Where a delivery stands, for who looks again and again: the store is opened once.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn status_in(
        &self,
        store: &mut Option<Store>,
        id: &DeliveryId,
    ) -> Result<Status, OutboxError> {
        match self.spool.find(id) {
            Ok(Some(delivery)) => return Ok(Status::Pending(Box::new(delivery))),
            Ok(None) => {}
            Err(unreadable) => return Ok(Status::Unreadable(unreadable)),
        }
        let store = match store {
            Some(open) => open,
            None => store.insert(self.store()?),
        };
        // It leaves with its receipt at once, so this order misses nothing.
        if let Some(delivery) = store.delivery(id)? {
            return Ok(Status::Pending(Box::new(delivery)));
        }
        Ok(match store.receipt(id)? {
            Some(receipt) => Status::Finished(receipt),
            None => Status::Unknown,
        })
    }

    /// Makes a delivery due at once, whether it was refused or waits for its next try. Who asks for it
    /// knows more than we do: systems that nobody was to call for a while are called again.
    ///
    /// # Errors
    /// Where it doesn't wait here, or can't be rewritten.
    pub fn retry(&self, id: &DeliveryId) -> Result<Delivery, OutboxError> {
        let mut store = self.readable(id)?;
        store.end_pauses()?;
        store.update(id, |delivery| {
            delivery.state = State::Waiting;
            delivery.next_try = Timestamp::now();
        })
    }

    /// Lets a delivery that would delete much go on.
    ///
    /// # Errors
    /// Where it doesn't wait here, or can't be rewritten.
    pub fn approve(&self, id: &DeliveryId) -> Result<Delivery, OutboxError> {
        self.readable(id)?.update(id, |delivery| {
            if let Job::Catalog(job) = &mut delivery.job {
                job.approved = true;
            }
            delivery.state = State::Waiting;
            delivery.next_try = Timestamp::now();
        })
    }

    /// Takes a delivery out without carrying it out. A receipt says so.
    ///
    /// # Errors
    /// Where it doesn't wait here, can't be read, or can't be removed.
    pub fn discard(&self, id: &DeliveryId) -> Result<Receipt, OutboxError> {
        self.readable(id)?.discard(id)
    }

    /// The store with all that hooks have put down, unless the delivery that is asked for is a file
    /// that can't be read.
    fn readable(&self, id: &DeliveryId) -> Result<Store, OutboxError> {
        self.spool.find(id).map_err(OutboxError::Unreadable)?;
        let mut store = self.store()?;
        self.take_in(&mut store)?;
        Ok(store)
    }

    /// The right to be the one process that pushes start; none where another one is at work.
    ///
    /// # Errors
    /// Where the lock can't be asked for.
    pub fn courier(&self) -> Result<Option<Courier>, OutboxError> {
        Courier::hire(&self.state.join("courier.lock"))
    }

    /// Enters the list of this state folder's workers.
    ///
    /// # Errors
    /// Where the list can't be written.
    pub fn worker(&self) -> Result<Worker, OutboxError> {
        Worker::start(&self.state)
    }

    /// Frees what dead workers of this state folder had claimed; whether there was any.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn free_flights_of_the_dead(
        &self,
        store: &mut Store,
        me: &WorkerId,
    ) -> Result<bool, OutboxError> {
        store.free_flights_of_the_dead(me.node(), |worker| {
            worker == me || worker::is_alive(&self.state, worker)
        })
    }

    /// Removes receipts older than this, and what killed processes left. Waiting deliveries are never
    /// touched.
    ///
    /// # Errors
    /// Where the folders or the store fail.
    pub fn sweep(
        &self,
        store: &mut Store,
        receipts_older_than: Duration,
    ) -> Result<(), OutboxError> {
        self.spool.sweep()?;
        worker::tidy(&self.state);
        let before = Timestamp::now()
            .checked_sub(receipts_older_than)
            .unwrap_or(Timestamp::MIN);
        store.forget_receipts(before)
    }
}
