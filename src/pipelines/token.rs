//! What a pipeline's own token says of it: the claims of `BITBUCKET_STEP_OIDC_TOKEN`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use miette::Diagnostic;
use serde_json::Value;
use thiserror::Error;

/// The claims that a trust policy is held against. The signature is AWS's to verify.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// Who issued it: the provider's address.
    pub issuer: String,
    /// Whom it is for.
    pub audiences: Vec<String>,
    /// Whose it is.
    pub subject: String,
}

/// Text that is no token.
#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
#[error("what BITBUCKET_STEP_OIDC_TOKEN holds is no token of a pipeline")]
#[diagnostic(help("run this in a step that has `oidc: true`"))]
pub struct TokenError;

impl Claims {
    /// Reads the claims of a token.
    ///
    /// # Errors
    /// Where it is none.
    pub fn of_token(token: &str) -> Result<Self, TokenError> {
        let claims = token.trim().split('.').nth(1).ok_or(TokenError)?;
        let claims = URL_SAFE_NO_PAD
            .decode(claims.trim_end_matches('='))
            .map_err(|_| TokenError)?;
        let claims: Value = serde_json::from_slice(&claims).map_err(|_| TokenError)?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let audiences = match &claims["aud"] {
            Value::Array(several) => several.iter().filter_map(text).collect(),
            one => text(one).into_iter().collect(),
        };
        Ok(Self {
            issuer: text(&claims["iss"]).ok_or(TokenError)?,
            audiences,
            subject: text(&claims["sub"]).ok_or(TokenError)?,
        })
    }
}
