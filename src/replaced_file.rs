//! Files that people name for what a command writes: replaced at once, so that who reads one sees the old
//! or the whole new one.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// So many links in a row Linux follows (path_resolution(7)).
const MOST_LINKS: usize = 40;

/// Writes a file of that mode, less the umask. A link stays one, also to a file that is not there yet; a
/// device or a pipe is written to, never replaced.
pub(crate) fn replace(
    path: &Path,
    mode: u32,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    // By the name that is given: where standard output is a pipe, `/dev/stdout` leads to no path at all.
    if fs::metadata(path).is_ok_and(|old| !old.is_file()) {
        return write(&mut fs::File::options().write(true).open(path)?);
    }
    let path = &fs::canonicalize(path).unwrap_or_else(|_| end_of_links(path));
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(mode));
    let mut file = builder.tempfile_in(folder)?;
    let mut paper = io::BufWriter::new(&mut file);
    write(&mut paper)?;
    paper.flush()?;
    drop(paper);
    file.persist(path)?;
    Ok(())
}

/// Where a link leads, also to a file that is not there yet.
fn end_of_links(path: &Path) -> PathBuf {
    let mut end = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Ok(target) = fs::read_link(&end) else {
            break;
        };
        end = end.parent().unwrap_or(Path::new("")).join(target);
    }
    end
}
