//! Files for tests to work on.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

/// Writes a file below a folder, and makes the folders that it lies in.
///
/// # Panics
/// Where it can't be written.
pub fn write(folder: &Path, path: &str, content: impl AsRef<[u8]>) {
    let path = folder.join(path);
    let parent = path.parent().expect("it lies in a folder");
    fs::create_dir_all(parent).expect("its folder can be made");
    fs::write(&path, content).expect("it can be written");
}

/// A folder with these files.
///
/// # Panics
/// Where one can't be written.
#[must_use]
pub fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    for (path, content) in files {
        write(folder.path(), path, content);
    }
    folder
}
