//! Settings in a Kubernetes manifest: `env`, `envFrom`, and the Secrets and ConfigMaps of the same file.

use super::given::{Given, KeyAt, KeyFiles, Kind, Settings, Value, hide};
use super::judge::judge;
use super::variable::Variable;
use super::workload::{Container, Datum, Mount, Object};
use crate::check::{Draft, Inspection, code, nearest};
use crate::document::{Document, Entry, Limits, NodeId, NodeKind, ScalarValue, Source, Span, load};
use crate::finding::RuleId;

const NOT_TEXT: RuleId = RuleId::of("gimlet-server/not-text");
const REFERENCE: RuleId = RuleId::of("gimlet-server/reference");
const BASE64: RuleId = RuleId::of("gimlet-server/base64");
const NO_CONTAINER: RuleId = RuleId::of("gimlet-server/no-container");

/// Judges the settings of every container that has some of Gimlet's; of a file with one container, its.
pub(super) fn inspect(source: &Source, inspection: &mut Inspection) {
    let stream = load(source, &Limits::default());
    inspection.unreadable(source, &stream);
    hide_comments(source, inspection);
    if !stream.is_complete() {
        hide_all(source, inspection);
        return;
    }
    let manifest = Manifest {
        objects: Object::all(&stream.documents),
    };
    manifest.hide_secrets(source, inspection);
    let containers: Vec<_> = manifest
        .objects
        .iter()
        .flat_map(Object::containers)
        .collect();
    let mut read: Vec<_> = containers
        .iter()
        .map(|(container, route)| manifest.settings(container, route))
        .collect();
    // `HOST` and `WEBHOOK_SECRET` are names that anybody may use.
    let is_gimlets = |read: &Read| {
        let mut variables = read.settings.given.iter().filter_map(Given::variable);
        variables.any(|variable| variable.name().starts_with("BITBUCKET_SERVER_"))
    };
    let chosen: Vec<usize> = match containers.len() {
        1 => vec![0],
        _ => (0..read.len())
            .filter(|&number| is_gimlets(&read[number]))
            .collect(),
    };
    let several = chosen.len() > 1;
    if chosen.is_empty() {
        let span = stream
            .documents
            .first()
            .map_or(Span::default(), |document| {
                document
                    .entries(document.root().node)
                    .first()
                    .map_or(Span::default(), |entry| entry.key_span)
            });
        inspection.error(
            Draft::new(
                NO_CONTAINER,
                span,
                "no container in this file has settings of Gimlet",
            )
            .help("name the file with Gimlet's Deployment; `pushgate gimlet manifest` writes one"),
        );
    }
    for number in chosen {
        let (container, _) = &containers[number];
        let read = std::mem::replace(&mut read[number], Read::default_of(container));
        let mut settings = read.settings;
        for draft in read.drafts {
            inspection.error(draft);
        }
        settings.kind = Kind::Container {
            named: several.then(|| container.name().to_owned()),
        };
        let files = Mounted {
            manifest: &manifest,
            container,
        };
        judge(&settings, &files, inspection);
    }
}

struct Manifest<'a> {
    objects: Vec<Object<'a>>,
}

/// The settings of one container, and what is wrong with how they are written.
struct Read {
    settings: Settings,
    drafts: Vec<Draft>,
}

