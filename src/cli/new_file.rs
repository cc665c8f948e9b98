//! Files that a command writes for people, never over one that is there.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use miette::Diagnostic;
use thiserror::Error;

use super::CommandError;
use crate::io_reason::io_reason;
use crate::visible::visible;

/// Why there is no new file.
#[derive(Debug, Error, Diagnostic)]
enum NewFileError {
    #[error("`{path}` is there already, and is left as it is")]
    #[diagnostic(help("name another file, or move that one away first"))]
    Exists { path: String },
    #[error("cannot write `{path}`: {}", io_reason(source))]
    #[diagnostic(help("name a file in a folder that is there and that this user may write to"))]
    Unwritable { path: String, source: io::Error },
}

/// Writes a file that was not there before.
///
/// # Errors
/// Wrong use where it is there, a failure where it can't be written.
pub(super) fn write(path: &Path, text: &str) -> Result<(), CommandError> {
    let name = || visible(&path.to_string_lossy()).into_owned();
    let written = File::create_new(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => CommandError::usage(NewFileError::Exists { path: name() }),
        _ => CommandError::failure(NewFileError::Unwritable {
            path: name(),
            source,
        }),
    })
}
