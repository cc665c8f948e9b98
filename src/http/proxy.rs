//! Which proxy a request goes through: curl's habits, decided here since ureq's differ.

use std::net::IpAddr;

use ureq::http::Uri;

use super::failure::SetupError;

/// The proxies of an environment.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    http: Option<ureq::Proxy>,
    https: Option<ureq::Proxy>,
    exceptions: Vec<Exception>,
}

/// One entry of `no_proxy`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Exception {
    host: Host,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Host {
    Any,
    /// This name and every name below it.
    Name(String),
    Network(IpAddr, u32),
}

impl Proxies {
    /// What the environment names: `https_proxy`, `http_proxy`, `all_proxy` and `no_proxy`, in
    /// small letters first, then in capitals.
    ///
    /// # Errors
    /// Where a proxy can't be understood.
    pub fn from_environment() -> Result<Self, SetupError> {
        Self::from_variables(|name| std::env::var(name).ok())
    }

    /// The same from any source of variables.
    ///
    /// # Errors
    /// Where a proxy can't be understood.
    pub fn from_variables(
        variable: impl Fn(&'static str) -> Option<String>,
    ) -> Result<Self, SetupError> {
        let set = |name| variable(name).filter(|value| !value.trim().is_empty());
        // In a CGI program, HTTP_PROXY is what the client sent as the header `Proxy`.
        let cgi = variable("REQUEST_METHOD").is_some();
        let first = |names: &[&'static str]| -> Result<Option<ureq::Proxy>, SetupError> {
            for &name in names {
                if name == "HTTP_PROXY" && cgi {
                    continue;
                }
                if let Some(value) = set(name) {
                    return ureq::Proxy::new(value.trim())
                        .map(Some)
                        .map_err(|_| SetupError::BadProxy { variable: name });
                }
            }
            Ok(None)
        };
        let exceptions = set("no_proxy")
            .or_else(|| set("NO_PROXY"))
            .unwrap_or_default();
        Ok(Self {
            http: first(&["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])?,
            https: first(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])?,
            exceptions: exceptions
                .split([',', ' ', '\t'])
                .filter_map(Exception::parse)
                .collect(),
        })
    }

    /// The proxy for a URL; none where it is called directly.
    pub(super) fn for_uri(&self, uri: &Uri) -> Option<&ureq::Proxy> {
        let tls = uri.scheme_str() == Some("https");
        let host = uri.host()?.trim_matches(['[', ']']).to_ascii_lowercase();
        let port = uri.port_u16().unwrap_or(if tls { 443 } else { 80 });
        if self
            .exceptions
            .iter()
            .any(|exception| exception.holds(&host, port))
        {
            return None;
        }
        if tls { &self.https } else { &self.http }.as_ref()
    }
}

impl Exception {
    fn parse(entry: &str) -> Option<Self> {
        let entry = entry.trim().to_ascii_lowercase();
        let (host, port) = split_port(&entry);
        let name = host.trim_start_matches("*.").trim_matches('.');
        let host = match (host, network(host)) {
            ("*", _) => Host::Any,
            (_, Some((address, bits))) => Host::Network(address, bits),
            _ if name.is_empty() => return None,
            _ => Host::Name(name.to_owned()),
        };
        Some(Self { host, port })
    }

    fn holds(&self, host: &str, port: u16) -> bool {
        if self.port.is_some_and(|own| own != port) {
            return false;
        }
        match &self.host {
            Host::Any => true,
            Host::Name(name) => host
                .trim_end_matches('.')
                .strip_suffix(name.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.')),
            Host::Network(network, bits) => host
                .parse()
                .is_ok_and(|address| same_network(*network, address, *bits)),
        }
    }
}

/// `host:port`, `[v6]:port`, or no port; a bare IPv6 address keeps its colons.
fn split_port(entry: &str) -> (&str, Option<u16>) {
    if let Some(rest) = entry.strip_prefix('[')
        && let Some((host, port)) = rest.split_once(']')
    {
        return (
            host,
            port.strip_prefix(':').and_then(|port| port.parse().ok()),
        );
    }
    match entry.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') => match port.parse() {
            Ok(port) => (host, Some(port)),
            Err(_) => (entry, None),
        },
        _ => (entry, None),
    }
}

/// An address, or a network in CIDR notation.
fn network(text: &str) -> Option<(IpAddr, u32)> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits.parse::<u32>().ok()?)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let all = if address.is_ipv4() { 32 } else { 128 };
    Some((address, bits.unwrap_or(all).min(all)))
}

