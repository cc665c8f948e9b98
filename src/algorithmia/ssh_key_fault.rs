//! What is wrong with a key file, and the command that mends it.

use std::fmt;
use std::path::PathBuf;

use crate::shell_text::shell_path;

/// A shorter key is refused nearly everywhere.
pub(super) const FEWEST_BITS: usize = 2048;

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
    /// It holds `\n` as two characters where lines should end, as the awk line of the vendor's page
    /// writes them.
    LiteralNewlines,
    /// BEGIN and END stand around it twice, as the vendor's template adds them to what has them.
    DoublyWrapped,
    /// The JSON of a whole request, with the key in it.
    Request,
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
            Self::Request => f.write_str("it is the JSON of a whole request, with the key in it"),
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

/// Takes the innermost block of a file: from the last BEGIN to the first END.
const INNERMOST: &str =
    "awk '/-----BEGIN/{k=\"\"} {k=k $0 \"\\n\"} /-----END/{printf \"%s\",k; exit}'";

/// Makes lines of a text in which they end with the two characters `\n`.
const LINES: &str = "sed 's/\\\\n/\\n/g'";

impl SshKeyError {
    /// What to do about it; a command stands in a line of its own, after `$ `.
    #[must_use]
    pub fn advice(&self) -> String {
        let path = shell_path(&self.path);
        match &self.fault {
            SshKeyFault::Missing
            | SshKeyFault::Empty
            | SshKeyFault::NoKey
            | SshKeyFault::TooShort(_)
            | SshKeyFault::NotRsa(_) => self.make_one(),
            SshKeyFault::Unreadable(_) => {
                format!(
                    "let the user that pushgate runs as read it; see who may with\n$ ls -l {path}"
                )
            }
            SshKeyFault::LiteralNewlines => format!(
                "make lines of it, with one BEGIN and one END:\n$ (umask 077; {LINES} {path} | \
                 {INNERMOST} > {path}.new) && mv {path}.new {path}"
            ),
            SshKeyFault::DoublyWrapped => format!(
                "take the outer lines away:\n$ (umask 077; {INNERMOST} {path} > {path}.new) && mv \
                 {path}.new {path}"
            ),
            SshKeyFault::Request => format!(
                "name the key's own file in `ssh_key_file`, or take the key out of this one and name \
                 {path}.pem:\n$ (umask 077; sed -n \
                 's/.*\"sshPrivateKey\": *\"\\([^\"]*\\)\".*/\\1/p' {path} | {LINES} | \
                 {INNERMOST} > {path}.pem)"
            ),
            SshKeyFault::SeveralKeys(_) => format!("leave only the repository's key in {path}"),
            SshKeyFault::Public => match path.strip_suffix(".pub") {
                Some(private) => format!("name the private key in `ssh_key_file`: {private}"),
                None => "name the file of the private key in `ssh_key_file`".to_owned(),
            },
            SshKeyFault::OpenSsh { encrypted: false } | SshKeyFault::Pkcs8 => {
                format!("bring it into that form:\n$ ssh-keygen -p -m PEM -P '' -N '' -f {path}")
            }
            SshKeyFault::OpenSsh { encrypted: true }
            | SshKeyFault::EncryptedPkcs1
            | SshKeyFault::EncryptedPkcs8 => format!(
                "take the passphrase away (it is asked for):\n$ ssh-keygen -p -m PEM -N '' -f {path}"
            ),
            SshKeyFault::Putty => format!(
                "convert it, and name the new file in `ssh_key_file`:\n$ puttygen {path} -O \
                 private-openssh -o {path}.new"
            ),
        }
    }

    fn make_one(&self) -> String {
        let path = shell_path(&self.path);
        let (name, then) = match self.fault {
            SshKeyFault::Missing => (path, ""),
            _ => (
                format!("{path}.new"),
                "name that file in `ssh_key_file` and ",
            ),
        };
        format!(
            "make one:\n$ ssh-keygen -t rsa -b 4096 -m PEM -N '' -f {name}\nthen {then}give its public half, \
             {name}.pub, read access to the repository in Bitbucket"
        )
    }
}

impl miette::Diagnostic for SshKeyError {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.advice()))
    }
}
