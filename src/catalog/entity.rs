//! One entity as a document declares it.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What tells one entity of Port from another: identifiers are unique within a blueprint only.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EntityKey {
    /// The blueprint's identifier.
    pub blueprint: String,
    /// The entity's identifier within it.
    pub identifier: String,
}

impl fmt::Display for EntityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.blueprint, self.identifier)
    }
}

/// An entity of a `port.yaml`, ready to be sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entity {
    /// The blueprint's identifier: one call to Port serves one blueprint.
    pub blueprint: String,
    /// The identifier; none where the document has a search query in its place, whose entity only
    /// Port can name.
    pub identifier: Option<String>,
    /// The request's body: `identifier`, `title`, `properties`, `relations` … An absent key keeps
    /// what Port has, an explicit null clears it.
    pub body: Map<String, Value>,
    /// Path of the file that declares it, from the repository's root.
    pub file: String,
    /// Properties whose `file://` value could not be read: they stay as Port has them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unread: BTreeSet<String>,
}

impl Entity {
    /// Reads one mapping of a `port.yaml`; none where blueprint or identifier can't be told.
    #[must_use]
    pub fn from_json(file: &str, value: Value) -> Option<Self> {
        let Value::Object(mut body) = value else {
            return None;
        };
        let blueprint = body.remove("blueprint")?.as_str()?.to_owned();
        let identifier = match body.get("identifier")? {
            Value::String(identifier) => Some(identifier.clone()),
            Value::Object(_) => None,
            _ => return None,
        };
        for key in ["properties", "relations"] {
            // Port takes no null here; it stands for an empty map.
            if body.get(key).is_some_and(Value::is_null) {
                body.insert(key.to_owned(), Value::Object(Map::new()));
            }
        }
        Some(Self {
            blueprint,
            identifier,
            body,
            file: file.to_owned(),
            unread: BTreeSet::new(),
        })
    }

    /// Its key; none where the identifier is a search query.
    #[must_use]
    pub fn key(&self) -> Option<EntityKey> {
        self.identifier.as_ref().map(|identifier| EntityKey {
            blueprint: self.blueprint.clone(),
            identifier: identifier.clone(),
        })
    }
}
