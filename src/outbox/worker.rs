//! One worker a state folder.

use std::fs::{File, TryLockError};
use std::path::Path;

use super::error::OutboxError;

/// The right to carry out deliveries; given back when dropped, and by the system when the process
/// dies.
#[derive(Debug)]
pub struct Worker {
    _lock: File,
}

impl Worker {
    pub(super) fn hire(path: &Path) -> Result<Option<Self>, OutboxError> {
        let lock = open(path)?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(Self { _lock: lock })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(OutboxError::files("lock", path)(source)),
        }
    }
}

/// Held while a waiting delivery is changed, so that a worker and a person don't undo each other.
pub(super) fn hold(path: &Path) -> Result<File, OutboxError> {
    let lock = open(path)?;
    lock.lock().map_err(OutboxError::files("lock", path))?;
    Ok(lock)
}

fn open(path: &Path) -> Result<File, OutboxError> {
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(OutboxError::files("open", path))
}
