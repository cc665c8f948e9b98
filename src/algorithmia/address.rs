//! The addresses of a Bitbucket Server, as Algorithmia is told of them.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use ureq::http::Uri;

use crate::http::without_credentials;
use crate::visible::one_line;

/// Text that is not the address that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("`{text}` {fault}")]
#[diagnostic(help("write it as {example}"))]
pub struct NotAnAddress {
    text: String,
    fault: &'static str,
    example: &'static str,
}

/// A web address: `https://HOST[:PORT][/PATH]`. Bitbucket needs a valid certificate (vendor's
/// build-via-API page, prerequisites).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct HttpsAddress(String);

/// Where git is reached by SSH: `ssh://USER@HOST[:PORT]`, without a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct SshAddress(String);

const HTTPS_EXAMPLE: &str = "https://bitbucket.example.com";
const SSH_EXAMPLE: &str = "ssh://git@bitbucket.example.com:7999";

impl FromStr for HttpsAddress {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = |fault| wrong(text, fault, HTTPS_EXAMPLE);
        let parts = Parts::of(text).map_err(wrong)?;
        match parts.scheme {
            "https" => {}
            "http" => return Err(wrong("is not encrypted: Algorithmia asks for https")),
            _ => return Err(wrong("is no https address")),
        }
        if parts.user.is_some() {
            return Err(wrong("holds a user or a password"));
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }
}

impl FromStr for SshAddress {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = |fault| wrong(text, fault, SSH_EXAMPLE);
        let parts = Parts::of(text).map_err(wrong)?;
        if parts.scheme != "ssh" {
            return Err(wrong("is no ssh address"));
        }
        match parts.user {
            None => return Err(wrong("names no user, which is `git` on a Bitbucket Server")),
            Some(user) if user.contains(':') => return Err(wrong("holds a password")),
            Some(_) => {}
        }
        if !matches!(parts.path, "" | "/") {
            return Err(wrong(
                "has a path, and Algorithmia adds the repository's itself",
            ));
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }
}

fn wrong(text: &str, fault: &'static str, example: &'static str) -> NotAnAddress {
    // An SSH user alone is no secret; before the @ of a web address may stand a token.
    let user = text
        .strip_prefix("ssh://")
        .and_then(|rest| rest.split_once('@'))
        .map(|(user, _)| user);
    NotAnAddress {
        text: match user {
            Some(user) if !user.contains(':') => one_line(text, 200),
            _ => without_credentials(text),
        },
        fault,
        example,
    }
}

/// An address taken apart.
struct Parts<'a> {
    scheme: &'a str,
    user: Option<&'a str>,
    path: &'a str,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Result<Self, &'static str> {
        let stray = |c: char| c.is_whitespace() || c.is_control() || !c.is_ascii() || c == '\\';
        if text.contains(stray) {
            return Err("holds characters that no address has");
        }
        let (scheme, rest) = text.split_once("://").ok_or("is no address")?;
        if rest.contains(['?', '#']) {
            return Err("has a query or a fragment");
        }
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, authority),
        };
        // An scp-style colon (`HOST:PROJECT`) is no port.
        let uri: Uri = format!("https://{host}/")
            .parse()
            .map_err(|_| "has no proper host and port")?;
        let has_colon = host
            .rsplit_once(']')
            .map_or(host, |(_, rest)| rest)
            .contains(':');
        let has_host = uri.host().is_some_and(|host| !host.is_empty());
        if !has_host || (has_colon && uri.port_u16().is_none()) {
            return Err("has no proper host and port");
        }
        Ok(Self { scheme, user, path })
    }
}

impl fmt::Display for HttpsAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for SshAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether two texts are the same address: servers keep what they were given, with a slash at its
/// end or without, and nobody minds capitals in a host.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    let plain = |text: &str| {
        let text = text.trim_end_matches('/');
        let end = text.find("://").map_or(0, |at| {
            text[at + 3..]
                .find('/')
                .map_or(text.len(), |path| at + 3 + path)
        });
        let (host, path) = text.split_at(end);
        (host.to_ascii_lowercase(), path.to_owned())
    };
    plain(one) == plain(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_held_against_what_algorithmia_takes() {
        for good in [
            "https://bb.acme.org",
            "https://bb.acme.org:8443/bitbucket",
            "https://[::1]:7",
        ] {
            assert_eq!(good.parse::<HttpsAddress>().unwrap().to_string(), good);
        }
        assert_eq!(
            "https://bb.acme.org/"
                .parse::<HttpsAddress>()
                .unwrap()
                .to_string(),
            "https://bb.acme.org"
        );
        for (bad, words) in [
            ("http://bb.acme.org", "is not encrypted"),
            ("bb.acme.org", "is no address"),
            ("https://", "no proper host"),
            ("https://bb.acme.org:port", "no proper host"),
            ("https://bb.acme.org:99999", "no proper host"),
            ("https://bb acme.org", "characters"),
            ("https://bb.acme.org?x=1", "query"),
            ("https://ada:secret@bb.acme.org", "a user or a password"),
            ("ftp://bb.acme.org", "no https address"),
            ("", "is no address"),
        ] {
            let said = bad.parse::<HttpsAddress>().unwrap_err().to_string();
            assert!(said.contains(words), "{bad}: {said}");
            assert!(!said.contains("secret"), "{said}");
        }
        for good in ["ssh://git@bb.acme.org", "ssh://git@bb.acme.org:7999"] {
            assert_eq!(good.parse::<SshAddress>().unwrap().to_string(), good);
        }
        for (bad, words) in [
            ("ssh://bb.acme.org:7999", "names no user"),
            ("ssh://git@bb.acme.org:PRJ/hello.git", "no proper host"),
            ("ssh://git@bb.acme.org/prj/hello.git", "has a path"),
            ("git@bb.acme.org:prj/hello.git", "is no address"),
            ("ssh://git:pw@bb.acme.org", "a password"),
            ("https://bb.acme.org", "no ssh address"),
        ] {
            let said = bad.parse::<SshAddress>().unwrap_err().to_string();
            assert!(said.contains(words), "{bad}: {said}");
        }
    }

    #[test]
    fn slashes_and_capitals_make_no_other_address() {
        assert!(is_same("https://BB.acme.org/", "https://bb.acme.org"));
        assert!(is_same("https://bb.acme.org/a", "https://bb.acme.org/a/"));
        assert!(!is_same("https://bb.acme.org/a", "https://bb.acme.org/A"));
        assert!(!is_same("https://bb.acme.org", "https://bc.acme.org"));
    }
}
