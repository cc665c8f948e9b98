//! Code Insights and build statuses, with their limits.

use serde_json::{Value, json};

use super::reply::{error, not_found};
use super::state::State;
use crate::request::{Recorded, Reply};

/// A Code Insights report.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The report as it was sent.
    pub body: Value,
    /// Its annotations.
    pub annotations: Vec<Value>,
}

/// A build status.
#[derive(Clone, Debug, PartialEq)]
pub struct Build {
    /// The status as it was sent.
    pub body: Value,
    /// The repository that it was set in; none where it was set the old way.
    pub repository: Option<String>,
}

/// A report takes no more, and refuses the whole request.
const MOST_ANNOTATIONS: usize = 1000;

pub(super) fn answer(state: &mut State, request: &Recorded, rest: &[&str]) -> Option<Reply> {
    match rest {
        [
            "insights",
            _,
            "projects",
            key,
            "repos",
            slug,
            "commits",
            commit,
            "reports",
            report,
            rest @ ..,
        ] if state.is_at_least(5, 15) => {
            let name = format!("{key}/{slug}");
            if let Some(reply) = missing(state, &name, commit) {
                return Some(reply);
            }
            let at = (name, (*commit).to_owned(), (*report).to_owned());
            of_report(state, request, at, rest)
        }
        [
            "api",
            _,
            "projects",
            key,
            "repos",
            slug,
            "commits",
            commit,
            "builds",
        ] if request.method == "POST" && state.is_at_least(7, 4) => {
            let name = format!("{key}/{slug}");
            Some(match missing(state, &name, commit) {
                Some(reply) => reply,
                None => build(state, request, commit, Some(name)),
            })
        }
        ["build-status", _, "commits", commit] if request.method == "POST" => {
            Some(build(state, request, commit, None))
        }
        _ => None,
    }
}

fn missing(state: &State, name: &str, commit: &str) -> Option<Reply> {
    let Some(found) = state.repositories.get(name) else {
        return Some(super::content::no_repository(name));
    };
    let unknown = !found.commits.contains_key(commit);
    unknown.then(|| {
        not_found(
            "com.atlassian.bitbucket.commit.NoSuchCommitException",
            &format!("Commit '{commit}' does not exist in repository '{name}'."),
        )
    })
}

fn of_report(
    state: &mut State,
    request: &Recorded,
    at: (String, String, String),
    rest: &[&str],
) -> Option<Reply> {
    match (request.method.as_str(), rest) {
        ("PUT", []) => {
            let body = request.body.clone();
            if let Some(field) = too_long(
                &body,
                &[("title", 450), ("details", 2000), ("reporter", 450)],
            ) {
                return Some(invalid(&field));
            }
            if body["data"].as_array().is_none_or(|data| data.len() > 6) {
                return Some(invalid("data"));
            }
            let kept = state.reports.remove(&at).map(|old| old.annotations);
            let annotations = kept.unwrap_or_default();
            state.reports.insert(
                at,
                Report {
                    body: body.clone(),
                    annotations,
                },
            );
            Some(Reply::json(200, &body))
        }
        ("DELETE", []) => {
            state.reports.remove(&at);
            Some(Reply::empty(204))
        }
        ("GET", []) => Some(match state.reports.get(&at) {
            Some(report) => Reply::json(200, &report.body),
            None => no_report(),
        }),
        (_, ["annotations"]) => {
            let Some(report) = state.reports.get_mut(&at) else {
                return Some(no_report());
            };
            match request.method.as_str() {
                "POST" => Some(annotate(report, request)),
                "DELETE" => {
                    report.annotations.clear();
                    Some(Reply::empty(204))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn no_report() -> Reply {
    not_found(
        "com.atlassian.bitbucket.codeinsights.report.NoSuchInsightReportException",
        "There is no such report.",
    )
}

fn annotate(report: &mut Report, request: &Recorded) -> Reply {
    let sent = request.body["annotations"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    if sent.is_empty() || sent.len() + report.annotations.len() > MOST_ANNOTATIONS {
        return invalid("annotations: there are too many, or none");
    }
    for annotation in &sent {
        if let Some(field) = too_long(annotation, &[("message", 2000), ("externalId", 450)]) {
            return invalid(&field);
        }
        if !["LOW", "MEDIUM", "HIGH"]
            .iter()
            .any(|one| annotation["severity"] == *one)
        {
            return invalid("severity");
        }
    }
    report.annotations.extend(sent);
    Reply::empty(204)
}

fn build(state: &mut State, request: &Recorded, commit: &str, repository: Option<String>) -> Reply {
    let body = request.body.clone();
    let limits = [("key", 255), ("url", 450), ("name", 255), ("ref", 1024)];
    if let Some(field) = too_long(&body, &limits) {
        return invalid(&field);
    }
    let Some(key) = body["key"].as_str().filter(|_| body["url"].is_string()) else {
        return invalid("key, url");
    };
    let at = (commit.to_owned(), key.to_owned());
    state.builds.insert(at, Build { body, repository });
    Reply::empty(204)
}

/// The first field that is longer than it may be, in units of UTF-16 as Java counts.
fn too_long(body: &Value, limits: &[(&str, usize)]) -> Option<String> {
    limits.iter().find_map(|(field, most)| {
        let text = body[*field].as_str()?;
        (text.encode_utf16().count() > *most).then(|| (*field).to_owned())
    })
}

fn invalid(field: &str) -> Reply {
    error(
        400,
        "com.atlassian.bitbucket.validation.ArgumentValidationException",
        &json!(field).to_string(),
    )
}
