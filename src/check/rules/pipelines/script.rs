//! Scripts: lists of commands, pipes and agents' tasks.

use super::rules::{MISSPELT, SCRIPT};
use super::table;
use super::walk::{Here, Walk};
use crate::check::rules::yaml::quoted;
use crate::check::suggest;
use crate::check::words::{code, is_copyable, whole, with_lines};
use crate::document::{Entry, NodeKind, Scalar, ScalarValue, Span, Style, Use};
use crate::finding::Fix;

impl<'a> Walk<'_, 'a, '_> {
    pub(super) fn script(&mut self, here: Here) {
        match &self.node(here).kind {
            NodeKind::Sequence(items) if items.is_empty() => self.no_commands(here),
            NodeKind::Sequence(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.in_item(index, |walk| walk.command(*item));
                }
            }
            NodeKind::Scalar(scalar) if scalar.value == ScalarValue::Null => {
                self.no_commands(here);
            }
            NodeKind::Scalar(scalar) => self.text_script(scalar, here),
            NodeKind::Mapping(_) => {
                let span = self.mark(here);
                self.tell(&SCRIPT, span, |subject, at| {
                    let name = subject.name(at);
                    let message = format!("{name} must be a list of commands, but is a mapping");
                    subject
                        .draft(&SCRIPT, at, span, message)
                        .help("write `- ` in front of each command")
                });
            }
        }
    }

    fn no_commands(&mut self, here: Here) {
        let span = self.mark(here);
        self.tell(&SCRIPT, span, |subject, at| {
            let name = subject.name(at);
            let message = format!("{name} has no command");
            subject
                .draft(&SCRIPT, at, span, message)
                .label("it must be a list of commands")
                .help("write at least one command below it, such as `- npm test`")
        });
    }

    /// `script: npm test`
    fn text_script(&mut self, scalar: &'a Scalar, here: Here) {
        let span = self.mark(here);
        self.tell(&SCRIPT, span, |subject, at| {
            let name = subject.name(at);
            let message = format!("{name} must be a list of commands, but is one text");
            let draft = subject.draft(&SCRIPT, at, span, message);
            let text = subject.source.slice(span);
            let key = at.last().unwrap_or_default();
            if scalar.style == Style::Block || !is_copyable(text) {
                return draft.help(format!(
                    "write `- |` on a line of its own below `{key}:`, and indent the text below it"
                ));
            }
            let item = match scalar.value {
                ScalarValue::Str => text.to_owned(),
                _ => quoted(text),
            };
            let draft = draft.help(with_lines("write", &[format!("{key}:\n  - {item}")]));
            let Some(key) = here.key.filter(|key| key.end < span.start) else {
                return draft;
            };
            let between = Span::new(key.end, span.start);
            let place = subject.source.position(key.start);
            let column = place.column;
            let line = subject.source.line(place.line).unwrap_or_default();
            let before: String = line.chars().take(column - 1).collect();
            // Between brackets no line of its own can begin.
            let is_block = before.chars().all(|c| matches!(c, ' ' | '-'));
            if !is_block || subject.source.slice(between).trim_end() != ":" {
                return draft;
            }
            let blanks = " ".repeat(column + 1);
            let line_end = subject.source.line_end();
            draft.fix(Fix::replace(
                Span::new(key.end + 1, span.end),
                format!("{line_end}{blanks}- {item}"),
            ))
        });
    }

    fn command(&mut self, item: Use) {
        let here = Here {
            key: None,
            used: item,
        };
        let node = self.node(here);
        match &node.kind {
            NodeKind::Scalar(scalar) => self.word(scalar, here),
            NodeKind::Mapping(entries) => self.mapping(entries, here),
            NodeKind::Sequence(_) => {
                let used = item.at;
                let is_alias = used != node.span;
                let span = if is_alias { used } else { self.mark(here) };
                self.tell(&SCRIPT, span, |subject, at| {
                    let name = subject.name(at);
                    let message = format!("{name} is a list, and Bitbucket takes single commands");
                    let help = match is_alias {
                        true => "write the commands of the anchor here, one a line, or make it one text with `|`",
                        false => "write one `- ` in front of each command",
                    };
                    subject.draft(&SCRIPT, at, span, message).help(help)
                });
            }
        }
    }

    fn word(&mut self, scalar: &'a Scalar, here: Here) {
        let is = match scalar.value {
            ScalarValue::Str => return,
            ScalarValue::Null => None,
            ScalarValue::Bool(_) => Some(code(&scalar.text)),
            ScalarValue::Int(_) | ScalarValue::Float(_) => Some("a number".to_owned()),
        };
        let node = self.node(here);
        let span = if node.span.is_empty() {
            self.dash(node.span)
        } else {
            node.span
        };
        self.tell(&SCRIPT, span, |subject, at| {
            let name = subject.name(at);
            let Some(is) = is else {
                let message = format!("{name} has no command");
                return subject
                    .draft(&SCRIPT, at, span, message)
                    .help("write a command behind the `-`, or remove the line");
            };
            let message = format!("{name} must be a command, but is {is}");
            let text = quoted(&scalar.text);
            subject
                .draft(&SCRIPT, at, span, message)
                .label("without quotes it is no text")
                .help(format!("write {}", whole(&subject.line(at, &text))))
                .fix(Fix::replace(span, text))
        });
    }

    /// The `-` of an item that has nothing behind it.
    fn dash(&self, place: Span) -> Span {
        let before = self.subject.source.text()[..place.start].trim_end();
        match before.strip_suffix('-') {
            Some(rest) => Span::new(rest.len(), before.len()),
            None => place,
        }
    }

    fn mapping(&mut self, entries: &'a [Entry], here: Here) {
        let get = |key: &str| entries.iter().find(|entry| entry.key == key);
        match (get("pipe"), get("agent")) {
            (Some(_), None) => return self.value(&table::PIPE, here),
            (None, Some(_)) => return self.value(&table::AGENT_TASK, here),
            (Some(pipe), Some(agent)) => {
                let span = pipe.key_span.max(agent.key_span);
                return self.tell(&SCRIPT, span, |subject, at| {
                    let message = "`pipe` and `agent` stand in one item";
                    subject
                        .draft(&SCRIPT, at, span, message)
                        .help("write each of them as an item of its own, with its own `-`")
                });
            }
            (None, None) => {}
        }
        if let Some((entry, meant)) = slip(entries) {
            let span = entry.key_span;
            return self.tell_at(&entry.key, &MISSPELT, span, |subject, at| {
                let message = format!("{} is not a key of an item of a script", code(&entry.key));
                subject
                    .draft(&MISSPELT, at, span, message)
                    .label(format!("did you mean `{meant}`?"))
                    .help(format!("rename the key to `{meant}`"))
                    .fix(Fix::replace(span, meant))
            });
        }
        self.colon(entries, here);
    }

    /// `- echo Result: ok`
    fn colon(&mut self, entries: &'a [Entry], here: Here) {
        let node = self.node(here);
        let source = self.subject.source;
        let text = source.slice(self.with_colon(entries, node.span));
        let span = match text.lines().next() {
            Some(line) => Span::new(node.span.start, node.span.start + line.trim_end().len()),
            None => self.mark(here),
        };
        let is_whole = entries.len() == 1 && !text.contains('\n') && is_copyable(text);
        let is_plain = !text.starts_with(['"', '\'', '{', '&', '?', '<']);
        self.tell(&SCRIPT, span, |subject, at| {
            let name = subject.name(at);
            let message = format!(
                "{name} must be a command, but the colon makes it a mapping with the key {}",
                entries
                    .first()
                    .map_or_else(String::new, |entry| code(&entry.key))
            );
            let draft = subject
                .draft(&SCRIPT, at, span, message)
                .label("a colon with a blank behind it ends a key");
            if !is_whole || !is_plain {
                return draft.help("put the whole command in quotes");
            }
            let text = quoted(text);
            draft
                .help(format!("write {}", whole(&subject.line(at, &text))))
                .fix(Fix::replace(span, text))
        });
    }

    /// The colon belongs to the command too where nothing stands behind it: `- echo Done:`.
    fn with_colon(&self, entries: &[Entry], span: Span) -> Span {
        let [entry] = entries else { return span };
        let value = self.document.node(entry.value.node).span;
        let behind = self.subject.source.text().get(entry.key_span.end..);
        let colon = behind.and_then(|text| {
            let blanks = text.len() - text.trim_start_matches([' ', '\t']).len();
            text[blanks..].starts_with(':').then_some(blanks + 1)
        });
        match colon {
            Some(length) if value.is_empty() => {
                Span::new(span.start, span.end.max(entry.key_span.end + length))
            }
            _ => span,
        }
    }
}

/// A key that was meant to be `pipe` or `agent`.
fn slip(entries: &[Entry]) -> Option<(&Entry, &'static str)> {
    let is_word = |entry: &&Entry| !entry.key.contains(' ');
    entries.iter().take(5).filter(is_word).find_map(|entry| {
        let meant = suggest::nearest(&entry.key, ["pipe", "agent"])?;
        Some((entry, if meant == "pipe" { "pipe" } else { "agent" }))
    })
}
