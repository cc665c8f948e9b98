//! A document as a schema's validator sees it: errors copy nothing of it, and asking for them ends.
//!
//! The validator gives every error a copy of the value that it is about once alternatives are
//! involved: the errors of a large mapping's keys would each hold the whole mapping.

mod inside;

use std::borrow::Cow;
use std::cell::Cell;

use jsonschema::JsonType;
use jsonschema::json::{Json, Node, NodeIdentity};
use serde_json::{Number, Value};

use crate::document::{Document, NodeId, NodeKind, Scalar, ScalarValue};
use inside::{Entries, Items, List, Members};

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
    value: Held<'a>,
    of: Of<'a>,
}

/// Where a value is read.
#[derive(Clone, Copy, Debug)]
enum Held<'a> {
    Json(&'a Value),
    /// In the document itself, of which nobody needs a copy to say whether it fits.
    Node(&'a Document, NodeId),
}

/// What can be held against a schema.
pub(super) trait Values {
    /// The document, where it says the same as its JSON.
    fn document(&self) -> Option<&Document>;
    /// Its values.
    fn json(&self) -> &Value;
    /// Its values, where somebody has asked for them before.
    fn made(&self) -> Option<&Value>;
}

impl Values for Value {
    fn document(&self) -> Option<&Document> {
        None
    }

    fn json(&self) -> &Value {
        self
    }

    fn made(&self) -> Option<&Value> {
        Some(self)
    }
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
    /// Values of which only is asked whether they fit.
    pub(super) fn judged(values: &'a (impl Values + ?Sized)) -> Self {
        let value = match values.document() {
            Some(document) => Held::Node(document, document.root().node),
            None => Held::Json(values.json()),
        };
        let of = Of::Judged;
        Self { value, of }
    }

    /// A document whose errors are asked for, as many as the budget allows.
    pub(super) fn explained(value: &'a Value, budget: &'a Budget) -> Self {
        let of = Of::Explained(budget);
        let value = Held::Json(value);
        Self { value, of }
    }

    fn is_blind(self) -> bool {
        matches!(self.of, Of::Explained(budget) if budget.is_spent())
    }

    fn part(self, value: Held<'a>) -> Self {
        Self { value, ..self }
    }

    fn scalar(self) -> Option<&'a Scalar> {
        match self.value {
            Held::Node(document, node) => document.scalar(node),
            Held::Json(_) => None,
        }
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
            value: Held::Json(buffer),
            of: Of::Key,
        })
    }
}

