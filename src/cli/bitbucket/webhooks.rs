//! `pushgate bitbucket webhooks`: what Bitbucket calls after a push, for pushgate and for Gimlet.

mod list;

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};
use miette::Diagnostic;
use thiserror::Error;

use super::super::{CommandError, ExitStatus, Invocation};
use super::targets::{Found, Meant, Targets};
use super::{Format, Run, each, tell};
use crate::bitbucket::{
    Client, KnownBy, PUSHED, Problem, Scope, SetSecret, WantedWebhook, Webhook, WebhookChange,
    WebhookStep,
};
use crate::config::Config;
use crate::http::{Secret, api_root, without_credentials};
use crate::io_reason::io_reason;
use crate::report::{Deed, SetupReport, SetupRow};
use crate::visible::visible;

/// The actions of `webhooks`.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Action {
    /// See that each has the webhook, once, and as it should be
    Ensure(Ensure),
    /// Show the webhooks
    List(List),
    /// Take the webhook away
    Remove(Remove),
}

/// The arguments of `ensure`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Ensure {
    #[command(flatten)]
    targets: Targets,
    /// What is called: of `pushgate serve`, or of Gimlet `https://gimlet.example.com/hook`
    #[arg(long, value_name = "URL")]
    url: String,
    /// The webhook's name; one of that name is then known by it too, whatever it calls [default:
    /// pushgate]
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    name: Option<String>,
    /// On what it is called
    #[arg(long, value_name = "EVENT", default_value = PUSHED, value_delimiter = ',', value_parser = NonEmptyStringValueParser::new())]
    event: Vec<String>,
    /// A file with the secret that calls are signed with [default: WEBHOOK_SECRET, else
    /// `serve.secret_file` of the configuration]
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// Set the secret also where nothing else differs: Bitbucket does not show it, so that a changed
    /// one is not noticed
    #[arg(long)]
    set_secret: bool,
    #[command(flatten)]
    how: How,
}

/// The arguments of `list`.
#[derive(Debug, Args)]
pub(in crate::cli) struct List {
    #[command(flatten)]
    targets: Targets,
    /// How they are printed
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

/// The arguments of `remove`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Remove {
    #[command(flatten)]
    targets: Targets,
    /// What the webhooks call that are taken away
    #[arg(long, value_name = "URL")]
    url: String,
    #[command(flatten)]
    how: How,
}

#[derive(Debug, Args)]
struct How {
    /// Change nothing, and tell what would be
    #[arg(long)]
    dry_run: bool,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

#[derive(Debug, Error, Diagnostic)]
enum WebhookError {
    #[error("`{0}` is no address that Bitbucket can call")]
    #[diagnostic(help("write it as https://gate.example.com/PATH"))]
    Address(String),
    #[error("there is no secret to sign webhooks with")]
    #[diagnostic(help(
        "make one with `openssl rand -hex 32`, give it to whoever is called, and set WEBHOOK_SECRET here, name its file with `--secret-file`, or in the configuration with `serve: {{ secret_file: … }}`"
    ))]
    NoSecret,
    #[error("cannot read the secret's file {}: {}", path.display(), io_reason(source))]
    #[diagnostic(help("correct `--secret-file`, or let this user read the file"))]
    SecretFile {
        path: PathBuf,
        source: std::io::Error,
    },
}

/// Sees to the webhooks.
pub(super) fn run(
    invocation: &Invocation,
    config: &Config,
    client: &Client,
    action: &Action,
) -> Result<ExitStatus, CommandError> {
    match action {
        Action::Ensure(arguments) => ensure(invocation, config, client, arguments),
        Action::List(arguments) => list::list(
            invocation,
            client,
            arguments,
            &Quoted::of(invocation, config),
        ),
        Action::Remove(arguments) => remove(
            invocation,
            client,
            arguments,
            &Quoted::of(invocation, config),
        ),
    }
}

/// The secret that a server may quote back to whoever only asks for its webhooks, where it is known
/// here.
struct Quoted(Option<Secret>);

impl Quoted {
    /// Of the environment, or the configuration. Neither command needs it: a file that can't be read
    /// is in nobody's way.
    fn of(invocation: &Invocation, config: &Config) -> Self {
        let known = config.webhook_secret(&invocation.environment);
        Self(known.ok().flatten())
    }

