//! Commits that were built: none is built twice, unless somebody asks for it.

use jiff::Timestamp;

use super::deliveries::leave;
use super::{Store, stored};
use crate::git::CommitId;
use crate::outbox::{DeliveryId, Ending, OutboxError, Receipt};

impl Store {
    /// Whether a target has built a commit.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn is_built(&mut self, target: &str, commit: &CommitId) -> Result<bool, OutboxError> {
        let rows = self.database.session().query(
            "SELECT finished FROM builds WHERE target = $1 AND commit_id = $2",
            &[target.into(), commit.as_str().into()],
        )?;
        Ok(!rows.is_empty())
    }

    /// Notes that a target has built a commit, and lets the deliveries leave that asked for it: both
    /// or none.
    ///
    /// # Errors
    /// As [`Store::finish`].
    pub fn finish_build(
        &mut self,
        target: &str,
        commit: &CommitId,
        endings: &[(DeliveryId, Ending)],
    ) -> Result<Vec<Receipt>, OutboxError> {
        self.database.transaction(|session| {
            // That it was built is true whoever holds the flight by now.
            session.execute(
                "INSERT INTO builds (target, commit_id, finished) VALUES ($1, $2, $3)
                 ON CONFLICT (target, commit_id) DO UPDATE SET finished = excluded.finished",
                &[
                    target.into(),
                    commit.as_str().into(),
                    stored(Timestamp::now()).into(),
                ],
            )?;
            let mut receipts = Vec::new();
            for (id, ending) in endings {
                receipts.extend(leave(session, id, ending.clone())?);
            }
            Ok(receipts)
        })
    }
}
