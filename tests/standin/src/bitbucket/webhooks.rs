//! Webhooks of projects and repositories.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::reply::{error, not_found, page};
use super::state::State;
use crate::request::{Recorded, Reply};

/// What there is of webhooks.
#[derive(Default)]
pub(super) struct Webhooks {
    /// By `PROJECT` or `PROJECT/slug`.
    pub(super) all: BTreeMap<String, Vec<Value>>,
    /// What became of the last call, by number.
    pub(super) last_calls: BTreeMap<u64, Value>,
    /// Whether lists show the secrets, as older servers do.
    pub(super) show_secrets: bool,
    next: u64,
}

pub(super) fn answer(state: &mut State, request: &Recorded, rest: &[&str]) -> Option<Reply> {
    let (scope, rest) = match rest {
        [
            "api",
            _,
            "projects",
            key,
            "repos",
            slug,
            "webhooks",
            rest @ ..,
        ] => {
            let name = format!("{key}/{slug}");
            if !state.repositories.contains_key(&name) {
                return None;
            }
            (name, rest)
        }
        // Unknown to servers up to 8.7.
        ["api", _, "projects", key, "webhooks", rest @ ..]
            if state.is_at_least(8, 8) && state.projects.contains(*key) =>
        {
            ((*key).to_owned(), rest)
        }
        _ => return None,
    };
    if let Some(refusal) = state.refuse_unless_admin(&scope) {
        return Some(refusal);
    }
    let largest_page = state.largest_page;
    let webhooks = &mut state.webhooks;
    let own = webhooks.all.entry(scope).or_default();
    let id = rest.first().and_then(|id| id.parse::<u64>().ok());
    let place = own.iter().position(|webhook| webhook["id"].as_u64() == id);
    Some(match (request.method.as_str(), rest, place) {
        ("GET", [], _) => {
            let shown: Vec<Value> = own
                .iter()
                .map(|webhook| shown(webhook, webhooks.show_secrets))
                .collect();
            Reply::json(200, &page(request, largest_page, &shown))
        }
        ("POST", [], _) => match refused(&request.body) {
            Some(refusal) => refusal,
            None => {
                webhooks.next += 1;
                let mut webhook = request.body.clone();
                webhook["id"] = json!(webhooks.next);
                own.push(webhook.clone());
                // The answer echoes the secret.
                Reply::json(200, &webhook)
            }
        },
        ("PUT", [_], Some(place)) => match refused(&request.body) {
            Some(refusal) => refusal,
            None => {
                let mut webhook = request.body.clone();
                webhook["id"] = own[place]["id"].clone();
                own[place] = webhook.clone();
                Reply::json(200, &webhook)
            }
        },
        ("DELETE", [_], Some(place)) => {
            own.remove(place);
            Reply::empty(204)
        }
        ("GET", [_, "latest"], Some(_)) => match id.and_then(|id| webhooks.last_calls.get(&id)) {
            Some(call) => Reply::json(200, call),
            None => Reply::empty(204),
        },
        _ => not_found(
            "com.atlassian.bitbucket.webhook.NoSuchWebhookException",
            "The webhook does not exist.",
        ),
    })
}

fn shown(webhook: &Value, show_secrets: bool) -> Value {
    let mut shown = webhook.clone();
    if !show_secrets && let Some(configuration) = shown["configuration"].as_object_mut() {
        configuration.remove("secret");
    }
    shown
}

/// What the server does not take. It quotes what it was sent.
fn refused(body: &Value) -> Option<Reply> {
    let url = body["url"].as_str().unwrap_or_default();
    if url.contains("//forbidden.") {
        return Some(error(
            400,
            "com.atlassian.bitbucket.validation.ArgumentValidationException",
            &format!("{body} is not allowed."),
        ));
    }
    None
}
