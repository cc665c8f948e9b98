//! What stayed in `port.yaml` from somewhere else: Port's example, a template, a mapping's jq.

use crate::check::explain::Subject;
use crate::check::findings::{Draft, Findings};
use crate::check::rules::yaml::as_written;
use crate::check::words::{code, is_copyable, whole};
use crate::document::{NodeId, NodeKind, Pointer, Scalar, ScalarValue, Span, Style, Use};
use crate::finding::RuleId;

const PLACEHOLDER: RuleId = RuleId::of("port/placeholder");
const EXPRESSION: RuleId = RuleId::of("port/expression");
const NULL_TEXT: RuleId = RuleId::of("port/null-text");
const META_PROPERTY: RuleId = RuleId::of("port/meta-property");

/// Of so many other placeholders of an entity the place is shown.
const SHOWN: usize = 8;

/// The properties that Port itself gives every entity, and the key that sets one, where there is
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

/// Which part of an entity a text stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Identifier,
    Title,
    Team,
    Relation,
    Property,
}

/// A text of an entity that its own file writes.
struct Text<'a> {
    part: Part,
    key: &'a str,
    item: Option<usize>,
    scalar: &'a Scalar,
    at: Span,
}

impl Text<'_> {
    fn pointer(&self, entity: &Pointer) -> Pointer {
        let holder = match self.part {
            Part::Relation => entity.join("relations"),
            Part::Property => entity.join("properties"),
            _ => entity.clone(),
        };
        let pointer = holder.join(self.key);
        match self.item {
            Some(index) => pointer.join(index.to_string()),
            None => pointer,
        }
    }
}

