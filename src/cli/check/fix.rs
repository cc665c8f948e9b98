//! `check --fix`: mended documents, written in place.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::Path;

use miette::Diagnostic;
use tempfile::NamedTempFile;
use thiserror::Error;

use crate::check::{Checked, Checker};
use crate::cli::{CommandError, output};
use crate::document::Kind;
use crate::io_reason::io_reason;
use crate::report::counted;
use crate::visible::visible;

/// A mended file that could not be written; it is as it was.
#[derive(Debug, Error, Diagnostic)]
pub(super) enum WriteError {
    #[error("`{path}` is read-only, so that it was not fixed")]
    #[diagnostic(help("allow writing to it, or run without `--fix` and make the changes by hand"))]
    ReadOnly { path: String },
    #[error("`{path}` changed while it was being fixed, so that it was left alone")]
    #[diagnostic(help("run `pushgate check --fix` again"))]
    Changed { path: String },
    #[error("cannot write `{path}`: {}", io_reason(source))]
    #[diagnostic(help("let this user write the file and its folder"))]
    Unwritable { path: String, source: io::Error },
}

/// A checked file, and what kept its fixes from being written.
pub(super) struct Answer {
    pub(super) checked: Checked,
    pub(super) failure: Option<WriteError>,
}

impl From<Checked> for Answer {
    fn from(checked: Checked) -> Self {
        Self {
            checked,
            failure: None,
        }
    }
}

/// Mends the file at `path`, which has these bytes and is no symbolic link.
pub(super) fn file(
    checker: &Checker,
    kind: &Kind,
    path: &Path,
    shown: &str,
    bytes: &[u8],
) -> Answer {
    let fixed = checker.fix(kind, shown, bytes);
    let Some(mended) = fixed.bytes else {
        return fixed.checked.into();
    };
    match replace(path, bytes, &mended) {
        Ok(()) => fixed.checked.into(),
        Err(error) => Answer {
            checked: checker.check(kind, shown, bytes),
            failure: Some(error),
        },
    }
}

/// Replaces a file at once, with the mode and owner it had: whoever reads it sees the old text or the new one.
fn replace(path: &Path, was: &[u8], text: &[u8]) -> Result<(), WriteError> {
    let shown = || visible(&path.to_string_lossy()).into_owned();
    let unwritable = |source: io::Error| WriteError::Unwritable {
        path: shown(),
        source,
    };
    let metadata = path.symlink_metadata().map_err(unwritable)?;
    if metadata.permissions().readonly() {
        return Err(WriteError::ReadOnly { path: shown() });
    }
    // Who may not write the file should not replace it either.
    let _: File = OpenOptions::new()
        .write(true)
        .open(path)
        .map_err(unwritable)?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut file = draft_in(folder).map_err(unwritable)?;
    file.write_all(text).map_err(unwritable)?;
    // A container's root mends files of the user outside. Nobody else may give a file away, and then
    // it is theirs, as after any editor.
    let _ = fchown(file.as_file(), Some(metadata.uid()), Some(metadata.gid()));
    file.as_file()
        .set_permissions(metadata.permissions())
        .map_err(unwritable)?;
    // An editor may have written meanwhile, or a link may stand there now.
    let is_same = path.symlink_metadata().is_ok_and(|now| now.is_file())
        && fs::read(path).is_ok_and(|now| now == was);
    if !is_same {
        return Err(WriteError::Changed { path: shown() });
    }
    file.persist(path)
        .map_err(|error| unwritable(error.error))?;
    Ok(())
}

/// The new text's file until it is whole. Everything in `.gimlet/` is a manifest but `*.cue`: under
/// another name a check beside this one would find the application twice, and a kill would leave it so.
fn draft_in(folder: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new()
        .prefix(".pushgate-")
        .suffix(".cue")
        .tempfile_in(folder)
}

/// How much was fixed, in one line on standard error: standard output may be for a program.
pub(super) fn tell(checked: &[Checked]) {
    let fixed: usize = checked.iter().map(|checked| checked.fixed).sum();
    let files = checked.iter().filter(|checked| checked.fixed > 0).count();
    if fixed > 0 {
        let (findings, files) = (counted(fixed, "finding"), counted(files, "file"));
        output::err(&format!("fixed {findings} in {files}\n"));
    }
}

/// Says of each file that could not be written why; gives the first error.
pub(super) fn failed(failures: Vec<WriteError>) -> Result<(), CommandError> {
    let mut failures = failures.into_iter().map(CommandError::failure);
    let Some(first) = failures.next() else {
        return Ok(());
    };
    for other in failures {
        output::complain(output::notes(), "pushgate", &other);
    }
    Err(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Kinds;

    #[test]
    fn a_draft_is_no_document_itself() {
        let folder = tempfile::tempdir().unwrap();
        let draft = draft_in(folder.path()).unwrap();
        let name = draft.path().file_name().unwrap().to_str().unwrap();
        for path in [format!(".gimlet/{name}"), name.to_owned()] {
            assert_eq!(Kinds::default().of_path(&path), None, "{path}");
        }
    }
}
