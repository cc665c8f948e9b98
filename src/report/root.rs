//! Where other systems look for a document: its path from the root of the work tree.

use std::path::{Path, PathBuf};

use crate::work_tree::normal;

/// The folder that other systems count paths from, and the one that findings' paths count from.
#[derive(Clone, Debug)]
pub struct Root {
    root: PathBuf,
    here: PathBuf,
}

/// Where a document is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Below the root: the path from there, with `/` between its parts.
    Below(String),
    /// Elsewhere: the whole path, with `/` between its parts.
    Outside(String),
}

impl Root {
    /// The root of a work tree and the working directory, both absolute.
    #[must_use]
    pub fn new(root: &Path, here: &Path) -> Self {
        Self {
            root: normal(root),
            here: here.to_owned(),
        }
    }

    /// The place of a path that counts from the working directory, by its text alone.
    #[must_use]
    pub fn place(&self, path: &str) -> Place {
        let whole = normal(&self.here.join(path));
        match whole.strip_prefix(&self.root) {
            Ok(below) => Place::Below(slashed(below)),
            Err(_) => Place::Outside(slashed(&whole)),
        }
    }
}

impl Place {
    /// The path.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Below(path) | Self::Outside(path) => path,
        }
    }
}

fn slashed(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) {
        text.replace('\\', "/")
    } else {
        text.into_owned()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn paths_count_from_the_root_wherever_one_stands() {
        let root = Root::new(Path::new("/w"), Path::new("/w/a/b"));
        let place = |path| root.place(path);
        assert_eq!(place("port.yaml"), Place::Below("a/b/port.yaml".into()));
        assert_eq!(place("../../port.yaml"), Place::Below("port.yaml".into()));
        assert_eq!(place("/w/x y/#.yaml"), Place::Below("x y/#.yaml".into()));
        assert_eq!(
            place("../../../port.yaml"),
            Place::Outside("/port.yaml".into())
        );
        assert_eq!(
            place("/srv/port.yaml"),
            Place::Outside("/srv/port.yaml".into())
        );
    }
}
