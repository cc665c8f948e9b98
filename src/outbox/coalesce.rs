//! Several catalog deliveries of one repository are one: the newest state wins, and what any of
//! them declared and it doesn't is deleted. Pure.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::catalog::{Entity, EntityKey};
use crate::git::CommitId;
use crate::repository::RepositoryName;

use super::delivery::{CatalogJob, Delivery, Job};

/// The catalog deliveries of one repository, to be carried out together.
#[derive(Clone, Debug, PartialEq)]
pub struct CatalogGroup<'a> {
    /// The repository.
    pub repository: &'a RepositoryName,
    /// The deliveries in the order of the pushes; never empty, the last one has the state that
    /// counts.
    pub members: Vec<&'a Delivery>,
    /// The entities that the newest state declares.
    pub upserts: &'a [Entity],
    /// The entities to delete, in the order of their keys.
    pub deletions: Vec<EntityKey>,
}

impl CatalogGroup<'_> {
    /// Whether it may be tried at this moment: a fresh push carries a refused or waiting older one
    /// with it.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.members.iter().any(|member| member.is_due(now))
    }
}

/// The catalog deliveries, one group a repository, in the order of their oldest members.
#[must_use]
pub fn group_catalogs(deliveries: &[Delivery]) -> Vec<CatalogGroup<'_>> {
    let mut waiting: BTreeMap<&RepositoryName, Vec<Waiting<'_>>> = BTreeMap::new();
    for delivery in deliveries {
        if let Job::Catalog(job) = &delivery.job {
            waiting
                .entry(&delivery.repository)
                .or_default()
                .push(Waiting { delivery, job });
        }
    }
    let mut groups: Vec<_> = waiting
        .into_iter()
        .filter_map(|(repository, waiting)| {
            let ordered = in_order_of_pushes(waiting);
            let newest = ordered.last()?.job;
            Some(CatalogGroup {
                repository,
                deletions: deletions(&ordered, newest),
                members: ordered.iter().map(|waiting| waiting.delivery).collect(),
                upserts: &newest.desired,
            })
        })
        .collect();
    groups.sort_by(|one, two| oldest(one).cmp(&oldest(two)));
    groups
}

#[derive(Clone, Copy)]
struct Waiting<'a> {
    delivery: &'a Delivery,
    job: &'a CatalogJob,
}

fn oldest<'a>(group: &CatalogGroup<'a>) -> Option<&'a super::id::DeliveryId> {
    group.members.iter().map(|member| &member.id).min()
}

/// The order of the pushes: each one begins at the commit where the one before it ended. Where that
/// does not tell (a link is missing, a branch was pushed back and forth), the ids do: hooks that
/// race may write their deliveries in another order than git took the pushes.
fn in_order_of_pushes(mut left: Vec<Waiting<'_>>) -> Vec<Waiting<'_>> {
    left.sort_by(|one, two| one.delivery.id.cmp(&two.delivery.id));
    let mut ends: BTreeMap<&CommitId, usize> = BTreeMap::new();
    for waiting in &left {
        *ends.entry(&waiting.job.new).or_default() += 1;
    }
    let mut ordered: Vec<Waiting<'_>> = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let follows = |waiting: &Waiting<'_>| {
            ordered
                .last()
                .is_some_and(|last| waiting.job.old.as_ref() == Some(&last.job.new))
        };
        let has_predecessor = |waiting: &Waiting<'_>| {
            let old = waiting.job.old.as_ref();
            old.and_then(|old| ends.get(old))
                .is_some_and(|left| *left > 0)
        };
        let next = left
            .iter()
            .position(follows)
            .or_else(|| left.iter().position(|waiting| !has_predecessor(waiting)))
            .unwrap_or(0);
        let next = left.remove(next);
        if let Some(left) = ends.get_mut(&next.job.new) {
            *left -= 1;
        }
        ordered.push(next);
    }
    ordered
}

/// What the pushes took out of the files, taken together.
fn deletions(ordered: &[Waiting<'_>], newest: &CatalogJob) -> Vec<EntityKey> {
    let kept: BTreeSet<EntityKey> = newest.desired.iter().filter_map(Entity::key).collect();
    let mut gone = BTreeSet::new();
    for Waiting { job, .. } in ordered {
        if job.delete {
            gone.extend(job.previous.iter().cloned());
        }
        // An earlier state may have been delivered in part before this one took over.
        if newest.delete {
            gone.extend(job.desired.iter().filter_map(Entity::key));
        }
    }
    gone.into_iter().filter(|key| !kept.contains(key)).collect()
}
