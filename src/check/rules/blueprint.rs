//! `port.yaml` against Port's blueprints: what the entity's blueprint knows, needs and refuses.
//!
//! The hook never asks Port: blueprints come from a file that somebody pulled. Where there is none
//! nothing is said.

mod copy;
mod keys;
mod needs;
mod relations;
mod values;

use std::cell::Cell;
use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{Rule, rule};
use crate::blueprint::{Blueprint, Blueprints, Copied};
use crate::check::before::Before;
use crate::check::explain::Subject;
use crate::check::findings::{Draft, Findings};
use crate::check::suggest;
use crate::check::words::code;
use crate::document::{Pointer, Span};
use crate::finding::{Fix, RuleId, Severity};

pub(in crate::check) use copy::Copy;

/// The registry: a line a rule.
#[rustfmt::skip]
pub(super) static RULES: &[Rule] = &[
    rule!(error, "port/unknown-blueprint", "an entity of a blueprint that Port does not have"),
    rule!(error, "port/unknown-property", "a property that the blueprint does not have"),
    rule!(error, "port/read-only-property", "a property that Port works out by itself"),
    rule!(error, "port/property-type", "a property's value of another type than the blueprint's"),
    rule!(error, "port/property-format", "a property's text that is no date, address or the like"),
    rule!(error, "port/property-value", "a property's value that the blueprint does not allow"),
    rule!(error, "port/missing-property", "an entity without a property that its blueprint requires"),
    rule!(error, "port/unknown-relation", "a relation that the blueprint does not have"),
    rule!(error, "port/missing-relation", "an entity without a relation that its blueprint requires"),
    rule!(error, "port/relation-many", "a list for a relation to one entity, or the other way round"),
    rule!(error, "port/inherited-team", "a team where the blueprint inherits it"),
];

const UNKNOWN_BLUEPRINT: RuleId = RuleId::of("port/unknown-blueprint");
const INHERITED: RuleId = RuleId::of("port/inherited-team");

/// For so many misspelt names of a document it is looked what was meant.
const SUGGESTIONS: usize = 1000;

/// One entity of a known blueprint.
struct Entity<'e> {
    at: &'e Pointer,
    blueprint: &'e Blueprint,
    /// What it declares.
    json: &'e Map<String, Value>,
    /// Its properties; none where there is something else in their place.
    properties: Option<&'e Map<String, Value>>,
    /// Its relations, likewise.
    relations: Option<&'e Map<String, Value>>,
}

/// What a name was meant to be.
#[derive(Clone, Copy, Debug)]
struct Slip<'c> {
    meant: &'c str,
    /// Whether it can have been meant to be nothing else.
    is_certain: bool,
}

/// What all entities of a document share.
struct Held<'h, 'a> {
    copy: &'h Copy,
    subject: &'h Subject<'a>,
    before: &'h dyn Before,
    suggestions: Cell<usize>,
}

/// Holds the entities of a document against their blueprints.
pub(in crate::check) fn check(
    copy: &Copy,
    subject: &Subject<'_>,
    before: &dyn Before,
    findings: &mut Findings<'_>,
) {
    let Some(copied) = asked_for(copy, subject) else {
        return;
    };
    let root = Pointer::root();
    let entities: Vec<(Pointer, &Map<String, Value>)> = match subject.json() {
        Value::Object(entity) => vec![(root, entity)],
        Value::Array(items) => items
            .iter()
            .enumerate()
            .filter_map(|(index, item)| Some((root.join(index.to_string()), item.as_object()?)))
            .collect(),
        _ => return,
    };
    let held = Held {
        copy,
        subject,
        before,
        suggestions: Cell::new(SUGGESTIONS),
    };
    for (at, json) in entities {
        let Some(Value::String(blueprint)) = json.get("blueprint") else {
            continue;
        };
        if subject.is_blind(&at) {
            continue;
        }
        let Some(blueprint) = copied.blueprints.get(blueprint) else {
            let limit = copied.old.is_some().then_some(Severity::Warning);
            findings.no_worse_than(limit, |findings| {
                held.unknown_blueprint(&copied.blueprints, &at, blueprint, findings);
            });
            continue;
        };
        let part = |key: &str| match json.get(key) {
            Some(Value::Object(map)) => Some(map),
            None | Some(Value::Null) => Some(nothing()),
            Some(_) => None,
        };
        let entity = Entity {
            at: &at,
            blueprint,
            json,
            properties: part("properties"),
            relations: part("relations"),
        };
        held.entity(&entity, copied.old.is_some(), findings);
    }
}

