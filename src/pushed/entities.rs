//! What a push means for Port: the desired state of the branch that goes there.

use std::path::Path;

use super::port_branch;
use crate::bitbucket::Problem;
use crate::catalog::{DesiredState, Entity, EntityKey, Undetermined};
use crate::config::Config;
use crate::document::Kinds;
use crate::git::{CommitId, RefName, RefUpdate};
use crate::origin::{DEFAULT_BRANCH, Origin, OriginError};
use crate::outbox::{CatalogJob, Extent};

/// How often a tip that moves on while its job is written is followed. Each push that moves it
/// writes a job of its own as well.
const FOLLOWED: usize = 10;

/// The branch that goes to Port, where a push moved it.
pub struct Entities<'a> {
    origin: &'a dyn Origin,
    kinds: &'a Kinds,
    config: &'a Config,
    branch: Moved,
    old: Option<CommitId>,
    pushed: CommitId,
    unread: WhenUnread,
}

/// What is done where a server can't be asked now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenUnread {
    /// A job that is read when it is delivered: nobody comes back with this push.
    Later,
    /// Nothing: whoever has the push comes back with it.
    ComesBack,
}

/// Which branch goes to Port.
enum Moved {
    /// This one, and the push has moved it.
    Branch(RefName),
    /// The default branch, of which nobody could tell whether the push has moved it.
    Unknown(Problem),
}

impl<'a> Entities<'a> {
    /// The branch, if it is among the updates or may be.
    ///
    /// # Errors
    /// The repository can't be read.
    pub fn of(
        origin: &'a dyn Origin,
        kinds: &'a Kinds,
        config: &'a Config,
        updates: &[RefUpdate],
        unread: WhenUnread,
    ) -> Result<Option<Self>, OriginError> {
        let branch = match port_branch(config, origin) {
            Ok(Some(branch)) => Moved::Branch(branch),
            Ok(None) => return Ok(None),
            Err(OriginError::Rest(problem)) if unread == WhenUnread::Later => {
                Moved::Unknown(problem)
            }
            Err(error) => return Err(error),
        };
        let may_be_it = |update: &&RefUpdate| match &branch {
            Moved::Branch(branch) => update.name() == branch,
            Moved::Unknown(_) => update.name().branch().is_some() && update.new_id().is_some(),
        };
        let moved = updates.iter().find(may_be_it);
        let Some((update, new)) = moved.and_then(|update| Some((update, update.new_id()?))) else {
            return Ok(None);
        };
        let Some(pushed) = origin.commit(new)? else {
            return Ok(None);
        };
        let old = match update.old() {
            Some(old) => origin.commit(old)?,
            None => None,
        };
        Ok(Some(Self {
            origin,
            kinds,
            config,
            branch,
            old,
            pushed,
            unread,
        }))
    }

    /// Hands the jobs to `put`, which makes them durable, until the branch's tip is the last one's.
    ///
    /// Another push may have moved the branch on already, and its job may be delivered before ours
    /// is written: the state that is written last must be the tip's.
    ///
    /// # Errors
    /// The repository can't be read, or what `put` says.
    pub fn put<E: From<OriginError>>(
        &self,
        remarks: &mut Vec<String>,
        mut put: impl FnMut(CatalogJob) -> Result<(), E>,
    ) -> Result<(), E> {
        let branch = match &self.branch {
            Moved::Branch(branch) => branch,
            Moved::Unknown(problem) => {
                return put(self.unread(None, &self.pushed, problem, remarks));
            }
        };
        let mut old = self.old.clone();
        let mut tip = self.tip(branch)?;
        for _ in 0..FOLLOWED {
            let Some(job) = self.job(old.as_ref(), &tip, remarks)? else {
                break;
            };
            put(job)?;
            let now = self.tip(branch)?;
            if now == tip {
                break;
            }
            old = Some(std::mem::replace(&mut tip, now));
        }
        Ok(())
    }

    /// The job that the push would lead to, before the branch has moved.
    ///
    /// # Errors
    /// The repository can't be read.
    pub fn expected(&self) -> Result<Option<CatalogJob>, OriginError> {
        // Whoever pushes hears the remarks once the push is accepted.
        self.job(self.old.as_ref(), &self.pushed, &mut Vec::new())
    }

    /// Where the branch stands now; where it is gone again, or a server can't tell, the pushed
    /// commit: whoever delivers it looks again.
    fn tip(&self, branch: &RefName) -> Result<CommitId, OriginError> {
        match self.origin.tip(branch) {
            Ok(tip) => Ok(tip.unwrap_or_else(|| self.pushed.clone())),
            Err(OriginError::Rest(_)) if self.unread == WhenUnread::Later => {
                Ok(self.pushed.clone())
            }
            Err(error) => Err(error),
        }
    }

