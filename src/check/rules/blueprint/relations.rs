//! Relations that the blueprint does not have, and lists where one entity belongs.

use std::collections::HashSet;

use serde_json::Value;

use super::keys::name;
use super::{Entity, Held, is_key};
use crate::blueprint::Relation;
use crate::check::findings::{Draft, Findings};
use crate::check::words::{all_of, code, is_copyable};
use crate::document::{NodeKind, Pointer};
use crate::finding::{Fix, RuleId, Severity};

const UNKNOWN: RuleId = RuleId::of("port/unknown-relation");
const MANY: RuleId = RuleId::of("port/relation-many");

impl Held<'_, '_> {
    /// Gives the relations that misspelt ones were meant to be.
    pub(super) fn relations<'e>(
        &self,
        entity: &Entity<'e>,
        findings: &mut Findings<'_>,
    ) -> HashSet<&'e str> {
        let Some(given) = entity.relations else {
            return HashSet::new();
        };
        let blueprint = entity.blueprint;
        let below = entity.at.join("relations");
        let mut unknown = Vec::new();
        for (key, value) in given {
            let at = below.join(key);
            match blueprint.relations.get(key) {
                _ if self.subject.is_blind(&at) => {}
                Some(relation) => self.how_many(relation, &at, value, findings),
                None if is_key(key) => unknown.push(key.as_str()),
                None => {}
            }
        }
        let known = blueprint.relations.keys().map(String::as_str);
        let slips = self.slips(&unknown, known, given);
        for key in unknown {
            findings.add_with(&UNKNOWN, || {
                let at = below.join(key);
                let message = format!("{} has no relation {}", name(blueprint), code(key));
                let draft = self.at_key(&UNKNOWN, &at, message);
                if let Some(slip) = slips.get(key) {
                    return self.rename(draft, &at, slip);
                }
                if blueprint.properties.contains_key(key) {
                    return draft
                        .label("a property of that name is there")
                        .help("move it below `properties`");
                }
                let known: Vec<String> = blueprint.relations.keys().map(|key| code(key)).collect();
                draft.help(match known.as_slice() {
                    [] => "remove the relation, or add it to the blueprint in Port".to_owned(),
                    _ => format!(
                        "remove the relation, or add it to the blueprint in Port, which has {}",
                        all_of(&known)
                    ),
                })
            });
        }
        slips.into_values().map(|slip| slip.meant).collect()
    }

    fn how_many(
        &self,
        relation: &Relation,
        at: &Pointer,
        value: &Value,
        findings: &mut Findings<'_>,
    ) {
        match value {
            Value::Array(items) if !relation.many => {
                findings.add_with(&MANY, || self.too_many(relation, at, items.len()));
            }
            // That Port refuses one for a list is not known: it may as well take it for a list of one.
            Value::String(_) if relation.many => {
                findings.no_worse_than(Some(Severity::Warning), |findings| {
                    findings.add_with(&MANY, || self.only_one(at));
                });
            }
            _ => {}
        }
    }

    fn too_many(&self, relation: &Relation, at: &Pointer, count: usize) -> Draft {
        let (node, place) = self.subject.find(at);
        let key = at.last().unwrap_or_default();
        let to = relation
            .target
            .as_deref()
            .map_or_else(String::new, |target| format!(" of {}", code(target)));
        let message = format!("{} leads to one entity{to}, but is a list", code(key));
        let draft = self.at_value(&MANY, at, message);
        let NodeKind::Sequence(items) = &node.kind else {
            return draft;
        };
        let first = items.first().and_then(|item| {
            let text = self.subject.source.slice(item.at);
            let is_text = self.subject.document.string(item.node).is_some();
            (is_text && is_copyable(text)).then_some(text)
        });
        let Some(first) = first else {
            return draft.help("write the identifier of one entity in place of the list");
        };
        let line = code(&self.subject.line(at, first));
        if count > 1 {
            return draft.help(format!("write one of them only, such as {line}"));
        }
        let draft = draft.help(format!("write {line}"));
        let is_here = place.defined.is_none() && !first.starts_with(['*', '&', '!']);
        // What stands over several lines may hold a comment.
        let written = self.subject.source.slice(place.value);
        match is_here && written.starts_with('[') && !written.contains('\n') {
            true => draft.fix(Fix::replace(place.value, first)),
            false => draft,
        }
    }

    fn only_one(&self, at: &Pointer) -> Draft {
        let (_, place) = self.subject.find(at);
        let key = at.last().unwrap_or_default();
        let message = format!("{} leads to several entities, but is no list", code(key));
        let draft = self.at_value(&MANY, at, message);
        let text = self.subject.source.slice(place.value);
        if !is_copyable(text) {
            return draft.help("write it as a list: a `-` in front of each item");
        }
        let list = format!("[{text}]");
        let draft = draft.help(format!("write {}", code(&self.subject.line(at, &list))));
        let is_plain = |c: char| c.is_alphanumeric() || "@_.+/=-".contains(c);
        match place.defined.is_none() && text.chars().all(is_plain) {
            true => draft.fix(Fix::replace(place.value, list)),
            false => draft,
        }
    }
}
