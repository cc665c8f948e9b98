//! Projects, repositories, branches, commits and files.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::reply::{error, not_found, page};
use super::state::{Commit, File, Repository, State};
use crate::request::{Recorded, Reply};

pub(super) fn answer(state: &State, request: &Recorded, rest: &[&str]) -> Option<Reply> {
    if request.method != "GET" {
        return None;
    }
    let list = |all: &[Value]| Some(Reply::json(200, &page(request, state.largest_page, all)));
    if let Some(needed) = request.query.get("permission")
        && !state.may(needed)
    {
        return list(&[]);
    }
    match rest {
        ["api", _, "application-properties"] => Some(Reply::json(
            200,
            &json!({"version": state.version, "buildNumber": "9002000", "displayName": "Bitbucket"}),
        )),
        ["capabilities"] => Some(capabilities(state)),
        ["build", "capabilities"] if state.is_at_least(7, 14) => Some(Reply::json(
            200,
            &json!({"buildStatus": ["richBuildStatus"]}),
        )),
        ["api", _, "projects"] => {
            let projects = state.projects.iter().filter(|key| !key.starts_with('~'));
            list(&projects.map(|key| project(key)).collect::<Vec<_>>())
        }
        ["api", _, "repos"] => {
            let all = state.repositories.iter();
            list(
                &all.map(|(name, one)| repository(name, one))
                    .collect::<Vec<_>>(),
            )
        }
        ["api", _, "projects", key, ..] if !state.projects.contains(*key) => Some(not_found(
            "com.atlassian.bitbucket.project.NoSuchProjectException",
            &format!("Project {key} does not exist."),
        )),
        ["api", _, "projects", key, "repos"] => {
            let own = state
                .repositories
                .iter()
                .filter(|(name, _)| name.split('/').next() == Some(key));
            list(
                &own.map(|(name, one)| repository(name, one))
                    .collect::<Vec<_>>(),
            )
        }
        ["api", _, "projects", key, "repos", slug, rest @ ..] => {
            let name = format!("{key}/{slug}");
            let Some(found) = state.repositories.get(&name) else {
                return Some(no_repository(&name));
            };
            of_repository(state, request, &name, found, rest)
        }
        _ => None,
    }
}

pub(super) fn no_repository(name: &str) -> Reply {
    not_found(
        "com.atlassian.bitbucket.repository.NoSuchRepositoryException",
        &format!("Repository {name} does not exist."),
    )
}

fn of_repository(
    state: &State,
    request: &Recorded,
    name: &str,
    found: &Repository,
    rest: &[&str],
) -> Option<Reply> {
    if rest.is_empty() {
        return Some(Reply::json(200, &repository(name, found)));
    }
    let list = |all: &[Value]| Some(Reply::json(200, &page(request, state.largest_page, all)));
    let at = request.query.get("at").map(String::as_str);
    match rest {
        ["default-branch"] if state.is_at_least(7, 5) => {
            Some(Reply::json(200, &branch(&found.default_branch)))
        }
        ["default-branch"] => Some(Reply::html(404, "Page not found")),
        ["branches", "default"] if !state.is_at_least(9, 0) => Some(default_branch(found)),
        ["commits"] => Some(commits(request, found)),
        ["files"] => match commit(found, at) {
            Ok(commit) => list(
                &commit
                    .files
                    .keys()
                    .map(|path| json!(path))
                    .collect::<Vec<_>>(),
            ),
            Err(reply) => Some(reply),
        },
        ["raw", path @ ..] => Some(commit(found, at).map_or_else(
            |reply| reply,
            |commit| {
                let path = path.join("/");
                match commit.files.get(&path) {
                    Some(File::Bytes(bytes)) => Reply::bytes(bytes),
                    _ if kind(commit, &path).is_some() => error(
                        400,
                        "com.atlassian.bitbucket.content.IllegalPathException",
                        &format!("\"{path}\" is not a file."),
                    ),
                    _ => no_path(&path),
                }
            },
        )),
        ["browse"] => match commit(found, at) {
            Ok(commit) => {
                let children = page(request, state.largest_page, &top(commit));
                Some(Reply::json(
                    200,
                    &json!({"path": {"toString": ""}, "children": children}),
                ))
            }
            Err(reply) => Some(reply),
        },
        ["browse", path @ ..] => Some(commit(found, at).map_or_else(
            |reply| reply,
            |commit| browse(request, commit, &path.join("/")),
        )),
        _ => None,
    }
}

fn capabilities(state: &State) -> Reply {
    let url = |path: &str| json!(format!("http://bitbucket.example.com/rest/{path}"));
    let mut areas = serde_json::Map::new();
    if state.is_at_least(5, 15) {
        areas.insert("code-insights".to_owned(), url("insights/capabilities"));
    }
    if state.is_at_least(7, 14) {
        areas.insert("build".to_owned(), url("build/capabilities"));
    }
    Reply::json(200, &json!({"application": "stash", "capabilities": areas}))
}

