//! What was delivered last, entity by entity, and whose each one is.

use std::collections::BTreeMap;

use super::Store;
use super::database::{Session, Value};
use super::flights::{Flight, hold};
use crate::catalog::{Delivered, EntityKey};
use crate::outbox::OutboxError;
use crate::repository::RepositoryName;

/// Rows that one statement writes: databases take only so many values at once.
const ROWS: usize = 100;

/// Forgets an entity of the repository.
const REMOVE: &str =
    "DELETE FROM inventory WHERE blueprint = $1 AND identifier = $2 AND repository = $3";

/// Makes an entity the repository's, whoever's it was.
const TAKE_OVER: &str =
    "UPDATE inventory SET repository = $3 WHERE blueprint = $1 AND identifier = $2";

impl Store {
    /// What a repository has delivered.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn inventory(
        &mut self,
        repository: &RepositoryName,
    ) -> Result<BTreeMap<EntityKey, Delivered>, OutboxError> {
        let rows = self.database.session().query(
            "SELECT blueprint, identifier, delivered FROM inventory WHERE repository = $1",
            &[repository.as_str().into()],
        )?;
        rows.iter()
            .map(|row| {
                let key = EntityKey {
                    blueprint: row.text(0)?.to_owned(),
                    identifier: row.text(1)?.to_owned(),
                };
                let delivered =
                    serde_json::from_str(row.text(2)?).map_err(|error| OutboxError::Database {
                        reason: format!("the inventory of {key} is damaged: {error}"),
                    })?;
                Ok((key, delivered))
            })
            .collect()
    }

    /// The repositories that own entities, where it is another one than `repository`.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn other_owners<'a>(
        &mut self,
        repository: &RepositoryName,
        keys: impl Iterator<Item = &'a EntityKey>,
    ) -> Result<BTreeMap<EntityKey, RepositoryName>, OutboxError> {
        let mut owners = BTreeMap::new();
        let keys: Vec<&EntityKey> = keys.collect();
        let session = self.database.session();
        for keys in keys.chunks(ROWS) {
            let mut values: Vec<Value> = vec![repository.as_str().into()];
            let mut pairs = Vec::new();
            for key in keys {
                values.push(key.blueprint.as_str().into());
                values.push(key.identifier.as_str().into());
                let (blueprint, identifier) = (values.len() - 1, values.len());
                pairs.push(format!(
                    "(blueprint = ${blueprint} AND identifier = ${identifier})"
                ));
            }
            let sql = format!(
                "SELECT blueprint, identifier, repository FROM inventory
                 WHERE repository <> $1 AND ({})",
                pairs.join(" OR ")
            );
            for row in session.query(&sql, &values)? {
                let key = EntityKey {
                    blueprint: row.text(0)?.to_owned(),
                    identifier: row.text(1)?.to_owned(),
                };
                // A name that was one when it was written.
                if let Ok(owner) = row.text(2)?.parse() {
                    owners.insert(key, owner);
                }
            }
        }
        Ok(owners)
    }

    /// Notes what was delivered, or is about to be. Entities that another repository owns are left
    /// alone.
    ///
    /// # Errors
    /// [`OutboxError::TakenOver`] where the flight is somebody else's by now, else where the
    /// database fails.
    pub fn record<'a>(
        &mut self,
        flight: &Flight,
        entities: impl Iterator<Item = (&'a EntityKey, &'a Delivered)>,
    ) -> Result<(), OutboxError> {
        // Lost with the machine's power, it is sent again.
        self.database.fleeting(|session| {
            hold(session, flight)?;
            write_all(session, &flight.lane.repository, entities).map(|_| ())
        })
    }

    /// Notes what is about to be sent, and forgets what is not to be known any more: all or nothing.
    ///
    /// # Errors
    /// As [`Store::record`].
    pub fn begin(
        &mut self,
        flight: &Flight,
        records: &BTreeMap<EntityKey, Option<Delivered>>,
    ) -> Result<(), OutboxError> {
        let mut rows: Vec<[Value; 3]> = Vec::new();
        let mut gone = Vec::new();
        for (key, delivered) in records {
            match delivered {
                Some(delivered) => rows.push(row(key, delivered)?),
                None => gone.push(key),
            }
        }
        self.database.fleeting(|session| {
            hold(session, flight)?;
            for rows in rows.chunks(ROWS) {
                write(session, &flight.lane.repository, rows)?;
            }
            each(session, REMOVE, &flight.lane.repository, gone.into_iter()).map(|_| ())
        })?;
        if records.is_empty() {
            return Ok(());
        }
        self.database.wait_for_disk()
    }

    /// Notes that entities are gone.
    ///
    /// # Errors
    /// As [`Store::record`].
    pub fn forget<'a>(
        &mut self,
        flight: &Flight,
        keys: impl Iterator<Item = &'a EntityKey>,
    ) -> Result<(), OutboxError> {
        // Lost with the machine's power, they are deleted again.
        self.database.fleeting(|session| {
            hold(session, flight)?;
            each(session, REMOVE, &flight.lane.repository, keys).map(|_| ())
        })
    }

    /// Gives entities that the operator says are the flight's repository's to it.
    ///
    /// # Errors
    /// As [`Store::record`].
    pub fn take_over<'a>(
        &mut self,
        flight: &Flight,
        keys: impl Iterator<Item = &'a EntityKey>,
    ) -> Result<(), OutboxError> {
        self.database.transaction(|session| {
            hold(session, flight)?;
            each(session, TAKE_OVER, &flight.lane.repository, keys).map(|_| ())
        })
    }

    /// Gives entities of one repository to whoever declares them next; how many.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn release(
        &mut self,
        repository: &RepositoryName,
        key: &EntityKey,
    ) -> Result<u64, OutboxError> {
        let session = self.database.session();
        each(session, REMOVE, repository, std::iter::once(key))
    }
}

