//! The way to Port: address, token, and calls that carry it.

use std::cell::Cell;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Instant;

use percent_encoding::{CONTROLS, utf8_percent_encode};

use crate::http::{self, Answer, Method, Outcome, Problem, Request, Secret};
use crate::repository::RepositoryName;

use super::problem;
use super::token::{Token, TokenCache};

/// Port's European region, the default.
pub const EUROPE: &str = "https://api.getport.io";

/// Port's region in the United States.
const UNITED_STATES: &str = "https://api.us.getport.io";

/// The other region, for an address of one (facts: each has two names); none for another address.
#[must_use]
pub fn other_region(address: &str) -> Option<&'static str> {
    match http::api_root(address)? {
        EUROPE | "https://api.port.io" => Some(UNITED_STATES),
        UNITED_STATES | "https://api.us.port.io" => Some(EUROPE),
        _ => None,
    }
}

/// What a client is made of.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The API's address, with or without `/v1`; [`EUROPE`] where empty.
    pub api_url: String,
    /// The credential's name.
    pub client_id: String,
    /// The credential's secret.
    pub client_secret: Secret,
    /// The state folder, for the token; without it every process asks for its own.
    pub state: Option<PathBuf>,
    /// Whether Port makes the entities that relations point to and that are missing.
    pub create_missing_related_entities: bool,
    /// Whether entities that need a deleted one are deleted with it.
    pub delete_dependents: bool,
}

/// An address that can't be Port's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("`{0}` is no address of an API")]
#[diagnostic(help(
    "write it as https://api.getport.io (Europe) or https://api.us.getport.io (United States)"
))]
pub struct BadAddress(String);

/// A client of one organisation at Port.
#[derive(Debug)]
pub struct Client {
    pub(super) http: http::Client,
    pub(super) base: String,
    pub(super) settings: Settings,
    pub(super) token: Mutex<Option<Token>>,
    /// Held by who asks for a token.
    pub(super) renewing: Mutex<()>,
    pub(super) cache: Option<TokenCache>,
}

/// For whom and how long a call is made.
pub(super) struct Context<'a> {
    pub(super) user_agent: String,
    pub(super) until: Option<Instant>,
    /// Whether to make no further call.
    pub(super) stop: Option<&'a Cell<bool>>,
}

/// The API's address as Port's own tools write it, with or without `/v1`, made one.
///
/// # Errors
/// Where it is no `http` or `https` address.
pub fn base_url(address: &str) -> Result<String, BadAddress> {
    let address = match address.trim() {
        "" => EUROPE,
        address => address,
    };
    match http::api_root(address) {
        Some(root) => Ok(format!("{root}/v1")),
        None => Err(BadAddress(http::without_credentials(address))),
    }
}

impl Client {
    /// Makes a client. Nothing is sent.
    ///
    /// # Errors
    /// Where the address is none.
    pub fn new(http: http::Client, settings: Settings) -> Result<Self, BadAddress> {
        let base = base_url(&settings.api_url)?;
        let cache = settings
            .state
            .as_deref()
            .map(|state| TokenCache::new(state, &base, &settings.client_id));
        Ok(Self {
            http,
            base,
            settings,
            token: Mutex::new(None),
            renewing: Mutex::default(),
            cache,
        })
    }

    /// Asks for a token, to prove that address and credentials are good.
    ///
    /// # Errors
    /// What is wrong with them, in words.
    pub fn prove(&self) -> Result<(), Problem> {
        self.fresh_token(&Context::of_nobody()).map(|_| ())
    }

    /// One call with the token, which is renewed once where Port doesn't know it any more. The
    /// answer may have any status but 401 and those that mean "later".
    pub(super) fn call(
        &self,
        context: &Context<'_>,
        method: Method,
        path: &str,
        body: Option<&[u8]>,
    ) -> Result<Answer, Problem> {
        if context.stop.is_some_and(Cell::get) {
            return Err(Problem {
                outcome: Outcome::Retry { after: None },
                ..Problem::refused("the delivering process is to end", None)
            });
        }
        let token = self.token(context)?;
        let mut answer = self.send(context, method, path, body, &token)?;
        if answer.status() == 401 {
            let token = self.token_after(context, &token)?;
            answer = self.send(context, method, path, body, &token)?;
        }
        match answer.outcome() {
            Outcome::Done => Ok(answer),
            _ => match self.problem(&answer) {
                Problem {
                    outcome: Outcome::Refused,
                    ..
                } => Ok(answer),
                problem => Err(problem),
            },
        }
    }

    fn send(
        &self,
        context: &Context<'_>,
        method: Method,
        path: &str,
        body: Option<&[u8]>,
        token: &Secret,
    ) -> Result<Answer, Problem> {
        let mut request = Request::new(method, format!("{}{path}", self.base))
            .header("User-Agent", context.user_agent.as_str())
            .authorization("Bearer", token)
            .until(context.until);
        if let Some(body) = body {
            request = request.json_bytes(body.to_vec());
        }
        self.http
            .send(request)
            .map_err(|failure| Problem::of_failure(failure, |text| self.hide(text)))
    }

    /// What an answer says is wrong, with our own secrets hidden where Port quotes them.
    pub(super) fn problem(&self, answer: &Answer) -> Problem {
        problem::of_answer(answer, &|text| self.hide(text))
    }

    /// An answer that is a success by its status, but not one that Port gives.
    pub(super) fn not_understood(&self, answer: &Answer, what: &str) -> Problem {
        problem::not_understood(answer, what, &|text| self.hide(text))
    }

    pub(super) fn hide(&self, text: &str) -> String {
        let text = self.settings.client_secret.hide_in(text);
        match self.token.lock().ok().as_deref() {
            Some(Some(token)) => token.secret.hide_in(&text),
            _ => text,
        }
    }
}

impl Context<'_> {
    /// Port stores the `User-Agent` as the entity's datasource: the repository in it is what finds
    /// its entities again.
    pub(super) fn of(repository: &RepositoryName, until: Option<Instant>) -> Self {
        let repository = utf8_percent_encode(repository.as_str(), CONTROLS);
        Self {
            user_agent: format!("{} ({repository})", Self::product()),
            until,
            stop: None,
        }
    }

    /// For calls that change nothing.
    pub(super) fn of_nobody() -> Self {
        Self {
            user_agent: Self::product(),
            until: None,
            stop: None,
        }
    }

    pub(super) fn product() -> String {
        concat!("pushgate/", env!("CARGO_PKG_VERSION")).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_habit_of_writing_the_address_is_one() {
        for (written, meant) in [
            ("", "https://api.getport.io/v1"),
            ("https://api.getport.io", "https://api.getport.io/v1"),
            ("https://api.getport.io/", "https://api.getport.io/v1"),
            ("https://api.us.port.io/v1", "https://api.us.port.io/v1"),
            ("https://api.us.port.io/v1//", "https://api.us.port.io/v1"),
            (
                "http://127.0.0.1:8080/port/",
                "http://127.0.0.1:8080/port/v1",
            ),
        ] {
            assert_eq!(base_url(written).unwrap(), meant, "{written}");
        }
        for bad in [
            "api.getport.io",
            "ftp://x",
            "https://",
            "https://a b",
            "https://u:p@h",
        ] {
            let error = base_url(bad).unwrap_err();
            assert!(!error.to_string().contains("u:p"), "{error}");
        }
    }
}
