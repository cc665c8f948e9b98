//! `relations` or `properties` inside of `properties`: Port would take it for a property of that name.

use crate::blueprint::Blueprint;
use crate::check::block;
use crate::check::explain::Subject;
use crate::check::findings::{Draft, Findings};
use crate::check::rules::blueprint::Copy;
use crate::check::words::{is_copyable, with_lines};
use crate::document::{Document, Entry, NodeId, NodeKind, Pointer, ScalarValue};
use crate::finding::{Fix, RuleId};

const MISPLACED: RuleId = RuleId::of("port/misplaced-key");

/// Longer blocks are not shown in a help.
const MOST_LINES: usize = 20;

pub(super) fn check(
    blueprints: &Copy,
    subject: &Subject<'_>,
    entities: &[(Pointer, NodeId)],
    findings: &mut Findings<'_>,
) {
    let document = subject.document;
    for (pointer, node) in entities {
        let Some(properties) = document.get(*node, "properties") else {
            continue;
        };
        for key in ["relations", "properties"] {
            let Some(entry) = document.get(properties.value.node, key) else {
                continue;
            };
            if !is_empty(document, entry) && !is_mapping(document, entry) {
                continue;
            }
            let entity = Misplacing {
                subject,
                entity: *node,
                properties,
                entry,
            };
            findings.add_with(&MISPLACED, || entity.draft(blueprints, pointer));
        }
    }
}

/// The fix of a property that is a relation and stands behind an empty `relations:`; several of them
/// have one and the same.
pub(in crate::check::rules) fn fix_of_follower(
    blueprints: &Copy,
    subject: &Subject<'_>,
    entity: &Pointer,
    key: &str,
) -> Option<Fix> {
    let document = subject.document;
    let (entity, _) = document.resolve(entity)?;
    let properties = document.get(entity, "properties")?;
    let misplacing = Misplacing {
        subject,
        entity,
        properties,
        entry: document.get(properties.value.node, "relations")?,
    };
    let is_behind = is_empty(document, misplacing.entry)
        && misplacing.followers().any(|entry| entry.key == key);
    is_behind.then(|| misplacing.fix(blueprints)).flatten()
}

fn is_empty(document: &Document, entry: &Entry) -> bool {
    matches!(&document.node(entry.value.node).kind,
        NodeKind::Scalar(scalar) if scalar.value == ScalarValue::Null)
}

fn is_mapping(document: &Document, entry: &Entry) -> bool {
    matches!(document.node(entry.value.node).kind, NodeKind::Mapping(_))
}

/// A key in the `properties` of an entity that belongs beside them.
struct Misplacing<'s, 'a> {
    subject: &'s Subject<'a>,
    entity: NodeId,
    properties: &'a Entry,
    entry: &'a Entry,
}

impl<'a> Misplacing<'_, 'a> {
    fn draft(&self, blueprints: &Copy, entity: &Pointer) -> Draft {
        let key = self.entry.key.as_str();
        let message = format!("`{key}` stands inside of `properties`, as if it were one of them");
        let at = entity.join("properties").join(key);
        let span = self.entry.merged.unwrap_or(self.entry.key_span);
        self.subject
            .draft(&MISPLACED, &at, span, message)
            .label("indented too deep")
            .help(self.help())
            .fix(self.fix(blueprints))
    }

    /// The properties that stand behind it in the file.
    fn followers(&self) -> impl Iterator<Item = &'a Entry> {
        let end = self.entry.key_span.end;
        let all = self.subject.document.entries(self.properties.value.node);
        all.iter()
            .filter(move |entry| entry.merged.is_none() && entry.key_span.start > end)
    }

    /// Whether it is empty and what belongs below it may stand beside it.
    fn is_beside(&self) -> bool {
        is_empty(self.subject.document, self.entry) && self.followers().next().is_some()
    }

    /// Whether there is one where it belongs, too.
    fn is_there_twice(&self) -> bool {
        let document = self.subject.document;
        document.get(self.entity, &self.entry.key).is_some()
    }

    fn help(&self) -> String {
        if self.entry.key == "properties" {
            return "remove the inner `properties:`, and indent what is below it like the rest"
                .to_owned();
        }
        if !self.is_beside() {
            return "indent `relations:` like `properties:`, and what belongs to it below it"
                .to_owned();
        }
        if self.is_there_twice() {
            return "remove it, and move the relations behind it to the `relations:` of the entity"
                .to_owned();
        }
        let what = "indent `relations:` like `properties:`, with the relations below it";
        match self.mended() {
            Some(lines) => with_lines(
                &format!("{what}; if they are all that follows it, write"),
                &[lines],
            ),
            None => what.to_owned(),
        }
    }

    /// The lines as they are once the key stands over those that follow it.
    fn mended(&self) -> Option<String> {
        let Subject {
            source, document, ..
        } = self.subject;
        let (edit, lines) =
            block::put_over_followers(source, document, self.properties, self.entry)?;
        let text = source.text();
        let mended = format!(
            "{}{}{}",
            &text[lines.start..edit.span.start],
            edit.text,
            &text[edit.span.end..lines.end]
        );
        let indentation = edit.text.len() - edit.text.trim_start_matches(' ').len();
        let mut shown = Vec::new();
        for line in mended.lines() {
            let blanks = line.len() - line.trim_start_matches(' ').len();
            shown.push(&line[blanks.min(indentation)..]);
        }
        let fits = shown.len() <= MOST_LINES && shown.iter().all(|line| is_copyable(line));
        fits.then(|| shown.join("\n"))
    }

    fn fix(&self, blueprints: &Copy) -> Option<Fix> {
        let Subject {
            source, document, ..
        } = self.subject;
        if self.entry.key == "properties" {
            return block::unwrapped(source, document, self.entry);
        }
        if self.is_there_twice() {
            return None;
        }
        if !self.is_beside() {
            return block::moved_out(source, document, self.properties, self.entry);
        }
        // What is a property and what a relation only the blueprint can say.
        let blueprint = self.blueprint(blueprints)?;
        let is_relation = |entry: &Entry| {
            blueprint.relations.contains_key(entry.key.as_str())
                && !blueprint.properties.contains_key(entry.key.as_str())
                && !blueprint.computed.contains_key(entry.key.as_str())
        };
        if !self.followers().all(is_relation) {
            return None;
        }
        let (edit, _) = block::put_over_followers(source, document, self.properties, self.entry)?;
        Some(Fix::edits(vec![edit]))
    }

    /// The blueprint of the entity, where a copy is at hand that holds still.
    fn blueprint<'b>(&self, blueprints: &'b Copy) -> Option<&'b Blueprint> {
        let document = self.subject.document;
        let name = document.get(self.entity, "blueprint")?;
        let name = document.string(name.value.node)?;
        let copied = blueprints.read().filter(|copied| copied.old.is_none())?;
        copied.blueprints.get(name)
    }
}
