//! What a redirect says of the address that is configured.

/// The beginning of an address, and what a server wants in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// What the address begins with now.
    pub from: String,
    /// What it has to begin with.
    pub to: String,
}

impl Moved {
    /// Of the address that was asked for and of the one that the server names: what they differ in,
    /// before the path that both have in common. None where they have none in common, as a sign-in
    /// page has none, or differ in nothing else than that.
    pub(super) fn of(asked: &str, named: &str) -> Option<Self> {
        let (origin, path) = parts(asked)?;
        let (other_origin, other_path) = match named.strip_prefix('/') {
            Some(rest) if !rest.starts_with('/') => (origin, without_query(named)),
            _ => parts(named)?,
        };
        let shared = shared_end(path, other_path);
        let begin = |origin: &str, path: &str| format!("{origin}{}", &path[..path.len() - shared]);
        let moved = Self {
            from: begin(origin, path),
            to: begin(other_origin, other_path),
        };
        (shared > 0 && moved.from != moved.to).then_some(moved)
    }

    /// Whether the paths are the same, so that no part of one is told.
    pub(crate) fn is_of_hosts_only(&self) -> bool {
        let has_path = |address: &str| parts(address).is_none_or(|(_, path)| !path.is_empty());
        !has_path(&self.from) && !has_path(&self.to)
    }
}

/// Scheme and host of an address, and its path; none where it holds credentials.
fn parts(address: &str) -> Option<(&str, &str)> {
    let address = without_query(address);
    let host = address.find("://")? + "://".len();
    let path = address[host..]
        .find('/')
        .map_or(address.len(), |at| host + at);
    let (origin, path) = address.split_at(path);
    (!origin.contains('@')).then_some((origin, path))
}

fn without_query(address: &str) -> &str {
    address.split(['?', '#']).next().unwrap_or_default()
}

/// Bytes of the whole segments, with their slashes, that both paths end with.
fn shared_end(one: &str, other: &str) -> usize {
    let segments = one.rsplit('/').zip(other.rsplit('/'));
    let shared: usize = segments
        .take_while(|(one, other)| one == other)
        .map(|(segment, _)| segment.len() + 1)
        .sum();
    // Both may end where the first slash would stand.
    shared.min(one.len()).min(other.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_setting_takes_is_told() {
        let api = "rest/api/1.0/application-properties";
        for (asked, named, from, to) in [
            (
                "http://git.acme.org",
                "https://git.acme.org",
                "http://git.acme.org",
                "https://git.acme.org",
            ),
            (
                "http://git.acme.org/bb",
                "https://git.acme.org/bb",
                "http://git.acme.org",
                "https://git.acme.org",
            ),
            (
                "http://git.acme.org",
                "http://git.acme.org/bb",
                "http://git.acme.org",
                "http://git.acme.org/bb",
            ),
            (
                "https://git.acme.org/a",
                "https://git.acme.org/b",
                "https://git.acme.org/a",
                "https://git.acme.org/b",
            ),
        ] {
            let moved = Moved::of(&format!("{asked}/{api}?limit=1"), &format!("{named}/{api}"));
            let expected = Moved {
                from: from.to_owned(),
                to: to.to_owned(),
            };
            assert_eq!(moved, Some(expected), "{asked} to {named}");
        }
        let moved =
            Moved::of(&format!("http://git.acme.org/{api}"), &format!("/bb/{api}")).unwrap();
        assert_eq!(moved.to, "http://git.acme.org/bb");
        assert!(!moved.is_of_hosts_only());
    }

    #[test]
    fn a_sign_in_page_is_no_address_of_the_server() {
        for named in [
            "https://sso.acme.org/",
            "https://sso.acme.org/login?to=http://git.acme.org/rest/api",
            "/login",
            "//sso.acme.org/login",
            "login",
            "",
            // The very same.
            "http://git.acme.org/rest/api",
            // What would be told is a password.
            "https://ada:secret@git.acme.org/rest/api",
        ] {
            assert_eq!(
                Moved::of("http://git.acme.org/rest/api", named),
                None,
                "{named}"
            );
        }
    }
}
