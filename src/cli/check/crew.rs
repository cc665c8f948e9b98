//! Checking on as many threads as the machine has, while what is to be checked is still being found.

use std::sync::{Mutex, PoisonError, mpsc};

use crate::work_tree::Candidate;

/// Below this many files for each a thread costs more than it saves, as does asking how many there may be.
const FILES_OF_A_THREAD: usize = 8;

/// What `check` says of all that `find` tells of, in any order.
pub(super) fn check<T: Send>(
    find: impl FnOnce(&mut dyn FnMut(Candidate)),
    check: impl Fn(&Candidate) -> T + Sync,
) -> Vec<(Candidate, T)> {
    let answers = Mutex::new(Vec::new());
    let (found, waiting) = mpsc::channel();
    let waiting = Mutex::new(waiting);
    let work = || {
        let next = || locked(&waiting).recv();
        while let Ok(candidate) = next() {
            let answer = check(&candidate);
            locked(&answers).push((candidate, answer));
        }
    };
    std::thread::scope(|scope| {
        let (mut count, mut threads, mut most) = (0, 1, 1);
        find(&mut |candidate| {
            count += 1;
            if count > FILES_OF_A_THREAD && most == 1 {
                most = std::thread::available_parallelism().map_or(1, usize::from);
            }
            if count > threads * FILES_OF_A_THREAD && threads < most {
                threads += 1;
                // Where the system has no thread to give, the others do all.
                let _ = std::thread::Builder::new().spawn_scoped(scope, work);
            }
            // The receiver lives until all is checked.
            let _ = found.send(candidate);
        });
        drop(found);
        work();
    });
    answers.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
