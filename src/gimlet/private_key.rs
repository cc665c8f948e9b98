//! The private key with which Gimlet signs people's log-in at Bitbucket (OAuth 1.0a, RSA-SHA1).
//!
//! Gimlet's page shows a PKCS#1 key, `-----BEGIN RSA PRIVATE KEY-----`. OpenSSL 3 writes PKCS#8 unless it is
//! told `-traditional`; whether Gimlet reads that is documented nowhere.

use crate::rsa_key::RsaKey;

const BEGIN: &str = "-----BEGIN ";
const PKCS1: &str = "RSA PRIVATE KEY";

/// What keeps a key from being used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum KeyFault {
    /// Its lines end with the two characters `\n`.
    LiteralNewlines,
    /// All in one line, blanks where its lines should end.
    OneLine,
    /// It begins and does not end.
    Cut,
    /// It has a passphrase.
    Encrypted,
    /// RSA or not, in PKCS#8.
    Pkcs8,
    /// In OpenSSH's own form.
    OpenSsh,
    /// Of another algorithm.
    NotRsa(&'static str),
    /// The public half.
    Public,
    /// A certificate.
    Certificate,
    /// More than one.
    Several,
    /// Something else.
    NoKey,
}

/// Whether a value is meant as the text of a key.
pub(super) fn looks_like_key(text: &str) -> bool {
    text.contains("-----BEGIN") || text.contains("PRIVATE KEY-----")
}

/// How many bits the key has.
///
/// # Errors
/// What is wrong with it.
pub(super) fn bits(text: &str) -> Result<usize, KeyFault> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.contains("\\n") {
        return Err(KeyFault::LiteralNewlines);
    }
    match text.matches(BEGIN).count() {
        0 => return Err(KeyFault::NoKey),
        1 => {}
        _ => return Err(KeyFault::Several),
    }
    let tag = text
        .split(BEGIN)
        .nth(1)
        .and_then(|rest| rest.split("-----").next())
        .unwrap_or_default();
    if !text.contains("-----END ") {
        return Err(KeyFault::Cut);
    }
    if text.lines().count() == 1 {
        return Err(KeyFault::OneLine);
    }
    if text.contains("Proc-Type:") || tag == "ENCRYPTED PRIVATE KEY" {
        return Err(KeyFault::Encrypted);
    }
    match tag {
        PKCS1 => {}
        "PRIVATE KEY" => return Err(KeyFault::Pkcs8),
        "OPENSSH PRIVATE KEY" => return Err(KeyFault::OpenSsh),
        "EC PRIVATE KEY" => return Err(KeyFault::NotRsa("an elliptic curve")),
        "DSA PRIVATE KEY" => return Err(KeyFault::NotRsa("DSA")),
        "CERTIFICATE" => return Err(KeyFault::Certificate),
        tag if tag.ends_with("PUBLIC KEY") => return Err(KeyFault::Public),
        _ => return Err(KeyFault::NoKey),
    }
    RsaKey::parse(text)
        .map(|key| key.bits())
        .map_err(|_| KeyFault::NoKey)
}

impl KeyFault {
    /// What is wrong, as the end of a sentence that begins with the key.
    pub(super) fn words(&self) -> String {
        match self {
            Self::LiteralNewlines => {
                "has the two characters `\\n` where its lines should end".to_owned()
            }
            Self::OneLine => "stands in one line: its line breaks are lost".to_owned(),
            Self::Cut => "begins and does not end".to_owned(),
            Self::Encrypted => "has a passphrase, which Gimlet can't be given".to_owned(),
            Self::Pkcs8 => {
                "is in PKCS#8 form, and Gimlet's page asks for `BEGIN RSA PRIVATE KEY`".to_owned()
            }
            Self::OpenSsh => "is in OpenSSH's form, and OAuth takes PEM only".to_owned(),
            Self::NotRsa(kind) => format!("is one of {kind}, and OAuth 1.0a signs with RSA"),
            Self::Public => "is the public half".to_owned(),
            Self::Certificate => "is a certificate".to_owned(),
            Self::Several => "stands beside another one".to_owned(),
            Self::NoKey => "is no RSA private key, or a damaged one".to_owned(),
        }
    }
}
