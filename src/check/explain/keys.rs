//! Keys that are missing and keys that nobody knows, which are often one and the same mistake.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use crate::check::annotation::{Class, part_of, property};
use crate::check::fault::{Fault, Violation};
use crate::check::findings::{Draft, Findings};
use crate::check::rules::yaml::as_written;
use crate::check::suggest;
use crate::check::words::{all_of, code, one_of, whole, with_lines};
use crate::document::Pointer;
use crate::finding::{Fix, RuleId, Severity};

use super::Explainer;

/// For so many unknown keys of a document it is looked what was meant.
const SUGGESTIONS: usize = 1000;

/// So many keys beside a misspelt one may be slips of the same key.
const RIVALS: usize = 1000;

/// What a mapping lacks: the parts of the schema that want it, with any one of the keys.
struct Lacking<'v> {
    at: &'v Pointer,
    severity: Severity,
    rule: RuleId,
    wanted: Vec<(&'v str, &'v [String])>,
}

impl Explainer<'_, '_> {
    /// Explains violations that are all `Missing` or `Unknown`.
    pub(super) fn explain_keys(&self, violations: &[Violation], findings: &mut Findings<'_>) {
        let mut lacking: HashMap<&Pointer, Vec<&str>> = HashMap::new();
        for violation in violations {
            if let Fault::Missing { keys } = &violation.fault {
                let keys = keys.iter().map(String::as_str);
                lacking.entry(&violation.at).or_default().extend(keys);
            }
        }
        let mut told: HashSet<(&Pointer, String)> = HashSet::new();
        let unknown: Vec<(&Violation, &String)> = violations
            .iter()
            .filter_map(|violation| match &violation.fault {
                Fault::Unknown { key } => Some((violation, key)),
                _ => None,
            })
            .collect();
        let meant: Vec<Option<&str>> = unknown
            .iter()
            .take(SUGGESTIONS)
            .map(|(violation, key)| self.meant(violation, key, lacking.get(&violation.at)))
            .collect();
        let mut claims: HashMap<(&Pointer, &str), usize> = HashMap::new();
        for ((violation, _), meant) in unknown.iter().zip(&meant) {
            if let Some(meant) = meant {
                *claims.entry((&violation.at, meant)).or_default() += 1;
            }
        }
        for (number, (violation, key)) in unknown.into_iter().enumerate() {
            let meant = meant.get(number).copied().flatten();
            let mut rule = self.rule(part_of(&violation.keyword), Class::Unknown);
            if let Some(meant) = meant
                && lacking
                    .get(&violation.at)
                    .is_some_and(|keys| keys.contains(&meant))
            {
                let missing = self.missing_rule(part_of(&violation.keyword), meant);
                if findings.severity(&missing).is_some()
                    && told.insert((&violation.at, meant.to_owned()))
                {
                    rule = missing;
                }
            }
            findings.add_with(&rule, || {
                let draft = self.unknown(violation, key, meant, &rule);
                let lacking = lacking.get(&violation.at).into_iter().flatten().copied();
                match meant.filter(|meant| claims.get(&(&violation.at, meant)) == Some(&1)) {
                    Some(meant) => draft.fix(self.rename(violation, key, meant, lacking)),
                    None => draft,
                }
            });
        }
        let missing = violations
            .iter()
            .filter_map(|violation| match &violation.fault {
                Fault::Missing { keys } => Some((violation, keys)),
                _ => None,
            })
            .filter(|(violation, keys)| {
                !keys
                    .iter()
                    .any(|key| told.contains(&(&violation.at, key.clone())))
            });
        self.explain_missing(missing, findings);
    }

