//! Values whose text does not say to every reader what it says to a person.

mod number;

use crate::check::explain::Subject;
use crate::check::findings::{Draft, Findings};
use crate::check::rules::yaml::quoted;
use crate::check::values::{Route, Written, each};
use crate::check::words::{code, is_copyable, whole};
use crate::document::{Kind, Older, ScalarValue, Span, Style, older, resolve};
use crate::finding::{Fix, RuleId};
use number::{in_json, is_another, shown};

const AMBIGUOUS: RuleId = RuleId::of("yaml/ambiguous-scalar");
const NUMBER_TEXT: RuleId = RuleId::of("yaml/number-text");
const SMART_QUOTES: RuleId = RuleId::of("yaml/smart-quotes");
const UNUSED_ANCHOR: RuleId = RuleId::of("yaml/unused-anchor");

/// Looks at every value that no finding has marked.
pub(in crate::check) fn check(kind: &Kind, subject: &Subject<'_>, findings: &mut Findings<'_>) {
    // JSON has neither plain text nor anchors.
    if *kind == Kind::Algorithmia {
        return;
    }
    each(subject, |route, written| match written {
        Written::Key(entry) => {
            let is_plain = subject.source.slice(entry.key_span) == entry.key;
            if *kind == Kind::Port && is_plain {
                key(subject, route, entry.key_span, &entry.key, findings);
            }
        }
        Written::Value(node, scalar) => {
            // A tag says what the value is.
            if scalar.style == Style::Plain && node.tag.is_none() && !node.span.is_empty() {
                let plain = Plain {
                    kind,
                    subject,
                    route,
                    text: &scalar.text,
                    value: scalar.value,
                    at: node.span,
                };
                plain.check(findings);
            }
        }
    });
    for &anchor in subject.document.unused_anchors() {
        findings.add_with(&UNUSED_ANCHOR, || unused_anchor(subject, anchor));
    }
}

fn unused_anchor(subject: &Subject<'_>, at: Span) -> Draft {
    let anchor = subject.source.slice(at);
    let message = format!("nothing refers to the anchor {}", code(anchor));
    let alias = anchor.replacen('&', "*", 1);
    Draft::new(UNUSED_ANCHOR, at, message)
        .at(subject.document.number(), "")
        .help(format!(
            "delete {}, or write {} where the value is to be repeated",
            code(anchor),
            code(&alias)
        ))
}

/// A key that Port's script, which reads YAML 1.1, sends under another name.
fn key(
    subject: &Subject<'_>,
    route: &Route<'_>,
    at: Span,
    text: &str,
    findings: &mut Findings<'_>,
) {
    if !may_differ(text) {
        return;
    }
    let old = older(text);
    let is_renamed = match old {
        Older::Bool(_) => !matches!(resolve(text), ScalarValue::Bool(_)),
        Older::Number(number) => shown(number) != text && !text.contains('.'),
        Older::Date | Older::Refused => true,
        Older::Null | Older::Text => false,
    };
    if !is_renamed || findings.marks(at) {
        return;
    }
    findings.add_with(&AMBIGUOUS, || {
        let message = format!(
            "the key {} is {} to readers of YAML 1.1, and text to those of YAML 1.2",
            code(text),
            named(old)
        );
        subject
            .draft(&AMBIGUOUS, &route.pointer(), at, message)
            .label("Port's own script reads YAML 1.1")
            .help(format!("quote the key: {}", whole(&quoted(text))))
            .fix(Fix::replace(at, quoted(text)))
    });
}

/// A value without quotes.
struct Plain<'v, 'a> {
    kind: &'v Kind,
    subject: &'v Subject<'a>,
    route: &'v Route<'a>,
    text: &'a str,
    value: ScalarValue,
    at: Span,
}

impl Plain<'_, '_> {
    fn check(&self, findings: &mut Findings<'_>) {
        if self.is_refused() {
            return;
        }
        if let Some(inner) = in_smart_quotes(self.text) {
            if !findings.marks(self.at) {
                findings.add_with(&SMART_QUOTES, || self.smart_quotes(inner));
            }
        } else if let Some(old) = self.read_otherwise() {
            if !findings.marks(self.at) {
                findings.add_with(&AMBIGUOUS, || self.ambiguous(old));
            }
        } else if let Some(number) = self.number()
            && !findings.marks(self.at)
        {
            findings.add_with(&NUMBER_TEXT, || self.number_text(&number));
        }
    }

