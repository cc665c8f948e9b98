//! The record of pushes: the gate writes what it let pass, and the hook after it looks whether it did.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::cli::Invocation;
use crate::config::Config;
use crate::environment::BB_HOOK_TRIGGER_ID;
use crate::git::RefUpdate;
use crate::repository::RepositoryName;
use crate::verdicts::{Hook, Line, Verdicts, is_merge, trigger};

/// Writes a push down, where the state folder is there; that it can't be is no reason to say anything.
pub(super) fn note(
    invocation: &Invocation,
    config: &Config,
    repository: Option<&RepositoryName>,
    hook: Hook,
    updates: &[RefUpdate],
) {
    let (Some(repository), Some(state)) = (repository, state(invocation, config)) else {
        return;
    };
    let line = Line {
        at: Timestamp::now(),
        hook,
        trigger: trigger(invocation.environment.get(BB_HOOK_TRIGGER_ID)),
        tips: tips(updates).map(str::to_owned).collect(),
    };
    let _ = Verdicts::of(&state).note(repository, &line);
}

/// The refs that moved without a verdict of the gate, on a node whose record shows that it has one.
pub(super) fn without_verdict<'a>(
    invocation: &Invocation,
    config: &Config,
    repository: &RepositoryName,
    updates: &'a [RefUpdate],
) -> Vec<&'a RefUpdate> {
    if is_merge(invocation.environment.get(BB_HOOK_TRIGGER_ID)) {
        return Vec::new();
    }
    let record = state(invocation, config)
        .and_then(|state| Verdicts::of(&state).record(repository).ok())
        .filter(|record| record.has_verdicts());
    let Some(record) = record else {
        return Vec::new();
    };
    updates
        .iter()
        .filter(|update| {
            update
                .new_id()
                .is_some_and(|new| record.judged(new.as_str()).is_none())
        })
        .collect()
}

fn state(invocation: &Invocation, config: &Config) -> Option<PathBuf> {
    config.state_folder(&invocation.environment).ok()
}

fn tips(updates: &[RefUpdate]) -> impl Iterator<Item = &str> {
    updates
        .iter()
        .filter_map(|update| Some(update.new_id()?.as_str()))
}
