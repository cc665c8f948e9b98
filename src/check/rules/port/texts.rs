//! The texts by which Port and people know an entity.

use crate::check::explain::Subject;
use crate::document::{NodeId, NodeKind, Pointer, Scalar, Span, Use};

/// Which part of an entity a text stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Identifier,
    Title,
    Team,
    Relation,
    Property,
}

/// A text of an entity that its own file writes.
pub(super) struct Text<'a> {
    pub(super) part: Part,
    pub(super) key: &'a str,
    pub(super) item: Option<usize>,
    pub(super) scalar: &'a Scalar,
    pub(super) at: Span,
}

impl Text<'_> {
    pub(super) fn pointer(&self, entity: &Pointer) -> Pointer {
        let holder = match self.part {
            Part::Relation => entity.join("relations"),
            Part::Property => entity.join("properties"),
            _ => entity.clone(),
        };
        let pointer = holder.join(self.key);
        match self.item {
            Some(index) => pointer.join(index.to_string()),
            None => pointer,
        }
    }
}

/// The texts of an entity by which Port knows it, and its properties, but not what is inside of
/// those; no text that an alias or a merge key has brought.
pub(super) fn each<'a>(subject: &Subject<'a>, entity: NodeId, mut see: impl FnMut(Text<'a>)) {
    let document = subject.document;
    let mut see_value = |part: Part, key: &'a str, value: Use| {
        let mut see_scalar = |used: Use, item: Option<usize>| {
            let node = document.node(used.node);
            if let NodeKind::Scalar(scalar) = &node.kind
                && used.at == node.span
            {
                let at = node.span;
                see(Text {
                    part,
                    key,
                    item,
                    scalar,
                    at,
                });
            }
        };
        see_scalar(value, None);
        if value.at == document.node(value.node).span {
            for (index, item) in document.items(value.node).iter().enumerate() {
                see_scalar(*item, Some(index));
            }
        }
    };
    let own = |node| {
        let entries = document.entries(node).iter();
        entries.filter(|entry| entry.merged.is_none())
    };
    for entry in own(entity) {
        let holder = match entry.key.as_str() {
            "identifier" => {
                see_value(Part::Identifier, &entry.key, entry.value);
                continue;
            }
            "title" => {
                see_value(Part::Title, &entry.key, entry.value);
                continue;
            }
            "team" => {
                see_value(Part::Team, &entry.key, entry.value);
                continue;
            }
            "relations" => Part::Relation,
            "properties" => Part::Property,
            _ => continue,
        };
        if entry.value.at == document.node(entry.value.node).span {
            for inner in own(entry.value.node) {
                see_value(holder, &inner.key, inner.value);
            }
        }
    }
}