    /// Several keys that one mapping lacks are one finding, of the first one's rule.
    fn explain_missing<'v>(
        &self,
        violations: impl Iterator<Item = (&'v Violation, &'v Vec<String>)>,
        findings: &mut Findings<'_>,
    ) {
        let mut all: Vec<Lacking<'v>> = Vec::new();
        let mut known: HashMap<(&Pointer, Severity), usize> = HashMap::new();
        for (number, (violation, keys)) in violations.enumerate() {
            let part = part_of(&violation.keyword);
            let rule = match keys.first() {
                Some(key) => self.missing_rule(part, key),
                None => self.rule(part, Class::Missing),
            };
            let Some(severity) = findings.severity(&rule) else {
                continue;
            };
            if number < SUGGESTIONS
                && let Some((key, meant)) = self.misspelt(violation, keys)
            {
                findings.add_with(&rule, || {
                    let wanted = keys.iter().map(String::as_str);
                    self.unknown(violation, key, Some(meant), &rule)
                        .fix(self.rename(violation, key, meant, wanted))
                });
                continue;
            }
            let has_own_words = self.annotations.word(part, "message").is_some();
            let group = known
                .get(&(&violation.at, severity))
                .and_then(|&group| all.get_mut(group))
                .filter(|_| !has_own_words);
            if let Some(group) = group {
                // Two parts of a schema may want the same key.
                if !group.wanted.iter().any(|(_, wanted)| *wanted == keys) {
                    group.wanted.push((part, keys));
                }
                continue;
            }
            if !has_own_words {
                known.insert((&violation.at, severity), all.len());
            }
            all.push(Lacking {
                at: &violation.at,
                severity,
                rule,
                wanted: vec![(part, keys)],
            });
        }
        for mut lacking in all {
            findings.add_as(lacking.severity, || {
                lacking.wanted.sort_by_key(|(_, keys)| keys.len() > 1);
                self.missing(&lacking)
            });
        }
    }

    fn missing_rule(&self, part: &str, key: &str) -> RuleId {
        self.rule(&property(part, key), Class::Missing)
    }

    /// The key that a misspelt one was meant to be: one that is not there yet.
    fn meant<'s>(
        &'s self,
        violation: &Violation,
        key: &str,
        lacking: Option<&Vec<&'s str>>,
    ) -> Option<&'s str> {
        let present = self.subject.value(&violation.at).as_object();
        let described = self.annotations.keys(part_of(&violation.keyword));
        let candidates = described
            .into_iter()
            .chain(lacking.into_iter().flatten().copied())
            .filter(|candidate| present.is_none_or(|object| !object.contains_key(*candidate)));
        suggest::nearest(key, candidates)
    }

    /// The key under the name that it was meant to have, where it can have been meant to be no other
    /// key, whether that one is there or not, and no other key can have been meant to be this one.
    fn rename<'s>(
        &'s self,
        violation: &Violation,
        key: &str,
        meant: &str,
        wanted: impl Iterator<Item = &'s str>,
    ) -> Option<Fix> {
        let described = self.annotations.keys(part_of(&violation.keyword));
        let candidates = described.iter().copied().chain(wanted);
        let is_certain = suggest::certain(key, candidates) == Some(meant);
        let rivals = self.subject.value(&violation.at).as_object()?.keys();
        let is_rival = |other: &String| {
            other != key
                && !described.contains(&other.as_str())
                && suggest::nearest(other, [meant]).is_some()
        };
        let is_only = !rivals.take(RIVALS).any(is_rival);
        (is_certain && is_only)
            .then(|| self.subject.renamed(&violation.at.join(key), meant))
            .flatten()
    }

    /// A missing key under another name, in a mapping that may have any keys.
    fn misspelt<'s>(
        &'s self,
        violation: &Violation,
        keys: &'s [String],
    ) -> Option<(&'s str, &'s str)> {
        let present = self.subject.value(&violation.at).as_object()?;
        let described = self.annotations.keys(part_of(&violation.keyword));
        present
            .keys()
            .filter(|key| !described.contains(&key.as_str()))
            .find_map(|key| {
                let meant = suggest::nearest(key, keys.iter().map(String::as_str))?;
                Some((key.as_str(), meant))
            })
    }

    /// What a mapping is called: its name in the schema, else its key.
    fn mapping_name(&self, part: &str, at: &Pointer) -> String {
        self.annotations
            .word(part, "name")
            .map_or_else(|| self.subject.name(at), str::to_owned)
    }

    fn unknown(
        &self,
        violation: &Violation,
        key: &str,
        meant: Option<&str>,
        rule: &RuleId,
    ) -> Draft {
        let part = part_of(&violation.keyword);
        let pointer = violation.at.join(key);
        let (_, place) = self.subject.find(&pointer);
        let span = place.key.unwrap_or(place.value);
        let holder = self.mapping_name(part, &violation.at);
        let message = format!("{} is not a key of {holder}", code(key));
        let draft = self.at_place(rule, &pointer, span, place, message);
        if let Some(meant) = meant {
            return draft
                .label(format!("did you mean {}?", code(meant)))
                .help(format!("rename the key to {}", code(meant)));
        }
        let known: Vec<String> = self.annotations.keys(part).into_iter().map(code).collect();
        match self.annotations.word(part, "unknown_help") {
            Some(help) => draft.help(help),
            None if known.is_empty() => draft.help("remove the key"),
            None => draft.help(format!(
                "remove the key: {holder} takes only {}",
                all_of(&known)
            )),
        }
    }

    fn missing(&self, lacking: &Lacking<'_>) -> Draft {
        let at = lacking.at;
        let (node, place) = self.subject.find(at);
        let span = self.subject.beginning(node, place);
        let (part, _) = lacking.wanted.first().copied().unwrap_or_default();
        let holder = self.mapping_name(part, at);
        let holder = holder
            .strip_prefix("an ")
            .or_else(|| holder.strip_prefix("a "))
            .map_or_else(|| holder.clone(), |bare| format!("this {bare}"));
        let message = format!("{holder} has {}", no_keys(&lacking.wanted));
        let draft = self.at_place(&lacking.rule, at, span, place, message);
        self.reword(part, draft.help(self.to_add(lacking)))
    }

    /// The lines to add, or the keys where nobody knows what their values look like.
    fn to_add(&self, lacking: &Lacking<'_>) -> String {
        let firsts: Vec<(&str, &str)> = lacking
            .wanted
            .iter()
            .filter_map(|&(part, keys)| Some((part, keys.first()?.as_str())))
            .collect();
        let examples: Option<Vec<String>> = firsts
            .iter()
            .map(|(part, key)| self.example(&property(part, key), key, lacking.at))
            .collect();
        let text = self.subject.text_of(lacking.at);
        match examples {
            Some(examples) if text.starts_with('{') => {
                let is_empty = self
                    .subject
                    .value(lacking.at)
                    .as_object()
                    .is_none_or(Map::is_empty);
                // Between braces a line break or another brace would need quotes.
                let fits = !examples.iter().any(|example| example.contains(['{', '\n']));
                let entries = examples.join(", ");
                match (is_empty, fits) {
                    (true, true) => format!("write {}", whole(&format!("{{{entries}}}"))),
                    (false, true) => {
                        let entries = whole(&format!(", {entries}"));
                        format!("add {entries} before the closing `}}`")
                    }
                    (_, false) => with_lines("remove the braces and add", &examples),
                }
            }
            Some(examples) => with_lines("add", &examples),
            None => match firsts.as_slice() {
                [(part, key)] => {
                    let kind = self.annotations.type_word(&property(part, key));
                    let must = kind.map_or_else(
                        || "and its value".to_owned(),
                        |kind| format!("with {kind} as its value"),
                    );
                    format!("add the key {} {must}", whole(key))
                }
                _ => {
                    let keys: Vec<String> = firsts.iter().map(|(_, key)| whole(key)).collect();
                    format!("add the keys {} and their values", all_of(&keys))
                }
            },
        }
    }

    /// What a value that `part` describes may look like, with its key.
    pub(super) fn example_of(&self, part: &str, at: &Pointer) -> Option<String> {
        let key = at.last().unwrap_or_default();
        let holder = at.parent().unwrap_or_default();
        self.example(part, key, &holder)
    }

    /// The line, or lines, of a key of the mapping at `holder`.
    fn example(&self, part: &str, key: &str, holder: &Pointer) -> Option<String> {
        let sibling = self
            .annotations
            .word(part, "example_from")
            .and_then(|sibling| self.subject.value(holder).get(sibling))
            .and_then(Value::as_str)
            .and_then(title_of);
        if let Some(title) = sibling {
            return Some(format!("{key}: {title}"));
        }
        if let Some(example) = self.annotations.word(part, "example") {
            return Some(example.to_owned());
        }
        let value = self.annotations.value_of(part)?;
        if self.subject.text_of(holder).starts_with("{\"") {
            return Some(format!("{}: {value}", Value::from(key)));
        }
        let value = value.as_str().map_or_else(|| value.to_string(), as_written);
        Some(format!("{key}: {value}"))
    }
}

/// `no a or b, and neither c nor d`.
fn no_keys(wanted: &[(&str, &[String])]) -> String {
    let quoted = |keys: &[String]| keys.iter().map(|key| code(key)).collect::<Vec<_>>();
    let (single, choices): (Vec<_>, Vec<_>) = wanted.iter().partition(|(_, keys)| keys.len() == 1);
    let single: Vec<String> = single.iter().flat_map(|(_, keys)| quoted(keys)).collect();
    let single = (!single.is_empty()).then(|| format!("no {}", one_of(&single)));
    let choices = choices
        .iter()
        .map(|(_, keys)| format!("neither {}", quoted(keys).join(" nor ")));
    let all: Vec<String> = single.into_iter().chain(choices).collect();
    all.join(", and ")
}

/// `my-service` as people would write it: `My service`. None where that is no plain YAML text.
fn title_of(identifier: &str) -> Option<String> {
    let words: Vec<&str> = identifier
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let text = words.join(" ");
    let mut letters = text.chars();
    let first = letters.next().filter(|c| c.is_alphabetic())?;
    (text.len() <= 50).then(|| first.to_uppercase().chain(letters).collect())
}
