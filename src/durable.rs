//! Files that are either whole or not there, whatever is killed meanwhile.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// Writes a file of mode 0600 in place of what has its name. It is synced before it gets the name and
/// the folder after: once this returns, the file survives any kill. `temporary` is a folder on the
/// same disk.
pub(crate) fn write(path: &Path, temporary: &Path, content: &[u8]) -> io::Result<()> {
    unnamed(temporary, content)?.persist(path)?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// A synced file of mode 0600 that has no lasting name yet; it goes where it does not get one.
pub(crate) fn unnamed(temporary: &Path, content: &[u8]) -> io::Result<NamedTempFile> {
    let mut file = NamedTempFile::new_in(temporary)?;
    file.write_all(content)?;
    file.as_file().sync_data()?;
    Ok(file)
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
