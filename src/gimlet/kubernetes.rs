//! The containers of a Kubernetes manifest, and which of them is Gimlet's.

mod hiding;
mod settings;

use self::hiding::{hide_all, hide_comments};
use self::settings::Read;
use super::given::{Given, KeyAt, KeyFiles, Kind};
use super::judge::judge;
use super::workload::{Container, Datum, Mount, Object};
use crate::check::{Draft, Inspection, code};
use crate::document::{Document, Limits, NodeId, Source, Stream, load};
use crate::finding::RuleId;

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
    // `HOST` and `WEBHOOK_SECRET` are names that anybody may use.
    let is_gimlets = |read: &Read| {
        let mut variables = read.settings.given.iter().filter_map(Given::variable);
        variables.any(|variable| variable.name().starts_with("BITBUCKET_SERVER_"))
    };
    let is_only = containers.len() == 1;
    let chosen: Vec<_> = containers
        .iter()
        .map(|(container, route)| (container, manifest.settings(container, route)))
        .filter(|(_, read)| is_only || is_gimlets(read))
        .collect();
    if chosen.is_empty() {
        inspection.error(no_container(&stream));
    }
    let several = chosen.len() > 1;
    for (container, read) in chosen {
        let Read {
            mut settings,
            drafts,
        } = read;
        for draft in drafts {
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

fn no_container(stream: &Stream) -> Draft {
    let first_key = stream.documents.first().and_then(|document| {
        let entry = document.entries(document.root().node).first()?;
        Some(entry.key_span)
    });
    Draft::new(
        NO_CONTAINER,
        first_key.unwrap_or_default(),
        "no container in this file has settings of Gimlet",
    )
    .help("name the file with Gimlet's Deployment; `pushgate gimlet manifest` writes one")
}

/// All objects of a file.
struct Manifest<'a> {
    objects: Vec<Object<'a>>,
}

impl<'a> Manifest<'a> {
    /// The object of a kind and a name.
    fn find(&self, kind: &str, name: &str) -> Option<&Object<'a>> {
        self.objects
            .iter()
            .find(|object| object.kind() == kind && object.name() == Some(name))
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

/// The items of `env`.
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
