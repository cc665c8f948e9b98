//! A stand-in for a Helm repository: files, and redirects to them.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex};

use crate::fault::Fault;
use crate::request::{Recorded, Reply};
use crate::server::{Server, lock, stands_in};

/// A Helm repository, on loopback.
pub struct ChartsStandIn {
    server: Server,
    files: Arc<Mutex<HashMap<String, Served>>>,
}

#[derive(Clone)]
enum Served {
    File(Vec<u8>),
    Redirect(String),
}

stands_in!(ChartsStandIn);

impl ChartsStandIn {
    /// Starts one without any file.
    ///
    /// # Errors
    /// Where no port of the loopback interface is free.
    pub fn start() -> io::Result<Self> {
        let files: Arc<Mutex<HashMap<String, Served>>> = Arc::default();
        let served = Arc::clone(&files);
        let server = Server::start(None, move |request: &Recorded| {
            match lock(&served).get(&request.path).cloned() {
                Some(Served::File(body)) => Reply {
                    status: 200,
                    headers: Vec::new(),
                    body,
                },
                Some(Served::Redirect(to)) => Reply {
                    status: 302,
                    headers: vec![("location".to_owned(), to)],
                    body: Vec::new(),
                },
                None => Reply::empty(404),
            }
        })?;
        Ok(Self { server, files })
    }

    /// Its address.
    #[must_use]
    pub fn address(&self) -> String {
        self.server.url()
    }

    /// Serves a file; the path begins with `/`.
    pub fn serve(&self, path: &str, content: impl Into<Vec<u8>>) {
        lock(&self.files).insert(path.to_owned(), Served::File(content.into()));
    }

    /// Sends whoever asks for `path` elsewhere.
    pub fn redirect(&self, path: &str, to: &str) {
        lock(&self.files).insert(path.to_owned(), Served::Redirect(to.to_owned()));
    }

    /// Fails the next request whose path holds `part`.
    pub fn fail_next(&self, part: &str, fault: Fault) {
        self.server.fail_next_on(part, 1, &fault);
    }

    /// The paths that were asked for.
    #[must_use]
    pub fn asked_for(&self) -> Vec<String> {
        let requests = self.server.requests();
        requests.into_iter().map(|request| request.path).collect()
    }
}