fn project(key: &str) -> Value {
    let kind = if key.starts_with('~') {
        "PERSONAL"
    } else {
        "NORMAL"
    };
    json!({"id": 1, "key": key, "name": format!("Project {key}"), "public": false, "type": kind})
}

fn repository(name: &str, found: &Repository) -> Value {
    let (key, slug) = name.split_once('/').unwrap_or((name, ""));
    json!({
        "id": 1,
        "slug": slug,
        "name": slug,
        "scmId": "git",
        "state": found.state,
        "archived": found.archived,
        "public": false,
        "project": project(key),
    })
}

fn branch(name: &str) -> Value {
    json!({"id": format!("refs/heads/{name}"), "displayId": name, "type": "BRANCH"})
}

fn default_branch(found: &Repository) -> Reply {
    if found.commits.is_empty() {
        return Reply::empty(204);
    }
    let Some((id, _)) = found.find(None) else {
        return not_found(
            "com.atlassian.bitbucket.repository.NoSuchBranchException",
            "The default branch does not exist in this repository.",
        );
    };
    let mut body = branch(&found.default_branch);
    body["latestCommit"] = json!(id);
    body["isDefault"] = json!(true);
    Reply::json(200, &body)
}

fn commits(request: &Recorded, found: &Repository) -> Reply {
    let until = request.query.get("until").map(String::as_str);
    if found.commits.is_empty() {
        return match until {
            None => Reply::json(200, &page(request, 1, &[])),
            Some(until) => no_commit(until),
        };
    }
    let is_only = found.commits.len() == 1;
    match found.find(until) {
        None => no_commit(until.unwrap_or(&found.default_branch)),
        Some((id, found)) => {
            let made = found.made * 1000;
            let commit = json!({"id": id, "displayId": &id[..11], "message": "x", "parents": [], "committerTimestamp": made});
            // The newest is not the only one: the list goes on.
            let mut body = page(request, 1, &[commit]);
            body["isLastPage"] = json!(is_only);
            body["nextPageStart"] = json!(1);
            Reply::json(200, &body)
        }
    }
}

fn no_commit(at: &str) -> Reply {
    not_found(
        "com.atlassian.bitbucket.commit.NoSuchCommitException",
        &format!("Commit '{at}' does not exist in this repository."),
    )
}

fn no_path(path: &str) -> Reply {
    not_found(
        "com.atlassian.bitbucket.content.NoSuchPathException",
        &format!("The path \"{path}\" does not exist at this revision"),
    )
}

fn commit<'a>(found: &'a Repository, at: Option<&str>) -> Result<&'a Commit, Reply> {
    let found = found.find(at).map(|(_, commit)| commit);
    found.ok_or_else(|| no_commit(at.unwrap_or_default()))
}

/// What stands at a path of a commit.
fn kind(commit: &Commit, path: &str) -> Option<&'static str> {
    let below = format!("{path}/");
    match commit.files.get(path) {
        Some(File::Bytes(_)) => Some("FILE"),
        Some(File::Submodule) => Some("SUBMODULE"),
        None if commit.files.keys().any(|other| other.starts_with(&below)) => Some("DIRECTORY"),
        None => None,
    }
}

fn browse(request: &Recorded, commit: &Commit, path: &str) -> Reply {
    let Some(kind) = kind(commit, path) else {
        return no_path(path);
    };
    if request.flag("type") {
        return Reply::json(200, &json!({"type": kind}));
    }
    match commit.files.get(path) {
        Some(File::Bytes(bytes)) if request.flag("size") => {
            Reply::json(200, &json!({"size": bytes.len()}))
        }
        Some(File::Bytes(bytes)) => {
            let text = String::from_utf8_lossy(bytes);
            let lines: Vec<Value> = text.lines().map(|line| json!({"text": line})).collect();
            Reply::json(
                200,
                &json!({"lines": lines, "start": 0, "size": lines.len(), "isLastPage": true}),
            )
        }
        _ => Reply::json(200, &json!({"path": {"toString": path}})),
    }
}

/// The entries of the top folder. Folders that hold one folder only are shown as one entry.
fn top(commit: &Commit) -> Vec<Value> {
    let mut names: BTreeMap<&str, &'static str> = BTreeMap::new();
    for path in commit.files.keys() {
        let name = path.split('/').next().unwrap_or(path);
        names.insert(name, kind(commit, name).unwrap_or("FILE"));
    }
    let entry = |(name, kind): (&str, &str)| json!({"path": {"toString": name}, "type": kind});
    names.into_iter().map(entry).collect()
}
