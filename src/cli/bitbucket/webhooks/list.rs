//! The webhooks that are there, line by line.

use serde::Serialize;

use super::{List, Quoted, scopes};
use crate::bitbucket::Client;
use crate::cli::bitbucket::{Format, each, tell};
use crate::cli::{CommandError, ExitStatus, Invocation, output};
use crate::http::without_credentials;
use crate::json_text;
use crate::report::{Deed, SetupReport, SetupRow};

/// One line of `list`.
#[derive(Serialize)]
struct Listed {
    scope: String,
    kind: &'static str,
    id: u64,
    name: String,
    url: String,
    active: bool,
    events: Vec<String>,
}

/// Shows the webhooks.
pub(super) fn list(
    invocation: &Invocation,
    client: &Client,
    arguments: &List,
    quoted: &Quoted,
) -> Result<ExitStatus, CommandError> {
    #[derive(Serialize)]
    struct Document<'a> {
        version: u32,
        webhooks: &'a [Listed],
        failed: Vec<&'a SetupRow>,
    }

    let (scopes, mut rows) = scopes(invocation, client, &arguments.targets)?;
    let mut listed = Vec::new();
    let lists = each(&scopes, client.concurrency(), |scope| {
        client.webhooks(scope)
    });
    for (scope, webhooks) in scopes.iter().zip(lists) {
        match webhooks {
            Ok(webhooks) => listed.extend(webhooks.into_iter().map(|webhook| Listed {
                scope: scope.to_string(),
                kind: scope.kind(),
                id: webhook.id,
                name: quoted.shown(&webhook.name),
                url: quoted.shown(&shown(&webhook.url)),
                active: webhook.active,
                events: webhook.events.iter().map(|it| quoted.shown(it)).collect(),
            })),
            Err(problem) => rows.push(quoted.failed(scope, problem)),
        }
    }
    rows.retain(|row| row.outcome == Deed::Failed);
    match arguments.format {
        Format::Human => {
            let lines: Vec<String> = listed.iter().map(line).collect();
            output::report(&match lines.is_empty() && rows.is_empty() {
                true if scopes.is_empty() => "no repository is meant\n".to_owned(),
                true => "no webhook\n".to_owned(),
                false => lines.concat(),
            });
            if !rows.is_empty() {
                return tell(&SetupReport::new(false, rows), Format::Human);
            }
        }
        Format::Json => {
            let document = Document {
                version: 1,
                webhooks: &listed,
                failed: rows.iter().collect(),
            };
            let text = json_text::pretty(&document)
                .map_err(|_| CommandError::internal("writing the list"))?;
            output::out(&(text + "\n"));
        }
    }
    Ok(match rows.is_empty() {
        true => ExitStatus::Fine,
        false => ExitStatus::Failure,
    })
}

fn line(listed: &Listed) -> String {
    let Listed {
        scope,
        id,
        name,
        url,
        ..
    } = listed;
    let off = match listed.active {
        true => "",
        false => ", not active",
    };
    let events = listed.events.join(", ");
    format!("{scope}: {id} `{name}` calls {url} on {events}{off}\n")
}

/// An address for people: what stands behind `?`, or before `@`, is often a token.
fn shown(url: &str) -> String {
    let (plain, query) = url
        .split_once('?')
        .map_or((url, ""), |(plain, _)| (plain, "?…"));
    format!("{}{query}", without_credentials(plain))
}
