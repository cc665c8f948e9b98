//! Which commits of a push are built, and by whom.

use serde_json::Value;

use super::build_target;
use crate::algorithmia::AlgorithmRef;
use crate::check::Standing;
use crate::config::{BranchPattern, Config, FromFile};
use crate::git::{CommitId, RefName, RefUpdate};
use crate::origin::{Origin, OriginError};
use crate::outbox::{BuildJob, BuildTarget};
use crate::repository::RepositoryName;

/// The file that names a repository's algorithm.
const FILE: &str = "algorithmia.conf";

/// A larger file names no algorithm.
const LARGEST: u64 = 64 * 1024;

/// Whether anything is built for any repository.
#[must_use]
pub fn are_configured(config: &Config) -> bool {
    !config.algorithmia.builds.is_empty()
        || config.algorithmia.from_file.is_some()
        || !config.triggers.is_empty()
}

/// The builds whose repository and branch the push matches, each (target, commit) once; remarks
/// say to the pusher why something is not built.
///
/// # Errors
/// The repository can't be read.
pub fn of_push(
    origin: &dyn Origin,
    config: &Config,
    name: &RepositoryName,
    updates: &[RefUpdate],
    remarks: &mut Vec<String>,
) -> Result<Vec<BuildJob>, OriginError> {
    let mut push = Push {
        origin,
        updates,
        default_branch: None,
        jobs: Vec::new(),
    };
    let own = config.algorithmia.builds.iter();
    for build in own.filter(|build| build.repository == *name) {
        let target = build_target::of_build(build);
        let moved = match &build.branch {
            Some(branch) => push.moved(|other| other == branch)?,
            None => push.default_moved()?,
        };
        push.add(moved, &target);
    }
    let mapped: Vec<CommitId> = push.jobs.iter().map(|job| job.commit.clone()).collect();
    for trigger in config
        .triggers
        .iter()
        .filter(|trigger| trigger.serves(name))
    {
        let target = build_target::of_trigger(trigger);
        let moved = push.matching(trigger.branch.as_ref())?;
        push.add(moved, &target);
    }
    if let Some(from_file) = &config.algorithmia.from_file
        && from_file.repositories.iter().any(|one| one.matches(name))
    {
        for (branch, commit) in push.matching(from_file.branch.as_ref())? {
            // What the operator says has precedence.
            if mapped.contains(&commit) {
                continue;
            }
            match named(origin, &commit, from_file)? {
                Named::Nothing => {}
                Named::Algorithm(algorithm) => {
                    let target = BuildTarget::Algorithmia {
                        algorithm,
                        ssh_key_file: from_file.ssh_key_file.clone(),
                    };
                    push.add(vec![(branch, commit)], &target);
                }
                Named::Wrongly(why) => {
                    remarks.push(format!("nothing is built at {}: {why}", commit.short()));
                }
            }
        }
    }
    Ok(push.jobs)
}

/// A branch and the commit that it was moved to.
type Moved = (String, CommitId);

struct Push<'a> {
    origin: &'a dyn Origin,
    updates: &'a [RefUpdate],
    default_branch: Option<Option<RefName>>,
    jobs: Vec<BuildJob>,
}

impl Push<'_> {
    fn matching(&mut self, pattern: Option<&BranchPattern>) -> Result<Vec<Moved>, OriginError> {
        match pattern {
            Some(pattern) => self.moved(|branch| pattern.matches(branch)),
            None => self.default_moved(),
        }
    }

    fn default_moved(&mut self) -> Result<Vec<Moved>, OriginError> {
        let default = match &self.default_branch {
            Some(known) => known.clone(),
            None => self
                .default_branch
                .insert(self.origin.default_branch()?)
                .clone(),
        };
        let Some(default) = default else {
            return Ok(Vec::new());
        };
        let mut moved = Vec::new();
        for update in self
            .updates
            .iter()
            .filter(|update| *update.name() == default)
        {
            moved.extend(self.commit(update)?);
        }
        Ok(moved)
    }

    fn moved(&self, wanted: impl Fn(&str) -> bool) -> Result<Vec<Moved>, OriginError> {
        let mut moved = Vec::new();
        for update in self.updates {
            if update.name().branch().is_some_and(&wanted) {
                moved.extend(self.commit(update)?);
            }
        }
        Ok(moved)
    }

    fn commit(&self, update: &RefUpdate) -> Result<Option<Moved>, OriginError> {
        let (Some(branch), Some(id)) = (update.name().branch(), update.new_id()) else {
            return Ok(None);
        };
        let commit = self.origin.commit(id)?;
        Ok(commit.map(|commit| (branch.to_owned(), commit)))
    }

    fn add(&mut self, moved: Vec<Moved>, target: &BuildTarget) {
        for (branch, commit) in moved {
            let is_same = |job: &BuildJob| job.commit == commit && job.target == *target;
            if !self.jobs.iter().any(is_same) {
                self.jobs.push(BuildJob {
                    branch: Some(branch),
                    commit,
                    target: target.clone(),
                    again: false,
                });
            }
        }
    }
}

/// What a repository's file says.
enum Named {
    /// There is none.
    Nothing,
    /// This one, which the operator allows.
    Algorithm(AlgorithmRef),
    /// Something that can't be, or may not be, in words.
    Wrongly(String),
}

fn named(
    origin: &dyn Origin,
    commit: &CommitId,
    from_file: &FromFile,
) -> Result<Named, OriginError> {
    let wrongly = |why: &str| Ok(Named::Wrongly(why.to_owned()));
    let bytes = match origin.file(commit, FILE, LARGEST)? {
        Standing::Nothing => return Ok(Named::Nothing),
        Standing::File(bytes) => bytes,
        Standing::LargeFile { .. } => return wrongly("`algorithmia.conf` is larger than 64 KiB"),
        Standing::Symlink | Standing::Submodule | Standing::Folder => {
            return wrongly("`algorithmia.conf` is no file");
        }
    };
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let Ok(content) = serde_json::from_slice::<Value>(bytes) else {
        return wrongly("`algorithmia.conf` is not JSON");
    };
    let text = |key: &str| content.get(key).and_then(Value::as_str);
    let Some((owner, name)) = text("username").zip(text("algoname")) else {
        return wrongly("`algorithmia.conf` has no `username` and `algoname`");
    };
    let Ok(algorithm) = format!("{owner}/{name}").parse::<AlgorithmRef>() else {
        return wrongly("`algorithmia.conf` names no algorithm");
    };
    if from_file
        .algorithms
        .iter()
        .any(|pattern| pattern.matches(&algorithm))
    {
        return Ok(Named::Algorithm(algorithm));
    }
    Ok(Named::Wrongly(format!(
        "`algorithmia.conf` names the algorithm {algorithm}, which this server does not build; \
         correct `username` and `algoname`, or ask its operator to allow it"
    )))
}
