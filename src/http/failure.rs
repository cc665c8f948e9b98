//! Requests that brought no answer.

use std::fmt;
use std::path::PathBuf;

use super::outcome::Outcome;
use super::reason::Lost;
use super::redirect::Moved;
use super::request::Method;
use super::tls_fault::TlsFault;
use crate::visible::one_line;

/// Why a request brought no answer, in words. URLs with secrets, headers and bodies are not in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It never left: the server has not seen it.
    #[error("{host} can't be reached: {reason}")]
    NotSent {
        /// Host and port.
        host: String,
        /// What was in the way.
        reason: Unreached,
    },
    /// It may have been carried out, nobody knows.
    #[error("{host} {reason}{}", doubt(*method))]
    OutcomeUnknown {
        /// Host and port.
        host: String,
        /// What was asked for: who only reads has nothing to doubt.
        method: Method,
        /// What happened to the answer.
        reason: Lost,
    },
    /// The server sends us elsewhere; credentials are not carried along.
    #[error(
        "{host} answers with a redirect to {}, which is not followed",
        place(to)
    )]
    Redirected {
        /// Host and port.
        host: String,
        /// Where to, whole: shown is its beginning.
        to: String,
        /// What this says of the address that is configured.
        moved: Option<Box<Moved>>,
    },
    /// More bytes than anyone needs.
    #[error("the answer of {host} is larger than {limit} bytes")]
    AnswerTooLarge {
        /// Host and port.
        host: String,
        /// The limit.
        limit: u64,
    },
    /// The request can't be written down.
    #[error("`{url}` can't be called: {reason}")]
    Unwritable {
        /// The address.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// What keeps a request from leaving.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreached {
    /// Nobody listens there.
    ConnectionRefused,
    /// The name is unknown.
    UnknownHost,
    /// No connection in time.
    TimedOut,
    /// TLS: an unknown issuer, another name, an old protocol.
    Tls(TlsFault),
    /// The proxy would not connect.
    Proxy(String),
    /// The caller's deadline came first.
    Deadline,
    /// Anything else, in the system's words.
    Other(String),
}

impl fmt::Display for Unreached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ConnectionRefused => f.write_str("nobody listens there"),
            Self::UnknownHost => f.write_str("its name is not known"),
            Self::TimedOut => f.write_str("no connection in time"),
            Self::Tls(reason) => write!(f, "TLS failed: {reason}"),
            Self::Proxy(reason) => write!(f, "the proxy makes no connection: {reason}"),
            Self::Deadline => f.write_str("the deadline came first"),
            Self::Other(reason) => f.write_str(reason),
        }
    }
}

fn place(to: &str) -> String {
    match to {
        "" => "no place at all".to_owned(),
        to => format!("`{}`", one_line(to, 200)),
    }
}

fn doubt(method: Method) -> &'static str {
    match method {
        Method::Get => "",
        _ => ", so that it may or may not have done it",
    }
}

impl Failure {
    /// The same where a server's text has gone through `hide`: the address that it sends us to may
    /// repeat what it was sent in secret. Not for the shown text, which is cut: half a secret is left.
    #[must_use]
    pub fn hiding(self, hide: impl Fn(&str) -> String) -> Self {
        match self {
            Self::Redirected { host, to, moved } => Self::Redirected {
                host,
                to: hide(&to),
                moved: moved.map(|moved| {
                    let [from, to] = [moved.from, moved.to].map(|address| hide(&address));
                    Box::new(Moved { from, to })
                }),
            },
            failure => failure,
        }
    }

    /// What it means for what was asked.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::NotSent { .. } | Self::OutcomeUnknown { .. } | Self::AnswerTooLarge { .. } => {
                Outcome::Retry { after: None }
            }
            Self::Redirected { .. } | Self::Unwritable { .. } => Outcome::Blocked,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Option<String> {
        let advice = match self {
            Self::NotSent { host, reason } => match reason {
                Unreached::ConnectionRefused => {
                    format!("check the address, and that the server behind {host} is up")
                }
                Unreached::UnknownHost => "check the address for a slip of the pen, and the name \
                                           server of this machine"
                    .to_owned(),
                Unreached::TimedOut => "check the address, the firewall, and whether a proxy has \
                                        to be named in `https_proxy`"
                    .to_owned(),
                Unreached::Tls(fault) => fault.advice().to_owned(),
                Unreached::Proxy(_) => {
                    "check `https_proxy`, or name the host in `no_proxy`".to_owned()
                }
                Unreached::Deadline | Unreached::Other(_) => return None,
            },
            Self::Redirected {
                moved: Some(moved), ..
            } => format!(
                "if that is right, begin the address in the configuration with `{}`, in place of \
                 `{}`",
                moved.to, moved.from
            ),
            Self::Redirected { .. } => "configure the address at which the system itself answers: \
                                        a sign-in page, or another server, stands before it"
                .to_owned(),
            Self::Unwritable { .. } => "write the address as https://HOST[:PORT][/PATH]".to_owned(),
            Self::OutcomeUnknown {
                reason: Lost::NotHttp(_),
                ..
            } => "correct the port in the address, or write https:// where the server speaks TLS"
                .to_owned(),
            Self::OutcomeUnknown { .. } | Self::AnswerTooLarge { .. } => return None,
        };
        Some(advice)
    }
}

impl miette::Diagnostic for Failure {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.advice()
            .map(|advice| Box::new(advice) as Box<dyn fmt::Display>)
    }
}

/// Settings that no client can be made of.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum SetupError {
    /// The CA file can't be read.
    #[error("the CA file `{path}` can't be read: {source}")]
    #[diagnostic(help("check `ca_file` and who may read that file"))]
    UnreadableCa {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There is no certificate in the CA file.
    #[error("the CA file `{path}` holds no certificate")]
    #[diagnostic(help(
        "it must hold one or more `-----BEGIN CERTIFICATE-----` blocks; `openssl x509 -inform DER \
         -in FILE -out FILE.pem` makes one of a DER file"
    ))]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// A proxy variable can't be understood.
    #[error("the proxy in `{variable}` is no address")]
    #[diagnostic(help("write it as http://HOST:PORT"))]
    BadProxy {
        /// The environment variable.
        variable: &'static str,
    },
}
