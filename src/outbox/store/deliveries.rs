//! Deliveries that wait, what was in their way, and receipts of those that left.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::de::DeserializeOwned;

use super::database::{Row, Session, Value};
use super::flights::{Flight, Lane, hold};
use super::{Store, moment, stored};
use crate::outbox::delivery::{CatalogJob, Delivery, Job, Problem, State};
use crate::outbox::{DeliveryId, Ending, OutboxError, Receipt};

/// The columns of a delivery, in the order in which [`delivery`] reads them.
const COLUMNS: &str = "id, repository, created, state, attempts, next_try, job, problem";

impl Store {
    /// Takes a delivery in; nothing happens where it is here already, or was.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn take_in(&mut self, delivery: &Delivery) -> Result<(), OutboxError> {
        let taken = Taken::of(delivery)?;
        self.database.transaction(|session| taken.insert(session))
    }

    /// All deliveries, oldest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn deliveries(&mut self) -> Result<Vec<Delivery>, OutboxError> {
        let sql = format!("SELECT {COLUMNS} FROM deliveries ORDER BY id");
        let rows = self.database.session().query(&sql, &[])?;
        rows.iter().map(delivery).collect()
    }

    /// How many deliveries there are in each state.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn counts(&mut self) -> Result<BTreeMap<State, usize>, OutboxError> {
        let rows = self
            .database
            .session()
            .query("SELECT state, COUNT(*) FROM deliveries GROUP BY state", &[])?;
        rows.iter()
            .map(|row| {
                let count = usize::try_from(row.number(1)?).unwrap_or_default();
                Ok((state(row.text(0)?)?, count))
            })
            .collect()
    }

    /// What one repository has for one system, oldest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn deliveries_of(&mut self, lane: &Lane) -> Result<Vec<Delivery>, OutboxError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM deliveries WHERE repository = $1 AND system = $2 ORDER BY id"
        );
        let rows = self.database.session().query(&sql, &lane.values())?;
        rows.iter().map(delivery).collect()
    }

    /// As [`Store::deliveries_of`], but without the entities that they desire.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn outlines_of(&mut self, lane: &Lane) -> Result<Vec<Delivery>, OutboxError> {
        let ids = self.database.session().query(
            "SELECT id FROM deliveries WHERE repository = $1 AND system = $2 ORDER BY id",
            &lane.values(),
        )?;
        let mut outlines = Vec::new();
        for row in ids {
            let id = row.text(0)?.parse().map_err(damaged)?;
            // One at a time: each may hold thousands.
            let Some(mut delivery) = self.delivery(&id)? else {
                continue;
            };
            if let Job::Catalog(CatalogJob {
                desired: Ok(desired),
                ..
            }) = &mut delivery.job
            {
                *desired = Vec::new();
            }
            outlines.push(delivery);
        }
        Ok(outlines)
    }

    /// The delivery of that id; none where it left.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn delivery(&mut self, id: &DeliveryId) -> Result<Option<Delivery>, OutboxError> {
        find(self.database.session(), id)
    }

    /// What became of a delivery; none where it is here, or nobody remembers it.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn receipt(&mut self, id: &DeliveryId) -> Result<Option<Receipt>, OutboxError> {
        let rows = self.database.session().query(
            "SELECT receipt FROM receipts WHERE id = $1",
            &[id.as_str().into()],
        )?;
        rows.first().map(|row| json(row.text(0)?)).transpose()
    }

    /// What was in the way of each try, the first one first.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn attempts(&mut self, id: &DeliveryId) -> Result<Vec<Problem>, OutboxError> {
        let rows = self.database.session().query(
            "SELECT problem FROM attempts WHERE delivery = $1 ORDER BY number",
            &[id.as_str().into()],
        )?;
        rows.iter().map(|row| json(row.text(0)?)).collect()
    }

    /// Changes a delivery that waits.
    ///
    /// # Errors
    /// [`OutboxError::Gone`] where it left, else where the database fails.
    pub fn update(
        &mut self,
        id: &DeliveryId,
        change: impl FnOnce(&mut Delivery),
    ) -> Result<Delivery, OutboxError> {
        self.database.transaction(|session| {
            let mut delivery = find(session, id)?.ok_or_else(|| OutboxError::Gone(id.clone()))?;
            change(&mut delivery);
            write(session, &delivery)?;
            Ok(delivery)
        })
    }

    /// Takes a delivery out that nobody has carried out.
    ///
    /// # Errors
    /// [`OutboxError::Gone`] where it left, else where the database fails.
    pub fn discard(&mut self, id: &DeliveryId) -> Result<Receipt, OutboxError> {
        self.database.transaction(|session| {
            leave(session, id, Ending::Discarded)?.ok_or_else(|| OutboxError::Gone(id.clone()))
        })
    }

    /// Lets deliveries of a flight leave, each with its ending, all or none.
    ///
    /// # Errors
    /// [`OutboxError::TakenOver`] where the flight is somebody else's by now, else where the
    /// database fails.
    pub fn finish(
        &mut self,
        flight: &Flight,
        endings: &[(DeliveryId, Ending)],
    ) -> Result<Vec<Receipt>, OutboxError> {
        // Lost with the machine's power, they are carried out again.
        self.database.fleeting(|session| {
            hold(session, flight)?;
            let mut receipts = Vec::new();
            for (id, ending) in endings {
                // A person may have discarded it meanwhile.
                receipts.extend(leave(session, id, ending.clone())?);
            }
            Ok(receipts)
        })
    }

    /// Notes what was in the way of deliveries of a flight, and when or whether they are tried again.
    ///
    /// # Errors
    /// As [`Store::finish`].
    pub fn postpone(
        &mut self,
        flight: &Flight,
        ids: &[DeliveryId],
        problem: &Problem,
        state: State,
        next_try: Timestamp,
    ) -> Result<(), OutboxError> {
        let text = serde_json::to_string(problem)?;
        self.database.fleeting(|session| {
            hold(session, flight)?;
            for id in ids {
                let Some(mut delivery) = find(session, id)? else {
                    continue;
                };
                delivery.attempts += 1;
                delivery.last_problem = Some(problem.clone());
                delivery.state = state;
                delivery.next_try = next_try;
                write(session, &delivery)?;
                session.execute(
                    "INSERT INTO attempts (delivery, number, problem) VALUES ($1, $2, $3)
                     ON CONFLICT (delivery, number) DO NOTHING",
                    &[
                        id.as_str().into(),
                        delivery.attempts.into(),
                        text.as_str().into(),
                    ],
                )?;
            }
            Ok(())
        })
    }

    /// Forgets receipts from before a moment, and the attempts of what nobody remembers.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn forget_receipts(&mut self, before: Timestamp) -> Result<(), OutboxError> {
        self.database.transaction(|session| {
            session.execute(
                "DELETE FROM receipts WHERE finished < $1",
                &[stored(before).into()],
            )?;
            session.execute(
                "DELETE FROM attempts
                 WHERE NOT EXISTS (SELECT 1 FROM deliveries WHERE id = attempts.delivery)
                   AND NOT EXISTS (SELECT 1 FROM receipts WHERE id = attempts.delivery)",
                &[],
            )?;
            session.execute(
                "DELETE FROM wanted
                 WHERE NOT EXISTS (SELECT 1 FROM deliveries WHERE id = wanted.delivery)",
                &[],
            )?;
            Ok(())
        })
    }
}

