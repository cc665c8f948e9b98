//! What sweeps saw: which repositories a Bitbucket server has, and at which commit each was read.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::database::Value;
use super::deliveries::{Taken, damaged, json, state};
use super::departures::{Departure, depart};
use super::flights::Flight;
use super::{Store, stored};
use crate::git::CommitId;
use crate::outbox::delivery::{Delivery, Problem, State};
use crate::outbox::worker::WorkerId;
use crate::outbox::{DeliveryId, OutboxError, System};
use crate::repository::RepositoryName;

/// Names that one query asks for: databases take only so many values at once.
const NAMES: usize = 200;

/// One run of a sweep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sweep {
    /// The server's address.
    pub server: String,
    /// When it began.
    pub began: Timestamp,
}

/// What a sweep saw of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The repository.
    pub repository: RepositoryName,
    /// What was read; none where what is stored still holds, or nothing could be read.
    pub read: Option<Read>,
}

/// A repository as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// Digest of what else decided what was found.
    pub fingerprint: String,
    /// The commit.
    pub tip: CommitId,
    /// What was found, as JSON.
    pub found: String,
}

/// How many deliveries wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Those that may be tried now.
    pub due: usize,
    /// All of them.
    pub all: usize,
}

/// A repository that the server does not have any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// The repository.
    pub repository: RepositoryName,
    /// The commit at which it was read last.
    pub tip: CommitId,
    /// How many entities it has delivered.
    pub entities: usize,
}

