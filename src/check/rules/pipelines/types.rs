//! Values of the wrong type, and words that Bitbucket does not know: what is wrong, and how the
//! value was meant.

use super::rules::{TYPE, VALUE};
use super::shape::Shape;
use super::walk::{Here, Walk};
use crate::check::explain::Subject;
use crate::check::rules::yaml::quoted;
use crate::check::suggest;
use crate::check::words::{all_of, code, is_copyable, one_of, whole};
use crate::document::{NodeKind, Pointer, Scalar, ScalarValue, Style};
use crate::finding::Fix;

impl Walk<'_, '_, '_> {
    pub(super) fn wrong_word(
        &mut self,
        words: &'static [&'static str],
        scalar: &Scalar,
        here: Here,
    ) {
        let span = self.mark(here);
        self.tell(&VALUE, span, |subject, at| {
            let name = subject.name(at);
            let quoted: Vec<String> = words.iter().map(|word| code(word)).collect();
            let message = format!(
                "{name} must be {}, but is {}",
                one_of(&quoted),
                code(&scalar.text)
            );
            let draft = subject.draft(&VALUE, at, span, message);
            let line = |word: &str| whole(&subject.line(at, word));
            match meant(&scalar.text, words) {
                Some(word) => draft
                    .label(format!("did you mean {}?", code(word)))
                    .help(format!("write {}", line(word)))
                    .fix(Fix::replace(span, word)),
                None => {
                    let lines: Vec<String> = words.iter().map(|word| line(word)).collect();
                    draft.help(format!("write {}", one_of(&lines)))
                }
            }
        });
    }

    /// A value of another type than its shape's.
    pub(super) fn wrong_type(&mut self, shape: &'static Shape, here: Here) {
        let span = self.mark(here);
        let node = self.node(here);
        self.tell(&TYPE, span, |subject, at| {
            let name = subject.name(at);
            let must = must(shape);
            let scalar = match &node.kind {
                NodeKind::Scalar(scalar) if scalar.value == ScalarValue::Null => {
                    let message = format!("{name} has no value");
                    return subject
                        .draft(&TYPE, at, span, message)
                        .label(format!("it must be {must}"))
                        .help(no_value(subject, at, &must));
                }
                NodeKind::Scalar(scalar) => scalar,
                NodeKind::Sequence(_) => {
                    let message = format!("{name} must be {must}, but is a list");
                    return subject
                        .draft(&TYPE, at, span, message)
                        .help(format!("write {must} in place of the list"));
                }
                NodeKind::Mapping(_) => {
                    let message = format!("{name} must be {must}, but is a mapping");
                    return subject
                        .draft(&TYPE, at, span, message)
                        .help(format!("write {must} in place of the mapping"));
                }
            };
            let is = match scalar.value {
                ScalarValue::Bool(_) => code(&scalar.text),
                ScalarValue::Int(_) | ScalarValue::Float(_) => "a number".to_owned(),
                _ if must.ends_with('`') => code(&scalar.text),
                _ => "text".to_owned(),
            };
            let message = format!("{name} must be {must}, but is {is}");
            let draft = subject.draft(&TYPE, at, span, message);
            match in_its_place(shape, scalar) {
                Some(text) => {
                    let draft = match why(scalar, &text) {
                        Some(label) => draft.label(label),
                        None => draft,
                    };
                    draft
                        .help(format!("write {}", whole(&subject.line(at, &text))))
                        .fix(Fix::replace(span, text))
                }
                None => draft.help(other_value(subject, at, shape, scalar, &must)),
            }
        });
    }
}

