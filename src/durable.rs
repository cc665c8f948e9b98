//! Files that are either whole or not there, whatever is killed meanwhile.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// Writes a file of mode 0600 in place of what has its name. It is synced before it gets the name and
/// the folder after: once this returns, the file survives any kill. `temporary` is a folder on the
/// same disk.
pub(crate) fn write(path: &Path, temporary: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(temporary)?;
    file.write_all(content)?;
    file.as_file().sync_data()?;
    file.persist(path)?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
