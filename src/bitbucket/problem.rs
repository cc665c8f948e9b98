//! What goes wrong at a Bitbucket Server, in words, with what to do about it.

use std::fmt;
use std::time::Duration;

use miette::Diagnostic;
use serde::Deserialize;

use crate::http::{self, Answer, Failure, Outcome, Secret, TlsFault};
use crate::visible::one_line;

/// How much of a server's text is shown.
const LONGEST_TEXT: usize = 300;

/// Something that a server would not do. Secrets are not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What is in the way.
    pub reason: Reason,
    /// What was asked, as the end of the sentence "cannot …".
    what: Box<str>,
    /// What the server says.
    said: Option<Box<str>>,
    /// The last part of the server's `exceptionName`, such as `NoSuchCommitException`.
    exception: Option<Box<str>>,
}

/// Why a server did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// 401: wrong or expired credentials; some servers say so too where a permission is missing.
    Unauthorised,
    /// 403: the user may not do this.
    Forbidden,
    /// 404: it is not there, or is not shown to this user.
    NotFound,
    /// 429: the server asks for a pause.
    RateLimited {
        /// How long, where it says.
        after: Option<Duration>,
    },
    /// Another status of the 400s: it will never be done as it was asked.
    Refused {
        /// The status.
        status: u16,
    },
    /// A status of the 500s: the server itself failed.
    Failed {
        /// The status.
        status: u16,
    },
    /// The answer is not one that Bitbucket gives.
    NotUnderstood {
        /// What it is, in words.
        why: String,
    },
    /// It was not asked at all: no server would take it.
    NotSent {
        /// Why, in words.
        why: String,
    },
    /// No answer came.
    Unanswered(Failure),
}

/// Bitbucket's envelope for errors.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Envelope {
    errors: Vec<Said>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Said {
    context: Option<String>,
    message: Option<String>,
    exception_name: Option<String>,
}

impl Problem {
    pub(super) fn of_failure(what: &str, failure: Failure) -> Self {
        Self::new(what, Reason::Unanswered(failure))
    }

    /// An answer that Bitbucket does not give.
    pub(crate) fn not_understood(what: &str, why: &str) -> Self {
        let why = why.to_owned();
        Self::new(what, Reason::NotUnderstood { why })
    }

    /// Something that no server would take, so that it was not asked.
    pub(super) fn not_sent(what: &str, why: &str) -> Self {
        let why = why.to_owned();
        Self::new(what, Reason::NotSent { why })
    }

    pub(super) fn rate_limited(what: &str, left: Duration) -> Self {
        Self::new(what, Reason::RateLimited { after: Some(left) })
    }

    /// What a failed call says; `hide` takes secrets out of the server's text.
    pub(super) fn of_answer(what: &str, answer: &Answer, hide: impl Fn(&str) -> String) -> Self {
        let reason = match answer.status() {
            401 => Reason::Unauthorised,
            403 => Reason::Forbidden,
            404 => Reason::NotFound,
            429 => Reason::RateLimited {
                after: match answer.outcome() {
                    Outcome::Retry { after } => after,
                    _ => None,
                },
            },
            status @ 500..=599 => Reason::Failed { status },
            status => Reason::Refused { status },
        };
        let errors = answer.json::<Envelope>().unwrap_or_default().errors;
        let exception = errors.iter().find_map(|error| {
            let name = hide(error.exception_name.as_deref()?);
            Some(one_line(name.rsplit('.').next().unwrap_or(&name), 80))
        });
        // A page of something in between says nothing to people: only Bitbucket's own words do.
        let said: Vec<String> = errors
            .into_iter()
            .filter_map(|error| {
                let message = error.message.filter(|text| !text.trim().is_empty())?;
                Some(match error.context.filter(|text| !text.is_empty()) {
                    Some(context) => format!("{context}: {message}"),
                    None => message,
                })
            })
            .collect();
        // Hidden before the text is cut, or half a secret would be left.
        let said = (!said.is_empty()).then(|| one_line(&hide(&said.join("; ")), LONGEST_TEXT));
        Self {
            said: said.map(Into::into),
            exception: exception.map(Into::into),
            ..Self::new(what, reason)
        }
    }

    /// The same without the server's words, where they quote a secret: it may have been cut within.
    #[must_use]
    pub fn without(self, secret: &Secret) -> Self {
        let start: String = secret.expose().chars().take(6).collect();
        Self {
            said: self.said.filter(|said| !said.contains(start.as_str())),
            exception: self.exception.filter(|name| !name.contains(start.as_str())),
            ..self
        }
    }

    fn new(what: &str, reason: Reason) -> Self {
        Self {
            reason,
            what: what.into(),
            said: None,
            exception: None,
        }
    }