fn find(session: &mut dyn Session, id: &DeliveryId) -> Result<Option<Delivery>, OutboxError> {
    let sql = format!("SELECT {COLUMNS} FROM deliveries WHERE id = $1");
    let rows = session.query(&sql, &[id.as_str().into()])?;
    rows.first().map(delivery).transpose()
}

fn write(session: &mut dyn Session, delivery: &Delivery) -> Result<(), OutboxError> {
    let problem = delivery
        .last_problem
        .as_ref()
        .map(serde_json::to_string)
        .transpose()?;
    let values: [Value; 5] = [
        delivery.id.as_str().into(),
        name(delivery.state).into(),
        delivery.attempts.into(),
        stored(delivery.next_try).into(),
        problem.into(),
    ];
    session.execute(
        "UPDATE deliveries SET state = $2, attempts = $3, next_try = $4, problem = $5
         WHERE id = $1",
        &values,
    )?;
    let job = serde_json::to_string(&delivery.job)?;
    session.execute(
        "UPDATE deliveries SET job = $2 WHERE id = $1 AND job <> $2",
        &[delivery.id.as_str().into(), job.into()],
    )?;
    Ok(())
}

/// Takes a delivery out and leaves a receipt; none where it is gone.
pub(super) fn leave(
    session: &mut dyn Session,
    id: &DeliveryId,
    ending: Ending,
) -> Result<Option<Receipt>, OutboxError> {
    let Some(delivery) = find(session, id)? else {
        return Ok(None);
    };
    let now = Timestamp::now();
    let receipt = Receipt {
        id: delivery.id,
        repository: delivery.repository,
        system: delivery.job.system(),
        job: delivery.job.to_string(),
        attempts: delivery.attempts + u32::from(ending != Ending::Discarded),
        finished: now,
        ending,
    };
    session.execute(
        "DELETE FROM deliveries WHERE id = $1",
        &[id.as_str().into()],
    )?;
    session.execute(
        "INSERT INTO receipts (id, finished, receipt) VALUES ($1, $2, $3)
         ON CONFLICT (id) DO NOTHING",
        &[
            id.as_str().into(),
            stored(now).into(),
            serde_json::to_string(&receipt)?.into(),
        ],
    )?;
    Ok(Some(receipt))
}

