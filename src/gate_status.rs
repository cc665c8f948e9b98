//! Whether the gate really runs for a repository: what the server is set up to do, held against what the
//! record of this node's hooks says of its newest commit, and what reports on that commit say.

mod words;

use jiff::Timestamp;

use crate::bitbucket::{
    Client, EnabledScript, ExternalHookState, HookScriptType, NewestCommit, Problem, Scope, Version,
};
use crate::hook_text::script_name;
use crate::report::Reporter;
use crate::repository::RepositoryName;
use crate::verdicts::{Record, is_merge};

/// What the server is set up to do before refs of a repository move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Installed {
    /// It runs the gate as a hook script.
    HookScript,
    /// It runs the gate by External Hooks.
    ExternalHook,
    /// It runs something else, or nothing.
    No,
    /// The server's API does not tell: hooks are files on its disk.
    NotTold,
}

/// Whether the gate runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GateStatus {
    /// It judged the newest commit.
    Ran {
        /// When.
        at: Timestamp,
    },
    /// The newest commit is Bitbucket's own merge; the hook after it ran.
    Merged,
    /// No verdict of it is known here; the newest commit was checked after its push.
    Checked {
        /// By whom, as a report on the commit shows.
        by: Reporter,
        /// What the server is set up to do before refs move.
        installed: Installed,
    },
    /// Nothing was pushed that could show it.
    Unproven(Unproven),
    /// The newest commit came in without a verdict.
    DidNotRun {
        /// The commit.
        commit: String,
        /// What of pushgate ran.
        ran: WhatRan,
    },
    /// The server does not run it.
    NotInstalled,
}

/// Why nothing shows whether the gate runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unproven {
    /// The repository is empty.
    Empty,
    /// This node's record holds nothing of the repository.
    NoRecord,
    /// The newest commit is older than the record.
    NothingNew,
}

/// What of pushgate ran for a push that has no verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhatRan {
    /// Neither hook.
    Nothing,
    /// The hook after it.
    PostReceive,
}

impl Installed {
    /// Asks the server.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn ask(client: &Client, version: &Version, scope: &Scope) -> Result<Self, Problem> {
        if version.has_hook_script_api() && client.hook_scripts(scope)?.iter().any(is_gate) {
            return Ok(Self::HookScript);
        }
        Ok(match client.external_hook(scope, HookScriptType::Pre)? {
            ExternalHookState::On(Some(settings)) if settings.is_pushgate() => Self::ExternalHook,
            _ if version.has_hook_script_api() => Self::No,
            _ => Self::NotTold,
        })
    }
}

/// Whether a script is the gate, also where an operator has given it another name.
#[must_use]
pub fn is_gate(enabled: &EnabledScript) -> bool {
    let script = &enabled.script;
    let is_ours =
        script.name == script_name(HookScriptType::Pre) || script.name.contains("pushgate");
    script.kind == HookScriptType::Pre && is_ours && enabled.runs_on(&["push"])
}

impl GateStatus {
    /// Asks the server what it is set up to do, where the default branch of a repository stands, and,
    /// where the record leaves that open, whether the commit there was checked otherwise.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn ask(
        client: &Client,
        version: &Version,
        name: &RepositoryName,
        record: &Record,
    ) -> Result<Self, Problem> {
        let installed = Installed::ask(client, version, &Scope::Repository(name.clone()))?;
        let newest = client.newest_commit(name)?;
        let status = Self::of(installed, newest.as_ref(), record);
        // A push that a hook should have judged and did not stays one, whoever looked at it later.
        let (Self::NotInstalled | Self::Unproven(_), Some(newest)) = (&status, &newest) else {
            return Ok(status);
        };
        for by in Reporter::ALL {
            if client.has_insights(name, &newest.id, by.key())? {
                return Ok(Self::Checked { by, installed });
            }
        }
        Ok(status)
    }

    /// What is known of a repository whose default branch ends with this commit.
    #[must_use]
    pub fn of(installed: Installed, newest: Option<&NewestCommit>, record: &Record) -> Self {
        let Some(newest) = newest else {
            return match installed {
                Installed::No => Self::NotInstalled,
                _ => Self::Unproven(Unproven::Empty),
            };
        };
        if installed == Installed::No {
            return Self::NotInstalled;
        }
        if let Some(at) = record.judged(&newest.id) {
            return Self::Ran { at };
        }
        let did_not_run = |ran| Self::DidNotRun {
            commit: newest.id.clone(),
            ran,
        };
        match record.seen(&newest.id) {
            Some(trigger) if is_merge(trigger) => return Self::Merged,
            Some(_) => return did_not_run(WhatRan::PostReceive),
            None => {}
        }
        let Some(since) = record.since else {
            return Self::Unproven(Unproven::NoRecord);
        };
        // A commit was pushed after it was made: one that is younger than the record came in under it.
        let made = newest.committer_timestamp;
        match made.and_then(|ms| Timestamp::from_millisecond(ms).ok()) {
            Some(made) if made > since => did_not_run(WhatRan::Nothing),
            _ => Self::Unproven(Unproven::NothingNew),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdicts::{Hook, Line, Verdicts};

    fn record(lines: &[(Hook, &str, &str)]) -> Record {
        let state = tempfile::tempdir().unwrap();
        let verdicts = Verdicts::of(state.path());
        let name = "PRJ/hello".parse().unwrap();
        for (hook, trigger, tip) in lines {
            let line = Line {
                at: Timestamp::from_second(1000).unwrap(),
                hook: *hook,
                trigger: Some((*trigger).to_owned()),
                tips: vec![(*tip).to_owned()],
            };
            verdicts.note(&name, &line).unwrap();
        }
        verdicts.record(&name).unwrap()
    }

    fn newest(id: &str, second: i64) -> NewestCommit {
        NewestCommit {
            id: id.to_owned(),
            committer_timestamp: Some(second * 1000),
        }
    }

    #[test]
    fn a_commit_without_a_verdict_shows_what_did_not_run() {
        let record = record(&[
            (Hook::PreReceive, "push", "judged"),
            (Hook::PostReceive, "push", "judged"),
            (Hook::PostReceive, "push", "unjudged"),
            (Hook::PostReceive, "pull-request-merge", "merged"),
        ]);
        let of = |id: &str, second| {
            GateStatus::of(Installed::HookScript, Some(&newest(id, second)), &record)
        };
        let did_not_run = |id: &str, ran| GateStatus::DidNotRun {
            commit: id.to_owned(),
            ran,
        };
        assert!(matches!(of("judged", 5000), GateStatus::Ran { .. }));
        assert_eq!(of("merged", 5000), GateStatus::Merged);
        assert_eq!(
            of("unjudged", 5000),
            did_not_run("unjudged", WhatRan::PostReceive)
        );
        assert_eq!(of("other", 5000), did_not_run("other", WhatRan::Nothing));
        assert_eq!(of("other", 500), GateStatus::Unproven(Unproven::NothingNew));
    }

    #[test]
    fn what_is_not_known_is_no_fault() {
        let none = Record::default();
        let status = |installed, newest| GateStatus::of(installed, newest, &none);
        let commit = newest("x", 5000);
        let unproven = GateStatus::Unproven;
        assert_eq!(
            status(Installed::NotTold, Some(&commit)),
            unproven(Unproven::NoRecord)
        );
        assert_eq!(
            status(Installed::ExternalHook, None),
            unproven(Unproven::Empty)
        );
        assert_eq!(status(Installed::No, None), GateStatus::NotInstalled);
        assert_eq!(
            status(Installed::No, Some(&commit)),
            GateStatus::NotInstalled
        );
    }
}
