//! `triggers:` as the operator writes them, and what they come to.

mod address;
mod body;
mod headers;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::mistake::Mistake;
use super::pattern::{BranchPattern, RepositoryPattern};
use super::value;
use crate::algorithmia::AlgorithmRef;
use crate::http::Method;
use crate::repository::RepositoryName;
use crate::trigger::{Call, Known, Preset, Template, TriggerName};

/// A service that is told of the commits of some repositories' branches.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// Its name.
    pub name: TriggerName,
    /// The repositories.
    pub repositories: Vec<RepositoryPattern>,
    /// The branches; the repository's default branch where none are named.
    pub branch: Option<BranchPattern>,
    /// How it is told.
    pub way: Way,
}

/// How a service is told.
#[derive(Clone, Debug)]
pub enum Way {
    /// By a call.
    Call(Box<Call>),
    /// As `algorithmia.builds` does it.
    Algorithmia {
        /// The algorithm.
        algorithm: AlgorithmRef,
        /// The private key with which Algorithmia reads the repository.
        ssh_key_file: PathBuf,
    },
}

impl Trigger {
    /// Whether it is told of this repository's commits.
    #[must_use]
    pub fn serves(&self, repository: &RepositoryName) -> bool {
        self.repositories
            .iter()
            .any(|pattern| pattern.matches(repository))
    }

    /// The paths in it, that may be relative.
    pub(super) fn paths(&mut self) -> Vec<&mut PathBuf> {
        match &mut self.way {
            Way::Call(call) => call.secrets.values_mut().collect(),
            Way::Algorithmia { ssh_key_file, .. } => vec![ssh_key_file],
        }
    }
}

/// A trigger as it is written.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    /// Its name, unique: what was built is remembered by it and the repository.
    #[serde(deserialize_with = "value::text")]
    #[cfg_attr(test, schemars(with = "String"))]
    name: TriggerName,
    /// A service whose call is known.
    preset: Option<Preset>,
    /// The repositories, as globs: `PRJ/web`, `LIB/*`.
    #[serde(deserialize_with = "value::texts")]
    #[cfg_attr(test, schemars(with = "super::reference::OneOrMore"))]
    repository: Vec<RepositoryPattern>,
    /// The branches, as a glob over short names; the repository's default branch where none is named.
    #[serde(default, deserialize_with = "value::optional_text")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    branch: Option<BranchPattern>,
    /// The address of the server, for a preset.
    server: Option<String>,
    /// The address that is called.
    url: Option<String>,
    /// `GET`, `POST`, `PUT` or `PATCH`; `POST` where nothing is said.
    #[serde(default, deserialize_with = "value::optional_text")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    method: Option<WrittenMethod>,
    /// Headers of the call.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// Files of secrets by the names that they have in the other texts. They are read with every call and shown nowhere.
    #[serde(default)]
    secrets: BTreeMap<String, PathBuf>,
    /// What is sent, as JSON unless `Content-Type` says XML or plain text.
    body: Option<String>,
    /// A form that is sent in place of `body`.
    form: Option<BTreeMap<String, String>>,
    /// The statuses that mean success: 200, 201, 202 and 204 where none are named.
    success: Option<Vec<u16>>,
    /// How long a call may take; `30s` where nothing is said.
    #[serde(default, deserialize_with = "value::optional_duration")]
    #[cfg_attr(test, schemars(with = "Option<super::reference::Friendly>"))]
    timeout: Option<Duration>,
    /// The address from which the service clones the repository, for `${clone_url}`.
    clone_url: Option<String>,
    /// TeamCity: the build configuration's id.
    build_type: Option<String>,
    /// Bamboo: the plan's key.
    plan: Option<String>,
    /// Algorithmia: `owner/name`, or its id.
    #[serde(default, deserialize_with = "value::optional_text")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    algorithm: Option<AlgorithmRef>,
    /// Algorithmia: the private key with which it reads the repository.
    ssh_key_file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug)]
