//! `file://` values: a property whose whole value names a file of the repository.

use serde_json::Value;

use super::entity::Entity;

/// A property whose value is to be read from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileReference {
    /// The property's key.
    pub property: String,
    /// The file's path from the repository's root, or why there is none.
    pub path: Result<String, OutsideRepository>,
}

/// A `file://` value that leaves the repository.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` leaves the repository")]
pub struct OutsideRepository(pub String);

/// The `file://` properties of an entity (facts: Port's documented semantics).
///
/// `file://dir/x` is read from the root, `file://./x` and `file://../x` from the folder of the
/// file that holds it.
#[must_use]
pub fn file_references(entity: &Entity) -> Vec<FileReference> {
    let Some(Value::Object(properties)) = entity.body.get("properties") else {
        return Vec::new();
    };
    properties
        .iter()
        .filter_map(|(property, value)| {
            let target = value.as_str()?.strip_prefix("file://")?;
            Some(FileReference {
                property: property.clone(),
                path: resolve(&entity.file, target),
            })
        })
        .collect()
}

fn resolve(file: &str, target: &str) -> Result<String, OutsideRepository> {
    let outside = || OutsideRepository(format!("file://{target}"));
    let relative = target.starts_with("./") || target.starts_with("../");
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = if relative && !folder.is_empty() {
        folder.split('/').collect()
    } else {
        Vec::new()
    };
    if target.is_empty() || target.starts_with('/') || target.contains('\\') {
        return Err(outside());
    }
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().ok_or_else(outside)?;
            }
            part => parts.push(part),
        }
    }
    if parts.is_empty() {
        return Err(outside());
    }
    Ok(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_start_at_the_root_or_beside_the_file() {
        let cases = [
            ("port.yaml", "README.md", Some("README.md")),
            ("a/b/port.yaml", "docs/x.md", Some("docs/x.md")),
            ("a/b/port.yaml", "./x.md", Some("a/b/x.md")),
            ("a/b/port.yaml", "../x.md", Some("a/x.md")),
            ("a/b/port.yaml", "../../../x.md", None),
            ("port.yaml", "../x.md", None),
            ("port.yaml", "docs/../../x", None),
            ("port.yaml", "/etc/passwd", None),
            ("port.yaml", "..\\x", None),
            ("port.yaml", "", None),
            ("port.yaml", "./", None),
        ];
        for (file, target, path) in cases {
            assert_eq!(
                resolve(file, target).ok().as_deref(),
                path,
                "{file} {target}"
            );
        }
    }
}
