//! The store's file is its owner's alone: it holds what every repository delivers.

use std::fs::{self, OpenOptions, Permissions};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

const OWNER_ONLY: u32 = 0o600;

/// Sees to the mode of the file before SQLite opens it; the files that SQLite makes beside it get the same.
/// Where that can't be done, opening it says why.
pub(super) fn prepare(path: &Path) {
    match fs::metadata(path) {
        // An earlier version made it with whatever mode the process had.
        Ok(metadata) if metadata.permissions().mode() & 0o077 != 0 => {
            let _ = fs::set_permissions(path, Permissions::from_mode(OWNER_ONLY));
        }
        Ok(_) => {}
        Err(_) => {
            // An empty file is an empty database to SQLite.
            let mut new = OpenOptions::new();
            let _ = new.write(true).create_new(true).mode(OWNER_ONLY).open(path);
        }
    }
}
