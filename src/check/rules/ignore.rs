//! Comments that were meant to silence a finding and do not.

use super::{Rule, rule};
use crate::check::findings::{Draft, Findings};
use crate::check::ignore::{FaultKind, Ignores};
use crate::check::words::code;
use crate::finding::{Fix, RuleId};

/// The registry: a line a rule.
#[rustfmt::skip]
pub(super) static RULES: &[Rule] = &[
    rule!(warning, "ignore/comment", "a comment that was meant to silence a finding and does not"),
];

const COMMENT: RuleId = RuleId::of("ignore/comment");
const FORM: &str = "# pushgate: ignore RULE the reason";

/// One finding a comment.
pub(in crate::check) fn faults(ignores: &Ignores, findings: &mut Findings<'_>) {
    for fault in &ignores.faults {
        findings.add_with(&COMMENT, || {
            let draft = |message: String| Draft::new(COMMENT, fault.span, message);
            match &fault.kind {
                FaultKind::Word { word } => draft(format!("{} silences nothing", code(word)))
                    .label("`ignore` is the word")
                    .help(format!("write {}", code(FORM))),
                FaultKind::NoRule => draft("the comment names no rule".to_owned()).help(format!(
                    "write {}; the finding shows the rule's name in brackets",
                    code(FORM)
                )),
                FaultKind::UnknownRule { rule, suggestion } => {
                    let draft = draft(format!("there is no rule {}", code(rule)));
                    match suggestion {
                        Some(meant) => draft
                            .help(format!("did you mean {}?", code(meant)))
                            .fix(Fix::replace(fault.span, meant.as_str())),
                        None => draft.help("`pushgate explain` lists all rules"),
                    }
                }
                FaultKind::NoReason { rule } => draft(format!(
                    "the comment does not say why {} is ignored",
                    code(rule)
                ))
                .help(format!(
                    "add the reason: {}",
                    code(&format!("# pushgate: ignore {rule} the reason"))
                )),
                FaultKind::NotAlone => {
                    draft("a comment behind a value silences nothing".to_owned())
                        .help("move it to a line of its own, above this one")
                }
            }
        });
    }
}
