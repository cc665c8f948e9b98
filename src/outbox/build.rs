//! Builds that wait: every commit is compiled, the same one once.

use std::collections::BTreeMap;

use super::build_job::BuildJob;
use super::delivery::{Delivery, Job};

/// Deliveries that ask for the same build; the first one is carried out.
#[derive(Clone, Debug, PartialEq)]
pub struct BuildGroup<'a> {
    /// The build.
    pub job: &'a BuildJob,
    /// Who asks for it, oldest first; never empty.
    pub members: Vec<&'a Delivery>,
    /// Whether one of them asks for it even where it was built before.
    pub again: bool,
}

/// The builds among deliveries of one repository, oldest first, each (target, commit) once.
#[must_use]
pub fn group_builds(deliveries: &[Delivery]) -> Vec<BuildGroup<'_>> {
    let mut sorted: Vec<&Delivery> = deliveries.iter().collect();
    sorted.sort_by(|one, two| one.id.cmp(&two.id));
    let mut groups: Vec<BuildGroup<'_>> = Vec::new();
    let mut places = BTreeMap::new();
    for delivery in sorted {
        let Job::Build(job) = &delivery.job else {
            continue;
        };
        let place = *places
            .entry((&job.target, &job.commit))
            .or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => {
                group.members.push(delivery);
                group.again |= job.again;
            }
            None => groups.push(BuildGroup {
                job,
                members: vec![delivery],
                again: job.again,
            }),
        }
    }
    groups
}
