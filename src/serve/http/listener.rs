//! Connections: a bounded number of them, each with a limit to how slow its sender may be.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::sync::watch;

use crate::config::ServeLimits;

/// How long those that are being answered when all ends may take.
const LAST_ANSWERS: Duration = Duration::from_secs(10);

/// How long to leave alone a machine that has no room for one more connection.
const OUT_OF_SOCKETS: Duration = Duration::from_millis(100);

/// A socket that takes connections.
pub(in crate::serve) struct Listener(TcpListener);

impl Listener {
    /// Listens there.
    pub(in crate::serve) async fn bind(address: SocketAddr) -> io::Result<Self> {
        TcpListener::bind(address).await.map(Self)
    }

    /// Where it listens: the port is a free one where none was asked for.
    pub(in crate::serve) fn address(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// Answers until told to stop; then ends what is being answered.
pub(in crate::serve) async fn serve(
    listener: Listener,
    router: Router,
    limits: ServeLimits,
    mut stop: watch::Receiver<bool>,
) {
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(limits.connections.max(1)));
    loop {
        let taken = async {
            // Who finds no room waits in the system's queue.
            let place = Arc::clone(&room).acquire_owned().await;
            (place, listener.0.accept().await)
        };
        let (place, accepted) = tokio::select! {
            taken = taken => taken,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let (Ok(place), Ok((stream, _))) = (place, accepted) else {
            tokio::time::sleep(OUT_OF_SOCKETS).await;
            continue;
        };
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.read_timeout)
            .max_buf_size(64 * 1024)
            .serve_connection(
                TokioIo::new(stream),
                TowerToHyperService::new(router.clone()),
            );
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // How it ends is its client's business.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    let _ = tokio::time::timeout(LAST_ANSWERS, graceful.shutdown()).await;
}
