//! Each of the given files by itself.

use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::fix::{self, Answer};
use super::{read, unreadable};
use crate::check::{Checker, Elsewhere, NotAFile, Standing};
use crate::cli::CommandError;
use crate::work_tree::{self, Candidate};

/// Checks on as many threads as the machine has; the answers keep the order of the paths.
pub(super) fn check_all(
    checker: &Checker,
    candidates: &[Candidate],
    fix: bool,
) -> Result<Vec<Answer>, CommandError> {
    // Below this many files a thread costs more than it saves, as does asking how many there may be.
    let threads = match candidates.len().div_ceil(8) {
        0 | 1 => 1,
        wanted => std::thread::available_parallelism()
            .map_or(1, usize::from)
            .min(wanted),
    };
    if threads <= 1 {
        return candidates
            .iter()
            .map(|candidate| check_one(checker, candidate, fix))
            .collect();
    }
    let next = AtomicUsize::new(0);
    let answers = Mutex::new(Vec::with_capacity(candidates.len()));
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(candidate) = candidates.get(number) else {
                break;
            };
            let answer = check_one(checker, candidate, fix);
            let mut answers = answers
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            answers.push((number, answer));
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            // Where the system has no thread to give, this one does all.
            let _ = std::thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
    let mut answers = answers
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    answers.sort_by_key(|&(number, _)| number);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

fn check_one(checker: &Checker, candidate: &Candidate, fix: bool) -> Result<Answer, CommandError> {
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