/// Writes what was delivered, or is about to be; how many entities are the repository's.
pub(super) fn write_all<'a>(
    session: &mut dyn Session,
    repository: &RepositoryName,
    entities: impl Iterator<Item = (&'a EntityKey, &'a Delivered)>,
) -> Result<u64, OutboxError> {
    let mut entities: Vec<_> = entities.collect();
    // In one order, so that two who write the same rows do not wait for each other.
    entities.sort_by_key(|(key, _)| *key);
    // The last that is said of one counts.
    entities.reverse();
    entities.dedup_by_key(|(key, _)| *key);
    entities.reverse();
    let mut written = 0;
    for entities in entities.chunks(ROWS) {
        let rows = entities.iter().map(|(key, delivered)| row(key, delivered));
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        written += write(session, repository, &rows)?;
    }
    Ok(written)
}

fn row(key: &EntityKey, delivered: &Delivered) -> Result<[Value; 3], OutboxError> {
    Ok([
        key.blueprint.as_str().into(),
        key.identifier.as_str().into(),
        serde_json::to_string(delivered)?.into(),
    ])
}

/// Executes a statement with each key and the repository; how many rows it changed.
fn each<'a>(
    session: &mut dyn Session,
    statement: &str,
    repository: &RepositoryName,
    keys: impl Iterator<Item = &'a EntityKey>,
) -> Result<u64, OutboxError> {
    let mut changed = 0;
    for key in keys {
        changed += session.execute(
            statement,
            &[
                key.blueprint.as_str().into(),
                key.identifier.as_str().into(),
                repository.as_str().into(),
            ],
        )?;
    }
    Ok(changed)
}

fn write(
    session: &mut dyn Session,
    repository: &RepositoryName,
    rows: &[[Value; 3]],
) -> Result<u64, OutboxError> {
    let mut values: Vec<Value> = vec![repository.as_str().into()];
    let mut places = Vec::new();
    for row in rows {
        let first = values.len() + 1;
        values.extend(row.iter().cloned());
        places.push(format!("(${first}, ${}, $1, ${})", first + 1, first + 2));
    }
    let sql = format!(
        "INSERT INTO inventory (blueprint, identifier, repository, delivered) VALUES {}
         ON CONFLICT (blueprint, identifier) DO UPDATE SET delivered = excluded.delivered
         WHERE inventory.repository = excluded.repository",
        places.join(", ")
    );
    session.execute(&sql, &values)
}
