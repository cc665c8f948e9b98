//! SCM configurations: the source code hosts that a cluster lets its users choose (vendor's
//! build-via-API page and OpenAPI document).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::http::{Method, Problem, segment};

use super::address::{HttpsAddress, SshAddress, is_same};
use super::call::{Call, Purpose};
use super::client::Client;
use super::problem;

/// What a Bitbucket Server is called there.
const BITBUCKET: &str = "bitbucket";

/// The built-in configuration's id.
const INTERNAL: &str = "internal";

/// The key of a Bitbucket project: exactly three capital letters or digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ProjectKey(String);

/// Text that is no key that Algorithmia takes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error(
    "`{0}` is no project key that Algorithmia takes: exactly three capital letters or digits, such as PRJ"
)]
#[diagnostic(help("give the Bitbucket project a key of three capital letters or digits"))]
pub struct NotAProjectKey(String);

impl FromStr for ProjectKey {
    type Err = NotAProjectKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        match text.len() == 3 && text.bytes().all(plain) {
            true => Ok(Self(text.to_owned())),
            false => Err(NotAProjectKey(crate::visible::one_line(text, 60))),
        }
    }
}

impl fmt::Display for ProjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a Bitbucket Server is; all three are given together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScmUrls {
    /// Its web pages.
    pub web: HttpsAddress,
    /// Its API: on a Bitbucket Server the same.
    pub api: HttpsAddress,
    /// Where git is reached by SSH.
    pub ssh: SshAddress,
}

impl ScmUrls {
    /// Whether a configuration has these addresses already.
    #[must_use]
    pub fn are_of(&self, scm: &Scm) -> bool {
        let is = |theirs: &Option<String>, ours: &dyn fmt::Display| {
            let theirs = theirs.as_deref();
            theirs.is_some_and(|theirs| is_same(theirs, &ours.to_string()))
        };
        let theirs = &scm.urls;
        is(&theirs.web, &self.web) && is(&theirs.api, &self.api) && is(&theirs.ssh, &self.ssh)
    }
}

/// A configuration to be created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewScm {
    /// The project in which repositories are created.
    pub project_key: ProjectKey,
    /// Where the server is.
    pub urls: ScmUrls,
}

impl NewScm {
    /// The call that creates it.
    #[must_use]
    pub fn call(&self) -> Call {
        Call::new(Purpose::Scms, Method::Post, "/admin/scms").body(json!({
            "provider": BITBUCKET,
            "scm": { "project_key": self.project_key },
            "urls": self.urls,
        }))
    }

    /// Whether a configuration is for the same project of the same server. Its other addresses and
    /// its state may differ.
    #[must_use]
    pub fn is_for_same_project(&self, scm: &Scm) -> bool {
        let api = scm.urls.api.as_deref();
        scm.provider == BITBUCKET
            && scm.project_key.as_deref() == Some(&self.project_key.0)
            && api.is_some_and(|api| is_same(api, &self.urls.api.to_string()))
    }
}

/// What is to become of a configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScmChange {
    /// Whether new algorithms may choose it.
    pub enabled: Option<bool>,
    /// Where the server is from now on.
    pub urls: Option<ScmUrls>,
}

impl ScmChange {
    /// The call that makes it.
    #[must_use]
    pub fn call(&self, id: &str) -> Call {
        let mut body = serde_json::Map::new();
        if let Some(enabled) = self.enabled {
            body.insert("enabled".to_owned(), enabled.into());
        }
        if let Some(urls) = &self.urls {
            body.insert("urls".to_owned(), json!(urls));
        }
        Call::new(Purpose::Scms, Method::Patch, path(id)).body(Value::Object(body))
    }

    /// Whether nothing of it is left to do.
    #[must_use]
    pub fn is_done(&self, scm: &Scm) -> bool {
        self.enabled.is_none_or(|enabled| enabled == scm.enabled)
            && self.urls.as_ref().is_none_or(|urls| urls.are_of(scm))
    }
}

fn path(id: &str) -> String {
    format!("/admin/scms/{}", segment(id))
}

/// A configuration as the cluster tells of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Told")]
pub struct Scm {
    /// What it is named by.
    pub id: String,
    /// `bitbucket` is Bitbucket Server; `internal`, `github`, `gitlab`, `bitbucket-cloud`.
    pub provider: String,
    /// The project's key, of a Bitbucket Server.
    pub project_key: Option<String>,
    /// Whether new algorithms may choose it.
    pub enabled: bool,
    /// Whether it is taken where none is named.
    pub default: bool,
    /// Where the server is.
    pub urls: ScmAddresses,
}

