//! What a push means for Port: the desired state of the branch that goes there.

use super::{commit_of, port_branch};
use std::path::Path;

use crate::catalog::{DesiredState, Entity, EntityKey, Undetermined};
use crate::check::Checker;
use crate::config::Config;
use crate::declared::declared;
use crate::git::{CommitId, ObjectStore, ReadError, RefName, RefUpdate};
use crate::outbox::{CatalogJob, Extent};

/// How often a tip that moves on while its job is written is followed. Each push that moves it
/// writes a job of its own as well.
const FOLLOWED: usize = 10;

/// The branch that goes to Port, where a push moved it.
pub(super) struct Entities<'a> {
    store: &'a dyn ObjectStore,
    checker: &'a Checker,
    config: &'a Config,
    git_dir: Option<&'a Path>,
    branch: RefName,
    old: Option<CommitId>,
    pushed: CommitId,
}

impl<'a> Entities<'a> {
    /// The branch, if it is among the updates.
    pub(super) fn of(
        store: &'a dyn ObjectStore,
        checker: &'a Checker,
        config: &'a Config,
        git_dir: Option<&'a Path>,
        updates: &[RefUpdate],
    ) -> Result<Option<Self>, ReadError> {
        let Some(branch) = port_branch(config, store)? else {
            return Ok(None);
        };
        let moved = updates.iter().find(|update| *update.name() == branch);
        let Some((update, new)) = moved.and_then(|update| Some((update, update.new_id()?))) else {
            return Ok(None);
        };
        let Some(pushed) = commit_of(store, new)? else {
            return Ok(None);
        };
        let old = match update.old() {
            Some(old) => commit_of(store, old)?,
            None => None,
        };
        Ok(Some(Self {
            store,
            checker,
            config,
            git_dir,
            branch,
            old,
            pushed,
        }))
    }

    /// Hands the jobs to `put`, which makes them durable, until the branch's tip is the last one's.
    ///
    /// Another push may have moved the branch on already, and its job may be delivered before ours
    /// is written: the state that is written last must be the tip's.
    pub(super) fn put<E: From<ReadError>>(
        &self,
        remarks: &mut Vec<String>,
        mut put: impl FnMut(CatalogJob) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut old = self.old.clone();
        let mut tip = self.tip()?;
        for _ in 0..FOLLOWED {
            let Some(job) = self.job(old.as_ref(), &tip, remarks)? else {
                break;
            };
            put(job)?;
            let now = self.tip()?;
            if now == tip {
                break;
            }
            old = Some(std::mem::replace(&mut tip, now));
        }
        Ok(())
    }

    /// Where the branch stands now; where it is gone again, the pushed commit.
    fn tip(&self) -> Result<CommitId, ReadError> {
        let tip = match self.store.reference(&self.branch)? {
            Some(id) => commit_of(self.store, &id)?,
            None => None,
        };
        Ok(tip.unwrap_or_else(|| self.pushed.clone()))
    }

    /// The job that brings Port from one commit to another; none where nothing changes, or where
    /// the state can't be told: then a remark says why.
    fn job(
        &self,
        old: Option<&CommitId>,
        tip: &CommitId,
        remarks: &mut Vec<String>,
    ) -> Result<Option<CatalogJob>, ReadError> {
        let (kinds, limits) = (self.checker.kinds(), self.checker.limits());
        let now = declared(self.store, tip, kinds, limits)?;
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
            Some(old) => declared(self.store, old, kinds, limits)?.state,
            None => Ok(DesiredState::default()),
        };
        let previous = match before {
            Ok(before) if before == desired => return Ok(None),
            Ok(before) => before.keys().cloned().collect(),
            Err(undetermined) => {
                remarks.push(format!(
                    "nothing is deleted in Port, since what the commit before declared can't be told: {}: {}",
                    undetermined.file, undetermined.reason
                ));
                Vec::new()
            }
        };
        let desired = desired.entities().cloned().collect();
        Ok(Some(self.stated(old, tip, Ok(desired), previous)))
    }

    fn stated(
        &self,
        old: Option<&CommitId>,
        tip: &CommitId,
        desired: Result<Vec<Entity>, Undetermined>,
        previous: Vec<EntityKey>,
    ) -> CatalogJob {
        CatalogJob {
            ref_name: self.branch.as_str().to_owned(),
            old: old.cloned(),
            new: tip.clone(),
            desired,
            extent: Extent::Whole,
            previous,
            delete: self.config.port.delete,
            git_dir: self.git_dir.map(Path::to_owned),
            approved: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::path::Path;
    use std::process::{Command, Stdio};

    use super::*;
    use crate::git::{HookEnvironment, Repository};

    fn git(repository: &Path, arguments: &[&str], input: &str) -> String {
        let mut child = Command::new("git")
            .arg("--git-dir")
            .arg(repository)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(input.as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap();
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
        let checker = config.checker().unwrap();
        let update = RefUpdate::Moved {
            name: RefName::of_branch("main"),
            old: one.0.clone(),
            new: two.0.clone(),
        };
        let entities = Entities::of(&store, &checker, &config, None, &[update])
            .unwrap()
            .unwrap();
        let mut jobs = Vec::new();
        let mut remarks = Vec::new();
        entities
            .put(&mut remarks, |job| {
                jobs.push((job.old.clone().unwrap(), job.new.clone()));
                move_to(&three);
                Ok::<_, ReadError>(())
            })
            .unwrap();
        assert_eq!(jobs, [(one, two.clone()), (two, three)]);
        assert_eq!(remarks, Vec::<String>::new());
    }
}
