//! Triggering a build.

use std::time::Instant;

use serde_json::{Value, json};

use crate::git::CommitId;
use crate::http::{Method, Problem, Secret};
use crate::visible::one_line;

use super::call::{Call, Purpose};
use super::client::Client;
use super::problem;
use super::reference::AlgorithmRef;
use super::ssh_key::SshKey;

/// How much of a compiler's output is shown.
const LONGEST_OUTPUT: usize = 600;

/// What became of a build that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compiled {
    /// Taken; it is built later (202).
    Accepted,
    /// Built (200).
    Built,
}

impl Client {
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
        let call = compilation(algorithm, commit, key.text()).timeout(self.settings.timeout);
        let answer = self.send(&call, until)?;
        let body: Value = answer.json().unwrap_or_default();
        if body.pointer("/compilation/successful") == Some(&Value::Bool(false)) {
            let output = body
                .pointer("/compilation/output")
                .and_then(Value::as_str)
                .map(|output| self.hide(&call, output))
                .unwrap_or_default();
            return Err(problem::of_failed_build(&one_line(&output, LONGEST_OUTPUT)));
        }
        Ok(match answer.status() {
            200 => Compiled::Built,
            _ => Compiled::Accepted,
        })
    }

    /// The request of [`Client::compile`], for people: placeholders stand where secrets do, so that
    /// the key itself is not needed.
    #[must_use]
    pub fn shown_compilation(&self, algorithm: &AlgorithmRef, commit: &CommitId) -> String {
        self.shown(&compilation(
            algorithm,
            commit,
            &Secret::new(Secret::placeholder()),
        ))
    }
}

fn compilation(algorithm: &AlgorithmRef, commit: &CommitId, key: &Secret) -> Call {
    let path = format!("/algorithms/{}/compile", algorithm.path());
    Call::new(Purpose::Compile, Method::Post, path)
        .body(json!({
            "sshPrivateKey": key.expose(),
            "commitSha": commit.as_str(),
        }))
        .secret(key)
}
