//! The store: deliveries, their attempts and the inventory, in SQLite beside the spool or in
//! PostgreSQL for the nodes of a cluster.

mod builds;
mod database;
mod deliveries;
mod departures;
mod flights;
mod inventory;
mod line;
mod migrations;
mod overview;
mod pauses;
mod postgres;
mod sqlite;
mod swept;
mod tls;
mod wanted;

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::error::OutboxError;
use database::Database;

pub(super) use line::Line;

pub use departures::{Arrival, Departure};
pub use flights::{Flight, LEASE, Lane, RENEW};
pub use overview::{Outline, Overview};
pub use postgres::PostgresAddress;
pub use swept::{Gone, Read, Seen, Sweep, Waiting};

/// The file in the state folder.
pub(super) const FILE: &str = "outbox.sqlite";

/// Where the store is.
#[derive(Clone, Debug)]
pub enum StoreAddress {
    /// A file in this state folder.
    Folder(PathBuf),
    /// A database that the nodes of a cluster share.
    Postgres(Box<PostgresAddress>),
}

/// An open store. Every thread that uses one opens its own.
#[derive(Debug)]
pub struct Store {
    address: StoreAddress,
    line: Arc<Line>,
    database: Database,
}

impl Store {
    /// Opens the store, in line with others of this process, and brings its tables up to date.
    pub(super) fn open(address: &StoreAddress, line: &Arc<Line>) -> Result<Self, OutboxError> {
        let mut database = connect(address, line)?;
        migrations::migrate(&mut database)?;
        Ok(Self {
            address: address.clone(),
            line: Arc::clone(line),
            database,
        })
    }

    /// Opens the store to look only: nothing is made or changed. None where there is nothing to see, or
    /// where it can't be seen at once.
    #[must_use]
    pub fn look(address: &StoreAddress) -> Option<Self> {
        let database = match address {
            StoreAddress::Folder(state) => {
                Database::Sqlite(sqlite::Sqlite::look(&state.join(FILE))?)
            }
            StoreAddress::Postgres(address) => {
                Database::Postgres(Box::new(postgres::Postgres::look(address)?))
            }
        };
        Some(Self {
            address: address.clone(),
            line: Arc::default(),
            database,
        })
    }

    /// Connects anew where the connection is gone.
    ///
    /// # Errors
    /// Where it can't be reached again.
    pub fn heal(&mut self) -> Result<(), OutboxError> {
        if self.database.is_lost() {
            self.database = connect(&self.address, &self.line)?;
        }
        Ok(())
    }
}

fn connect(address: &StoreAddress, line: &Arc<Line>) -> Result<Database, OutboxError> {
    Ok(match address {
        StoreAddress::Folder(state) => {
            Database::Sqlite(sqlite::Sqlite::open(&state.join(FILE), Arc::clone(line))?)
        }
        StoreAddress::Postgres(address) => {
            Database::Postgres(Box::new(postgres::Postgres::connect(address)?))
        }
    })
}

/// A moment as the tables keep it: microseconds since 1970.
fn stored(moment: Timestamp) -> i64 {
    moment.as_microsecond()
}

fn moment(stored: i64) -> Timestamp {
    Timestamp::from_microsecond(stored).unwrap_or(Timestamp::MAX)
}