/// Keys with `$` among the properties and relations: hidden from then on, since there is one
/// thing to say of each.
pub(super) fn meta_properties(
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
                let Some((name, key)) = META.into_iter().find(|(name, _)| *name == entry.key)
                else {
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

/// Texts that nobody meant to send to Port as they are.
pub(super) fn check(
    subject: &Subject<'_>,
    entities: &[(Pointer, NodeId)],
    findings: &mut Findings<'_>,
) {
    let hidden = subject.hidden();
    for (pointer, entity) in entities.iter().filter(|(_, node)| !hidden.contains(node)) {
        let mut placeholders: Vec<Text<'_>> = Vec::new();
        texts(subject, *entity, |text| {
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
            } else if let Some(expression) =
                expression(text.key, &text.scalar.text, text.scalar.style)
                && !findings.marks(text.at)
            {
                findings.add_with(&EXPRESSION, || {
                    evaluated_by_nobody(subject, pointer, &text, expression)
                });
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

/// The texts of an entity by which Port knows it, and its properties, but not what is inside of
/// those; no text that an alias or a merge key has brought.
fn texts<'a>(subject: &Subject<'a>, entity: NodeId, mut see: impl FnMut(Text<'a>)) {
    let document = subject.document;
    let mut see_value = |part: Part, key: &'a str, value: Use| {
        let mut see_scalar = |used: Use, item: Option<usize>| {
            let node = document.node(used.node);
            if let NodeKind::Scalar(scalar) = &node.kind
                && used.at == node.span
            {
                let at = node.span;
                see(Text {
                    part,
                    key,
                    item,
                    scalar,
                    at,
                });
            }
        };
        see_scalar(value, None);
        if value.at == document.node(value.node).span {
            for (index, item) in document.items(value.node).iter().enumerate() {
                see_scalar(*item, Some(index));
            }
        }
    };
    let own = |node| {
        let entries = document.entries(node).iter();
        entries.filter(|entry| entry.merged.is_none())
    };
    for entry in own(entity) {
        let holder = match entry.key.as_str() {
            "identifier" => {
                see_value(Part::Identifier, &entry.key, entry.value);
                continue;
            }
            "title" => {
                see_value(Part::Title, &entry.key, entry.value);
                continue;
            }
            "team" => {
                see_value(Part::Team, &entry.key, entry.value);
                continue;
            }
            "relations" => Part::Relation,
            "properties" => Part::Property,
            _ => continue,
        };
        if entry.value.at == document.node(entry.value.node).span {
            for inner in own(entry.value.node) {
                see_value(holder, &inner.key, inner.value);
            }
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
                || text.trim_end_matches('/') == "https://example.com"
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

/// A language in which nobody reads `port.yaml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expression {
    Template,
    Jq,
    MetaProperty,
}

fn expression(key: &str, text: &str, style: Style) -> Option<Expression> {
    if style == Style::Block || text.contains('\n') {
        return None;
    }
    if let Some(open) = text.find("{{")
        && text[open..].contains("}}")
    {
        return Some(Expression::Template);
    }
    if META.iter().any(|(name, _)| *name == text) {
        return Some(Expression::MetaProperty);
    }
    is_jq(key, text).then_some(Expression::Jq)
}

/// `.metadata.name`, `.name | ascii_downcase`: what mappings of Port's integrations are made of.
fn is_jq(key: &str, text: &str) -> bool {
    const ENDINGS: [&str; 22] = [
        "json", "yaml", "yml", "js", "cjs", "mjs", "ts", "toml", "ini", "md", "txt", "xml", "lock",
        "sh", "rc", "conf", "cfg", "local", "example", "sample", "dist", "bak",
    ];
    let Some(path) = text.strip_prefix('.') else {
        return false;
    };
    if !path.starts_with(|c: char| c.is_ascii_lowercase() || matches!(c, '_' | '[')) {
        return false;
    }
    if [" | ", " // ", "[]"].iter().any(|sign| path.contains(sign)) {
        return true;
    }
    let is_name = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let parts: Vec<&str> = path.splitn(8, '.').collect();
    match parts.as_slice() {
        // `.env` and `.NET` are names; `readme: .readme` is none.
        [only] => is_name(only) && (*only == key || *only == "readme"),
        [first @ .., last] => {
            parts.iter().all(|part| is_name(part))
                && !ENDINGS.contains(last)
                && first.first() != Some(&"env")
        }
        [] => false,
    }
}

fn evaluated_by_nobody(
    subject: &Subject<'_>,
    entity: &Pointer,
    text: &Text<'_>,
    expression: Expression,
) -> Draft {
    let said = code(&text.scalar.text);
    let message = match expression {
        Expression::Template => {
            format!("nobody fills in the template {said}: Port takes it as it is")
        }
        Expression::Jq => format!("nobody evaluates {said}: to Port it is just this text"),
        Expression::MetaProperty => format!("{said} is just this text here, and not what it names"),
    };
    let pointer = text.pointer(entity);
    let named = META
        .into_iter()
        .find(|(name, _)| *name == text.scalar.text)
        .and_then(|(_, key)| key)
        .and_then(|key| subject.document.get(entity_node(subject, entity)?, key))
        .and_then(|entry| subject.document.string(entry.value.node))
        .filter(|value| is_copyable(value));
    let help = match named {
        Some(value) => {
            let line = subject.line(&pointer, &as_written(value));
            format!("write the value itself: {}", whole(&line))
        }
        None => "write the value itself".to_owned(),
    };
    let label = match expression {
        Expression::Template => "Port knows no templates",
        Expression::Jq => "jq works in the mapping of an integration only",
        Expression::MetaProperty => "read only in searches",
    };
    subject
        .draft(&EXPRESSION, &pointer, text.at, message)
        .label(label)
        .help(help)
}

fn entity_node(subject: &Subject<'_>, entity: &Pointer) -> Option<NodeId> {
    subject.document.resolve(entity).map(|(node, _)| node)
}

/// A file of one text in which the first line lacks the space of `key: value`.
pub(super) fn missing_space(subject: &Subject<'_>, rule: &RuleId) -> Option<Draft> {
    let root = subject.document.root();
    let NodeKind::Scalar(scalar) = &subject.document.node(root.node).kind else {
        return None;
    };
    if scalar.style != Style::Plain || scalar.value != ScalarValue::Str {
        return None;
    }
    let line = subject.source.slice(root.at).lines().next()?.trim_end();
    let (key, value) = line.split_once(':')?;
    let is_key = matches!(key, "identifier" | "title" | "blueprint" | "icon" | "team");
    if !is_key || value.is_empty() {
        return None;
    }
    let span = Span::new(root.at.start, root.at.start + line.len());
    let message = format!("a space is missing after the colon in {}", code(line));
    let draft = subject
        .draft(rule, &Pointer::root(), span, message)
        .label("without it the whole file is one text");
    Some(draft.help(if is_copyable(line) {
        format!(
            "write {}, and a space after each colon below",
            whole(&format!("{key}: {value}"))
        )
    } else {
        "write a space after each colon".to_owned()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jq_is_told_from_names_with_a_dot() {
        for (key, text) in [
            ("readme", ".readme"),
            ("name", ".metadata.name"),
            ("name", ".name | ascii_downcase"),
            ("owner", ".owner // \"nobody\""),
            ("language", ".language"),
            ("tags", ".tags[]"),
        ] {
            assert_eq!(
                expression(key, text, Style::Plain),
                Some(Expression::Jq),
                "{text}"
            );
        }
        for text in [
            ".NET",
            ".env",
            ".env.production",
            ".eslintrc.json",
            ".github/workflows/a.yml",
            ".",
            "..",
            "...",
            ".5",
            ".gitignore",
            "a.b",
            ".NET Core",
            "~/.config",
        ] {
            assert_eq!(expression("file", text, Style::Plain), None, "{text}");
        }
    }

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
