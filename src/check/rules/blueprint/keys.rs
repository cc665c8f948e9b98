//! Properties that the blueprint does not have, or that Port works out by itself.

use std::collections::HashSet;

use super::{Entity, Held, is_key};
use crate::blueprint::{Blueprint, Computed};
use crate::check::findings::{Draft, Findings};
use crate::check::rules::port::misplaced;
use crate::check::words::{all_of, code};
use crate::document::Pointer;
use crate::finding::RuleId;

const UNKNOWN: RuleId = RuleId::of("port/unknown-property");
const READ_ONLY: RuleId = RuleId::of("port/read-only-property");

impl Held<'_, '_> {
    /// Gives the properties that misspelt ones were meant to be.
    pub(super) fn properties<'e>(
        &self,
        entity: &Entity<'e>,
        findings: &mut Findings<'_>,
    ) -> HashSet<&'e str> {
        let Some(given) = entity.properties else {
            return HashSet::new();
        };
        let blueprint = entity.blueprint;
        let below = entity.at.join("properties");
        let mut unknown = Vec::new();
        for (key, value) in given {
            if blueprint.properties.contains_key(key) {
                continue;
            }
            let at = || below.join(key);
            if let Some(&computed) = blueprint.computed.get(key) {
                findings.add_with(&READ_ONLY, || self.read_only(key, computed, &at()));
                continue;
            }
            // A name that no property can have, and indentation that went wrong, are findings already.
            let is_indented = matches!(key.as_str(), "relations" | "properties")
                && (value.is_null() || value.is_object());
            if is_key(key) && !is_indented && !self.subject.is_blind(&at()) {
                unknown.push(key.as_str());
            }
        }
        let known = blueprint.properties.keys().map(String::as_str);
        let slips = self.slips(&unknown, known, given);
        for key in unknown {
            findings.add_with(&UNKNOWN, || {
                let at = below.join(key);
                let message = format!("{} has no property {}", name(blueprint), code(key));
                let draft = self.at_key(&UNKNOWN, &at, message);
                if let Some(slip) = slips.get(key) {
                    return self.rename(draft, &at, slip);
                }
                if blueprint.relations.contains_key(key) {
                    return draft
                        .label("a relation of that name is there")
                        .help("move it below `relations`")
                        .fix(misplaced::fix_of_follower(
                            self.copy,
                            self.subject,
                            entity.at,
                            key,
                        ));
                }
                draft.help(instead(blueprint))
            });
        }
        slips.into_values().map(|slip| slip.meant).collect()
    }

    fn read_only(&self, key: &str, computed: Computed, at: &Pointer) -> Draft {
        let message = format!("Port works out {} by itself", code(key));
        self.at_key(&READ_ONLY, at, message)
            .label(match computed {
                Computed::Calculation => "calculated",
                Computed::Mirror => "taken from a related entity",
                Computed::Aggregation => "counted over related entities",
            })
            .help("remove the property")
    }
}

/// What messages call a blueprint.
pub(super) fn name(blueprint: &Blueprint) -> String {
    format!("the blueprint {}", code(&blueprint.identifier))
}

fn instead(blueprint: &Blueprint) -> String {
    let known: Vec<String> = blueprint.properties.keys().map(|key| code(key)).collect();
    if known.is_empty() {
        return "remove the property, or add it to the blueprint in Port".to_owned();
    }
    format!(
        "remove the property, or add it to the blueprint in Port, which has {}",
        all_of(&known)
    )
}
