//! Where a hook stands: the variables that git sets, and which repository they mean.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

use super::alternates;
use super::directory::{absolute, discover, is_git_directory};

const GIT_DIR: &str = "GIT_DIR";
const GIT_COMMON_DIR: &str = "GIT_COMMON_DIR";
const GIT_QUARANTINE_PATH: &str = "GIT_QUARANTINE_PATH";
const GIT_OBJECT_DIRECTORY: &str = "GIT_OBJECT_DIRECTORY";
const GIT_ALTERNATES: &str = "GIT_ALTERNATE_OBJECT_DIRECTORIES";

/// What git says to a hook about the repository and the quarantine of the push.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HookEnvironment {
    directory: Option<PathBuf>,
    working_directory: PathBuf,
    git_dir: Option<OsString>,
    common_dir: Option<OsString>,
    quarantine: Option<OsString>,
    object_directory: Option<OsString>,
    alternates: Option<OsString>,
}

/// Whether git says to this process that a push has brought objects and waits to be judged.
#[must_use]
pub fn objects_are_pushed() -> bool {
    std::env::var_os(GIT_QUARANTINE_PATH).is_some_and(|folder| !folder.is_empty())
}

/// No repository where the environment says one is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum NoRepository {
    /// Something names a directory that is none.
    #[error("{place} is no git repository: `{}` lacks `HEAD` or `objects`", path.display())]
    #[diagnostic(help("correct the path; a repository's directory holds `HEAD` and `objects`"))]
    NotThere {
        /// What names it.
        place: Place,
        /// The directory.
        path: PathBuf,
    },
    /// Nothing names one.
    #[error("no git repository was found; looked at {looked_at}")]
    #[diagnostic(help(
        "run pushgate as a git hook, run it inside the repository, or set `GIT_DIR` to the repository's directory; a post-receive hook of Bitbucket 8 or later is told no repository at all"
    ))]
    Nowhere {
        /// Every place and what was there.
        looked_at: LookedAt,
    },
}

/// Where a repository may be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The caller's own choice.
    Given,
    /// `GIT_DIR`.
    GitDir,
    /// Two levels above the quarantine.
    Quarantine,
    /// One level above the last alternate.
    Alternate,
    /// Where the process runs.
    WorkingDirectory,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Given => "the given directory",
            Self::GitDir => "`GIT_DIR`",
            Self::Quarantine => "the place above `GIT_QUARANTINE_PATH`",
            Self::Alternate => "the place above `GIT_ALTERNATE_OBJECT_DIRECTORIES`",
            Self::WorkingDirectory => "the working directory",
        })
    }
}

/// The places that were looked at in vain; `None` is a variable that isn't set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookedAt(Vec<(Place, Option<PathBuf>)>);

impl fmt::Display for LookedAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (place, path)) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            match path {
                Some(path) => write!(f, "{place} (`{}` is none)", path.display())?,
                None => write!(f, "{place} (not set)")?,
            }
        }
        Ok(())
    }
}

impl HookEnvironment {
    /// From environment variables and the directory that relative paths start at.
    pub fn new(
        variables: impl IntoIterator<Item = (OsString, OsString)>,
        working_directory: impl Into<PathBuf>,
    ) -> Self {
        let mut environment = Self {
            working_directory: working_directory.into(),
            ..Self::default()
        };
        for (name, value) in variables {
            let known = match name.to_str() {
                Some(GIT_DIR) => &mut environment.git_dir,
                Some(GIT_COMMON_DIR) => &mut environment.common_dir,
                Some(GIT_QUARANTINE_PATH) => &mut environment.quarantine,
                Some(GIT_OBJECT_DIRECTORY) => &mut environment.object_directory,
                Some(GIT_ALTERNATES) => &mut environment.alternates,
                _ => continue,
            };
            if !value.is_empty() {
                *known = Some(value);
            }
        }
        environment
    }

    /// Of this process.
    ///
    /// # Errors
    /// The working directory is gone.
    pub fn from_process() -> std::io::Result<Self> {
        Ok(Self::new(std::env::vars_os(), std::env::current_dir()?))
    }

