//! A document as a schema's validator sees it: errors copy nothing of it, and asking for them ends.
//!
//! The validator gives every error a copy of the value that it is about once alternatives are
//! involved: the errors of a large mapping's keys would each hold the whole mapping.

use std::borrow::Cow;
use std::cell::Cell;

use jsonschema::JsonType;
use jsonschema::json::{Array, Json, Node, NodeIdentity, Object, unique};
use serde_json::{Map, Number, Value};

/// So many errors of one document are taken; no document that people write has as many.
pub(super) const ERRORS: usize = 30_000;

/// The representation.
pub(super) struct Lean;

/// How many errors may still be made.
#[derive(Debug)]
pub(super) struct Budget(Cell<usize>);

impl Budget {
    pub(super) fn new() -> Self {
        Self(Cell::new(ERRORS))
    }

    pub(super) fn is_spent(&self) -> bool {
        self.0.get() == 0
    }

    fn spend(&self) {
        self.0.set(self.0.get().saturating_sub(1));
    }
}

/// What an error made after the end of the budget holds in place of its value: the validator no
/// longer saw what it judged.
const BLIND: Value = Value::Bool(true);

/// Whether an error was made after the end of the budget.
pub(super) fn is_blind(instance: &Value) -> bool {
    *instance == BLIND
}

/// One value. Once the budget is spent it has neither items nor keys.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instance<'a> {
    value: &'a Value,
    of: Of<'a>,
}

/// What a value belongs to.
#[derive(Clone, Copy, Debug)]
enum Of<'a> {
    /// A document of which only is asked whether it fits.
    Judged,
    /// A document whose errors are asked for.
    Explained(&'a Budget),
    /// A key of a mapping.
    Key,
}

impl<'a> Instance<'a> {
    /// A document of which only is asked whether it fits.
    pub(super) fn judged(value: &'a Value) -> Self {
        let of = Of::Judged;
        Self { value, of }
    }

    /// A document whose errors are asked for, as many as the budget allows.
    pub(super) fn explained(value: &'a Value, budget: &'a Budget) -> Self {
        let of = Of::Explained(budget);
        Self { value, of }
    }

    fn is_blind(self) -> bool {
        matches!(self.of, Of::Explained(budget) if budget.is_spent())
    }

    fn part(self, value: &'a Value) -> Self {
        Self { value, ..self }
    }
}

impl Json for Lean {
    type Node<'a> = Instance<'a>;
    type PreparedKey = String;
    type StringBuffer = Value;

    // As the library has it for its own values.
    const KEYS_PER_LOOKUP: usize = 2;

    fn prepare_key(key: &str) -> String {
        key.to_owned()
    }

    fn with_string_node<T>(
        buffer: &mut Value,
        string: &str,
        f: impl FnOnce(Instance<'_>) -> T,
    ) -> T {
        match &mut *buffer {
            Value::String(text) => string.clone_into(text),
            other => *other = Value::String(string.to_owned()),
        }
        f(Instance {
            value: buffer,
            of: Of::Key,
        })
    }
}

impl<'a> Node<'a, Lean> for Instance<'a> {
    type Object = Members<'a>;
    type Array = Items<'a>;
    type Number = &'a Number;

    fn as_object(&self) -> Option<Members<'a>> {
        match self.value {
            Value::Object(map) if !self.is_blind() => Some(Members { map, holder: *self }),
            _ => None,
        }
    }

    fn as_array(&self) -> Option<Items<'a>> {
        match self.value {
            Value::Array(items) if !self.is_blind() => Some(Items {
                items,
                holder: *self,
            }),
            _ => None,
        }
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        self.value.as_str().map(Cow::Borrowed)
    }

    fn as_number(&self) -> Option<&'a Number> {
        match self.value {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    fn as_boolean(&self) -> Option<bool> {
        self.value.as_bool()
    }

    fn is_null(&self) -> bool {
        self.value.is_null()
    }

    fn json_type(&self) -> JsonType {
        match self.value {
            Value::Null => JsonType::Null,
            Value::Bool(_) => JsonType::Boolean,
            Value::Number(_) => JsonType::Number,
            Value::String(_) => JsonType::String,
            Value::Array(_) => JsonType::Array,
            Value::Object(_) => JsonType::Object,
        }
    }

    fn equals_value(&self, expected: &Value) -> bool {
        jsonschema::json::cmp::equal(self.value, expected)
    }

    /// What an error keeps of its value, once for each error: nothing, but for a key its text.
    fn to_value(&self) -> Cow<'a, Value> {
        match self.of {
            Of::Key => return Cow::Borrowed(self.value),
            Of::Explained(budget) if budget.is_spent() => return Cow::Owned(BLIND),
            Of::Explained(budget) => budget.spend(),
            Of::Judged => {}
        }
        Cow::Owned(Value::Null)
    }

    fn identity(&self) -> Option<NodeIdentity> {
        Some(NodeIdentity::new(std::ptr::from_ref(self.value) as usize))
    }
}

/// The keys and values of a mapping.
pub(super) struct Members<'a> {
    map: &'a Map<String, Value>,
    holder: Instance<'a>,
}

/// Walks over a mapping until the budget is spent.
pub(super) struct MembersIter<'a> {
    members: serde_json::map::Iter<'a>,
    holder: Instance<'a>,
}

impl<'a> Iterator for MembersIter<'a> {
    type Item = (&'a str, Instance<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.holder.is_blind() {
            return None;
        }
        let (key, value) = self.members.next()?;
        Some((key, self.holder.part(value)))
    }
}

impl<'a> Object<'a, Lean> for Members<'a> {
    type Node = Instance<'a>;
    type MemberName = &'a str;
    type MembersIter = MembersIter<'a>;

    fn len(&self) -> usize {
        self.map.len()
    }

    fn get(&self, key: &String) -> Option<Instance<'a>> {
        let value = self.map.get(key.as_str())?;
        Some(self.holder.part(value))
    }

    fn members(&self) -> MembersIter<'a> {
        MembersIter {
            members: self.map.iter(),
            holder: self.holder,
        }
    }
}

/// The items of a list.
pub(super) struct Items<'a> {
    items: &'a [Value],
    holder: Instance<'a>,
}

/// Walks over a list until the budget is spent.
pub(super) struct ItemsIter<'a> {
    items: std::slice::Iter<'a, Value>,
    holder: Instance<'a>,
}

impl<'a> Iterator for ItemsIter<'a> {
    type Item = Instance<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.holder.is_blind() {
            return None;
        }
        let item = self.items.next()?;
        Some(self.holder.part(item))
    }
}

impl<'a> Array<'a, Lean> for Items<'a> {
    type Node = Instance<'a>;
    type ElementsIter = ItemsIter<'a>;

    fn len(&self) -> usize {
        self.items.len()
    }

    fn elements(&self) -> ItemsIter<'a> {
        ItemsIter {
            items: self.items.iter(),
            holder: self.holder,
        }
    }

    fn is_unique(&self) -> bool {
        unique::is_unique(self.items)
    }
}
