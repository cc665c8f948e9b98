//! The operator's own kinds: whatever their schema says is one rule, `<kind>/schema`.

use crate::check::explain::Subject;
use crate::check::findings::{Draft, Findings};
use crate::check::schema::Schema;
use crate::document::Span;
use crate::finding::RuleId;

/// The rule of a kind of the operator's.
pub(in crate::check) fn rule_name(kind: &str) -> String {
    format!("{kind}/schema")
}

pub(in crate::check) fn check(
    kind: &str,
    schema: &Schema,
    subject: &Subject<'_>,
    findings: &mut Findings<'_>,
) {
    subject.hold_against(schema, &RuleId::named(rule_name(kind)), findings);
}

/// A document of a kind that nobody gave the checker a schema for: never taken for correct.
pub(in crate::check) fn unknown_kind(kind: &str) -> Draft {
    let rule = RuleId::named(rule_name(kind));
    let message = format!("the document could not be checked: kind `{kind}` has no schema");
    Draft::new(rule, Span::default(), message)
        .help("whoever runs this gate has to name the schema under `kinds`")
}
