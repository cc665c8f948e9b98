//! `pushgate pipelines`: Bitbucket Pipelines with AWS and DuploCloud.

mod init;
mod service_update;
mod trust_policy;
mod variables;

use std::path::Path;

use clap::Subcommand;

use super::{CommandError, ExitStatus, Invocation};
use crate::config::Place;
use crate::http;
use crate::work_tree::WorkTree;

/// The actions of `pipelines`.
#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Write the trust policy of the AWS role that pipelines assume, or find what one leaves open
    TrustPolicy(trust_policy::Arguments),
    /// Variables of Pipelines in Bitbucket Cloud
    #[command(subcommand)]
    Variables(variables::Action),
    /// Write a bitbucket-pipelines.yml that checks every push
    Init(init::Arguments),
    /// Have a service of DuploCloud run another image
    ServiceUpdate(service_update::Arguments),
}

pub(super) fn run(invocation: &Invocation, action: &Action) -> Result<ExitStatus, CommandError> {
    match action {
        Action::TrustPolicy(arguments) => trust_policy::run(invocation, arguments),
        Action::Variables(action) => variables::run(invocation, action),
        Action::Init(arguments) => init::run(invocation, arguments),
        Action::ServiceUpdate(arguments) => service_update::run(invocation, arguments),
    }
}

/// The client of a work tree's configuration.
fn client(invocation: &Invocation) -> Result<http::Client, CommandError> {
    let tree = WorkTree::around(Path::new("."));
    let config = invocation.load_config(Place::WorkTree(tree.root()))?;
    config.http_client().map_err(CommandError::usage)
}
