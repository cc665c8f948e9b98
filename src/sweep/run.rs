//! The run: repositories are listed, read by several threads at once, and told of in the order of
//! the lists. Never more than a window of them is under way.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::fingerprint::Fingerprint;
use super::listing::{Listed, Memory, Wanted, list};
use super::projects::Projects;
use super::reading::{Brought, Reader};
use super::summary::Unlisted;
use crate::bitbucket::Client;
use crate::check::Checker;

/// Repositories under way, a reader.
const AHEAD: usize = 8;

/// What is told at once.
const BATCH: usize = 64;

/// What is read within this time is told together: each time costs more than what is told.
const GATHERED: Duration = Duration::from_millis(2);

/// How often who waits looks whether the run is to end.
const LOOK: Duration = Duration::from_millis(50);

/// What a run reads, and how.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    /// The server.
    pub client: &'a Client,
    /// Which of its projects.
    pub projects: &'a Projects,
    /// Knows the documents.
    pub checker: &'a Checker,
    /// The branch that goes to Port; the default branch where none is named.
    pub branch: Option<&'a str>,
    /// What else decides what is found.
    pub fingerprint: &'a Fingerprint,
    /// How many repositories are read at once.
    pub concurrency: NonZeroUsize,
    /// Counts the repositories that were listed so far.
    pub listed: &'a AtomicUsize,
}

/// What a run tells.
#[derive(Debug)]
pub enum Step {
    /// A repository is done.
    Repository(Box<Brought>),
    /// A list could not be read to its end.
    Unlisted(Unlisted),
}

/// What is handed to a reader.
struct Task(usize, Listed);

impl Run<'_> {
    /// Sweeps, and hands what was found to `take`, in the order of the lists and some at once.
    ///
    /// # Errors
    /// What `take` says: then the run has ended.
    pub fn sweep<E>(
        &self,
        memory: Memory,
        mut take: impl FnMut(Vec<Step>) -> Result<(), E>,
    ) -> Result<(), E> {
        let window = Window::new(self.concurrency.get() * AHEAD);
        let (tasks, todo) = sync_channel::<Task>(self.concurrency.get());
        let todo = Mutex::new(todo);
        let (news, done) = channel::<(usize, Step)>();
        thread::scope(|scope| {
            for _ in 0..self.concurrency.get() {
                let (news, todo, window) = (news.clone(), &todo, &window);
                scope.spawn(move || self.read(todo, &news, window));
            }
            let lister = &window;
            scope.spawn(move || self.list(memory, &tasks, &news, lister));
            let ended = self.tell(&done, &window, &mut take);
            window.close();
            // Readers find nobody to tell, the lister nobody to hand to.
            drop(done);
            ended
        })
    }

    fn list(
        &self,
        mut memory: Memory,
        tasks: &SyncSender<Task>,
        news: &Sender<(usize, Step)>,
        window: &Window,
    ) {
        let number = std::cell::Cell::new(0);
        let next = || {
            let this = number.get();
            number.set(this + 1);
            this
        };
        let mut found = |page: Vec<Listed>| {
            self.listed.fetch_add(page.len(), Ordering::Relaxed);
            for listed in page {
                let this = next();
                if !window.waits_for(this) || tasks.send(Task(this, listed)).is_err() {
                    return Wanted::Enough;
                }
            }
            Wanted::More
        };
        let mut missing = |unlisted| {
            // Who is told of it has gone where this fails.
            let _ = news.send((next(), Step::Unlisted(unlisted)));
        };
        list(
            self.client,
            self.projects,
            &mut memory,
            &mut found,
            &mut missing,
        );
    }

    fn read(&self, todo: &Mutex<Receiver<Task>>, news: &Sender<(usize, Step)>, window: &Window) {
        let reader = Reader {
            client: self.client,
            checker: self.checker,
            branch: self.branch,
            fingerprint: self.fingerprint,
        };
        loop {
            let task = todo.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(Task(number, listed)) = task else {
                return;
            };
            // What was handed over already is taken, or the lister would wait for ever.
            if window.is_closed() {
                continue;
            }
            let brought = Step::Repository(Box::new(reader.bring(listed)));
            // Who is told of it has gone where this fails.
            let _ = news.send((number, brought));
        }
    }

    /// Puts what comes back into the order of the lists.
    fn tell<E>(
        &self,
        done: &Receiver<(usize, Step)>,
        window: &Window,
        take: &mut dyn FnMut(Vec<Step>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut early: BTreeMap<usize, Step> = BTreeMap::new();
        let mut told = 0;
        let mut hopeless = 0;
        while let Ok(first) = done.recv() {
            early.extend([first]);
            thread::sleep(GATHERED);
            early.extend(done.try_iter().take(BATCH));
            let mut batch = Vec::new();
            while let Some(step) = early.remove(&told) {
                told += 1;
                hopeless = match &step {
                    Step::Repository(brought) if brought.is_hopeless() => hopeless + 1,
                    _ => 0,
                };
                batch.push(step);
            }
            if batch.is_empty() {
                continue;
            }
            // One answer of that kind may be about one repository, many in a row are about us all.
            let breaks_off = hopeless > self.concurrency.get() * 2;
            if breaks_off {
                batch.push(Step::Unlisted(Unlisted {
                    message: format!(
                        "the sweep was broken off: the last {hopeless} repositories could not be read for the same reason"
                    ),
                    help: Some("mend that and run `pushgate sync` again: it goes on where this one ended".to_owned()),
                }));
            }
            take(batch)?;
            if breaks_off {
                break;
            }
            window.advance(told);
        }
        Ok(())
    }
}

/// How far the lister may be ahead of what was told.
struct Window {
    size: usize,
    told: Mutex<Told>,
    moved: Condvar,
}

#[derive(Default)]
struct Told {
    number: usize,
    closed: bool,
}

impl Window {
    fn new(size: usize) -> Self {
        Self {
            size,
            told: Mutex::default(),
            moved: Condvar::new(),
        }
    }

    /// Waits for a place; whether the run goes on.
    fn waits_for(&self, number: usize) -> bool {
        let mut told = self.lock();
        while !told.closed && number >= told.number + self.size {
            told = self
                .moved
                .wait_timeout(told, LOOK)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        !told.closed
    }

    fn advance(&self, number: usize) {
        self.lock().number = number;
        self.moved.notify_all();
    }

    fn close(&self) {
        self.lock().closed = true;
        self.moved.notify_all();
    }

    fn is_closed(&self) -> bool {
        self.lock().closed
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