    /// Whether an entity can't have such a value in this place, which another rule says, also where
    /// there are more findings than are kept.
    fn is_refused(&self) -> bool {
        let is_text = self.value == ScalarValue::Str;
        let takes_numbers = || self.route.passes("properties") || self.route.passes("rules");
        *self.kind == Kind::Port && (self.route.key().is_none() || !is_text && !takes_numbers())
    }

    /// What the document's consumer takes the value for, where that is not what YAML 1.2 says.
    fn read_otherwise(&self) -> Option<Older> {
        if !may_differ(self.text) {
            return None;
        }
        let old = match self.kind {
            Kind::Port => older(self.text),
            Kind::Gimlet => in_go(self.text, self.route.key().unwrap_or_default()),
            _ => return None,
        };
        // `1e5` is a number that loses its text, whoever reads it.
        let is_exponent = matches!(self.value, ScalarValue::Float(_)) && old == Older::Text;
        (!old.agrees_with(self.value) && !is_exponent).then_some(old)
    }

    /// The number that is left of the text, where it is not the text's own.
    fn number(&self) -> Option<String> {
        match self.kind {
            Kind::Port => in_json(self.text, self.value, self.route.key().unwrap_or_default()),
            Kind::Operator(_) => in_json(self.text, self.value, "")
                .filter(|number| is_another(self.text, self.value, number)),
            _ => None,
        }
    }

    fn written(&self, value: &str) -> String {
        whole(&self.subject.line(&self.route.pointer(), value))
    }

    fn draft(&self, rule: &RuleId, message: String) -> Draft {
        self.subject
            .draft(rule, &self.route.pointer(), self.at, message)
    }

    fn ambiguous(&self, old: Older) -> Draft {
        let new = match self.value {
            ScalarValue::Int(number) => format!("the number {number}"),
            ScalarValue::Float(number) => format!("the number {}", shown(number)),
            _ => "text".to_owned(),
        };
        let text = code(self.text);
        let old_words = named(old);
        let (message, label) = match self.kind {
            Kind::Gimlet => (
                format!("{text} is {old_words} to Gimlet, and {new} to readers of YAML 1.2"),
                "read in two ways because it is not quoted",
            ),
            _ => (
                format!(
                    "{text} is {old_words} to readers of YAML 1.1, and {new} to those of YAML 1.2"
                ),
                "Port's own script reads YAML 1.1",
            ),
        };
        let draft = self.draft(&AMBIGUOUS, message).label(label);
        if !is_copyable(self.text) {
            return draft.help("put the value in quotes");
        }
        let quote = self.written(&quoted(self.text));
        let is_name = *self.kind == Kind::Port && !self.route.passes("properties");
        let draft = match (old, self.value) {
            // Everything but a property is text.
            (Older::Bool(_) | Older::Number(_), _) if is_name => {
                draft.help(format!("write {quote}"))
            }
            (Older::Bool(value), _) => draft.help(format!(
                "write {quote} for the text, or {}",
                self.written(if value { "true" } else { "false" })
            )),
            (Older::Date, _) if *self.kind == Kind::Port => draft.help(format!(
                "write {quote}; an unquoted date ends that script, and the rest of the file is skipped"
            )),
            (Older::Number(number), ScalarValue::Str) => draft.help(format!(
                "write {quote} for the text, or {} for the number",
                self.written(&shown(number))
            )),
            (Older::Number(old), ScalarValue::Int(new)) => draft.help(format!(
                "write {quote} for the text; for a number write {} or {}, whichever is meant",
                self.written(&shown(old)),
                self.written(&new.to_string())
            )),
            (_, ScalarValue::Int(number)) => draft.help(format!(
                "write {quote} for the text, or {} for the number",
                self.written(&number.to_string())
            )),
            _ => draft.help(format!("write {quote}")),
        };
        // What pushgate takes for text stays the same text.
        match self.value {
            ScalarValue::Str => draft.fix(Fix::replace(self.at, quoted(self.text))),
            _ => draft,
        }
    }

