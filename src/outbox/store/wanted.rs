//! Deliveries that were refused since another repository owns what they declare: they are tried again
//! once it lets go, however that comes about.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::flights::{Flight, hold};
use super::{Store, stored};
use crate::catalog::EntityKey;
use crate::outbox::{DeliveryId, OutboxError};
use crate::repository::RepositoryName;

impl Store {
    /// Notes for which entities of other repositories deliveries of a flight are about to be
    /// refused, in place of what was noted before.
    ///
    /// # Errors
    /// [`OutboxError::TakenOver`] where the flight is somebody else's by now, else where the
    /// database fails.
    pub fn want(
        &mut self,
        flight: &Flight,
        deliveries: &[DeliveryId],
        keys: &[&EntityKey],
    ) -> Result<(), OutboxError> {
        self.database.transaction(|session| {
            hold(session, flight)?;
            for delivery in deliveries {
                session.execute(
                    "DELETE FROM wanted WHERE delivery = $1",
                    &[delivery.as_str().into()],
                )?;
                for key in keys {
                    session.execute(
                        "INSERT INTO wanted (delivery, blueprint, identifier) VALUES ($1, $2, $3)
                         ON CONFLICT (delivery, blueprint, identifier) DO NOTHING",
                        &[
                            delivery.as_str().into(),
                            key.blueprint.as_str().into(),
                            key.identifier.as_str().into(),
                        ],
                    )?;
                }
            }
            Ok(())
        })
    }

    /// Makes refused deliveries due that want an entity which no other repository owns any more; how
    /// many. `said` is what the operator says of owners, which counts before what was delivered.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn retry_wanted(
        &mut self,
        said: &BTreeMap<EntityKey, RepositoryName>,
    ) -> Result<usize, OutboxError> {
        let rows = self.database.session().query(
            "SELECT w.delivery, d.repository, w.blueprint, w.identifier, i.repository
             FROM wanted w
             JOIN deliveries d ON d.id = w.delivery AND d.state = 'refused'
             LEFT JOIN inventory i
               ON i.blueprint = w.blueprint AND i.identifier = w.identifier",
            &[],
        )?;
        let mut free = BTreeSet::new();
        for row in rows {
            let repository = row.text(1)?;
            let key = EntityKey {
                blueprint: row.text(2)?.to_owned(),
                identifier: row.text(3)?.to_owned(),
            };
            let owner = match said.get(&key) {
                Some(owner) => Some(owner.as_str()),
                None => row.maybe_text(4)?,
            };
            if owner.is_none_or(|owner| owner == repository) {
                free.insert(row.text(0)?.to_owned());
            }
        }
        let mut retried = 0;
        for delivery in free {
            let now = stored(Timestamp::now());
            let touched = self.database.session().execute(
                "UPDATE deliveries SET state = 'waiting', next_try = $2
                 WHERE id = $1 AND state = 'refused'",
                &[delivery.into(), now.into()],
            )?;
            retried += usize::from(touched > 0);
        }
        Ok(retried)
    }
}
