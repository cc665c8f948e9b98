//! `check --report bitbucket`: the findings as a Code Insights report on the checked commit, from CI.

use std::path::Path;

use clap::{Args, ValueEnum};
use miette::Diagnostic;
use thiserror::Error;

use crate::bitbucket::{BuildState, BuildStatus, Client};
use crate::cli::{CommandError, Invocation, output};
use crate::config::Config;
use crate::environment::{
    BB_PROJECT_KEY, BB_REPO_SLUG, BITBUCKET_COMMIT, BUILD_URL, GIT_COMMIT, GIT_URL, REPOSITORY,
};
use crate::git::{HookEnvironment, NotAnObjectId, ObjectId, Repository};
use crate::report::{Counts, Reported, Reporter, Root, counted, insights};
use crate::repository::RepositoryName;
use crate::visible::visible;

/// Whose the report and the build status are: a receiver of webhooks may have its own on the same commit.
const SAID_BY: Reporter = Reporter::Check;

/// The arguments that send the findings to a server.
#[derive(Debug, Args)]
pub(super) struct ReportTo {
    /// Send the findings to a server too: as a Code Insights report on the commit
    #[arg(long, value_enum, value_name = "SERVER")]
    report: Option<Server>,
    /// The commit that is checked, for --report [default: BITBUCKET_COMMIT, GIT_COMMIT, else HEAD]
    #[arg(long, value_name = "SHA", requires = "report")]
    commit: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Server {
    /// Bitbucket Server or Data Center
    Bitbucket,
}

/// What keeps a report from being sent.
#[derive(Debug, Error, Diagnostic)]
enum ReportError {
    #[error("`--report bitbucket` needs a Bitbucket Server, and none is set up")]
    #[diagnostic(help(
        "set BITBUCKET_HOST and BITBUCKET_USERNAME with BITBUCKET_PASSWORD, or BITBUCKET_SERVER_ADDRESS with BITBUCKET_SERVER_TOKEN, to a user who may read the repository"
    ))]
    NotSetUp,
    #[error("cannot tell which repository of Bitbucket the report belongs to")]
    #[diagnostic(help("add `--repository PROJECT/slug`, or set PUSHGATE_REPOSITORY"))]
    NoRepository,
    #[error("cannot tell which commit was checked")]
    #[diagnostic(help("add `--commit SHA`, or set BITBUCKET_COMMIT"))]
    NoCommit,
    #[error("`{}` names no commit", visible(text))]
    #[diagnostic(help(
        "write the whole id, 40 or 64 hexadecimal digits, as `git rev-parse HEAD` prints it"
    ))]
    NotACommit { text: String, source: NotAnObjectId },
}

/// Where a report goes, known before anything is checked.
pub(super) struct Destination {
    client: Client,
    repository: RepositoryName,
    commit: ObjectId,
    build_url: Option<String>,
}

impl ReportTo {
    /// Where the report goes; none where none was asked for.
    ///
    /// # Errors
    /// A server, repository or commit that can't be told.
    pub(super) fn destination(
        &self,
        invocation: &Invocation,
        config: &Config,
    ) -> Result<Option<Destination>, CommandError> {
        let Some(Server::Bitbucket) = self.report else {
            return Ok(None);
        };
        let variables = &invocation.environment;
        let client = config
            .bitbucket(variables)?
            .ok_or_else(|| CommandError::usage(ReportError::NotSetUp))?;
        let commit = match self.commit.as_deref() {
            Some(commit) => Some(commit.to_owned()),
            None => [BITBUCKET_COMMIT, GIT_COMMIT]
                .into_iter()
                .find_map(|name| variables.get(name).map(str::to_owned))
                .or_else(head),
        };
        let text = commit.ok_or_else(|| CommandError::usage(ReportError::NoCommit))?;
        let commit = text
            .to_ascii_lowercase()
            .parse()
            .map_err(|source| CommandError::usage(ReportError::NotACommit { text, source }))?;
        let own = &config.bitbucket.build_url;
        Ok(Some(Destination {
            client,
            repository: repository(invocation)
                .ok_or_else(|| CommandError::usage(ReportError::NoRepository))?,
            commit,
            build_url: own
                .clone()
                .or_else(|| variables.get(BUILD_URL).map(str::to_owned)),
        }))
    }
}

impl Destination {
    /// Sends the report, and the build status where there is an address for people to read more.
    ///
    /// # Errors
    /// What the server would not do.
    pub(super) fn send(&self, documents: &[Reported<'_>], root: &Root) -> Result<(), CommandError> {
        let mut report = insights(documents, root, SAID_BY);
        report.link.clone_from(&self.build_url);
        let commit = self.commit.as_str();
        let annotated = self
            .client
            .publish_insights(&self.repository, commit, &report)
            .map_err(CommandError::failure)?;
        if let Some(url) = &self.build_url {
            let counts = Counts::total(documents);
            let status = BuildStatus {
                key: SAID_BY.key().to_owned(),
                state: match counts.errors {
                    0 => BuildState::Successful,
                    _ => BuildState::Failed,
                },
                url: url.clone(),
                name: "pushgate check".to_owned(),
                description: report.details.clone(),
                reference: None,
            };
            self.client
                .set_build_status(&self.repository, commit, &status)
                .map_err(CommandError::failure)?;
        }
        let mut line = format!(
            "report sent to {} for {}: {}",
            self.repository,
            self.commit.short(),
            counted(annotated.shown, "annotation")
        );
        if annotated.left_out > 0 {
            line.push_str(&format!(", {} more are too many", annotated.left_out));
        }
        output::err(&(line + "\n"));
        Ok(())
    }
}

/// The commit of the work tree here.
fn head() -> Option<String> {
    let repository = Repository::open(&HookEnvironment::at(Path::new("."))).ok()?;
    let commit = repository.commit_named("HEAD").ok()??;
    Some(commit.as_str().to_owned())
}

/// The repository: as given, as Bitbucket or the operator says, else by where CI cloned it from.
fn repository(invocation: &Invocation) -> Option<RepositoryName> {
    let variables = &invocation.environment;
    let bitbucket = || {
        let (project, slug) = (variables.get(BB_PROJECT_KEY)?, variables.get(BB_REPO_SLUG)?);
        format!("{project}/{slug}").parse().ok()
    };
    invocation
        .repository
        .clone()
        .or_else(bitbucket)
        .or_else(|| variables.get(REPOSITORY)?.parse().ok())
        .or_else(|| of_clone_url(variables.get(GIT_URL)?))
}

/// `PROJECT/slug` at the end of an address that Bitbucket gives for cloning:
/// `https://HOST/scm/PRJ/hello.git`, `ssh://git@HOST:7999/prj/hello.git`.
fn of_clone_url(url: &str) -> Option<RepositoryName> {
    let path = url.trim_end_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let (rest, slug) = path.rsplit_once('/')?;
    let (_, project) = rest.rsplit_once('/')?;
    format!("{project}/{slug}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_for_cloning_name_the_repository() {
        for (url, name) in [
            ("https://git.acme.org/scm/PRJ/hello.git", Some("PRJ/hello")),
            (
                "https://git.acme.org/bitbucket/scm/~ada/notes.git/",
                Some("~ada/notes"),
            ),
            (
                "ssh://git@git.acme.org:7999/prj/hello.git",
                Some("prj/hello"),
            ),
            ("hello", None),
            ("", None),
        ] {
            let found = of_clone_url(url);
            assert_eq!(found.as_ref().map(RepositoryName::as_str), name, "{url}");
        }
    }
}
