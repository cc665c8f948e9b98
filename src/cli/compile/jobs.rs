//! What has to be built, by the command line and the configuration.

use super::CompileError;
use crate::algorithmia::AlgorithmRef;
use crate::config::{BranchPattern, Config};
use crate::git::CommitId;
use crate::outbox::{BuildJob, BuildTarget};
use crate::pushed::build_target;
use crate::repository::RepositoryName;

/// What is asked for of all that builds a repository.
pub(super) enum Only {
    /// Nothing is left out.
    All,
    /// What the configuration calls so.
    Named(String),
    /// This algorithm.
    Algorithm(AlgorithmRef),
}

/// Who may build a repository, and the branch that it is told of.
struct Candidate {
    name: String,
    branch: Option<String>,
    target: BuildTarget,
}

/// The builds of a commit that are asked for; never none.
pub(super) fn asked_for(
    config: &Config,
    repository: &RepositoryName,
    commit: &CommitId,
    only: &Only,
    branch: Option<&str>,
) -> Result<Vec<BuildJob>, CompileError> {
    let mut all = configured(config, repository);
    all.extend(allowed(config, repository, only, &all));
    if all.is_empty() {
        return Err(CompileError::NothingBuilds(repository.clone()));
    }
    let is_meant = |candidate: &Candidate| match only {
        Only::All => true,
        Only::Named(name) => candidate.name == *name,
        Only::Algorithm(wanted) => matches!(
            &candidate.target,
            BuildTarget::Algorithmia { algorithm, .. } if algorithm == wanted
        ),
    };
    let mut jobs: Vec<BuildJob> = Vec::new();
    for candidate in all.iter().filter(|candidate| is_meant(candidate)) {
        if !jobs.iter().any(|job| job.target == candidate.target) {
            jobs.push(BuildJob {
                branch: branch.map(str::to_owned).or(candidate.branch.clone()),
                commit: commit.clone(),
                target: candidate.target.clone(),
                again: true,
            });
        }
    }
    let name = match only {
        Only::All => return Ok(jobs),
        Only::Named(name) => name.clone(),
        Only::Algorithm(algorithm) => algorithm.to_string(),
    };
    if !jobs.is_empty() {
        return Ok(jobs);
    }
    let known: Vec<String> = all.iter().map(|one| format!("`{}`", one.name)).collect();
    Err(CompileError::UnknownTrigger {
        name,
        repository: repository.clone(),
        known: format!("it is built by {}", known.join(", ")),
    })
}

/// All that the configuration maps to the repository.
fn configured(config: &Config, repository: &RepositoryName) -> Vec<Candidate> {
    let builds = config.algorithmia.builds.iter();
    let mut all: Vec<Candidate> = builds
        .filter(|build| build.repository == *repository)
        .map(|build| Candidate {
            name: build.algorithm.to_string(),
            branch: build.branch.clone(),
            target: build_target::of_build(build),
        })
        .collect();
    for trigger in config.triggers.iter().filter(|one| one.serves(repository)) {
        let target = build_target::of_trigger(trigger);
        let branch = trigger.branch.as_ref().and_then(BranchPattern::only);
        all.push(Candidate {
            name: trigger.name.to_string(),
            branch: branch.map(str::to_owned),
            target,
        });
    }
    all
}

/// The algorithm that a person names, where the repository's own file may name it too.
fn allowed(
    config: &Config,
    repository: &RepositoryName,
    only: &Only,
    configured: &[Candidate],
) -> Option<Candidate> {
    let from_file = config.algorithmia.from_file.as_ref()?;
    let Only::Algorithm(algorithm) = only else {
        return None;
    };
    let is_mapped = configured
        .iter()
        .any(|one| matches!(one.target, BuildTarget::Algorithmia { .. }));
    let may = from_file
        .repositories
        .iter()
        .any(|one| one.matches(repository))
        && from_file
            .algorithms
            .iter()
            .any(|one| one.matches(algorithm));
    // What the operator maps has precedence, as it has in a push.
    (may && !is_mapped).then(|| Candidate {
        name: algorithm.to_string(),
        branch: from_file
            .branch
            .as_ref()
            .and_then(BranchPattern::only)
            .map(str::to_owned),
        target: BuildTarget::Algorithmia {
            algorithm: algorithm.clone(),
            ssh_key_file: from_file.ssh_key_file.clone(),
        },
    })
}
