//! What is put into the outbox is carried out while the sweep goes on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::projects::Projects;
use super::summary::{Summary, Undelivered};
use crate::delivery::{Event, Express, Observer, Remotes, Settings, Tips, watch};
use crate::http::Problem;
use crate::outbox::{Ending, Outbox, OutboxError, State, Store, System};
use crate::repository::RepositoryName;

/// Deliveries that may wait before reading pauses: each claim looks at all of them.
const MOST_WAITING: usize = 64;

/// Reading goes on where so long nothing was delivered: then that is Port's affair.
const STALLED: Duration = Duration::from_secs(2);

/// How often who waits looks.
const LOOK: Duration = Duration::from_millis(1);

/// Deliveries of which it is told why they were not carried out.
const TOLD: u32 = 1000;

/// Carries deliveries out until it is told to end.
pub struct Delivering<'a> {
    outbox: &'a Outbox,
    remotes: &'a Remotes,
    settings: &'a Settings,
    tips: &'a dyn Tips,
    express: Option<Express<'a>>,
    stop: AtomicBool,
    news: Mutex<News>,
}

/// What has happened so far.
#[derive(Clone, Debug, Default)]
pub struct News {
    /// Deliveries that were carried out.
    pub delivered: usize,
    /// Entities that were created or changed.
    pub upserted: usize,
    /// Entities that were deleted.
    pub deleted: usize,
    /// Why Port takes nothing at all.
    pub blocked: Option<Problem>,
    /// What else a person should know.
    pub warnings: Vec<String>,
    is_stalled: bool,
}

impl<'a> Delivering<'a> {
    /// Nothing is carried out before [`Delivering::work`]. `express` carries out what it can, all
    /// else is done as in any run.
    #[must_use]
    pub fn new(
        outbox: &'a Outbox,
        remotes: &'a Remotes,
        settings: &'a Settings,
        tips: &'a dyn Tips,
        express: Option<Express<'a>>,
    ) -> Self {
        Self {
            outbox,
            remotes,
            settings,
            tips,
            express,
            stop: AtomicBool::new(false),
            news: Mutex::default(),
        }
    }

    /// Carries out what is put into the outbox, until [`Delivering::stop`].
    ///
    /// # Errors
    /// Where the outbox can't be used.
    pub fn work(&self) -> Result<(), OutboxError> {
        std::thread::scope(|scope| {
            let express = self.express.as_ref();
            let express = express.map(|express| scope.spawn(|| express.run(self)));
            let ended = watch(
                self.outbox,
                self.remotes,
                self.settings,
                self.tips,
                &self.stop,
                self,
            );
            // Nobody waits for what nobody carries out.
            self.stop();
            let express = express.map_or(Ok(()), |express| {
                express
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            });
            ended.and(express)
        })
    }

    /// Who carries deliveries out as they are put into the outbox.
    pub fn express(&self) -> Option<&Express<'a>> {
        self.express.as_ref()
    }

    /// Lets it end between two calls.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(express) = &self.express {
            express.close();
        }
    }

    fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.news().blocked.is_some()
    }

    /// Waits while too much waits, as long as it becomes less.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn make_room(&self, store: &mut Store) -> Result<(), OutboxError> {
        if let Some(express) = &self.express
            && !self.news().is_stalled
            && !express.wait_for_room(MOST_WAITING, Instant::now() + STALLED)
        {
            self.news().is_stalled = true;
            return Ok(());
        }
        let mut fewest = usize::MAX;
        let mut since = Instant::now();
        loop {
            let due = store.waiting_for_port()?.due;
            if due <= MOST_WAITING {
                self.news().is_stalled = false;
                return Ok(());
            }
            if due < fewest {
                fewest = due;
                since = Instant::now();
            }
            let stalled = since.elapsed() > STALLED;
            if self.is_over() || stalled || self.news().is_stalled {
                self.news().is_stalled |= stalled;
                return Ok(());
            }
            std::thread::sleep(LOOK);
        }
    }

    /// Waits until nothing waits for Port any more, until nothing can be done, or until the
    /// deadline.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn drain(&self, store: &mut Store, deadline: Instant) -> Result<(), OutboxError> {
        if let Some(express) = &self.express {
            express.wait_for_room(0, deadline);
        }
        loop {
            let waiting = store.waiting_for_port()?.all;
            if waiting == 0 || self.is_over() || Instant::now() >= deadline {
                return Ok(());
            }
            std::thread::sleep(LOOK * 4);
        }
    }

    /// What has happened so far.
    pub fn news(&self) -> MutexGuard<'_, News> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds what was delivered, and what was not, to what the sweep came to.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn conclude(
        &self,
        store: &mut Store,
        projects: &Projects,
        summary: &mut Summary,
    ) -> Result<(), OutboxError> {
        let news = self.news();
        summary.delivered = news.delivered;
        summary.upserted = news.upserted;
        summary.deleted = news.deleted;
        if let Some(problem) = &news.blocked {
            summary.not_delivered(Undelivered {
                repository: None,
                message: format!("Port takes nothing from us: {}", problem.message),
                help: problem.help.clone(),
            });
        }
        let ours = |repository: &RepositoryName| projects.covers(repository.project());
        let left = store.left_for_port(TOLD)?;
        let is_all = left.len() < TOLD as usize;
        let mut told = 0;
        for (repository, state, problem) in left {
            if !ours(&repository) {
                continue;
            }
            told += 1;
            let (message, help) = match (state, problem) {
                (_, None) => ("it waits for its first try".to_owned(), None),
                (State::Refused, Some(problem)) => (problem.message, problem.help),
                (State::Waiting, Some(problem)) => {
                    (format!("not yet: {}", problem.message), problem.help)
                }
                (State::Held, Some(problem)) => {
                    (format!("held: {}", problem.message), problem.help)
                }
            };
            summary.not_delivered(Undelivered {
                repository: Some(repository),
                message,
                help,
            });
        }
        if !is_all {
            let counts = store.left_for_port_of_each()?.into_iter();
            let all: usize = counts
                .filter(|(repository, _)| ours(repository))
                .map(|(_, count)| count)
                .sum();
            summary.undelivered_more += all.saturating_sub(told);
        }
        Ok(())
    }
}

impl Observer for Delivering<'_> {
    fn observe(&self, event: Event) {
        let mut news = self.news();
        match event {
            Event::Finished(receipt) => {
                // Those that another one carried count with that one.
                if let Ending::Catalog {
                    upserted, deleted, ..
                } = receipt.ending
                {
                    news.delivered += 1;
                    news.upserted += upserted;
                    news.deleted += deleted;
                }
            }
            Event::Blocked {
                system: System::Port,
                problem,
            } => news.blocked = Some(problem),
            Event::Warning(text) => news.warnings.push(text),
            // The store tells of them at the end. What waits for other systems is not ours.
            Event::Postponed { .. }
            | Event::Refused { .. }
            | Event::Held { .. }
            | Event::Blocked { .. }
            | Event::NotConfigured(_) => {}
        }
    }
}
