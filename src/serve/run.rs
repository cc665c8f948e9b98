//! The whole of it: requests, workers and deliveries, from the first to the last.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use miette::Diagnostic;
use signal_hook::flag::register_conditional_default;
use thiserror::Error;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::desk::Desk;
use super::event::{Event, Reach};
use super::http::{Listener, WEBHOOK, router, serve};
use super::inbox::{Inbox, InboxError};
use super::settings::Settings;
use super::site::{Observer, Site};
use super::worker;
use crate::delivery;
use crate::io_reason::io_reason;
use crate::outbox::{Outbox, OutboxError};

/// Pushes that are checked at once: each reads its documents one after the other.
const WORKERS: usize = 4;

/// Threads for what blocks, such as writing a push down.
const BLOCKING: usize = 16;

/// Why serving ended, or never began.
#[derive(Debug, Error, Diagnostic)]
pub enum ServeError {
    /// The address can't be listened on.
    #[error("cannot listen on {address}: {}", io_reason(reason))]
    #[diagnostic(help(
        "another process may have that port: stop it, or set `serve: {{ listen: … }}` to another one"
    ))]
    Address {
        /// The address.
        address: SocketAddr,
        /// Why not.
        reason: io::Error,
    },
    /// The machine gives no threads, sockets or signals.
    #[error("cannot {what}: {}", io_reason(reason))]
    #[diagnostic(help("the machine has reached a limit: see `ulimit -a`"))]
    Machine {
        /// What was tried.
        what: &'static str,
        /// Why not.
        reason: io::Error,
    },
    /// The pushes can't be kept.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Inbox(#[from] InboxError),
    /// The outbox can't be used.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Outbox(#[from] OutboxError),
}

/// Who delivers what waits in the outbox, until the flag is set; it tells what happens.
pub type Deliverer<'a> =
    dyn Fn(&AtomicBool, &(dyn Fn(delivery::Event) + Sync)) -> Result<(), OutboxError> + Sync + 'a;

/// What is served with what.
pub struct Service<'a> {
    /// What a receiver is made of.
    pub settings: Settings,
    /// The state folder: pushes wait in it.
    pub state: &'a std::path::Path,
    /// The outbox.
    pub outbox: Outbox,
    /// Who checks pushes; none where no webhooks are received.
    pub desk: Option<Desk<'a>>,
    /// Who delivers; none where another process does.
    pub deliverer: Option<&'a Deliverer<'a>>,
    /// Who is told what happens.
    pub observer: Observer,
}

impl Service<'_> {
    /// Serves until SIGTERM or SIGINT: then no request and no push is begun any more, and what is begun
    /// is ended. What waits stays in the state folder. A second signal ends at once, without harm.
    ///
    /// # Errors
    /// What kept it from serving.
    pub fn run(self) -> Result<(), ServeError> {
        let inbox = Inbox::open(self.state, self.settings.limits.waiting)?;
        let runtime = runtime()?;
        let address = self.settings.listen;
        let listener = runtime
            .block_on(Listener::bind(address))
            .map_err(|reason| ServeError::Address { address, reason })?;
        let address = listener.address().unwrap_or(address);
        let limits = self.settings.limits;
        let shared = Arc::new(Site::new(self.settings, inbox, self.outbox, self.observer));
        let router = router(Arc::clone(&shared));
        let (site, stop) = (&*shared, &Stop::new());
        let signals = runtime.block_on(async { Signals::new(&stop.flag) })?;
        site.say(Event::Listening { address });
        tell_of_webhooks(site, address);
        let delivered = thread::scope(|scope| {
            let delivering = self.deliverer.map(|deliverer| {
                scope.spawn(move || {
                    let ended = deliverer(&stop.flag, &|event| {
                        site.metrics.delivery(&event);
                        site.say(Event::Delivery(event));
                    });
                    // One that ends by itself can't go on: somebody has to look.
                    stop.now();
                    ended
                })
            });
            if let Some(desk) = &self.desk {
                for _ in 0..WORKERS {
                    scope.spawn(move || worker::work(site, desk));
                }
            }
            runtime.block_on(async {
                let stopping = async {
                    signals.wait(stop.receiver()).await;
                    stop.now();
                    site.inbox.close();
                    site.say(Event::Stopping);
                };
                let answering = serve(listener, router, limits, stop.receiver());
                tokio::join!(answering, stopping);
            });
            delivering.map(|delivering| {
                delivering
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
        });
        delivered.unwrap_or(Ok(())).map_err(ServeError::Outbox)
    }
}

/// Where webhooks go to, and what is wrong with their secret; nothing where none are received.
fn tell_of_webhooks(site: &Site, address: SocketAddr) {
    let Some(secret) = &site.settings.secret else {
        return;
    };
    let (url, reach) = match &site.settings.public_url {
        Some(public) => (public.join(WEBHOOK), Reach::Public),
        None => (format!("http://{address}{WEBHOOK}"), Reach::Own),
    };
    site.say(Event::Receiving { url, reach });
    if secret.is_guessable() {
        site.say(Event::GuessableSecret);
    }
}

fn runtime() -> Result<Runtime, ServeError> {
    Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(BLOCKING)
        .enable_all()
        .build()
        .map_err(|reason| ServeError::Machine {
            what: "start threads",
            reason,
        })
}

/// Tells everybody that it is over, those that look now and then and those that wait.
struct Stop {
    flag: Arc<AtomicBool>,
    sender: watch::Sender<bool>,
}

impl Stop {
    fn new() -> Self {
        Self {
            flag: Arc::default(),
            sender: watch::Sender::new(false),
        }
    }

    fn now(&self) {
        self.flag.store(true, Ordering::Relaxed);
        self.sender.send_replace(true);
    }

    fn receiver(&self) -> watch::Receiver<bool> {
        self.sender.subscribe()
    }
}

/// SIGTERM and SIGINT.
struct Signals([tokio::signal::unix::Signal; 2]);

impl Signals {
    /// Listens from now on; inside of a runtime only.
    fn new(stopping: &Arc<AtomicBool>) -> Result<Self, ServeError> {
        let listen = |kind: SignalKind| {
            // A second one ends the process at once: a kill at any moment does no harm.
            register_conditional_default(kind.as_raw_value(), Arc::clone(stopping))
                .and_then(|_| signal(kind))
                .map_err(|reason| ServeError::Machine {
                    what: "listen to signals",
                    reason,
                })
        };
        Ok(Self([
            listen(SignalKind::terminate())?,
            listen(SignalKind::interrupt())?,
        ]))
    }

    /// Waits for one of them, or until all is over without.
    async fn wait(self, mut stop: watch::Receiver<bool>) {
        let Self([mut terminate, mut interrupt]) = self;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }
}
