//! Which repositories are meant.

use clap::Args;
use miette::Diagnostic;
use thiserror::Error;

use super::super::{CommandError, Invocation};
use crate::bitbucket::{Client, Problem, Repository, Scope};
use crate::config::RepositoryPattern;
use crate::environment::BITBUCKET_PROJECTS_FILTER;
use crate::report::SetupRow;
use crate::repository::RepositoryName;
use crate::sweep::Projects;

/// Which repositories are meant: one with `--repository`, or these.
#[derive(Debug, Args)]
pub(super) struct Targets {
    /// Whole projects by their keys, `~user` for a user's own [default: BITBUCKET_PROJECTS_FILTER]
    #[arg(long, value_name = "KEY", value_delimiter = ',', conflicts_with_all = ["filter", "all"])]
    project: Vec<String>,
    /// Repositories by a glob over PROJECT/slug: `PRJ/*`, `*/web-*`
    #[arg(long, value_name = "GLOB", conflicts_with = "all")]
    filter: Vec<RepositoryPattern>,
    /// All projects that the user may see; users' own repositories are not among them
    #[arg(long)]
    all: bool,
}

#[derive(Debug, Error, Diagnostic)]
enum TargetError {
    #[error("it is not said which repositories are meant")]
    #[diagnostic(help(
        "add `--repository PROJECT/slug`, `--project KEY`, `--filter 'PROJECT/*'` or `--all`"
    ))]
    None,
    #[error("`--repository` and `--project`, `--filter` or `--all` say two things")]
    #[diagnostic(help("leave out one of them"))]
    Two,
}

/// What is meant.
#[derive(Debug)]
pub(super) enum Meant {
    /// Whole projects.
    Projects(Vec<String>),
    /// Single repositories.
    Repositories(Vec<RepositoryName>),
}

/// Repositories, and what could not be told of others.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) repositories: Vec<RepositoryName>,
    pub(super) rows: Vec<SetupRow>,
}

impl Targets {
    /// What is meant.
    ///
    /// # Errors
    /// Nothing or two things said; a list that can't be read.
    pub(super) fn meant(
        &self,
        invocation: &Invocation,
        client: &Client,
        found: &mut Found,
    ) -> Result<Meant, CommandError> {
        let several = !self.project.is_empty() || !self.filter.is_empty() || self.all;
        if let Some(name) = &invocation.repository {
            return match several {
                true => Err(CommandError::usage(TargetError::Two)),
                false => Ok(Meant::Repositories(vec![name.clone()])),
            };
        }
        if self.all {
            let projects: Result<Vec<_>, _> = client.projects().collect();
            let projects = projects.map_err(CommandError::failure)?;
            return Ok(Meant::Projects(
                projects.into_iter().map(|project| project.key).collect(),
            ));
        }
        if !self.filter.is_empty() {
            let all: Result<Vec<_>, _> = client.all_repositories().collect();
            let all = all.map_err(CommandError::failure)?;
            found.add(all, |name| {
                self.filter.iter().any(|pattern| pattern.matches(name))
            });
            return Ok(Meant::Repositories(std::mem::take(&mut found.repositories)));
        }
        let keys = match self.project.is_empty() {
            false => self.project.clone(),
            true => invocation
                .environment
                .get(BITBUCKET_PROJECTS_FILTER)
                .map(|keys| keys.split(',').map(str::to_owned).collect())
                .unwrap_or_default(),
        };
        // Each once: two at work on one project would each make what is missing.
        match Projects::of(keys.iter().map(String::as_str)) {
            Projects::All => Err(CommandError::usage(TargetError::None)),
            Projects::Only(keys) => Ok(Meant::Projects(keys)),
        }
    }
}

impl Found {
    /// The repositories of what is meant; a project that can't be read is told, and the others go on.
    pub(super) fn repositories_of(&mut self, client: &Client, meant: Meant) {
        let keys = match meant {
            Meant::Repositories(names) => return self.repositories.extend(names),
            Meant::Projects(keys) => keys,
        };
        for (key, repositories) in
            keys.iter()
                .zip(super::each(&keys, client.concurrency(), |key| {
                    client
                        .repositories(key)
                        .collect::<Result<Vec<_>, Problem>>()
                }))
        {
            match repositories {
                Ok(repositories) => self.add(repositories, |_| true),
                Err(problem) => self
                    .rows
                    .push(SetupRow::failed(&Scope::Project(key.clone()), &problem)),
            }
        }
    }

    fn add(&mut self, repositories: Vec<Repository>, is_meant: impl Fn(&RepositoryName) -> bool) {
        for repository in repositories {
            let Ok(name) = repository.full_name() else {
                let shown = format!("{}/{}", repository.project.key, repository.slug);
                let shown = crate::visible::one_line(&shown, 100);
                self.rows.push(SetupRow::skipped(
                    &Scope::Project(shown),
                    "no name of a repository",
                ));
                continue;
            };
            if !is_meant(&name) {
                continue;
            }
            let trouble = match repository.archived {
                true => Some("it is archived: nobody pushes to it"),
                false => repository.state.trouble(),
            };
            match trouble {
                Some(why) => self
                    .rows
                    .push(SetupRow::skipped(&Scope::Repository(name), why)),
                None => self.repositories.push(name),
            }
        }
    }
}
