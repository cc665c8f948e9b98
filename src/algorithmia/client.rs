//! Triggering a build.

use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;

use crate::git::CommitId;
use crate::http::{self, Method, Problem, Request, Secret};
use crate::visible::one_line;

use super::problem;
use super::reference::AlgorithmRef;
use super::ssh_key::SshKey;

/// How much of a compiler's output is shown.
const LONGEST_OUTPUT: usize = 600;

/// What a client is made of.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The cluster's API, with or without `/v1`.
    pub api: String,
    /// A standard key or token; an administrator's is refused on compile.
    pub credentials: Credentials,
    /// How long a build may take: some clusters answer when it is done.
    pub timeout: Duration,
}

impl Settings {
    /// The time that a build is given where nothing else is said.
    pub const TIMEOUT: Duration = Duration::from_secs(120);
}

/// Who calls.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// An API key, sent as `Simple`.
    ApiKey(Secret),
    /// A JWT, sent as `Bearer`.
    Bearer(Secret),
}

/// What became of a build that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compiled {
    /// Taken; it is built later (202).
    Accepted,
    /// Built (200).
    Built,
}

/// An address that can't be a cluster's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("`{0}` is no address of an API")]
#[diagnostic(help("write it as https://api.CLUSTER, as in ALGORITHMIA_API"))]
pub struct BadAddress(String);

/// A client of one cluster.
#[derive(Debug)]
pub struct Client {
    http: http::Client,
    base: String,
    settings: Settings,
}

#[derive(Serialize)]
struct Build<'a> {
    #[serde(rename = "sshPrivateKey")]
    ssh_private_key: &'a str,
    #[serde(rename = "commitSha")]
    commit_sha: &'a str,
}

/// The API's address, with or without `/v1`, made one.
///
/// # Errors
/// Where it is no `http` or `https` address.
pub fn base_url(address: &str) -> Result<String, BadAddress> {
    http::api_root(address)
        .map(|root| format!("{root}/v1"))
        .ok_or_else(|| BadAddress(http::without_credentials(address)))
}

impl Client {
    /// Makes a client. Nothing is sent.
    ///
    /// # Errors
    /// Where the address is none.
    pub fn new(http: http::Client, settings: Settings) -> Result<Self, BadAddress> {
        Ok(Self {
            http,
            base: base_url(&settings.api)?,
            settings,
        })
    }

    /// Asks for a commit to be compiled. Asking twice is harmless: compiling a commit again is an
    /// ordinary operation there.
    ///
    /// # Errors
    /// What is in the way, in words, with what it means for a retry.
    pub fn compile(
        &self,
        algorithm: &AlgorithmRef,
        commit: &CommitId,
        key: &SshKey,
        until: Option<Instant>,
    ) -> Result<Compiled, Problem> {
        let (scheme, credential) = match &self.settings.credentials {
            Credentials::ApiKey(key) => ("Simple", key),
            Credentials::Bearer(token) => ("Bearer", token),
        };
        let build = Build {
            ssh_private_key: key.text().expose(),
            commit_sha: commit.as_str(),
        };
        let url = format!("{}/algorithms/{}/compile", self.base, algorithm.path());
        let request = Request::new(Method::Post, url)
            .authorization(scheme, credential)
            .timeout(self.settings.timeout)
            .until(until)
            .json(&build)
            .map_err(|_| Problem::refused("the request can't be written as JSON", None))?;
        let hide = |mut problem: Problem| {
            problem.message = key.text().hide_in(&credential.hide_in(&problem.message));
            problem
        };
        let answer = self
            .http
            .send(request)
            .map_err(|failure| hide(Problem::of_failure(&failure)))?;
        if !answer.is_success() {
            // Hidden before the text is cut, or half a secret would be left.
            return Err(problem::of_answer(&answer, |text| {
                key.text().hide_in(&credential.hide_in(text))
            }));
        }
        // A sign-in page of something in between, not the cluster.
        if answer
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("text/html"))
        {
            return Err(problem::not_understood());
        }
        let body: Value = answer.json().unwrap_or_default();
        if body.pointer("/compilation/successful") == Some(&Value::Bool(false)) {
            let output = body
                .pointer("/compilation/output")
                .and_then(Value::as_str)
                .map(|output| key.text().hide_in(&credential.hide_in(output)))
                .unwrap_or_default();
            return Err(problem::of_failed_build(&one_line(&output, LONGEST_OUTPUT)));
        }
        Ok(match answer.status() {
            200 => Compiled::Built,
            _ => Compiled::Accepted,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_may_end_as_people_write_it() {
        for written in [
            "https://api.acme.org",
            "https://api.acme.org/",
            "https://api.acme.org/v1",
            "https://api.acme.org/v1/",
        ] {
            assert_eq!(base_url(written).unwrap(), "https://api.acme.org/v1");
        }
        assert!(base_url("").is_err());
        assert!(base_url("api.acme.org").is_err());
    }
}