fn delivery(row: &Row) -> Result<Delivery, OutboxError> {
    let problem = row.maybe_text(7)?;
    Ok(Delivery {
        id: row.text(0)?.parse().map_err(damaged)?,
        repository: row.text(1)?.parse().map_err(damaged)?,
        created: moment(row.number(2)?),
        state: state(row.text(3)?)?,
        attempts: u32::try_from(row.number(4)?).unwrap_or(u32::MAX),
        next_try: moment(row.number(5)?),
        job: json(row.text(6)?)?,
        last_problem: problem.map(json).transpose()?,
    })
}

/// A delivery in the form in which the table takes it.
pub(super) struct Taken([Value; 9]);

impl Taken {
    pub(super) fn of(delivery: &Delivery) -> Result<Self, OutboxError> {
        let problem = delivery
            .last_problem
            .as_ref()
            .map(serde_json::to_string)
            .transpose()?;
        Ok(Self([
            delivery.id.as_str().into(),
            delivery.repository.as_str().into(),
            delivery.job.system().to_string().into(),
            stored(delivery.created).into(),
            name(delivery.state).into(),
            delivery.attempts.into(),
            stored(delivery.next_try).into(),
            serde_json::to_string(&delivery.job)?.into(),
            problem.into(),
        ]))
    }

    pub(super) fn insert(&self, session: &mut dyn Session) -> Result<(), OutboxError> {
        session.execute(
            "INSERT INTO deliveries
               (id, repository, system, created, state, attempts, next_try, job, problem)
             SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS BIGINT),
               CAST($5 AS TEXT), CAST($6 AS BIGINT), CAST($7 AS BIGINT), CAST($8 AS TEXT),
               CAST($9 AS TEXT)
             WHERE NOT EXISTS (SELECT 1 FROM receipts WHERE id = $1)
             ON CONFLICT (id) DO NOTHING",
            &self.0,
        )?;
        Ok(())
    }
}

fn name(state: State) -> &'static str {
    match state {
        State::Waiting => "waiting",
        State::Refused => "refused",
        State::Held => "held",
    }
}

pub(super) fn state(name: &str) -> Result<State, OutboxError> {
    match name {
        "waiting" => Ok(State::Waiting),
        "refused" => Ok(State::Refused),
        "held" => Ok(State::Held),
        other => Err(damaged(format!("`{other}` is no state of a delivery"))),
    }
}

pub(super) fn json<T: DeserializeOwned>(text: &str) -> Result<T, OutboxError> {
    serde_json::from_str(text).map_err(damaged)
}

pub(super) fn damaged(reason: impl ToString) -> OutboxError {
    OutboxError::Database {
        reason: reason.to_string(),
    }
}
