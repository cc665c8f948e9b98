//! The SSH key that Algorithmia clones the repository with: it takes one unencrypted RSA key in
//! PKCS#1 PEM form and nothing else, and says little about what is wrong with another.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use pkcs1::RsaPrivateKeyRef;
use pkcs1::der::Decode;
use pkcs1::der::asn1::OctetStringRef;

use crate::http::Secret;
use crate::rsa_key::{RSA_ENCRYPTION, bits};
use crate::shell_text::shell_path;

use super::ssh_key_fault::{FEWEST_BITS, SshKeyError, SshKeyFault};

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// Other algorithms as they stand in a DER file (RFC 3279, RFC 5480, RFC 8410).
const OTHER_ALGORITHMS: [(&[u8], &str); 3] = [
    (&[0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01], "DSA"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01], "ECDSA"),
    (&[0x2b, 0x65, 0x70], "Ed25519"),
];

/// A key that Algorithmia can use.
#[derive(Clone, Debug)]
pub struct SshKey {
    text: Secret,
    loose: Option<LooseKeyFile>,
}

/// A key file that others may read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("others may read the SSH key `{path}` (mode {mode:04o}); run `chmod 600 {quoted}`", path = path.display(), quoted = shell_path(path))]
pub struct LooseKeyFile {
    /// The file.
    pub path: PathBuf,
    /// Its mode.
    pub mode: u32,
}

impl SshKey {
    /// Reads a key file and brings the key into the form that Algorithmia takes.
    ///
    /// # Errors
    /// What is wrong with the file, with the command that mends it.
    pub fn read(path: &Path) -> Result<Self, SshKeyError> {
        let wrong = |fault| SshKeyError {
            path: path.to_owned(),
            fault,
        };
        let bytes = std::fs::read(path).map_err(|error| {
            wrong(match error.kind() {
                io::ErrorKind::NotFound => SshKeyFault::Missing,
                _ => SshKeyFault::Unreadable(error.to_string()),
            })
        })?;
        let text = normalised(&bytes).map_err(wrong)?;
        let mode = std::fs::metadata(path).map_or(0, |metadata| metadata.permissions().mode());
        let loose = (mode & 0o077 != 0).then(|| LooseKeyFile {
            path: path.to_owned(),
            mode: mode & 0o7777,
        });
        Ok(Self { text, loose })
    }

    /// The key as it is sent: `\n` ends each line, also the last.
    pub(super) fn text(&self) -> &Secret {
        &self.text
    }

    /// Says so where others may read the file.
    #[must_use]
    pub fn warning(&self) -> Option<&LooseKeyFile> {
        self.loose.as_ref()
    }
}

/// The one key of a file, its lines without blanks and carriage returns.
fn normalised(bytes: &[u8]) -> Result<Secret, SshKeyFault> {
    let text = std::str::from_utf8(bytes).map_err(|_| SshKeyFault::NoKey)?;
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err(SshKeyFault::Empty);
    }
    if text.starts_with('{') && text.contains("\"sshPrivateKey\"") {
        return Err(SshKeyFault::Request);
    }
    if text.contains("\\n") && text.contains(BEGIN) {
        return Err(SshKeyFault::LiteralNewlines);
    }
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let begins = lines.iter().filter(|line| line.starts_with(BEGIN)).count();
    let nested = lines
        .windows(2)
        .any(|pair| pair.iter().all(|line| line.starts_with(BEGIN)));
    match begins {
        0 => return Err(without_markers(text)),
        1 => {}
        _ if nested => return Err(SshKeyFault::DoublyWrapped),
        count => return Err(SshKeyFault::SeveralKeys(count)),
    }
    // Text around the key, such as a comment, is no part of it.
    let first = lines.iter().position(|line| line.starts_with(BEGIN));
    let last = lines.iter().position(|line| line.starts_with(END));
    let block = match (first, last) {
        (Some(first), Some(last)) if first < last => &lines[first..=last],
        _ => return Err(SshKeyFault::NoKey),
    };
    let tag = block[0]
        .strip_prefix(BEGIN)
        .and_then(|rest| rest.strip_suffix(DASHES))
        .ok_or(SshKeyFault::NoKey)?;
    if tag == "RSA PRIVATE KEY" && block.iter().any(|line| line.starts_with("Proc-Type:")) {
        return Err(SshKeyFault::EncryptedPkcs1);
    }
    let mut text = block.join("\n");
    text.push('\n');
    judge(tag, &text)?;
    Ok(Secret::new(text))
}

