//! A client of one cluster.

use std::time::{Duration, Instant};

use crate::http::{self, Answer, Problem, Request, Secret};

use super::call::Call;
use super::credentials::Credentials;
use super::problem;

/// What a client is made of.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The cluster's API, with or without `/v1`.
    pub api: String,
    /// A standard key or token for algorithms and builds, an administrator's for the SCM
    /// configurations; either is refused where the other is asked for.
    pub credentials: Credentials,
    /// Where the credentials stand, for messages: a variable's name, or a key of the configuration.
    pub origin: &'static str,
    /// How long a build may take: some clusters answer when it is done.
    pub timeout: Duration,
}

impl Settings {
    /// The time that a build is given where nothing else is said.
    pub const TIMEOUT: Duration = Duration::from_secs(120);
}

/// An address that can't be a cluster's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("`{0}` is no address of an API")]
#[diagnostic(help("write it as https://api.CLUSTER, as in ALGORITHMIA_API"))]
pub struct BadAddress(String);

/// A client of one cluster.
#[derive(Debug)]
pub struct Client {
    http: http::Client,
    base: String,
    pub(super) settings: Settings,
}

/// The API's address, with or without `/v1`, made one.
///
/// # Errors
/// Where it is no `http` or `https` address.
pub fn base_url(address: &str) -> Result<String, BadAddress> {
    http::api_root(address)
        .map(|root| format!("{root}/v1"))
        .ok_or_else(|| BadAddress(http::without_credentials(address)))
}

impl Client {
    /// Makes a client. Nothing is sent.
    ///
    /// # Errors
    /// Where the address is none.
    pub fn new(http: http::Client, settings: Settings) -> Result<Self, BadAddress> {
        Ok(Self {
            http,
            base: base_url(&settings.api)?,
            settings,
        })
    }

    /// A call as it would be sent, for people: placeholders stand where secrets do.
    #[must_use]
    pub fn shown(&self, call: &Call) -> String {
        let mut text = format!("{} {}{}\n", call.method, self.base, call.path);
        let scheme = self.settings.credentials.scheme();
        text.push_str(&format!(
            "Authorization: {scheme} {}\n",
            Secret::placeholder()
        ));
        if let Some(body) = call.shown_body() {
            text.push_str(&format!("Content-Type: application/json\n\n{body}\n"));
        }
        text
    }

    /// Makes a call; gives up at `until` even where the time limit would allow more.
    ///
    /// # Errors
    /// What is in the way, in words, with what it means for a retry; also where an answer by its
    /// status good is a web page.
    pub(super) fn send(&self, call: &Call, until: Option<Instant>) -> Result<Answer, Problem> {
        self.judge(call, self.exchange(call, until)?)
    }

    /// As [`Client::send`], for what may be missing: none then.
    pub(super) fn send_for(
        &self,
        call: &Call,
        until: Option<Instant>,
    ) -> Result<Option<Answer>, Problem> {
        let answer = self.exchange(call, until)?;
        match problem::is_missing(&answer) {
            true => Ok(None),
            false => self.judge(call, answer).map(Some),
        }
    }

    fn exchange(&self, call: &Call, until: Option<Instant>) -> Result<Answer, Problem> {
        let credentials = &self.settings.credentials;
        let mut request = Request::new(call.method, format!("{}{}", self.base, call.path))
            .authorization(credentials.scheme(), credentials.secret())
            .until(until);
        if let Some(timeout) = call.timeout {
            request = request.timeout(timeout);
        }
        if let Some(body) = &call.body {
            request = request
                .json(body)
                .map_err(|_| Problem::refused("the request can't be written as JSON", None))?;
        }
        self.http
            .send(request)
            .map_err(|failure| Problem::of_failure(failure, |text| self.hide(call, text)))
    }

    fn judge(&self, call: &Call, answer: Answer) -> Result<Answer, Problem> {
        if problem::is_web_page(&answer) && (answer.is_success() || answer.status() == 404) {
            // A sign-in page or a web server in between, not the cluster.
            return Err(problem::not_understood());
        }
        if answer.is_success() {
            return Ok(answer);
        }
        // Hidden before the text is cut, or half a secret would be left.
        let hide = |text: &str| self.hide(call, text);
        Err(problem::of_answer(
            &answer,
            call.purpose,
            &self.settings,
            hide,
        ))
    }

    /// A server's text without what was sent to it in secret.
    pub(super) fn hide(&self, call: &Call, text: &str) -> String {
        call.hide_in(&self.settings.credentials.secret().hide_in(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_may_end_as_people_write_it() {
        for written in [
            "https://api.acme.org",
            "https://api.acme.org/",
            "https://api.acme.org/v1",
            "https://api.acme.org/v1/",
        ] {
            assert_eq!(base_url(written).unwrap(), "https://api.acme.org/v1");
        }
        assert!(base_url("").is_err());
        assert!(base_url("api.acme.org").is_err());
    }
}
