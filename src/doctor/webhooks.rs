//! Webhooks: their secret, and whether what they call answers.

use super::gate::of_repository;
use super::{Diagnosis, Item, Subject, application_link};
use crate::bitbucket::{Client, LastCall, PUSHED, Problem, Scope, Webhook};
use crate::environment::WEBHOOK_SECRET;
use crate::http::{SHORTEST_SECRET, without_credentials};
use crate::repository::RepositoryName;

/// The secret is there and cannot be guessed.
pub(super) const SECRET: Item = Item {
    id: "webhooks.secret",
    title: "webhooks are signed with a secret that can't be guessed",
    needs: &["configuration.file"],
    look: secret,
};

/// They arrive.
pub(super) const CALLS: Item = Item {
    id: "webhooks.calls",
    title: "the repository's webhooks are answered",
    needs: &["bitbucket.credentials"],
    look: |subject| of_repository(subject, calls),
};

const MAKE_ONE: &str = "make one with `openssl rand -hex 32`, set it as WEBHOOK_SECRET or name its file in `serve: { secret_file: … }` where webhooks arrive, and run `pushgate bitbucket webhooks ensure --set-secret` with it";

/// The one that `pushgate serve` holds signatures against.
fn secret(subject: &Subject) -> Diagnosis {
    let config = subject.config();
    let secret = match config.webhook_secret(&subject.environment) {
        Ok(secret) => secret,
        Err(error) => return Diagnosis::of_error(&error, MAKE_ONE),
    };
    let is_in_environment = subject.environment.get(WEBHOOK_SECRET).is_some();
    let place = match &config.serve.secret_file {
        Some(path) if !is_in_environment => format!("`{}`", path.display()),
        _ => WEBHOOK_SECRET.to_owned(),
    };
    match secret {
        None if application_link::is_gimlet(subject) => Diagnosis::failed(
            format!("{place} is empty: Gimlet would take a webhook from anybody"),
            MAKE_ONE,
        ),
        None if config.serve.secret_file.is_some() => Diagnosis::failed(
            format!("{place} is empty: `pushgate serve` takes no webhook without a secret"),
            MAKE_ONE,
        ),
        None => Diagnosis::skipped("no webhooks arrive here", MAKE_ONE),
        Some(secret) if secret.is_guessable() => Diagnosis::warning(
            format!("the secret of {place} has fewer than {SHORTEST_SECRET} characters"),
            MAKE_ONE,
        ),
        Some(_) => Diagnosis::ok(format!("{place} holds one")),
    }
}

fn calls(_: &Subject, client: &Client, name: &RepositoryName) -> Result<Diagnosis, Problem> {
    let mut scopes = vec![Scope::Repository(name.clone())];
    if client.version()?.has_project_webhooks() {
        scopes.push(Scope::Project(name.project().to_owned()));
    }
    let mut found = Vec::new();
    for scope in scopes {
        let webhooks = match client.webhooks(&scope) {
            // An administrator of the repository need not be one of its project.
            Err(_) if matches!(scope, Scope::Project(_)) => continue,
            webhooks => webhooks?,
        };
        for webhook in webhooks.iter().filter(|one| is_for_pushes(one)) {
            found.push(of_webhook(client, &scope, webhook)?);
        }
    }
    if found.is_empty() {
        return Ok(Diagnosis::skipped(
            format!("{name} has no webhook for pushes"),
            format!(
                "`pushgate bitbucket webhooks ensure --repository {name} --url URL` makes one; where the hooks run none is needed"
            ),
        ));
    }
    let well = match found.len() {
        1 => "1 webhook, and its last call was answered".to_owned(),
        count => format!("{count} webhooks, and their last calls were answered"),
    };
    Ok(Diagnosis::all(found, well))
}

fn is_for_pushes(webhook: &Webhook) -> bool {
    webhook.events.iter().any(|event| event == PUSHED)
}

fn of_webhook(client: &Client, scope: &Scope, webhook: &Webhook) -> Result<Diagnosis, Problem> {
    let plain = webhook.url.split('?').next().unwrap_or_default();
    let named = format!(
        "webhook {} of {scope} to {}",
        webhook.id,
        without_credentials(plain)
    );
    if !webhook.active {
        return Ok(Diagnosis::warning(
            format!("{named} is switched off"),
            "switch it on in Bitbucket, or run `pushgate bitbucket webhooks ensure`",
        ));
    }
    Ok(match client.last_call(scope, webhook.id)? {
        LastCall::Success => Diagnosis::ok(""),
        LastCall::None => Diagnosis::warning(
            format!("{named} was never called"),
            "push a commit, or press \"Test connection\" in the webhook's settings",
        ),
        LastCall::Failed(why) => Diagnosis::failed(
            format!("the last call of {named} failed: {why}"),
            "see that it listens there, is reached from Bitbucket's node, and has the same secret",
        ),
    })
}
