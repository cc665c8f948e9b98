//! The token: asked for once, used for its life, shared by the processes of one state folder.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::PoisonError;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::http::{Method, Outcome, Problem, Request, Secret};

use super::client::{Client, Context};
use super::problem;

/// A token is renewed this long before its end, as Port's own tool does; a short-lived one after
/// half of its life.
const MARGIN: Duration = Duration::from_secs(5 * 60);

/// A token and until when it is used.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) secret: Secret,
    renew_at: Timestamp,
}

/// The token's file in the state folder, mode 0600.
#[derive(Clone, Debug)]
pub(super) struct TokenCache {
    path: PathBuf,
    api_url: String,
    client_id: String,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    api_url: String,
    client_id: String,
    access_token: String,
    renew_at: Timestamp,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Credentials<'a> {
    client_id: &'a str,
    client_secret: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Granted {
    access_token: String,
    expires_in: f64,
}

impl Client {
    /// A token that is good for now.
    pub(super) fn token(&self, context: &Context<'_>) -> Result<Secret, Problem> {
        if let Some(token) = self.kept().filter(Token::is_fresh) {
            return Ok(token.secret);
        }
        // One asks, the other threads take what it gets: Port may take a newer token for the end of
        // the one before, and answers few such calls.
        let _alone = self.renewing.lock().unwrap_or_else(PoisonError::into_inner);
        let known = self.kept().filter(Token::is_fresh);
        match known.or_else(|| self.cache.as_ref()?.read().filter(Token::is_fresh)) {
            Some(token) => Ok(self.keep(token)),
            None => self.fresh_token(context),
        }
    }

    /// A token in place of one that Port does not know any more.
    pub(super) fn token_after(
        &self,
        context: &Context<'_>,
        unknown: &Secret,
    ) -> Result<Secret, Problem> {
        let _alone = self.renewing.lock().unwrap_or_else(PoisonError::into_inner);
        let other = |token: &Token| token.secret.expose() != unknown.expose();
        match self.kept().filter(other).filter(Token::is_fresh) {
            Some(token) => Ok(token.secret),
            None => self.fresh_token(context),
        }
    }

    fn kept(&self) -> Option<Token> {
        let kept = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clone()
    }

    /// A token straight from Port.
    pub(super) fn fresh_token(&self, context: &Context<'_>) -> Result<Secret, Problem> {
        let credentials = Credentials {
            client_id: &self.settings.client_id,
            client_secret: self.settings.client_secret.expose(),
        };
        let body = serde_json::to_vec(&credentials).map_err(|_| problem::unwritable())?;
        let request = Request::new(Method::Post, format!("{}/auth/access_token", self.base))
            .header("User-Agent", context.user_agent.as_str())
            .until(context.until)
            .json_bytes(body);
        let answer = self
            .http
            .send(request)
            .map_err(|failure| Problem::of_failure(failure, |text| self.hide(text)))?;
        match answer.outcome() {
            Outcome::Done => {}
            Outcome::Retry { .. } => return Err(self.problem(&answer)),
            Outcome::Refused | Outcome::Blocked => {
                return Err(problem::of_credentials(&answer, &|text| self.hide(text)));
            }
        }
        let granted: Granted = answer
            .json()
            .map_err(|_| self.not_understood(&answer, "no token"))?;
        let life = Duration::try_from_secs_f64(granted.expires_in).unwrap_or_default();
        let token = Token {
            secret: Secret::new(granted.access_token),
            renew_at: Timestamp::now()
                .saturating_add(life.saturating_sub(MARGIN.min(life / 2)))
                .unwrap_or(Timestamp::MIN),
        };
        if let Some(cache) = &self.cache {
            // A cache that can't be written costs one more call next time, nothing else.
            let _ = cache.write(&token);
        }
        Ok(self.keep(token))
    }

    fn keep(&self, token: Token) -> Secret {
        let secret = token.secret.clone();
        if let Ok(mut kept) = self.token.lock() {
            *kept = Some(token);
        }
        secret
    }
}

impl Token {
    fn is_fresh(&self) -> bool {
        Timestamp::now() < self.renew_at
    }
}

impl TokenCache {
    pub(super) fn new(state: &Path, api_url: &str, client_id: &str) -> Self {
        Self {
            path: state.join("port-token.json"),
            api_url: api_url.to_owned(),
            client_id: client_id.to_owned(),
        }
    }

    /// The token of this credential at this address, where there is one.
    fn read(&self) -> Option<Token> {
        let stored: Stored = serde_json::from_slice(&std::fs::read(&self.path).ok()?).ok()?;
        (stored.api_url == self.api_url && stored.client_id == self.client_id).then(|| Token {
            secret: Secret::new(stored.access_token),
            renew_at: stored.renew_at,
        })
    }

    /// Replaces the file whole, so that no process reads half of it.
    fn write(&self, token: &Token) -> io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer(
            file.as_file_mut(),
            &Stored {
                api_url: self.api_url.clone(),
                client_id: self.client_id.clone(),
                access_token: token.secret.expose().to_owned(),
                renew_at: token.renew_at,
            },
        )?;
        file.flush()?;
        file.persist(&self.path)?;
        Ok(())
    }
}
