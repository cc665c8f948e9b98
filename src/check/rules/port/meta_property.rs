//! The properties that Port itself gives every entity.

use crate::check::explain::Subject;
use crate::check::findings::Findings;
use crate::check::words::{is_copyable, whole};
use crate::document::{NodeId, Pointer, Use};
use crate::finding::RuleId;

const META_PROPERTY: RuleId = RuleId::of("port/meta-property");

/// Their names, and the key that sets one, where there is
/// one (<https://docs.port.io/build-your-software-catalog/customize-integrations/configure-data-model/setup-blueprint/properties/meta-properties>).
const META: [(&str, Option<&str>); 10] = [
    ("$identifier", Some("identifier")),
    ("$title", Some("title")),
    ("$team", Some("team")),
    ("$icon", Some("icon")),
    ("$blueprint", Some("blueprint")),
    ("$createdAt", None),
    ("$updatedAt", None),
    ("$createdBy", None),
    ("$updatedBy", None),
    ("$datasource", None),
];

/// Keys with `$` among the properties and relations: hidden from then on, since there is one
/// thing to say of each.
pub(super) fn check(
    subject: &mut Subject<'_>,
    entities: &[(Pointer, NodeId)],
    findings: &mut Findings<'_>,
) {
    let document = subject.document;
    for (pointer, entity) in entities {
        for holder in ["properties", "relations"] {
            let Some(holding) = document.get(*entity, holder) else {
                continue;
            };
            for entry in document.entries(holding.value.node) {
                let Some((name, key)) = of_name(&entry.key) else {
                    continue;
                };
                let at = pointer.join(holder).join(name);
                let span = entry.merged.unwrap_or(entry.key_span);
                findings.add_with(&META_PROPERTY, || {
                    let message = format!(
                        "`{name}` is what Port itself knows of every entity, and can't be set below `{holder}`"
                    );
                    let draft = subject.draft(&META_PROPERTY, &at, span, message);
                    draft.help(instead(subject, *entity, entry.value, key))
                });
                subject.hide(at);
            }
        }
    }
}

/// The meta-property of this name, and the key by which an entity sets it.
pub(super) fn of_name(name: &str) -> Option<(&'static str, Option<&'static str>)> {
    // Hardly a text begins so, and each is asked.
    if !name.starts_with('$') {
        return None;
    }
    META.into_iter().find(|(meta, _)| *meta == name)
}

/// What to do about a meta-property that has been given a value.
fn instead(subject: &Subject<'_>, entity: NodeId, value: Use, key: Option<&str>) -> String {
    let Some(key) = key else {
        return "remove the line: Port sets it".to_owned();
    };
    if subject.document.get(entity, key).is_some() {
        return format!("remove the line: the entity has the key `{key}` already");
    }
    let text = subject.source.slice(value.at);
    if text.is_empty() || !is_copyable(text) || text.starts_with(['*', '-']) {
        return format!("move the value to the key `{key}`, beside `properties`");
    }
    let line = format!("{key}: {text}");
    format!("write {} in its place, beside `properties`", whole(&line))
}
