//! Each of the given files by itself.

use std::io;

use super::fix::{self, Answer};
use super::{read, unreadable};
use crate::check::{Checker, Elsewhere, NotAFile, Standing};
use crate::cli::CommandError;
use crate::work_tree::{self, Candidate};

/// Checks one file, and mends it where that is asked for.
pub(super) fn check(
    checker: &Checker,
    candidate: &Candidate,
    fix: bool,
) -> Result<Answer, CommandError> {
    let Candidate { path, kind, place } = candidate;
    let shown = work_tree::shown(path);
    let limit = checker.limits().bytes as u64;
    let standing = read::standing(path, limit).map_err(|error| unreadable(path, error))?;
    let elsewhere = |what| {
        Ok(match candidate.is_own_folder(checker.kinds()) {
            true => checker.not_a_folder(kind, &shown, &what).into(),
            false => {
                let what = NotAFile::Elsewhere(what);
                checker.not_a_file(kind, &shown, what).into()
            }
        })
    };
    let bytes = match standing {
        Standing::File(bytes) => bytes,
        Standing::LargeFile { bytes } => {
            return Ok(checker.oversized(kind, &shown, bytes).into());
        }
        Standing::Submodule => return elsewhere(Elsewhere::Submodule),
        Standing::Folder => {
            return Ok(checker.not_a_file(kind, &shown, NotAFile::Folder).into());
        }
        Standing::Symlink => {
            let target = std::fs::read_link(path).ok();
            let target = target.map(|to| to.to_string_lossy().into_owned());
            return elsewhere(Elsewhere::Symlink { target });
        }
        Standing::Nothing => return Err(unreadable(path, io::ErrorKind::NotFound.into())),
    };
    if fix {
        return Ok(fix::file(checker, kind, path, &shown, &bytes));
    }
    let checked = checker.check(kind, &shown, &bytes);
    Ok(match place {
        Some(_) if checked.is_compared() => checked.into(),
        _ => checked.without_what_is_fine().into(),
    })
}
