//! The containers of a Kubernetes manifest, and the Secrets and ConfigMaps beside them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::document::{Document, Entry, NodeId, Span};

/// One object of a manifest.
#[derive(Clone, Copy)]
pub(super) struct Object<'a> {
    pub(super) document: &'a Document,
    node: NodeId,
    /// Where it stands in its document, where it is an item of a list.
    item: Option<usize>,
}

/// One container with the volumes of its pod.
#[derive(Clone, Copy)]
pub(super) struct Container<'a> {
    pub(super) document: &'a Document,
    pub(super) node: NodeId,
    pub(super) pod: NodeId,
}

/// A value of a Secret or ConfigMap.
pub(super) struct Datum<'a> {
    pub(super) entry: &'a Entry,
    /// The text that a container gets; none where it is no base64 or no text.
    pub(super) text: Option<String>,
    /// Where the text begins and ends as it does in the manifest: not so in base64.
    pub(super) is_plain: bool,
}

impl<'a> Object<'a> {
    /// All objects of the documents; the items of lists in place of the lists.
    pub(super) fn all(documents: &'a [Document]) -> Vec<Self> {
        let mut objects = Vec::new();
        for document in documents {
            let root = document.root().node;
            match document.get(root, "items") {
                Some(items) if kind_of(document, root).ends_with("List") => {
                    let items = document.items(items.value.node).iter().enumerate();
                    objects.extend(items.map(|(number, item)| Self {
                        document,
                        node: item.node,
                        item: Some(number),
                    }));
                }
                _ => objects.push(Self {
                    document,
                    node: root,
                    item: None,
                }),
            }
        }
        objects
    }

    pub(super) fn kind(&self) -> &'a str {
        kind_of(self.document, self.node)
    }

    pub(super) fn name(&self) -> Option<&'a str> {
        let metadata = self.document.get(self.node, "metadata")?;
        let name = self.document.get(metadata.value.node, "name")?;
        self.document.string(name.value.node)
    }

    /// The route to the object in its document.
    fn route(&self) -> String {
        self.item
            .map_or_else(String::new, |number| format!("/items/{number}"))
    }

    /// The containers of its pods, with their routes; those that only run before Gimlet are not meant.
    pub(super) fn containers(&self) -> Vec<(Container<'a>, String)> {
        let way: &[&str] = match self.kind() {
            "Pod" => &["spec"],
            "CronJob" => &["spec", "jobTemplate", "spec", "template", "spec"],
            "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job" => {
                &["spec", "template", "spec"]
            }
            _ => return Vec::new(),
        };
        let mut pod = self.node;
        for part in way {
            match self.document.get(pod, part) {
                Some(entry) => pod = entry.value.node,
                None => return Vec::new(),
            }
        }
        let Some(containers) = self.document.get(pod, "containers") else {
            return Vec::new();
        };
        let route = format!("{}/{}/containers", self.route(), way.join("/"));
        let containers = self
            .document
            .items(containers.value.node)
            .iter()
            .enumerate();
        containers
            .map(|(number, container)| {
                let container = Container {
                    document: self.document,
                    node: container.node,
                    pod,
                };
                (container, format!("{route}/{number}"))
            })
            .collect()
    }

    /// The values of a Secret or ConfigMap, the ones that count last.
    pub(super) fn data(&self) -> Vec<Datum<'a>> {
        let is_secret = self.kind() == "Secret";
        let mut data = Vec::new();
        for (part, is_plain) in [("data", !is_secret), ("stringData", true)] {
            let Some(part) = self.document.get(self.node, part) else {
                continue;
            };
            for entry in self.document.entries(part.value.node) {
                let written = self.document.string(entry.value.node);
                let text = match is_plain {
                    true => written.map(str::to_owned),
                    false => written.and_then(decoded),
                };
                data.push(Datum {
                    entry,
                    text,
                    is_plain,
                });
            }
        }
        data
    }

    /// A value by its key.
    pub(super) fn datum(&self, key: &str) -> Option<Datum<'a>> {
        self.data()
            .into_iter()
            .rev()
            .find(|datum| datum.entry.key == key)
    }
}

impl<'a> Container<'a> {
    pub(super) fn name(&self) -> &'a str {
        self.text(self.node, "name").unwrap_or_default()
    }

    /// Where it is written that it has no settings: its list of them, else itself.
    pub(super) fn home(&self) -> Span {
        match self.document.get(self.node, "env") {
            Some(env) => env.key_span,
            None => match self.document.get(self.node, "name") {
                Some(name) => name.value.at,
                None => Span::empty(self.document.node(self.node).span.start),
            },
        }
    }

    fn text(&self, node: NodeId, key: &str) -> Option<&'a str> {
        let entry = self.document.get(node, key)?;
        self.document.string(entry.value.node)
    }

    fn items(&self, node: NodeId, key: &str) -> Vec<NodeId> {
        match self.document.get(node, key) {
            Some(list) => self
                .document
                .items(list.value.node)
                .iter()
                .map(|item| item.node)
                .collect(),
            None => Vec::new(),
        }
    }

    /// What a path inside the container comes from.
    pub(super) fn mount(&self, path: &str) -> Mount {
        for mount in self.items(self.node, "volumeMounts") {
            let Some(at) = self.text(mount, "mountPath") else {
                continue;
            };
            let file = if at == path {
                self.text(mount, "subPath")
            } else {
                path.strip_prefix(at.trim_end_matches('/'))
                    .and_then(|rest| rest.strip_prefix('/'))
            };
            let (Some(file), Some(name)) = (file, self.text(mount, "name")) else {
                continue;
            };
            let volumes = self.items(self.pod, "volumes");
            let volume = volumes
                .into_iter()
                .find(|&volume| self.text(volume, "name") == Some(name));
            let Some(volume) = volume else {
                return Mount::NoVolume(name.to_owned());
            };
            let Some(secret) = self.document.get(volume, "secret") else {
                return Mount::Other;
            };
            let secret = secret.value.node;
            let items = self.items(secret, "items");
            let key = match items.is_empty() {
                true => Some(file),
                false => items
                    .into_iter()
                    .find(|&item| self.text(item, "path") == Some(file))
                    .and_then(|item| self.text(item, "key")),
            };
            return match (self.text(secret, "secretName"), key) {
                (Some(secret), Some(key)) => Mount::Secret {
                    name: secret.to_owned(),
                    key: key.to_owned(),
                },
                (Some(secret), None) => Mount::NotProjected(secret.to_owned()),
                (None, _) => Mount::Other,
            };
        }
        Mount::Nothing
    }
}

/// What a path inside a container comes from.
pub(super) enum Mount {
    /// A key of a Secret.
    Secret { name: String, key: String },
    /// A Secret whose `items` leave the file out.
    NotProjected(String),
    /// A volume that the pod does not have.
    NoVolume(String),
    /// Some other volume.
    Other,
    /// Nothing is mounted there.
    Nothing,
}

fn kind_of(document: &Document, node: NodeId) -> &str {
    document
        .get(node, "kind")
        .and_then(|kind| document.string(kind.value.node))
        .unwrap_or_default()
}

/// The text of a Secret's `data`.
fn decoded(text: &str) -> Option<String> {
    let text: String = text.split_whitespace().collect();
    String::from_utf8(STANDARD.decode(text).ok()?).ok()
}
