//! What became of the builds of an algorithm (vendor's OpenAPI document, `builds` and `logs`).

use std::time::Instant;

use serde::Deserialize;

use crate::git::CommitId;
use crate::http::{Method, Problem, segment};

use super::call::{Call, Purpose};
use super::client::Client;
use super::problem;
use super::reference::AlgorithmRef;
use super::ssh_key::SshKey;

/// How many builds one page holds.
const PAGE: usize = 50;

/// How many pages are looked at: newest come first in practice, but nobody promises it.
const MOST_PAGES: usize = 20;

/// A build.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Build {
    /// What it is named by.
    #[serde(rename = "build_id")]
    pub id: String,
    /// How far it is.
    pub status: BuildStatus,
    /// The commit.
    #[serde(rename = "commit_sha")]
    pub commit: String,
    /// When it began, as the cluster writes it.
    #[serde(default)]
    pub started_at: Option<String>,
}

/// How far a build is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum BuildStatus {
    /// It runs.
    InProgress,
    /// It is done, and can be called.
    Succeeded,
    /// It is done, and is of no use.
    Failed,
    /// A word that no document names.
    Other(String),
}

impl From<String> for BuildStatus {
    fn from(word: String) -> Self {
        match word.as_str() {
            "in-progress" => Self::InProgress,
            "succeeded" => Self::Succeeded,
            "failed" => Self::Failed,
            _ => Self::Other(word),
        }
    }
}

/// The builds of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Builds {
    /// Those that were found.
    pub found: Vec<Build>,
    /// Whether all pages were looked at.
    pub whole: bool,
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    marker: Option<String>,
    results: Vec<Build>,
}

impl Client {
    /// The builds of a commit, of the first thousand builds that the algorithm has.
    ///
    /// # Errors
    /// What is in the way, in words, with what it means for a retry.
    pub fn builds(
        &self,
        algorithm: &AlgorithmRef,
        commit: &CommitId,
        until: Option<Instant>,
    ) -> Result<Builds, Problem> {
        let mut found = Vec::new();
        let mut marker: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let mut path = format!("/algorithms/{}/builds?limit={PAGE}", algorithm.path());
            if let Some(marker) = &marker {
                path.push_str(&format!("&marker={}", segment(marker)));
            }
            let call = Call::new(Purpose::Builds, Method::Get, path);
            let page: Page = self
                .send(&call, until)?
                .json()
                .map_err(|_| problem::incomplete("list of builds"))?;
            let of_commit = |build: &Build| build.commit.eq_ignore_ascii_case(commit.as_str());
            found.extend(page.results.into_iter().filter(of_commit));
            let next = page.marker.filter(|marker| !marker.is_empty());
            if next.is_none() || next == marker {
                return Ok(Builds { found, whole: true });
            }
            marker = next;
        }
        Ok(Builds {
            found,
            whole: false,
        })
    }

    /// A build by its id; none where the cluster does not know it (any more).
    ///
    /// # Errors
    /// What is in the way, in words, with what it means for a retry.
    pub fn build(
        &self,
        algorithm: &AlgorithmRef,
        id: &str,
        until: Option<Instant>,
    ) -> Result<Option<Build>, Problem> {
        let path = format!("/algorithms/{}/builds/{}", algorithm.path(), segment(id));
        let call = Call::new(Purpose::Builds, Method::Get, path);
        self.send_for(&call, until)?
            .map(|answer| answer.json().map_err(|_| problem::incomplete("build")))
            .transpose()
    }

    /// What a build has written, without the key that it cloned with; none as long as it runs.
    ///
    /// # Errors
    /// What is in the way, in words, with what it means for a retry.
    pub fn build_log(
        &self,
        algorithm: &AlgorithmRef,
        id: &str,
        key: Option<&SshKey>,
        until: Option<Instant>,
    ) -> Result<Option<String>, Problem> {
        #[derive(Deserialize)]
        struct Log {
            #[serde(default)]
            logs: String,
        }
        let path = format!(
            "/algorithms/{}/builds/{}/logs",
            algorithm.path(),
            segment(id)
        );
        let mut call = Call::new(Purpose::Builds, Method::Get, path);
        if let Some(key) = key {
            call = call.secret(key.text());
        }
        let Some(answer) = self.send_for(&call, until)? else {
            return Ok(None);
        };
        let log: Log = answer
            .json()
            .map_err(|_| problem::incomplete("build's log"))?;
        Ok(Some(self.hide(&call, &log.logs)))
    }
}
