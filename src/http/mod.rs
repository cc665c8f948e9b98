//! One HTTP client for all remote systems: proxy, TLS, time limits, bounded answers, and what an
//! answer means for whoever waits to be delivered. Nothing is retried here.

mod address;
mod answer;
mod client;
mod failure;
mod outcome;
mod problem;
mod proxy;
mod rate_limit;
mod reason;
mod redirect;
mod request;
mod resolver;
mod secret;
mod tls_fault;

pub use address::{api_root, without_credentials};
pub use answer::Answer;
pub use client::{Client, Settings, Verify};
pub use failure::{Failure, SetupError, Unreached};
pub use outcome::{Outcome, of_status};
pub use problem::Problem;
pub use proxy::Proxies;
pub use rate_limit::{LONGEST_WAIT, wait_asked_for};
pub use reason::Lost;
pub use redirect::Moved;
pub use request::{Method, Request, segment};
pub use secret::{SHORTEST_SECRET, Secret};
pub use tls_fault::TlsFault;
