//! A stand-in for Bitbucket Cloud, as far as variables of Pipelines go.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::fault::Fault;
use crate::request::{Recorded, Reply};
use crate::server::{Server, lock, stands_in};

/// Entries of one page: few, so that every list has more than one.
const PAGE: usize = 2;

/// Bitbucket Cloud, on loopback. It knows the workspace `acme` with the repository `hello`.
pub struct CloudStandIn {
    server: Server,
    state: Arc<Mutex<State>>,
}

/// A variable as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloudVariable {
    /// Its id, in braces.
    pub uuid: String,
    /// Its name.
    pub key: String,
    /// Its value, which nobody is told once it is secured.
    pub value: String,
    /// Whether it is secured.
    pub secured: bool,
}

#[derive(Default)]
struct State {
    address: String,
    /// What a request's `Authorization` has to be.
    authorization: String,
    /// By the path of the list.
    variables: BTreeMap<String, Vec<CloudVariable>>,
    environments: Vec<(String, String)>,
    made: usize,
}

stands_in!(CloudStandIn);

impl CloudStandIn {
    /// Starts one that takes requests with this `Authorization` only.
    ///
    /// # Errors
    /// Where no port of the loopback interface is free.
    pub fn start(authorization: &str) -> io::Result<Self> {
        let variables = [
            "/2.0/workspaces/acme/pipelines-config/variables",
            "/2.0/repositories/acme/hello/pipelines_config/variables",
        ];
        let state = Arc::new(Mutex::new(State {
            authorization: authorization.to_owned(),
            variables: variables.map(|path| (path.to_owned(), Vec::new())).into(),
            ..State::default()
        }));
        let served = Arc::clone(&state);
        let server = Server::start(None, move |request: &Recorded| {
            lock(&served).answer(request)
        })?;
        lock(&state).address = server.url();
        Ok(Self { server, state })
    }

    /// The address of its API.
    #[must_use]
    pub fn api(&self) -> String {
        format!("{}/2.0", self.server.url())
    }

    /// Adds a deployment environment to the repository.
    pub fn add_environment(&self, uuid: &str, name: &str) {
        let mut state = lock(&self.state);
        state.environments.push((uuid.to_owned(), name.to_owned()));
        let path = format!(
            "/2.0/repositories/acme/hello/deployments_config/environments/{uuid}/variables"
        );
        state.variables.insert(path, Vec::new());
    }

    /// Adds a variable to the list at a path below `/2.0`, its segments decoded.
    pub fn add_variable(&self, list: &str, key: &str, value: &str, secured: bool) {
        lock(&self.state).add(&format!("/2.0/{list}"), key, value, secured);
    }

    /// The variables of the list at a path below `/2.0`, its segments decoded.
    #[must_use]
    pub fn variables(&self, list: &str) -> Vec<CloudVariable> {
        let state = lock(&self.state);
        let found = state.variables.get(&format!("/2.0/{list}"));
        found.cloned().unwrap_or_default()
    }

    /// Lets the next request whose path holds `part` fail.
    pub fn fail_next(&self, part: &str, fault: &Fault) {
        self.server.fail_next_on(part, 1, fault);
    }
}

impl State {
    fn answer(&mut self, request: &Recorded) -> Reply {
        if request.header("authorization") != Some(&self.authorization) {
            return error(401, "Token is invalid or not supported for this endpoint.");
        }
        let path = format!("/{}", request.segments().join("/"));
        if path == "/2.0/repositories/acme/hello/environments" {
            let all = self.environments.iter();
            let all = all
                .map(|(uuid, name)| json!({"type": "deployment_environment", "uuid": uuid, "name": name}))
                .collect();
            return self.page(request, all);
        }
        if let Some(list) = self.variables.get(&path) {
            if request.method == "GET" {
                let all = list.iter().map(shown).collect();
                return self.page(request, all);
            }
            let (key, value, secured) = match sent(request) {
                Ok(sent) => sent,
                Err(reply) => return reply,
            };
            if list.iter().any(|one| one.key == key) {
                return error(409, "Variable with this key already exists in this scope.");
            }
            return Reply::json(201, &shown(&self.add(&path, &key, &value, secured)));
        }
        let Some((list, uuid)) = path.rsplit_once('/') else {
            return error(404, "Resource not found");
        };
        let found = self.variables.get_mut(list);
        let found = found.and_then(|list| list.iter_mut().find(|one| one.uuid == uuid));
        match (request.method.as_str(), found) {
            ("PUT", Some(one)) => match sent(request) {
                Ok((key, value, secured)) => {
                    (one.key, one.value, one.secured) = (key, value, secured);
                    Reply::json(200, &shown(one))
                }
                Err(reply) => reply,
            },
            _ => error(404, "Resource not found"),
        }
    }

    fn add(&mut self, path: &str, key: &str, value: &str, secured: bool) -> CloudVariable {
        self.made += 1;
        let variable = CloudVariable {
            uuid: format!("{{00000000-0000-4000-8000-{:012}}}", self.made),
            key: key.to_owned(),
            value: value.to_owned(),
            secured,
        };
        let list = self.variables.entry(path.to_owned()).or_default();
        list.push(variable.clone());
        variable
    }

    fn page(&self, request: &Recorded, all: Vec<Value>) -> Reply {
        let number: usize = request
            .query
            .get("page")
            .and_then(|page| page.parse().ok())
            .unwrap_or(1);
        let values: Vec<&Value> = all.iter().skip((number - 1) * PAGE).take(PAGE).collect();
        let mut page =
            json!({"page": number, "pagelen": PAGE, "size": all.len(), "values": values});
        if all.len() > number * PAGE {
            page["next"] = json!(format!(
                "{}{}?page={}",
                self.address,
                request.path,
                number + 1
            ));
        }
        Reply::json(200, &page)
    }
}

fn sent(request: &Recorded) -> Result<(String, String, bool), Reply> {
    let text = |key: &str| request.body[key].as_str().map(str::to_owned);
    match (
        text("key"),
        text("value"),
        request.body["secured"].as_bool(),
    ) {
        (Some(key), Some(value), Some(secured)) => Ok((key, value, secured)),
        _ => Err(error(400, "key, value and secured are required")),
    }
}

/// A variable as it is told of: a secured one without its value.
fn shown(variable: &CloudVariable) -> Value {
    let mut shown = json!({
        "type": "pipeline_variable",
        "uuid": variable.uuid,
        "key": variable.key,
        "secured": variable.secured,
    });
    if !variable.secured {
        shown["value"] = json!(variable.value);
    }
    shown
}

fn error(status: u16, message: &str) -> Reply {
    Reply::json(
        status,
        &json!({"type": "error", "error": {"message": message}}),
    )
}
