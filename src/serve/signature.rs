//! Whether a webhook comes from who knows the secret.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::http::Secret;

/// What stands before the digits in `X-Hub-Signature`.
const METHOD: &str = "sha256=";

/// The secret that Bitbucket signs webhooks with; never empty.
#[derive(Clone, Debug)]
pub struct WebhookSecret(Secret);

/// Why a webhook is not trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untrusted {
    /// The header is missing.
    #[error("the webhook is not signed: enter the secret of `serve` in its settings at Bitbucket")]
    Unsigned,
    /// The header is there and can't be one of ours.
    #[error("`X-Hub-Signature` is no `sha256=` and 64 hexadecimal digits")]
    Malformed,
    /// It was made with another secret, or over another body.
    #[error(
        "the signature does not fit the body: the secret in the webhook's settings at Bitbucket must be the one of `serve`"
    )]
    Wrong,
}

impl WebhookSecret {
    /// Takes a secret; none where it is empty: it would sign for everybody.
    #[must_use]
    pub fn new(secret: Secret) -> Option<Self> {
        (!secret.is_empty()).then_some(Self(secret))
    }

    /// Whether it is so short that somebody who has seen one webhook can try it out.
    #[must_use]
    pub fn is_guessable(&self) -> bool {
        self.0.is_guessable()
    }

    /// Holds the header against the body as it came in: `X-Hub-Signature: sha256=` and the HMAC
    /// SHA-256 of the raw body in hexadecimal digits (facts: Bitbucket §3). Takes the same time
    /// wherever the two differ.
    ///
    /// # Errors
    /// Why the webhook must not be acted upon.
    pub fn verify(&self, header: Option<&[u8]>, body: &[u8]) -> Result<(), Untrusted> {
        let header = header.ok_or(Untrusted::Unsigned)?;
        let digits = header
            .strip_prefix(METHOD.as_bytes())
            .ok_or(Untrusted::Malformed)?;
        let given = from_hex(digits).ok_or(Untrusted::Malformed)?;
        let mut mac = <Hmac<Sha256>>::new_from_slice(self.0.expose().as_bytes())
            .map_err(|_| Untrusted::Wrong)?;
        mac.update(body);
        mac.verify_slice(&given).map_err(|_| Untrusted::Wrong)
    }
}

fn from_hex(digits: &[u8]) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if digits.len() != 2 * bytes.len() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |digit: u8| {
            char::from(digit)
                .to_digit(16)
                .and_then(|it| u8::try_from(it).ok())
        };
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of GitHub's documentation, whose header Bitbucket's is like.
    const SECRET: &str = "It's a Secret to Everybody";
    const BODY: &[u8] = b"Hello, World!";
    const DIGITS: &str = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    #[test]
    fn only_the_right_signature_of_the_very_body_is_trusted() {
        let secret = WebhookSecret::new(Secret::new(SECRET)).unwrap();
        let signed = format!("sha256={DIGITS}");
        let verify = |header: &str, body: &[u8]| secret.verify(Some(header.as_bytes()), body);
        assert_eq!(verify(&signed, BODY), Ok(()));
        let in_capitals = signed.to_uppercase().replace("SHA", "sha");
        assert_eq!(verify(&in_capitals, BODY), Ok(()));
        assert_eq!(verify(&signed, b"Hello, World"), Err(Untrusted::Wrong));
        let other = signed.replace("757", "756");
        assert_eq!(verify(&other, BODY), Err(Untrusted::Wrong));
        assert_eq!(secret.verify(None, BODY), Err(Untrusted::Unsigned));
        for malformed in [
            "",
            "sha256=",
            DIGITS,
            &signed[..70],
            &format!("{signed}0"),
            "sha1=x",
        ] {
            assert_eq!(
                verify(malformed, BODY),
                Err(Untrusted::Malformed),
                "{malformed}"
            );
        }
        let no_digit = signed.replace("757", "7g7");
        assert_eq!(verify(&no_digit, BODY), Err(Untrusted::Malformed));
        let stranger = WebhookSecret::new(Secret::new("other")).unwrap();
        assert_eq!(
            stranger.verify(Some(signed.as_bytes()), BODY),
            Err(Untrusted::Wrong)
        );
        assert!(WebhookSecret::new(Secret::new("")).is_none());
    }
}
