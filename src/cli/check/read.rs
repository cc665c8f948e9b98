//! Reading a file that is to be checked, with as few calls as can be: there may be thousands.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;

use crate::check::Standing;

/// What stands at the path, links not followed; a file of more than `limit` bytes is not read.
///
/// # Errors
/// Nothing stands there, or it can't be read.
pub(super) fn standing(path: &Path, limit: u64) -> io::Result<Standing> {
    let no_follow = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or_default();
    let opened = File::options()
        .read(true)
        .custom_flags(no_follow)
        .open(path);
    // A link is not opened, and says so only by what it is.
    let metadata = match &opened {
        Ok(file) => file.metadata()?,
        Err(_) => path.symlink_metadata()?,
    };
    if metadata.is_symlink() {
        return Ok(Standing::Symlink);
    }
    if metadata.is_dir() {
        return Ok(match path.join(".git").symlink_metadata() {
            Ok(_) => Standing::Submodule,
            Err(_) => Standing::Folder,
        });
    }
    let size = metadata.len();
    if size > limit {
        return Ok(Standing::LargeFile { bytes: size });
    }
    // What is no plain file, and what the system makes up when it is read, has no size.
    let most = match metadata.is_file() && size > 0 {
        true => size,
        false => limit + 1,
    };
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    opened?.take(most).read_to_end(&mut bytes)?;
    Ok(Standing::File(bytes))
}
