//! Looking at all items: several at once, each with a time limit, none before what it needs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use super::{Diagnosis, Item, State, Subject};
use crate::visible::visible_lines;

/// What looking may take up.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Items at once.
    pub at_once: usize,
    /// The time of one item.
    pub each: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            at_once: 8,
            each: Duration::from_secs(10),
        }
    }
}

/// An item and how it is. No secret and no control character is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examined {
    /// The item's name.
    pub id: &'static str,
    /// What it proves.
    pub title: &'static str,
    /// How it is.
    pub state: State,
    /// What was found; several findings are lines.
    pub message: String,
    /// What to do about it; always there, unless it is well.
    pub remedy: Option<String>,
}

/// Looks at all items and answers in their order. Who does not come back in time is left alone: a
/// server that hangs costs its item's time and no more.
#[must_use]
pub fn examine(items: &[Item], subject: &Arc<Subject>, limits: Limits) -> Vec<Examined> {
    let mut examination = Examination {
        items,
        found: BTreeMap::new(),
        running: BTreeMap::new(),
        pending: (0..items.len()).collect(),
    };
    let (sender, answers) = mpsc::channel();
    loop {
        while examination.start_one(subject, limits, &sender) {}
        let Some(next) = examination.running.values().min().copied() else {
            break;
        };
        match answers.recv_timeout(next.saturating_duration_since(Instant::now())) {
            // Who comes after its time has been told already.
            Ok((number, diagnosis)) => {
                if examination.running.remove(&number).is_some() {
                    examination.found.insert(number, diagnosis);
                }
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                examination.give_up_on_the_late(limits.each);
            }
        }
    }
    let found = examination.found;
    found
        .into_iter()
        .map(|(number, diagnosis)| shown(&items[number], diagnosis, subject))
        .collect()
}

struct Examination<'a> {
    items: &'a [Item],
    found: BTreeMap<usize, Diagnosis>,
    /// By number, with the end of its time.
    running: BTreeMap<usize, Instant>,
    pending: Vec<usize>,
}

/// Whether an item can be looked at.
enum Turn {
    Now,
    Later,
    Never(Diagnosis),
}

impl Examination<'_> {
    /// Starts or skips one item; whether there was one.
    fn start_one(
        &mut self,
        subject: &Arc<Subject>,
        limits: Limits,
        sender: &Sender<(usize, Diagnosis)>,
    ) -> bool {
        for place in 0..self.pending.len() {
            let number = self.pending[place];
            match self.turn(&self.items[number]) {
                Turn::Later => continue,
                Turn::Never(skipped) => {
                    self.found.insert(number, skipped);
                }
                Turn::Now if self.running.len() >= limits.at_once => continue,
                Turn::Now => self.start(number, subject, limits, sender),
            }
            self.pending.remove(place);
            return true;
        }
        false
    }

    fn turn(&self, item: &Item) -> Turn {
        for &needed in item.needs {
            let Some(number) = self.items.iter().position(|other| other.id == needed) else {
                continue;
            };
            let Some(found) = self.found.get(&number) else {
                return Turn::Later;
            };
            match found.state {
                State::Ok | State::Warning => {}
                State::Failed => {
                    return Turn::Never(Diagnosis::skipped(
                        format!("not looked at, since `{needed}` failed"),
                        format!("mend `{needed}` first"),
                    ));
                }
                // What is missing there is missing here.
                State::Skipped => {
                    return Turn::Never(Diagnosis::skipped(
                        found.message.clone(),
                        found.remedy.clone().unwrap_or_default(),
                    ));
                }
            }
        }
        Turn::Now
    }

    fn start(
        &mut self,
        number: usize,
        subject: &Arc<Subject>,
        limits: Limits,
        sender: &Sender<(usize, Diagnosis)>,
    ) {
        let look = self.items[number].look;
        let subject = Arc::clone(subject);
        let sender = sender.clone();
        let started = std::thread::Builder::new().spawn(move || {
            // Nobody listens any more where this one was too late.
            let _ = sender.send((number, look(&subject)));
        });
        match started {
            Ok(_) => {
                self.running.insert(number, Instant::now() + limits.each);
            }
            Err(error) => {
                let reason = crate::io_reason::io_reason(&error);
                self.found.insert(
                    number,
                    Diagnosis::failed(
                        format!("the machine gives no thread to look with: {reason}"),
                        "look at its memory and at the limits of this user",
                    ),
                );
            }
        }
    }

    fn give_up_on_the_late(&mut self, each: Duration) {
        let now = Instant::now();
        let late: Vec<usize> = self
            .running
            .iter()
            .filter(|(_, end)| **end <= now)
            .map(|(number, _)| *number)
            .collect();
        for number in late {
            self.running.remove(&number);
            let seconds = each.as_secs_f64();
            self.found.insert(
                number,
                Diagnosis::failed(
                    format!("no answer within {seconds} s"),
                    "see whether what it asks is up and reached without a detour; `--timeout` gives it more time",
                ),
            );
        }
    }
}

