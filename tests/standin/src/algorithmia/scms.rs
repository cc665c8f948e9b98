//! The cluster's source code hosts.

use serde_json::{Value, json};

use super::{State, error};
use crate::request::{Recorded, Reply};

/// A source code host.
pub(super) struct Scm {
    pub(super) id: String,
    pub(super) provider: String,
    pub(super) default: bool,
    pub(super) enabled: bool,
    pub(super) key: Option<String>,
    urls: Value,
}

impl Scm {
    pub(super) fn built_in() -> Self {
        Self {
            id: "internal".to_owned(),
            provider: "internal".to_owned(),
            default: true,
            enabled: true,
            key: None,
            urls: Value::Null,
        }
    }

    pub(super) fn github() -> Self {
        Self {
            id: "5678efgh-12ab-34cd-56ef-789012ghijab".to_owned(),
            provider: "github".to_owned(),
            default: true,
            enabled: true,
            key: Some("OTHER_PROJECT_KEY".to_owned()),
            urls: json!({
                "web": "http://github.com",
                "api": "http://api.github.com",
                "ssh": "ssh://git@github.com",
            }),
        }
    }

    /// As lists show it: the project's key is the client's id there.
    pub(super) fn json(&self) -> Value {
        let mut shown = json!({
            "default": self.default,
            "enabled": self.enabled,
            "id": self.id,
            "provider": self.provider,
        });
        if let Some(key) = &self.key {
            shown["scm"] = json!({"client_id": key});
            shown["oauth"] = json!({"client_id": key});
            shown["urls"] = self.urls.clone();
        }
        shown
    }

    /// As the answer to its creation shows it.
    fn created(&self) -> Value {
        json!({
            "default": self.default,
            "enabled": self.enabled,
            "id": self.id,
            "provider": self.provider,
            "scm": {"project_key": self.key},
            "oauth": {"project_key": self.key},
        })
    }
}

impl State {
    pub(super) fn scm(&mut self, request: &Recorded, rest: &[&str]) -> Reply {
        let is_admin = request.path.starts_with("/v1/admin/");
        match (request.method.as_str(), is_admin, rest) {
            ("GET", false, []) => {
                let all: Vec<Value> = self.scms.iter().map(Scm::json).collect();
                Reply::json(200, &json!({"results": all}))
            }
            ("POST", true, ["scms"]) => self.create_scm(&request.body),
            ("PATCH" | "DELETE", true, ["scms", id]) => {
                let Some(found) = self.scms.iter().position(|scm| scm.id == *id) else {
                    return error(404, 4009, "SCM configuration not found");
                };
                match request.method.as_str() {
                    "PATCH" => self.change_scm(found, &request.body),
                    _ => self.delete_scm(found),
                }
            }
            _ => error(404, 5004, "no such route"),
        }
    }

    fn create_scm(&mut self, body: &Value) -> Reply {
        let key = body["scm"]["project_key"].as_str().unwrap_or_default();
        let is_key = key.len() == 3
            && key
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if body["provider"] != "bitbucket" || !is_key || !has_all(&body["urls"]) {
            return error(400, 4020, "Invalid SCM create payload");
        }
        let is_there = self
            .scms
            .iter()
            .any(|scm| scm.key.as_deref() == Some(key) && scm.urls["api"] == body["urls"]["api"]);
        if is_there {
            return error(409, 4044, "Duplicate SCM configuration");
        }
        let scm = Scm {
            id: format!("1234abcd-12ab-34cd-56ef-{:012}", self.scms.len()),
            provider: "bitbucket".to_owned(),
            default: false,
            enabled: true,
            key: Some(key.to_owned()),
            urls: body["urls"].clone(),
        };
        let reply = Reply::json(201, &scm.created());
        self.scms.push(scm);
        reply
    }

    fn change_scm(&mut self, found: usize, body: &Value) -> Reply {
        let scm = &mut self.scms[found];
        let has_urls = !body["urls"].is_null();
        if has_urls && !has_all(&body["urls"]) {
            return error(400, 4021, "Invalid SCM update payload");
        }
        if body["enabled"] == false && scm.default {
            return error(400, 4041, "SCM configuration is default");
        }
        if let Some(enabled) = body["enabled"].as_bool() {
            scm.enabled = enabled;
        }
        if has_urls {
            scm.urls = body["urls"].clone();
        }
        Reply::json(200, &scm.json())
    }

    fn delete_scm(&mut self, found: usize) -> Reply {
        let scm = &self.scms[found];
        if scm.enabled {
            return error(400, 4040, "Unable to delete SCM configuration");
        }
        if self.algorithms.iter().any(|one| one.scm() == Some(&scm.id)) {
            return error(400, 4043, "SCM configuration is in use");
        }
        self.scms.remove(found);
        Reply::empty(204)
    }
}

fn has_all(urls: &Value) -> bool {
    ["web", "api", "ssh"]
        .iter()
        .all(|key| urls[*key].as_str().is_some_and(|url| !url.is_empty()))
}