impl Store {
    /// What is stored of repositories of a server; of those that were never read, nothing.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn read_before(
        &mut self,
        server: &str,
        repositories: &[RepositoryName],
    ) -> Result<BTreeMap<RepositoryName, Read>, OutboxError> {
        let mut known = BTreeMap::new();
        for names in repositories.chunks(NAMES) {
            let mut values: Vec<Value> = vec![server.into()];
            values.extend(names.iter().map(|name| name.as_str().into()));
            let places: Vec<String> = (2..=values.len()).map(|n| format!("${n}")).collect();
            let sql = format!(
                "SELECT repository, fingerprint, tip, found FROM swept
                 WHERE server = $1 AND tip IS NOT NULL AND repository IN ({})",
                places.join(", ")
            );
            for row in self.database.session().query(&sql, &values)? {
                let read = Read {
                    fingerprint: row.text(1)?.to_owned(),
                    tip: CommitId(row.text(2)?.parse().map_err(damaged)?),
                    found: row.text(3)?.to_owned(),
                };
                known.insert(row.text(0)?.parse().map_err(damaged)?, read);
            }
        }
        Ok(known)
    }

    /// Notes what a sweep saw, and takes in what follows from it: all or nothing. Of the deliveries
    /// that are to be carried out at once, those that may be are claimed.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn note_swept(
        &mut self,
        sweep: &Sweep,
        seen: &[Seen],
        deliveries: &[Delivery],
        departures: Option<(&WorkerId, &[Departure])>,
    ) -> Result<Vec<(DeliveryId, Flight)>, OutboxError> {
        let taken: Vec<Taken> = deliveries.iter().map(Taken::of).collect::<Result<_, _>>()?;
        self.database.transaction(|session| {
            let mut flights = Vec::new();
            for delivery in &taken {
                delivery.insert(session)?;
            }
            if let Some((worker, departures)) = departures {
                for departure in departures {
                    let Some(delivery) = deliveries.iter().find(|one| one.id == departure.delivery)
                    else {
                        continue;
                    };
                    let flight = depart(session, delivery, departure, worker)?;
                    flights.extend(flight.map(|flight| (delivery.id.clone(), flight)));
                }
            }
            for Seen { repository, read } in seen {
                let read = read.as_ref();
                session.execute(
                    "INSERT INTO swept (server, repository, seen, fingerprint, tip, found)
                     VALUES ($1, $2, $3, $4, $5, $6)
                     ON CONFLICT (server, repository) DO UPDATE SET seen = excluded.seen,
                       fingerprint = COALESCE(excluded.fingerprint, swept.fingerprint),
                       tip = COALESCE(excluded.tip, swept.tip),
                       found = COALESCE(excluded.found, swept.found)",
                    &[
                        sweep.server.as_str().into(),
                        repository.as_str().into(),
                        stored(sweep.began).into(),
                        read.map(|read| read.fingerprint.as_str()).into(),
                        read.map(|read| read.tip.as_str()).into(),
                        read.map(|read| read.found.as_str()).into(),
                    ],
                )?;
            }
            Ok(flights)
        })
    }

    /// Repositories that an earlier sweep of the server has seen and this one has not, and that have
    /// entities in the inventory. Means what it says only once this sweep has listed everything.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn not_seen(&mut self, sweep: &Sweep) -> Result<Vec<Gone>, OutboxError> {
        let rows = self.database.session().query(
            "SELECT s.repository, s.tip, COUNT(*) FROM swept s
             JOIN inventory i ON i.repository = s.repository
             WHERE s.server = $1 AND s.seen < $2 AND s.tip IS NOT NULL
             GROUP BY s.repository, s.tip ORDER BY s.repository",
            &[sweep.server.as_str().into(), stored(sweep.began).into()],
        )?;
        rows.iter()
            .map(|row| {
                Ok(Gone {
                    repository: row.text(0)?.parse().map_err(damaged)?,
                    tip: CommitId(row.text(1)?.parse().map_err(damaged)?),
                    entities: usize::try_from(row.number(2)?).unwrap_or_default(),
                })
            })
            .collect()
    }

    /// Puts the delivery here that takes the entities of a repository out of Port, and forgets that
    /// a sweep has ever seen it: all or nothing.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn forget_swept(&mut self, sweep: &Sweep, last: &Delivery) -> Result<(), OutboxError> {
        let taken = Taken::of(last)?;
        self.database.transaction(|session| {
            taken.insert(session)?;
            session.execute(
                "DELETE FROM swept WHERE server = $1 AND repository = $2",
                &[
                    sweep.server.as_str().into(),
                    last.repository.as_str().into(),
                ],
            )?;
            Ok(())
        })
    }

    /// The repositories of which Port has refused a delivery that still lies here.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn refused_by_port(&mut self) -> Result<BTreeSet<RepositoryName>, OutboxError> {
        let rows = self.database.session().query(
            "SELECT DISTINCT repository FROM deliveries WHERE system = $1 AND state = 'refused'",
            &[System::Port.to_string().into()],
        )?;
        rows.iter()
            .map(|row| row.text(0)?.parse().map_err(damaged))
            .collect()
    }

    /// Whether something was delivered to Port for a repository since a moment, or is being.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn was_at_port_since(
        &mut self,
        repository: &RepositoryName,
        moment: Timestamp,
    ) -> Result<bool, OutboxError> {
        let rows = self.database.session().query(
            "SELECT last FROM turns WHERE repository = $1 AND system = $2 AND last >= $3",
            &[
                repository.as_str().into(),
                System::Port.to_string().into(),
                stored(moment).into(),
            ],
        )?;
        Ok(!rows.is_empty())
    }

    /// How many deliveries for Port wait.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn waiting_for_port(&mut self) -> Result<Waiting, OutboxError> {
        let rows = self.database.session().query(
            "SELECT COALESCE(SUM(CASE WHEN next_try <= $2 THEN 1 ELSE 0 END), 0), COUNT(*)
             FROM deliveries WHERE state = 'waiting' AND system = $1",
            &[
                System::Port.to_string().into(),
                stored(Timestamp::now()).into(),
            ],
        )?;
        let count = |column| -> Result<usize, OutboxError> {
            let count = rows.first().map(|row| row.number(column)).transpose()?;
            Ok(usize::try_from(count.unwrap_or_default()).unwrap_or_default())
        };
        Ok(Waiting {
            due: count(0)?,
            all: count(1)?,
        })
    }

    /// How many deliveries each repository has for Port, in whatever state.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn left_for_port_of_each(
        &mut self,
    ) -> Result<BTreeMap<RepositoryName, usize>, OutboxError> {
        let rows = self.database.session().query(
            "SELECT repository, COUNT(*) FROM deliveries WHERE system = $1 GROUP BY repository",
            &[System::Port.to_string().into()],
        )?;
        rows.iter()
            .map(|row| {
                let count = usize::try_from(row.number(1)?).unwrap_or_default();
                Ok((row.text(0)?.parse().map_err(damaged)?, count))
            })
            .collect()
    }

    /// Where each delivery for Port stands, the oldest first, up to so many.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn left_for_port(
        &mut self,
        most: u32,
    ) -> Result<Vec<(RepositoryName, State, Option<Problem>)>, OutboxError> {
        let rows = self.database.session().query(
            &format!(
                "SELECT repository, state, problem FROM deliveries WHERE system = $1
                 ORDER BY id LIMIT {most}"
            ),
            &[System::Port.to_string().into()],
        )?;
        rows.iter()
            .map(|row| {
                Ok((
                    row.text(0)?.parse().map_err(damaged)?,
                    state(row.text(1)?)?,
                    row.maybe_text(2)?.map(json).transpose()?,
                ))
            })
            .collect()
    }
}
