//! What a container is given: `env`, `envFrom`, and the Secrets and ConfigMaps that they name.

use super::super::given::{Given, Kind, Settings, Value};
use super::super::variable::Variable;
use super::super::workload::{Container, Datum};
use super::{Manifest, environment, text};
use crate::check::{Draft, code, nearest};
use crate::document::{Document, Entry, NodeId, NodeKind, ScalarValue, Span};
use crate::finding::RuleId;

const NOT_TEXT: RuleId = RuleId::of("gimlet-server/not-text");
const REFERENCE: RuleId = RuleId::of("gimlet-server/reference");
const BASE64: RuleId = RuleId::of("gimlet-server/base64");

/// The settings of one container, and what is wrong with how they are written.
pub(super) struct Read {
    pub(super) settings: Settings,
    pub(super) drafts: Vec<Draft>,
}

impl Read {
    /// Nothing yet of a container, which stands at `route`.
    fn new(container: &Container<'_>, route: &str) -> Self {
        Self {
            settings: Settings {
                kind: Kind::Container { named: None },
                given: Vec::new(),
                unseen: Vec::new(),
                home: container.home(),
                document: container.document.number(),
                pointer: route.to_owned(),
            },
            drafts: Vec::new(),
        }
    }
}

/// Where in its manifest a container names a variable.
struct Naming<'a> {
    name: &'a str,
    key: Span,
    pointer: String,
}

impl<'a> Manifest<'a> {
    /// What the container at `route`, a JSON pointer, is given.
    pub(super) fn settings(&self, container: &Container<'a>, route: &str) -> Read {
        let mut read = Read::new(container, route);
        self.whole_sources(container, route, &mut read);
        let document = container.document;
        for (number, entry) in environment(document, container.node)
            .into_iter()
            .enumerate()
        {
            let Some(name_entry) = document.get(entry, "name") else {
                continue;
            };
            let Some(name) = document.string(name_entry.value.node) else {
                continue;
            };
            let naming = Naming {
                name,
                key: name_entry.value.at,
                pointer: format!("{route}/env/{number}"),
            };
            self.one(container, entry, &naming, &mut read);
        }
        read
    }

    /// `envFrom`: all values of a Secret or ConfigMap.
    fn whole_sources(&self, container: &Container<'a>, route: &str, read: &mut Read) {
        let document = container.document;
        let Some(list) = document.get(container.node, "envFrom") else {
            return;
        };
        for (number, item) in document.items(list.value.node).iter().enumerate() {
            let prefix = text(document, item.node, "prefix").unwrap_or_default();
            for (key, kind) in [("secretRef", "Secret"), ("configMapRef", "ConfigMap")] {
                let Some(reference) = document.get(item.node, key) else {
                    continue;
                };
                let Some(name) = text(document, reference.value.node, "name") else {
                    continue;
                };
                let Some(object) = self.find(kind, name) else {
                    read.settings.unseen.push(format!("the {kind} `{name}`"));
                    continue;
                };
                for datum in object.data() {
                    let given = Naming {
                        name: &format!("{prefix}{}", datum.entry.key),
                        key: datum.entry.key_span,
                        pointer: format!("{route}/envFrom/{number}"),
                    };
                    keep_datum(object.document, &datum, &given, read);
                }
            }
        }
    }

    /// One item of `env`.
    fn one(&self, container: &Container<'a>, entry: NodeId, naming: &Naming<'_>, read: &mut Read) {
        let document = container.document;
        if let Some(value) = document.get(entry, "value") {
            let pointer = format!("{}/value", naming.pointer);
            let draft = not_text(document, value, naming.name, &pointer);
            let value_text = match &draft {
                Some(_) => Value::Faulty,
                // Kubernetes fills in `$(NAME)`.
                None => match document.string(value.value.node) {
                    Some(text) if text.contains("$(") => Value::Elsewhere,
                    text => Value::Text(text.unwrap_or_default().to_owned()),
                },
            };
            if Variable::named(naming.name).is_some() {
                read.drafts.extend(draft);
            }
            let at = value.value.at;
            read.settings.given.push(Given {
                name: naming.name.to_owned(),
                value: value_text,
                key: naming.key,
                at: if at.is_empty() { value.key_span } else { at },
                document: document.number(),
                pointer,
            });
            return;
        }
        let Some(from) = document.get(entry, "valueFrom") else {
            read.settings.given.push(Given {
                name: naming.name.to_owned(),
                value: Value::Text(String::new()),
                key: naming.key,
                at: naming.key,
                document: document.number(),
                pointer: naming.pointer.clone(),
            });
            return;
        };
        for (key, kind) in [("secretKeyRef", "Secret"), ("configMapKeyRef", "ConfigMap")] {
            if let Some(reference) = document.get(from.value.node, key) {
                let pointer = format!("{}/valueFrom/{key}", naming.pointer);
                let naming = Naming { pointer, ..*naming };
                return self.referred(document, reference, kind, &naming, read);
            }
        }
        read.settings
            .given
            .push(elsewhere(document, naming, from.value.at));
    }

