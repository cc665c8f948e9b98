//! A stand-in for Algorithmia.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use serde_json::{Value, json};

use crate::fault::Fault;
use crate::request::{Recorded, Reply};
use crate::server::{Server, lock};
use crate::spec::Spec;

const API_KEY: &str = "simStandIn/ApiKey+1";

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

struct Algorithm {
    id: String,
    owner: String,
    name: String,
}

struct State {
    algorithms: Vec<Algorithm>,
    builds: Vec<Build>,
    times: Vec<Instant>,
    answer: CompileAnswer,
}

impl AlgorithmiaStandIn {
    /// Starts one, with no algorithms; compiles are answered with 202.
    ///
    /// # Errors
    /// Where no port of the loopback interface is free.
    pub fn start() -> io::Result<Self> {
        let state = Arc::new(Mutex::new(State {
            algorithms: Vec::new(),
            builds: Vec::new(),
            times: Vec::new(),
            answer: CompileAnswer::Accepted,
        }));
        let served = Arc::clone(&state);
        let server = Server::start(Spec::find("algorithmia-openapi.json"), move |request| {
            lock(&served).answer(request)
        })?;
        Ok(Self { server, state })
    }

    /// The API's address, without `/v1`.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The key that may compile.
    #[must_use]
    pub fn api_key(&self) -> &'static str {
        API_KEY
    }

    /// Adds an algorithm.
    pub fn add_algorithm(&self, owner: &str, name: &str, id: &str) {
        lock(&self.state).algorithms.push(Algorithm {
            id: id.to_owned(),
            owner: owner.to_owned(),
            name: name.to_owned(),
        });
    }

    /// How compiles are answered from now on.
    pub fn set_answer(&self, answer: CompileAnswer) {
        lock(&self.state).answer = answer;
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

    /// Lets the next calls fail.
    pub fn fail_next(&self, times: usize, fault: &Fault) {
        self.server.plan("/", times, fault);
    }

    /// Lets calls fail as `dice` says, request by request; planned faults come first.
    pub fn fail_by(&self, dice: impl FnMut(&Recorded) -> Option<Fault> + Send + 'static) {
        self.server.draw(Some(Box::new(dice)));
    }

    /// From now on nothing fails that is not planned.
    pub fn mend(&self) {
        self.server.draw(None);
    }

    /// Every request so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        self.server.requests()
    }

    /// Where requests were not what Algorithmia's specification says.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        self.server.violations()
    }

    /// Fails where a request was not what Algorithmia's specification says.
    ///
    /// # Panics
    /// With the violations.
    pub fn assert_conforms(&self) {
        if !self.server.knows_its_specification() {
            println!("skipped: Algorithmia's specification is not here");
        }
        assert_eq!(self.violations(), Vec::<String>::new());
    }
}

impl State {
    fn answer(&mut self, request: &Recorded) -> Reply {
        if request.header("authorization") != Some(&format!("Simple {API_KEY}")) {
            let sent = request.header("authorization").unwrap_or_default();
            return error(401, 2002, &format!("invalid API key: {sent}"));
        }
        let segments = request.segments();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let Some((found, rest)) = self.find(&segments) else {
            return error(404, 1000, "No such algorithm");
        };
        let algorithm = &self.algorithms[found];
        let name = format!("{}/{}", algorithm.owner, algorithm.name);
        match (request.method.as_str(), rest) {
            ("POST", ["compile"]) => self.compile(request, found, name),
            ("GET", []) => Reply::json(200, &algorithm_json(algorithm, "")),
            ("GET", ["builds"]) => {
                let builds = self
                    .builds
                    .iter()
                    .rev()
                    .filter(|build| build.algorithm == name);
                let results: Vec<Value> = builds
                    .map(|build| json!({"commit_sha": build.commit, "status": "succeeded"}))
                    .collect();
                Reply::json(200, &json!({"marker": null, "results": results}))
            }
            _ => error(404, 1000, "no such route"),
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

    fn compile(&mut self, request: &Recorded, found: usize, algorithm: String) -> Reply {
        let text = |key: &str| request.body[key].as_str().unwrap_or_default().to_owned();
        let build = Build {
            algorithm,
            commit: text("commitSha"),
            ssh_private_key: text("sshPrivateKey"),
        };
        if !build
            .ssh_private_key
            .starts_with("-----BEGIN RSA PRIVATE KEY-----\n")
        {
            return error(400, 2014, "the key can't be read");
        }
        let mut body = algorithm_json(&self.algorithms[found], &build.commit);
        self.builds.push(build);
        self.times.push(Instant::now());
        match &self.answer {
            CompileAnswer::Accepted => Reply::empty(202),
            CompileAnswer::Built => Reply::json(200, &body),
            CompileAnswer::Failed(output) => {
                body["compilation"] = json!({"successful": false, "output": output});
                Reply::json(200, &body)
            }
        }
    }
}

fn algorithm_json(algorithm: &Algorithm, commit: &str) -> Value {
    json!({
        "id": algorithm.id,
        "name": algorithm.name,
        "compilation": {"successful": true, "output": ""},
        "version_info": {"git_hash": commit},
        "resource_type": "algorithm",
    })
}

fn error(status: u16, code: u32, message: &str) -> Reply {
    Reply::json(
        status,
        &json!({"error": {"id": "error-0001", "code": code, "message": message}}),
    )
}
