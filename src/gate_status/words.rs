//! A gate's status in words, with what to do about it.

use super::{GateStatus, Installed, Unproven, WhatRan};
use crate::bitbucket::Version;
use crate::repository::RepositoryName;
use crate::verdicts::Record;

const MOMENT: &str = "%Y-%m-%d %H:%M UTC";

impl GateStatus {
    /// The word for programs.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Ran { .. } => "ran",
            Self::Merged => "merged",
            Self::Checked { .. } => "checked",
            Self::Unproven(_) => "unproven",
            Self::DidNotRun { .. } => "did-not-run",
            Self::NotInstalled => "not-installed",
        }
    }

    /// What was found.
    #[must_use]
    pub fn message(&self, record: &Record) -> String {
        match self {
            Self::Ran { at } => format!("the newest commit was judged at {}", at.strftime(MOMENT)),
            Self::Merged => {
                "the newest commit is a pull request's merge, and the hook after it ran".to_owned()
            }
            Self::Checked { by, installed } => {
                let command = by.command();
                let gate = match installed {
                    Installed::No => "no hook refuses pushes here",
                    _ => "this node's record shows no verdict",
                };
                format!(
                    "{gate}; the newest commit was checked after its push, as its report of `{command}` shows"
                )
            }
            Self::NotInstalled => {
                "Bitbucket does not run the gate: pushes are accepted unchecked".to_owned()
            }
            Self::DidNotRun { commit, ran } => {
                let short = commit.get(..10).unwrap_or(commit);
                match ran {
                    WhatRan::Nothing => {
                        format!("commit {short} came in, and neither hook ran on this node")
                    }
                    WhatRan::PostReceive => format!(
                        "commit {short} came in without a verdict; only the post-receive hook ran"
                    ),
                }
            }
            Self::Unproven(Unproven::Empty) => {
                "nothing was pushed to its default branch yet".to_owned()
            }
            Self::Unproven(Unproven::NoRecord) => {
                "no push to it was judged on this node so far".to_owned()
            }
            Self::Unproven(Unproven::NothingNew) => match record.since {
                Some(since) => format!(
                    "the newest commit was made before this node's record begins ({})",
                    since.strftime(MOMENT)
                ),
                None => "the newest commit was made before this node's record begins".to_owned(),
            },
        }
    }

    /// What to do about it; none where the gate ran.
    #[must_use]
    pub fn remedy(&self, name: &RepositoryName, version: &Version) -> Option<String> {
        const PUSH: &str = "push a commit, and look again";
        let switch = version.has_hook_scripts_off().then(|| {
            format!(
                "Bitbucket {version} runs no hook script unless `feature.hook.scripts=true` stands in bitbucket.properties"
            )
        });
        Some(match self {
            Self::Ran { .. } | Self::Merged | Self::Checked { .. } => return None,
            Self::NotInstalled => format!(
                "run `pushgate bitbucket hooks install --repository {name}`, or for the whole project `--project {}`",
                name.project()
            ),
            Self::DidNotRun {
                ran: WhatRan::PostReceive,
                ..
            } => "see that the pre-receive script is enabled with all triggers: `pushgate bitbucket hooks install` sets them".to_owned(),
            Self::DidNotRun { .. } => match switch {
                Some(switch) => format!(
                    "{switch}: set it on every node and restart; where it is set, run this on the other nodes, each has a record of its own"
                ),
                None => "look for the hook's error in Bitbucket's log at the time of the push; run this on the other nodes too, each has a record of its own".to_owned(),
            },
            Self::Unproven(Unproven::Empty | Unproven::NothingNew) => PUSH.to_owned(),
            Self::Unproven(Unproven::NoRecord) => {
                let place = "hooks keep the record in the state folder, which must be there and be theirs (`pushgate doctor`), on each node its own";
                match switch {
                    Some(switch) => format!("{PUSH}; {place}; {switch}"),
                    None => format!("{PUSH}; {place}"),
                }
            }
        })
    }
}
