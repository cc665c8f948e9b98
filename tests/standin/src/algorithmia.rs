//! A stand-in for Algorithmia: it answers by the vendor's OpenAPI document, and by the vendor's page on
//! the build-via-API configuration where the two differ.

mod algorithms;
mod builds;
mod scms;

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use serde_json::json;

use self::algorithms::Algorithm;
use self::builds::Running;
use self::scms::Scm;
use crate::fault::Fault;
use crate::request::{Recorded, Reply};
use crate::server::{Server, lock, stands_in};
use crate::spec::Spec;

pub use self::builds::{BuildEnd, Course};

const API_KEY: &str = "simStandIn/ApiKey+1";
const ADMIN_KEY: &str = "simStandIn/AdminKey+1";
const TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c3RhbmQtaW4";

/// The account that may create repositories in Bitbucket.
const PROJECT_OWNER: (&str, &str) = ("bb-owner", "bb-Password/1");

/// How a cluster answers to a compile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CompileAnswer {
    /// 202 with an empty body: taken.
    Accepted,
    /// 200 with the algorithm: built.
    Built,
    /// 200 with a build that failed with this output.
    Failed(String),
}

/// A compile that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// `owner/name` of the algorithm.
    pub algorithm: String,
    /// The commit.
    pub commit: String,
    /// The key that was sent.
    pub ssh_private_key: String,
}

/// Algorithmia, on loopback.
pub struct AlgorithmiaStandIn {
    server: Server,
    state: Arc<Mutex<State>>,
}

struct State {
    algorithms: Vec<Algorithm>,
    scms: Vec<Scm>,
    builds: Vec<Build>,
    times: Vec<Instant>,
    answer: CompileAnswer,
    running: Vec<Running>,
    course: Course,
    /// How many builds a page holds at most.
    page: usize,
}

stands_in!(AlgorithmiaStandIn);

impl AlgorithmiaStandIn {
    /// Starts one, with no algorithms and the built-in source code host only; compiles are answered
    /// with 202.
    ///
    /// # Errors
    /// Where no port of the loopback interface is free.
    pub fn start() -> io::Result<Self> {
        let state = Arc::new(Mutex::new(State {
            algorithms: Vec::new(),
            scms: vec![Scm::built_in()],
            builds: Vec::new(),
            times: Vec::new(),
            answer: CompileAnswer::Accepted,
            running: Vec::new(),
            course: Course::default(),
            page: usize::MAX,
        }));
        let served = Arc::clone(&state);
        let server = Server::start(Spec::find("algorithmia-openapi.json"), move |request| {
            lock(&served).answer(request)
        })?;
        Ok(Self { server, state })
    }

    /// The organisation's key: it may compile, but not administer.
    #[must_use]
    pub fn api_key(&self) -> &'static str {
        API_KEY
    }

    /// The cluster administrator's key: it may administer, but not compile.
    #[must_use]
    pub fn admin_key(&self) -> &'static str {
        ADMIN_KEY
    }

    /// The token of a person who may do both.
    #[must_use]
    pub fn token(&self) -> &'static str {
        TOKEN
    }

    /// Name and password of the Bitbucket account that may create repositories.
    #[must_use]
    pub fn project_owner(&self) -> (&'static str, &'static str) {
        PROJECT_OWNER
    }

    /// Adds an algorithm.
    pub fn add_algorithm(&self, owner: &str, name: &str, id: &str) {
        lock(&self.state)
            .algorithms
            .push(Algorithm::named(owner, name, id));
    }

    /// How compiles are answered from now on.
    pub fn set_answer(&self, answer: CompileAnswer) {
        lock(&self.state).answer = answer;
    }

    /// How builds go that are taken from now on.
    pub fn set_course(&self, course: Course) {
        lock(&self.state).course = course;
    }

    /// How many builds a page of the list holds at most.
    pub fn set_page(&self, page: usize) {
        lock(&self.state).page = page;
    }

    /// The compiles that were taken, in their order.
    #[must_use]
    pub fn builds(&self) -> Vec<Build> {
        lock(&self.state).builds.clone()
    }

    /// The commits that were compiled, and when, in their order.
    #[must_use]
    pub fn compiled(&self) -> Vec<(String, Instant)> {
        let state = lock(&self.state);
        let commits = state.builds.iter().map(|build| build.commit.clone());
        commits.zip(state.times.iter().copied()).collect()
    }

    /// Adds a source code host of the provider GitHub, and makes it the default one.
    pub fn add_default_github(&self) {
        let mut state = lock(&self.state);
        state.scms.iter_mut().for_each(|scm| scm.default = false);
        state.scms.push(Scm::github());
    }

    /// The ids of the SCM configurations.
    #[must_use]
    pub fn scms(&self) -> Vec<String> {
        let state = lock(&self.state);
        state.scms.iter().map(|scm| scm.id.clone()).collect()
    }

    /// Lets the next calls fail.
    pub fn fail_next(&self, times: usize, fault: &Fault) {
        self.server.fail_next_on("/", times, fault);
    }
}

impl State {
    fn answer(&mut self, request: &Recorded) -> Reply {
        let segments = request.segments();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let is_admin = matches!(segments[..], ["v1", "scms" | "admin", ..]);
        let sent = request.header("authorization").unwrap_or_default();
        let may = match sent.split_once(' ') {
            Some(("Simple", API_KEY)) => !is_admin,
            Some(("Simple", ADMIN_KEY)) => is_admin,
            Some(("Bearer", TOKEN)) => true,
            _ => return error(401, 2002, &format!("invalid API key: {sent}")),
        };
        if !may {
            return error(
                403,
                2001,
                "Caller is not authorized to perform the operation",
            );
        }
        match (request.method.as_str(), &segments[..]) {
            (_, ["v1", "scms" | "admin", rest @ ..]) => self.scm(request, rest),
            ("POST", ["v1", "algorithms", owner]) => self.create(request, owner),
            (_, segments) => match self.find(segments) {
                None => error(404, 1000, "No such algorithm"),
                Some((found, rest)) => self.algorithm(request, found, rest),
            },
        }
    }

    /// By id, or by owner and name; and what is left of the path.
    fn find<'a, 'b>(&self, segments: &'b [&'a str]) -> Option<(usize, &'b [&'a str])> {
        let position =
            |wanted: &dyn Fn(&Algorithm) -> bool| self.algorithms.iter().position(wanted);
        match segments {
            ["v1", "algorithms", id, rest @ ..]
                if let Some(found) = position(&|algorithm| algorithm.id == *id) =>
            {
                Some((found, rest))
            }
            ["v1", "algorithms", owner, name, rest @ ..] => {
                let by_name =
                    |algorithm: &Algorithm| algorithm.owner == *owner && algorithm.name == *name;
                position(&by_name).map(|found| (found, rest))
            }
            _ => None,
        }
    }

    fn algorithm(&mut self, request: &Recorded, found: usize, rest: &[&str]) -> Reply {
        let name = self.algorithms[found].full_name();
        match (request.method.as_str(), rest) {
            ("POST", ["compile"]) => self.compile(request, found, name),
            ("GET", []) => Reply::json(200, &self.algorithms[found].json("")),
            ("GET", ["builds"]) => self.list_builds(request, &name),
            ("GET", ["builds", id]) => self.show_build(id, &name),
            ("GET", ["builds", id, "logs"]) => self.show_log(id, &name),
            _ => error(404, 1000, "no such route"),
        }
    }
}

fn error(status: u16, code: u32, message: &str) -> Reply {
    Reply::json(
        status,
        &json!({"error": {"id": "error-0001", "code": code, "message": message}}),
    )
}