impl Read {
    fn default_of(container: &Container<'_>) -> Self {
        Self {
            settings: Settings {
                kind: Kind::Container { named: None },
                given: Vec::new(),
                unseen: Vec::new(),
                home: container.home(),
                document: container.document.number(),
                pointer: String::new(),
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
    fn find(&self, kind: &str, name: &str) -> Option<&Object<'a>> {
        self.objects
            .iter()
            .find(|object| object.kind() == kind && object.name() == Some(name))
    }

    /// Values of Secrets, and of variables that nobody knows, are shown nowhere.
    fn hide_secrets(&self, source: &Source, inspection: &mut Inspection) {
        for object in &self.objects {
            for Datum {
                entry,
                text,
                is_plain,
            } in object.data()
            {
                let at = entry.value.at;
                let value = text.as_deref().unwrap_or_default();
                match (object.kind(), is_plain) {
                    // Of a ConfigMap only what is ours can be meant to be secret.
                    ("ConfigMap", _) if Variable::named(&entry.key).is_none() => {}
                    ("Secret", true) | ("ConfigMap", _) => {
                        hide(&entry.key, value, source.slice(at), at, inspection);
                    }
                    _ => inspection.keep_secret(at),
                }
            }
            for (container, _) in object.containers() {
                let document = container.document;
                for entry in environment(document, container.node) {
                    if let Some(value) = document.get(entry, "value") {
                        let name = text(document, entry, "name").unwrap_or_default();
                        let written = document
                            .scalar(value.value.node)
                            .map_or("", |scalar| &scalar.text);
                        let at = value.value.at;
                        hide(name, written, source.slice(at), at, inspection);
                    }
                }
            }
        }
    }

    fn settings(&self, container: &Container<'a>, route: &str) -> Read {
        let mut read = Read::default_of(container);
        read.settings.pointer = route.to_owned();
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

/// The files that a container's volumes bring.
struct Mounted<'a> {
    manifest: &'a Manifest<'a>,
    container: &'a Container<'a>,
}

impl KeyFiles for Mounted<'_> {
    fn key_at(&self, path: &str) -> KeyAt {
        match self.container.mount(path) {
            Mount::Other => KeyAt::Unseen,
            Mount::Nothing => {
                KeyAt::Missing("no volume of the container is mounted there".to_owned())
            }
            Mount::NoVolume(name) => {
                KeyAt::Missing(format!("the pod has no volume {}", code(&name)))
            }
            Mount::NotProjected(name) => KeyAt::Missing(format!(
                "the volume of the Secret {} leaves it out",
                code(&name)
            )),
            Mount::Secret { name, key } => match self.manifest.find("Secret", &name) {
                None => KeyAt::Unseen,
                Some(secret) => match secret.datum(&key) {
                    Some(Datum {
                        text: Some(text), ..
                    }) => KeyAt::Text(text),
                    Some(_) => KeyAt::Missing(format!(
                        "{} of the Secret {} is not base64",
                        code(&key),
                        code(&name)
                    )),
                    None => KeyAt::Missing(format!(
                        "the Secret {} has no key {}",
                        code(&name),
                        code(&key)
                    )),
                },
            },
        }
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

fn environment(document: &Document, container: NodeId) -> Vec<NodeId> {
    match document.get(container, "env") {
        Some(env) => document
            .items(env.value.node)
            .iter()
            .map(|item| item.node)
            .collect(),
        None => Vec::new(),
    }
}

fn text<'a>(document: &'a Document, node: NodeId, key: &str) -> Option<&'a str> {
    document.string(document.get(node, key)?.value.node)
}

/// A secret that was commented out may still be in use somewhere.
fn hide_comments(source: &Source, inspection: &mut Inspection) {
    let mut at = 0;
    for line in source.text().split_inclusive('\n') {
        let trimmed = line.trim_start();
        if let Some(sign) = trimmed
            .starts_with('#')
            .then(|| line.find([':', '=']))
            .flatten()
        {
            inspection.keep_secret(Span::new(at + sign + 1, at + line.trim_end().len()));
        }
        at += line.len();
    }
}

/// Of a text that can't be read nobody knows what is secret: only the keys are shown.
fn hide_all(source: &Source, inspection: &mut Inspection) {
    let mut at = 0;
    for line in source.text().split_inclusive('\n') {
        let end = at + line.trim_end().len();
        let start = line.find(':').map_or(at, |sign| at + sign + 1);
        inspection.keep_secret(Span::new(start.min(end), end));
        at += line.len();
    }
}
