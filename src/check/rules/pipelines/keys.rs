//! Keys: unknown, misspelt, missing, or one level too high.

use super::rules::{FORBIDDEN, MISPLACED, MISSING, MISSPELT, UNKNOWN};
use super::shape::{Object, Others, Role};
use super::table::{self, SCRIPT_PLACE};
use super::walk::{Here, Walk};
use crate::check::suggest;
use crate::check::words::{all_of, code, one_of, with_lines};
use crate::document::{Entry, NodeKind, ScalarValue, Span};
use crate::finding::{Edit, Fix};

/// Unknown keys of a file that are compared with the known ones.
const MOST_COMPARED: usize = 2_000;

/// Which keys of an object are there, by their places in the table.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Present(u64);

impl Present {
    pub(super) fn of(object: &Object, entries: &[Entry]) -> Self {
        let places = entries
            .iter()
            .filter_map(|entry| object.keys.iter().position(|key| key.name == entry.key));
        Self(places.fold(0, |there, place| there | 1 << place))
    }

    pub(super) fn has(self, place: usize) -> bool {
        self.0 & (1 << place) != 0
    }
}

impl<'a> Walk<'_, 'a, '_> {
    /// A key that the object does not have.
    pub(super) fn unknown(&mut self, object: &'static Object, there: Present, entry: &'a Entry) {
        let span = entry.key_span;
        let is_refused = table::refused(object.name).contains(&entry.key.as_str());
        // Where anchors live, and what is named so that nobody takes it for anything else.
        let is_home = match object.others {
            Others::Homes => entry.key.starts_with("x-") || entry.key.starts_with('.'),
            _ => false,
        };
        let may_be_home = matches!(object.others, Others::Homes | Others::Free);
        if is_home || (may_be_home && self.holds_anchors(entry)) {
            return;
        }
        if !is_refused && let Some(meant) = self.meant(object, there, entry) {
            return self.tell_at(&entry.key, &MISSPELT, span, |subject, at| {
                let message = format!("{} is not a key of {}", code(&entry.key), object.name);
                let draft = subject
                    .draft(&MISSPELT, at, span, message)
                    .label(format!("did you mean {}?", code(meant)))
                    .help(format!("rename the key to {}", code(meant)));
                // Quotes belong to the key's text.
                let is_plain = subject.source.slice(span) == entry.key;
                match is_plain {
                    true => draft.fix(Fix::replace(span, meant)),
                    false => draft,
                }
            });
        }
        // Told with the script that is missing because of it.
        if object.role == Role::Step && entry.key == "pipe" && !there.has(SCRIPT_PLACE) {
            return;
        }
        match object.others {
            _ if is_refused => self.forbidden(object, entry),
            Others::Refused => self.forbidden(object, entry),
            Others::Free => {}
            Others::Like(shape) => {
                self.ignored(object, entry);
                self.in_key(&entry.key, |walk| walk.value(shape, Here::of(entry)));
            }
            Others::Ignored | Others::Homes => self.ignored(object, entry),
        }
    }

    fn ignored(&mut self, object: &'static Object, entry: &'a Entry) {
        let span = entry.key_span;
        // Told with what is missing because of it.
        let is_section = |name: &str| table::PIPELINES.keys.iter().any(|key| key.name == name);
        if object.name == "the file" && is_section(&entry.key) {
            return self.tell_at(&entry.key, &MISPLACED, span, |subject, at| {
                let message = format!("{} stands outside of `pipelines`", code(&entry.key));
                subject
                    .draft(&MISPLACED, at, span, message)
                    .label("Bitbucket does not see it here")
                    .help("move it below `pipelines:`, indented by two blanks")
            });
        }
        let holds_a_list = !self.document.items(entry.value.node).is_empty();
        self.tell_at(&entry.key, &UNKNOWN, span, |subject, at| {
            let message = format!("{} is not a key of {}", code(&entry.key), object.name);
            let draft = subject
                .draft(&UNKNOWN, at, span, message)
                .label("Bitbucket ignores it");
            match object.name {
                "`pipelines`" if holds_a_list => draft.help(
                    "move it below `branches:`, `tags:`, `pull-requests:` or `custom:`, which say when it runs",
                ),
                _ => draft.help("remove the key"),
            }
        });
    }