struct WrittenMethod(Method);

impl std::str::FromStr for WrittenMethod {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(match text {
            "GET" => Method::Get,
            "POST" => Method::Post,
            "PUT" => Method::Put,
            "PATCH" => Method::Patch,
            _ => {
                return Err(format!(
                    "`{text}` is no method: write GET, POST, PUT or PATCH"
                ));
            }
        }))
    }
}

/// The statuses that mean success where a trigger names none.
const SUCCESS: [u16; 4] = [200, 201, 202, 204];

/// The trigger as a whole.
const NOWHERE: [&str; 0] = [];

const TIMEOUT: Duration = Duration::from_secs(30);

/// The triggers as they are carried out.
pub(super) fn read(written: &[Written]) -> Result<Vec<Trigger>, Mistake> {
    let mut names = BTreeSet::new();
    let mut triggers = Vec::new();
    for (index, trigger) in written.iter().enumerate() {
        let at = |mistake: Mistake| mistake.below(["triggers".to_owned(), index.to_string()]);
        if !names.insert(&trigger.name) {
            let message = format!("another trigger has the name `{}`", trigger.name);
            let help = "give each its own: it tells what was built before";
            return Err(at(Mistake::at(["name"], message, help)));
        }
        triggers.push(Trigger {
            name: trigger.name.clone(),
            repositories: trigger.repository.clone(),
            branch: trigger.branch.clone(),
            way: trigger.way().map_err(at)?,
        });
    }
    Ok(triggers)
}

impl Written {
    fn way(&self) -> Result<Way, Mistake> {
        self.misplaced_keys()?;
        if self.preset == Some(Preset::Algorithmia) {
            let missing = |key: &str, value: &str| {
                let message = format!("the preset algorithmia needs `{key}`");
                Mistake::at(NOWHERE, message, format!("add `{key}: {value}`"))
            };
            let algorithm = self.algorithm.clone();
            let key = self.ssh_key_file.clone();
            return Ok(Way::Algorithmia {
                algorithm: algorithm.ok_or_else(|| missing("algorithm", "OWNER/NAME"))?,
                ssh_key_file: key.ok_or_else(|| missing("ssh_key_file", "FILE"))?,
            });
        }
        let known = Known {
            secrets: self.secrets.keys().cloned().collect(),
            clone_url: self.clone_url.is_some(),
        };
        if let Some(name) = self.secrets.keys().find(|name| Known::is_taken(name)) {
            let message = format!("`{name}` stands for a value of the push already");
            let help = "give the secret another name, such as `token`";
            return Err(Mistake::at(["secrets", name], message, help));
        }
        let clone_url = match &self.clone_url {
            // Without itself.
            Some(text) => {
                let known = Known {
                    clone_url: false,
                    ..known.clone()
                };
                Some(template(text, &known, &["clone_url"])?)
            }
            None => None,
        };
        let mut headers = self.headers(&known)?;
        let body = self.body(&known, &mut headers)?;
        let method = self
            .method
            .map_or(Method::Post, |WrittenMethod(method)| method);
        if method == Method::Get && body.is_some() {
            let key = if self.form.is_some() { "form" } else { "body" };
            let help = "write `method: POST`, or put the values into the query of `url`";
            return Err(Mistake::at([key], "a GET sends no body", help));
        }
        Ok(Way::Call(Box::new(Call {
            method,
            url: self.address(&known)?,
            headers,
            body,
            success: self.success()?,
            timeout: self.timeout.unwrap_or(TIMEOUT),
            secrets: self.secrets.clone(),
            clone_url,
            preset: self.preset,
        })))
    }

