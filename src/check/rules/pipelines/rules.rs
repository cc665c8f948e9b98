//! The registry of the family: a line a rule.

use crate::check::rules::{Rule, rule};
use crate::finding::RuleId;

#[rustfmt::skip]
pub(in crate::check::rules) static RULES: &[Rule] = &[
    rule!(error, "pipelines/format", "the file is no mapping, so that Bitbucket reads nothing from it"),
    rule!(error, "pipelines/nothing-to-run", "the file has no pipeline"),
    rule!(error, "pipelines/misspelt-key", "a key that looks like a slip of one that Bitbucket knows"),
    rule!(error, "pipelines/misplaced-key", "a key that stands beside the one that it belongs below"),
    rule!(error, "pipelines/forbidden-key", "a key that Bitbucket refuses in its place"),
    rule!(error, "pipelines/missing-key", "something that is needed is missing"),
    rule!(error, "pipelines/missing-script", "a step has no `script`"),
    rule!(error, "pipelines/script", "a script that is no list of commands"),
    rule!(error, "pipelines/type", "a value of the wrong type"),
    rule!(error, "pipelines/value", "a value that Bitbucket does not know"),
    rule!(error, "pipelines/limit", "something too small, too large, too long or too many"),
    rule!(error, "pipelines/order", "`variables` is not the first item, or `final` not the last"),
    rule!(error, "pipelines/repeated-deployment", "two steps of a pipeline deploy to one environment"),
    rule!(error, "pipelines/oidc", "a step uses its OIDC token and does not ask for one"),
    rule!(error, "pipelines/secret", "a secret is written into the file"),
    rule!(warning, "pipelines/literal-password", "a password or token seems to be written into the file"),
    rule!(warning, "pipelines/unknown-key", "a key that Bitbucket ignores"),
    rule!(warning, "pipelines/undefined-cache", "a cache that is neither defined nor built in"),
    rule!(warning, "pipelines/undefined-service", "a service that is neither defined nor built in"),
    rule!(warning, "pipelines/unpinned-pipe", "a pipe without a version"),
    rule!(warning, "pipelines/latest-image", "an image without a fixed tag"),
    rule!(warning, "pipelines/duplo-host", "a DuploCloud host with a `/` at its end"),
];

pub(super) static FORMAT: RuleId = RuleId::of("pipelines/format");
pub(super) static NOTHING_TO_RUN: RuleId = RuleId::of("pipelines/nothing-to-run");
pub(super) static MISSPELT: RuleId = RuleId::of("pipelines/misspelt-key");
pub(super) static MISPLACED: RuleId = RuleId::of("pipelines/misplaced-key");
pub(super) static FORBIDDEN: RuleId = RuleId::of("pipelines/forbidden-key");
pub(super) static MISSING: RuleId = RuleId::of("pipelines/missing-key");
pub(super) static MISSING_SCRIPT: RuleId = RuleId::of("pipelines/missing-script");
pub(super) static SCRIPT: RuleId = RuleId::of("pipelines/script");
pub(super) static TYPE: RuleId = RuleId::of("pipelines/type");
pub(super) static VALUE: RuleId = RuleId::of("pipelines/value");
pub(super) static LIMIT: RuleId = RuleId::of("pipelines/limit");
pub(super) static ORDER: RuleId = RuleId::of("pipelines/order");
pub(super) static DEPLOYMENT: RuleId = RuleId::of("pipelines/repeated-deployment");
pub(super) static OIDC: RuleId = RuleId::of("pipelines/oidc");
pub(super) static SECRET: RuleId = RuleId::of("pipelines/secret");
pub(super) static PASSWORD: RuleId = RuleId::of("pipelines/literal-password");
pub(super) static UNKNOWN: RuleId = RuleId::of("pipelines/unknown-key");
pub(super) static CACHE: RuleId = RuleId::of("pipelines/undefined-cache");
pub(super) static SERVICE: RuleId = RuleId::of("pipelines/undefined-service");
pub(super) static PIPE: RuleId = RuleId::of("pipelines/unpinned-pipe");
pub(super) static LATEST: RuleId = RuleId::of("pipelines/latest-image");
pub(super) static DUPLO_HOST: RuleId = RuleId::of("pipelines/duplo-host");