    fn number_text(&self, number: &str) -> Draft {
        let message = format!(
            "{} is read as a number and becomes {}",
            code(self.text),
            code(number)
        );
        let draft = self
            .draft(&NUMBER_TEXT, message)
            .label("without quotes only the number is kept");
        if !is_copyable(self.text) {
            return draft.help("put the value in quotes");
        }
        let quote = self.written(&quoted(self.text));
        let is_rounded = self.text.len() > 15 && !self.text.contains('.');
        draft.help(if is_rounded {
            format!("write {quote}: no number can have so many digits")
        } else {
            format!(
                "write {quote} if it is a name or a version; for a number write {}",
                self.written(number)
            )
        })
    }

    fn smart_quotes(&self, inner: &str) -> Draft {
        let message = "the curly quotes around this value are part of its text".to_owned();
        let draft = self
            .draft(&SMART_QUOTES, message)
            .label("YAML knows only straight quotes");
        if !is_copyable(inner) || inner.contains('\r') {
            return draft.help("replace them with straight quotes");
        }
        let straight = quoted(inner);
        draft
            .help(format!("write {}", self.written(&straight)))
            .fix(Fix::replace(self.at, straight))
    }
}

/// What a reading of YAML 1.1 is called.
fn named(old: Older) -> String {
    match old {
        Older::Null => "no value".to_owned(),
        Older::Bool(value) => format!("`{value}`"),
        Older::Number(number) => format!("the number {}", shown(number)),
        Older::Date => "a date".to_owned(),
        Older::Refused => "an error".to_owned(),
        Older::Text => "text".to_owned(),
    }
}

/// Whether a text can be anything but text: nearly every value ends here.
fn may_differ(text: &str) -> bool {
    text.starts_with(|c: char| {
        c.is_ascii_digit()
            || matches!(
                c,
                '-' | '+' | '.' | '=' | '<' | 'y' | 'Y' | 'n' | 'N' | 'o' | 'O'
            )
    })
}

/// What Go's `yaml.v3` takes a value for that nothing types: 1.1's numbers and dates, 1.2's truth.
fn in_go(text: &str, key: &str) -> Older {
    // `defaultMode: 0644` is octal to whoever writes it, to Gimlet and to Kubernetes.
    let is_mode = key.to_ascii_lowercase().ends_with("mode");
    let old = older(text);
    let is_read = match old {
        Older::Number(_) => !text.contains(':') && !is_mode,
        Older::Date => true,
        _ => false,
    };
    if is_read {
        return old;
    }
    match resolve(text) {
        ScalarValue::Null => Older::Null,
        ScalarValue::Bool(value) => Older::Bool(value),
        #[expect(clippy::cast_precision_loss, reason = "it is compared with itself")]
        ScalarValue::Int(number) => Older::Number(number as f64),
        ScalarValue::Float(number) => Older::Number(number),
        ScalarValue::Str => Older::Text,
    }
}

/// The text between the quotes of a word processor, where one pair of them holds the whole value.
fn in_smart_quotes(text: &str) -> Option<&str> {
    const DOUBLE: [char; 3] = ['“', '”', '„'];
    let inner = text
        .strip_prefix(DOUBLE)
        .and_then(|rest| rest.strip_suffix(DOUBLE))
        .filter(|inner| !inner.contains(DOUBLE));
    let single = || {
        text.strip_prefix(['‘', '‚'])
            .and_then(|rest| rest.strip_suffix(['’', '‘']))
            .filter(|inner| !inner.contains(['‘', '‚']))
    };
    inner.or_else(single)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_pair_of_curly_quotes_is_meant_as_quotes() {
        assert_eq!(in_smart_quotes("“it’s”"), Some("it’s"));
        assert_eq!(in_smart_quotes("‘x’"), Some("x"));
        assert_eq!(in_smart_quotes("„x“"), Some("x"));
        for text in ["“a” and “b”", "“a”, he said", "«a»", "’tis", "“", ""] {
            assert_eq!(in_smart_quotes(text), None, "{text}");
        }
    }

    #[test]
    fn go_reads_numbers_as_the_old_version_and_truth_as_the_new_one() {
        assert_eq!(in_go("0777", "tag"), Older::Number(511.0));
        assert_eq!(in_go("0777", "defaultMode"), Older::Number(777.0));
        assert_eq!(in_go("no", "tag"), Older::Text);
        assert_eq!(in_go("12:30", "tag"), Older::Text);
        assert_eq!(in_go("2026-03-31", "tag"), Older::Date);
    }
}
