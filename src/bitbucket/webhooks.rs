//! Webhooks: what Bitbucket calls after a push (facts: bitbucket.md §3). Those of projects are there
//! from 8.8 on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::call::Call;
use super::client::Client;
use super::problem::Problem;
use super::scope::Scope;
use super::version::Version;
use crate::http::{Method, Secret};

/// The event that a push is.
pub const PUSHED: &str = "repo:refs_changed";

/// A webhook as a server lists it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    /// Its number.
    pub id: u64,
    /// The name that people read.
    #[serde(default)]
    pub name: String,
    /// What is called.
    #[serde(default)]
    pub url: String,
    /// Whether it is called at all.
    #[serde(default = "yes")]
    pub active: bool,
    /// On what.
    #[serde(default)]
    pub events: Vec<String>,
    /// Whether the certificate of the address is looked at.
    #[serde(default)]
    pub ssl_verification_required: Option<bool>,
    #[serde(default)]
    configuration: BTreeMap<String, Value>,
}

fn yes() -> bool {
    true
}

/// A webhook as it is to be.
#[derive(Clone, Debug)]
pub struct WantedWebhook {
    /// The name of a new one, by which an old one is known too where `named` says so.
    pub name: String,
    /// Whether one of that name is this one, also where it calls another address.
    pub known_by: KnownBy,
    /// What is called.
    pub url: String,
    /// On what, at least.
    pub events: Vec<String>,
    /// What calls are signed with.
    pub secret: Secret,
    /// When the secret is sent.
    pub set_secret: SetSecret,
}

/// How an existing webhook is known to be the wanted one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownBy {
    /// By its address.
    Address,
    /// By its address, else by its name.
    AddressOrName,
}

/// When the secret is sent: servers do not show it, so that nobody can tell whether it is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetSecret {
    /// With every other change.
    WithChanges,
    /// In any case.
    Always,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written<'a> {
    name: &'a str,
    url: &'a str,
    events: &'a [String],
    configuration: BTreeMap<&'a str, Value>,
    active: bool,
    ssl_verification_required: bool,
}

/// What became of the last call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LastCall {
    /// There was none, or the server does not tell.
    None,
    /// It was answered well.
    Success,
    /// It was not; the server's words.
    Failed(String),
}

impl Webhook {
    /// The secret, where the server shows it; masks are none.
    fn secret(&self) -> Option<&str> {
        let secret = self.configuration.get("secret")?.as_str()?;
        let is_mask = secret.chars().all(|c| matches!(c, '*' | '•' | '.'));
        (!is_mask).then_some(secret)
    }

    /// Whether it calls this address.
    #[must_use]
    pub fn calls(&self, url: &str) -> bool {
        same_address(&self.url, url)
    }

    /// What differs from the wanted one, in words; a secret that is not shown does not.
    pub(super) fn differences(&self, wanted: &WantedWebhook) -> Vec<&'static str> {
        let has = |event: &String| self.events.contains(event);
        [
            (!self.calls(&wanted.url), "another address"),
            (!self.active, "not active"),
            (!wanted.events.iter().all(has), "not called on all events"),
            (
                self.ssl_verification_required == Some(false),
                "the address's certificate is not looked at",
            ),
            (
                self.secret()
                    .is_some_and(|own| own != wanted.secret.expose()),
                "another secret",
            ),
        ]
        .into_iter()
        .filter_map(|(differs, words)| differs.then_some(words))
        .collect()
    }
}

/// Whether both are one address: capitals in the host and a slash at the end say nothing.
fn same_address(one: &str, other: &str) -> bool {
    let plain = |url: &str| {
        let url = url.trim().trim_end_matches('/');
        let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        format!("{}://{}/{path}", scheme.to_lowercase(), host.to_lowercase())
    };
    plain(one) == plain(other)
}

impl Version {
    /// Whether a whole project can have webhooks (facts: later than 8.7).
    #[must_use]
    pub fn has_project_webhooks(&self) -> bool {
        self.is_at_least(8, 8)
    }
}

