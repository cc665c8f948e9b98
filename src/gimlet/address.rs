//! Addresses of servers, as they are written into settings.

/// What is wrong with a text that should be the address of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AddressFault {
    /// It has no `http://` or `https://` in front.
    NoScheme,
    /// No host follows.
    NoHost,
    /// A character that no address has.
    Stray(char),
    /// A name or password before an `@`.
    Credentials,
    /// A query or a fragment.
    Query,
}

/// An address in its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Address<'a> {
    pub(super) scheme: &'a str,
    /// The host's name, without port.
    pub(super) host: &'a str,
    /// Host and port.
    pub(super) authority: &'a str,
    /// What follows, with its first slash.
    pub(super) path: &'a str,
}

impl<'a> Address<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, AddressFault> {
        let stray = |c: &char| c.is_whitespace() || c.is_control() || "\"'`<>{}|\\^".contains(*c);
        if let Some(c) = text.chars().find(stray) {
            return Err(AddressFault::Stray(c));
        }
        let (scheme, rest) = text.split_once("://").ok_or(AddressFault::NoScheme)?;
        if !matches!(scheme, "http" | "https") {
            return Err(AddressFault::NoScheme);
        }
        if rest.contains(['?', '#']) {
            return Err(AddressFault::Query);
        }
        let end = rest.find('/').unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return Err(AddressFault::Credentials);
        }
        let host = match authority.strip_prefix('[') {
            Some(six) => six.split(']').next().unwrap_or_default(),
            None => authority.split(':').next().unwrap_or_default(),
        };
        if host.is_empty() {
            return Err(AddressFault::NoHost);
        }
        Ok(Self {
            scheme,
            host,
            authority,
            path,
        })
    }

    /// Whether only the machine itself reaches it.
    pub(super) fn is_loopback(&self) -> bool {
        matches!(self.host, "localhost" | "::1" | "0.0.0.0") || self.host.starts_with("127.")
    }
}

/// Where in an address the name and password before its `@` stand.
pub(super) fn credentials(text: &str) -> Option<(usize, usize)> {
    let from = text.find("://")? + 3;
    let end = text[from..].find('/').map_or(text.len(), |at| from + at);
    let to = text[from..end].rfind('@')? + from;
    Some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_scheme_host_and_path() {
        let address = Address::parse("https://bitbucket.example.com:7990/scm/").unwrap();
        assert_eq!(address.host, "bitbucket.example.com");
        assert_eq!(address.authority, "bitbucket.example.com:7990");
        assert_eq!(address.path, "/scm/");
        assert!(Address::parse("http://[::1]:8080").unwrap().is_loopback());
        for (text, fault) in [
            ("bitbucket.example.com", AddressFault::NoScheme),
            ("ssh://bitbucket.example.com", AddressFault::NoScheme),
            ("https://", AddressFault::NoHost),
            ("https://:7990", AddressFault::NoHost),
            ("https://a b", AddressFault::Stray(' ')),
            ("https://<host>", AddressFault::Stray('<')),
            ("https://ada:pw@host", AddressFault::Credentials),
            ("https://host/?x", AddressFault::Query),
        ] {
            assert_eq!(Address::parse(text), Err(fault), "{text}");
        }
        assert_eq!(credentials("https://a:b@host/x@y"), Some((8, 11)));
        assert_eq!(credentials("https://host/x@y"), None);
    }
}
