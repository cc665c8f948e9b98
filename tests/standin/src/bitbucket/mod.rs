//! A stand-in for Bitbucket Server.

mod content;
mod hook_scripts;
mod insights;
mod reply;
mod state;
mod webhooks;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::fault::Fault;
use crate::request::{Recorded, Reply};
use crate::server::{Server, lock, stands_in};
use crate::spec::Spec;
use reply::{error, not_found};
use state::State;

pub use insights::{Build, Report};

const USER: &str = "sweeper";
const PASSWORD: &str = "Stand-In/Passw0rd";
const TOKEN: &str = "NjAwMDAwStandInToken";
/// `USER:PASSWORD` and `USER:TOKEN`, as Basic has them.
const PAIRS: [&str; 2] = [
    "c3dlZXBlcjpTdGFuZC1Jbi9QYXNzdzByZA==",
    "c3dlZXBlcjpOakF3TURBd1N0YW5kSW5Ub2tlbg==",
];

/// Routes that the OpenAPI document of 9.2 does not tell of: they are of older servers, or nowhere
/// described.
const UNLISTED: [&str; 3] = ["/capabilities", "/build/capabilities", "/branches/default"];

/// Bitbucket Server, on loopback.
pub struct BitbucketStandIn {
    server: Server,
    state: Arc<Mutex<State>>,
}

stands_in!(BitbucketStandIn);

impl BitbucketStandIn {
    /// Starts one of version 9.2, without projects.
    ///
    /// # Errors
    /// Where no port of the loopback interface is free.
    pub fn start() -> io::Result<Self> {
        let state = Arc::new(Mutex::new(State::default()));
        let served = Arc::clone(&state);
        let spec = Spec::find("bitbucket-openapi.json")
            .map(|spec| spec.below("/rest").unlisted(&UNLISTED));
        let server = Server::start(spec, move |request| answer(&mut lock(&served), request))?;
        lock(&state).url = server.url();
        Ok(Self { server, state })
    }

