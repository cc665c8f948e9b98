//! The build status of a commit: the sign beside it in lists of commits and pull requests.

use serde::Serialize;

use super::call::{Call, repository_path};
use super::capabilities::HomeOfBuilds;
use super::client::Client;
use super::limited::limited;
use super::problem::Problem;
use crate::http::{Method, segment};
use crate::repository::RepositoryName;

/// What became of a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum BuildState {
    /// It is good.
    Successful,
    /// It is not.
    Failed,
    /// It is not done yet.
    InProgress,
}

/// The status that a commit gets. One of the same key takes the place of an earlier one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildStatus {
    /// Who says it; at most 255 characters.
    pub key: String,
    /// What became of it.
    pub state: BuildState,
    /// Where people read more. Bitbucket takes no status without it.
    pub url: String,
    /// The name that people read.
    pub name: String,
    /// One line more.
    pub description: String,
    /// The ref that was pushed, where it is known: `refs/heads/main`.
    pub reference: Option<String>,
}

/// The body of both ways.
#[derive(Serialize)]
struct Body<'a> {
    key: String,
    state: BuildState,
    url: &'a str,
    name: String,
    description: String,
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    reference: Option<&'a str>,
}

/// The longest key, name and description; the older way takes no longer ones anywhere.
const LONGEST_TEXT: usize = 255;

/// The longest address and ref.
const LONGEST_URL: usize = 450;
const LONGEST_REF: usize = 1024;

impl Client {
    /// Sets the build status of a commit that the server has.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn set_build_status(
        &self,
        name: &RepositoryName,
        commit: &str,
        status: &BuildStatus,
    ) -> Result<(), Problem> {
        let what = format!("set the build status of {commit} in {name}");
        if status.url.encode_utf16().count() > LONGEST_URL {
            return Err(Problem::not_sent(
                &what,
                "the address that people are sent to is longer than 450 characters",
            ));
        }
        let home = self.home_of_builds()?;
        let reference = status.reference.as_deref();
        let body = Body {
            key: limited(&status.key, LONGEST_TEXT),
            state: status.state,
            url: &status.url,
            name: limited(&status.name, LONGEST_TEXT),
            description: limited(&status.description, LONGEST_TEXT),
            reference: reference.filter(|reference| {
                home == HomeOfBuilds::Repository
                    && reference.starts_with("refs/")
                    && reference.encode_utf16().count() <= LONGEST_REF
            }),
        };
        let commit = segment(commit);
        let path = match home {
            HomeOfBuilds::Repository => format!(
                "/api/latest{}/commits/{commit}/builds",
                repository_path(name)
            ),
            HomeOfBuilds::Commit => format!("/build-status/latest/commits/{commit}"),
        };
        self.call(&Call::new(Method::Post, path, what).json(&body))
            .map(|_| ())
    }
}
