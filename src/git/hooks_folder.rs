//! Where git looks for the hooks of a bare repository.

use std::path::{Path, PathBuf};

/// The folder whose hooks git runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HooksFolder {
    /// The repository's own.
    Own(PathBuf),
    /// Another one, which `core.hooksPath` names: those of the repository itself are not run.
    Elsewhere(PathBuf),
}

impl HooksFolder {
    /// The one of a bare repository. `core.hooksPath` may stand in the repository's configuration,
    /// the user's or the system's; a relative one starts at the repository (git-config).
    #[must_use]
    pub fn of(repository: &Path) -> Self {
        let own = repository.join("hooks");
        let named = git2::Repository::open_bare(repository)
            .and_then(|open| open.config()?.get_path("core.hooksPath"));
        let Ok(named) = named.map(|path| repository.join(path)) else {
            return Self::Own(own);
        };
        let whole = |path: &Path| path.canonicalize().or_else(|_| std::path::absolute(path));
        match (whole(&named), whole(&own)) {
            (Ok(named), Ok(own_whole)) if named == own_whole => Self::Own(own),
            _ => Self::Elsewhere(named),
        }
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Own(path) | Self::Elsewhere(path) => path,
        }
    }
}
