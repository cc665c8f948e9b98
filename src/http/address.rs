//! Addresses of APIs as people write them.

use crate::visible::one_line;

/// An API's root: the address without a `/v1` and slashes at its end; none where it is no `http`
/// or `https` address. Credentials, queries and fragments have no place in it.
#[must_use]
pub fn api_root(address: &str) -> Option<&str> {
    let address = address.trim().trim_end_matches('/');
    let host = address
        .strip_prefix("https://")
        .or_else(|| address.strip_prefix("http://"))?;
    let stray = |c: char| c.is_whitespace() || c.is_control() || "?#@".contains(c);
    if host.is_empty() || host.starts_with('/') || host.contains(stray) {
        return None;
    }
    // Of a host that is named `v1` its name is no version.
    let version = host.strip_suffix("/v1").map_or(0, |_| "/v1".len());
    Some(address[..address.len() - version].trim_end_matches('/'))
}

/// An address fit to be shown: what stands before an `@` may be a password.
#[must_use]
pub fn without_credentials(address: &str) -> String {
    let shown = match address.rsplit_once('@') {
        Some((_, rest)) => format!("…@{rest}"),
        None => address.to_owned(),
    };
    one_line(&shown, 200)
}
