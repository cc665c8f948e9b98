//! `file://` values: a property whose whole value names a file of the repository.

use serde_json::Value;

use super::entity::Entity;
use crate::document::{NoPath, file_value};

/// A property whose value is to be read from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileReference {
    /// The property's key.
    pub property: String,
    /// The value as it is written.
    pub value: String,
    /// The file's path from the repository's root, or why there is none.
    pub path: Result<String, NoPath>,
}

/// The `file://` properties of an entity, as [`file_value`] reads them.
#[must_use]
pub fn file_references(entity: &Entity) -> Vec<FileReference> {
    let Some(Value::Object(properties)) = entity.body.get("properties") else {
        return Vec::new();
    };
    properties
        .iter()
        .filter_map(|(property, value)| {
            let value = value.as_str()?;
            Some(FileReference {
                property: property.clone(),
                value: value.to_owned(),
                path: file_value(&entity.file, value)?,
            })
        })
        .collect()
}