    /// What failed, without words that quote it.
    fn failed(&self, scope: &Scope, problem: Problem) -> SetupRow {
        SetupRow::failed(
            scope,
            &match &self.0 {
                Some(secret) => problem.without(secret),
                None => problem,
            },
        )
    }

    /// A text of the server's with the secret hidden, and safe to show.
    fn shown(&self, text: &str) -> String {
        let hidden = self.0.as_ref().map(|secret| secret.hide_in(text));
        visible(hidden.as_deref().unwrap_or(text)).into_owned()
    }
}

fn ensure(
    invocation: &Invocation,
    config: &Config,
    client: &Client,
    arguments: &Ensure,
) -> Result<ExitStatus, CommandError> {
    let wanted = WantedWebhook {
        name: arguments
            .name
            .clone()
            .unwrap_or_else(|| "pushgate".to_owned()),
        known_by: match arguments.name {
            Some(_) => KnownBy::AddressOrName,
            None => KnownBy::Address,
        },
        url: address(&arguments.url)?,
        events: arguments.event.clone(),
        secret: secret(invocation, config, arguments)?,
        set_secret: match arguments.set_secret {
            true => SetSecret::Always,
            false => SetSecret::WithChanges,
        },
    };
    let quoted = Quoted(Some(wanted.secret.clone()));
    let run = Run::of(arguments.how.dry_run);
    let mut found = Found::default();
    let meant = arguments.targets.meant(invocation, client, &mut found)?;
    let mut rows = Vec::new();
    if let Meant::Projects(keys) = &meant
        && client
            .version()
            .map_err(CommandError::failure)?
            .has_project_webhooks()
    {
        let (good, whole) = ensure_projects(client, keys, &wanted, &quoted, run);
        rows.extend(whole);
        // Webhooks of the time before projects could have them would be called besides.
        found.repositories_of(client, Meant::Projects(good));
        rows.extend(
            each(&found.repositories, client.concurrency(), |name| {
                // One that is called on more than the project's is somebody's own.
                let is_doubled = |webhook: &Webhook| {
                    webhook.calls(&wanted.url)
                        && webhook
                            .events
                            .iter()
                            .all(|event| wanted.events.contains(event))
                };
                taken_away(
                    client,
                    &Scope::Repository(name.clone()),
                    is_doubled,
                    &quoted,
                    run,
                )
            })
            .into_iter()
            .filter(|row| matches!(row.outcome, Deed::Removed | Deed::Failed)),
        );
        // What was left alone is the project's by now.
        found.rows.retain(|row| row.outcome == Deed::Failed);
    } else {
        found.repositories_of(client, meant);
        rows.extend(each(&found.repositories, client.concurrency(), |name| {
            ensured(
                client,
                &Scope::Repository(name.clone()),
                &wanted,
                &quoted,
                run,
            )
        }));
    }
    rows.extend(found.rows);
    tell(
        &SetupReport::new(run == Run::Dry, rows),
        arguments.how.format,
    )
}

/// Sees to the projects' own webhooks; answers with the keys of those that have them.
fn ensure_projects(
    client: &Client,
    keys: &[String],
    wanted: &WantedWebhook,
    quoted: &Quoted,
    run: Run,
) -> (Vec<String>, Vec<SetupRow>) {
    let rows = each(keys, client.concurrency(), |key| {
        ensured(client, &Scope::Project(key.clone()), wanted, quoted, run)
    });
    let good = keys
        .iter()
        .zip(&rows)
        .filter(|(_, row)| row.outcome != Deed::Failed)
        .map(|(key, _)| key.clone())
        .collect();
    (good, rows)
}

fn ensured(
    client: &Client,
    scope: &Scope,
    wanted: &WantedWebhook,
    quoted: &Quoted,
    run: Run,
) -> SetupRow {
    ensure_one(client, scope, wanted, run).unwrap_or_else(|problem| quoted.failed(scope, problem))
}

