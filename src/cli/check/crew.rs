//! Checking on as many threads as the machine has, while what is to be checked is still being found.

use std::cell::LazyCell;
use std::sync::{Mutex, PoisonError, mpsc};

use crate::work_tree::Candidate;

/// Below this many files for each a thread costs more than it saves, as does asking how many there may be.
const FILES_OF_A_THREAD: usize = 8;

/// What `check` says of all that `find` tells of, in the order of their paths.
pub(super) fn check<T: Send>(
    find: impl FnOnce(&mut dyn FnMut(Candidate)),
    check: impl Fn(&Candidate) -> T + Sync,
) -> impl Iterator<Item = (Candidate, T)> {
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
        let (mut count, mut threads) = (0, 1);
        let most = LazyCell::new(|| std::thread::available_parallelism().map_or(1, usize::from));
        find(&mut |candidate| {
            count += 1;
            if count > threads * FILES_OF_A_THREAD && threads < *most {
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
    by_path(answers.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Numbers are put in order in place of the answers, which are large.
fn by_path<T>(answers: Vec<(Candidate, T)>) -> impl Iterator<Item = (Candidate, T)> {
    let mut order: Vec<usize> = (0..answers.len()).collect();
    order.sort_unstable_by(|&a, &b| answers[a].0.by_path(&answers[b].0));
    let mut answers: Vec<_> = answers.into_iter().map(Some).collect();
    order
        .into_iter()
        .filter_map(move |number| answers[number].take())
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
