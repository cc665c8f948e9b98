//! What the HTTP library says went wrong, in our words. What it says itself stands in brackets, where
//! there are no others.

use std::fmt;
use std::io::{self, ErrorKind};

use super::failure::Unreached;
use super::tls_fault::TlsFault;
use crate::io_reason::io_reason;
use crate::visible::one_line;

/// Why an answer did not come, or not whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lost {
    /// It took too long.
    TimedOut,
    /// The connection ended before the answer did.
    Closed,
    /// What came is no HTTP, in the library's words.
    NotHttp(String),
    /// Anything else, in the library's or the system's words.
    Other(String),
}

impl Lost {
    pub(super) fn of(error: &ureq::Error) -> Self {
        match error {
            ureq::Error::Timeout(_) => Self::TimedOut,
            ureq::Error::Io(error) => match error.kind() {
                ErrorKind::TimedOut => Self::TimedOut,
                ErrorKind::UnexpectedEof
                | ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::BrokenPipe => Self::Closed,
                _ => Self::Other(one_line(&io_reason(error), 200)),
            },
            ureq::Error::Protocol(error) => Self::NotHttp(one_line(&error.to_string(), 200)),
            error => Self::Other(one_line(&error.to_string(), 200)),
        }
    }
}

impl fmt::Display for Lost {
    /// Behind the name of the host.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut => f.write_str("gave no answer in time"),
            Self::Closed => f.write_str("closed the connection before its answer was whole"),
            Self::NotHttp(words) => write!(f, "answers with what is no HTTP ({words})"),
            Self::Other(words) => write!(f, "gave no answer ({words})"),
        }
    }
}

/// What kept a request from leaving, where that is known to be so.
pub(super) fn unreached(error: &ureq::Error) -> Option<Unreached> {
    Some(match error {
        ureq::Error::HostNotFound => Unreached::UnknownHost,
        ureq::Error::Timeout(ureq::Timeout::Resolve | ureq::Timeout::Connect) => {
            Unreached::TimedOut
        }
        ureq::Error::Tls(words) => Unreached::Tls(TlsFault::other(words)),
        ureq::Error::Rustls(error) => Unreached::Tls(error.into()),
        ureq::Error::ConnectProxyFailed(words) => Unreached::Proxy(one_line(words, 200)),
        ureq::Error::ConnectionFailed => Unreached::Other("no connection is made".to_owned()),
        ureq::Error::Io(error) => match error.kind() {
            ErrorKind::ConnectionRefused => Unreached::ConnectionRefused,
            ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::AddrNotAvailable
            | ErrorKind::PermissionDenied => Unreached::Other(of_system(error)),
            // Certificates are looked at before anything is sent.
            _ => match tls(error)? {
                error @ rustls::Error::InvalidCertificate(_) => Unreached::Tls(error.into()),
                _ => return None,
            },
        },
        _ => return None,
    })
}

/// The same of an error before anything was sent.
pub(super) fn unsent(error: &ureq::Error) -> Unreached {
    if let ureq::Error::Io(error) = error
        && let Some(error) = tls(error)
    {
        return Unreached::Tls(error.into());
    }
    match Lost::of(error) {
        Lost::TimedOut => Unreached::TimedOut,
        Lost::Closed => Unreached::Other("it closes the connection at once".to_owned()),
        Lost::NotHttp(words) => Unreached::Other(format!("what answers is no HTTP ({words})")),
        Lost::Other(words) => Unreached::Other(words),
    }
}

/// What TLS says of an exchange.
fn tls(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

fn of_system(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::HostUnreachable => "no way leads to it".to_owned(),
        ErrorKind::NetworkUnreachable => "no way leads to its network".to_owned(),
        ErrorKind::PermissionDenied => "this machine does not let pushgate connect".to_owned(),
        _ => one_line(&io_reason(error), 200),
    }
}
