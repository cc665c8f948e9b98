//! Stand-ins for Port, Algorithmia, Bitbucket Server and Cloud, DuploCloud, a Helm repository and services
//! that are told of commits: real HTTP servers on loopback that hold state, keep the systems' limits and
//! can be told to fail. Every request is kept and, where the systems' own specifications lie beside the
//! repository, held against them.

mod algorithmia;
mod bitbucket;
mod charts;
mod cloud;
mod duplo;
mod fault;
mod files;
mod port;
mod programs;
mod request;
mod server;
mod spec;
mod ssh_key;
mod tls;
mod triggers;
mod waiting;
mod watch;

pub use algorithmia::{AlgorithmiaStandIn, Build, BuildEnd, CompileAnswer, Course};
pub use bitbucket::{BitbucketStandIn, Build as BitbucketBuild, Report as InsightsReport};
pub use charts::ChartsStandIn;
pub use cloud::{CloudStandIn, CloudVariable};
pub use duplo::{DuploStandIn, DuploVersion};
pub use fault::Fault;
pub use files::{folder, write};
pub use port::PortStandIn;
pub use programs::{feed, good_key, has_program, run, self_signed};
pub use request::Recorded;
pub use server::Server;
pub use ssh_key::ssh_private_key;
pub use tls::TlsStandIn;
pub use triggers::TriggerStandIn;
pub use waiting::wait_for;
pub use watch::{Child, Command, MARK, Watched, leaks, plant};
