//! The gate at one repository: whether Bitbucket runs it, and whether it can on this node.

use std::path::Path;

use super::bitbucket::{ask, is_not_permitted};
use super::hook::binary_at;
use super::{Diagnosis, Item, Subject};
use crate::bitbucket::{Client, Problem, Scope};
use crate::gate_status::{GateStatus, is_gate};
use crate::hook_text::OnNodes;
use crate::io_reason::io_reason;
use crate::repository::RepositoryName;
use crate::verdicts::Verdicts;

/// It runs.
pub(super) const RUNS: Item = Item {
    id: "bitbucket.gate",
    title: "Bitbucket runs the gate for the repository",
    needs: &["bitbucket.credentials"],
    look: |subject| of_repository(subject, runs),
};

/// What the uploaded script names is there.
pub(super) const ON_NODE: Item = Item {
    id: "hook.on_node",
    title: "what Bitbucket's hook script starts is on this node",
    needs: &["bitbucket.credentials"],
    look: |subject| of_repository(subject, on_node),
};

/// Looks at the repository that was named.
pub(super) fn of_repository(
    subject: &Subject,
    look: impl FnOnce(&Subject, &Client, &RepositoryName) -> Result<Diagnosis, Problem>,
) -> Diagnosis {
    let Some(name) = &subject.repository else {
        return Diagnosis::skipped(
            "no repository is named to look at",
            "add `--repository PROJECT/slug`",
        );
    };
    ask(subject, |client| match look(subject, client, name) {
        Err(problem) if is_not_permitted(&problem) => Ok(Diagnosis::skipped(
            format!("these credentials may not look at the hooks and webhooks of {name}"),
            "run doctor once with those of an administrator of the repository",
        )),
        other => other,
    })
}

fn runs(subject: &Subject, client: &Client, name: &RepositoryName) -> Result<Diagnosis, Problem> {
    let version = client.version()?;
    let record = match subject.config().state_folder(&subject.environment) {
        Err(error) => return Ok(Diagnosis::of_error(&error, "set PUSHGATE_STATE")),
        Ok(state) => match Verdicts::of(&state).record(name) {
            Err(error) => {
                return Ok(Diagnosis::failed(
                    format!(
                        "this node's record of verdicts can't be read: {}",
                        io_reason(&error)
                    ),
                    "run doctor as the git server's user",
                ));
            }
            Ok(record) => record,
        },
    };
    let status = GateStatus::ask(client, &version, name, &record)?;
    let message = status.message(&record);
    let remedy = status.remedy(name, &version);
    Ok(match (&status, remedy) {
        (_, None) => Diagnosis::ok(message),
        (GateStatus::Unproven(_), Some(remedy)) => Diagnosis::warning(message, remedy),
        (_, Some(remedy)) => Diagnosis::failed(message, remedy),
    })
}

fn on_node(_: &Subject, client: &Client, name: &RepositoryName) -> Result<Diagnosis, Problem> {
    let version = client.version()?;
    if !version.has_hook_script_api() {
        return Ok(Diagnosis::skipped(
            format!("Bitbucket {version} does not tell what its hook scripts start"),
            "look at the hook's file on this node, or give `--binary FILE`",
        ));
    }
    let scope = Scope::Repository(name.clone());
    let scripts = client.hook_scripts(&scope)?;
    let Some(gate) = scripts.iter().find(|script| is_gate(script)) else {
        return Ok(Diagnosis::skipped(
            format!("no hook script of pushgate is enabled for {name}"),
            "run `pushgate bitbucket hooks install`, unless External Hooks runs the gate",
        ));
    };
    let text = client.hook_script_text(gate.script.id)?;
    let Some(paths) = OnNodes::of_script(&text) else {
        return Ok(Diagnosis::warning(
            format!(
                "hook script {} is not one that pushgate wrote",
                gate.script.id
            ),
            "see by hand that what it starts is there, or run `pushgate bitbucket hooks install`",
        ));
    };
    let own = concat!("pushgate ", env!("CARGO_PKG_VERSION"));
    let config = match std::fs::File::open(&paths.config) {
        Ok(_) => Diagnosis::ok(""),
        Err(error) => Diagnosis::failed(
            format!(
                "{}: {}; every push is declined",
                paths.config,
                io_reason(&error)
            ),
            "put the configuration there on every node, Mesh nodes too, readable for Bitbucket's user",
        ),
    };
    let binary = binary_at(Path::new(&paths.binary), own);
    let well = format!("{} and {}", paths.binary, paths.config);
    Ok(Diagnosis::all(vec![binary, config], well))
}
