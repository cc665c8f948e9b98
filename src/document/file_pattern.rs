//! Which files a kind takes.

use std::sync::OnceLock;

use globset::{Glob, GlobBuilder, GlobMatcher};

/// Some files that a kind takes. Literal names are compared as text, because a hook has no time to
/// compile globs that it does not need.
#[derive(Clone, Debug)]
pub(super) enum FilePattern {
    /// This path.
    Path(String),
    /// This file name in every folder: `**/name`.
    Name(String),
    /// The files directly in `.gimlet/` that Gimlet reads as manifests.
    Manifests,
    /// Everything else, compiled when first asked.
    Glob(Glob, OnceLock<GlobMatcher>),
}

impl FilePattern {
    /// A glob from the repository's root.
    pub(super) fn of_glob(glob: &str) -> Result<Self, globset::Error> {
        let text = glob.strip_prefix("./").unwrap_or(glob);
        let text = text.strip_prefix('/').unwrap_or(text);
        if is_literal(text) {
            return Ok(Self::Path(text.to_owned()));
        }
        if let Some(name) = text.strip_prefix("**/")
            && is_literal(name)
        {
            return Ok(Self::Name(name.to_owned()));
        }
        let glob = GlobBuilder::new(text).literal_separator(true).build()?;
        Ok(Self::Glob(glob, OnceLock::new()))
    }

    /// Whether the file at `path` is one of them.
    pub(super) fn holds(&self, path: &str) -> bool {
        match self {
            Self::Path(own) => own == path,
            Self::Name(name) => path
                .strip_suffix(name.as_str())
                .is_some_and(|folders| folders.is_empty() || folders.ends_with('/')),
            // `vars` holds variables, `*.cue` is read by Gimlet's command line only.
            Self::Manifests => path.strip_prefix(".gimlet/").is_some_and(|name| {
                !name.is_empty()
                    && !name.contains('/')
                    && name != "vars"
                    && !name.to_ascii_lowercase().ends_with(".cue")
            }),
            Self::Glob(glob, matcher) => matcher
                .get_or_init(|| glob.compile_matcher())
                .is_match(path),
        }
    }

    /// Whether it names the last part of the paths that it holds: a folder there stands in a file's
    /// place, where one that a wildcard matches is a folder like any other.
    pub(super) fn names_files(&self) -> bool {
        match self {
            Self::Path(_) | Self::Name(_) => true,
            // Gimlet asks for the content of whatever is in there.
            Self::Manifests => true,
            Self::Glob(glob, _) => {
                let last = glob.glob().rsplit('/').next();
                last.is_some_and(is_literal) && !glob.glob().contains(['{', '[', '\\'])
            }
        }
    }

    /// Whether `folder` is there for them alone.
    pub(super) fn is_own_folder(&self, folder: &str) -> bool {
        match self {
            Self::Manifests => folder == ".gimlet",
            Self::Path(_) | Self::Name(_) | Self::Glob(..) => false,
        }
    }

    /// Whether one of them may lie in `folder` or below it.
    pub(super) fn reaches_into(&self, folder: &str) -> bool {
        match self {
            Self::Path(own) => own
                .strip_prefix(folder)
                .is_some_and(|rest| rest.starts_with('/')),
            Self::Name(_) => true,
            Self::Manifests => folder == ".gimlet",
            Self::Glob(glob, _) => glob_reaches_into(glob.glob(), folder),
        }
    }

    /// The name in the root folder that they have or lie below; none where it is open.
    pub(super) fn name_at_the_top(&self) -> Option<&str> {
        match self {
            Self::Path(path) => path.split('/').next(),
            Self::Manifests => Some(".gimlet"),
            Self::Name(_) | Self::Glob(..) => None,
        }
    }
}

/// Compares the literal parts of a glob with a folder's parts.
fn glob_reaches_into(glob: &str, folder: &str) -> bool {
    // Alternatives may hold a `/`, so that the parts can't be told apart.
    if glob.contains(['{', '[', '\\']) {
        return true;
    }
    let mut parts = glob.split('/').peekable();
    for name in folder.split('/') {
        match parts.next() {
            Some(part) if part.contains("**") => return true,
            Some(part) if parts.peek().is_some() && (part == name || !is_literal(part)) => {}
            _ => return false,
        }
    }
    true
}

fn is_literal(glob: &str) -> bool {
    !glob.contains(['*', '?', '[', '{', '\\'])
}
