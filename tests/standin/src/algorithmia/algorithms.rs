//! Algorithms, and the repositories that are created with them.

use serde_json::{Value, json};

use super::{PROJECT_OWNER, State, error};
use crate::request::{Recorded, Reply};

/// An algorithm.
pub(super) struct Algorithm {
    pub(super) id: String,
    pub(super) owner: String,
    pub(super) name: String,
    /// What there is to say beside its name.
    about: Value,
}

impl Algorithm {
    pub(super) fn named(owner: &str, name: &str, id: &str) -> Self {
        Self {
            id: id.to_owned(),
            owner: owner.to_owned(),
            name: name.to_owned(),
            about: json!({}),
        }
    }

    pub(super) fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    pub(super) fn scm(&self) -> Option<&String> {
        match &self.about["source"]["scm"]["id"] {
            Value::String(id) => Some(id),
            _ => None,
        }
    }

    /// As it is shown, with the commit of its newest version.
    pub(super) fn json(&self, commit: &str) -> Value {
        let mut shown = self.about.clone();
        shown["id"] = json!(self.id);
        shown["name"] = json!(self.name);
        shown["compilation"] = json!({"successful": true, "output": ""});
        shown["version_info"] = json!({"git_hash": commit});
        shown["resource_type"] = json!("algorithm");
        shown
    }
}

impl State {
    pub(super) fn create(&mut self, request: &Recorded, owner: &str) -> Reply {
        let body = &request.body;
        let name = body["name"].as_str().unwrap_or_default();
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return error(400, 6001, "invalid name");
        }
        let is_there = |one: &Algorithm| one.owner == owner && one.name == name;
        if self.algorithms.iter().any(is_there) {
            return error(400, 1002, "Algorithm name is taken");
        }
        let wanted = body["source"]["scm"].as_str().unwrap_or_default();
        let Some(scm) = self.scms.iter().find(|scm| scm.id == wanted) else {
            return error(400, 4009, "SCM configuration not found");
        };
        if !scm.enabled {
            return error(400, 4042, "SCM configuration is disabled");
        }
        let sent = &body["scmsCredentials"];
        let account = (sent["username"].as_str(), sent["password"].as_str());
        let project_owner = (Some(PROJECT_OWNER.0), Some(PROJECT_OWNER.1));
        if scm.provider == "bitbucket" && account != project_owner {
            // Some servers quote what they were sent.
            return error(400, 4080, &format!("SCM not authorized: {sent}"));
        }
        let number = self.algorithms.len() + 1;
        let mut source = json!({"scm": scm.json()});
        if let Some(key) = &scm.key {
            source["repository_owner"] = json!(key);
            source["repository_name"] = json!(name);
            source["repository_ssh_url"] =
                json!(format!("ssh://git@bb.acme.org:8000:{key}/{name}.git"));
        }
        let mut settings = body["settings"].clone();
        settings["language"] = json!("python3-1");
        let algorithm = Algorithm {
            id: format!("d1ec135c-4a4d-4e83-9a82-{number:012}"),
            owner: owner.to_owned(),
            name: name.to_owned(),
            about: json!({"details": body["details"], "settings": settings, "source": source}),
        };
        let mut shown = algorithm.json("");
        if let Some(members) = shown.as_object_mut() {
            members.remove("compilation");
            members.remove("version_info");
        }
        self.algorithms.push(algorithm);
        Reply::json(201, &shown)
    }
}