    /// The user who may do everything.
    #[must_use]
    pub fn user(&self) -> &'static str {
        USER
    }

    /// The user's password.
    #[must_use]
    pub fn password(&self) -> &'static str {
        PASSWORD
    }

    /// The user's HTTP access token.
    #[must_use]
    pub fn token(&self) -> &'static str {
        TOKEN
    }

    /// From now on the server is of this version: `5.6.0`, `8.19.2`.
    pub fn set_version(&self, version: &str) {
        lock(&self.state).version = version.to_owned();
    }

    /// From now on no page holds more values.
    pub fn set_largest_page(&self, values: usize) {
        lock(&self.state).largest_page = values;
    }

    /// Adds a project; `~user` is a user's own.
    pub fn add_project(&self, key: &str) {
        lock(&self.state).projects.insert(key.to_owned());
    }

    /// Adds an empty repository, `PROJECT/slug`, whose default branch is `main`, and its project.
    ///
    /// # Panics
    /// Where the name has no `/`.
    pub fn add_repository(&self, name: &str) {
        let (project, _) = name.split_once('/').unwrap();
        let mut state = lock(&self.state);
        state.projects.insert(project.to_owned());
        state.repositories.entry(name.to_owned()).or_default();
    }

    /// Removes a repository.
    pub fn remove_repository(&self, name: &str) {
        lock(&self.state).repositories.remove(name);
    }

    /// Commits to a branch: paths with their new content, none where a path goes. Returns the
    /// commit.
    ///
    /// # Panics
    /// Where there is no such repository.
    pub fn commit(&self, name: &str, branch: &str, files: &[(&str, Option<&[u8]>)]) -> String {
        lock(&self.state).repository(name).commit(branch, files)
    }

    /// Takes over what a real repository has: all branches, commits and files, and its `HEAD`.
    ///
    /// # Panics
    /// Where git can't read it.
    pub fn mirror(&self, name: &str, git_dir: &Path) {
        let mirrored = state::mirror(git_dir);
        let mut state = lock(&self.state);
        let (project, _) = name.split_once('/').unwrap();
        state.projects.insert(project.to_owned());
        state.repositories.insert(name.to_owned(), mirrored);
    }

    /// From now on another branch is the default one, whether it is there or not.
    ///
    /// # Panics
    /// Where there is no such repository.
    pub fn set_default_branch(&self, name: &str, branch: &str) {
        lock(&self.state).repository(name).default_branch = branch.to_owned();
    }

    /// From now on a repository has this state: `OFFLINE`, `INITIALISING`, …
    ///
    /// # Panics
    /// Where there is no such repository.
    pub fn set_state(&self, name: &str, now: &'static str) {
        lock(&self.state).repository(name).state = now;
    }

    /// Archives a repository.
    ///
    /// # Panics
    /// Where there is no such repository.
    pub fn archive(&self, name: &str) {
        lock(&self.state).repository(name).archived = true;
    }

    /// The Code Insights reports of a commit, by key.
    #[must_use]
    pub fn reports(&self, name: &str, commit: &str) -> BTreeMap<String, Report> {
        let state = lock(&self.state);
        let of_commit = |((repository, at, key), report): (&(String, String, String), &Report)| {
            (repository == name && at == commit).then(|| (key.clone(), report.clone()))
        };
        state.reports.iter().filter_map(of_commit).collect()
    }

    /// The build statuses of a commit, by key.
    #[must_use]
    pub fn builds(&self, commit: &str) -> BTreeMap<String, Build> {
        let state = lock(&self.state);
        let of_commit = |((at, key), build): (&(String, String), &Build)| {
            (at == commit).then(|| (key.clone(), build.clone()))
        };
        state.builds.iter().filter_map(of_commit).collect()
    }

    /// From now on the user may do this and what is less, everywhere: `PROJECT_ADMIN`, `REPO_ADMIN`,
    /// `REPO_READ`, or something else for nothing.
    pub fn set_permission(&self, may: &'static str) {
        lock(&self.state).may = may;
    }

    /// The webhooks of `PROJECT` or `PROJECT/slug`, with their secrets.
    #[must_use]
    pub fn webhooks(&self, scope: &str) -> Vec<Value> {
        lock(&self.state)
            .webhooks
            .all
            .get(scope)
            .cloned()
            .unwrap_or_default()
    }

    /// From now on lists of webhooks show their secrets, as older servers do.
    pub fn show_secrets(&self) {
        lock(&self.state).webhooks.show_secrets = true;
    }

    /// What became of the last call of a webhook: `SUCCESS`, `FAILURE` or `ERROR`, and why.
    pub fn set_last_call(&self, webhook: u64, outcome: &str, why: &str) {
        let result = serde_json::json!({"outcome": outcome, "description": why});
        let call = serde_json::json!({"id": 1, "event": "repo:refs_changed", "result": result});
        lock(&self.state).webhooks.last_calls.insert(webhook, call);
    }

    /// The hook scripts that were uploaded: name, type and text.
    #[must_use]
    pub fn hook_scripts(&self) -> Vec<(String, String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let state = lock(&self.state);
        let scripts = state.hook_scripts.scripts.values();
        scripts
            .map(|(script, content)| {
                (
                    text(&script["name"]),
                    text(&script["type"]),
                    content.clone(),
                )
            })
            .collect()
    }

    /// The hook scripts that are enabled at `PROJECT` or `PROJECT/slug`, with their triggers.
    #[must_use]
    pub fn enabled_scripts(&self, scope: &str) -> Vec<(u64, Vec<String>)> {
        let state = lock(&self.state);
        let enabled = state.hook_scripts.enabled.iter();
        enabled
            .filter(|((at, _), _)| at == scope)
            .map(|((_, id), triggers)| (*id, triggers.clone()))
            .collect()
    }

    /// Installs the add-on External Hooks.
    pub fn install_external_hooks(&self) {
        lock(&self.state).hook_scripts.add_on = true;
    }

    /// The settings of External Hooks at `PROJECT` or `PROJECT/slug`, in the order of their keys.
    #[must_use]
    pub fn external_hooks(&self, scope: &str) -> Vec<Value> {
        let state = lock(&self.state);
        let hooks = state.hook_scripts.external.iter();
        hooks
            .filter(|((at, _), _)| at == scope)
            .map(|(_, settings)| settings.clone())
            .collect()
    }

    /// The requests so far that may have changed something.
    #[must_use]
    pub fn writes(&self) -> Vec<Recorded> {
        let mut requests = self.server.requests();
        requests.retain(|request| request.method != "GET");
        requests
    }

    /// Lets the next calls whose path holds `part` fail.
    pub fn fail_next(&self, part: &str, times: usize, fault: &Fault) {
        self.server.fail_next_on(part, times, fault);
    }
}

/// Whose route it is.
fn answer(state: &mut State, request: &Recorded) -> Reply {
    let segments = request.segments();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let ["rest", rest @ ..] = segments.as_slice() else {
        return Reply::html(404, "Page not found");
    };
    if !is_known(request) {
        return error(
            401,
            "com.atlassian.bitbucket.auth.IncorrectPasswordAuthenticationException",
            "Authentication failed. Please check your credentials and try again.",
        );
    }
    let mut reply = webhooks::answer(state, request, rest)
        .or_else(|| hook_scripts::answer(state, request, rest))
        .or_else(|| content::answer(state, request, rest))
        .or_else(|| insights::answer(state, request, rest))
        .unwrap_or_else(|| not_found("com.sun.jersey.api.NotFoundException", "null for uri"));
    reply
        .headers
        .push(("x-ausername".to_owned(), USER.to_owned()));
    reply
}

fn is_known(request: &Recorded) -> bool {
    let Some(authorization) = request.header("authorization") else {
        return false;
    };
    match authorization.split_once(' ') {
        Some(("Basic", pair)) => PAIRS.contains(&pair),
        Some(("Bearer", token)) => token == TOKEN,
        _ => false,
    }
}
