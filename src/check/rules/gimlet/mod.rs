//! Gimlet's two formats under one name, told apart by their root key: a manifest (`app`) says how
//! one application is deployed to one environment, the older format (`envs`) lists them all.

mod format;
mod releases;

use super::{Rule, rule};
use crate::check::explain::Subject;
use crate::check::findings::Findings;
use crate::check::schema::Schema;
use crate::document::{NodeKind, ScalarValue};
use crate::finding::RuleId;

use format::Format;
pub(in crate::check) use format::empty;

/// The registry: a line a rule.
#[rustfmt::skip]
pub(super) static RULES: &[Rule] = &[
    rule!(error, "gimlet/format", "the file is neither a manifest nor a list of environments"),
    rule!(error, "gimlet/missing-app", "a manifest has no `app`"),
    rule!(error, "gimlet/missing-env", "a manifest has no `env`"),
    rule!(error, "gimlet/missing-namespace", "a manifest has no `namespace`"),
    rule!(error, "gimlet/missing-chart", "a manifest deploys nothing: neither `chart` nor `manifests`"),
    rule!(error, "gimlet/missing-key", "something else that is needed is missing"),
    rule!(error, "gimlet/app-name", "an `app` that can't name a release"),
    rule!(error, "gimlet/env-name", "an `env` that can't name an environment"),
    rule!(error, "gimlet/type", "a value of the wrong type"),
    rule!(error, "gimlet/value", "a value that Gimlet does not know"),
    rule!(error, "gimlet/unknown-key", "a key that Gimlet ignores"),
    rule!(error, "gimlet/deploy-never-fires", "a `deploy` that no push can meet"),
    rule!(error, "gimlet/cleanup", "a `cleanup` that never fires, or fires on every branch"),
    rule!(warning, "gimlet/every-branch", "a `deploy` that every branch meets"),
    rule!(warning, "gimlet/misspelt-key", "a key of a release that looks like a slip of a well-known one"),
    rule!(warning, "gimlet/removed-key", "a key that Gimlet no longer reads"),
];

const FORMAT: RuleId = RuleId::of("gimlet/format");

pub(in crate::check) fn manifest_schema() -> Schema {
    Schema::built_in(
        "gimlet-manifest.schema.json",
        include_str!("../../../../schemas/gimlet-manifest.schema.json"),
    )
}

pub(in crate::check) fn environments_schema() -> Schema {
    Schema::built_in(
        "gimlet-envs.schema.json",
        include_str!("../../../../schemas/gimlet-envs.schema.json"),
    )
}

pub(in crate::check) fn check(
    manifest: &Schema,
    environments: &Schema,
    subject: &Subject<'_>,
    findings: &mut Findings<'_>,
) {
    // Gimlet reads no further document, and that is a finding already.
    if subject.document.number() > 1 {
        return;
    }
    let root = subject.document.root();
    if let NodeKind::Scalar(scalar) = &subject.document.node(root.node).kind
        && scalar.value == ScalarValue::Null
    {
        return empty(root.at, subject.document.number(), findings);
    }
    match format::format(subject) {
        Format::Manifest => subject.hold_against(manifest, &FORMAT, findings),
        Format::Environments => {
            subject.hold_against(environments, &FORMAT, findings);
            releases::misspelt_keys(subject, findings);
        }
        Format::Both => format::both(subject, findings),
        Format::Neither => format::neither(subject, findings),
    }
}
