//! Threads of one process at one file: they share a connection, where each of their own would have to
//! read anew what another one has changed, and what they write reaches the disk together.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};

use rusqlite::Connection;

/// What the threads at one file share.
#[derive(Debug, Default)]
pub(in crate::outbox) struct Line {
    connection: Mutex<Weak<Mutex<Connection>>>,
    /// Whether the name of the file that is written ahead is on the disk: it is as old as the connection.
    is_named: AtomicBool,
    disk: Mutex<Disk>,
    synced: Condvar,
}

/// Which writes have reached the disk, by numbers in the order of their end.
#[derive(Debug, Default)]
struct Disk {
    asked: u64,
    done: u64,
    busy: bool,
}

impl Line {
    /// The connection of those that are here; the first one opens it, the last one closes it.
    ///
    /// # Errors
    /// What `open` says.
    pub(super) fn connection<E>(
        &self,
        open: impl FnOnce() -> Result<Connection, E>,
    ) -> Result<Arc<Mutex<Connection>>, E> {
        let mut known = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(connection) = known.upgrade() {
            return Ok(connection);
        }
        let connection = Arc::new(Mutex::new(open()?));
        self.is_named.store(false, Ordering::Relaxed);
        *known = Arc::downgrade(&connection);
        Ok(connection)
    }

    /// Has the name of what was just synced reach the disk too, once a connection.
    ///
    /// # Errors
    /// What `sync_name` says.
    pub(super) fn keep_name(&self, sync_name: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        if !self.is_named.load(Ordering::Relaxed) {
            sync_name()?;
            self.is_named.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Returns once everything that was written before this call is on the disk. One caller has it
    /// synced for all that wait.
    ///
    /// # Errors
    /// What `sync` says.
    pub(super) fn wait_for_disk(&self, sync: impl Fn() -> io::Result<()>) -> io::Result<()> {
        let mut disk = self.lock();
        disk.asked += 1;
        let mine = disk.asked;
        while disk.done < mine {
            if disk.busy {
                disk = self
                    .synced
                    .wait(disk)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let all = disk.asked;
            disk.busy = true;
            drop(disk);
            let ended = sync();
            disk = self.lock();
            disk.busy = false;
            self.synced.notify_all();
            ended?;
            disk.done = disk.done.max(all);
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::time::Duration;

    use super::*;

    #[test]
    fn nobody_passes_before_a_sync_that_began_after_he_came() {
        let line = Line::default();
        let written = AtomicUsize::new(0);
        let on_disk = AtomicUsize::new(0);
        let syncs = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        let mine = written.fetch_add(1, Ordering::SeqCst) + 1;
                        line.wait_for_disk(|| {
                            let all = written.load(Ordering::SeqCst);
                            std::thread::sleep(Duration::from_millis(1));
                            on_disk.fetch_max(all, Ordering::SeqCst);
                            syncs.fetch_add(1, Ordering::SeqCst);
                            Ok(())
                        })
                        .unwrap();
                        assert!(on_disk.load(Ordering::SeqCst) >= mine);
                    }
                });
            }
        });
        assert!(syncs.into_inner() <= 160);
    }

    #[test]
    fn a_name_is_synced_once_a_connection_and_again_where_that_failed() {
        let line = Line::default();
        let open = || line.connection(Connection::open_in_memory).unwrap();
        let synced = AtomicUsize::new(0);
        let keep = |fails: bool| {
            line.keep_name(|| {
                synced.fetch_add(1, Ordering::SeqCst);
                if fails {
                    Err(io::ErrorKind::Other.into())
                } else {
                    Ok(())
                }
            })
        };
        let first = open();
        assert!(keep(true).is_err());
        assert!(keep(false).is_ok() && keep(false).is_ok());
        assert_eq!(synced.load(Ordering::SeqCst), 2);
        drop(first);
        let _second = open();
        assert!(keep(false).is_ok());
        assert_eq!(synced.load(Ordering::SeqCst), 3);
    }

    #[test]
    fn who_is_told_of_a_failure_is_the_one_who_had_it() {
        let line = Line::default();
        assert!(
            line.wait_for_disk(|| Err(io::ErrorKind::Other.into()))
                .is_err()
        );
        assert!(line.wait_for_disk(|| Ok(())).is_ok());
    }
}
