//! What a statement takes away again.

use super::super::token::Claims;
use super::condition::{conditions, is_like};
use super::{ASSUME, Statement};

impl Statement<'_> {
    /// Whether a statement with the effect `Deny` keeps a token out for certain. Where it asks for what
    /// no token says, as for an address, nothing is known, and nothing is said.
    pub(super) fn denies(&self, token: &Claims) -> bool {
        let Some(provider) = token.issuer.strip_prefix("https://") else {
            return false;
        };
        self.is_denial()
            && self.is_of_all_or(provider)
            && self.is_about_assuming()
            && conditions(self)
                .iter()
                .all(|condition| condition.is_certain(provider) && condition.holds(provider, token))
    }

    fn is_denial(&self) -> bool {
        self.one("Effect")
            .is_some_and(|effect| effect.text == "Deny")
    }

    /// Whether it is about everybody, or about the provider.
    fn is_of_all_or(&self, provider: &str) -> bool {
        let Some(principal) = self.document.get(self.node, "Principal") else {
            return false;
        };
        let node = principal.value.node;
        let whom = |key| self.texts(node, key, "").into_iter();
        let own = format!(":oidc-provider/{provider}");
        self.document.string(node) == Some("*")
            || whom("AWS").any(|who| who.text == "*")
            || whom("Federated").any(|who| who.text == "*" || who.text.ends_with(&own))
    }

    fn is_about_assuming(&self) -> bool {
        let names = |key| {
            self.texts(self.node, key, "").iter().any(|action| {
                let pattern = action.text.to_ascii_lowercase();
                is_like(ASSUME.to_ascii_lowercase().as_bytes(), pattern.as_bytes())
            })
        };
        match self.document.get(self.node, "NotAction") {
            Some(_) => !names("NotAction"),
            None => names("Action"),
        }
    }
}
