//! `port.yaml`: one entity of Port or a list of them, as far as no blueprint is needed.

mod expression;
mod foreign;
mod leftovers;
mod meta_property;
pub(super) mod misplaced;
mod texts;

use std::collections::HashMap;

use super::blueprint::{self, Copy};
use super::{Rule, rule};
use crate::check::ahead;
use crate::check::explain::Subject;
use crate::check::findings::{Draft, Findings};
use crate::check::schema::Schema;
use crate::check::words::code;
use crate::document::{
    Document, NodeId, NodeKind, Pointer, Problem, ProblemKind, ScalarValue, Span,
};
use crate::finding::RuleId;

/// The registry: a line a rule.
#[rustfmt::skip]
pub(super) static RULES: &[Rule] = &[
    rule!(error, "port/entity", "the file holds something that is not an entity"),
    rule!(error, "port/missing-identifier", "an entity has no `identifier`"),
    rule!(error, "port/missing-title", "an entity has no `title`"),
    rule!(error, "port/missing-blueprint", "an entity has no `blueprint`"),
    rule!(error, "port/identifier", "an identifier that Port refuses"),
    rule!(error, "port/blueprint", "a blueprint's identifier that Port refuses"),
    rule!(error, "port/key", "a property or relation whose name Port refuses"),
    rule!(error, "port/type", "a value of the wrong type, such as a number where text belongs"),
    rule!(error, "port/search-query", "a search query that Port refuses"),
    rule!(error, "port/owned-elsewhere", "an entity that another repository has delivered to Port"),
    rule!(error, "port/duplicate-entity", "two entities have the same blueprint and identifier, in one file or in two"),
    rule!(warning, "port/both-files", "`port.yaml` and `port.yml` stand side by side"),
    rule!(error, "port/file-outside", "a `file://` value names no path inside of the repository"),
    rule!(error, "port/file-missing", "a `file://` value names a file that is not there"),
    rule!(error, "port/file-kind", "a `file://` value names a folder, a symbolic link or a submodule"),
    rule!(error, "port/file-content", "a `file://` value names a file that can't be sent to Port"),
    rule!(warning, "port/unknown-key", "a key that entities don't have"),
    rule!(warning, "port/misplaced-key", "`relations` or `properties` stands inside of `properties`"),
    rule!(warning, "port/empty", "the file declares no entity"),
    rule!(error, "port/meta-property", "a property that Port itself gives every entity is set"),
    rule!(warning, "port/placeholder", "a placeholder stands where a value should be"),
    rule!(warning, "port/expression", "a template or an expression stands where a value should be"),
    rule!(warning, "port/null-text", "`null` is in quotes, which make it text"),
];

const ENTITY: RuleId = RuleId::of("port/entity");
const DUPLICATE: RuleId = RuleId::of("port/duplicate-entity");

pub(in crate::check) fn schema() -> Schema {
    Schema::built_in(
        "port.schema.json",
        include_str!("../../../schemas/port.schema.json"),
        ahead::port,
    )
}

pub(in crate::check) fn check(
    schema: &Schema,
    blueprints: &Copy,
    subject: &mut Subject<'_>,
    findings: &mut Findings<'_>,
) {
    let root = subject.document.root();
    match &subject.document.node(root.node).kind {
        NodeKind::Scalar(scalar) if scalar.value == ScalarValue::Null => {
            return empty(root.at, subject.document.number(), findings);
        }
        NodeKind::Sequence(items) if items.is_empty() => {
            return empty(root.at, subject.document.number(), findings);
        }
        _ => {}
    }
    if let Some(draft) = foreign::missing_space(subject) {
        findings.add_with(&ENTITY, || draft);
        subject.hide(Pointer::root());
        return;
    }
    if blueprint::asked_for(blueprints, subject).is_some() {
        // They are held against all of it: what the schema looks at is not made by itself then.
        subject.json();
    }
    let entities = foreign::own_entities(subject, findings);
    meta_property::check(subject, &entities, findings);
    subject.hold_against(schema, &ENTITY, findings);
    misplaced::check(blueprints, subject, &entities, findings);
    duplicates(subject, &entities, findings);
    leftovers::check(subject, &entities, findings);
}

/// Quotes make a template readable, but nobody fills it in before Port gets it.
pub(in crate::check) fn without_templates(draft: Draft, problem: &Problem) -> Draft {
    match &problem.kind {
        ProblemKind::UnquotedTemplate { text } => draft.fix(None).help(format!(
            "write the value itself in place of {}: Port fills in no templates",
            code(text)
        )),
        _ => draft,
    }
}

/// A file without entities: correct, and rarely meant.
pub(in crate::check) fn empty(at: Span, document: usize, findings: &mut Findings<'_>) {
    findings.add(
        Draft::new(
            RuleId::of("port/empty"),
            at,
            "the file declares no entity",
        )
        .at(document, "")
        .help("write an entity; if those that the file declared before are to leave Port, delete the file"),
    );
}

/// The mappings that should be entities, with their pointers.
pub(in crate::check) fn entities(document: &Document) -> Vec<(Pointer, NodeId)> {
    let root = document.root();
    let is_mapping = |node| matches!(document.node(node).kind, NodeKind::Mapping(_));
    match &document.node(root.node).kind {
        NodeKind::Mapping(_) => vec![(Pointer::root(), root.node)],
        NodeKind::Sequence(items) => items
            .iter()
            .enumerate()
            .filter(|(_, item)| is_mapping(item.node))
            .map(|(index, item)| (Pointer::root().join(index.to_string()), item.node))
            .collect(),
        NodeKind::Scalar(_) => Vec::new(),
    }
}

/// Port knows an entity by its blueprint and identifier: of two equal ones only one would be left.
fn duplicates(subject: &Subject<'_>, entities: &[(Pointer, NodeId)], findings: &mut Findings<'_>) {
    let document = subject.document;
    let text = |node, key| {
        let entry = document.get(node, key)?;
        Some((document.string(entry.value.node)?, entry))
    };
    let mut first: HashMap<(&str, &str), Span> = HashMap::new();
    for (pointer, node) in entities {
        let (Some((blueprint, _)), Some((identifier, entry))) =
            (text(*node, "blueprint"), text(*node, "identifier"))
        else {
            continue;
        };
        let Some(&earlier) = first.get(&(blueprint, identifier)) else {
            first.insert((blueprint, identifier), entry.value.at);
            continue;
        };
        findings.add_with(&DUPLICATE, || {
            let message = format!(
                "the entity {} of blueprint {} is declared twice",
                code(identifier),
                code(blueprint)
            );
            subject
                .draft(
                    &DUPLICATE,
                    &pointer.join("identifier"),
                    entry.value.at,
                    message,
                )
                .label("declared again here")
                .help("remove one of the two, or give one another identifier")
                .related(earlier, "first declared here")
        });
    }
}
