//! Gimlet's two formats under one name, told apart by their root key: a manifest (`app`) says how
//! one application is deployed to one environment, the older format (`envs`) lists them all.

mod app_name;
mod broken;
mod folder;
mod format;
mod functions;
mod glob;
mod go_template;
mod misplaced;
mod number_tag;
mod patterns;
mod place;
mod preview;
mod regexes;
mod releases;
mod tag_variable;
mod templates;

use super::{Rule, rule};
use crate::check::ahead;
use crate::check::explain::Subject;
use crate::check::findings::Findings;
use crate::check::schema::Schema;
use crate::document::{NodeKind, Pointer, ScalarValue};
use crate::finding::RuleId;

pub(in crate::check) use folder::not_a_folder;
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
    rule!(error, "gimlet/glob", "a pattern that Gimlet can't read"),
    rule!(error, "gimlet/template", "a template that can't be filled in"),
    rule!(error, "gimlet/template-environment", "a template that reads the environment of Gimlet's server"),
    rule!(warning, "gimlet/template-function", "a template calls a function that Gimlet does not know"),
    rule!(warning, "gimlet/template-variable", "a template uses a variable that Gimlet does not set"),
    rule!(warning, "gimlet/number-tag", "an image's tag that is read as a number or a date"),
    rule!(warning, "gimlet/preview-overwrites", "`deploy` or `cleanup` beside `preview: true`"),
    rule!(warning, "gimlet/legacy-dependency", "a dependency of a kind that renders nothing"),
    rule!(error, "gimlet/duplicate-app", "two manifests deploy the same `app` to the same `env`"),
    rule!(warning, "gimlet/every-branch", "a `deploy` that every branch meets"),
    rule!(warning, "gimlet/misspelt-key", "a key of a release that looks like a slip of a well-known one"),
    rule!(warning, "gimlet/duplicate-release", "two releases of one name in one environment"),
    rule!(warning, "gimlet/regex", "a regular expression that can't be read"),
    rule!(warning, "gimlet/ci-job-filter", "a `ciJobFilter` that misses the jobs of CircleCI"),
    rule!(warning, "gimlet/tag-variable", "a `tag` with a variable that Gimlet does not fill in"),
    rule!(warning, "gimlet/vars-quote", "a value of `vars` that breaks the quotes around it"),
    rule!(warning, "gimlet/not-a-folder", "a symbolic link or a submodule stands where the folder `.gimlet` should be"),
    rule!(warning, "gimlet/removed-key", "a key that Gimlet no longer reads"),
];

const FORMAT: RuleId = RuleId::of("gimlet/format");

pub(in crate::check) fn manifest_schema() -> Schema {
    Schema::built_in(
        "gimlet-manifest.schema.json",
        include_str!("../../../../schemas/gimlet-manifest.schema.json"),
        ahead::manifest,
    )
}

pub(in crate::check) fn environments_schema() -> Schema {
    Schema::built_in(
        "gimlet-envs.schema.json",
        include_str!("../../../../schemas/gimlet-envs.schema.json"),
        ahead::environments,
    )
}

pub(in crate::check) fn check(
    manifest: &Schema,
    environments: &Schema,
    subject: &mut Subject<'_>,
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
        Format::Manifest => {
            // Whoever knows more of a place than the schema does speaks first, and hides it.
            templates::check(subject, findings);
            app_name::check(subject, findings);
            misplaced::check(subject, findings);
            preview::check(subject, findings);
            patterns::check(subject, findings);
            subject.hold_against(manifest, &FORMAT, findings);
            let told = findings.pointers().filter(|at| at.starts_with("/values"));
            let told: Vec<Pointer> = told.map(Pointer::parse).collect();
            for at in told {
                subject.hide(at);
            }
        }
        Format::Environments => {
            subject.hold_against(environments, &FORMAT, findings);
            releases::check(subject, findings);
        }
        Format::Both => format::both(subject, findings),
        Format::Neither => format::neither(subject, findings),
    }
}

/// What is only worth saying of values that their chart does not refuse.
pub(in crate::check) fn check_values(subject: &Subject<'_>, findings: &mut Findings<'_>) {
    if subject.document.number() == 1 && matches!(format::format(subject), Format::Manifest) {
        number_tag::check(subject, findings);
    }
}
