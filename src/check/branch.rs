//! Alternatives: of the branches of `anyOf` and `oneOf`, the one that the author meant.

use std::collections::HashSet;

use jsonschema::JsonTypeSet;

use crate::document::Pointer;

use super::fault::{Fault, Violation};

/// What to tell of a value at `at` that fits none of the `branches` of `keyword`.
///
/// First by type: a mapping was never meant to be the branch of lists. Then by the keys that tell
/// branches apart, then by the fewest faults. Where the branches say the same of the same place,
/// they are told as one: `push`, `tag` or `pr`.
pub(super) fn choose(at: &Pointer, keyword: &str, branches: Vec<Vec<Violation>>) -> Vec<Violation> {
    let (wrong_type, fitting): (Vec<_>, Vec<_>) = branches
        .into_iter()
        .filter(|branch| !branch.is_empty())
        .partition(|branch| expected_type(branch, at).is_some());
    if fitting.is_empty() {
        let expected = wrong_type
            .iter()
            .filter_map(|branch| expected_type(branch, at))
            .reduce(JsonTypeSet::union);
        return expected
            .map(|expected| violation(at, keyword, Fault::Type { expected }))
            .into_iter()
            .collect();
    }
    if let Some(keys) = missing_in_each(&fitting, at) {
        return vec![violation(at, keyword, Fault::Missing { keys })];
    }
    let merged = options_in_each(&fitting);
    let mut meant = fitting
        .into_iter()
        .min_by_key(|branch| unlikeness(branch, at))
        .unwrap_or_default();
    if let Some(merged) = merged {
        for violation in &mut meant {
            if violation.at == merged.at && matches!(violation.fault, Fault::Options { .. }) {
                violation.fault = merged.fault.clone();
            }
        }
    }
    meant
}

fn violation(at: &Pointer, keyword: &str, fault: Fault) -> Violation {
    Violation {
        at: at.clone(),
        keyword: keyword.to_owned(),
        fault,
    }
}

/// The type that a branch wants of the value itself, where the value is of another.
fn expected_type(branch: &[Violation], at: &Pointer) -> Option<JsonTypeSet> {
    branch.iter().find_map(|violation| match violation.fault {
        Fault::Type { expected } if violation.at == *at => Some(expected),
        _ => None,
    })
}

/// Each branch lacks one key of the value and nothing else: any of the keys would do.
fn missing_in_each(branches: &[Vec<Violation>], at: &Pointer) -> Option<Vec<String>> {
    let mut all = Vec::new();
    for branch in branches {
        match branch.as_slice() {
            [
                Violation {
                    at: place,
                    fault: Fault::Missing { keys },
                    ..
                },
            ] if place == at => {
                for key in keys {
                    if !all.contains(key) {
                        all.push(key.clone());
                    }
                }
            }
            _ => return None,
        }
    }
    Some(all)
}

/// Each branch allows other values in the same place: all of them together are allowed there.
fn options_in_each(branches: &[Vec<Violation>]) -> Option<Violation> {
    let places: Vec<HashSet<&Pointer>> = branches
        .iter()
        .map(|branch| branch.iter().filter(is_choice).map(|v| &v.at).collect())
        .collect();
    let first = branches.first()?.iter().find(|violation| {
        is_choice(violation) && places.iter().all(|places| places.contains(&violation.at))
    })?;
    let mut merged = Vec::new();
    for violation in branches.iter().flatten() {
        if let Fault::Options { allowed } = &violation.fault
            && violation.at == first.at
        {
            for value in allowed {
                if !merged.contains(value) {
                    merged.push(value.clone());
                }
            }
        }
    }
    Some(Violation {
        fault: Fault::Options { allowed: merged },
        ..first.clone()
    })
}

fn is_choice(violation: &&Violation) -> bool {
    matches!(violation.fault, Fault::Options { .. })
}

/// How unlike the value is to what a branch describes; the least wins.
fn unlikeness(branch: &[Violation], at: &Pointer) -> (usize, usize, usize, usize) {
    let below = at.depth() + 1;
    let mut discriminators = 0;
    let mut keys = 0;
    let mut deepest = 0;
    for violation in branch {
        let depth = violation.at.depth();
        deepest = deepest.max(depth);
        match violation.fault {
            Fault::Options { .. } if depth <= below => discriminators += 1,
            Fault::Missing { .. } | Fault::Unknown { .. } if depth < below => keys += 1,
            _ => {}
        }
    }
    (discriminators, keys, branch.len(), usize::MAX - deepest)
}