impl<'a> Node<'a, Lean> for Instance<'a> {
    type Object = Members<'a>;
    type Array = Items<'a>;
    type Number = Number;

    fn as_object(&self) -> Option<Members<'a>> {
        if self.is_blind() {
            return None;
        }
        let entries = match self.value {
            Held::Json(Value::Object(map)) => Entries::Json(map),
            Held::Node(document, node) => match &document.node(node).kind {
                NodeKind::Mapping(entries) => Entries::Mapping(document, node, entries),
                _ => return None,
            },
            Held::Json(_) => return None,
        };
        Some(Members {
            entries,
            holder: *self,
        })
    }

    fn as_array(&self) -> Option<Items<'a>> {
        if self.is_blind() {
            return None;
        }
        let items = match self.value {
            Held::Json(Value::Array(items)) => List::Json(items),
            Held::Node(document, node) => match &document.node(node).kind {
                NodeKind::Sequence(items) => List::Sequence(document, items),
                _ => return None,
            },
            Held::Json(_) => return None,
        };
        Some(Items {
            items,
            holder: *self,
        })
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        match self.value {
            Held::Json(value) => value.as_str().map(Cow::Borrowed),
            Held::Node(..) => {
                let scalar = self.scalar()?;
                (self.json_type() == JsonType::String).then_some(Cow::Borrowed(&scalar.text))
            }
        }
    }

    fn as_number(&self) -> Option<Number> {
        match self.value {
            Held::Json(Value::Number(number)) => Some(number.clone()),
            Held::Json(_) => None,
            Held::Node(..) => self.scalar()?.number(),
        }
    }

    fn as_boolean(&self) -> Option<bool> {
        match self.value {
            Held::Json(value) => value.as_bool(),
            Held::Node(..) => match self.scalar()?.value {
                ScalarValue::Bool(value) => Some(value),
                _ => None,
            },
        }
    }

    fn is_null(&self) -> bool {
        self.json_type() == JsonType::Null
    }

    fn json_type(&self) -> JsonType {
        match self.value {
            Held::Json(value) => match value {
                Value::Null => JsonType::Null,
                Value::Bool(_) => JsonType::Boolean,
                Value::Number(_) => JsonType::Number,
                Value::String(_) => JsonType::String,
                Value::Array(_) => JsonType::Array,
                Value::Object(_) => JsonType::Object,
            },
            Held::Node(document, node) => match &document.node(node).kind {
                NodeKind::Sequence(_) => JsonType::Array,
                NodeKind::Mapping(_) => JsonType::Object,
                NodeKind::Scalar(scalar) => match scalar.value {
                    ScalarValue::Null => JsonType::Null,
                    ScalarValue::Bool(_) => JsonType::Boolean,
                    ScalarValue::Int(_) | ScalarValue::Float(_) if scalar.number().is_some() => {
                        JsonType::Number
                    }
                    _ => JsonType::String,
                },
            },
        }
    }

    fn equals_value(&self, expected: &Value) -> bool {
        match self.value {
            Held::Json(value) => jsonschema::json::cmp::equal(value, expected),
            Held::Node(document, node) => match (expected, self.as_string()) {
                (Value::String(expected), Some(text)) => text == expected.as_str(),
                (Value::String(_), None) | (_, Some(_)) => false,
                _ => jsonschema::json::cmp::equal(&document.json_of(node), expected),
            },
        }
    }

    /// What an error keeps of its value, once for each error: nothing, but for a key its text.
    fn to_value(&self) -> Cow<'a, Value> {
        match self.of {
            Of::Key => {
                return match self.value {
                    Held::Json(value) => Cow::Borrowed(value),
                    Held::Node(document, node) => Cow::Owned(document.json_of(node)),
                };
            }
            Of::Explained(budget) if budget.is_spent() => return Cow::Owned(BLIND),
            Of::Explained(budget) => budget.spend(),
            Of::Judged => {}
        }
        Cow::Owned(Value::Null)
    }

    fn identity(&self) -> Option<NodeIdentity> {
        Some(match self.value {
            Held::Json(value) => NodeIdentity::new(std::ptr::from_ref(value) as usize),
            Held::Node(document, node) => {
                NodeIdentity::new(std::ptr::from_ref(document.node(node)) as usize)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use jsonschema::Validator;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::check::explain::Subject;
    use crate::document::{Limits, Source, load};

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-3_i64..4).prop_map(Value::from),
            prop_oneof![Just(0.5), Just(2.0), Just(-1.25)].prop_map(Value::from),
            Just(json!(u64::MAX)),
            "[ab]{0,2}".prop_map(Value::from),
            Just(json!("2")),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[ab]{1,2}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    /// Schemas that between them ask all that can be asked of a value.
    fn schemas() -> Vec<Validator<Lean>> {
        let schemas = [
            json!({"type": ["null", "boolean", "integer", "array"]}),
            json!({"type": ["string", "number", "object"]}),
            json!({"enum": [null, true, 2, "a", ["a"], {"a": 1}]}),
            json!({"const": 2.0}),
            json!({"const": {"a": [1, "b"]}}),
            json!({"minimum": 0, "exclusiveMaximum": 3, "multipleOf": 0.5}),
            json!({"minLength": 1, "maxLength": 1, "pattern": "^a"}),
            json!({"minItems": 1, "maxItems": 2, "uniqueItems": true, "contains": {"type": "string"}}),
            json!({"prefixItems": [{"type": "string"}], "items": {"type": "integer"}}),
            json!({"minProperties": 1, "maxProperties": 2, "required": ["a"]}),
            json!({"properties": {"a": {"type": "integer"}, "b": true}, "additionalProperties": false}),
            json!({"patternProperties": {"^a": {"type": "string"}}, "propertyNames": {"maxLength": 1}}),
            json!({"properties": {"a": {"$ref": "#"}}, "additionalProperties": {"$ref": "#"}, "items": {"$ref": "#"}, "not": {"const": "ab"}}),
            json!({"if": {"required": ["a"]}, "then": {"properties": {"a": {"type": "array"}}}, "unevaluatedProperties": {"type": "null"}}),
            json!({"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}, {"maxProperties": 1, "type": "object"}]}),
            json!({"dependentRequired": {"a": ["b"]}, "unevaluatedItems": false}),
        ];
        let options = jsonschema::options_for::<Lean>();
        schemas
            .iter()
            .map(|schema| options.build(schema).unwrap())
            .collect()
    }

    proptest! {
        #[test]
        fn a_document_fits_where_its_json_does(value in values()) {
            let source = Source::new("x.yaml", value.to_string());
            let stream = load(&source, &Limits::default());
            let document = stream.documents.first().unwrap();
            let subject = Subject::new(&source, document, &[]);
            prop_assert_eq!(subject.json(), &value);
            for (number, validator) in schemas().iter().enumerate() {
                prop_assert_eq!(
                    validator.is_valid(Instance::judged(&subject)),
                    validator.is_valid(Instance::judged(&value)),
                    "schema {} of {}", number, value
                );
            }
        }
    }

    #[test]
    fn aliases_merged_keys_and_what_json_lacks_are_read_alike() {
        let text = "a: &a {x: .inf, y: 1}\nb: {<<: *a, z: *a}\nc: [*a, *a]\n";
        let source = Source::new("x.yaml", text);
        let stream = load(&source, &Limits::default());
        let subject = Subject::new(&source, &stream.documents[0], &[]);
        for (schema, fits) in [
            (
                json!({"properties": {"a": {"properties": {"x": {"const": ".inf"}}}}}),
                true,
            ),
            (
                json!({"properties": {"b": {"required": ["x", "y", "z"], "maxProperties": 3}}}),
                true,
            ),
            (
                json!({"properties": {"b": {"properties": {"z": {"required": ["q"]}}}}}),
                false,
            ),
            (json!({"properties": {"c": {"uniqueItems": true}}}), false),
        ] {
            let validator = jsonschema::options_for::<Lean>().build(&schema).unwrap();
            assert_eq!(
                validator.is_valid(Instance::judged(&subject)),
                fits,
                "{schema}"
            );
            let json = subject.json();
            assert_eq!(validator.is_valid(Instance::judged(json)), fits, "{schema}");
        }
    }
}