/// Files without BEGIN that people take for a private key.
fn without_markers(text: &str) -> SshKeyFault {
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| text.starts_with(prefix));
    if starts(&["ssh-", "ecdsa-", "sk-", "---- BEGIN SSH2 PUBLIC"]) {
        SshKeyFault::Public
    } else if starts(&["PuTTY-User-Key-File"]) {
        SshKeyFault::Putty
    } else {
        SshKeyFault::NoKey
    }
}

fn judge(tag: &str, text: &str) -> Result<(), SshKeyFault> {
    let der = || pem::parse(text).map(pem::Pem::into_contents);
    match tag {
        "RSA PRIVATE KEY" => {
            let der = der().map_err(|_| SshKeyFault::NoKey)?;
            let key = RsaPrivateKeyRef::try_from(der.as_slice()).map_err(|_| SshKeyFault::NoKey)?;
            let bits = bits(key.modulus.as_bytes());
            if bits < FEWEST_BITS {
                return Err(SshKeyFault::TooShort(bits));
            }
            Ok(())
        }
        "OPENSSH PRIVATE KEY" => Err(openssh(&der().map_err(|_| SshKeyFault::NoKey)?)),
        "PRIVATE KEY" => Err(pkcs8(&der().map_err(|_| SshKeyFault::NoKey)?)),
        "ENCRYPTED PRIVATE KEY" => Err(SshKeyFault::EncryptedPkcs8),
        "DSA PRIVATE KEY" => Err(SshKeyFault::NotRsa("DSA".to_owned())),
        "EC PRIVATE KEY" => Err(SshKeyFault::NotRsa("ECDSA".to_owned())),
        tag if tag.ends_with("PUBLIC KEY") => Err(SshKeyFault::Public),
        _ => Err(SshKeyFault::NoKey),
    }
}

/// What a key in PKCS#8 form is: the algorithm, and how long an RSA key is.
fn pkcs8(der: &[u8]) -> SshKeyFault {
    let Some(at) = memchr::memmem::find(der, RSA_ENCRYPTION) else {
        let known = OTHER_ALGORITHMS.iter().find(|(id, _)| {
            // The id is in the first few bytes; further on its bytes may stand by chance.
            memchr::memmem::find(&der[..der.len().min(32)], id).is_some()
        });
        return SshKeyFault::NotRsa(
            known
                .map_or("another algorithm", |(_, name)| name)
                .to_owned(),
        );
    };
    // The algorithm's parameters are NULL; the key is an octet string after them.
    let key = der
        .get(at + RSA_ENCRYPTION.len()..)
        .and_then(|rest| rest.strip_prefix(&[0x05, 0x00]))
        .and_then(|rest| <&OctetStringRef>::from_der(rest).ok());
    match key.and_then(|key| RsaPrivateKeyRef::try_from(key.as_bytes()).ok()) {
        Some(key) if bits(key.modulus.as_bytes()) < FEWEST_BITS => {
            SshKeyFault::TooShort(bits(key.modulus.as_bytes()))
        }
        _ => SshKeyFault::Pkcs8,
    }
}

/// What a key in OpenSSH's form (`PROTOCOL.key`) is: its cipher, and the type and length of its
/// public half, which is never encrypted.
fn openssh(bytes: &[u8]) -> SshKeyFault {
    let Some(mut rest) = bytes.strip_prefix(b"openssh-key-v1\0") else {
        return SshKeyFault::NoKey;
    };
    let cipher = string(&mut rest);
    let _key_derivation = (string(&mut rest), string(&mut rest));
    let _how_many = rest.split_off(..4);
    let Some(mut public) = string(&mut rest) else {
        return SshKeyFault::NoKey;
    };
    let kind = string(&mut public);
    match (cipher, kind) {
        (Some(cipher), Some(b"ssh-rsa")) => {
            let _exponent = string(&mut public);
            let modulus = string(&mut public).unwrap_or_default();
            // A leading zero keeps the number positive.
            let modulus = modulus.strip_prefix(&[0]).unwrap_or(modulus);
            match bits(modulus) {
                short @ 1..FEWEST_BITS => SshKeyFault::TooShort(short),
                _ => SshKeyFault::OpenSsh {
                    encrypted: cipher != b"none",
                },
            }
        }
        (_, Some(kind)) => SshKeyFault::NotRsa(match kind {
            b"ssh-dss" => "DSA".to_owned(),
            b"ssh-ed25519" => "Ed25519".to_owned(),
            kind if kind.starts_with(b"ecdsa-") => "ECDSA".to_owned(),
            kind => crate::visible::one_line(&String::from_utf8_lossy(kind), 40),
        }),
        _ => SshKeyFault::NoKey,
    }
}

/// Takes one length-prefixed string off.
fn string<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = rest.split_off(..4)?;
    let length = u32::from_be_bytes(length.try_into().ok()?);
    rest.split_off(..usize::try_from(length).ok()?)
}
