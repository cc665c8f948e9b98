//! The section `serve`: the webhook receiver and its page.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use serde::Deserialize;

use super::value;

/// `pushgate serve`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Serve {
    /// The address to listen on. TLS is a reverse proxy's part.
    #[serde(deserialize_with = "value::text")]
    #[cfg_attr(
        test,
        serde(serialize_with = "super::reference::text"),
        schemars(with = "String")
    )]
    pub listen: ListenAddress,
    /// How people reach the page, for links that are shown at Bitbucket.
    #[serde(deserialize_with = "value::optional_text")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub public_url: Option<PublicUrl>,
    /// A file with the secret that Bitbucket signs webhooks with; `WEBHOOK_SECRET` has precedence.
    pub secret_file: Option<PathBuf>,
    /// A file with the token that people log in with to act; without one the page is to look at only.
    pub token_file: Option<PathBuf>,
    /// Whether what waits in the outbox is delivered by this process too.
    pub deliver: bool,
    /// What one sender, and all of them, may take up.
    #[serde(deserialize_with = "value::null_is_default")]
    pub limits: ServeLimits,
}

impl Default for Serve {
    fn default() -> Self {
        Self {
            listen: ListenAddress(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8470)),
            public_url: None,
            secret_file: None,
            token_file: None,
            deliver: true,
            limits: ServeLimits::default(),
        }
    }
}

/// What senders may take up.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ServeLimits {
    /// Bytes of a webhook's body.
    pub body_bytes: usize,
    /// How long a sender may take for a request's head, and again for its body.
    #[serde(deserialize_with = "value::duration")]
    #[cfg_attr(
        test,
        serde(serialize_with = "super::reference::duration"),
        schemars(with = "super::reference::Friendly")
    )]
    pub read_timeout: Duration,
    /// Rightly signed webhooks a minute.
    pub per_minute: u32,
    /// Connections at once.
    pub connections: usize,
    /// Pushes that wait to be checked.
    pub waiting: usize,
    /// How long a webhook is known again.
    #[serde(deserialize_with = "value::duration")]
    #[cfg_attr(
        test,
        serde(serialize_with = "super::reference::duration"),
        schemars(with = "super::reference::Friendly")
    )]
    pub replay_window: Duration,
}

impl Default for ServeLimits {
    fn default() -> Self {
        Self {
            body_bytes: 1024 * 1024,
            read_timeout: Duration::from_secs(10),
            per_minute: 3000,
            connections: 256,
            waiting: 10_000,
            replay_window: Duration::from_secs(24 * 60 * 60),
        }
    }
}

/// An address and port of this machine; port 0 is any free one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListenAddress(pub SocketAddr);

impl FromStr for ListenAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self).map_err(|_| {
            format!(
                "`{}` is no address to listen on: write it like `127.0.0.1:8470` or `[::]:8470`",
                text.escape_debug()
            )
        })
    }
}

/// Where people reach the page: `http://` or `https://`, without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

/// The longest one: Bitbucket takes 450 characters of a build status's link.
const LONGEST_URL: usize = 300;

impl PublicUrl {
    /// The address of a path below it; the path begins with a slash.
    #[must_use]
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// Whether browsers reach it by TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// Scheme, host and port, as a browser names where a form comes from.
    #[must_use]
    pub fn origin(&self) -> &str {
        let after_scheme = self.0.find("://").map_or(0, |at| at + 3);
        self.0[after_scheme..]
            .find('/')
            .map_or(self.0.as_str(), |end| &self.0[..after_scheme + end])
    }

    /// The path below which the page lies, without a slash at its end; mostly empty.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0[self.origin().len()..]
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| {
            Err(format!(
                "`{}` {why}: write it like `https://pushgate.example.com`",
                text.escape_debug()
            ))
        };
        let url = text.trim_end_matches('/');
        let Ok(uri) = url.parse::<ureq::http::Uri>() else {
            return wrong("is no address");
        };
        if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.query().is_some() {
            return wrong("is no address of a page");
        }
        if uri
            .authority()
            .is_none_or(|host| host.as_str().contains('@'))
        {
            return wrong("names a user");
        }
        if url.len() > LONGEST_URL {
            return wrong("is longer than Bitbucket takes");
        }
        Ok(Self(url.to_owned()))
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_address_is_taken_apart() {
        let url: PublicUrl = "https://gate.example.com:8443/push/".parse().unwrap();
        assert_eq!(url.origin(), "https://gate.example.com:8443");
        assert_eq!(url.path(), "/push");
        assert_eq!(url.join("/x"), "https://gate.example.com:8443/push/x");
        assert!(url.is_https());
        let url: PublicUrl = "http://gate".parse().unwrap();
        assert_eq!((url.origin(), url.path()), ("http://gate", ""));
        for bad in [
            "gate",
            "ftp://gate",
            "https://a:b@gate",
            "https://gate?x",
            "",
            "https://g te",
        ] {
            assert!(bad.parse::<PublicUrl>().is_err(), "{bad}");
        }
    }
}
