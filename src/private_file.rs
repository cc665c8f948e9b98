//! Files of the state folder that are their owner's alone: they hold what every repository delivers,
//! and whoever can open a lock can keep it.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

const OWNER_ONLY: u32 = 0o600;

/// Sees to the mode of a file that somebody else's code opens, and makes it where it is missing; the
/// files that SQLite makes beside it get the same. Where that can't be done, opening it says why.
pub(crate) fn prepare(path: &Path) {
    match fs::metadata(path) {
        // An earlier version made it with whatever mode the process had.
        Ok(metadata) if metadata.permissions().mode() & 0o077 != 0 => {
            let _ = fs::set_permissions(path, Permissions::from_mode(OWNER_ONLY));
        }
        Ok(_) => {}
        Err(_) => {
            let _ = new().create_new(true).open(path);
        }
    }
}

/// Opens a file that is there only to be locked.
pub(crate) fn lock_file(path: &Path) -> io::Result<File> {
    prepare(path);
    new().create(true).truncate(false).open(path)
}

/// Opens a file to which hooks add lines: no more than that one call.
pub(crate) fn log_file(path: &Path) -> io::Result<File> {
    new().create(true).append(true).open(path)
}

fn new() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).mode(OWNER_ONLY);
    options
}
