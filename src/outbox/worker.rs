//! Who works here: processes that others can tell from dead ones.

use std::fmt;
use std::fs::{self, DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::error::OutboxError;
use crate::private_file::lock_file;

/// The name of a worker: its node, its process, and randomness.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WorkerId(String);

impl WorkerId {
    /// The worker that has made a claim.
    pub(super) fn of_claim(claim: &str) -> Self {
        let (worker, _) = claim.split_once(CLAIM).unwrap_or((claim, ""));
        Self(worker.to_owned())
    }

    /// A name for one claim of this worker, which no other claim has.
    pub(super) fn claim(&self) -> String {
        format!("{self}{CLAIM}{}", random())
    }

    /// The node that it runs on.
    #[must_use]
    pub fn node(&self) -> &str {
        self.0.split('.').next().unwrap_or_default()
    }
}

impl fmt::Display for WorkerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A process at work. Its lock is given back by the system however it ends, which tells others of
/// the same state folder that what it had claimed is free.
#[derive(Debug)]
pub struct Worker {
    id: WorkerId,
    path: PathBuf,
    _lock: File,
}

impl Worker {
    /// Enters the list of a state folder's workers.
    pub(super) fn start(state: &Path) -> Result<Self, OutboxError> {
        let folder = folder(state)?;
        let id = WorkerId(format!(
            "{}.{}-{}",
            node(state)?,
            std::process::id(),
            random()
        ));
        // Locked before it gets its name: whoever sees the name sees the lock.
        let unnamed = folder.join(format!("{id}{UNNAMED}"));
        let path = path(&folder, &id);
        let lock = lock_file(&unnamed).map_err(OutboxError::files("open", &unnamed))?;
        lock.lock().map_err(OutboxError::files("lock", &unnamed))?;
        fs::rename(&unnamed, &path).map_err(OutboxError::files("rename", &unnamed))?;
        Ok(Self {
            id,
            path,
            _lock: lock,
        })
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> &WorkerId {
        &self.id
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // What stays is tidied up by others.
        let _ = fs::remove_file(&self.path);
    }
}

/// Whether a worker of this state folder lives. Where locks don't work, it does, until its lease
/// ends.
pub(super) fn is_alive(state: &Path, id: &WorkerId) -> bool {
    let path = path(&state.join(WORKERS), id);
    match File::open(&path) {
        Ok(file) => !matches!(file.try_lock(), Ok(())),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

/// Removes the names of workers that died.
pub(super) fn tidy(state: &Path) {
    let Ok(entries) = fs::read_dir(state.join(WORKERS)) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        // Whoever has just made it is about to lock it.
        if entry.file_name().to_string_lossy().ends_with(UNNAMED) && !is_stale(&entry) {
            continue;
        }
        if File::open(&path).is_ok_and(|file| matches!(file.try_lock(), Ok(()))) {
            let _ = fs::remove_file(&path);
        }
    }
}

fn is_stale(entry: &fs::DirEntry) -> bool {
    let modified = entry.metadata().and_then(|metadata| metadata.modified());
    modified.is_ok_and(|modified| {
        modified
            .elapsed()
            .is_ok_and(|passed| passed >= UNNAMED_IS_STALE)
    })
}

/// The right to be the one process that pushes start: one is enough for all of them.
#[derive(Debug)]
pub struct Courier {
    _lock: Option<File>,
}

impl Courier {
    pub(super) fn hire(path: &Path) -> Result<Option<Self>, OutboxError> {
        let lock = lock_file(path).map_err(OutboxError::files("open", path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(Self { _lock: Some(lock) })),
            Err(TryLockError::WouldBlock) => Ok(None),
            // A folder without locks: two couriers share the work.
            Err(TryLockError::Error(_)) => Ok(Some(Self { _lock: None })),
        }
    }
}

const WORKERS: &str = "workers";

/// Between a worker's name and that of its claim.
const CLAIM: char = '#';

/// The end of a file's name that has no worker yet.
const UNNAMED: &str = ".tmp";

/// A worker that could not name its file in this time never will.
const UNNAMED_IS_STALE: Duration = Duration::from_secs(60);

fn folder(state: &Path) -> Result<PathBuf, OutboxError> {
    let folder = state.join(WORKERS);
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)
        .map_err(OutboxError::files("make the folder", &folder))?;
    Ok(folder)
}

fn path(folder: &Path, id: &WorkerId) -> PathBuf {
    folder.join(format!("{id}.lock"))
}

/// The name of the machine that has this state folder on its disk; machines that share one are one
/// node.
fn node(state: &Path) -> Result<String, OutboxError> {
    let path = state.join("node");
    let read = || fs::read_to_string(&path).map(|text| text.trim().to_owned());
    if let Ok(name) = read()
        && !name.is_empty()
    {
        return Ok(name);
    }
    // Made whole, then named: of two that make one, the second takes the first one's.
    let made = || -> io::Result<String> {
        let mut file = tempfile::NamedTempFile::new_in(state)?;
        io::Write::write_all(&mut file, random().as_bytes())?;
        match file.persist_noclobber(&path) {
            Ok(_) => {}
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.error),
        }
        read()
    };
    made().map_err(OutboxError::files("write", &path))
}

fn random() -> String {
    std::iter::repeat_with(fastrand::alphanumeric)
        .take(10)
        .collect::<String>()
        .to_ascii_lowercase()
}