/// The blueprints, where an entity asks for its own: nothing is read before.
pub(super) fn asked_for<'c>(copy: &'c Copy, subject: &Subject<'_>) -> Option<&'c Copied> {
    let document = subject.document;
    let names_one = |node| {
        let blueprint = document.get(node, "blueprint");
        blueprint.is_some_and(|entry| document.string(entry.value.node).is_some())
    };
    let root = document.root().node;
    let is_asked = copy.is_there()
        && (names_one(root) || document.items(root).iter().any(|item| names_one(item.node)));
    is_asked.then(|| copy.read()).flatten()
}

/// The properties of an entity that has none.
fn nothing() -> &'static Map<String, Value> {
    static NOTHING: std::sync::OnceLock<Map<String, Value>> = std::sync::OnceLock::new();
    NOTHING.get_or_init(Map::new)
}

impl Held<'_, '_> {
    fn entity(&self, entity: &Entity<'_>, is_old: bool, findings: &mut Findings<'_>) {
        // A type never changes in Port; everything else may have since.
        self.types(entity, findings);
        let limit = is_old.then_some(Severity::Warning);
        findings.no_worse_than(limit, |findings| {
            self.values(entity, findings);
            let meant = self.properties(entity, findings);
            self.missing_properties(entity, &meant, findings);
            let meant = self.relations(entity, findings);
            self.missing_relations(entity, &meant, findings);
            self.inherited_team(entity, findings);
        });
    }

    fn unknown_blueprint(
        &self,
        blueprints: &Blueprints,
        at: &Pointer,
        identifier: &str,
        findings: &mut Findings<'_>,
    ) {
        // What Port refuses by its form is a finding already; Port's own need not be listed.
        if !is_blueprint_name(identifier) || identifier.starts_with('_') {
            return;
        }
        findings.add_with(&UNKNOWN_BLUEPRINT, || {
            let at = at.join("blueprint");
            let message = format!("Port has no blueprint {}", code(identifier));
            let draft = self.at_value(&UNKNOWN_BLUEPRINT, &at, message);
            match self.nearest(identifier, blueprints.identifiers()) {
                Some(meant) => {
                    let others = blueprints.identifiers().filter(|other| *other != meant);
                    let slip = Slip {
                        meant,
                        is_certain: self.nearest(identifier, others).is_none(),
                    };
                    self.write(draft, &at, &slip)
                }
                None => draft.help(
                    "write the identifier of a blueprint that Port has: `pushgate blueprints list` shows them; of a new one, run `pushgate blueprints pull` first",
                ),
            }
        });
    }

    fn inherited_team(&self, entity: &Entity<'_>, findings: &mut Findings<'_>) {
        let Some(path) = &entity.blueprint.team_from else {
            return;
        };
        if entity.json.get("team").is_none_or(Value::is_null) {
            return;
        }
        findings.add_with(&INHERITED, || {
            let at = entity.at.join("team");
            let from = match path.as_str() {
                "" => "from another blueprint".to_owned(),
                path => format!("by the relation {}", code(path)),
            };
            let message = format!(
                "entities of {} inherit their team {from}",
                code(&entity.blueprint.identifier)
            );
            self.at_key(&INHERITED, &at, message)
                .label("Port refuses a team of its own")
                .help("remove `team`")
        });
    }

