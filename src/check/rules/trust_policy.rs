//! The rules of an AWS role's trust policy. `pushgate pipelines trust-policy --check` finds them, in
//! files that no push brings.

use super::{Rule, rule};

/// The registry: a line a rule.
#[rustfmt::skip]
pub(super) static RULES: &[Rule] = &[
    rule!(error, "trust-policy/json", "the policy is not JSON"),
    rule!(error, "trust-policy/statement", "a statement that AWS does not take"),
    rule!(error, "trust-policy/action", "a statement that allows something else than to assume the role by a token"),
    rule!(error, "trust-policy/principal", "a statement that lets in others than an identity provider's tokens"),
    rule!(error, "trust-policy/provider", "a provider that is not that of the Bitbucket workspace"),
    rule!(error, "trust-policy/audience", "an audience that is missing, or not the workspace's own"),
    rule!(error, "trust-policy/subject", "nothing says which repositories may assume the role"),
    rule!(error, "trust-policy/token", "the token of this step is not let in"),
];