/// The addresses of a configuration, as they were given once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScmAddresses {
    /// The web pages.
    pub web: Option<String>,
    /// The API.
    pub api: Option<String>,
    /// Git by SSH.
    pub ssh: Option<String>,
}

impl From<ScmUrls> for ScmAddresses {
    fn from(urls: ScmUrls) -> Self {
        Self {
            web: Some(urls.web.to_string()),
            api: Some(urls.api.to_string()),
            ssh: Some(urls.ssh.to_string()),
        }
    }
}

impl Scm {
    /// Whether it is Algorithmia's own, which can't be changed.
    #[must_use]
    pub fn is_built_in(&self) -> bool {
        self.id == INTERNAL || self.provider == INTERNAL
    }

    /// Whether this is the built-in one's id.
    #[must_use]
    pub fn is_built_in_id(id: &str) -> bool {
        id == INTERNAL
    }

    /// The call that deletes one.
    #[must_use]
    pub fn deletion(id: &str) -> Call {
        Call::new(Purpose::Scms, Method::Delete, path(id))
    }
}

/// What a cluster sends: `project_key` when one was created, `client_id` for the same thing on all
/// other occasions.
#[derive(Deserialize)]
struct Told {
    id: String,
    #[serde(default)]
    provider: String,
    #[serde(default = "yes")]
    enabled: bool,
    #[serde(default)]
    default: bool,
    scm: Option<Account>,
    urls: Option<ScmAddresses>,
}

#[derive(Deserialize)]
struct Account {
    project_key: Option<String>,
    client_id: Option<String>,
}

fn yes() -> bool {
    true
}

impl From<Told> for Scm {
    fn from(told: Told) -> Self {
        let key = told.scm.and_then(|account| match told.provider.as_str() {
            BITBUCKET => account.project_key.or(account.client_id),
            _ => None,
        });
        Self {
            id: told.id,
            provider: told.provider,
            project_key: key,
            enabled: told.enabled,
            default: told.default,
            urls: told.urls.unwrap_or_default(),
        }
    }
}

impl Client {
    /// All configurations of the cluster.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn scms(&self) -> Result<Vec<Scm>, Problem> {
        #[derive(Deserialize)]
        struct List {
            results: Vec<Scm>,
        }
        let call = Call::new(Purpose::Scms, Method::Get, "/scms");
        let list: List = self
            .send(&call, None)?
            .json()
            .map_err(|_| problem::incomplete("list of SCM configurations"))?;
        Ok(list.results)
    }

    /// Creates a configuration.
    ///
    /// # Errors
    /// What is in the way, in words; where no answer came it may be there all the same.
    pub fn create_scm(&self, new: &NewScm) -> Result<Scm, Problem> {
        self.scm_of(&new.call())
    }

    /// Changes a configuration; the change is harmless to repeat.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn change_scm(&self, id: &str, change: &ScmChange) -> Result<Scm, Problem> {
        self.scm_of(&change.call(id))
    }

    fn scm_of(&self, call: &Call) -> Result<Scm, Problem> {
        self.send(call, None)?
            .json()
            .map_err(|_| problem::incomplete("SCM configuration"))
    }

    /// Deletes a configuration, which must be disabled.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn delete_scm(&self, id: &str) -> Result<(), Problem> {
        self.send(&Scm::deletion(id), None).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_key_has_three_capitals_or_digits() {
        for good in ["PRJ", "A1B", "123"] {
            assert_eq!(good.parse::<ProjectKey>().unwrap().to_string(), good);
        }
        for bad in ["", "PR", "PRJX", "prj", "PR_", "ÄB", "P J", "~AD"] {
            assert!(bad.parse::<ProjectKey>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_key_is_found_under_both_of_its_names() {
        for name in ["project_key", "client_id"] {
            let told = json!({"id": "x", "provider": "bitbucket", "scm": {name: "PRJ"}});
            let scm: Scm = serde_json::from_value(told).unwrap();
            assert_eq!(scm.project_key.as_deref(), Some("PRJ"));
            assert!(scm.enabled && !scm.default);
        }
        let told = json!({"id": "x", "provider": "github", "scm": {"client_id": "app"}});
        let scm: Scm = serde_json::from_value(told).unwrap();
        assert_eq!(scm.project_key, None);
    }
}