    /// What was meant, as long as the document has not asked too often.
    fn nearest<'c>(
        &self,
        word: &str,
        candidates: impl IntoIterator<Item = &'c str>,
    ) -> Option<&'c str> {
        let left = self.suggestions.get().checked_sub(1)?;
        self.suggestions.set(left);
        suggest::nearest(word, candidates)
    }

    /// What unknown keys were meant to be: known ones that are not there.
    fn slips<'k>(
        &self,
        unknown: &[&'k str],
        known: impl Iterator<Item = &'k str> + Clone,
        given: &Map<String, Value>,
    ) -> HashMap<&'k str, Slip<'k>> {
        let mut slips: HashMap<&str, Slip<'_>> = HashMap::new();
        let mut claims: HashMap<&str, usize> = HashMap::new();
        for key in unknown {
            let free = known.clone().filter(|free| !given.contains_key(*free));
            let Some(meant) = self.nearest(key, free) else {
                continue;
            };
            let mut others = known.clone().filter(|other| *other != meant).peekable();
            let is_certain = others.peek().is_none() || self.nearest(key, others).is_none();
            slips.insert(key, Slip { meant, is_certain });
            *claims.entry(meant).or_default() += 1;
        }
        // Two keys can't both be what one was meant to be.
        for slip in slips.values_mut() {
            slip.is_certain &= claims.get(slip.meant) == Some(&1);
        }
        slips
    }

    /// A finding at a key.
    fn at_key(&self, rule: &RuleId, at: &Pointer, message: String) -> Draft {
        let (_, place) = self.subject.find(at);
        let span = place.key.unwrap_or(place.value);
        self.placed(rule, at, span, place.defined, message)
    }

    /// A finding at a value.
    fn at_value(&self, rule: &RuleId, at: &Pointer, message: String) -> Draft {
        let (node, place) = self.subject.find(at);
        let span = self.subject.mark(node, place);
        self.placed(rule, at, span, place.defined, message)
    }

    fn placed(
        &self,
        rule: &RuleId,
        at: &Pointer,
        span: Span,
        defined: Option<Span>,
        message: String,
    ) -> Draft {
        let draft = self.subject.draft(rule, at, span, message);
        match defined {
            Some(defined) => draft.related(defined, "defined here"),
            None => draft,
        }
    }

    /// Another key in this place, which mends it.
    fn rename(&self, draft: Draft, at: &Pointer, slip: &Slip<'_>) -> Draft {
        let (_, place) = self.subject.find(at);
        let meant = slip.meant;
        let draft = draft
            .label(format!("did you mean {}?", code(meant)))
            .help(format!("rename the key to {}", code(meant)));
        match place
            .key
            .filter(|_| slip.is_certain && place.defined.is_none())
        {
            Some(span) => match self.in_its_quotes(span, meant) {
                Some(text) => draft.fix(Fix::replace(span, text)),
                None => draft,
            },
            None => draft,
        }
    }

    /// Another word in this place, which mends it.
    fn write(&self, draft: Draft, at: &Pointer, slip: &Slip<'_>) -> Draft {
        let (node, place) = self.subject.find(at);
        let meant = slip.meant;
        let line = self.subject.line(at, meant);
        let draft = draft
            .label(format!("did you mean {}?", code(meant)))
            .help(format!("write {}", code(&line)));
        let is_here = slip.is_certain && place.defined.is_none() && node.tag.is_none();
        match self.in_its_quotes(place.value, meant).filter(|_| is_here) {
            Some(text) => draft.fix(Fix::replace(place.value, text)),
            None => draft,
        }
    }

    /// A name in the quotes that the present one has; none where it would need more than that.
    fn in_its_quotes(&self, span: Span, name: &str) -> Option<String> {
        let here = self.subject.source.slice(span);
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
        if !name.chars().all(is_plain) || here.contains('\n') {
            return None;
        }
        match here.chars().next()? {
            quote @ ('"' | '\'') => Some(format!("{quote}{name}{quote}")),
            first if first.is_alphanumeric() || first == '_' => {
                let stays_text = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                    && crate::document::resolve(name) == crate::document::ScalarValue::Str;
                stays_text.then(|| name.to_owned())
            }
            _ => None,
        }
    }
}

/// Whether Port takes it as a blueprint's name (facts: pattern and length).
fn is_blueprint_name(text: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || "@_.+:\\/-".contains(c);
    !matches!(text, "" | "." | "..") && text.chars().all(fits) && text.chars().count() <= 100
}

/// Whether Port takes it as a key of properties or relations.
fn is_key(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "@_=\\-".contains(c);
    !text.is_empty() && text.len() <= 100 && text.chars().all(fits)
}

/// Whether a value names a file whose content takes its place.
fn is_file(value: &Value) -> bool {
    value
        .as_str()
        .is_some_and(|text| text.starts_with("file://"))
}
