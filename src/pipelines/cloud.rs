//! Bitbucket Cloud's API, as far as variables of Pipelines go (facts about Bitbucket, §4.3).

use serde::Serialize;
use serde_json::Value;

use super::variable::{Change, Scope, VariableKey};
use crate::bitbucket::Credentials;
use crate::http::{Answer, Client, Method, Outcome, Problem, Request, Secret, api_root, segment};
use crate::visible::one_line;

/// How much of the server's text is shown.
const LONGEST_TEXT: usize = 300;

/// Pages of a list that are read at most: a hundred entries each.
const MOST_PAGES: usize = 100;

/// How Bitbucket Cloud is reached.
#[derive(Clone, Debug)]
pub struct CloudSettings {
    /// The address of its API; the public one where none is named.
    pub api: Option<String>,
    /// Who asks.
    pub credentials: Credentials,
}

impl CloudSettings {
    const API: &'static str = "https://api.bitbucket.org/2.0";
}

/// A client of Bitbucket Cloud.
pub struct Cloud {
    http: Client,
    root: String,
    credentials: Credentials,
}

/// A variable as it is sent.
#[derive(Serialize)]
struct Sent<'a> {
    key: &'a str,
    value: &'a str,
    secured: bool,
}

impl Cloud {
    /// A client.
    ///
    /// # Errors
    /// Where the address is none.
    pub fn new(http: Client, settings: CloudSettings) -> Result<Self, Problem> {
        let api = settings.api.as_deref().unwrap_or(CloudSettings::API);
        let root = api_root(api).ok_or_else(|| {
            let help = format!(
                "write it as {}, or leave BITBUCKET_CLOUD_API out",
                CloudSettings::API
            );
            Problem::refused("BITBUCKET_CLOUD_API is no address", Some(help))
        })?;
        if settings.credentials.is_unwritable() {
            let help = "a name has no `:`, and a token no line break or other control character";
            let message = "the credentials for Bitbucket Cloud can't be sent";
            return Err(Problem::refused(message, Some(help.to_owned())));
        }
        Ok(Self {
            http,
            root: root.to_owned(),
            credentials: settings.credentials,
        })
    }

    /// Sets a secured variable, whether it is there or not.
    ///
    /// # Errors
    /// What Bitbucket says, in words.
    pub fn ensure(
        &self,
        scope: &Scope,
        key: &VariableKey,
        value: &Secret,
    ) -> Result<Change, Problem> {
        let variables = self.variables(scope)?;
        let sent = Sent {
            key: key.as_str(),
            value: value.expose(),
            secured: true,
        };
        let answer = self.call(Method::Post, &variables, Some(&sent))?;
        match answer.status() {
            409 => {}
            _ if answer.is_success() => return Ok(Change::Created),
            _ => return Err(self.problem(&answer, value)),
        }
        let Some(uuid) = self.find(&variables, key)? else {
            return Err(Problem::refused(
                format!("Bitbucket says that {key} is there already, and does not list it"),
                Some("remove it in the settings by hand, and try again".to_owned()),
            ));
        };
        let one = format!("{variables}/{}", segment(&uuid));
        let answer = self.call(Method::Put, &one, Some(&sent))?;
        match answer.is_success() {
            true => Ok(Change::Replaced),
            false => Err(self.problem(&answer, value)),
        }
    }

    /// What [`Self::ensure`] would do: only reads.
    ///
    /// # Errors
    /// What Bitbucket says, in words.
    pub fn foresee(&self, scope: &Scope, key: &VariableKey) -> Result<Change, Problem> {
        let variables = self.variables(scope)?;
        Ok(match self.find(&variables, key)? {
            Some(_) => Change::Replaced,
            None => Change::Created,
        })
    }

    /// The address of a scope's variables. A deployment environment is found by its name.
    fn variables(&self, scope: &Scope) -> Result<String, Problem> {
        let root = &self.root;
        Ok(match scope {
            Scope::Workspace { workspace } => {
                format!(
                    "{root}/workspaces/{}/pipelines-config/variables",
                    segment(workspace.as_str())
                )
            }
            Scope::Repository {
                workspace,
                repository,
            } => format!(
                "{root}/repositories/{}/{}/pipelines_config/variables",
                segment(workspace.as_str()),
                segment(repository.as_str())
            ),
            Scope::Deployment {
                workspace,
                repository,
                name,
            } => {
                let repository = format!(
                    "{root}/repositories/{}/{}",
                    segment(workspace.as_str()),
                    segment(repository.as_str())
                );
                let uuid = self.environment(&repository, name)?;
                format!(
                    "{repository}/deployments_config/environments/{}/variables",
                    segment(&uuid)
                )
            }
        })
    }

