//! From what a schema says to what people read: one finding for one mistake, at the text to change.

mod fixes;
mod keys;
mod patterns;
mod subject;
mod types;
mod values;

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::document::{Place, Pointer, Span};
use crate::finding::{RuleId, Severity};

use super::annotation::{Annotations, Class, part_of};
use super::fault::{Fault, Violation};
use super::findings::{Draft, Findings};
use super::instance::ERRORS;
use super::schema::{Schema, SchemaError, Violations};

pub(super) use subject::Subject;

impl Subject<'_> {
    /// Adds what the schema says against the document; `fallback` is the rule where it names none.
    pub(super) fn hold_against(
        &self,
        schema: &Schema,
        fallback: &RuleId,
        findings: &mut Findings<'_>,
    ) {
        if self.is_blind(&Pointer::root()) {
            return;
        }
        match self.violations(schema) {
            Ok((violations, annotations)) => {
                if violations.is_cut {
                    // Whatever the rule weighs: what nobody looked at can't be accepted.
                    findings.keep(Severity::Error, || self.cut(fallback));
                }
                let explainer = Explainer {
                    subject: self,
                    annotations,
                    fallback,
                    rules: RefCell::default(),
                };
                explainer.explain(violations.all, findings);
            }
            Err(error) => findings.add(unusable(error, fallback, self)),
        }
    }

    /// Adds what was found out about values of this document by other means; `schema` is what the
    /// violations' keywords point into.
    pub(super) fn explain(
        &self,
        mut violations: Vec<Violation>,
        schema: &Value,
        rule: &RuleId,
        findings: &mut Findings<'_>,
    ) {
        violations.retain(|violation| !self.is_hidden(violation));
        let explainer = Explainer {
            subject: self,
            annotations: Annotations::new(schema),
            fallback: rule,
            rules: RefCell::default(),
        };
        explainer.explain(violations, findings);
    }

    fn violations<'s>(
        &self,
        schema: &'s Schema,
    ) -> Result<(Violations, Annotations<'s>), &'s SchemaError> {
        let mut violations = schema.violations(self)?;
        if violations.all.is_empty() {
            return Ok((violations, Annotations::none()));
        }
        violations
            .all
            .retain(|violation| !self.is_hidden(violation));
        Ok((violations, Annotations::new(schema.value()?)))
    }

    /// So much is wrong with the document that nobody looked for all of it.
    pub(super) fn cut(&self, rule: &RuleId) -> Draft {
        let (node, place) = self.find(&Pointer::root());
        let message = format!(
            "more than {ERRORS} things are wrong with the document, and checking stopped there"
        );
        self.draft(rule, &Pointer::root(), self.beginning(node, place), message)
            .help("mend what is listed, and check again; is the file what its name says?")
    }
}

/// A schema that can't be used: the document was not checked, which is never taken for correct.
fn unusable(error: &SchemaError, rule: &RuleId, subject: &Subject<'_>) -> Draft {
    let root = subject.document.root();
    let node = subject.document.root_node();
    let place = Place {
        key: None,
        value: root.at,
        defined: None,
    };
    let message = format!("the document could not be checked: {error}");
    let draft = subject.draft(
        rule,
        &Pointer::root(),
        subject.beginning(node, place),
        message,
    );
    match miette::Diagnostic::help(error) {
        Some(help) => draft.help(format!("whoever runs this gate has to mend it: {help}")),
        None => draft,
    }
}

/// Puts the violations of one schema into words.
#[derive(Debug)]
struct Explainer<'e, 'a> {
    subject: &'e Subject<'a>,
    annotations: Annotations<'e>,
    fallback: &'e RuleId,
    /// Rules by the part of the schema and the kind of fault: a bad file asks for few, often.
    rules: RefCell<HashMap<(String, Class), RuleId>>,
}

impl Explainer<'_, '_> {
    fn explain(&self, mut violations: Vec<Violation>, findings: &mut Findings<'_>) {
        self.keep_first_uses(&mut violations);
        let (about_keys, others): (Vec<_>, Vec<_>) =
            violations.into_iter().partition(|violation| {
                matches!(
                    violation.fault,
                    Fault::Missing { .. } | Fault::Unknown { .. }
                )
            });
        self.explain_keys(&about_keys, findings);
        // Of a value of the wrong type nothing else is worth saying.
        let mistyped: HashSet<Pointer> = others
            .iter()
            .filter(|violation| matches!(violation.fault, Fault::Type { .. }))
            .map(|violation| violation.at.clone())
            .collect();
        for violation in others {
            if mistyped.contains(&violation.at) && !matches!(violation.fault, Fault::Type { .. }) {
                continue;
            }
            let class = match violation.fault {
                Fault::Type { .. } => Class::Type,
                _ => Class::Value,
            };
            let rule = match &violation.fault {
                Fault::Key { violation, .. } => self.rule(part_of(&violation.keyword), class),
                _ => self.rule(part_of(&violation.keyword), class),
            };
            findings.add_with(&rule, || match violation.fault {
                Fault::Type { expected } => self.wrong_type(&violation, expected, &rule),
                _ => self.wrong_value(&violation, &rule),
            });
        }
    }

    /// What is wrong with an anchored value is told once, not again for each alias of it.
    fn keep_first_uses(&self, violations: &mut Vec<Violation>) {
        if !self.subject.source.text().contains('*') {
            return;
        }
        let mut told: HashSet<(String, Option<String>, Span)> = HashSet::new();
        violations.retain(|violation| {
            let (at, key) = match &violation.fault {
                Fault::Unknown { key } | Fault::Key { key, .. } => {
                    (violation.at.join(key), Some(key.clone()))
                }
                _ => (violation.at.clone(), None),
            };
            let (node, place) = self.subject.find(&at);
            told.insert((violation.keyword.clone(), key, node.span)) || place.defined.is_none()
        });
    }

    fn rule(&self, part: &str, class: Class) -> RuleId {
        let mut rules = self.rules.borrow_mut();
        let rule = rules.entry((part.to_owned(), class)).or_insert_with(|| {
            let named = self.annotations.rule(part, class);
            named.unwrap_or_else(|| self.fallback.clone())
        });
        rule.clone()
    }

    /// A finding about the value at a pointer, at the text to change there.
    fn at_value(&self, rule: &RuleId, pointer: &Pointer, message: String) -> Draft {
        let (node, place) = self.subject.find(pointer);
        let span = self.subject.mark(node, place);
        self.at_place(rule, pointer, span, place, message)
    }

    fn at_place(
        &self,
        rule: &RuleId,
        pointer: &Pointer,
        span: Span,
        place: Place,
        message: String,
    ) -> Draft {
        let draft = self.subject.draft(rule, pointer, span, message);
        match place.defined {
            Some(defined) => draft.related(defined, "defined here"),
            None => draft,
        }
    }

    /// The schema's own words for a fault of one of its parts, in place of the general ones.
    fn reword(&self, part: &str, draft: Draft) -> Draft {
        let draft = match self.annotations.word(part, "message") {
            Some(message) => Draft {
                message: message.to_owned(),
                ..draft
            },
            None => draft,
        };
        match self.annotations.word(part, "help") {
            Some(help) => Draft {
                help: Some(help.to_owned()),
                // It would do something else than it says.
                fix: None,
                ..draft
            },
            None => draft,
        }
    }
}
