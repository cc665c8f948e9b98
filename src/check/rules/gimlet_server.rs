//! The rules of a Gimlet server's settings. `pushgate gimlet env` finds them, in files that no push
//! brings.

use super::{Rule, rule};

/// The registry: a line a rule.
#[rustfmt::skip]
pub(super) static RULES: &[Rule] = &[
    rule!(error, "gimlet-server/missing", "a setting that Gimlet needs is not set"),
    rule!(error, "gimlet-server/empty", "a setting with nothing in it"),
    rule!(error, "gimlet-server/repeated", "a setting that is given twice"),
    rule!(error, "gimlet-server/misspelt", "a name that is nearly that of a setting"),
    rule!(error, "gimlet-server/placeholder", "a setting that still has the value of an example"),
    rule!(error, "gimlet-server/blank", "a value with a blank, a line break or a quote that came along with it"),
    rule!(error, "gimlet-server/address", "an address that leads nowhere, or to the wrong place"),
    rule!(warning, "gimlet-server/clear-text", "an address that begins with `http://`"),
    rule!(warning, "gimlet-server/skip-verify", "the check of Bitbucket's certificate is turned off"),
    rule!(warning, "gimlet-server/secret", "a secret that can be guessed, or is used twice"),
    rule!(warning, "gimlet-server/consumer-key", "a consumer key that differs from `OauthKey` in nothing but case"),
    rule!(error, "gimlet-server/swapped", "a private key in the place of another setting"),
    rule!(error, "gimlet-server/private-key", "a private key in a form that Gimlet can't use"),
    rule!(error, "gimlet-server/line", "a line of a dotenv file that sets nothing"),
    rule!(error, "gimlet-server/not-text", "a value in a manifest that is no text"),
    rule!(error, "gimlet-server/reference", "a key that the Secret or ConfigMap does not have"),
    rule!(error, "gimlet-server/base64", "a value of a Secret that is not base64"),
    rule!(error, "gimlet-server/no-container", "a manifest without any container that has Gimlet's settings"),
];