    fn environment(&self, repository: &str, name: &str) -> Result<String, Problem> {
        let all = self.list(&format!("{repository}/environments"))?;
        let names: Vec<&str> = all.iter().filter_map(|one| one["name"].as_str()).collect();
        let is_meant = |one: &&Value| one["name"].as_str() == Some(name);
        // Pipelines compare without regard to case where no name fits exactly.
        let is_nearly = |one: &&Value| {
            one["name"]
                .as_str()
                .is_some_and(|own| own.eq_ignore_ascii_case(name))
        };
        let found = all
            .iter()
            .find(is_meant)
            .or_else(|| all.iter().find(is_nearly));
        match found.and_then(|one| one["uuid"].as_str()) {
            Some(uuid) => Ok(uuid.to_owned()),
            None => {
                let names: Vec<String> = names
                    .iter()
                    .map(|name| format!("`{}`", one_line(name, 60)))
                    .collect();
                let help = match names.is_empty() {
                    true => "the repository has no deployment environments: enable Pipelines first"
                        .to_owned(),
                    false => format!("it has {}", names.join(", ")),
                };
                let message = format!(
                    "there is no deployment environment `{}`",
                    one_line(name, 60)
                );
                Err(Problem::refused(message, Some(help)))
            }
        }
    }

    /// The id of a variable by its name.
    fn find(&self, variables: &str, key: &VariableKey) -> Result<Option<String>, Problem> {
        let all = self.list(variables)?;
        let found = all
            .iter()
            .find(|one| one["key"].as_str() == Some(key.as_str()));
        Ok(found
            .and_then(|one| one["uuid"].as_str())
            .map(str::to_owned))
    }

    /// All entries of a list, page by page. An error is never taken for the end of it.
    fn list(&self, url: &str) -> Result<Vec<Value>, Problem> {
        let mut entries = Vec::new();
        let mut next = format!("{url}?pagelen=100");
        for _ in 0..MOST_PAGES {
            let answer = self.call(Method::Get, &next, None)?;
            if !answer.is_success() {
                return Err(self.problem(&answer, &Secret::new("")));
            }
            let mut page: Value = answer.json().map_err(|_| not_understood())?;
            match page["values"].take() {
                Value::Array(values) => entries.extend(values),
                _ => return Err(not_understood()),
            }
            match page["next"].as_str() {
                None => return Ok(entries),
                // Credentials go nowhere else.
                Some(url) if url.starts_with(&format!("{}/", self.root)) => next = url.to_owned(),
                Some(_) => {
                    let message =
                        "Bitbucket continues a list at another address, which is not followed";
                    return Err(Problem::refused(
                        message,
                        Some("check BITBUCKET_CLOUD_API".to_owned()),
                    ));
                }
            }
        }
        Err(Problem::refused(
            format!("a list has more than {MOST_PAGES} pages"),
            None,
        ))
    }

    /// A server's text without what was sent to it in secret.
    fn hide(&self, text: &str, value: &Secret) -> String {
        value.hide_in(&self.credentials.hide_in(text))
    }

    fn call(&self, method: Method, url: &str, body: Option<&Sent<'_>>) -> Result<Answer, Problem> {
        let value = &Secret::new(body.map_or("", |sent| sent.value));
        let mut request = self.credentials.sign(Request::new(method, url));
        if let Some(body) = body {
            request = request
                .json(body)
                .map_err(|_| Problem::refused("the variable can't be written as JSON", None))?;
        }
        self.http
            .send(request)
            .map_err(|failure| Problem::of_failure(failure, |text| self.hide(text, value)))
    }

    fn problem(&self, answer: &Answer, value: &Secret) -> Problem {
        let said = answer.json::<Value>().ok().and_then(|body| {
            let error = &body["error"];
            let text = error["detail"].as_str().or(error["message"].as_str());
            text.map(str::to_owned)
        });
        let (words, help) = match answer.status() {
            401 => (
                "Bitbucket does not accept the credentials",
                Some(
                    "check BITBUCKET_CLOUD_TOKEN, or BITBUCKET_CLOUD_USERNAME and BITBUCKET_CLOUD_PASSWORD",
                ),
            ),
            403 => (
                "the credentials may not change variables",
                Some(
                    "give the token the scope `pipeline:variable`, in an access token \"Pipelines: edit variables\"",
                ),
            ),
            404 => (
                "Bitbucket has no such workspace or repository, or does not show it to these credentials",
                Some(
                    "correct `--workspace` and `--repo`, and check that Pipelines is enabled there",
                ),
            ),
            429 => (
                "Bitbucket asks for a pause: it takes about a thousand calls an hour",
                Some("try again later, at the latest in an hour"),
            ),
            500..=599 => ("Bitbucket itself failed", Some("try again later")),
            _ => ("Bitbucket refuses the variable", None),
        };
        let mut message = words.to_owned();
        if let Some(said) = said {
            let hidden = self.hide(&said, value);
            message.push_str(&format!(" (it says: {})", one_line(&hidden, LONGEST_TEXT)));
        }
        Problem {
            outcome: answer.outcome(),
            ..Problem::refused(message, help.map(str::to_owned))
        }
    }
}

/// A success that Bitbucket does not give.
fn not_understood() -> Problem {
    let help = "check BITBUCKET_CLOUD_API, and whether a proxy answers in its place";
    Problem {
        outcome: Outcome::Retry { after: None },
        ..Problem::refused(
            "the answer is not one of Bitbucket Cloud",
            Some(help.to_owned()),
        )
    }
}
