//! Templates, jq and names of meta-properties, which nobody evaluates in `port.yaml`.

use super::meta_property;
use super::texts::Text;
use crate::check::explain::Subject;
use crate::check::findings::{Draft, Findings};
use crate::check::rules::yaml::as_written;
use crate::check::words::{code, is_copyable, whole};
use crate::document::{NodeId, Pointer, Style};
use crate::finding::RuleId;

const EXPRESSION: RuleId = RuleId::of("port/expression");

/// Says of a text that it is none.
pub(super) fn check(
    subject: &Subject<'_>,
    entity: &Pointer,
    text: &Text<'_>,
    findings: &mut Findings<'_>,
) {
    if let Some(expression) = expression(text.key, &text.scalar.text, text.scalar.style)
        && !findings.marks(text.at)
    {
        findings.add_with(&EXPRESSION, || {
            evaluated_by_nobody(subject, entity, text, expression)
        });
    }
}

/// A language in which nobody reads `port.yaml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expression {
    Template,
    Jq,
    MetaProperty,
}

fn expression(key: &str, text: &str, style: Style) -> Option<Expression> {
    // A single letter is looked for many bytes at a time.
    let has_brace = text.contains('{');
    let is_likely = has_brace || text.starts_with(['$', '.']);
    if !is_likely || style == Style::Block || text.contains('\n') {
        return None;
    }
    if has_brace
        && let Some(open) = text.find("{{")
        && text[open..].contains("}}")
    {
        return Some(Expression::Template);
    }
    if meta_property::of_name(text).is_some() {
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
    let named = meta_property::of_name(&text.scalar.text)
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
}