/// Text from outside made fit for terminals and logs.
fn shown(item: &Item, diagnosis: Diagnosis, subject: &Subject) -> Examined {
    let fit = |text: String| visible_lines(&subject.hide_secrets(&text));
    Examined {
        id: item.id,
        title: item.title,
        state: diagnosis.state,
        message: fit(diagnosis.message),
        remedy: diagnosis.remedy.map(fit),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    const fn item(id: &'static str, look: fn(&Subject) -> Diagnosis) -> Item {
        Item {
            id,
            title: "",
            needs: &[],
            look,
        }
    }

    fn states(items: &[Item], limits: Limits) -> Vec<(&'static str, State, String)> {
        examine(items, &Arc::new(Subject::default()), limits)
            .into_iter()
            .map(|one| (one.id, one.state, one.message))
            .collect()
    }

    #[test]
    fn who_hangs_costs_its_time_and_is_told() {
        let items = [
            item("hangs", |_| {
                loop {
                    std::thread::park();
                }
            }),
            item("hangs.too", |_| {
                loop {
                    std::thread::park();
                }
            }),
            item("well", |_| Diagnosis::ok("fine")),
        ];
        let limits = Limits {
            at_once: 1,
            each: Duration::from_millis(50),
        };
        let found = states(&items, limits);
        assert_eq!(found[0].1, State::Failed);
        assert_eq!(found[1].2, "no answer within 0.05 s");
        assert_eq!(found[2], ("well", State::Ok, "fine".to_owned()));
    }

    #[test]
    fn what_is_needed_comes_first_and_its_failure_is_told_once() {
        static ORDER: Mutex<Vec<&str>> = Mutex::new(Vec::new());
        let items = [
            Item {
                needs: &["first"],
                ..item("second", |_| {
                    ORDER.lock().unwrap().push("second");
                    Diagnosis::failed("broken", "mend it")
                })
            },
            item("first", |_| {
                ORDER.lock().unwrap().push("first");
                Diagnosis::warning("so so", "better")
            }),
            Item {
                needs: &["second"],
                ..item("third", |_| {
                    ORDER.lock().unwrap().push("third");
                    Diagnosis::ok("")
                })
            },
        ];
        let found = states(&items, Limits::default());
        assert_eq!(*ORDER.lock().unwrap(), ["first", "second"]);
        assert_eq!(found[2].1, State::Skipped);
        assert_eq!(found[2].2, "not looked at, since `second` failed");
    }

    #[test]
    fn no_more_than_allowed_look_at_once() {
        static NOW: Mutex<(usize, usize)> = Mutex::new((0, 0));
        fn busy(_: &Subject) -> Diagnosis {
            {
                let mut now = NOW.lock().unwrap();
                now.0 += 1;
                now.1 = now.1.max(now.0);
            }
            std::thread::yield_now();
            NOW.lock().unwrap().0 -= 1;
            Diagnosis::ok("")
        }
        let items = [item("a", busy); 40];
        let limits = Limits {
            at_once: 3,
            ..Limits::default()
        };
        assert_eq!(states(&items, limits).len(), 40);
        assert!(NOW.lock().unwrap().1 <= 3);
    }
}
