//! Pipelines: what their items mean to one another, and where they come from.

use std::collections::HashMap;

use super::rules::{DEPLOYMENT, FORBIDDEN, ORDER, TYPE, VALUE};
use super::shape::Role;
use super::step::find;
use super::walk::{Here, Walk};
use crate::check::words::{code, whole};
use crate::document::{Entry, NodeId, NodeKind, Scalar, ScalarValue, Span, Use};

impl<'a> Walk<'_, 'a, '_> {
    pub(super) fn pipeline(&mut self, role: Role, items: &'a [Use]) {
        for (index, item) in items.iter().enumerate() {
            let entries = self.document.entries(item.node);
            if index > 0 && role == Role::CustomPipeline {
                self.in_item(index, |walk| {
                    walk.order(
                        entries,
                        "variables",
                        "the first item",
                        "move it above all steps",
                    );
                });
            }
            if index + 1 < items.len() && role == Role::Pipeline {
                self.in_item(index, |walk| {
                    walk.order(entries, "final", "the last item", "move it below all steps");
                });
            }
        }
        self.deployments(items);
    }

    fn order(&mut self, entries: &'a [Entry], key: &'static str, place: &str, help: &str) {
        let Some(entry) = find(entries, key) else {
            return;
        };
        let span = entry.key_span;
        self.tell_at(key, &ORDER, span, |subject, at| {
            let message = format!("`{key}` must be {place} of its pipeline");
            subject.draft(&ORDER, at, span, message).help(help)
        });
    }

    /// Bitbucket lets each environment be deployed to once in a pipeline.
    fn deployments(&mut self, items: &'a [Use]) {
        let mut first: HashMap<&str, Span> = HashMap::new();
        for (index, item) in items.iter().enumerate() {
            let mut found = Vec::new();
            for entry in self.document.entries(item.node) {
                match entry.key.as_str() {
                    "step" => found.push(self.deployment(entry.value)),
                    "stage" => {
                        found.push(self.deployment(entry.value));
                        let steps = self.document.get(entry.value.node, "steps");
                        found.extend(
                            steps
                                .into_iter()
                                .flat_map(|steps| self.inner(steps.value.node)),
                        );
                    }
                    "parallel" => {
                        let node = entry.value.node;
                        let steps = self
                            .document
                            .get(node, "steps")
                            .map_or(node, |s| s.value.node);
                        found.extend(self.inner(steps));
                    }
                    _ => {}
                }
            }
            for (name, span) in found.into_iter().flatten() {
                let Some(&earlier) = first.get(name) else {
                    first.insert(name, span);
                    continue;
                };
                // A pipeline that is used again is the same text.
                if earlier == span {
                    continue;
                }
                self.in_item(index, |walk| walk.deployed_twice(name, span, earlier));
            }
        }
    }

    fn deployed_twice(&mut self, name: &str, span: Span, earlier: Span) {
        self.tell(&DEPLOYMENT, span, |subject, at| {
            let message = format!("the pipeline deploys to {} twice", code(name));
            subject
                .draft(&DEPLOYMENT, at, span, message)
                .label("again here")
                .related(earlier, "first here")
                .help("name another environment, or put both steps into one `stage` that has the `deployment`")
        });
    }

    fn inner(&self, steps: NodeId) -> Vec<Option<(&'a str, Span)>> {
        let items = self.document.items(steps).iter();
        items
            .filter_map(|item| self.document.get(item.node, "step"))
            .map(|step| self.deployment(step.value))
            .collect()
    }

    /// What a step or stage deploys to; where an alias brings it, the place of the alias.
    fn deployment(&self, used: Use) -> Option<(&'a str, Span)> {
        let entry = self.document.get(used.node, "deployment")?;
        let name = self.document.string(entry.value.node)?;
        let is_alias = used.at != self.document.node(used.node).span;
        let span = match (is_alias, entry.merged) {
            (true, _) => used.at,
            (false, Some(merged)) => merged,
            (false, None) => entry.value.at,
        };
        Some((name, span))
    }

    /// `repository:branch:pipeline` or `pipeline@source`: one of them, not both.
    pub(super) fn import(&mut self, scalar: &'a Scalar, here: Here) {
        let parts: Vec<&str> = scalar.text.splitn(4, ':').collect();
        let is_inline = parts.len() == 3 && parts.iter().all(|part| !part.is_empty());
        let parts: Vec<&str> = scalar.text.splitn(3, '@').collect();
        let is_source = parts.len() == 2 && parts.iter().all(|part| !part.is_empty());
        if is_inline != is_source {
            return;
        }
        let span = self.mark(here);
        self.tell(&VALUE, span, |subject, at| {
            let message = format!(
                "`import` must be `repository:branch:pipeline` or `pipeline@source`, but is {}",
                code(&scalar.text)
            );
            let line = subject.line(at, "my-repository:main:my-pipeline");
            subject.draft(&VALUE, at, span, message).help(format!(
                "write the import in one of these forms, such as {}",
                whole(&line)
            ))
        });
    }

    pub(super) fn changesets(&mut self, entries: &'a [Entry]) {
        let (Some(one), Some(other)) =
            (find(entries, "includePaths"), find(entries, "excludePaths"))
        else {
            return;
        };
        let second = if one.key_span < other.key_span {
            other
        } else {
            one
        };
        let span = second.key_span;
        self.tell_at(&second.key, &FORBIDDEN, span, |subject, at| {
            let message = "`includePaths` and `excludePaths` stand in one condition";
            subject
                .draft(&FORBIDDEN, at, span, message)
                .label("one of them only")
                .help("keep one of the two")
        });
    }

    /// Names of files or what describes them: Bitbucket takes no mixture.
    pub(super) fn uploads(&mut self, items: &'a [Use]) {
        let is_mapping =
            |item: &Use| matches!(self.document.node(item.node).kind, NodeKind::Mapping(_));
        let Some(first) = items.first().map(is_mapping) else {
            return;
        };
        let Some(other) = items.iter().position(|item| is_mapping(item) != first) else {
            return;
        };
        let here = Here {
            key: None,
            used: items[other],
        };
        let node = self.node(here);
        let is_told = match &node.kind {
            NodeKind::Scalar(scalar) => scalar.value != ScalarValue::Str,
            NodeKind::Mapping(_) => false,
            NodeKind::Sequence(_) => true,
        };
        if is_told {
            return;
        }
        let span = self.mark(here);
        self.in_item(other, |walk| {
            walk.tell(&TYPE, span, |subject, at| {
                let message = "`upload` holds paths and artifacts with names, and Bitbucket takes one sort only";
                subject
                    .draft(&TYPE, at, span, message)
                    .help("write each of them as a mapping with `name` and `paths`")
            });
        });
    }

    pub(super) fn scopes(&mut self, items: &'a [Use]) {
        let mut first: HashMap<&str, Span> = HashMap::new();
        for (index, item) in items.iter().enumerate() {
            let Some(name) = self.document.string(item.node) else {
                continue;
            };
            let Some(&earlier) = first.get(name) else {
                first.insert(name, item.at);
                continue;
            };
            let span = item.at;
            self.in_item(index, |walk| {
                walk.tell(&VALUE, span, |subject, at| {
                    let message = format!("the scope {} is listed twice", code(name));
                    subject
                        .draft(&VALUE, at, span, message)
                        .related(earlier, "first listed here")
                        .help("remove one of the two")
                });
            });
        }
    }
}
