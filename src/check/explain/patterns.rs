//! Texts that a pattern refuses: which character it is, and what to write where that is clear.

use crate::check::schema::Matcher;
use crate::check::suggest;
use crate::check::words::{character, code, is_copyable, whole};
use crate::document::Pointer;

use super::Explainer;
use super::values::{Help, Words};

/// So many characters are looked at one by one; a name that is longer is wrong for its length.
const LOOKED_AT: usize = 4096;

impl Explainer<'_, '_> {
    /// A text that a pattern refuses, by the first character that may not be in it.
    pub(super) fn pattern(
        &self,
        part: &str,
        name: &str,
        text: &str,
        pattern: &str,
        at: &Pointer,
    ) -> Words {
        let noun = self.annotations.word(part, "name").and_then(bare);
        let noun = noun.map_or_else(|| name.to_owned(), |bare| format!("the {bare}"));
        let means = self.annotations.word(part, "means");
        let holds = self.annotations.word(part, "holds");
        let may_hold = holds.map(|holds| format!("it may hold {holds}"));
        if text.is_empty() {
            let example = self.example_of(part, at).map(|example| whole(&example));
            let help = match (means, example) {
                (Some(means), _) => format!("write {means}"),
                (None, Some(example)) => format!("write one, such as {example}"),
                (None, None) => may_hold.unwrap_or_else(|| self.to_match(pattern)),
            };
            return Words {
                message: format!("{noun} is empty"),
                label: None,
                help: Help::Say(help),
            };
        }
        let noun = format!("{noun} {}", code(text));
        let help = |mended: Option<String>| match (mended, means, &may_hold) {
            (Some(value), _, why) => Help::Write {
                value,
                why: why.clone(),
            },
            (None, None, Some(may_hold)) if text.contains("{{") => Help::Say(format!(
                "write the name itself in place of the template; {may_hold}"
            )),
            (None, Some(means), Some(may_hold)) => Help::Say(format!("write {means}; {may_hold}")),
            (None, _, Some(may_hold)) => Help::Say(may_hold.clone()),
            (None, ..) => Help::Say(self.to_match(pattern)),
        };
        let fits = |mended: &String| {
            mended != text && !mended.is_empty() && is_copyable(mended) && matches(pattern, mended)
        };
        let unquoted = text.trim_matches(suggest::is_quote);
        if unquoted.len() < text.len() {
            let mended = Some(unquoted.to_owned()).filter(fits);
            return Words {
                message: format!(
                    "{noun} stands in curly quotes, which YAML takes for a part of it"
                ),
                label: None,
                help: help(mended),
            };
        }
        let allowed = self
            .annotations
            .word(part, "characters")
            .and_then(Characters::new);
        let wrong = allowed
            .as_ref()
            .and_then(|allowed| text.chars().take(LOOKED_AT).position(|c| !allowed.hold(c)));
        let Some((wrong, allowed)) = wrong.zip(allowed) else {
            let is_mark = |c: &char| !c.is_alphanumeric();
            let message = match (text.chars().next(), text.chars().last()) {
                _ if holds.is_none() && name.ends_with(&code(text)) => {
                    format!("{name} does not match the pattern {}", code(pattern))
                }
                _ if holds.is_none() => format!(
                    "{name} must match the pattern {}, but is {}",
                    code(pattern),
                    code(text)
                ),
                (Some(c), _) if is_mark(&c) => format!("{noun} can't begin with {}", character(c)),
                (_, Some(c)) if is_mark(&c) => format!("{noun} can't end with {}", character(c)),
                _ => format!("{noun} is put together in a way that is not allowed"),
            };
            let trimmed = text.trim_end_matches(|c: char| is_mark(&c)).to_owned();
            return Words {
                message,
                label: None,
                help: help(
                    Some(trimmed)
                        .filter(|_| holds.is_some() && means.is_none())
                        .filter(fits),
                ),
            };
        };
        let c = text.chars().nth(wrong).unwrap_or_default();
        // A name that something else has already can't be guessed.
        let mended = match means {
            Some(_) => Some(text.trim().to_owned()),
            None if text.len() > LOOKED_AT => None,
            None => allowed.mend(text),
        };
        Words {
            message: format!("{noun} can't hold {}", character(c)),
            label: Some(format!("character {} is {}", wrong + 1, character(c))),
            help: help(mended.filter(fits)),
        }
    }

    /// What to do where only a pattern says what is allowed.
    pub(super) fn to_match(&self, pattern: &str) -> String {
        format!("write text that matches {}", whole(pattern))
    }
}

/// `an identifier` without its article.
fn bare(name: &str) -> Option<&str> {
    name.split_once(' ').map(|(_, bare)| bare)
}

/// The characters that a text may hold.
struct Characters(Matcher);

impl Characters {
    fn new(pattern: &str) -> Option<Self> {
        Matcher::linear(pattern).map(Self)
    }

    fn hold(&self, c: char) -> bool {
        self.0.matches(&c.to_string()) == Some(true)
    }

    /// The text with small letters and `-` in place of capitals, blanks and `_`; nothing where it
    /// holds anything else that would have to be guessed at.
    fn mend(&self, text: &str) -> Option<String> {
        let mut mended = String::with_capacity(text.len());
        for c in text.trim().chars() {
            let small = c.to_ascii_lowercase();
            if self.hold(c) {
                mended.push(c);
            } else if self.hold(small) {
                mended.push(small);
            } else if !(c.is_whitespace() || c == '_') {
                return None;
            } else if !mended.ends_with('-') {
                mended.push('-');
            }
        }
        Some(mended)
    }
}

fn matches(pattern: &str, text: &str) -> bool {
    Matcher::linear(pattern).is_some_and(|matcher| matcher.matches(text) == Some(true))
}
