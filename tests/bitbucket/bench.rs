//! A stand-in and a client that speaks to it.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use pushgate::bitbucket::{Address, Client, Credentials, Settings};
use pushgate::git::CommitId;
use pushgate::http::{self, Secret};
use pushgate::repository::RepositoryName;
use standin::BitbucketStandIn;

/// A client of the address; it waits for nobody longer than `patience`.
pub(crate) fn client_of(url: &str, credentials: Credentials, patience: Duration) -> Client {
    let http = http::Client::new(http::Settings {
        timeout: Duration::from_secs(20),
        ..http::Settings::default()
    })
    .unwrap();
    Client::new(
        http,
        Settings {
            address: Address::parse(url).unwrap(),
            credentials,
            concurrency: Settings::CONCURRENCY,
            patience,
        },
    )
}

/// A client with the stand-in's token.
pub(crate) fn client(standin: &BitbucketStandIn) -> Client {
    let token = Credentials::Bearer(Secret::new(standin.token()));
    client_of(&standin.url(), token, Duration::from_secs(10))
}

pub(crate) fn name(text: &str) -> RepositoryName {
    text.parse().unwrap()
}

/// Runs git in a folder and returns what it says.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(folder)
        .args(arguments)
        .envs([
            ("GIT_AUTHOR_NAME", "Ada"),
            ("GIT_AUTHOR_EMAIL", "ada@example.com"),
            ("GIT_COMMITTER_NAME", "Ada"),
            ("GIT_COMMITTER_EMAIL", "ada@example.com"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
        ])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {told}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The commit that a revision names.
pub(crate) fn commit_id(folder: &Path, revision: &str) -> CommitId {
    CommitId(git(folder, &["rev-parse", revision]).parse().unwrap())
}
