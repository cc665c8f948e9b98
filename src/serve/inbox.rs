//! Where pushes wait that were announced: one file each, written before their webhook is answered and
//! again with every step. Whoever is killed goes on where the files say.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::push::{Push, PushId, Stage};
use crate::durable;
use crate::io_reason::io_reason;
use crate::private_file::lock_file;
use crate::repository::RepositoryName;

/// The form of the files.
const VERSION: u32 = 1;

/// How many pushes that need nothing any more are remembered, for the page.
const REMEMBERED: usize = 200;

/// What keeps the inbox from its work.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum InboxError {
    /// A file or folder can't be read or written.
    #[error("the pushes can't be kept: `serve` can't {action} `{}`: {}", path.display(), io_reason(source))]
    #[diagnostic(help(
        "check that the state folder belongs to the user that pushgate runs as, and that its disk is not full"
    ))]
    Files {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Another process serves the same state folder.
    #[error("another `pushgate serve` uses the state folder `{}`", .0.display())]
    #[diagnostic(help("stop that one, or give this one a folder of its own by PUSHGATE_STATE"))]
    Taken(PathBuf),
    /// So many pushes wait that no more are taken.
    #[error("{0} pushes wait to be checked")]
    #[diagnostic(help("the status page shows what is in their way"))]
    Full(usize),
    /// No push of that name is known, or nothing is to be done for it.
    #[error("no push `{0}` can be tried again")]
    #[diagnostic(help("the status page shows those that wait"))]
    Gone(PushId),
    /// It can't be written as JSON.
    #[error("a push can't be written as JSON: {0}")]
    #[diagnostic(help(
        "please report it with the output of `pushgate --version`: nothing was written"
    ))]
    Unwritable(#[from] serde_json::Error),
}

/// The pushes of a state folder.
#[derive(Debug)]
pub struct Inbox {
    folder: PathBuf,
    most: usize,
    table: Mutex<Table>,
    changed: Condvar,
    _lock: File,
}

#[derive(Debug, Default)]
struct Table {
    pushes: BTreeMap<PushId, Push>,
    /// Repositories of which somebody checks a push now.
    busy: BTreeSet<RepositoryName>,
    /// Files that can't be read.
    unreadable: usize,
    closed: bool,
}

/// What waits, in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Pushes that are yet to be checked, or told of.
    pub open: usize,
    /// Pushes that wait for a person.
    pub set_aside: usize,
    /// Those, and pushes of which Bitbucket could not be told.
    pub undone: usize,
    /// Files that can't be read.
    pub unreadable: usize,
    /// When the oldest open one came.
    pub oldest: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct Stored<T> {
    version: u32,
    push: T,
}

impl Table {
    /// What is not done with, the oldest first.
    fn undone(&self) -> impl Iterator<Item = &Push> {
        let pushes = self.pushes.values();
        pushes.filter(|push| push.stage != Stage::Told)
    }
}