    /// The job that brings Port from one commit to another; none where nothing changes, or where
    /// the state can't be told: then a remark says why.
    fn job(
        &self,
        old: Option<&CommitId>,
        tip: &CommitId,
        remarks: &mut Vec<String>,
    ) -> Result<Option<CatalogJob>, OriginError> {
        let now = match self.origin.declared(tip, self.kinds) {
            Ok(now) => now,
            Err(OriginError::Rest(problem)) if self.unread == WhenUnread::Later => {
                return Ok(Some(self.unread(old, tip, &problem, remarks)));
            }
            Err(error) => return Err(error),
        };
        let desired = match now.state {
            Ok(state) => state,
            Err(undetermined) => {
                remarks.push(format!(
                    "nothing goes to Port: {}: {}; push a mended one",
                    undetermined.file, undetermined.reason
                ));
                return Ok(Some(self.stated(old, tip, Err(undetermined), Vec::new())));
            }
        };
        remarks.extend(now.unresolved.iter().map(ToString::to_string));
        let before = match old {
            Some(old) => self.before(old)?,
            None => Ok(DesiredState::default()),
        };
        let previous = match before {
            Ok(before) if before == desired => return Ok(None),
            Ok(before) => before.keys().cloned().collect(),
            Err(reason) => {
                remarks.push(format!(
                    "nothing is deleted in Port, since what the commit before declared can't be told: {reason}"
                ));
                Vec::new()
            }
        };
        let desired = desired.entities().cloned().collect();
        Ok(Some(self.stated(old, tip, Ok(desired), previous)))
    }

    /// What the commit before declared, or why that can't be told: a server may have forgotten a
    /// commit that a forced push took away.
    fn before(&self, old: &CommitId) -> Result<Result<DesiredState, String>, OriginError> {
        Ok(match self.origin.declared(old, self.kinds) {
            Ok(before) => before
                .state
                .map_err(|undetermined| undetermined.to_string()),
            Err(OriginError::Rest(problem))
                if self.unread == WhenUnread::Later || problem.is_not_found() =>
            {
                Err(problem.to_string())
            }
            Err(error) => return Err(error),
        })
    }

    /// The job of a push that no server could be asked about: what the branch declares is read when
    /// the job is carried out, and nothing is delivered before.
    fn unread(
        &self,
        old: Option<&CommitId>,
        new: &CommitId,
        problem: &Problem,
        remarks: &mut Vec<String>,
    ) -> CatalogJob {
        remarks.push(format!(
            "what it declares could not be read now and is read again when it is delivered: {problem}"
        ));
        let undetermined = Undetermined {
            file: "Bitbucket".to_owned(),
            reason: "it could not be asked when this was pushed".to_owned(),
        };
        self.stated(old, new, Err(undetermined), Vec::new())
    }

    fn stated(
        &self,
        old: Option<&CommitId>,
        tip: &CommitId,
        desired: Result<Vec<Entity>, Undetermined>,
        previous: Vec<EntityKey>,
    ) -> CatalogJob {
        CatalogJob {
            ref_name: match &self.branch {
                Moved::Branch(branch) => branch.as_str().to_owned(),
                Moved::Unknown(_) => DEFAULT_BRANCH.to_owned(),
            },
            old: old.cloned(),
            new: tip.clone(),
            desired,
            extent: Extent::Whole,
            previous,
            delete: self.config.port.delete,
            git_dir: self.origin.git_dir().map(Path::to_owned),
            approved: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::git::{HookEnvironment, Repository};
    use crate::origin::OnDisk;

    fn git(repository: &Path, arguments: &[&str], input: &str) -> String {
        let mut git = standin::Command::new("git");
        git.arg("--git-dir").arg(repository).args(arguments);
        let output = standin::feed(&mut git, input);
        assert!(output.status.success(), "git {arguments:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// A bare repository whose branches `one`, `two` and `three` follow one another, each with an
    /// entity of that name.
    fn repository(folder: &Path) -> [CommitId; 3] {
        git(
            folder,
            &["init", "--quiet", "--bare", "--initial-branch=main"],
            "",
        );
        let mut stream = String::new();
        let mut from = String::new();
        for name in ["one", "two", "three"] {
            let file = format!("identifier: {name}\ntitle: T\nblueprint: service\n");
            stream.push_str(&format!(
                "commit refs/heads/{name}\ncommitter Ada <ada@example.com> 1767225600 +0000\ndata 1\nx\n{from}M 100644 inline port.yaml\ndata {}\n{file}\n",
                file.len()
            ));
            from = format!("from refs/heads/{name}\n");
        }
        git(folder, &["fast-import", "--quiet"], &stream);
        ["one", "two", "three"]
            .map(|name| CommitId(git(folder, &["rev-parse", name], "").parse().unwrap()))
    }

    /// The branch moves on while the job of the first push is written: the job of the second push
    /// may have been delivered by then, so that the tip's state has to be written once more.
    #[test]
    fn a_tip_that_moves_on_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let [one, two, three] = repository(folder.path());
        let move_to = |commit: &CommitId| {
            git(
                folder.path(),
                &["update-ref", "refs/heads/main", commit.as_str()],
                "",
            );
        };
        move_to(&two);
        let store = Repository::open(&HookEnvironment::at(folder.path())).unwrap();
        let config = Config::default();
        let kinds = Kinds::default();
        let update = RefUpdate::Moved {
            name: RefName::of_branch("main"),
            old: one.0.clone(),
            new: two.0.clone(),
        };
        let origin = OnDisk(&store);
        let entities = Entities::of(&origin, &kinds, &config, &[update], WhenUnread::Later)
            .unwrap()
            .unwrap();
        let mut jobs = Vec::new();
        let mut remarks = Vec::new();
        entities
            .put(&mut remarks, |job| {
                jobs.push((job.old.clone().unwrap(), job.new.clone()));
                move_to(&three);
                Ok::<_, OriginError>(())
            })
            .unwrap();
        assert_eq!(jobs, [(one, two.clone()), (two, three)]);
        assert_eq!(remarks, Vec::<String>::new());
    }
}
