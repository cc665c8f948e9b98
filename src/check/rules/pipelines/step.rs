//! Steps: what they need beyond the types of their keys.

use super::keys::Present;
use super::rules::{MISSING_SCRIPT, OIDC};
use super::shape::Object;
use super::table::SCRIPT_PLACE;
use super::walk::{Here, Walk};
use crate::check::words::{code, with_lines};
use crate::document::{Entry, ScalarValue, Span};

/// What Bitbucket gives a step that asks for it.
const TOKEN: &str = "BITBUCKET_STEP_OIDC_TOKEN";

impl<'a> Walk<'_, 'a, '_> {
    pub(super) fn step(
        &mut self,
        object: &'static Object,
        entries: &'a [Entry],
        there: Present,
        here: Here,
    ) {
        if !there.has(SCRIPT_PLACE) {
            self.missing_script(object, entries, there, here);
        }
        if let Some(variables) = find(entries, "input-variables") {
            self.in_key("input-variables", |walk| {
                walk.named_secrets(walk.document.entries(variables.value.node));
            });
        }
        self.oidc(entries);
    }

    fn missing_script(
        &mut self,
        object: &'static Object,
        entries: &'a [Entry],
        there: Present,
        here: Here,
    ) {
        let type_of =
            find(entries, "type").and_then(|entry| self.document.string(entry.value.node));
        if type_of == Some("pipeline") {
            return;
        }
        // A misspelt one is told as that.
        let is_slip = |entry: &Entry| {
            !object.keys.iter().any(|key| key.name == entry.key)
                && self.meant(object, there, entry) == Some("script")
        };
        if entries.iter().any(is_slip) {
            return;
        }
        let span = self.mark(here);
        let has = |key| find(entries, key).is_some();
        let pipe = find(entries, "pipe").map(|entry| entry.key_span);
        self.tell(&MISSING_SCRIPT, pipe.unwrap_or(span), |subject, at| {
            let draft = |span: Span, message: &str| {
                subject.draft(&MISSING_SCRIPT, at, span, message)
            };
            if let Some(pipe) = pipe {
                return draft(pipe, "the step has no `script`, and the pipe stands outside of it")
                    .help(with_lines(
                        "write the pipe as an item of the script, as in",
                        &["script:\n  - pipe: atlassian/aws-s3-deploy:1.1.0".to_owned()],
                    ));
            }
            let draft = draft(span, "the step has no `script`, so that there is nothing to run");
            if has("custom") {
                return draft.help(
                    "add the line `type: pipeline`, if the step is to run the pipeline that `custom` names",
                );
            }
            draft.help(with_lines("add", &["script:\n  - npm test".to_owned()]))
        });
    }

    /// Without `oidc: true` there is no token.
    fn oidc(&mut self, entries: &'a [Entry]) {
        if let Some(oidc) = find(entries, "oidc") {
            let scalar = self.document.scalar(oidc.value.node);
            if scalar.is_none_or(|scalar| scalar.value != ScalarValue::Bool(false)) {
                return;
            }
        }
        let Some((what, span)) = self.use_of_token(entries) else {
            return;
        };
        let refused = find(entries, "oidc").map(|entry| entry.key_span);
        self.tell(&OIDC, span, |subject, at| {
            let message = match what {
                TOKEN => format!("{} is empty in a step without `oidc: true`", code(what)),
                _ => format!(
                    "{} needs the OIDC token of a step with `oidc: true`",
                    code(what)
                ),
            };
            let draft = subject.draft(&OIDC, at, span, message);
            match refused {
                Some(refused) => draft
                    .related(refused, "switched off here")
                    .help("write `oidc: true` in the step"),
                None => draft.help("add the line `oidc: true` to the step, beside `script`"),
            }
        });
    }

    /// Where the step uses the token, or what only works with it.
    fn use_of_token(&self, entries: &'a [Entry]) -> Option<(&'a str, Span)> {
        let document = self.document;
        let scripts = ["script", "after-script"];
        let items = scripts
            .iter()
            .filter_map(|key| find(entries, key))
            .flat_map(|entry| document.items(entry.value.node));
        for item in items {
            if document.string(item.node).is_some_and(needs_token) {
                return Some((TOKEN, self.place_of_token(document.node(item.node).span)));
            }
            let Some(variables) = document.get(item.node, "variables") else {
                continue;
            };
            for variable in document.entries(variables.value.node) {
                let value = document.string(variable.value.node);
                if variable.key.ends_with("OIDC_ROLE_ARN") {
                    return Some((&variable.key, variable.key_span));
                }
                if value.is_some_and(needs_token) {
                    let span = document.node(variable.value.node).span;
                    return Some((TOKEN, self.place_of_token(span)));
                }
            }
        }
        None
    }

    fn place_of_token(&self, span: Span) -> Span {
        match self.subject.source.slice(span).find(TOKEN) {
            Some(at) => Span::new(span.start + at, span.start + at + TOKEN.len()),
            None => span,
        }
    }
}

/// Whether a command fails without the token: one that asks whether there is any does not.
fn needs_token(text: &str) -> bool {
    let is_used = |line: &str| {
        let asks = [" -n ", " -z "]
            .iter()
            .filter_map(|test| line.find(test))
            .min();
        !line.trim_start().starts_with('#')
            && line.match_indices(TOKEN).any(|(at, _)| {
                let has_default = line[at + TOKEN.len()..].starts_with([':', '-', '+']);
                !has_default && asks.is_none_or(|asks| asks > at)
            })
    };
    text.contains(TOKEN) && text.lines().any(is_used)
}

pub(super) fn find<'a>(entries: &'a [Entry], key: &str) -> Option<&'a Entry> {
    entries.iter().find(|entry| entry.key == key)
}