    fn forbidden(&mut self, object: &'static Object, entry: &'a Entry) {
        let span = entry.key_span;
        self.tell_at(&entry.key, &FORBIDDEN, span, |subject, at| {
            let message = format!("{} can't have {}", object.name, code(&entry.key));
            let known: Vec<String> = object.keys.iter().map(|key| code(key.name)).collect();
            let help = match (object.name, entry.key.as_str()) {
                ("a step of a stage", "condition") => {
                    "move `condition` up into the stage, beside `steps`".to_owned()
                }
                ("a final step", _) => "remove the key".to_owned(),
                ("an item of a pipeline", "variables") => {
                    "remove it, or move the pipeline below `custom:`: only those ask for variables"
                        .to_owned()
                }
                ("an item of a custom pipeline", "final") => {
                    "write `step` in place of `final`".to_owned()
                }
                _ => format!("write {} in its place, or remove it", one_of(&known)),
            };
            subject.draft(&FORBIDDEN, at, span, message).help(help)
        });
    }

    /// The key of the object that an unknown one was meant to be; never one that is there already.
    pub(super) fn meant(
        &self,
        object: &'static Object,
        there: Present,
        entry: &Entry,
    ) -> Option<&'static str> {
        // Nobody misspells a thousand keys of one file by hand.
        self.compared.set(self.compared.get() + 1);
        if self.compared.get() > MOST_COMPARED {
            return None;
        }
        let names = object.keys.iter().map(|key| key.name);
        let meant = suggest::nearest(&entry.key, names)?;
        let number = object.keys.iter().position(|key| key.name == meant)?;
        let name = object.keys[number].name;
        let is_there = there.has(number);
        // Below `definitions` any name is allowed: only what has the very shape is a slip.
        let is_slip = !matches!(object.others, Others::Free)
            || matches!(
                self.document.node(entry.value.node).kind,
                NodeKind::Mapping(_)
            ) && entry.key != "images";
        (is_slip && !is_there).then_some(name)
    }

    /// Whether anything below the key is used elsewhere.
    fn holds_anchors(&self, entry: &Entry) -> bool {
        let text = self.subject.source.text();
        let end = self.document.node(entry.value.node).span.end;
        text.get(entry.key_span.end..end)
            .is_some_and(|text| text.contains('&'))
    }

    /// Keys that are needed and not there, where no other key was meant to be them.
    pub(super) fn missing(
        &mut self,
        object: &'static Object,
        entries: &'a [Entry],
        there: Present,
        here: Here,
    ) {
        let lacking = object
            .keys
            .iter()
            .enumerate()
            .filter(|(number, _)| !there.has(*number))
            .filter_map(|(_, key)| Some((key.name, key.needed?)));
        let lacking: Vec<(&str, &str)> = lacking
            .filter(|(name, _)| {
                let is_slip = |entry: &Entry| {
                    let known = object.keys.iter().any(|key| key.name == entry.key);
                    !known && self.meant(object, there, entry) == Some(name)
                };
                !entries.iter().any(is_slip)
            })
            .collect();
        if lacking.is_empty() {
            return;
        }
        let names: Vec<String> = lacking.iter().map(|(name, _)| code(name)).collect();
        let lines: Vec<String> = lacking.iter().map(|(_, line)| (*line).to_owned()).collect();
        self.lacks(object.name, &one_of(&names), &lines, here);
    }

    /// Something without which an object is none.
    pub(super) fn lacks(&mut self, object: &str, what: &str, lines: &[String], here: Here) {
        let span = self.mark(here);
        self.tell(&MISSING, span, |subject, at| {
            let message = match at.last() {
                Some(_) if object.starts_with('`') => format!("{object} has no {what}"),
                _ => format!("{} has no {what}", subject.name(at)),
            };
            subject
                .draft(&MISSING, at, span, message)
                .help(with_lines("add", lines))
        });
    }

    /// An item: one key, with everything else below it. Answers with the key that has nothing
    /// below it because the rest is not indented enough.
    pub(super) fn item(
        &mut self,
        object: &'static Object,
        entries: &'a [Entry],
        here: Here,
    ) -> Option<&'a str> {
        let known = |entry: &&Entry| object.keys.iter().any(|key| key.name == entry.key);
        let mut heads = entries.iter().filter(known);
        let Some(head) = heads.next() else {
            if entries.is_empty() && object.role == Role::Item {
                let lines = [format!("{}:", object.keys[0].name)];
                self.lacks(object.name, "key", &lines, here);
            }
            return self.without_step(object, entries);
        };
        if let Some(second) = heads.next() {
            let span = second.key_span;
            self.tell_at(&second.key, &FORBIDDEN, span, |subject, at| {
                let message = format!(
                    "{} and {} stand in one item",
                    code(&head.key),
                    code(&second.key)
                );
                subject
                    .draft(&FORBIDDEN, at, span, message)
                    .label("one item, one key")
                    .help(format!("write `- ` in front of {}", code(&second.key)))
            });
            return None;
        }
        let is_empty = self
            .document
            .scalar(head.value.node)
            .is_some_and(|scalar| scalar.value == ScalarValue::Null);
        let beside: Vec<&Entry> = entries.iter().filter(|entry| !known(entry)).collect();
        let first = *beside.first()?;
        if !is_empty {
            return None;
        }
        let span = first.key_span;
        let edits = self.indented(head, &beside, here);
        self.tell_at(&first.key, &MISPLACED, span, |subject, at| {
            let names: Vec<String> = beside.iter().map(|entry| code(&entry.key)).collect();
            let message = format!(
                "{} stands beside {}, not below it",
                code(&first.key),
                code(&head.key)
            );
            let draft = subject
                .draft(&MISPLACED, at, span, message)
                .label("not indented enough")
                .help(format!(
                    "indent {} and all that belongs to {} by two more blanks",
                    all_of(&names),
                    if names.len() == 1 { "it" } else { "them" }
                ));
            match edits.is_empty() {
                true => draft,
                false => draft.fix(Fix::edits(edits)),
            }
        });
        Some(&head.key)
    }

    /// Two blanks in front of each line below the head, where every one of them belongs below it.
    fn indented(&self, head: &Entry, beside: &[&Entry], here: Here) -> Vec<Edit> {
        let source = self.subject.source;
        let begin = source.position(head.key_span.start);
        let is_below = |entry: &Entry| {
            let place = source.position(entry.key_span.start);
            entry.merged.is_none() && place.line > begin.line && place.column == begin.column
        };
        if here.used.at != self.node(here).span || !beside.iter().all(|entry| is_below(entry)) {
            return Vec::new();
        }
        let end = source.position(self.node(here).span.end).line;
        let lines = begin.line + 1..=end;
        lines
            .filter(|&line| {
                source
                    .line(line)
                    .is_some_and(|text| !text.trim().is_empty())
            })
            .map(|line| Edit {
                span: Span::empty(source.line_starts()[line - 1]),
                text: "  ".to_owned(),
            })
            .collect()
    }

    /// `- script: …` without the step around it.
    fn without_step(&mut self, object: &'static Object, entries: &'a [Entry]) -> Option<&'a str> {
        let is_step_key = |entry: &Entry| {
            let is_refused = table::refused(object.name).contains(&entry.key.as_str());
            !is_refused && table::STEP_KEYS.iter().any(|key| key.name == entry.key)
        };
        let first = entries.iter().find(|entry| is_step_key(entry))?;
        let misspelt = |entry: &Entry| self.meant(object, Present::default(), entry).is_some();
        if entries.iter().any(misspelt) {
            return None;
        }
        let span = first.key_span;
        self.tell_at(&first.key, &MISPLACED, span, |subject, at| {
            let message = format!("{} stands outside of a step", code(&first.key));
            subject
                .draft(&MISPLACED, at, span, message)
                .label("belongs below `step`")
                .help(format!(
                    "write `- step:` on a line of its own, and below it {} and the rest of the item, indented by four blanks",
                    code(&first.key)
                ))
        });
        Some("")
    }
}