impl Client {
    /// The webhooks that stand at a project or a repository itself.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn webhooks(&self, scope: &Scope) -> Result<Vec<Webhook>, Problem> {
        let what = format!("list the webhooks of {scope}");
        self.pages(Call::get(scope.path("/webhooks"), what))
            .collect()
    }

    /// Makes a webhook.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn create_webhook(&self, scope: &Scope, wanted: &WantedWebhook) -> Result<(), Problem> {
        let what = format!("make a webhook of {scope}");
        let call = Call::new(Method::Post, scope.path("/webhooks"), what);
        self.write_webhook(call, &wanted.name, &wanted.events, &BTreeMap::new(), wanted)
    }

    /// Changes a webhook to the wanted one; its name, further events and what else is configured
    /// stay.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn update_webhook(
        &self,
        scope: &Scope,
        old: &Webhook,
        wanted: &WantedWebhook,
    ) -> Result<(), Problem> {
        let what = format!("change webhook {} of {scope}", old.id);
        let path = scope.path(&format!("/webhooks/{}", old.id));
        let mut events = old.events.clone();
        let missing = wanted
            .events
            .iter()
            .filter(|event| !old.events.contains(event));
        events.extend(missing.cloned());
        let call = Call::new(Method::Put, path, what);
        self.write_webhook(call, &old.name, &events, &old.configuration, wanted)
    }

    fn write_webhook(
        &self,
        call: Call,
        name: &str,
        events: &[String],
        configuration: &BTreeMap<String, Value>,
        wanted: &WantedWebhook,
    ) -> Result<(), Problem> {
        let mut configuration: BTreeMap<&str, Value> = configuration
            .iter()
            .map(|(key, value)| (key.as_str(), value.clone()))
            .collect();
        configuration.insert("secret", wanted.secret.expose().into());
        // The answer echoes the secret: nobody looks at it.
        self.call(&call.json(&Written {
            name,
            url: &wanted.url,
            events,
            configuration,
            active: true,
            ssl_verification_required: true,
        }))
        .map(|_| ())
        .map_err(|problem| problem.without(&wanted.secret))
    }

    /// Removes a webhook; one that is gone already is no failure.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn remove_webhook(&self, scope: &Scope, id: u64) -> Result<(), Problem> {
        let path = scope.path(&format!("/webhooks/{id}"));
        let what = format!("remove webhook {id} of {scope}");
        match self.call(&Call::new(Method::Delete, path, what)) {
            Err(problem) if !problem.is_not_found() => Err(problem),
            _ => Ok(()),
        }
    }

    /// What became of the last call of a webhook.
    ///
    /// # Errors
    /// What is in the way, in words.
    pub fn last_call(&self, scope: &Scope, id: u64) -> Result<LastCall, Problem> {
        #[derive(Deserialize)]
        struct Invocation {
            result: Option<Outcome>,
        }
        #[derive(Deserialize)]
        struct Outcome {
            outcome: Option<String>,
            description: Option<String>,
        }

        let path = scope.path(&format!("/webhooks/{id}/latest"));
        let call = Call::get(
            path,
            format!("read the last call of webhook {id} of {scope}"),
        );
        let answer = match self.call(&call) {
            Ok(answer) if answer.status() == 204 => return Ok(LastCall::None),
            Ok(answer) => answer,
            Err(problem) if problem.is_not_found() => return Ok(LastCall::None),
            Err(problem) => return Err(problem),
        };
        let invocation: Invocation = self.understood(call.what(), &answer)?;
        let Some(result) = invocation.result else {
            return Ok(LastCall::None);
        };
        Ok(match result.outcome.as_deref() {
            None | Some("SUCCESS") => LastCall::Success,
            Some(outcome) => {
                let words = result.description.as_deref().unwrap_or(outcome);
                LastCall::Failed(crate::visible::one_line(words, 200))
            }
        })
    }
}
