//! The same thing declared by two files of a repository, and two files of which only one may count.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::port::entities;
use crate::check::findings::Draft;
use crate::check::repository::{RepositoryFiles, Standing};
use crate::check::together::Member;
use crate::check::words::code;
use crate::document::{Document, Kind, Limits, NodeId, Pointer, ScalarValue, Source, Span, load};
use crate::finding::RuleId;

const ENTITY: RuleId = RuleId::of("port/duplicate-entity");
const BOTH_FILES: RuleId = RuleId::of("port/both-files");
const APP: RuleId = RuleId::of("gimlet/duplicate-app");

/// Names that are looked for as text before a file is parsed; more are not worth it.
const SEARCHED: usize = 16;

/// Blueprint and identifier, or environment and app.
type Key = (String, String);

/// What a document says that no other one may say.
pub(in crate::check) struct Declared {
    pub(in crate::check) key: Key,
    pub(in crate::check) span: Span,
    pub(in crate::check) pointer: Pointer,
}

/// Where something was declared before.
#[derive(Clone)]
enum Before {
    Member(usize, Span),
    Other(Arc<Source>, Span),
}

pub(in crate::check) fn check<F: RepositoryFiles>(
    members: &mut [Member<'_, '_>],
    files: &F,
    limits: &Limits,
) -> Result<(), F::Error> {
    for kind in [Kind::Port, Kind::Gimlet] {
        if members.iter().any(|member| *member.kind == kind) {
            of_kind(&kind, members, files, limits)?;
        }
    }
    Ok(())
}

fn of_kind<F: RepositoryFiles>(
    kind: &Kind,
    members: &mut [Member<'_, '_>],
    files: &F,
    limits: &Limits,
) -> Result<(), F::Error> {
    let mut others = files.documents(kind)?;
    if others.len() < 2 && members.len() < 2 {
        return Ok(());
    }
    let own: HashSet<&str> = members.iter().map(|member| member.path).collect();
    others.retain(|path| !own.contains(path.as_str()));
    let declared: Vec<Vec<Declared>> = members
        .iter()
        .map(|member| match member.kind == kind {
            true => declared_in(kind, member.path, member.document),
            false => Vec::new(),
        })
        .collect();
    let mut before = declared_elsewhere(kind, &declared, &others, files, limits)?;
    let mut sources = HashMap::new();
    let mut repeating = HashSet::new();
    for (number, declared) in declared.into_iter().enumerate() {
        for declared in declared {
            let earlier = before.get(&declared.key).cloned();
            let (source, span) = match earlier {
                None => {
                    before.insert(declared.key, Before::Member(number, declared.span));
                    continue;
                }
                // The rule for a single file has it already; one file may be given by two paths.
                Some(Before::Member(other, _)) if members[other].path == members[number].path => {
                    continue;
                }
                Some(Before::Other(source, span)) => (source, span),
                Some(Before::Member(other, span)) => {
                    let source = sources
                        .entry(other)
                        .or_insert_with(|| members[other].to_source());
                    (Arc::clone(source), span)
                }
            };
            let member = &mut members[number];
            repeating.insert(member.path);
            let rule = match kind {
                Kind::Port => &ENTITY,
                _ => &APP,
            };
            let document = member.document.number();
            member.findings.add_with(rule, || {
                draft(rule, &declared, &source, span).at(document, declared.pointer.to_string())
            });
        }
    }
    if *kind == Kind::Port {
        both_files(members, &others, &repeating);
    }
    Ok(())
}

/// What those documents that are not among the members say of what the members declare.
fn declared_elsewhere<F: RepositoryFiles>(
    kind: &Kind,
    members: &[Vec<Declared>],
    others: &[String],
    files: &F,
    limits: &Limits,
) -> Result<HashMap<Key, Before>, F::Error> {
    let wanted: HashSet<&Key> = members.iter().flatten().map(|own| &own.key).collect();
    let mut found = HashMap::new();
    if wanted.is_empty() {
        return Ok(found);
    }
    for path in others {
        let Standing::File(bytes) = files.at(path, limits.bytes as u64)? else {
            continue;
        };
        if !may_hold(&bytes, &wanted) {
            continue;
        }
        let Ok(source) = Source::decode(&files.shown(path), &bytes, limits) else {
            continue;
        };
        let stream = load(&source, limits);
        let Some(document) = stream.documents.first().filter(|_| stream.is_complete()) else {
            continue;
        };
        let source = Arc::new(source);
        for declared in declared_in(kind, path, document) {
            if wanted.contains(&declared.key) {
                let before = Before::Other(Arc::clone(&source), declared.span);
                found.entry(declared.key).or_insert(before);
            }
        }
    }
    Ok(found)
}

