//! How a connection to PostgreSQL is kept from others' eyes: `sslmode` means what it means to
//! PostgreSQL's own programs.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use rustls_platform_verifier::Verifier;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::outbox::OutboxError;
use crate::visible::one_line;

/// The address' key that says how the server is looked at.
pub(super) const MODE: &str = "sslmode";

/// The address' key that names a file of authorities.
pub(super) const ROOTS: &str = "sslrootcert";

/// What the server has to show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mode {
    /// Nothing: no encryption.
    Disable,
    /// Nothing: encrypted where the server can.
    #[default]
    Prefer,
    /// That it can encrypt; a certificate is only looked at where the address names authorities.
    Require,
    /// A certificate of an authority that is trusted.
    VerifyAuthority,
    /// The same, and made out to the host of the address.
    VerifyFull,
}

impl FromStr for Mode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "disable" => Self::Disable,
            "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-ca" => Self::VerifyAuthority,
            "verify-full" => Self::VerifyFull,
            _ => {
                return Err(format!(
                    "`{MODE}` is one of disable, prefer, require, verify-ca and verify-full"
                ));
            }
        })
    }
}

impl Mode {
    /// The library's word for it, which knows no certificates.
    pub(super) fn for_client(self) -> postgres::config::SslMode {
        match self {
            Self::Disable => postgres::config::SslMode::Disable,
            Self::Prefer => postgres::config::SslMode::Prefer,
            Self::Require | Self::VerifyAuthority | Self::VerifyFull => {
                postgres::config::SslMode::Require
            }
        }
    }
}

/// Which authorities are trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Roots {
    /// The machine's.
    #[default]
    Machine,
    /// Those of the file that is given for all remote systems.
    Configured(PathBuf),
    /// Those of the file that the address itself names.
    Named(PathBuf),
}

/// How the server is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tls {
    pub(super) mode: Mode,
    pub(super) roots: Roots,
}

impl Tls {
    /// What makes the encrypted part of a connection.
    pub(super) fn connector(&self) -> Result<MakeRustlsConnect, OutboxError> {
        let provider = Arc::new(ring::default_provider());
        let verifier: Arc<dyn ServerCertVerifier> = match (self.mode, &self.roots) {
            (Mode::VerifyFull, roots) => trusting(roots, &provider)?,
            (Mode::VerifyAuthority, roots) | (Mode::Require, roots @ Roots::Named(_)) => {
                Arc::new(AnyName(trusting(roots, &provider)?))
            }
            _ => Arc::new(Anybody(Arc::clone(&provider))),
        };
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| failed(&error))?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        Ok(MakeRustlsConnect::new(config))
    }
}

fn trusting(
    roots: &Roots,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, OutboxError> {
    let path = match roots {
        Roots::Machine => {
            let verifier = Verifier::new(Arc::clone(provider)).map_err(|error| failed(&error))?;
            return Ok(Arc::new(verifier));
        }
        Roots::Configured(path) | Roots::Named(path) => path,
    };
    let provider = Arc::clone(provider);
    WebPkiServerVerifier::builder_with_provider(Arc::new(authorities(path)?), provider)
        .build()
        .map(|verifier| verifier as Arc<dyn ServerCertVerifier>)
        .map_err(|error| OutboxError::StoreAuthorities {
            path: path.clone(),
            reason: error.to_string(),
        })
}

fn authorities(path: &Path) -> Result<RootCertStore, OutboxError> {
    let useless = |reason: String| OutboxError::StoreAuthorities {
        path: path.to_owned(),
        reason,
    };
    let mut roots = RootCertStore::empty();
    for certificate in
        CertificateDer::pem_file_iter(path).map_err(|error| useless(error.to_string()))?
    {
        let certificate = certificate.map_err(|error| useless(error.to_string()))?;
        roots
            .add(certificate)
            .map_err(|error| useless(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(useless("it holds no certificate".to_owned()));
    }
    Ok(roots)
}

fn failed(error: &Error) -> OutboxError {
    OutboxError::StoreTls {
        reason: words(error),
    }
}

/// What is wrong with a server's certificate.
pub(super) fn words(error: &Error) -> String {
    let Error::InvalidCertificate(wrong) = error else {
        return one_line(&error.to_string(), 200);
    };
    let known = match wrong {
        CertificateError::UnknownIssuer => "comes from an authority that is not known here",
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "is made out to another host"
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "is not valid yet"
        }
        CertificateError::Revoked => "was revoked",
        _ => return one_line(&error.to_string(), 200),
    };
    format!("the server's certificate {known}")
}

/// Looks at who has signed a certificate, and not for which host.
#[derive(Debug)]
struct AnyName(Arc<dyn ServerCertVerifier>);

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self
            .0
            .verify_server_cert(certificate, between, host, ocsp, now)
        {
            // The name is looked at last: all else was right.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

/// Takes any certificate: the connection is encrypted, with whomever.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _certificate: &CertificateDer<'_>,
        _between: &[CertificateDer<'_>],
        _host: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