    /// A value of a Secret or ConfigMap by its key.
    fn referred(
        &self,
        document: &Document,
        reference: &Entry,
        kind: &str,
        naming: &Naming<'_>,
        read: &mut Read,
    ) {
        let node = reference.value.node;
        let (name, key) = (text(document, node, "name"), text(document, node, "key"));
        let at = reference.value.at;
        let (Some(name), Some(key)) = (name, key) else {
            read.settings.given.push(elsewhere(document, naming, at));
            return;
        };
        let Some(object) = self.find(kind, name) else {
            // It may well be made by other means than this file.
            read.settings.given.push(elsewhere(document, naming, at));
            return;
        };
        if let Some(datum) = object.datum(key) {
            return keep_datum(object.document, &datum, naming, read);
        }
        let place = document.get(node, "key").map_or(at, |entry| entry.value.at);
        let data = object.data();
        let meant = nearest(key, data.iter().map(|datum| datum.entry.key.as_str()));
        let help = match meant {
            Some(meant) => format!("did you mean {}?", code(meant)),
            None => format!("add the key to the {kind}, or name one that it has"),
        };
        read.drafts.push(
            Draft::new(
                REFERENCE,
                place,
                format!("the {kind} {} has no key {}", code(name), code(key)),
            )
            .at(document.number(), format!("{}/key", naming.pointer))
            .help(help),
        );
        read.settings.given.push(Given {
            value: Value::Faulty,
            ..elsewhere(document, naming, place)
        });
    }
}

/// A value of a Secret or ConfigMap becomes a setting.
fn keep_datum(document: &Document, datum: &Datum<'_>, naming: &Naming<'_>, read: &mut Read) {
    let entry = datum.entry;
    let is_ours = Variable::named(naming.name).is_some();
    let value = match &datum.text {
        Some(text) => Value::Text(text.clone()),
        None => {
            let draft = match datum.is_plain {
                true => not_text(document, entry, &entry.key, &naming.pointer),
                false => Some(
                    Draft::new(
                        BASE64,
                        entry.value.at,
                        format!("the value of {} is not base64", code(&entry.key)),
                    )
                    .at(document.number(), naming.pointer.clone())
                    .help("write it under `stringData` as it is, or encode it: `printf %s VALUE | base64 -w0`"),
                ),
            };
            if is_ours {
                read.drafts.extend(draft);
            }
            Value::Faulty
        }
    };
    let at = entry.value.at;
    read.settings.given.push(Given {
        name: naming.name.to_owned(),
        value,
        key: naming.key,
        at: if at.is_empty() { entry.key_span } else { at },
        document: document.number(),
        pointer: naming.pointer.clone(),
    });
}

/// Kubernetes takes text only for a variable's value, and refuses the whole object otherwise.
fn not_text(document: &Document, value: &Entry, name: &str, pointer: &str) -> Option<Draft> {
    let draft = |message: String, help: String| {
        Some(
            Draft::new(NOT_TEXT, value.value.at, message)
                .at(document.number(), pointer)
                .help(help),
        )
    };
    let what = match &document.node(value.value.node).kind {
        NodeKind::Scalar(scalar) => match scalar.value {
            ScalarValue::Str | ScalarValue::Null => return None,
            ScalarValue::Bool(_) => "a truth value",
            ScalarValue::Int(_) | ScalarValue::Float(_) => "a number",
        },
        _ => {
            return draft(
                format!(
                    "the value of {} is not text, and Kubernetes takes nothing else",
                    code(name)
                ),
                "write one text".to_owned(),
            );
        }
    };
    let written = document
        .scalar(value.value.node)
        .map_or("", |scalar| &scalar.text);
    draft(
        format!(
            "the value of {} is {what}, and Kubernetes takes text only",
            code(name)
        ),
        format!("put it in quotes: `\"{written}\"`"),
    )
}

fn elsewhere(document: &Document, naming: &Naming<'_>, at: Span) -> Given {
    Given {
        name: naming.name.to_owned(),
        value: Value::Elsewhere,
        key: naming.key,
        at,
        document: document.number(),
        pointer: naming.pointer.clone(),
    }
}
