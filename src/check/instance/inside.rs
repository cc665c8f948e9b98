//! What is inside of a value: the keys of a mapping, the items of a list.

use jsonschema::json::{Array, Object, unique};
use serde_json::{Map, Value};

use super::{Held, Instance, Lean};
use crate::document::{Document, Entry, NodeId, Use};

/// The keys and values of a mapping.
pub(in crate::check) struct Members<'a> {
    pub(super) entries: Entries<'a>,
    pub(super) holder: Instance<'a>,
}

pub(super) enum Entries<'a> {
    Json(&'a Map<String, Value>),
    /// No two of them have the same key.
    Mapping(&'a Document, NodeId, &'a [Entry]),
}

/// Walks over a mapping until the budget is spent.
pub(in crate::check) struct MembersIter<'a> {
    entries: EntriesIter<'a>,
    holder: Instance<'a>,
}

enum EntriesIter<'a> {
    Json(serde_json::map::Iter<'a>),
    Mapping(&'a Document, std::slice::Iter<'a, Entry>),
}

impl<'a> Iterator for MembersIter<'a> {
    type Item = (&'a str, Instance<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.holder.is_blind() {
            return None;
        }
        let (key, value) = match &mut self.entries {
            EntriesIter::Json(members) => {
                let (key, value) = members.next()?;
                (key.as_str(), Held::Json(value))
            }
            EntriesIter::Mapping(document, entries) => {
                let entry = entries.next()?;
                (entry.key.as_str(), Held::Node(document, entry.value.node))
            }
        };
        Some((key, self.holder.part(value)))
    }
}

impl<'a> Object<'a, Lean> for Members<'a> {
    type Node = Instance<'a>;
    type MemberName = &'a str;
    type MembersIter = MembersIter<'a>;

    fn len(&self) -> usize {
        match self.entries {
            Entries::Json(map) => map.len(),
            Entries::Mapping(_, _, entries) => entries.len(),
        }
    }

    fn get(&self, key: &String) -> Option<Instance<'a>> {
        let value = match self.entries {
            Entries::Json(map) => Held::Json(map.get(key.as_str())?),
            Entries::Mapping(document, node, _) => {
                Held::Node(document, document.get(node, key)?.value.node)
            }
        };
        Some(self.holder.part(value))
    }

    fn members(&self) -> MembersIter<'a> {
        MembersIter {
            entries: match self.entries {
                Entries::Json(map) => EntriesIter::Json(map.iter()),
                Entries::Mapping(document, _, entries) => {
                    EntriesIter::Mapping(document, entries.iter())
                }
            },
            holder: self.holder,
        }
    }
}

/// The items of a list.
pub(in crate::check) struct Items<'a> {
    pub(super) items: List<'a>,
    pub(super) holder: Instance<'a>,
}

#[derive(Clone, Copy)]
pub(super) enum List<'a> {
    Json(&'a [Value]),
    Sequence(&'a Document, &'a [Use]),
}

/// Walks over a list until the budget is spent.
pub(in crate::check) struct ItemsIter<'a> {
    items: List<'a>,
    holder: Instance<'a>,
}

impl<'a> Iterator for ItemsIter<'a> {
    type Item = Instance<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.holder.is_blind() {
            return None;
        }
        let (item, rest) = match self.items {
            List::Json(items) => {
                let (item, rest) = items.split_first()?;
                (Held::Json(item), List::Json(rest))
            }
            List::Sequence(document, items) => {
                let (item, rest) = items.split_first()?;
                let item = Held::Node(document, item.node);
                (item, List::Sequence(document, rest))
            }
        };
        self.items = rest;
        Some(self.holder.part(item))
    }
}

impl<'a> Array<'a, Lean> for Items<'a> {
    type Node = Instance<'a>;
    type ElementsIter = ItemsIter<'a>;

    fn len(&self) -> usize {
        match self.items {
            List::Json(items) => items.len(),
            List::Sequence(_, items) => items.len(),
        }
    }

    fn elements(&self) -> ItemsIter<'a> {
        ItemsIter {
            items: self.items,
            holder: self.holder,
        }
    }

    fn is_unique(&self) -> bool {
        match self.items {
            List::Json(items) => unique::is_unique(items),
            List::Sequence(document, items) => {
                let json = items.iter().map(|item| document.json_of(item.node));
                unique::is_unique(&json.collect::<Vec<_>>())
            }
        }
    }
}
