//! Whether the configuration's file is still the one that was read.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::file::MACHINE;

/// What tells one version of the file from another, also where it was replaced by another file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp(Option<Version>);

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
        let metadata = fs::metadata(named.unwrap_or(Path::new(MACHINE)));
        Self(metadata.ok().map(|metadata| Version {
            file: (metadata.dev(), metadata.ino()),
            bytes: metadata.len(),
            written: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }))
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
