//! Keys that are missing and keys that nobody knows, which are often one and the same mistake.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::check::annotation::{Class, part_of, property};
use crate::check::fault::{Fault, Violation};
use crate::check::findings::{Draft, Findings};
use crate::check::suggest;
use crate::check::words::{code, one_of};
use crate::document::Pointer;
use crate::finding::RuleId;

use super::Explainer;

/// For so many unknown keys of a document it is looked what was meant.
const SUGGESTIONS: usize = 1000;

impl Explainer<'_, '_> {
    /// Explains violations that are all `Missing` or `Unknown`.
    pub(super) fn explain_keys(&self, violations: Vec<Violation>, findings: &mut Findings<'_>) {
        let mut lacking: HashMap<Pointer, Vec<&str>> = HashMap::new();
        for violation in &violations {
            if let Fault::Missing { keys } = &violation.fault {
                let keys = keys.iter().map(String::as_str);
                lacking
                    .entry(violation.at.clone())
                    .or_default()
                    .extend(keys);
            }
        }
        let mut told: HashSet<(Pointer, String)> = HashSet::new();
        let unknown = violations
            .iter()
            .filter_map(|violation| match &violation.fault {
                Fault::Unknown { key } => Some((violation, key)),
                _ => None,
            });
        for (number, (violation, key)) in unknown.enumerate() {
            let meant = (number < SUGGESTIONS)
                .then(|| self.meant(violation, key, lacking.get(&violation.at)))
                .flatten();
            let mut rule = self.rule(part_of(&violation.keyword), Class::Unknown);
            if let Some(meant) = meant
                && lacking
                    .get(&violation.at)
                    .is_some_and(|keys| keys.contains(&meant))
            {
                let missing = self.missing_rule(part_of(&violation.keyword), meant);
                if findings.is_on(&missing) && told.insert((violation.at.clone(), meant.to_owned()))
                {
                    rule = missing;
                }
            }
            findings.add_with(&rule, || self.unknown(violation, key, meant, &rule));
        }
        for violation in &violations {
            if let Fault::Missing { keys } = &violation.fault
                && !keys
                    .iter()
                    .any(|key| told.contains(&(violation.at.clone(), key.clone())))
            {
                let part = part_of(&violation.keyword);
                let rule = match keys.first() {
                    Some(key) => self.missing_rule(part, key),
                    None => self.rule(part, Class::Missing),
                };
                findings.add_with(&rule, || self.missing(violation, keys, &rule));
            }
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
            None => draft.help(format!("remove the key, or use {}", one_of(&known))),
        }
    }

    fn missing(&self, violation: &Violation, keys: &[String], rule: &RuleId) -> Draft {
        let part = part_of(&violation.keyword);
        let (node, place) = self.subject.find(&violation.at);
        let span = self.subject.beginning(node, place);
        let holder = self.mapping_name(part, &violation.at);
        let holder = holder
            .strip_prefix("an ")
            .or_else(|| holder.strip_prefix("a "))
            .map_or_else(|| holder.clone(), |bare| format!("this {bare}"));
        let quoted: Vec<String> = keys.iter().map(|key| code(key)).collect();
        let message = match quoted.as_slice() {
            [one] => format!("{holder} has no {one}"),
            _ => format!("{holder} has neither {}", quoted.join(" nor ")),
        };
        let draft = self.at_place(rule, &violation.at, span, place, message);
        let key = keys.first().map(String::as_str).unwrap_or_default();
        let example = self.example(part, key, &violation.at);
        self.reword(part, draft.help(format!("add the line {}", code(&example))))
    }

    /// The line to add for a missing key.
    fn example(&self, part: &str, key: &str, at: &Pointer) -> String {
        let described = property(part, key);
        let sibling = self
            .annotations
            .word(&described, "example_from")
            .and_then(|sibling| self.subject.value(at).get(sibling))
            .and_then(Value::as_str)
            .and_then(title_of);
        if let Some(title) = sibling {
            return format!("{key}: {title}");
        }
        self.annotations
            .word(&described, "example")
            .map_or_else(|| format!("{key}: …"), str::to_owned)
    }
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
