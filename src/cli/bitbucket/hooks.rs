//! `pushgate bitbucket hooks`: what Bitbucket runs before and after refs move.

use std::path::Path;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand, ValueEnum};
use miette::Diagnostic;
use thiserror::Error;

use super::super::{CommandError, ExitStatus, Invocation, output};
use super::targets::{Found, Meant, Targets};
use super::{Format, Run, install, recipe, status, tell};
use crate::bitbucket::{Client, ExternalHookState, HookScriptType, Scope, Version};
use crate::config::Config;
use crate::hook_text::OnNodes;
use crate::visible::one_line;

/// The actions of `hooks`.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Action {
    /// See that Bitbucket runs both hooks for each
    Install(Install),
    /// Whether the gate really ran for the newest commit of each
    Status(Status),
}

/// The arguments of `install`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Install {
    #[command(flatten)]
    targets: Targets,
    /// By what means [default: hook scripts from Bitbucket 8.0 on; below that External Hooks where the
    /// server has it, else a recipe is printed]
    #[arg(long, value_enum, value_name = "MEANS")]
    by: Option<Means>,
    /// The binary on every node [default: /usr/local/bin/pushgate; for External Hooks
    /// pushgate/pushgate below its own folder]
    #[arg(long, value_name = "FILE", value_parser = NonEmptyStringValueParser::new())]
    binary: Option<String>,
    /// The configuration on every node [default: /etc/pushgate/config.yaml]
    #[arg(long, value_name = "FILE", value_parser = NonEmptyStringValueParser::new())]
    node_config: Option<String>,
    /// Change nothing, and tell what would be
    #[arg(long)]
    dry_run: bool,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

/// The arguments of `status`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Status {
    #[command(flatten)]
    pub(super) targets: Targets,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(super) format: Format,
}

/// A path that leads elsewhere from each repository's folder, where hooks run: every push would be
/// declined.
#[derive(Debug, Error, Diagnostic)]
#[error("`{0}` is no absolute path, and hooks run in the folder of each repository")]
#[diagnostic(help(
    "write it from the root on, as it is on every node: /usr/local/bin/pushgate, /etc/pushgate/config.yaml"
))]
struct NotAbsolute(String);

/// How Bitbucket comes to run a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Means {
    /// Bitbucket's own hook scripts, by REST
    HookScripts,
    /// The add-on External Hooks
    ExternalHooks,
    /// Files on the server's disk: what to do is printed
    Recipe,
}

/// Installs, or looks.
pub(super) fn run(
    invocation: &Invocation,
    config: &Config,
    client: &Client,
    action: &Action,
) -> Result<ExitStatus, CommandError> {
    match action {
        Action::Install(arguments) => installed(invocation, client, arguments),
        Action::Status(arguments) => status::run(invocation, config, client, arguments),
    }
}

fn installed(
    invocation: &Invocation,
    client: &Client,
    arguments: &Install,
) -> Result<ExitStatus, CommandError> {
    let version = client.version().map_err(CommandError::failure)?;
    let mut found = Found::default();
    let meant = arguments.targets.meant(invocation, client, &mut found)?;
    let scopes: Vec<Scope> = match &meant {
        Meant::Projects(keys) => keys.iter().cloned().map(Scope::Project).collect(),
        Meant::Repositories(names) => names.iter().cloned().map(Scope::Repository).collect(),
    };
    let means = match arguments.by {
        Some(means) => means,
        None => usual(client, &version, &scopes),
    };
    let config = arguments.node_config.as_deref();
    let run = Run::of(arguments.dry_run);
    let mut report = match means {
        Means::HookScripts => {
            let on_nodes = on_nodes(arguments)?;
            install::hook_scripts(client, &version, &scopes, &on_nodes, run)
        }
        Means::ExternalHooks => {
            let program = arguments.binary.as_deref().unwrap_or("pushgate/pushgate");
            install::external_hooks(client, &scopes, program, config, run)
        }
        Means::Recipe => {
            let on_nodes = on_nodes(arguments)?;
            found.repositories_of(client, meant);
            output::out(&recipe::text(
                client,
                &version,
                &found.repositories,
                &on_nodes,
            )?);
            return Ok(
                match found.rows.iter().any(crate::report::SetupRow::has_failed) {
                    true => tell(
                        &crate::report::SetupReport::new(false, found.rows),
                        Format::Human,
                    )?,
                    false => ExitStatus::Fine,
                },
            );
        }
    };
    report.results.extend(found.rows);
    tell(&report, arguments.format)
}

/// The paths that a script names.
fn on_nodes(arguments: &Install) -> Result<OnNodes, CommandError> {
    let usual = OnNodes::default();
    let absolute = |given: &Option<String>, usual: String| {
        let path = given.clone().unwrap_or(usual);
        match Path::new(&path).is_absolute() {
            true => Ok(path),
            false => Err(CommandError::usage(NotAbsolute(one_line(&path, 200)))),
        }
    };
    Ok(OnNodes {
        binary: absolute(&arguments.binary, usual.binary)?,
        config: absolute(&arguments.node_config, usual.config)?,
    })
}

/// The means where none is named.
fn usual(client: &Client, version: &Version, scopes: &[Scope]) -> Means {
    if version.has_hook_script_api() {
        return Means::HookScripts;
    }
    let has_add_on = scopes.first().is_some_and(|scope| {
        client
            .external_hook(scope, HookScriptType::Pre)
            .is_ok_and(|state| state != ExternalHookState::NoAddOn)
    });
    match has_add_on {
        true => Means::ExternalHooks,
        false => Means::Recipe,
    }
}
