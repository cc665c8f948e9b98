//! The SSH key that Algorithmia clones the repository with: it takes one unencrypted RSA key in
//! PKCS#1 PEM form and nothing else, and says little about what is wrong with another.

use std::fmt;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use pkcs1::RsaPrivateKeyRef;

use crate::http::Secret;
use crate::rsa_key::{RSA_ENCRYPTION, bits};

/// A shorter key is refused nearly everywhere.
const FEWEST_BITS: usize = 2048;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// A key that Algorithmia can use.
#[derive(Clone, Debug)]
pub struct SshKey {
    text: Secret,
    loose: Option<LooseKeyFile>,
}

/// A key file that others may read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("others may read the SSH key `{path}` (mode {mode:04o}); run `chmod 600 {quoted}`", path = path.display(), quoted = quoted(path))]
pub struct LooseKeyFile {
    /// The file.
    pub path: PathBuf,
    /// Its mode.
    pub mode: u32,
}

/// A key file that is of no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the SSH key `{path}` can't be used: {fault}", path = path.display())]
pub struct SshKeyError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub fault: SshKeyFault,
}

/// What is wrong with a key file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SshKeyFault {
    /// There is no such file.
    Missing,
    /// It can't be read.
    Unreadable(String),
    /// There is nothing in it.
    Empty,
    /// It holds `\n` as two characters where lines should end.
    LiteralNewlines,
    /// BEGIN and END stand around it twice.
    DoublyWrapped,
    /// There is more than one key in it.
    SeveralKeys(usize),
    /// A public key.
    Public,
    /// OpenSSH's own form.
    OpenSsh {
        /// Whether it has a passphrase.
        encrypted: bool,
    },
    /// PKCS#8, not encrypted.
    Pkcs8,
    /// PKCS#8 with a passphrase.
    EncryptedPkcs8,
    /// The right form, but with a passphrase.
    EncryptedPkcs1,
    /// A key of another algorithm than RSA.
    NotRsa(String),
    /// PuTTY's form.
    Putty,
    /// Too short to be safe.
    TooShort(usize),
    /// Something else, or damaged.
    NoKey,
}

impl fmt::Display for SshKeyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("there is no such file"),
            Self::Unreadable(reason) => f.write_str(reason),
            Self::Empty => f.write_str("the file is empty"),
            Self::LiteralNewlines => {
                f.write_str("it holds the two characters `\\n` where its lines should end")
            }
            Self::DoublyWrapped => f.write_str("BEGIN and END stand around it twice"),
            Self::SeveralKeys(count) => write!(f, "there are {count} keys in it"),
            Self::Public => f.write_str("it is a public key"),
            Self::OpenSsh { encrypted: false } => {
                f.write_str("it is in OpenSSH's form, and Algorithmia takes PKCS#1 PEM only")
            }
            Self::OpenSsh { encrypted: true } => f.write_str(
                "it is in OpenSSH's form with a passphrase, and Algorithmia takes unencrypted \
                 PKCS#1 PEM only",
            ),
            Self::Pkcs8 => {
                f.write_str("it is in PKCS#8 form, and Algorithmia takes PKCS#1 PEM only")
            }
            Self::EncryptedPkcs8 => f.write_str(
                "it is in PKCS#8 form with a passphrase, and Algorithmia takes unencrypted PKCS#1 \
                 PEM only",
            ),
            Self::EncryptedPkcs1 => {
                f.write_str("it has a passphrase, which Algorithmia can't be given")
            }
            Self::NotRsa(kind) => {
                write!(f, "it is a key of {kind}, and Algorithmia takes RSA only")
            }
            Self::Putty => f.write_str("it is in PuTTY's form"),
            Self::TooShort(bits) => {
                write!(
                    f,
                    "it has {bits} bits, and fewer than {FEWEST_BITS} are not safe"
                )
            }
            Self::NoKey => f.write_str("it is no RSA private key, or a damaged one"),
        }
    }
}

