//! What waits, in figures and the oldest few in words, for who looks often: nothing is read of what
//! the others hold.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Store, moment};
use crate::outbox::delivery::{Delivery, Problem, State};
use crate::outbox::{DeliveryId, OutboxError, System};
use crate::repository::RepositoryName;

/// What waits in the outbox.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overview {
    /// How many deliveries there are in each state.
    pub counts: BTreeMap<State, usize>,
    /// When the oldest one was put there; none where nothing waits.
    pub oldest: Option<Timestamp>,
    /// The first ones: those that a person has to look at, then the oldest.
    pub first: Vec<Outline>,
}

/// A delivery without what it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    /// Its name.
    pub id: DeliveryId,
    /// The repository whose push it comes from.
    pub repository: RepositoryName,
    /// Where it goes.
    pub system: System,
    /// What it does, in words.
    pub job: String,
    /// Whether it will be tried.
    pub state: State,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was put there.
    pub created: Timestamp,
    /// Not to be tried before.
    pub next_try: Timestamp,
    /// What was in the way the last time.
    pub problem: Option<Problem>,
}

impl From<Delivery> for Outline {
    fn from(delivery: Delivery) -> Self {
        Self {
            system: delivery.job.system(),
            job: delivery.job.to_string(),
            id: delivery.id,
            repository: delivery.repository,
            state: delivery.state,
            attempts: delivery.attempts,
            created: delivery.created,
            next_try: delivery.next_try,
            problem: delivery.last_problem,
        }
    }
}

impl Overview {
    /// How many deliveries there are.
    #[must_use]
    pub fn total(&self) -> usize {
        self.counts.values().sum()
    }

    /// How many deliveries there are in one state.
    #[must_use]
    pub fn count(&self, state: State) -> usize {
        self.counts.get(&state).copied().unwrap_or_default()
    }
}

impl Store {
    /// What waits, and the first `most` of it.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn overview(&mut self, most: usize) -> Result<Overview, OutboxError> {
        let counts = self.counts()?;
        let session = self.database.session();
        let oldest = session.query("SELECT created FROM deliveries ORDER BY id LIMIT 1", &[])?;
        let oldest = oldest.first().map(|row| row.number(0)).transpose()?;
        let limit = i64::try_from(most).unwrap_or(i64::MAX);
        let ids = session.query(
            "SELECT id FROM deliveries
             ORDER BY CASE state WHEN 'waiting' THEN 1 ELSE 0 END, id
             LIMIT CAST($1 AS BIGINT)",
            &[limit.into()],
        )?;
        let mut first = Vec::with_capacity(ids.len());
        for row in ids {
            let id: DeliveryId = row
                .text(0)?
                .parse()
                .map_err(|error| OutboxError::Database {
                    reason: format!("{error}"),
                })?;
            // One at a time: each may hold thousands of entities. It may have left meanwhile.
            first.extend(self.delivery(&id)?.map(Outline::from));
        }
        Ok(Overview {
            counts,
            oldest: oldest.map(moment),
            first,
        })
    }
}
