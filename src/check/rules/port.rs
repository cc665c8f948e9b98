//! `port.yaml`: one entity of Port or a list of them, as far as no blueprint is needed.

use std::collections::HashMap;

use crate::check::explain::Subject;
use crate::check::findings::{Draft, Findings};
use crate::check::schema::Schema;
use crate::check::suggest;
use crate::check::words::code;
use crate::document::{NodeId, NodeKind, Pointer, ScalarValue, Span, Use};
use crate::finding::RuleId;

const ENTITY: RuleId = RuleId::of("port/entity");
const DUPLICATE: RuleId = RuleId::of("port/duplicate-entity");

pub(in crate::check) fn schema() -> Schema {
    Schema::built_in(
        "port.schema.json",
        include_str!("../../../schemas/port.schema.json"),
    )
}

pub(in crate::check) fn check(
    schema: &Schema,
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
    let entities = entities(subject, root);
    for (pointer, node) in &entities {
        if is_foreign(subject, *node) {
            let (found, place) = subject.find(pointer);
            let span = subject.beginning(found, place);
            findings.add_with(&ENTITY, || foreign(subject, pointer, span));
            subject.hide(pointer.clone());
        }
    }
    subject.hold_against(schema, &ENTITY, findings);
    duplicates(subject, &entities, findings);
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
        .help("entities that the file declared before are removed from Port; delete the file if that is meant"),
    );
}

/// The mappings that should be entities, with their pointers.
fn entities(subject: &Subject<'_>, root: Use) -> Vec<(Pointer, NodeId)> {
    let document = subject.document;
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

/// Whether a mapping has nothing of an entity: many tools have a file called `port.yaml`.
fn is_foreign(subject: &Subject<'_>, node: NodeId) -> bool {
    let entries = subject.document.entries(node);
    !entries
        .iter()
        .any(|entry| suggest::nearest(&entry.key, ["identifier", "blueprint"]).is_some())
}

fn foreign(subject: &Subject<'_>, pointer: &Pointer, span: Span) -> Draft {
    let message = match pointer.last() {
        None => "this is no entity: it has neither `identifier` nor `blueprint`".to_owned(),
        Some(_) => format!(
            "{} is no entity: it has neither `identifier` nor `blueprint`",
            subject.name(pointer)
        ),
    };
    subject
        .draft(&ENTITY, pointer, span, message)
        .help("write `identifier`, `title` and `blueprint`, or rename the file if it is not Port's")
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
