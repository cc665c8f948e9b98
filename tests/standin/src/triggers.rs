//! A stand-in for any service that is told of commits.

use std::io;
use std::sync::{Arc, Mutex};

use crate::fault::Fault;
use crate::request::{Recorded, Reply};
use crate::server::{Server, lock, stands_in};

/// A service, on loopback. It takes every request.
pub struct TriggerStandIn {
    server: Server,
    state: Arc<Mutex<State>>,
}

struct State {
    answer: Reply,
    taken: Vec<Recorded>,
}

stands_in!(TriggerStandIn);

impl TriggerStandIn {
    /// Starts one that answers with 200 and an empty body.
    ///
    /// # Errors
    /// Where no port of the loopback interface is free.
    pub fn start() -> io::Result<Self> {
        let state = Arc::new(Mutex::new(State {
            answer: Reply::empty(200),
            taken: Vec::new(),
        }));
        let served = Arc::clone(&state);
        let server = Server::start(None, move |request: &Recorded| {
            let mut state = lock(&served);
            state.taken.push(request.clone());
            state.answer.clone()
        })?;
        Ok(Self { server, state })
    }

    /// How requests are answered from now on.
    pub fn set_answer(&self, status: u16, content_type: &str, body: &str) {
        lock(&self.state).answer = Reply {
            status,
            headers: vec![("content-type".to_owned(), content_type.to_owned())],
            body: body.as_bytes().to_vec(),
        };
    }

    /// Lets the next requests fail.
    pub fn fail_next(&self, times: usize, fault: &Fault) {
        self.server.fail_next_on("/", times, fault);
    }

    /// The requests that were taken: those that no fault has kept from it.
    #[must_use]
    pub fn taken(&self) -> Vec<Recorded> {
        lock(&self.state).taken.clone()
    }
}
