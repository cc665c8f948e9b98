//! Whether the configuration's file, and those that it names, are still the ones that were read.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::Config;
use super::file::MACHINE;

/// What tells one version of the files from another, also where one was replaced by another file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp(Vec<(PathBuf, Option<Version>)>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Version {
    file: (u64, u64),
    bytes: u64,
    written: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    /// That of the file which a server reads now: the named one, else the machine's; there may be none.
    #[must_use]
    pub fn of_server(named: Option<&Path>) -> Self {
        let path = named.unwrap_or(Path::new(MACHINE));
        Self(vec![(path.to_owned(), Version::of(path))])
    }

    /// The same, with the files from which a delivering process reads secrets and certificates when
    /// it begins. Those of single builds and triggers are read with each call, and left out.
    #[must_use]
    pub fn with_files_of(mut self, config: &Config) -> Self {
        let files = [
            &config.port.client_id_file,
            &config.port.client_secret_file,
            &config.algorithmia.api_key_file,
            &config.algorithmia.bearer_token_file,
            &config.bitbucket.password_file,
            &config.bitbucket.token_file,
            &config.bitbucket.ca_file,
            &config.delivery.store_file,
            &config.http.ca_file,
        ];
        let files = files.into_iter().flatten();
        self.0
            .extend(files.map(|path| (path.clone(), Version::of(path))));
        self
    }

    /// That of the same files as they are now.
    #[must_use]
    pub fn now(&self) -> Self {
        let files = self.0.iter();
        Self(
            files
                .map(|(path, _)| (path.clone(), Version::of(path)))
                .collect(),
        )
    }
}

impl Version {
    /// That of a file as it is now; none where there is no such file.
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        Some(Self {
            file: (metadata.dev(), metadata.ino()),
            bytes: metadata.len(),
            written: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_replaced_is_another_one_even_with_the_same_content() {
        let folder = tempfile::tempdir().unwrap();
        let (path, next) = (folder.path().join("config"), folder.path().join("next"));
        let stamp = || Stamp::of_server(Some(&path));
        let missing = stamp();
        fs::write(&path, "gate:\n").unwrap();
        let first = stamp();
        assert_ne!(first, missing);
        assert_eq!(stamp(), first);
        fs::write(&next, "gate:\n").unwrap();
        fs::rename(&next, &path).unwrap();
        assert_ne!(stamp(), first);
    }
}
