//! Why no connection by TLS was made, in our words.

use std::fmt;

use rustls::{CertificateError, Error};

use crate::visible::one_line;

/// What was wrong with a server's TLS. Nothing was sent to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsFault {
    /// Its certificate is signed by nobody whom this machine trusts.
    UnknownIssuer,
    /// Its certificate is another host's.
    OtherName {
        /// Those that it is for, where that is known.
        names: Option<String>,
    },
    /// Its certificate was valid once.
    Expired,
    /// Its certificate will be valid.
    NotYetValid,
    /// Its certificate is one that signs others.
    Authority,
    /// What answers speaks something else.
    NotSpoken,
    /// Anything else, in the library's words.
    Other(String),
}

impl From<&Error> for TlsFault {
    fn from(error: &Error) -> Self {
        match error {
            Error::InvalidCertificate(fault) => match fault {
                // Of an authority that has the name of a trusted one and another key.
                CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                    Self::UnknownIssuer
                }
                CertificateError::NotValidForName => Self::OtherName { names: None },
                CertificateError::NotValidForNameContext { presented, .. } => Self::OtherName {
                    names: listed(presented),
                },
                CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                    Self::Expired
                }
                CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                    Self::NotYetValid
                }
                // The verifier has a type of its own for it.
                CertificateError::Other(other) if other.to_string() == "CaUsedAsEndEntity" => {
                    Self::Authority
                }
                _ => Self::other(&error.to_string()),
            },
            Error::InvalidMessage(_) => Self::NotSpoken,
            error => Self::other(&error.to_string()),
        }
    }
}

impl TlsFault {
    /// A fault that only the library has words for.
    pub(super) fn other(words: &str) -> Self {
        Self::Other(one_line(words, 200))
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::UnknownIssuer => "name the certificate of the issuing authority in `ca_file`",
            Self::OtherName { .. } => {
                "write the address with the host name that the certificate is for"
            }
            Self::Expired => {
                "have the server's certificate renewed; if it is a new one, set this machine's clock"
            }
            Self::NotYetValid => "set this machine's clock, or that of who issued the certificate",
            Self::Authority => {
                "give the server a certificate of its own: one that is no authority's \
                 (`basicConstraints=CA:FALSE`)"
            }
            Self::NotSpoken => {
                "correct the port in the address, or write http:// where the server has no TLS"
            }
            Self::Other(_) => {
                "name the certificate of the issuing authority in `ca_file`, or correct the host \
                 name in the address"
            }
        }
    }
}

impl fmt::Display for TlsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownIssuer => "its certificate is signed by nobody whom pushgate trusts",
            Self::OtherName { names: None } => "its certificate is for another host name",
            Self::OtherName { names: Some(names) } => {
                return write!(f, "its certificate is for {names}, not for this host name");
            }
            Self::Expired => "its certificate has expired",
            Self::NotYetValid => "its certificate is not valid yet",
            Self::Authority => "its certificate is an authority's, which no server may show",
            Self::NotSpoken => "what answers there does not speak TLS",
            Self::Other(words) => return write!(f, "no agreement was reached ({words})"),
        })
    }
}

/// The names in a certificate, of which the library tells the kind: `DnsName("localhost")`.
fn listed(presented: &[String]) -> Option<String> {
    let names = presented.iter().map(|name| {
        let quoted = name.split('"').nth(1);
        format!("`{}`", quoted.unwrap_or(name))
    });
    let names: Vec<String> = names.collect();
    (!names.is_empty()).then(|| one_line(&names.join(", "), 200))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_certificate_has_its_own_advice() {
        for (fault, words, advice) in [
            (
                CertificateError::UnknownIssuer,
                "signed by nobody",
                "`ca_file`",
            ),
            (
                CertificateError::NotValidForName,
                "for another host name",
                "the host name that",
            ),
            (CertificateError::Expired, "has expired", "renewed"),
            (CertificateError::NotValidYet, "is not valid yet", "clock"),
            (
                CertificateError::BadSignature,
                "signed by nobody",
                "`ca_file`",
            ),
            (
                // What the verifier's own error says of itself.
                CertificateError::Other(rustls::OtherError(std::sync::Arc::new(
                    std::io::Error::other("CaUsedAsEndEntity"),
                ))),
                "an authority's",
                "CA:FALSE",
            ),
            (
                CertificateError::Revoked,
                "(invalid peer certificate: Revoked)",
                "`ca_file`",
            ),
        ] {
            let fault = TlsFault::from(&Error::InvalidCertificate(fault));
            assert!(fault.to_string().contains(words), "{fault}");
            assert!(
                fault.advice().contains(advice),
                "{fault}: {}",
                fault.advice()
            );
        }
    }
}
