//! Systems that nobody calls for a while: they asked for it, or can't be reached. It is one system
//! for all repositories and all workers: when an outage is over, the first answer tells all of them.

use std::time::Duration;

use jiff::Timestamp;

use super::database::Session;
use super::flights::{Flight, LEASE, after};
use super::{Store, moment, stored};
use crate::outbox::OutboxError;
use crate::outbox::system::System;

impl Store {
    /// Lets nobody call a system before a moment, as it asked for.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn pause(&mut self, system: &System, until: Timestamp) -> Result<(), OutboxError> {
        self.database.session().execute(
            "INSERT INTO pauses (system, until) VALUES ($1, $2)
             ON CONFLICT (system) DO UPDATE SET until = excluded.until
             WHERE pauses.until < excluded.until",
            &[system.to_string().into(), stored(until).into()],
        )?;
        Ok(())
    }

    /// Notes that the system of a flight could not be reached; when somebody tries it next. `wait`
    /// says how long after that many failures in a row: those of flights that were in the air
    /// together count as one.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn note_unreachable(
        &mut self,
        flight: &Flight,
        wait: impl Fn(u32) -> Duration,
    ) -> Result<Timestamp, OutboxError> {
        let system = flight.lane.system.to_string();
        let now = Timestamp::now();
        self.database.transaction(|session| {
            // Written first: whoever else comes with the same news waits for this one.
            session.execute(
                "INSERT INTO pauses (system, until) VALUES ($1, 0)
                 ON CONFLICT (system) DO UPDATE SET system = excluded.system",
                &[system.as_str().into()],
            )?;
            let rows = session.query(
                "SELECT until, failures, probe FROM pauses WHERE system = $1",
                &[system.as_str().into()],
            )?;
            let (until, failures, probe) = match rows.first() {
                Some(row) => (row.number(0)?, row.number(1)?, row.maybe_text(2)?),
                None => (0, 0, None),
            };
            let failures = u32::try_from(failures).unwrap_or(u32::MAX);
            let is_known = failures > 0 && until > stored(now);
            match probe {
                // Somebody tries it at this moment, and says how that went.
                Some(other) if is_known && other != flight.claim => {
                    return Ok(moment(after(now, wait(failures))));
                }
                None if is_known => return Ok(moment(until)),
                _ => {}
            }
            // What the system asked for itself is kept to.
            let asked = if failures == 0 { until } else { 0 };
            let failures = failures.saturating_add(1);
            let next = after(now, wait(failures)).max(asked);
            session.execute(
                "UPDATE pauses SET until = $2, failures = $3, probe = NULL WHERE system = $1",
                &[system.as_str().into(), next.into(), failures.into()],
            )?;
            Ok(moment(next))
        })
    }

    /// Notes that a system has answered, whatever it said: all may call it.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn note_answer(&mut self, system: &System) -> Result<(), OutboxError> {
        let system = system.to_string();
        let session = self.database.session();
        // Mostly nothing is to be written, and a look keeps nobody from writing.
        let failed = session.query(
            "SELECT system FROM pauses WHERE system = $1 AND failures > 0",
            &[system.as_str().into()],
        )?;
        if !failed.is_empty() {
            session.execute(
                "DELETE FROM pauses WHERE system = $1 AND failures > 0",
                &[system.into()],
            )?;
        }
        Ok(())
    }

    /// When the system of a flight may be called again, where it must not be now.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn paused_until(&mut self, flight: &Flight) -> Result<Option<Timestamp>, OutboxError> {
        let rows = self.database.session().query(
            "SELECT until FROM pauses
             WHERE system = $1 AND until > $2 AND (probe IS NULL OR probe <> $3)",
            &[
                flight.lane.system.to_string().into(),
                stored(Timestamp::now()).into(),
                flight.claim.as_str().into(),
            ],
        )?;
        rows.first()
            .map(|row| row.number(0).map(moment))
            .transpose()
    }

    /// Whether somebody tries at this moment whether a system can be reached again.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn is_any_probed(&mut self) -> Result<bool, OutboxError> {
        let rows = self.database.session().query(
            "SELECT system FROM pauses WHERE probe IS NOT NULL AND until > $1",
            &[stored(Timestamp::now()).into()],
        )?;
        Ok(!rows.is_empty())
    }

    /// Ends all pauses and makes what waits due now.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn end_pauses(&mut self) -> Result<(), OutboxError> {
        self.database.session().execute("DELETE FROM pauses", &[])?;
        Ok(())
    }
}

/// Whether who has just claimed a lane may call its system. Of one that could not be reached, only
/// one may, who is given as long as a lease to find out.
pub(super) fn may_call(
    session: &mut dyn Session,
    system: &System,
    claim: &str,
    now: Timestamp,
) -> Result<bool, OutboxError> {
    let system = system.to_string();
    let failed = session.query(
        "SELECT system FROM pauses WHERE system = $1 AND failures > 0",
        &[system.as_str().into()],
    )?;
    if failed.is_empty() {
        return Ok(true);
    }
    // Looked at and taken at once: of two, the second finds it taken.
    let taken = session.execute(
        "UPDATE pauses SET until = $2, probe = $3 WHERE system = $1 AND until <= $4",
        &[
            system.into(),
            after(now, LEASE).into(),
            claim.into(),
            stored(now).into(),
        ],
    )?;
    Ok(taken > 0)
}

/// Lets the next one try, where this one has left without an answer of either kind.
pub(super) fn end_probe(session: &mut dyn Session, claim: &str) -> Result<(), OutboxError> {
    session.execute(
        "UPDATE pauses SET until = 0, probe = NULL WHERE probe = $1",
        &[claim.into()],
    )?;
    Ok(())
}
