//! Hook scripts, and the settings of External Hooks.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::reply::{error, not_found, page};
use super::state::State;
use crate::request::{Recorded, Reply};

/// What there is of hooks.
#[derive(Default)]
pub(super) struct HookScripts {
    /// By number: the script, and its text.
    pub(super) scripts: BTreeMap<u64, (Value, String)>,
    /// By `PROJECT` or `PROJECT/slug`, and number: the triggers.
    pub(super) enabled: BTreeMap<(String, u64), Vec<String>>,
    /// Whether External Hooks is installed.
    pub(super) add_on: bool,
    /// By `PROJECT` or `PROJECT/slug`, and key: its settings.
    pub(super) external: BTreeMap<(String, String), Value>,
    next: u64,
}

pub(super) fn answer(state: &mut State, request: &Recorded, rest: &[&str]) -> Option<Reply> {
    if let ["api", _, "hook-scripts", rest @ ..] = rest {
        return state
            .is_at_least(8, 0)
            .then(|| scripts(state, request, rest));
    }
    let (scope, rest) = match rest {
        ["api", _, "projects", key, "repos", slug, rest @ ..] => (format!("{key}/{slug}"), rest),
        ["api", _, "projects", key, rest @ ..] => ((*key).to_owned(), rest),
        _ => return None,
    };
    let is_there = state.repositories.contains_key(&scope) || state.projects.contains(&scope);
    let is_ours = match rest {
        ["hook-scripts", ..] => state.is_at_least(8, 0),
        ["settings", "hooks", ..] => true,
        _ => false,
    };
    if !is_there || !is_ours {
        return None;
    }
    if let Some(refusal) = state.refuse_unless_admin(&scope) {
        return Some(refusal);
    }
    match rest {
        ["hook-scripts", rest @ ..] => Some(enabled(state, request, &scope, rest)),
        ["settings", "hooks", key, rest @ ..] => Some(external(state, request, &scope, key, rest)),
        _ => None,
    }
}

fn scripts(state: &mut State, request: &Recorded, rest: &[&str]) -> Reply {
    if state.may != "SYS_ADMIN" {
        return not_permitted();
    }
    let hooks = &mut state.hook_scripts;
    let id = rest.first().and_then(|id| id.parse::<u64>().ok());
    let known = id.is_some_and(|id| hooks.scripts.contains_key(&id));
    match (request.method.as_str(), rest) {
        ("POST", []) | ("PUT", [_]) if request.header("x-atlassian-token") != Some("no-check") => {
            error(403, "com.atlassian.XsrfException", "XSRF check failed")
        }
        ("POST", []) => {
            let form = form(request);
            hooks.next += 1;
            let script = json!({
                "id": hooks.next,
                "name": form["name"],
                "type": form["type"],
                "description": form["description"],
                "version": 1,
                "pluginKey": "com.atlassian.bitbucket.server.bitbucket-hook-scripts",
            });
            let entry = (script.clone(), form["content"].clone());
            hooks.scripts.insert(hooks.next, entry);
            Reply::json(200, &script)
        }
        ("PUT", [_]) if known => {
            let form = form(request);
            let Some((script, text)) = id.and_then(|id| hooks.scripts.get_mut(&id)) else {
                return no_script();
            };
            script["version"] = json!(script["version"].as_u64().unwrap_or(0) + 1);
            *text = form["content"].clone();
            Reply::json(200, script)
        }
        ("GET", [_, "content"]) if known => match id.and_then(|id| hooks.scripts.get(&id)) {
            Some((_, text)) => Reply::bytes(text.as_bytes()),
            None => no_script(),
        },
        // No route lists them all.
        _ => no_script(),
    }
}

fn enabled(state: &mut State, request: &Recorded, scope: &str, rest: &[&str]) -> Reply {
    let largest_page = state.largest_page;
    let hooks = &mut state.hook_scripts;
    let id = rest.first().and_then(|id| id.parse::<u64>().ok());
    match (request.method.as_str(), id) {
        ("GET", None) => {
            let project = scope.split('/').next().unwrap_or(scope);
            let values: Vec<Value> = hooks
                .enabled
                .iter()
                .filter(|((at, _), _)| at == scope || at == project)
                .filter_map(|((at, id), triggers)| {
                    let kind = if at.contains('/') { "REPOSITORY" } else { "PROJECT" };
                    let (script, _) = hooks.scripts.get(id)?;
                    Some(json!({"scope": {"type": kind, "resourceId": 1}, "script": script, "triggerIds": triggers}))
                })
                .collect();
            Reply::json(200, &page(request, largest_page, &values))
        }
        ("PUT", Some(id)) if hooks.scripts.contains_key(&id) => {
            let triggers = request.body["triggerIds"].as_array();
            let triggers: Vec<String> = triggers
                .into_iter()
                .flatten()
                .filter_map(|trigger| trigger.as_str().map(str::to_owned))
                .collect();
            hooks
                .enabled
                .insert((scope.to_owned(), id), triggers.clone());
            let (script, _) = &hooks.scripts[&id];
            Reply::json(200, &json!({"script": script, "triggerIds": triggers}))
        }
        _ => no_script(),
    }
}

fn external(state: &mut State, request: &Recorded, scope: &str, key: &str, rest: &[&str]) -> Reply {
    let hooks = &mut state.hook_scripts;
    if !hooks.add_on || !key.starts_with("com.ngs.stash.externalhooks.external-hooks:") {
        return not_found(
            "com.atlassian.bitbucket.hook.repository.NoSuchRepositoryHookException",
            "No hook with that key exists.",
        );
    }
    let project = scope.split('/').next().unwrap_or(scope);
    let at = |scope: &str| (scope.to_owned(), key.to_owned());
    let settings = hooks
        .external
        .get(&at(scope))
        .or_else(|| hooks.external.get(&at(project)))
        .cloned();
    let hook =
        |enabled: bool| json!({"details": {"key": key}, "enabled": enabled, "configured": enabled});
    match (request.method.as_str(), rest) {
        ("GET", []) => Reply::json(200, &hook(settings.is_some())),
        ("GET", ["settings"]) => match settings {
            Some(settings) => Reply::json(200, &settings),
            None => Reply::empty(204),
        },
        ("PUT", ["enabled"]) => {
            hooks.external.insert(at(scope), request.body.clone());
            Reply::json(200, &hook(true))
        }
        _ => not_found("com.sun.jersey.api.NotFoundException", "null for uri"),
    }
}

/// The fields of a multipart form (RFC 7578).
fn form(request: &Recorded) -> BTreeMap<String, String> {
    let boundary = request
        .header("content-type")
        .and_then(|kind| kind.strip_prefix("multipart/form-data; boundary="))
        .unwrap_or_default();
    request
        .text
        .split(&format!("--{boundary}"))
        .filter_map(|part| {
            let (head, body) = part.split_once("\r\n\r\n")?;
            let name = head.split("name=\"").nth(1)?.split('"').next()?;
            Some((name.to_owned(), body.strip_suffix("\r\n")?.to_owned()))
        })
        .collect()
}

fn no_script() -> Reply {
    not_found(
        "com.atlassian.bitbucket.hook.script.NoSuchHookScriptException",
        "No hook script with that id exists.",
    )
}

pub(super) fn not_permitted() -> Reply {
    error(
        401,
        "com.atlassian.bitbucket.AuthorisationException",
        "You are not permitted to access this resource",
    )
}
