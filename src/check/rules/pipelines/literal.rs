//! Values that should be variables: what is said of a secret that is written into the file.

use super::rules::{PASSWORD, SECRET};
use super::secret::{Known, WrittenSecret};
use super::step::find;
use super::walk::Walk;
use crate::check::explain::Subject;
use crate::check::findings::Draft;
use crate::check::words::{code, whole};
use crate::document::{Entry, Pointer, Span};
use crate::finding::RuleId;

/// Parts of names that say that the value is a secret.
const SECRET_NAMES: [&str; 9] = [
    "PASSWORD",
    "PASSWD",
    "SECRET",
    "TOKEN",
    "API_KEY",
    "APIKEY",
    "PRIVATE_KEY",
    "ACCESS_KEY",
    "CREDENTIAL",
];
/// Ends of names that say that it is only about one.
const ABOUT: [&str; 13] = [
    "_FILE", "_NAME", "_ID", "_PATH", "_URL", "_URI", "_ARN", "_TYPE", "_HEADER", "_KEYS",
    "TOKENS", "_USER", "SECRETS",
];
/// Names whose value is a secret beyond doubt, and of how many bytes it is at least: what stands in for
/// AWS in a test takes any text, so that `test` is written there.
const CERTAIN: [(&str, usize); 4] = [
    ("DUPLO_TOKEN", 0),
    ("AWS_SECRET_ACCESS_KEY", 40),
    ("AWS_SESSION_TOKEN", 40),
    ("BITBUCKET_TOKEN", 0),
];
/// What people write where the secret is to be put in.
const PLACEHOLDERS: [&str; 12] = [
    "redacted",
    "example",
    "changeme",
    "change-me",
    "change_me",
    "placeholder",
    "dummy",
    "xxx",
    "***",
    "your-",
    "your_",
    "todo",
];

pub(super) fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_uppercase().replace('-', "_");
    matches!(name.as_str(), "SECRET_KEY" | "KEY_FILE")
        || (SECRET_NAMES.iter().any(|part| name.contains(part))
            && !ABOUT.iter().any(|end| name.ends_with(end)))
}

/// Whether the text is the value itself: no variable, no template, no placeholder, no path.
pub(super) fn is_literal(text: &str) -> bool {
    const SHORTEST: usize = 4;
    let lower = || {
        text.get(..text.len().min(200))
            .unwrap_or(text)
            .to_ascii_lowercase()
    };
    text.len() >= SHORTEST
        && !text.contains(['$', '`'])
        && !text.contains("{{")
        && !text.starts_with(['<', '/', '.', '~', '*', '&', '[', '{', '%'])
        && !matches!(text, "true" | "false" | "null" | "none" | "None")
        && !text.chars().all(|c| text.starts_with(c))
        // `SECRET_KEY` is the name of one.
        && !text.chars().all(|c| c.is_ascii_uppercase() || c == '_')
        && {
            let lower = lower();
            !PLACEHOLDERS.iter().any(|part| lower.contains(part))
        }
}

/// How a secret is given to whoever needs it.
enum Given<'t> {
    /// As the value of a key: the line to write.
    Key { line: String },
    /// By a shell.
    Shell,
    /// As what a variable is where nobody says otherwise.
    Default,
    /// Anyhow.
    Text { what: &'t str },
}

impl<'a> Walk<'_, 'a, '_> {
    /// Variables whose name says that the value is a secret.
    pub(super) fn named_secrets(&mut self, entries: &'a [Entry]) {
        for entry in entries {
            if is_secret_name(&entry.key) {
                self.given(entry, &entry.key, rule_of);
            }
        }
    }

    /// Keys that Bitbucket takes for credentials.
    pub(super) fn credentials(&mut self, entries: &'a [Entry], keys: &[&'static str]) {
        for key in keys {
            if let Some(entry) = find(entries, key) {
                self.given(entry, &entry.key, |_, _| &SECRET);
            }
        }
    }

    /// The `default` of a variable of a custom pipeline.
    pub(super) fn variable(&mut self, entries: &'a [Entry]) {
        let name = find(entries, "name").and_then(|name| self.document.string(name.value.node));
        if let (Some(name), Some(default)) = (name, find(entries, "default"))
            && is_secret_name(name)
        {
            self.given(default, name, rule_of);
        }
    }

    /// `rule` says by name and value which rule it is that speaks.
    fn given(&mut self, entry: &'a Entry, name: &'a str, rule: fn(&str, &str) -> &'static RuleId) {
        let text = self.document.string(entry.value.node);
        let Some(text) = text.filter(|text| is_literal(text)) else {
            return;
        };
        let rule = rule(name, text);
        let span = self.document.node(entry.value.node).span;
        self.findings.keep_secret([span]);
        self.tell_at(&entry.key, rule, span, |subject, at| {
            let given = match entry.key == name {
                true => Given::Key {
                    line: subject.line(at, &format!("${}", variable_of(name))),
                },
                false => Given::Default,
            };
            words(subject, at, rule, span, name, &given)
        });
    }

    fn written_text(&mut self, rule: &'static RuleId, span: Span, what: &str) {
        self.tell(rule, span, |subject, at| {
            let given = Given::Text { what };
            words(subject, at, rule, span, "MY_SECRET", &given)
        });
    }

    /// A secret that was found in the text.
    pub(super) fn written_secret(&mut self, found: &WrittenSecret) {
        let span = found.span;
        match found.known {
            Known::Key => {}
            Known::Look(what) => self.written_text(&SECRET, span, what),
            // Whether it opens anything, nobody can tell.
            Known::Address => self.written_text(&PASSWORD, span, "the password of an address"),
            Known::Shell(name) => {
                let name = self.subject.source.slice(name);
                let rule = rule_of(name, self.subject.source.slice(span));
                self.tell(rule, span, |subject, at| {
                    words(subject, at, rule, span, name, &Given::Shell)
                });
            }
        }
    }
}

/// Says that a secret is there, and never which.
fn words(
    subject: &Subject<'_>,
    at: &Pointer,
    rule: &'static RuleId,
    span: Span,
    name: &str,
    given: &Given<'_>,
) -> Draft {
    let variable = code(&variable_of(name));
    let message = match given {
        Given::Text { what } => format!("{what} is written into the file"),
        _ if *rule == SECRET => format!("the secret {} is written into the file", code(name)),
        _ => format!(
            "{} seems to be a secret that is written into the file",
            code(name)
        ),
    };
    let help = match given {
        Given::Text { .. } => format!(
            "make it a secured variable such as {variable} in Bitbucket and write `$MY_SECRET` in its place"
        ),
        Given::Key { line } => format!(
            "make it a secured variable {variable} in Bitbucket and write {}",
            whole(line)
        ),
        Given::Shell => format!(
            "make it a secured variable {variable} in Bitbucket, which every step is given, and remove it here"
        ),
        Given::Default => {
            format!("remove the `default`, and make {variable} a secured variable in Bitbucket")
        }
    };
    subject
        .draft(rule, at, span, message)
        .label("everybody who sees the repository sees it")
        .help(format!("{help}; have whoever issued the secret replace it"))
}

fn rule_of(name: &str, value: &str) -> &'static RuleId {
    let is_certain = |(certain, least): &(&str, usize)| *certain == name && value.len() >= *least;
    if CERTAIN.iter().any(is_certain) {
        &SECRET
    } else {
        &PASSWORD
    }
}

/// `secret-key` is `$SECRET_KEY`.
fn variable_of(key: &str) -> String {
    key.to_ascii_uppercase().replace('-', "_")
}
