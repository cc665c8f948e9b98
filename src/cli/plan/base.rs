//! What a commit's state is compared with.

use super::{Command, PlanError};
use crate::cli::CommandError;
use crate::git::{CommitId, ObjectStore, ReadError};
use crate::report::Against;

/// A branch that Port may have the state of.
struct Candidate {
    name: String,
    /// Whether it may be ahead of Port, as a branch of a work tree is before it is pushed.
    local: bool,
}

impl Command<'_> {
    /// The commit that was named, else the one that Port most likely has.
    pub(super) fn against(&self, commit: &CommitId) -> Result<Against, CommandError> {
        if let Some(base) = &self.arguments.base {
            let tip = self.commit(base)?;
            return self.parted(base, tip, commit);
        }
        for Candidate { name, local } in self.candidates()? {
            match self.repository.commit_named(&name)? {
                Some(tip) if !(local && tip == *commit) => {
                    let name = name
                        .strip_prefix("refs/remotes/")
                        .or_else(|| name.strip_prefix("refs/heads/"))
                        .unwrap_or(&name);
                    return self.parted(name, tip, commit);
                }
                _ => {}
            }
        }
        let parent = format!("{}~1", commit.as_str());
        match self.repository.commit_named(&parent)? {
            Some(id) => Ok(Against::Commit {
                id,
                named: format!("{}~1", self.arguments.revision),
            }),
            None if self.repository.is_shallow() => Err(self.shallow()),
            None => Ok(Against::Nothing),
        }
    }

    fn candidates(&self) -> Result<Vec<Candidate>, ReadError> {
        let branch = self.config.port.branch.as_deref();
        let candidate = |name: String, local| Candidate { name, local };
        if self.bare {
            let branch = match branch {
                Some(branch) => Some(format!("refs/heads/{branch}")),
                None => {
                    let default = self.repository.default_branch()?;
                    default.map(|name| name.as_str().to_owned())
                }
            };
            return Ok(branch
                .map(|name| candidate(name, false))
                .into_iter()
                .collect());
        }
        Ok(match branch {
            Some(branch) => vec![
                candidate(format!("refs/remotes/origin/{branch}"), false),
                candidate(format!("refs/heads/{branch}"), true),
            ],
            None => vec![candidate("refs/remotes/origin/HEAD".to_owned(), false)],
        })
    }

    /// What a branch has got since does not change by delivering a commit that lacks it.
    fn parted(
        &self,
        name: &str,
        tip: CommitId,
        commit: &CommitId,
    ) -> Result<Against, CommandError> {
        let named = name.to_owned();
        match self.repository.merge_base(&tip, commit)? {
            Some(id) if id == tip => Ok(Against::Commit { id, named }),
            Some(id) => Ok(Against::Commit {
                id,
                named: format!("where it left {name}"),
            }),
            None if self.repository.is_shallow() => Err(self.shallow()),
            None => Ok(Against::Commit { id: tip, named }),
        }
    }

    fn shallow(&self) -> CommandError {
        let revision = super::shown(&self.arguments.revision);
        CommandError::usage(PlanError::Shallow(revision))
    }
}
