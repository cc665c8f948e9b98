//! What a branch declares by now: read on this node's disk, or by Bitbucket's REST API.

use std::time::{Duration, Instant};

use crate::bitbucket::{Client, Problem};
use crate::declared::Declared;
use crate::delivery::{Tip, Tips};
use crate::document::Kinds;
use crate::git::{HookEnvironment, RefName, Repository};
use crate::http::Outcome;
use crate::origin::{ByRest, OnDisk, Origin, OriginError};
use crate::outbox::CatalogJob;
use crate::repository::RepositoryName;

/// How long Bitbucket may take to tell what a branch declares; then it is asked later.
const PATIENCE: Duration = Duration::from_secs(60);

/// Reads branches of the repositories that jobs name.
#[derive(Clone, Copy, Debug)]
pub struct BranchTips<'a> {
    /// Knows which files declare entities.
    pub kinds: &'a Kinds,
    /// Reads repositories that are not on this node's disk.
    pub bitbucket: Option<&'a Client>,
}

impl Tips for BranchTips<'_> {
    fn read(&self, repository: &RepositoryName, job: &CatalogJob) -> Tip {
        let on_disk = job.git_dir.as_ref();
        let on_disk = on_disk.map(|folder| Repository::open(&HookEnvironment::at(folder)));
        match (on_disk, self.bitbucket) {
            (Some(Ok(store)), _) => self.on_disk(&store, job).unwrap_or(Tip::OutOfReach),
            (_, Some(client)) => self.by_rest(client, repository, job),
            (_, None) => Tip::OutOfReach,
        }
    }
}

impl BranchTips<'_> {
    fn on_disk(&self, store: &Repository, job: &CatalogJob) -> Result<Tip, OriginError> {
        let origin = OnDisk(store);
        let branch = RefName::from_bytes(job.ref_name.as_bytes());
        // Where the branch is gone, the last that is known of it counts.
        let Some(commit) = origin.tip(&branch)? else {
            return Ok(Tip::OutOfReach);
        };
        Ok(told(origin.declared(&commit, self.kinds)?))
    }

    fn by_rest(&self, client: &Client, repository: &RepositoryName, job: &CatalogJob) -> Tip {
        let client = client.until(Instant::now().checked_add(PATIENCE));
        let origin = ByRest {
            client: &client,
            repository,
        };
        let commit = match origin.tip_of(&job.ref_name) {
            Ok(Some(commit)) => commit,
            Ok(None) => return Tip::OutOfReach,
            // It is gone, or was never there: the last that is known of it counts.
            Err(problem) if problem.is_not_found() && job.desired.is_ok() => {
                return Tip::OutOfReach;
            }
            Err(problem) => return later(&problem),
        };
        // What was read then is what stands there now.
        if commit == job.new && job.desired.is_ok() {
            return Tip::OutOfReach;
        }
        match origin.declared_at(&commit, self.kinds) {
            Ok(declared) => told(declared),
            Err(problem) => later(&problem),
        }
    }
}

fn told(declared: Declared) -> Tip {
    match declared.state {
        Ok(state) => Tip::Declares(state.into_entities().collect()),
        Err(undetermined) => Tip::Undetermined(undetermined),
    }
}

/// Credentials can be mended and servers come back: nothing follows from what they say now, least of
/// all for the deliveries of other repositories.
fn later(problem: &Problem) -> Tip {
    let after = match problem.outcome() {
        Outcome::Retry { after } => after,
        _ => None,
    };
    Tip::NotNow(crate::http::Problem {
        outcome: Outcome::Retry { after },
        unreachable: false,
        ..problem.of_any_system()
    })
}
