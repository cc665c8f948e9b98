//! Texts that nobody meant to send to Port as they are: placeholders, and `null` in quotes.

use super::expression;
use super::texts::{self, Part, Text};
use crate::check::explain::Subject;
use crate::check::findings::{Draft, Findings};
use crate::check::words::{code, whole};
use crate::document::{NodeId, Pointer, Style};
use crate::finding::RuleId;

const PLACEHOLDER: RuleId = RuleId::of("port/placeholder");
const NULL_TEXT: RuleId = RuleId::of("port/null-text");

/// Of so many other placeholders of an entity the place is shown.
const SHOWN: usize = 8;

/// Texts that nobody meant to send to Port as they are.
pub(super) fn check(
    subject: &Subject<'_>,
    entities: &[(Pointer, NodeId)],
    findings: &mut Findings<'_>,
) {
    let hidden = subject.hidden();
    for (pointer, entity) in entities.iter().filter(|(_, node)| !hidden.contains(node)) {
        let mut placeholders: Vec<Text<'_>> = Vec::new();
        texts::each(subject, *entity, |text| {
            let Some(said) = text.scalar.as_str() else {
                return;
            };
            if is_placeholder(text.part, text.key, said) {
                placeholders.push(text);
            } else if text.scalar.style == Style::Quoted
                && text.part != Part::Identifier
                && matches!(said, "null" | "Null" | "NULL" | "~")
                && !findings.marks(text.at)
            {
                findings.add_with(&NULL_TEXT, || null_text(subject, pointer, &text));
            } else {
                expression::check(subject, pointer, &text, findings);
            }
        });
        placeholders.retain(|text| !findings.marks(text.at));
        if let Some((first, others)) = placeholders.split_first() {
            findings.add_with(&PLACEHOLDER, || {
                placeholder(subject, pointer, first, others)
            });
        }
    }
}

/// What Port's pages show where people are to write their own, and what else says so.
fn is_placeholder(part: Part, key: &str, text: &str) -> bool {
    let is_ports = match part {
        Part::Identifier => text == "some_identifier",
        Part::Title => text == "Some Title",
        Part::Relation => {
            matches!(
                text,
                "related_entity_identifier" | "another_related_entity_identifier"
            )
        }
        // A property `type` may well say `string`.
        Part::Property => {
            text == "string" && !key.eq_ignore_ascii_case("type")
                || text
                    .strip_prefix("https://example.com")
                    .is_some_and(|rest| rest.trim_end_matches('/').is_empty())
        }
        Part::Team => false,
    };
    let is_bracketed = || {
        let inner = text
            .strip_prefix('<')
            .and_then(|text| text.strip_suffix('>'));
        inner.is_some_and(|inner| {
            inner.starts_with(|c: char| c.is_ascii_alphabetic())
                && inner.len() > 1
                && inner
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        })
    };
    let is_word = || {
        text == "PLACEHOLDER"
            || text.starts_with("PLACEHOLDER_")
            || text.ends_with("_PLACEHOLDER")
            || matches!(text, "CHANGEME" | "CHANGE_ME" | "changeme")
    };
    is_ports || is_bracketed() || is_word()
}

fn placeholder(
    subject: &Subject<'_>,
    entity: &Pointer,
    first: &Text<'_>,
    others: &[Text<'_>],
) -> Draft {
    let text = code(&first.scalar.text);
    let message = match others.len() {
        0 => format!("{text} is a placeholder, which Port would take for the value"),
        more => format!(
            "this entity still has {} placeholders, which Port would take for values",
            more + 1
        ),
    };
    let help = match others.len() {
        0 => "write the real value, or remove the line",
        _ => "write the real values, and remove the lines that the entity does not need",
    };
    let draft = subject
        .draft(&PLACEHOLDER, &first.pointer(entity), first.at, message)
        .help(help);
    others
        .iter()
        .take(SHOWN)
        .fold(draft, |draft, other| draft.related(other.at, "here too"))
}

fn null_text(subject: &Subject<'_>, entity: &Pointer, text: &Text<'_>) -> Draft {
    let pointer = text.pointer(entity);
    let name = subject.name(&pointer);
    let said = code(&text.scalar.text);
    let message = format!("{name} is the text {said}, and not an empty value");
    let help = match (text.item, text.part) {
        (Some(_), _) => "remove the item".to_owned(),
        (None, Part::Property | Part::Relation) => format!(
            "remove the line to leave the value in Port alone, or write {} to clear it there",
            whole(&subject.line(&pointer, "null"))
        ),
        (None, _) => "remove the line, or write the value".to_owned(),
    };
    subject
        .draft(&NULL_TEXT, &pointer, text.at, message)
        .label("the quotes make it text")
        .help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_say_that_something_is_to_be_written() {
        for (part, text) in [
            (Part::Identifier, "some_identifier"),
            (Part::Property, "string"),
            (Part::Property, "https://example.com/"),
            (Part::Team, "PLACEHOLDER_TEAM"),
            (Part::Property, "<your-service>"),
        ] {
            assert!(is_placeholder(part, "x", text), "{text}");
        }
        for (part, key, text) in [
            (Part::Title, "title", "string"),
            (Part::Property, "type", "string"),
            (Part::Property, "url", "https://example.com/shop"),
            (Part::Property, "html", "<b>bold</b>"),
            (Part::Property, "x", "placeholder"),
        ] {
            assert!(!is_placeholder(part, key, text), "{text}");
        }
    }
}
