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

/// What all stand-ins have: a running server that keeps requests and can be told to fail. Dropped, it
/// ends.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    _serving: Serving,
}

/// Has a stand-in do what every server does.
macro_rules! stands_in {
    ($name:ty) => {
        impl std::ops::Deref for $name {
            type Target = $crate::server::Server;

            fn deref(&self) -> &$crate::server::Server {
                &self.server
            }
        }
    };
}
pub(crate) use stands_in;

/// Something that is served on a thread of its own until it is dropped.
pub(crate) struct Serving {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Serving {
    pub(crate) fn start(
        served: impl Future<Output = io::Result<Infallible>> + Send + 'static,
    ) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            runtime.block_on(async move {
                tokio::select! {
                    _ = served => {}
                    _ = stopped => {}
                }
            });
        });
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
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
        let serving = Serving::start(serve(listener, Arc::clone(&shared)))?;
        Ok(Self {
            address,
            shared,
            _serving: serving,
        })
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Lets the next requests whose path holds this text fail.
    pub fn fail_next_on(&self, part: &str, times: usize, fault: &Fault) {
        let planned = std::iter::repeat_with(|| Planned {
            part: part.to_owned(),
            fault: fault.clone(),
        });
        lock(&self.shared.faults).extend(planned.take(times));
    }

    /// Lets requests fail as `dice` says, one by one; planned faults come first.
    pub fn fail_by(&self, dice: impl FnMut(&Recorded) -> Option<Fault> + Send + 'static) {
        *lock(&self.shared.dice) = Some(Box::new(dice));
    }

    /// From now on nothing fails that is not planned.
    pub fn mend(&self) {
        *lock(&self.shared.dice) = None;
    }

    /// Every request so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        let requests = lock(&self.shared.requests);
        requests.iter().map(|one| Recorded::clone(one)).collect()
    }

    /// Where requests were not what the system's specification says.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        lock(&self.shared.violations).clone()
    }

    /// Fails where a request was not what the system's specification says.
    ///
    /// # Panics
    /// With the violations.
    pub fn assert_conforms(&self) {
        if self.shared.spec.is_none() {
            println!("skipped: the system's specification is not here");
        }
        assert_eq!(self.violations(), Vec::<String>::new());
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