/// Whether a file may declare one of these: most of a repository's manifests are about other apps,
/// and a look at the text is cheaper than reading it as YAML.
fn may_hold(bytes: &[u8], wanted: &HashSet<&Key>) -> bool {
    // Text in double quotes may be written with escapes.
    if wanted.len() > SEARCHED || memchr::memchr(b'\\', bytes).is_some() {
        return true;
    }
    wanted
        .iter()
        .any(|(_, name)| memchr::memmem::find(bytes, name.as_bytes()).is_some())
}

/// What a document says that no other one may say.
pub(in crate::check) fn declared_in(kind: &Kind, path: &str, document: &Document) -> Vec<Declared> {
    match kind {
        Kind::Port => entities(document)
            .into_iter()
            .filter_map(|(pointer, node)| {
                let (blueprint, _) = text(document, node, "blueprint")?;
                let (identifier, span) = text(document, node, "identifier")?;
                Some(Declared {
                    key: (blueprint.to_owned(), identifier.to_owned()),
                    span,
                    pointer: pointer.join("identifier"),
                })
            })
            .collect(),
        // Gimlet looks for manifests in this folder only.
        _ if path.starts_with(".gimlet/") => app(document).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// The app of a manifest and its environment, where they are known before Gimlet renders it.
fn app(document: &Document) -> Option<Declared> {
    let root = document.root().node;
    // Gimlet gives every preview a name of its own, after its branch.
    let preview = document.get(root, "preview");
    let preview = preview.and_then(|entry| document.scalar(entry.value.node));
    if preview.is_some_and(|preview| preview.value == ScalarValue::Bool(true)) {
        return None;
    }
    let (app, span) = text(document, root, "app")?;
    let (env, _) = text(document, root, "env")?;
    let is_template = app.contains("{{") || env.contains("{{");
    (!is_template).then(|| Declared {
        key: (env.to_owned(), app.to_owned()),
        span,
        pointer: Pointer::root().join("app"),
    })
}

fn text<'a>(document: &'a Document, node: NodeId, key: &str) -> Option<(&'a str, Span)> {
    let value = document.get(node, key)?.value;
    Some((document.string(value.node)?, value.at))
}

fn draft(rule: &RuleId, declared: &Declared, other: &Arc<Source>, span: Span) -> Draft {
    let (first, second) = (code(&declared.key.0), code(&declared.key.1));
    let path = code(other.path());
    let (message, help) = if *rule == ENTITY {
        (
            format!("the entity {second} of blueprint {first} is declared in {path} as well"),
            "remove one of the two, or give one another identifier",
        )
    } else {
        (
            format!("{path} deploys the app {second} to {first} as well"),
            "delete one of the two files, or give one another `app` or `env`",
        )
    };
    Draft::new(rule.clone(), declared.span, message)
        .label("the same again")
        .help(help)
        .elsewhere(other, span, "declared here too")
}

/// `port.yaml` beside `port.yml`. Where both declare the same, that is said already.
fn both_files(members: &mut [Member<'_, '_>], others: &[String], repeating: &HashSet<&str>) {
    let own: HashSet<&str> = members.iter().map(|member| member.path).collect();
    let others: HashSet<&str> = others.iter().map(String::as_str).collect();
    for member in members {
        let Some(twin) = twin(member.path) else {
            continue;
        };
        let is_first = twin.ends_with(".yml") && own.contains(twin.as_str());
        let is_there = own.contains(twin.as_str()) || others.contains(twin.as_str());
        let is_said = repeating.contains(member.path) || repeating.contains(twin.as_str());
        if !is_there || is_first || is_said || *member.kind != Kind::Port {
            continue;
        }
        let number = member.document.number();
        let name = twin
            .rsplit_once('/')
            .map_or(twin.as_str(), |(_, name)| name);
        let (twin, span) = (code(name), member.beginning());
        member.findings.add_with(&BOTH_FILES, || {
            let message =
                format!("{twin} stands beside this file, and Port may read only one of them");
            Draft::new(BOTH_FILES, span, message)
                .at(number, "")
                .help(format!(
                    "write the entities of both into one file, and delete {twin}"
                ))
        });
    }
}

/// The other one of `port.yaml` and `port.yml` in the same folder.
fn twin(path: &str) -> Option<String> {
    let (folder, name) = match path.rsplit_once('/') {
        Some((folder, name)) => (format!("{folder}/"), name),
        None => (String::new(), path),
    };
    match name {
        "port.yaml" => Some(folder + "port.yml"),
        "port.yml" => Some(folder + "port.yaml"),
        _ => None,
    }
}
