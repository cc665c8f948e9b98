//! `file://` values: text that stands for the content of a file of the repository.

/// The beginning of a value that names a file.
const SCHEME: &str = "file://";

/// A `file://` value that names no file of the repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoPath {
    /// Nothing stands behind `file://`, or nothing but the root itself.
    Empty,
    /// It begins with `/`.
    Absolute,
    /// It holds a `\`, which no path of git's has between its parts.
    Backslash,
    /// `..` leads out of the root.
    Above,
}

/// The file that a value of the document at `document` names, as a path from the repository's
/// root; none where the value is any other text.
///
/// `file://dir/x` starts at the root, `file://./x` and `file://../x` in the document's own folder
/// (facts: Port's documented semantics). A value counts only as a whole.
#[must_use]
pub fn file_value(document: &str, value: &str) -> Option<Result<String, NoPath>> {
    value
        .strip_prefix(SCHEME)
        .map(|target| resolve(document, target))
}

fn resolve(document: &str, target: &str) -> Result<String, NoPath> {
    let relative = target.starts_with("./") || target.starts_with("../");
    let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = if relative && !folder.is_empty() {
        folder.split('/').collect()
    } else {
        Vec::new()
    };
    if target.is_empty() {
        return Err(NoPath::Empty);
    }
    if target.starts_with('/') {
        return Err(NoPath::Absolute);
    }
    if target.contains('\\') {
        return Err(NoPath::Backslash);
    }
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().ok_or(NoPath::Above)?;
            }
            part => parts.push(part),
        }
    }
    if parts.is_empty() {
        return Err(NoPath::Empty);
    }
    Ok(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_start_at_the_root_or_beside_the_file() {
        let cases = [
            ("port.yaml", "file://README.md", Ok("README.md")),
            ("a/b/port.yaml", "file://docs/x.md", Ok("docs/x.md")),
            ("a/b/port.yaml", "file://./x.md", Ok("a/b/x.md")),
            ("a/b/port.yaml", "file://../x.md", Ok("a/x.md")),
            ("a/b/port.yaml", "file://../../../x.md", Err(NoPath::Above)),
            ("port.yaml", "file://../x.md", Err(NoPath::Above)),
            ("port.yaml", "file://docs/../../x", Err(NoPath::Above)),
            ("port.yaml", "file:///etc/passwd", Err(NoPath::Absolute)),
            ("port.yaml", "file://..\\x", Err(NoPath::Backslash)),
            ("port.yaml", "file://", Err(NoPath::Empty)),
            ("port.yaml", "file://./", Err(NoPath::Empty)),
        ];
        for (document, value, path) in cases {
            let found = file_value(document, value);
            let found = found.as_ref().map(|path| path.as_deref());
            assert_eq!(found, Some(path.as_ref().copied()), "{document} {value}");
        }
        for other in ["README.md", "see file://README.md", "File://x", ""] {
            assert_eq!(file_value("port.yaml", other), None, "{other}");
        }
    }
}