/// What a value must be, in words.
fn must(shape: &Shape) -> String {
    match shape {
        Shape::Any => "a value".to_owned(),
        Shape::Text { .. } => "text".to_owned(),
        Shape::Image => "the name of an image".to_owned(),
        Shape::Import => "text such as `repository:branch:pipeline`".to_owned(),
        Shape::Word(words) => {
            let quoted: Vec<String> = words.iter().map(|word| code(word)).collect();
            one_of(&quoted)
        }
        Shape::Flag => "`true` or `false`".to_owned(),
        Shape::Whole { .. } => "a whole number".to_owned(),
        Shape::List(_) | Shape::Script => "a list".to_owned(),
        Shape::Map(_) | Shape::Object(_) => "a mapping".to_owned(),
        Shape::Either(shapes) => {
            let parts: Vec<String> = shapes.iter().map(must).collect();
            one_of(&parts)
        }
    }
}

/// The word that was meant by one that Bitbucket does not know.
fn meant(text: &str, words: &[&'static str]) -> Option<&'static str> {
    // Between `2x` and `32x` lies no slip of the finger.
    let is_size = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
    if words.iter().any(|word| is_size(word)) {
        let number = text.trim_end_matches(['x', 'X']);
        let mut words = words.iter().copied();
        return words.find(|word| word.strip_suffix('x') == Some(number));
    }
    let near = suggest::nearest(text, words.iter().copied())?;
    words.iter().copied().find(|word| *word == near)
}

/// How the value was meant, written so that it has the shape's type.
fn in_its_place(shape: &Shape, scalar: &Scalar) -> Option<String> {
    let text = scalar.text.as_str();
    match shape {
        Shape::Text { .. } | Shape::Image if scalar.as_str().is_none() && is_copyable(text) => {
            Some(quoted(text))
        }
        Shape::Flag => match text.to_ascii_lowercase().as_str() {
            "yes" | "on" | "true" => Some("true".to_owned()),
            "no" | "off" | "false" => Some("false".to_owned()),
            _ => None,
        },
        Shape::Whole { .. } => {
            let digits = text.trim();
            let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            (is_number && digits.len() < 19).then(|| digits.to_owned())
        }
        Shape::List(list) => {
            let is_plain = scalar.style == Style::Plain
                && is_copyable(text)
                && !text.contains(|c: char| "[]{},#:&*!|>'\"%@`".contains(c));
            let fits = matches!(list.items, Shape::Text { .. } | Shape::Either(_));
            (is_plain && fits && scalar.as_str().is_some()).then(|| format!("[{text}]"))
        }
        Shape::Word(words) => meant(text, words).map(str::to_owned),
        Shape::Either(shapes) => shapes.iter().find_map(|shape| in_its_place(shape, scalar)),
        _ => None,
    }
}

/// What to write in place of a word or number of which nobody knows what was meant.
fn other_value(
    subject: &Subject<'_>,
    at: &Pointer,
    shape: &Shape,
    scalar: &Scalar,
    must: &str,
) -> String {
    let Shape::Object(object) = shape else {
        return format!("write {must} in its place");
    };
    if object.keys.iter().any(|key| key.name == scalar.text) {
        let line = subject.line(at, &format!("{}:", scalar.text));
        return format!("write {}, and what belongs to it below", whole(&line));
    }
    let keys: Vec<String> = object.keys.iter().map(|key| code(key.name)).collect();
    format!(
        "write keys with values below it; it takes {}",
        all_of(&keys)
    )
}

/// Why the value is not what it looks like; nothing where it does not look like it.
fn why(scalar: &Scalar, meant: &str) -> Option<String> {
    match (scalar.value, scalar.style) {
        (ScalarValue::Str, _) if meant.starts_with('[') => None,
        (ScalarValue::Str, Style::Quoted) => Some("the quotes make it text".to_owned()),
        (ScalarValue::Str, _) => Some(format!("{} is text in YAML 1.2", code(&scalar.text))),
        _ => Some("without quotes it is no text".to_owned()),
    }
}

fn no_value(subject: &Subject<'_>, at: &Pointer, must: &str) -> String {
    if subject.is_item(at) {
        return format!("write {must} behind the `-`, or remove the item");
    }
    match must.starts_with("a list") || must.starts_with("a mapping") {
        true => format!("write {must} below the key, or remove the key"),
        false => format!("write {must} behind the colon, or remove the key"),
    }
}