    /// Keys that nobody would read.
    fn misplaced_keys(&self) -> Result<(), Mistake> {
        let algorithmia = self.preset == Some(Preset::Algorithmia);
        let has_server = self.preset.is_some() && !algorithmia;
        let cases = [
            (
                "server",
                self.server.is_some(),
                has_server,
                "write `url` instead",
            ),
            (
                "build_type",
                self.build_type.is_some(),
                self.preset == Some(Preset::Teamcity),
                "it belongs to the preset teamcity",
            ),
            (
                "plan",
                self.plan.is_some(),
                self.preset == Some(Preset::Bamboo),
                "it belongs to the preset bamboo",
            ),
            (
                "algorithm",
                self.algorithm.is_some(),
                algorithmia,
                "it belongs to the preset algorithmia",
            ),
            (
                "ssh_key_file",
                self.ssh_key_file.is_some(),
                algorithmia,
                "it belongs to the preset algorithmia",
            ),
            (
                "url",
                self.url.is_some(),
                !algorithmia,
                "remove it: the address is that of `algorithmia.api`",
            ),
            ("method", self.method.is_some(), !algorithmia, "remove it"),
            (
                "headers",
                !self.headers.is_empty(),
                !algorithmia,
                "remove it: the credentials are those of the section `algorithmia`",
            ),
            (
                "secrets",
                !self.secrets.is_empty(),
                !algorithmia,
                "remove it: the credentials are those of the section `algorithmia`",
            ),
            ("body", self.body.is_some(), !algorithmia, "remove it"),
            ("form", self.form.is_some(), !algorithmia, "remove it"),
            ("success", self.success.is_some(), !algorithmia, "remove it"),
            ("timeout", self.timeout.is_some(), !algorithmia, "remove it"),
            (
                "clone_url",
                self.clone_url.is_some(),
                !algorithmia,
                "remove it: Algorithmia knows where its repositories are",
            ),
        ];
        for (key, is_written, belongs, help) in cases {
            if is_written && !belongs {
                let message = format!("`{key}` has no meaning in this trigger");
                return Err(Mistake::at([key], message, help));
            }
        }
        Ok(())
    }

    /// What a preset's text comes to with the job's name in it.
    fn named(&self, text: &str) -> Result<String, Mistake> {
        let Some(key) = self
            .preset
            .and_then(Preset::defaults)
            .and_then(|own| own.job)
        else {
            return Ok(text.to_owned());
        };
        let (job, example) = match key {
            "plan" => (&self.plan, "WEB-BUILD"),
            _ => (&self.build_type, "Web_Build"),
        };
        let Some(job) = job else {
            let message = format!("`{key}` is missing");
            return Err(Mistake::at(
                NOWHERE,
                message,
                format!("add `{key}: {example}`"),
            ));
        };
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        if job.is_empty() || !job.chars().all(is_plain) {
            let message = format!("`{}` is no id of a job", job.escape_debug());
            let help = format!("write its id, for example {example}");
            return Err(Mistake::at([key], message, help));
        }
        Ok(text.replace(crate::trigger::JOB, job))
    }

    fn success(&self) -> Result<Vec<u16>, Mistake> {
        let own = self.preset.and_then(Preset::defaults);
        let Some(success) = &self.success else {
            return Ok(own.map_or(SUCCESS.to_vec(), |own| own.success.to_vec()));
        };
        if success.is_empty() {
            let help = "name at least one status, for example `[200, 202]`";
            return Err(Mistake::at(["success"], "nothing would be a success", help));
        }
        for (index, status) in success.iter().enumerate() {
            let place = ["success".to_owned(), index.to_string()];
            match status {
                300..=399 => {
                    let message = format!("{status} is a redirect, and none is followed");
                    let help = "put the address that it leads to into `url`";
                    return Err(Mistake::at(place, message, help));
                }
                200..=599 => {}
                _ => {
                    let message = format!("{status} is no status of an answer");
                    return Err(Mistake::at(place, message, "write for example 200"));
                }
            }
        }
        Ok(success.clone())
    }
}

fn template(text: &str, known: &Known, place: &[&str]) -> Result<Template, Mistake> {
    Template::parse(text, known)
        .map_err(|error| Mistake::at(place.to_vec(), error.to_string(), error.advice()))
}
