//! What is no entity: many tools have a file called `port.yaml`.

use super::{ENTITY, entities};
use crate::check::explain::Subject;
use crate::check::findings::{Draft, Findings};
use crate::check::suggest;
use crate::check::words::{code, is_copyable, whole, with_lines};
use crate::document::{NodeId, NodeKind, Pointer, ScalarValue, Span, Style};

const RENAME: &str = "rename the file if Port is not to read it; a server on which it has to keep its name can name Port's files under `port.files`";

/// The mappings that are meant to be entities; of the others it is told once what they are not.
pub(super) fn own_entities(
    subject: &mut Subject<'_>,
    findings: &mut Findings<'_>,
) -> Vec<(Pointer, NodeId)> {
    let (foreign, own): (Vec<_>, Vec<_>) = entities(subject.document)
        .into_iter()
        .partition(|(_, node)| is_foreign(subject, *node));
    if own.is_empty() && foreign.len() > 1 {
        // Another tool's file is one mistake, however long it is.
        findings.add_with(&ENTITY, || no_entity(subject, &foreign));
        subject.hide(Pointer::root());
        return own;
    }
    for (pointer, _) in foreign {
        findings.add_with(&ENTITY, || {
            let (found, place) = subject.find(&pointer);
            let span = subject.beginning(found, place);
            not_an_entity(subject, &pointer, span)
        });
        subject.hide(pointer);
    }
    own
}

/// Whether a mapping has nothing of an entity: many tools have a file called `port.yaml`.
fn is_foreign(subject: &Subject<'_>, node: NodeId) -> bool {
    const TELLING: [&str; 2] = ["identifier", "blueprint"];
    // Nearly every mapping has one as it should be, and to look for misspelt ones takes longer.
    let document = subject.document;
    if TELLING.iter().any(|key| document.get(node, key).is_some()) {
        return false;
    }
    !document
        .entries(node)
        .iter()
        .any(|entry| suggest::nearest(&entry.key, TELLING).is_some())
}

/// A list of which no item is an entity.
fn no_entity(subject: &Subject<'_>, foreign: &[(Pointer, NodeId)]) -> Draft {
    let (node, place) = subject.find(&Pointer::root());
    let message = format!(
        "the list holds no entity: none of its {} mappings has `identifier` or `blueprint`",
        foreign.len()
    );
    let draft = subject.draft(
        &ENTITY,
        &Pointer::root(),
        subject.beginning(node, place),
        message,
    );
    let draft = match foreign.first().and_then(|(_, first)| tool(subject, *first)) {
        Some(tool) => draft.label(format!("this looks like {tool}")),
        None => draft,
    };
    draft.help(RENAME)
}

/// The tool that a mapping seems to be for.
fn tool(subject: &Subject<'_>, node: NodeId) -> Option<&'static str> {
    let has = |key: &str| subject.document.get(node, key).is_some();
    let has_one = |keys: &[&str]| keys.iter().any(|key| has(key));
    if has("apiVersion") && has("kind") {
        Some("a Kubernetes manifest")
    } else if has_one(&["openapi", "swagger"]) {
        Some("the description of an API")
    } else if has_one(&[
        "hosts",
        "tasks",
        "roles",
        "become",
        "register",
        "import_playbook",
    ]) {
        Some("a file of Ansible")
    } else if has("jobs") && has_one(&["resources", "resource_types", "groups"]) {
        Some("a pipeline of Concourse")
    } else if has("services") {
        Some("a file of Docker Compose")
    } else {
        None
    }
}

fn not_an_entity(subject: &Subject<'_>, pointer: &Pointer, span: Span) -> Draft {
    let node = subject.document.resolve(pointer).map(|(node, _)| node);
    let message = match pointer.last() {
        None => "this is not an entity: it has neither `identifier` nor `blueprint`".to_owned(),
        Some(_) => format!(
            "{} is not an entity: it has neither `identifier` nor `blueprint`",
            subject.name(pointer)
        ),
    };
    let draft = subject.draft(&ENTITY, pointer, span, message);
    if let Some(tool) = node.and_then(|node| tool(subject, node)) {
        return draft.label(format!("this looks like {tool}")).help(RENAME);
    }
    match wrapper(subject, pointer) {
        Some(key) => draft.help(format!(
            "remove the key {}: the list below it is all that the file holds",
            code(key)
        )),
        None if pointer.depth() > 0 => {
            draft.help("write `identifier`, `title` and `blueprint` in it, or remove the item")
        }
        None => draft.help(with_lines(
            "rename the file if it is not Port's, or write an entity, which begins with",
            &["identifier: my-service\ntitle: My service\nblueprint: service".to_owned()],
        )),
    }
}

/// The one key of a file that puts its entities below a key.
fn wrapper<'a>(subject: &Subject<'a>, pointer: &Pointer) -> Option<&'a str> {
    let document = subject.document;
    let [only] = document.entries(document.root().node) else {
        return None;
    };
    let first = document.items(only.value.node).first()?;
    let is_wrapper = pointer.depth() == 0 && !is_foreign(subject, first.node);
    is_wrapper.then_some(only.key.as_str())
}

/// A file of one text in which the first line lacks the space of `key: value`.
pub(super) fn missing_space(subject: &Subject<'_>) -> Option<Draft> {
    let root = subject.document.root();
    let NodeKind::Scalar(scalar) = &subject.document.node(root.node).kind else {
        return None;
    };
    if scalar.style != Style::Plain || scalar.value != ScalarValue::Str {
        return None;
    }
    let line = subject.source.slice(root.at).lines().next()?.trim_end();
    let (key, value) = line.split_once(':')?;
    let is_key = matches!(key, "identifier" | "title" | "blueprint" | "icon" | "team");
    if !is_key || value.is_empty() {
        return None;
    }
    let span = Span::new(root.at.start, root.at.start + line.len());
    let message = format!("a space is missing after the colon in {}", code(line));
    let draft = subject
        .draft(&ENTITY, &Pointer::root(), span, message)
        .label("without it the whole file is one text");
    Some(draft.help(if is_copyable(line) {
        format!(
            "write {}, and a space after each colon below",
            whole(&format!("{key}: {value}"))
        )
    } else {
        "write a space after each colon".to_owned()
    }))
}
