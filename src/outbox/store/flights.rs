//! Who carries out what: one worker at a time for what one repository has for one system.

use std::time::Duration;

use jiff::Timestamp;

use super::database::{Session, Value};
use super::{Store, pauses, stored};
use crate::outbox::OutboxError;
use crate::outbox::system::System;
use crate::outbox::worker::WorkerId;
use crate::repository::RepositoryName;

/// How long a worker that nobody hears of keeps what it has claimed. A worker of the same node is
/// known to be dead at once.
pub const LEASE: Duration = Duration::from_secs(60);

/// How often a worker prolongs what it has claimed: several times in a lease.
pub const RENEW: Duration = Duration::from_secs(LEASE.as_secs() / 6);

/// What one repository has for one system.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lane {
    /// The repository.
    pub repository: RepositoryName,
    /// The system.
    pub system: System,
}

/// A claimed lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flight {
    /// The lane.
    pub lane: Lane,
    /// Whose it is, and which of its claims: one that had ended is not taken for the next one.
    pub(super) claim: String,
}

impl Lane {
    pub(super) fn values(&self) -> [Value; 2] {
        [
            self.repository.as_str().into(),
            self.system.to_string().into(),
        ]
    }
}

impl Store {
    /// Claims a lane that has something due, the one that waited longest for its turn; none where
    /// nothing is due. Systems that ask for a pause are passed by, as are those in `resting`; of one
    /// that could not be reached one lane is claimed at a time, until it answers.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn claim(
        &mut self,
        worker: &WorkerId,
        resting: &[System],
    ) -> Result<Option<Flight>, OutboxError> {
        let claim = worker.claim();
        // What others claim while we look is not ours: look again, a few times.
        for _ in 0..8 {
            let now = Timestamp::now();
            let claimed = self.database.fleeting(|session| {
                let Some(lane) = next_lane(session, now, resting)? else {
                    return Ok(Claimed::Nothing);
                };
                Ok(if take(session, &lane, worker, &claim, now)? {
                    Claimed::Lane(lane)
                } else {
                    Claimed::TooLate
                })
            })?;
            match claimed {
                Claimed::Lane(lane) => {
                    return Ok(Some(Flight { lane, claim }));
                }
                Claimed::Nothing => return Ok(None),
                Claimed::TooLate => {}
            }
        }
        Ok(None)
    }

    /// When something is due next that nobody carries out at this moment; none where nothing waits
    /// but for systems in `resting`.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn next_due(&mut self, resting: &[System]) -> Result<Option<Timestamp>, OutboxError> {
        let now = stored(Timestamp::now());
        let rows = self.database.session().query(
            "SELECT d.system, d.next_try, COALESCE(p.until, 0) FROM deliveries d
             LEFT JOIN pauses p ON p.system = d.system
             WHERE d.state = 'waiting'
               AND NOT EXISTS (SELECT 1 FROM flights f WHERE f.repository = d.repository
                               AND f.system = d.system AND f.until > $1)
             ORDER BY d.next_try",
            &[now.into()],
        )?;
        let mut next = None;
        for row in rows {
            let system = row.text(0)?;
            if resting.iter().any(|resting| resting.to_string() == system) {
                continue;
            }
            let due = row.number(1)?.max(row.number(2)?);
            next = Some(next.map_or(due, |next: i64| next.min(due)));
        }
        Ok(next.map(super::moment))
    }

    /// Prolongs all flights of a worker.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn renew(&mut self, flights: &[Flight]) -> Result<(), OutboxError> {
        let until = after(Timestamp::now(), LEASE);
        for flight in flights {
            let [repository, system] = flight.lane.values();
            self.database.session().execute(
                "UPDATE flights SET until = $4
                 WHERE repository = $1 AND system = $2 AND worker = $3",
                &[
                    repository,
                    system,
                    flight.claim.as_str().into(),
                    until.into(),
                ],
            )?;
        }
        Ok(())
    }

    /// Gives a lane back.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn land(&mut self, flight: &Flight) -> Result<(), OutboxError> {
        self.database.fleeting(|session| {
            give_back(session, flight)?;
            pauses::end_probe(session, &flight.claim)
        })
    }

    /// Frees what workers of this node hold that live no more; whether there were any.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn free_flights_of_the_dead(
        &mut self,
        node: &str,
        is_alive: impl Fn(&WorkerId) -> bool,
    ) -> Result<bool, OutboxError> {
        let rows = self.database.session().query(
            "SELECT DISTINCT worker FROM flights WHERE node = $1",
            &[node.into()],
        )?;
        let mut any = false;
        for row in rows {
            let claim = row.text(0)?;
            if !is_alive(&WorkerId::of_claim(claim)) {
                let session = self.database.session();
                let freed =
                    session.execute("DELETE FROM flights WHERE worker = $1", &[claim.into()])?;
                pauses::end_probe(session, claim)?;
                any |= freed > 0;
            }
        }
        Ok(any)
    }
}

