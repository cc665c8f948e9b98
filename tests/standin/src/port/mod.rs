//! A stand-in for Port.

mod search;
mod state;

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::fault::Fault;
use crate::request::Recorded;
use crate::server::{Server, lock, stands_in};
use crate::spec::Spec;
use state::{CLIENT_ID, CLIENT_SECRET, State};

/// Port, on loopback.
pub struct PortStandIn {
    server: Server,
    state: Arc<Mutex<State>>,
}

stands_in!(PortStandIn);

impl PortStandIn {
    /// Starts one, with no blueprints and no entities.
    ///
    /// # Errors
    /// Where no port of the loopback interface is free.
    pub fn start() -> io::Result<Self> {
        let state = Arc::new(Mutex::new(State::default()));
        let served = Arc::clone(&state);
        let server = Server::start(Spec::find("port-openapi.json"), move |request| {
            let mut reply = lock(&served).answer(request);
            reply
                .headers
                .push(("x-trace-id".to_owned(), "trace-0001".to_owned()));
            reply
        })?;
        Ok(Self { server, state })
    }

    /// The credential's name.
    #[must_use]
    pub fn client_id(&self) -> &'static str {
        CLIENT_ID
    }

    /// The credential's secret.
    #[must_use]
    pub fn client_secret(&self) -> &'static str {
        CLIENT_SECRET
    }

    /// From now on only these blueprints exist, in the form of `GET /v1/blueprints`.
    pub fn set_blueprints(&self, blueprints: Vec<Value>) {
        let named = blueprints.into_iter().map(|blueprint| {
            let identifier = blueprint["identifier"].as_str().unwrap_or_default();
            (identifier.to_owned(), blueprint)
        });
        lock(&self.state).blueprints = Some(named.collect());
    }

    /// Puts an entity there, as another source would.
    pub fn insert(&self, blueprint: &str, identifier: &str, body: Value) {
        let key = (blueprint.to_owned(), identifier.to_owned());
        lock(&self.state).entities.insert(key, body);
    }

    /// An entity as it is stored.
    #[must_use]
    pub fn entity(&self, blueprint: &str, identifier: &str) -> Option<Value> {
        let key = (blueprint.to_owned(), identifier.to_owned());
        lock(&self.state).entities.get(&key).cloned()
    }

    /// All entities by blueprint and identifier.
    #[must_use]
    pub fn entities(&self) -> BTreeMap<(String, String), Value> {
        lock(&self.state).entities.clone()
    }

    /// No token issued so far is good any more.
    pub fn revoke_tokens(&self) {
        lock(&self.state).tokens_issued += 1;
    }

    /// How often a token was asked for, successfully, or revoked.
    #[must_use]
    pub fn tokens_issued(&self) -> usize {
        lock(&self.state).tokens_issued
    }

    /// From now on who asks again gets the same token, as Port does it.
    pub fn keep_token(&self) {
        lock(&self.state).same_token = true;
    }

    /// The life of the tokens that are issued from now on, in seconds.
    pub fn set_token_life(&self, seconds: u64) {
        lock(&self.state).expires_in = seconds;
    }

    /// Larger bodies are answered with 413.
    pub fn set_largest_body(&self, bytes: usize) {
        lock(&self.state).largest_body = bytes;
    }

    /// A page of a search has no more entities than that.
    pub fn set_search_page(&self, entities: usize) {
        lock(&self.state).search_page = entities;
    }

    /// Lets the next calls fail that are about entities or blueprints.
    pub fn fail_next(&self, times: usize, fault: &Fault) {
        self.server.fail_next_on("/blueprints", times, fault);
    }

    /// The requests whose path holds this text.
    #[must_use]
    pub fn requests_on(&self, part: &str) -> Vec<Recorded> {
        let mut requests = self.server.requests();
        requests.retain(|request| request.path.contains(part));
        requests
    }
}
