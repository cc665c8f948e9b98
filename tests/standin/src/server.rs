//! The HTTP server behind every stand-in, on a thread of its own.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::fault::Fault;
use crate::request::{Recorded, Reply, parameters};
use crate::spec::Spec;

/// Answers one request and changes the state.
type Handler = dyn Fn(&Recorded) -> Reply + Send + Sync;

/// Draws the fault of a request, or none.
type Dice = dyn FnMut(&Recorded) -> Option<Fault> + Send;

/// A running server; dropped, it ends.
pub(crate) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    handler: Box<Handler>,
    faults: Mutex<Vec<Planned>>,
    dice: Mutex<Option<Box<Dice>>>,
    requests: Mutex<Vec<Arc<Recorded>>>,
    violations: Mutex<Vec<String>>,
    spec: Option<Spec>,
}

/// A fault that waits for a request whose path holds a text.
struct Planned {
    part: String,
    fault: Fault,
}

impl Server {
    pub(crate) fn start(
        spec: Option<Spec>,
        handler: impl Fn(&Recorded) -> Reply + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            handler: Box::new(handler),
            faults: Mutex::default(),
            dice: Mutex::default(),
            requests: Mutex::default(),
            violations: Mutex::default(),
            spec,
        });
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let served = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            runtime.block_on(async move {
                tokio::select! {
                    _ = serve(listener, served) => {}
                    _ = stopped => {}
                }
            });
        });
        Ok(Self {
            address,
            shared,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn plan(&self, part: &str, times: usize, fault: &Fault) {
        let planned = std::iter::repeat_with(|| Planned {
            part: part.to_owned(),
            fault: fault.clone(),
        });
        lock(&self.shared.faults).extend(planned.take(times));
    }

    pub(crate) fn draw(&self, dice: Option<Box<Dice>>) {
        *lock(&self.shared.dice) = dice;
    }

    pub(crate) fn requests(&self) -> Vec<Recorded> {
        let requests = lock(&self.shared.requests);
        requests.iter().map(|one| Recorded::clone(one)).collect()
    }

    pub(crate) fn violations(&self) -> Vec<String> {
        lock(&self.shared.violations).clone()
    }

    pub(crate) fn knows_its_specification(&self) -> bool {
        self.shared.spec.is_some()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The state in a lock, also after a test has panicked with it.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(listener: std::net::TcpListener, shared: Arc<Shared>) -> io::Result<Infallible> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let shared = Arc::clone(&shared);
                async move { answer(&shared, request).await }
            });
            let connection = hyper::server::conn::http1::Builder::new();
            // A fault may end it; the client is the one to notice.
            let _ = connection
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(
    shared: &Shared,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, io::Error> {
    let lost = || io::Error::other("the connection is lost on purpose");
    let recorded = Arc::new(record(request).await?);
    lock(&shared.requests).push(Arc::clone(&recorded));
    if let Some(spec) = &shared.spec {
        lock(&shared.violations).extend(spec.violations(&recorded));
    }
    let fault = {
        let mut faults = lock(&shared.faults);
        let due = faults
            .iter()
            .position(|planned| recorded.path.contains(&planned.part));
        due.map(|due| faults.remove(due).fault)
    };
    let fault = fault.or_else(|| lock(&shared.dice).as_mut().and_then(|dice| dice(&recorded)));
    let reply = match fault {
        None => (shared.handler)(&recorded),
        Some(Fault::Status(status, headers, body)) => Reply {
            status,
            headers,
            body: body.into_bytes(),
        },
        Some(Fault::Hang) => std::future::pending().await,
        Some(Fault::CloseBeforeApply) => return Err(lost()),
        Some(Fault::CloseAfterApply) => {
            (shared.handler)(&recorded);
            return Err(lost());
        }
        Some(Fault::Slow(time)) => {
            tokio::time::sleep(time).await;
            (shared.handler)(&recorded)
        }
        Some(Fault::SlowAfterApply(time)) => {
            let reply = (shared.handler)(&recorded);
            tokio::time::sleep(time).await;
            reply
        }
        Some(Fault::Partly) => {
            let mut partly = Recorded::clone(&recorded);
            partly.set_partly();
            (shared.handler)(&partly)
        }
    };
    let mut response = Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        response = response.header(name, value);
    }
    response
        .body(Full::new(Bytes::from(reply.body)))
        .map_err(io::Error::other)
}

async fn record(request: Request<Incoming>) -> Result<Recorded, io::Error> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let headers: BTreeMap<String, String> = parts
        .headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.to_string(), value)
        })
        .collect();
    Ok(Recorded {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        raw_query: parts.uri.query().unwrap_or_default().to_owned(),
        query: parameters(parts.uri.query().unwrap_or_default()),
        headers,
        length: body.len(),
        body: serde_json::from_slice(&body).unwrap_or_default(),
        text: String::from_utf8_lossy(&body).into_owned(),
    })
}
