//! Caches and services: names that a file defines or Bitbucket brings along.

use std::collections::HashSet;
use std::rc::Rc;

use super::rules::{CACHE, SERVICE};
use super::walk::Walk;
use crate::check::suggest;
use crate::check::words::{code, with_lines};
use crate::document::{Document, Use};
use crate::finding::{Fix, RuleId};

/// Bitbucket's own caches, as far as they are known: others may be missing here.
const BUILT_IN_CACHES: [&str; 9] = [
    "composer",
    "docker",
    "dotnetcore",
    "gradle",
    "ivy2",
    "maven",
    "node",
    "pip",
    "sbt",
];

/// The names that a file defines.
#[derive(Debug)]
pub(super) struct Names<'a> {
    caches: Rc<HashSet<&'a str>>,
    services: Rc<HashSet<&'a str>>,
}

impl<'a> Names<'a> {
    pub(super) fn of(document: &'a Document) -> Self {
        let root = document.root().node;
        let names = |key| {
            document
                .get(root, "definitions")
                .and_then(|definitions| document.get(definitions.value.node, key))
                .map(|named| document.entries(named.value.node))
                .unwrap_or_default()
                .iter()
                .map(|entry| entry.key.as_str())
                .collect()
        };
        Self {
            caches: Rc::new(names("caches")),
            services: Rc::new(names("services")),
        }
    }
}

impl<'a> Walk<'_, 'a, '_> {
    pub(super) fn caches(&mut self, items: &'a [Use]) {
        self.names(items, &CACHE, "cache", &BUILT_IN_CACHES, |names| {
            &names.caches
        });
    }

    pub(super) fn services(&mut self, items: &'a [Use]) {
        self.names(items, &SERVICE, "service", &["docker"], |names| {
            &names.services
        });
    }

    fn names(
        &mut self,
        items: &'a [Use],
        rule: &'static RuleId,
        noun: &str,
        built_in: &[&'static str],
        defined: for<'n> fn(&'n Names<'a>) -> &'n Rc<HashSet<&'a str>>,
    ) {
        for (index, item) in items.iter().enumerate() {
            let Some(name) = self.document.string(item.node) else {
                continue;
            };
            if built_in.contains(&name) || defined(&self.names).contains(name) {
                continue;
            }
            let span = self.document.node(item.node).span;
            let defined = defined(&self.names).clone();
            self.in_item(index, |walk| {
                walk.tell(rule, span, |subject, at| {
                    // A file may define thousands: those that a slip is compared with are few.
                    let known = defined.iter().take(100).copied();
                    let meant = suggest::nearest(name, known.chain(built_in.iter().copied()));
                    let message = format!(
                        "the {noun} {} is neither defined in the file nor one of Bitbucket's own",
                        code(name)
                    );
                    let draft = subject.draft(rule, at, span, message);
                    if let Some(meant) = meant {
                        return draft
                            .label(format!("did you mean {}?", code(meant)))
                            .help(format!("write {}", code(meant)))
                            .fix(Fix::replace(span, meant));
                    }
                    let definition = match noun {
                        "cache" => format!("{name}: path/to/keep"),
                        _ => format!("{name}:\n      image: {name}:1.0"),
                    };
                    draft.help(with_lines(
                        "define it, as in",
                        &[format!("definitions:\n  {noun}s:\n    {definition}")],
                    ))
                });
            });
        }
    }
}
