//! What would be sent, and nothing sent.

use crate::algorithmia::Role;
use crate::cli::equipment::triggers;
use crate::cli::{CommandError, ExitStatus, Invocation, algorithmia, output};
use crate::config::Config;
use crate::outbox::{BuildJob, BuildTarget};
use crate::repository::RepositoryName;
use crate::trigger::Values;

/// Prints the requests that would have the builds made, in their order. The keys and secrets in them
/// are not read where they are only to be hidden.
pub(super) fn show(
    invocation: &Invocation,
    config: &Config,
    repository: &RepositoryName,
    jobs: &[BuildJob],
) -> Result<ExitStatus, CommandError> {
    let http = config.http_client().map_err(CommandError::usage)?;
    let triggers = triggers(config, &http);
    let mut requests = Vec::new();
    for job in jobs {
        requests.push(match &job.target {
            BuildTarget::Algorithmia { algorithm, .. } => {
                let client = algorithmia::client_of(invocation, config, Role::Organisation)?;
                client.shown_compilation(algorithm, &job.commit)
            }
            BuildTarget::Trigger(name) => {
                let Some(client) = triggers.get(name) else {
                    return Err(CommandError::internal("looking for a trigger"));
                };
                let values = Values {
                    sha: job.commit.as_str(),
                    branch: job.branch.as_deref(),
                    project: repository.project(),
                    slug: repository.slug(),
                };
                client.shown(&values).map_err(CommandError::usage)?
            }
        });
    }
    output::out(&requests.join("\n"));
    Ok(ExitStatus::Fine)
}