fn ensure_one(
    client: &Client,
    scope: &Scope,
    wanted: &WantedWebhook,
    run: Run,
) -> Result<SetupRow, Problem> {
    let existing = client.webhooks(scope)?;
    let WebhookChange { step, doubles } = WebhookChange::needed(&existing, wanted);
    let mut row = match step {
        WebhookStep::Create => {
            if run == Run::Real {
                client.create_webhook(scope, wanted)?;
            }
            SetupRow::new(scope, Deed::Created)
        }
        WebhookStep::Update { old, because } => {
            if run == Run::Real {
                client.update_webhook(scope, &old, wanted)?;
            }
            SetupRow::new(scope, Deed::Updated)
                .with(because.join(", "))
                .with("the secret is set again")
        }
        WebhookStep::Keep(_) => SetupRow::new(scope, Deed::Unchanged),
    };
    for double in &doubles {
        if run == Run::Real {
            client.remove_webhook(scope, double.id)?;
        }
        row = row.with(format!("webhook {} calls the same and goes", double.id));
        if row.outcome == Deed::Unchanged {
            row.outcome = Deed::Updated;
        }
    }
    Ok(row)
}

fn remove(
    invocation: &Invocation,
    client: &Client,
    arguments: &Remove,
    quoted: &Quoted,
) -> Result<ExitStatus, CommandError> {
    let url = address(&arguments.url)?;
    let run = Run::of(arguments.how.dry_run);
    let (scopes, mut rows) = scopes(invocation, client, &arguments.targets)?;
    rows.extend(each(&scopes, client.concurrency(), |scope| {
        taken_away(client, scope, |webhook| webhook.calls(&url), quoted, run)
    }));
    tell(
        &SetupReport::new(run == Run::Dry, rows),
        arguments.how.format,
    )
}

fn taken_away(
    client: &Client,
    scope: &Scope,
    goes: impl Fn(&Webhook) -> bool,
    quoted: &Quoted,
    run: Run,
) -> SetupRow {
    let remove = || -> Result<SetupRow, Problem> {
        let webhooks = client.webhooks(scope)?;
        let of_address: Vec<&Webhook> = webhooks.iter().filter(|one| goes(one)).collect();
        for webhook in &of_address {
            if run == Run::Real {
                client.remove_webhook(scope, webhook.id)?;
            }
        }
        Ok(match of_address.len() {
            0 => SetupRow::new(scope, Deed::Unchanged).with("no webhook calls it"),
            1 => SetupRow::new(scope, Deed::Removed),
            count => SetupRow::new(scope, Deed::Removed).with(format!("{count} webhooks")),
        })
    };
    remove().unwrap_or_else(|problem| quoted.failed(scope, problem))
}

/// Everything that may have webhooks: the projects, where servers know such, and their repositories.
fn scopes(
    invocation: &Invocation,
    client: &Client,
    targets: &Targets,
) -> Result<(Vec<Scope>, Vec<SetupRow>), CommandError> {
    let mut found = Found::default();
    let meant = targets.meant(invocation, client, &mut found)?;
    let mut scopes = Vec::new();
    if let Meant::Projects(keys) = &meant
        && client
            .version()
            .map_err(CommandError::failure)?
            .has_project_webhooks()
    {
        scopes.extend(keys.iter().cloned().map(Scope::Project));
    }
    found.repositories_of(client, meant);
    scopes.extend(found.repositories.into_iter().map(Scope::Repository));
    Ok((scopes, found.rows))
}

/// An address that Bitbucket can call.
fn address(text: &str) -> Result<String, CommandError> {
    let plain = text.split_once('?').map_or(text, |(plain, _)| plain);
    match api_root(plain) {
        Some(_) => Ok(text.trim().to_owned()),
        None => {
            let shown = without_credentials(text);
            Err(CommandError::usage(WebhookError::Address(shown)))
        }
    }
}

fn secret(
    invocation: &Invocation,
    config: &Config,
    arguments: &Ensure,
) -> Result<Secret, CommandError> {
    let secret = match &arguments.secret_file {
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|source| {
                let path = path.clone();
                CommandError::usage(WebhookError::SecretFile { path, source })
            })?;
            Some(Secret::new(text.trim()))
        }
        None => config.webhook_secret(&invocation.environment)?,
    };
    secret
        .filter(|secret| !secret.is_empty())
        .ok_or_else(|| CommandError::usage(WebhookError::NoSecret))
}
