//! The way to a Bitbucket Server: address, credentials, and calls that carry them.

use std::num::NonZeroUsize;
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;

use crate::http::{self, Answer, Failure, Outcome, Unreached};
use crate::visible::one_line;

use super::address::Address;
use super::call::Call;
use super::capabilities::HomeOfBuilds;
use super::credentials::Credentials;
use super::pages::Pages;
use super::pause::{Pause, USUAL};
use super::problem::{Problem, Reason};

/// How often a call is made, where the server asks for a pause or a reading call is lost.
const TRIES: u32 = 5;

/// The first wait after a reading call that was lost; it doubles.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// What a client is made of.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The server.
    pub address: Address,
    /// Who asks.
    pub credentials: Credentials,
    /// How many calls are made at once, by whoever makes several.
    pub concurrency: NonZeroUsize,
    /// How long calls may wait altogether because the server asks for it, each.
    pub patience: Duration,
}

impl Settings {
    /// Calls at once where nothing else is said: answers are waited for most of the time. A server
    /// that limits a user's rate says how long to wait, and then all calls do.
    pub const CONCURRENCY: NonZeroUsize = NonZeroUsize::MIN.saturating_add(63);

    /// The patience where nothing else is said.
    pub const PATIENCE: Duration = Duration::from_secs(120);
}

/// A client of one server. Clones share connections, the pause that the server asks for, and what is known of it.
#[derive(Clone, Debug)]
pub struct Client {
    http: Arc<http::Client>,
    settings: Arc<Settings>,
    pause: Arc<Pause>,
    /// Where the server keeps build statuses, once it was asked.
    pub(super) builds: Arc<OnceLock<HomeOfBuilds>>,
    until: Option<Instant>,
}

impl Client {
    /// Makes a client. Nothing is sent.
    #[must_use]
    pub fn new(http: http::Client, settings: Settings) -> Self {
        Self {
            http: Arc::new(http),
            settings: Arc::new(settings),
            pause: Arc::default(),
            builds: Arc::default(),
            until: None,
        }
    }

    /// The same client, that gives up at a moment.
    #[must_use]
    pub fn until(&self, until: Option<Instant>) -> Self {
        Self {
            until,
            ..self.clone()
        }
    }

    /// The server.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.settings.address
    }

    /// How many calls to make at once.
    #[must_use]
    pub fn concurrency(&self) -> NonZeroUsize {
        self.settings.concurrency
    }

    /// Makes a call and returns the answer, a success.
    ///
    /// A pause that the server asks for is kept, within the patience; a reading call that is lost is
    /// made again.
    pub(super) fn call(&self, call: &Call) -> Result<Answer, Problem> {
        if self.settings.credentials.is_unwritable() {
            return Err(Problem::of_failure(
                call.what(),
                Failure::Unwritable {
                    url: self.address().as_str().to_owned(),
                    reason: "the credentials hold a character that no request can carry".to_owned(),
                },
            ));
        }
        let mut waited = Duration::ZERO;
        let mut tries = 0;
        loop {
            waited += self.rest(call.what(), waited)?;
            tries += 1;
            let problem = match self.once(call) {
                Ok(answer) => return Ok(answer),
                Err(problem) => problem,
            };
            if tries >= TRIES {
                return Err(problem);
            }
            match (&problem.reason, problem.outcome()) {
                // It was not carried out, whatever it was.
                (Reason::RateLimited { after }, _) => self.pause.begin(after.unwrap_or(USUAL)),
                (Reason::Failed { status: 502..=504 }, Outcome::Retry { after })
                    if call.only_reads() =>
                {
                    let wait = after.unwrap_or(FIRST_WAIT * 2_u32.pow(tries - 1));
                    waited += self.wait(wait, waited).ok_or(problem)?;
                }
                (Reason::Unanswered(Failure::OutcomeUnknown { .. }), _)
                    if call.only_reads() && tries < 3 =>
                {
                    let wait = FIRST_WAIT * 2_u32.pow(tries - 1);
                    waited += self.wait(wait, waited).ok_or(problem)?;
                }
                _ => return Err(problem),
            }
        }
    }

    /// Makes a call and reads the answer as JSON.
    pub(super) fn read<T: DeserializeOwned>(&self, call: Call) -> Result<T, Problem> {
        let answer = self.call(&call)?;
        self.understood(call.what(), &answer)
    }

    /// All pages of a list, one after the other.
    pub(super) fn pages<T: DeserializeOwned>(&self, call: Call) -> Pages<'_, T> {
        Pages::new(self, call)
    }

    fn once(&self, call: &Call) -> Result<Answer, Problem> {
        let request = call.request(self.address().as_str()).until(self.until);
        let credentials = &self.settings.credentials;
        let answer = self
            .http
            .send(credentials.sign(request))
            .map_err(|failure| {
                let failure = failure.hiding(|text| credentials.hide_in(text));
                Problem::of_failure(call.what(), failure)
            })?;
        if answer.is_success() {
            return Ok(answer);
        }
        Err(Problem::of_answer(call.what(), &answer, |text| {
            credentials.hide_in(text)
        }))
    }

    /// An answer's JSON.
    pub(super) fn understood<T: DeserializeOwned>(
        &self,
        what: &str,
        answer: &Answer,
    ) -> Result<T, Problem> {
        answer.json().map_err(|error| {
            let why = match error.classify() {
                serde_json::error::Category::Data => {
                    // It repeats what stands there; hidden before the text is cut.
                    let error = self.settings.credentials.hide_in(&error.to_string());
                    format!("the answer is not of the expected form: {error}")
                }
                _ => "the answer is no JSON".to_owned(),
            };
            Problem::not_understood(what, &one_line(&why, 200))
        })
    }

    /// Keeps the pause that the server asked for, of which others may have been told.
    fn rest(&self, what: &str, waited: Duration) -> Result<Duration, Problem> {
        let left = self.pause.left();
        self.wait(left, waited).ok_or_else(|| {
            if self.until.is_some_and(|until| until <= Instant::now()) {
                return Problem::of_failure(
                    what,
                    Failure::NotSent {
                        host: self.address().as_str().to_owned(),
                        reason: Unreached::Deadline,
                    },
                );
            }
            Problem::rate_limited(what, left)
        })
    }

    /// Waits, where patience and deadline allow it.
    fn wait(&self, wait: Duration, waited: Duration) -> Option<Duration> {
        if wait.is_zero() {
            return Some(wait);
        }
        let patient = waited + wait <= self.settings.patience;
        let in_time = self.until.is_none_or(|until| Instant::now() + wait < until);
        if !patient || !in_time {
            return None;
        }
        thread::sleep(wait);
        Some(wait)
    }
}
