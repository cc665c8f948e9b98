//! `pushgate serve`: receives Bitbucket's webhooks, and shows what waits.
//!
//! The way of a push: a webhook that is signed with the secret becomes a file in the state folder
//! ([`inbox`]) and is acknowledged then. A worker puts what the push means for Port and the builders
//! into the outbox, checks its documents at the pushed commit, and tells Bitbucket: each step is
//! written down, and doing one twice does no harm. TLS is a reverse proxy's part.

pub mod announcement;
mod desk;
mod event;
mod http;
pub mod inbox;
mod metrics;
mod page;
pub mod push;
mod rate;
pub mod replay;
mod run;
mod session;
mod settings;
pub mod signature;
mod site;
mod worker;

pub use desk::Desk;
pub use event::{Event, Reach};
pub use run::{Deliverer, ServeError, Service};
pub use settings::{Settings, SettingsError, Source};
