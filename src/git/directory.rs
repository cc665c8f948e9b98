//! Directories of repositories: telling one, finding one, and the name that it gives.

use std::path::{Component, Path, PathBuf};

use crate::repository::RepositoryName;

/// Whether it has what every repository's directory has. The directory of a second work tree has
/// its objects elsewhere and says so in `commondir`.
pub(super) fn is_git_directory(path: &Path) -> bool {
    path.join("HEAD").symlink_metadata().is_ok()
        && (path.join("objects").is_dir() || path.join("commondir").is_file())
}

/// The repository's directory for a bare repository, a work tree or a folder in one.
pub(super) fn discover(start: &Path) -> Option<PathBuf> {
    if is_git_directory(start) {
        return Some(start.to_owned());
    }
    let found = git2::Repository::discover_path(start, [] as [&Path; 0]).ok()?;
    Some(absolute(&found))
}

/// Without `.` and doubled `/`; `..` is followed on the disk, where a link may stand before it.
pub(super) fn absolute(path: &Path) -> PathBuf {
    let plain: PathBuf = path.components().collect();
    let climbs = plain
        .components()
        .any(|component| component == Component::ParentDir);
    if climbs || plain.is_relative() {
        return std::fs::canonicalize(&plain).unwrap_or(plain);
    }
    plain
}

/// The folder with the objects and refs: of a second work tree that of the first.
pub(super) fn common_directory(directory: &Path) -> PathBuf {
    match std::fs::read_to_string(directory.join("commondir")) {
        Ok(text) => absolute(&directory.join(text.trim_end())),
        Err(_) => directory.to_owned(),
    }
}

/// The repository's name by the last two parts of its path, without `.git`.
///
/// `directory` is what [`HookEnvironment::locate`](super::HookEnvironment::locate) found. `None`
/// if the path has fewer parts or parts that can't stand in a name.
#[must_use]
pub fn repository_name(directory: &Path) -> Option<RepositoryName> {
    let directory = absolute(directory);
    let mut parts = directory
        .components()
        .rev()
        .map_while(|component| match component {
            Component::Normal(part) => part.to_str(),
            _ => None,
        });
    let mut slug = parts.next()?;
    if slug == ".git" {
        slug = parts.next()?;
    }
    let slug = slug.strip_suffix(".git").unwrap_or(slug);
    format!("{}/{slug}", parts.next()?).parse().ok()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::repository_name;

    fn name(path: &str) -> Option<String> {
        repository_name(Path::new(path)).map(String::from)
    }

    #[test]
    fn the_last_two_parts_of_the_path_are_the_name() {
        assert_eq!(name("/srv/git/PRJ/hello.git").as_deref(), Some("PRJ/hello"));
        assert_eq!(name("/srv/PRJ/./hello.git/").as_deref(), Some("PRJ/hello"));
        assert_eq!(
            name("/home/me/PRJ/hello/.git").as_deref(),
            Some("PRJ/hello")
        );
        assert_eq!(
            name("/data/repositories/17").as_deref(),
            Some("repositories/17")
        );
    }

    #[test]
    fn a_path_without_two_parts_names_nothing() {
        assert_eq!(name("/hello.git"), None);
        assert_eq!(name("/"), None);
        assert_eq!(name("/my project/hello.git"), None);
        assert_eq!(name("/PRJ/.git"), None);
    }
}
