//! The key pair of the application link between Gimlet and Bitbucket (facts: gimlet.md §5).

use std::path::{Path, PathBuf};

use super::{Diagnosis, Item, Subject};
use crate::environment::{BITBUCKET_SERVER_PRIVATE_KEY, BITBUCKET_SERVER_SKIP_VERIFY, HOST};
use crate::io_reason::io_reason;
use crate::rsa_key::{NoRsaKey, RsaKey, RsaKeyForm};

/// The private key is an RSA key of a safe length, and the public one is its other half.
pub(super) const KEY_PAIR: Item = Item {
    id: "gimlet.key_pair",
    title: "the application link's key pair is a safe RSA key",
    needs: &[],
    look: key_pair,
};

/// Gimlet's address of itself is one.
pub(super) const ADDRESS: Item = Item {
    id: "gimlet.address",
    title: "Gimlet's own address can be called",
    needs: &[],
    look: address,
};

/// A shorter key is broken with little effort.
const SHORTEST: usize = 1024;
/// What is advised today.
const SAFE: usize = 2048;

/// Where a private key is.
enum Origin {
    /// The variable holds its text, as the vendor's example has it.
    Text,
    /// The variable names its file, as the vendor's chart has it.
    File(PathBuf),
}

fn key_pair(subject: &Subject) -> Diagnosis {
    let Some(value) = subject.environment.get(BITBUCKET_SERVER_PRIVATE_KEY) else {
        return Diagnosis::skipped(
            "no application link is set up here",
            format!(
                "for Gimlet set {BITBUCKET_SERVER_PRIVATE_KEY} to the private key's file or text"
            ),
        );
    };
    let (origin, text) = if value.contains("-----BEGIN") {
        // Variables that went through YAML or a shell may hold `\n` as two characters.
        (Origin::Text, value.replace("\\n", "\n"))
    } else {
        match std::fs::read_to_string(value) {
            Ok(text) => (Origin::File(value.into()), text),
            Err(error) => {
                return Diagnosis::failed(
                    format!(
                        "{BITBUCKET_SERVER_PRIVATE_KEY} names `{value}`: {}",
                        io_reason(&error)
                    ),
                    "correct the path, or let this user read the file",
                );
            }
        }
    };
    let place = match &origin {
        Origin::Text => format!("the text of {BITBUCKET_SERVER_PRIVATE_KEY}"),
        Origin::File(path) => format!("`{}`", path.display()),
    };
    match RsaKey::parse(&text) {
        Err(fault) => unusable(fault, &place),
        Ok(key) if key.form() == RsaKeyForm::Public => Diagnosis::failed(
            format!("{place} is the public half of a key pair"),
            format!(
                "name the private half in {BITBUCKET_SERVER_PRIVATE_KEY}; the public one goes into the application link"
            ),
        ),
        Ok(key) => {
            let public = match &origin {
                Origin::Text => None,
                Origin::File(path) => public_half(path),
            };
            judged(&key, &place, public.as_ref())
        }
    }
}

fn unusable(fault: NoRsaKey, place: &str) -> Diagnosis {
    let remedy = match fault {
        NoRsaKey::Encrypted => {
            "take the passphrase off: `openssl rsa -traditional -in OLD -out bitbucket.pem`"
        }
        NoRsaKey::OpenSsh => {
            "write it as PEM: `ssh-keygen -p -m PEM -P '' -N '' -f FILE`, on a copy"
        }
        NoRsaKey::NotRsa | NoRsaKey::Damaged => make_one(),
    };
    Diagnosis::failed(format!("{place} can't be used: {fault}"), remedy)
}

fn make_one() -> &'static str {
    "make a pair with `openssl genrsa -traditional -out bitbucket.pem 2048` and `openssl rsa -in bitbucket.pem -pubout -out bitbucket.pub`, and put the public half into the application link"
}

fn judged(key: &RsaKey, place: &str, public: Option<&(PathBuf, RsaKey)>) -> Diagnosis {
    let bits = key.bits();
    if bits < SHORTEST {
        return Diagnosis::failed(
            format!("{place} has {bits} bits, which is broken"),
            make_one(),
        );
    }
    if let Some((path, other)) = public
        && !key.is_pair_of(other)
    {
        return Diagnosis::failed(
            format!("`{}` is not the public half of {place}", path.display()),
            "run `openssl rsa -in bitbucket.pem -pubout -out bitbucket.pub` and put its text into the application link's incoming authentication",
        );
    }
    if bits < SAFE {
        return Diagnosis::warning(
            format!("{place} has {bits} bits; fewer than {SAFE} are weak"),
            make_one(),
        );
    }
    if key.form() == RsaKeyForm::Pkcs8 {
        return Diagnosis::warning(
            format!("{place} is in PKCS#8 form (`BEGIN PRIVATE KEY`), which Gimlet may not read"),
            "write it as PKCS#1: `openssl rsa -traditional -in OLD -out bitbucket.pem`",
        );
    }
    let pair = match public {
        Some((path, _)) => format!(", and `{}` is its public half", path.display()),
        None => String::new(),
    };
    Diagnosis::ok(format!("{place} is an RSA key of {bits} bits{pair}"))
}

/// The public half that lies beside the private one: `bitbucket.pub`, or `bitbucket.pem.pub`.
fn public_half(private: &Path) -> Option<(PathBuf, RsaKey)> {
    let mut appended = private.as_os_str().to_owned();
    appended.push(".pub");
    let candidates = [private.with_extension("pub"), PathBuf::from(appended)];
    candidates.into_iter().find_map(|path| {
        let key = RsaKey::parse(&std::fs::read_to_string(&path).ok()?).ok()?;
        Some((path, key))
    })
}

fn address(subject: &Subject) -> Diagnosis {
    let variables = &subject.environment;
    let Some(host) = variables.get(HOST).filter(|_| is_gimlet(subject)) else {
        return Diagnosis::skipped(
            "no application link is set up here",
            format!("for Gimlet set {HOST} to its own address, https://gimlet.example.com"),
        );
    };
    if crate::http::api_root(host).is_none() {
        return Diagnosis::failed(
            format!(
                "{HOST} is `{}`, which is no address",
                crate::http::without_credentials(host)
            ),
            "write it as https://gimlet.example.com: webhooks and the login go there",
        );
    }
    if variables.is_true(BITBUCKET_SERVER_SKIP_VERIFY) {
        return Diagnosis::warning(
            format!(
                "{BITBUCKET_SERVER_SKIP_VERIFY} is true: anybody between Gimlet and Bitbucket can read the token"
            ),
            "unset it, and give Gimlet the certificate of Bitbucket's authority",
        );
    }
    Diagnosis::ok(format!(
        "webhooks go to {}/hook",
        host.trim_end_matches('/')
    ))
}

/// Whether this is Gimlet's environment: `HOST` alone is set by many shells.
pub(super) fn is_gimlet(subject: &Subject) -> bool {
    [
        BITBUCKET_SERVER_PRIVATE_KEY,
        crate::environment::BITBUCKET_SERVER_CONSUMER_KEY,
        crate::environment::BITBUCKET_SERVER_CONSUMER_SECRET,
    ]
    .iter()
    .any(|name| subject.environment.get(name).is_some())
}