    /// Of a repository outside a hook; nothing of this process's environment counts.
    pub fn at(directory: impl Into<PathBuf>) -> Self {
        let directory = directory.into();
        // Fails only where the working directory is gone, and then no relative path leads anywhere.
        let directory = std::path::absolute(&directory).unwrap_or(directory);
        Self {
            working_directory: directory.clone(),
            directory: Some(directory),
            ..Self::default()
        }
    }

    /// The absolute path of the repository's own directory (of a work tree its `.git`).
    ///
    /// # Errors
    /// What was looked at, if there is none.
    pub fn locate(&self) -> Result<PathBuf, NoRepository> {
        if let Some(directory) = &self.directory {
            let path = self.absolute(directory.as_os_str());
            return discover(&path).ok_or(NoRepository::NotThere {
                place: Place::Given,
                path,
            });
        }
        if let Some(directory) = &self.git_dir {
            let path = self.absolute(directory);
            return if is_git_directory(&path) {
                Ok(path)
            } else {
                let place = Place::GitDir;
                Err(NoRepository::NotThere { place, path })
            };
        }
        let mut looked_at = vec![(Place::GitDir, None)];
        for (place, candidate) in [
            (Place::Quarantine, self.above_quarantine()),
            (Place::Alternate, self.above_last_alternate()),
        ] {
            match candidate {
                Some(path) if is_git_directory(&path) => return Ok(path),
                candidate => looked_at.push((place, candidate)),
            }
        }
        let here = self.absolute(OsStr::new("."));
        // No search upwards: Bitbucket runs hooks in a directory that has nothing to do with the push.
        if is_git_directory(&here) {
            return Ok(here);
        }
        looked_at.push((Place::WorkingDirectory, Some(here)));
        let looked_at = LookedAt(looked_at);
        Err(NoRepository::Nowhere { looked_at })
    }

    /// Where the objects of the push are, if they are elsewhere than in the repository.
    pub(super) fn pushed_objects(&self) -> Option<PathBuf> {
        let folder = self
            .quarantine
            .as_ref()
            .or(self.object_directory.as_ref())?;
        Some(self.absolute(folder))
    }

    /// The object folders besides, unquoted.
    pub(super) fn alternates(&self) -> Vec<PathBuf> {
        self.alternates.as_ref().map_or_else(Vec::new, |list| {
            alternates::split(list)
                .iter()
                .map(|folder| self.absolute(folder.as_os_str()))
                .collect()
        })
    }

    /// The folder with what the work trees of a repository share, if git names one.
    pub(super) fn common_directory(&self) -> Option<PathBuf> {
        let folder = self.common_dir.as_ref()?;
        Some(self.absolute(folder))
    }

    /// What the `git` program must be told to see what the hook sees; `None` unsets.
    pub(super) fn variables(&self) -> [(&'static str, Option<&OsStr>); 4] {
        [
            (GIT_COMMON_DIR, self.common_dir.as_deref()),
            (GIT_QUARANTINE_PATH, self.quarantine.as_deref()),
            (GIT_OBJECT_DIRECTORY, self.object_directory.as_deref()),
            (GIT_ALTERNATES, self.alternates.as_deref()),
        ]
    }

    /// Where relative paths start at.
    pub(super) fn working_directory(&self) -> &Path {
        &self.working_directory
    }

    /// `objects/<name>` stripped.
    fn above_quarantine(&self) -> Option<PathBuf> {
        let objects = self.pushed_objects()?;
        Some(objects.parent()?.parent()?.to_owned())
    }

    /// Git appends the repository's own objects to what was there before, so that of a fork, too,
    /// the last one counts.
    fn above_last_alternate(&self) -> Option<PathBuf> {
        let objects = self.alternates().pop()?;
        Some(objects.parent()?.to_owned())
    }

    fn absolute(&self, path: &OsStr) -> PathBuf {
        absolute(&self.working_directory.join(path))
    }
}