fn files(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> InboxError {
    let path = path.to_owned();
    move |source| InboxError::Files {
        action,
        path,
        source,
    }
}

impl Inbox {
    /// Opens the inbox of a state folder, makes what is missing of it, and reads what waits. No more
    /// than `most` pushes wait here.
    ///
    /// # Errors
    /// Where the folder can't be made or read, or another process has it.
    pub fn open(state: &Path, most: usize) -> Result<Self, InboxError> {
        let folder = state.join("pushes");
        let temporary = folder.join("tmp");
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&temporary)
            .map_err(files("make the folder", &temporary))?;
        for folder in [folder.as_path(), state] {
            durable::sync_folder(folder).map_err(files("sync", folder))?;
        }
        let lock = lock(&folder, state)?;
        let mut table = Table::default();
        for path in entries(&folder)? {
            match read(&path) {
                Some(push) => {
                    table.pushes.insert(push.id.clone(), push);
                }
                None => table.unreadable += 1,
            }
        }
        // What a killed process left half-written was never answered for.
        for path in entries(&temporary)? {
            let _ = fs::remove_file(path);
        }
        Ok(Self {
            folder,
            most,
            table: Mutex::new(table),
            changed: Condvar::new(),
            _lock: lock,
        })
    }

    /// Takes a push in. Once this returns, it survives any kill.
    ///
    /// # Errors
    /// Where it can't be written, or too many wait; then nothing may be acknowledged.
    pub fn put(&self, push: Push) -> Result<(), InboxError> {
        let waiting = self.waiting().open;
        if waiting >= self.most {
            return Err(InboxError::Full(waiting));
        }
        self.write(&push)?;
        self.table().pushes.insert(push.id.clone(), push);
        self.changed.notify_one();
        Ok(())
    }

    /// The next push that is due, of a repository that nobody is at; waits for one. None once the inbox
    /// is closed. It was noted, durably, that one more try has begun: a push that ends the process time
    /// and again is told from one that merely was there when it ended.
    pub fn take(&self) -> Option<Push> {
        let mut table = self.table();
        loop {
            if table.closed {
                return None;
            }
            let now = Timestamp::now();
            let due = table
                .pushes
                .values()
                .find(|push| push.is_due(now) && !table.busy.contains(&push.repository))
                .map(|push| push.id.clone());
            if let Some(push) = due.and_then(|id| table.pushes.get_mut(&id)) {
                push.attempts += 1;
                let push = push.clone();
                table.busy.insert(push.repository.clone());
                drop(table);
                // Where it can't be noted, it is tried all the same.
                let _ = self.write(&push);
                return Some(push);
            }
            let soon = table
                .pushes
                .values()
                .filter(|push| push.stage.is_open() && !table.busy.contains(&push.repository))
                .map(|push| push.next_try)
                .min()
                .and_then(|next| Duration::try_from(next.duration_since(now)).ok())
                .unwrap_or(Duration::from_secs(60));
            let wait = soon.clamp(Duration::from_millis(5), Duration::from_secs(60));
            table = self
                .changed
                .wait_timeout(table, wait)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// Writes down how far a push got that somebody is at.
    ///
    /// # Errors
    /// Where it can't be written.
    pub fn note(&self, push: &Push) -> Result<(), InboxError> {
        self.write(push)?;
        self.table().pushes.insert(push.id.clone(), push.clone());
        Ok(())
    }

    /// Gives back a push that somebody was at.
    ///
    /// # Errors
    /// Where it can't be written; it is tried again then.
    pub fn give_back(&self, push: &Push) -> Result<(), InboxError> {
        let noted = self.note(push);
        self.table().busy.remove(&push.repository);
        self.changed.notify_all();
        noted?;
        self.forget_old();
        Ok(())
    }

    /// Has a push tried at once that waits, was set aside, or of which Bitbucket was not told.
    ///
    /// # Errors
    /// Where there is none such, or it can't be written.
    pub fn retry(&self, id: &PushId) -> Result<Push, InboxError> {
        let gone = || InboxError::Gone(id.clone());
        let mut table = self.table();
        let push = table.pushes.get_mut(id).ok_or_else(gone)?;
        if !push.stage.may_be_retried() {
            return Err(gone());
        }
        push.stage = match push.stage {
            Stage::Untold => Stage::Queued,
            Stage::SetAside if push.judged.is_empty() => Stage::Announced,
            Stage::SetAside => Stage::Queued,
            other => other,
        };
        push.attempts = 0;
        push.next_try = Timestamp::now();
        let push = push.clone();
        drop(table);
        self.write(&push)?;
        self.changed.notify_all();
        Ok(push)
    }

    /// The push of that name.
    #[must_use]
    pub fn find(&self, id: &PushId) -> Option<Push> {
        self.table().pushes.get(id).cloned()
    }

    /// The newest pushes that were checked, the newest first.
    #[must_use]
    pub fn newest(&self, most: usize) -> Vec<Push> {
        let table = self.table();
        let checked = table.pushes.values().filter(|push| !push.judged.is_empty());
        checked.rev().take(most).cloned().collect()
    }

    /// Pushes that are not done with, the oldest first: those that wait, and those that a person has to
    /// look at.
    #[must_use]
    pub fn undone(&self, most: usize) -> Vec<Push> {
        let table = self.table();
        table.undone().take(most).cloned().collect()
    }

    /// What the webhooks of all pushes are known again by.
    #[must_use]
    pub fn digests(&self) -> Vec<String> {
        self.table()
            .pushes
            .values()
            .map(|push| push.digest.clone())
            .collect()
    }

    /// What waits, in figures.
    #[must_use]
    pub fn waiting(&self) -> Waiting {
        let table = self.table();
        let open = || table.pushes.values().filter(|push| push.stage.is_open());
        Waiting {
            open: open().count(),
            set_aside: table
                .pushes
                .values()
                .filter(|push| push.stage == Stage::SetAside)
                .count(),
            undone: table.undone().count(),
            unreadable: table.unreadable,
            oldest: open().map(|push| push.received).next(),
        }
    }

    /// Lets nobody take a push any more; who is at one goes on.
    pub fn close(&self) {
        self.table().closed = true;
        self.changed.notify_all();
    }

    /// Whether pushes can still be written down.
    ///
    /// # Errors
    /// Why not.
    pub fn probe(&self) -> Result<(), InboxError> {
        let temporary = self.folder.join("tmp");
        tempfile::NamedTempFile::new_in(&temporary)
            .map(drop)
            .map_err(files("write in", &temporary))
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, id: &PushId) -> PathBuf {
        self.folder.join(format!("{id}.json"))
    }

    fn write(&self, push: &Push) -> Result<(), InboxError> {
        let text = serde_json::to_vec(&Stored {
            version: VERSION,
            push,
        })?;
        let path = self.path(&push.id);
        durable::write(&path, &self.folder.join("tmp"), &text).map_err(files("write", &path))
    }

    /// Forgets the oldest of those that need nothing any more.
    fn forget_old(&self) {
        let mut table = self.table();
        let done: Vec<PushId> = table
            .pushes
            .values()
            .filter(|push| matches!(push.stage, Stage::Told | Stage::Untold))
            .map(|push| push.id.clone())
            .collect();
        for id in &done[..done.len().saturating_sub(REMEMBERED)] {
            table.pushes.remove(id);
            // What stays is forgotten the next time.
            let _ = fs::remove_file(self.path(id));
        }
    }
}

fn lock(folder: &Path, state: &Path) -> Result<File, InboxError> {
    let path = folder.join("serve.lock");
    let lock = lock_file(&path).map_err(files("open", &path))?;
    match lock.try_lock() {
        Err(TryLockError::WouldBlock) => Err(InboxError::Taken(state.to_owned())),
        // A folder without locks: the operator has to see to it.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(lock),
    }
}

/// The files of a folder.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, InboxError> {
    let listed = || -> io::Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_file() && entry.file_name() != "serve.lock" {
                paths.push(entry.path());
            }
        }
        Ok(paths)
    };
    listed().map_err(files("read", folder))
}

/// The push in a file; none where this version can't read it: it stays where it is, and is counted.
fn read(path: &Path) -> Option<Push> {
    let text = fs::read(path).ok()?;
    let stored: Stored<serde_json::Value> = serde_json::from_slice(&text).ok()?;
    if stored.version > VERSION {
        return None;
    }
    serde_json::from_value(stored.push).ok()
}