enum Claimed {
    Lane(Lane),
    TooLate,
    Nothing,
}

fn next_lane(
    session: &mut dyn Session,
    now: Timestamp,
    resting: &[System],
) -> Result<Option<Lane>, OutboxError> {
    let mut values: Vec<Value> = vec![stored(now).into()];
    let mut not_resting = String::new();
    for system in resting {
        values.push(system.to_string().into());
        not_resting.push_str(&format!(" AND d.system <> ${}", values.len()));
    }
    let sql = format!(
        "SELECT d.repository, d.system FROM deliveries d
         LEFT JOIN turns t ON t.repository = d.repository AND t.system = d.system
         WHERE d.state = 'waiting' AND d.next_try <= $1{not_resting}
           AND NOT EXISTS (SELECT 1 FROM flights f WHERE f.repository = d.repository
                           AND f.system = d.system AND f.until > $1)
           AND NOT EXISTS (SELECT 1 FROM pauses p WHERE p.system = d.system AND p.until > $1)
         ORDER BY COALESCE(t.last, 0), d.id LIMIT 1{}",
        session.locked_rows_of("d")
    );
    let rows = session.query(&sql, &values)?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let damaged = |reason: String| OutboxError::Database { reason };
    Ok(Some(Lane {
        repository: row
            .text(0)?
            .parse()
            .map_err(|error: crate::repository::NotARepositoryName| damaged(error.to_string()))?,
        system: row.text(1)?.parse().map_err(damaged)?,
    }))
}

pub(super) fn take(
    session: &mut dyn Session,
    lane: &Lane,
    worker: &WorkerId,
    claim: &str,
    now: Timestamp,
) -> Result<bool, OutboxError> {
    let [repository, system] = lane.values();
    let taken = session.execute(
        "INSERT INTO flights (repository, system, worker, node, until)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (repository, system) DO UPDATE
           SET worker = excluded.worker, node = excluded.node, until = excluded.until
           WHERE flights.until <= $6",
        &[
            repository.clone(),
            system.clone(),
            claim.into(),
            worker.node().into(),
            after(now, LEASE).into(),
            stored(now).into(),
        ],
    )?;
    if taken == 0 {
        return Ok(false);
    }
    if !pauses::may_call(session, &lane.system, claim, now)? {
        session.execute("DELETE FROM flights WHERE worker = $1", &[claim.into()])?;
        return Ok(false);
    }
    session.execute(
        "INSERT INTO turns (repository, system, last) VALUES ($1, $2, $3)
         ON CONFLICT (repository, system) DO UPDATE SET last = excluded.last",
        &[repository, system, stored(now).into()],
    )?;
    Ok(true)
}

/// Ends a claim, unless somebody else has it by now.
pub(super) fn give_back(session: &mut dyn Session, flight: &Flight) -> Result<(), OutboxError> {
    let [repository, system] = flight.lane.values();
    session.execute(
        "DELETE FROM flights WHERE repository = $1 AND system = $2 AND worker = $3",
        &[repository, system, flight.claim.as_str().into()],
    )?;
    Ok(())
}

/// Fails where the flight is no longer the worker's: what it has to say may be old.
pub(super) fn hold(session: &mut dyn Session, flight: &Flight) -> Result<(), OutboxError> {
    let [repository, system] = flight.lane.values();
    // Touched, not only read: nobody else can take it over before this transaction ends.
    let held = session.execute(
        "UPDATE flights SET worker = worker
         WHERE repository = $1 AND system = $2 AND worker = $3",
        &[repository, system, flight.claim.as_str().into()],
    )?;
    if held == 0 {
        return Err(OutboxError::TakenOver {
            repository: flight.lane.repository.to_string(),
            system: flight.lane.system.to_string(),
        });
    }
    Ok(())
}

pub(super) fn after(moment: Timestamp, time: Duration) -> i64 {
    stored(moment).saturating_add(i64::try_from(time.as_micros()).unwrap_or(i64::MAX))
}