fn same_network(network: IpAddr, address: IpAddr, bits: u32) -> bool {
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            network.to_bits() & mask == address.to_bits() & mask
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            network.to_bits() & mask == address.to_bits() & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(variables: &[(&'static str, &str)]) -> Proxies {
        Proxies::from_variables(|name| {
            variables
                .iter()
                .find(|(other, _)| *other == name)
                .map(|(_, value)| (*value).to_owned())
        })
        .unwrap()
    }

    fn chosen(variables: &[(&'static str, &str)], url: &str) -> Option<String> {
        proxies(variables)
            .for_uri(&url.parse().unwrap())
            .map(|proxy| proxy.host().to_owned())
    }

    #[test]
    fn the_scheme_and_small_letters_decide() {
        let all = [
            ("http_proxy", "http://plain:3128"),
            ("https_proxy", "http://small:3128"),
            ("HTTPS_PROXY", "http://capital:3128"),
            ("ALL_PROXY", "http://all:3128"),
        ];
        assert_eq!(chosen(&all, "https://x.org/").as_deref(), Some("small"));
        assert_eq!(chosen(&all, "http://x.org/").as_deref(), Some("plain"));
        assert_eq!(
            chosen(&all[2..], "https://x.org/").as_deref(),
            Some("capital")
        );
        assert_eq!(chosen(&all[3..], "https://x.org/").as_deref(), Some("all"));
        assert_eq!(chosen(&[("https_proxy", " ")], "https://x.org/"), None);
        assert_eq!(chosen(&[("https_proxy", "p:1")], "http://x.org/"), None);
        let cgi = [("HTTP_PROXY", "http://evil:1"), ("REQUEST_METHOD", "GET")];
        assert_eq!(chosen(&cgi, "http://x.org/"), None);
    }

    #[test]
    fn exceptions_are_suffixes_ports_and_networks() {
        let direct = [
            ("example.com", "https://example.com/", true),
            ("example.com", "https://api.example.com/", true),
            ("example.com", "https://badexample.com/", false),
            (".example.com", "https://api.example.com/", true),
            ("*.example.com", "https://API.example.com/", true),
            ("other, example.com", "https://example.com/", true),
            ("other example.com", "https://example.com/", true),
            ("example.com:8443", "https://example.com:8443/", true),
            ("example.com:8443", "https://example.com/", false),
            ("example.com:443", "https://example.com/", true),
            ("10.0.0.0/8", "https://10.9.8.7/", true),
            ("10.0.0.0/8", "https://11.9.8.7/", false),
            ("10.1.2.3", "https://10.1.2.3/", true),
            ("0.0.0.0/0", "https://10.1.2.3/", true),
            ("fd00::/8", "https://[fd12::1]/", true),
            ("[::1]:8080", "http://[::1]:8080/", true),
            ("::1", "http://[::1]:8080/", true),
            ("*", "https://anything.org/", true),
            (",, ,", "https://anything.org/", false),
        ];
        for (exceptions, url, expected) in direct {
            let variables = [("all_proxy", "http://p:1"), ("no_proxy", exceptions)];
            assert_eq!(
                chosen(&variables, url).is_none(),
                expected,
                "{exceptions} {url}"
            );
        }
    }

    #[test]
    fn a_proxy_that_is_no_address_is_an_error() {
        let made =
            Proxies::from_variables(|name| (name == "https_proxy").then(|| "http://".to_owned()));
        assert!(matches!(
            made,
            Err(SetupError::BadProxy {
                variable: "https_proxy"
            })
        ));
    }
}
