//! Several catalog deliveries of one repository are one: the newest state wins, and what any of them
//! found declared before it may have to be deleted. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::EntityKey;
use crate::git::CommitId;

use super::delivery::{CatalogJob, Delivery, Job};

/// The catalog deliveries of one repository, to be carried out together.
#[derive(Clone, Debug, PartialEq)]
pub struct CatalogGroup<'a> {
    /// The deliveries in the order of the pushes; the last one has the state that counts.
    pub members: Vec<&'a Delivery>,
    /// The job of the last one.
    pub newest: &'a CatalogJob,
    /// What the pushes found declared: where it is not any more, it goes.
    pub previous: BTreeSet<EntityKey>,
}

/// The catalog deliveries of one repository as one; none where there is none.
#[must_use]
pub fn group_catalogs(deliveries: &[Delivery]) -> Option<CatalogGroup<'_>> {
    let waiting = deliveries
        .iter()
        .filter_map(|delivery| match &delivery.job {
            Job::Catalog(job) => Some(Waiting { delivery, job }),
            Job::Build(_) => None,
        });
    let ordered = in_order_of_pushes(waiting.collect());
    let newest = ordered.last()?.job;
    let previous = ordered
        .iter()
        .filter(|waiting| waiting.job.delete)
        .flat_map(|waiting| waiting.job.previous.iter().cloned())
        .collect();
    Some(CatalogGroup {
        members: ordered.iter().map(|waiting| waiting.delivery).collect(),
        newest,
        previous,
    })
}

#[derive(Clone, Copy)]
struct Waiting<'a> {
    delivery: &'a Delivery,
    job: &'a CatalogJob,
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
