//! Who calls, and where that stands: the platform keeps administrators and organisations apart.

use crate::http::Secret;

/// Whose credentials a call needs (vendor's build-via-API page: CLUSTER_ADMIN_AUTH_TOKEN and
/// ORG_ADMIN_AUTH_TOKEN). Either is refused where the other is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// An administrator of the cluster.
    Administrator,
    /// An administrator of the organisation that owns the algorithm.
    Organisation,
}

/// Who calls.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// An API key, sent as `Simple`.
    ApiKey(Secret),
    /// A JWT, sent as `Bearer`.
    Bearer(Secret),
}

impl Credentials {
    /// The scheme of the `Authorization` header.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        match self {
            Self::ApiKey(_) => "Simple",
            Self::Bearer(_) => "Bearer",
        }
    }

    /// The key or token.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        match self {
            Self::ApiKey(secret) | Self::Bearer(secret) => secret,
        }
    }

    /// What may be wrong with a key or token that a cluster did not accept, by its looks.
    pub(super) fn suspicion(&self) -> Option<&'static str> {
        let text = self.secret().expose();
        let names_its_scheme = ["simple ", "bearer "].iter().any(|scheme| {
            text.get(..scheme.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        });
        if names_its_scheme {
            return Some("write the key or token alone, without the word before it");
        }
        // A JWT is three parts; the first is a JSON object, so that it begins so in base64.
        let is_jwt = text.starts_with("eyJ") && text.matches('.').count() == 2;
        match self {
            Self::ApiKey(_) if is_jwt => {
                Some("it looks like a JSON web token: set it as a bearer token, not as an API key")
            }
            Self::Bearer(_) if text.starts_with("sim") => {
                Some("it looks like an API key: set it as one, not as a bearer token")
            }
            Self::Bearer(_) => Some("a token expires: get a new one"),
            Self::ApiKey(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_in_the_wrong_place_is_suspected() {
        let key = |text: &str| Credentials::ApiKey(Secret::new(text)).suspicion();
        let token = |text: &str| Credentials::Bearer(Secret::new(text)).suspicion();
        assert_eq!(key("simKey/1"), None);
        assert!(key("eyJhbGciOi.eyJl.c2ln").unwrap().contains("web token"));
        assert!(key("Simple simKey/1").unwrap().contains("without the word"));
        assert!(
            token("bearer eyJ.a.b")
                .unwrap()
                .contains("without the word")
        );
        assert!(token("simKey/1").unwrap().contains("API key"));
        assert!(token("eyJ.a.b").unwrap().contains("expires"));
        assert_eq!(key("größer"), None);
    }
}