    /// Whether it is not there, or not for this user.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.reason == Reason::NotFound
    }

    /// Whether the server has looked at it and does not do it, with another status than those that
    /// mean the user, the name or the time.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(self.reason, Reason::Refused { .. })
    }

    /// Whether the server names this exception, such as `NoSuchCommitException`.
    #[must_use]
    pub fn is_exception(&self, name: &str) -> bool {
        self.exception.as_deref() == Some(name)
    }

    /// Whether nothing else needs to be asked of this server now: it can't be reached, or does not
    /// accept the credentials.
    #[must_use]
    pub fn concerns_everything(&self) -> bool {
        match &self.reason {
            Reason::Unauthorised => true,
            Reason::Unanswered(failure) => !matches!(failure, Failure::AnswerTooLarge { .. }),
            _ => false,
        }
    }

    /// What it means for what was asked.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match &self.reason {
            Reason::Unauthorised => Outcome::Blocked,
            Reason::Forbidden
            | Reason::NotFound
            | Reason::Refused { .. }
            | Reason::NotSent { .. } => Outcome::Refused,
            Reason::RateLimited { after } => Outcome::Retry { after: *after },
            Reason::Failed { .. } | Reason::NotUnderstood { .. } => Outcome::Retry { after: None },
            Reason::Unanswered(failure) => failure.outcome(),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Option<String> {
        let advice = match &self.reason {
            Reason::Unauthorised => {
                "check BITBUCKET_USERNAME and BITBUCKET_PASSWORD, or BITBUCKET_SERVER_TOKEN (or \
                 `bitbucket:` in the configuration), that the token has not expired, and that it \
                 is of this server"
            }
            Reason::Forbidden => {
                "give the user or token the permission for it in Bitbucket: reading needs \
                 REPO_READ, webhooks and hooks need REPO_ADMIN or PROJECT_ADMIN"
            }
            Reason::NotFound if self.is_exception("NoSuchCommitException") => {
                "push the commit first, and check that it belongs to this repository"
            }
            Reason::NotFound => {
                "check the name, and that the user may read it: Bitbucket hides what a user may \
                 not see"
            }
            Reason::RateLimited { .. } => {
                "try again later, lower `bitbucket.concurrency`, or exempt the user in Bitbucket's \
                 rate limiting settings"
            }
            Reason::Failed { .. } => {
                "try again; if it stays, look into the server's log at this time"
            }
            Reason::NotUnderstood { .. } => {
                "check the address: something else than Bitbucket's REST API seems to answer there"
            }
            Reason::Unanswered(failure) => return advice_of(failure),
            Reason::Refused { .. } | Reason::NotSent { .. } => return None,
        };
        Some(advice.to_owned())
    }

    /// The problem as all remote systems have it, for deliveries.
    #[must_use]
    pub fn of_any_system(&self) -> http::Problem {
        http::Problem {
            outcome: self.outcome(),
            code: self.exception.as_deref().map(str::to_owned),
            message: self.to_string(),
            help: self.advice(),
            trace_id: None,
            unreachable: matches!(&self.reason, Reason::Unanswered(Failure::NotSent { .. })),
        }
    }
}

/// What to do about a request that brought no answer, with the variables of this system.
fn advice_of(failure: &Failure) -> Option<String> {
    let advice = failure.advice()?;
    Some(match failure {
        Failure::NotSent {
            reason: http::Unreached::Tls(TlsFault::UnknownIssuer | TlsFault::Other(_)),
            ..
        } => advice.replace("`ca_file`", "`bitbucket.ca_file`"),
        _ => advice,
    })
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {}: ", self.what)?;
        match &self.reason {
            Reason::Unauthorised => f.write_str(
                "Bitbucket does not accept the credentials, or they lack the permission",
            ),
            Reason::Forbidden => f.write_str("the credentials do not permit it"),
            Reason::NotFound => f.write_str("Bitbucket has no such thing, or does not show it"),
            Reason::RateLimited { .. } => {
                f.write_str("Bitbucket asks for a pause, its rate limit is reached")
            }
            Reason::Refused { status } => write!(f, "Bitbucket refuses it (status {status})"),
            Reason::Failed { status } => write!(f, "Bitbucket itself failed (status {status})"),
            Reason::NotUnderstood { why } | Reason::NotSent { why } => f.write_str(why),
            Reason::Unanswered(failure) => failure.fmt(f),
        }?;
        match &self.said {
            Some(said) => write!(f, " (Bitbucket says: {said})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Problem {}

impl Diagnostic for Problem {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.advice()
            .map(|advice| Box::new(advice) as Box<dyn fmt::Display>)
    }
}