impl SshKeyError {
    /// What to do about it: the command to run.
    #[must_use]
    pub fn advice(&self) -> String {
        let path = quoted(&self.path);
        match &self.fault {
            SshKeyFault::Missing
            | SshKeyFault::Empty
            | SshKeyFault::NoKey
            | SshKeyFault::TooShort(_)
            | SshKeyFault::NotRsa(_) => self.make_one(),
            SshKeyFault::Unreadable(_) => {
                format!("let the user that pushgate runs as read it: `ls -l {path}`")
            }
            SshKeyFault::LiteralNewlines => format!(
                "run `sed -i 's/\\\\n/\\n/g' {path}`; if BEGIN stands there twice afterwards, \
                 pushgate says so"
            ),
            SshKeyFault::DoublyWrapped => {
                format!(
                    "run `uniq {path} {path}.new && chmod 600 {path}.new && mv {path}.new {path}`"
                )
            }
            SshKeyFault::SeveralKeys(_) => format!("leave only the repository's key in {path}"),
            SshKeyFault::Public => match path.strip_suffix(".pub") {
                Some(private) => format!("name the private key in `ssh_key_file`: {private}"),
                None => "name the file of the private key in `ssh_key_file`".to_owned(),
            },
            SshKeyFault::OpenSsh { encrypted: false } | SshKeyFault::Pkcs8 => {
                format!("run `ssh-keygen -p -m PEM -P '' -N '' -f {path}`")
            }
            SshKeyFault::OpenSsh { encrypted: true }
            | SshKeyFault::EncryptedPkcs1
            | SshKeyFault::EncryptedPkcs8 => format!(
                "run `ssh-keygen -p -m PEM -N '' -f {path}`, which asks for the old passphrase"
            ),
            SshKeyFault::Putty => {
                format!(
                    "run `puttygen {path} -O private-openssh -o {path}.new` and name that file in `ssh_key_file`"
                )
            }
        }
    }

    fn make_one(&self) -> String {
        let path = quoted(&self.path);
        let (name, then) = match self.fault {
            SshKeyFault::Missing => (path, ""),
            _ => (format!("{path}.new"), "name that file in `ssh_key_file`, "),
        };
        format!(
            "make one with `ssh-keygen -t rsa -b 4096 -m PEM -N '' -f {name}`, {then}and give its \
             public half read access to the repository"
        )
    }
}

impl miette::Diagnostic for SshKeyError {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.advice()))
    }
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
        "PRIVATE KEY" => Err(match der() {
            Ok(der) if memchr::memmem::find(&der, RSA_ENCRYPTION).is_some() => SshKeyFault::Pkcs8,
            Ok(_) => SshKeyFault::NotRsa("another algorithm".to_owned()),
            Err(_) => SshKeyFault::NoKey,
        }),
        "ENCRYPTED PRIVATE KEY" => Err(SshKeyFault::EncryptedPkcs8),
        "DSA PRIVATE KEY" => Err(SshKeyFault::NotRsa("DSA".to_owned())),
        "EC PRIVATE KEY" => Err(SshKeyFault::NotRsa("ECDSA".to_owned())),
        tag if tag.ends_with("PUBLIC KEY") => Err(SshKeyFault::Public),
        _ => Err(SshKeyFault::NoKey),
    }
}

/// What a key in OpenSSH's form (`PROTOCOL.key`) is: its cipher and the type of its public half.
fn openssh(bytes: &[u8]) -> SshKeyFault {
    let Some(mut rest) = bytes.strip_prefix(b"openssh-key-v1\0") else {
        return SshKeyFault::NoKey;
    };
    let cipher = string(&mut rest);
    let _key_derivation = (string(&mut rest), string(&mut rest));
    let _how_many = rest.split_off(..4);
    let kind = string(&mut rest).and_then(|mut public| string(&mut public));
    match (cipher, kind) {
        (Some(cipher), Some(b"ssh-rsa")) => SshKeyFault::OpenSsh {
            encrypted: cipher != b"none",
        },
        (_, Some(kind)) => {
            SshKeyFault::NotRsa(crate::visible::one_line(&String::from_utf8_lossy(kind), 40))
        }
        _ => SshKeyFault::NoKey,
    }
}

/// Takes one length-prefixed string off.
fn string<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = rest.split_off(..4)?;
    let length = u32::from_be_bytes(length.try_into().ok()?);
    rest.split_off(..usize::try_from(length).ok()?)
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@:,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.into_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}
