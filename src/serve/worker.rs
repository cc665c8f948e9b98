//! The way of one push through its stages. Every step is written down when it is done, and may be done
//! twice without harm.

use std::time::Duration;

use jiff::Timestamp;

use super::desk::Desk;
use super::event::Event;
use super::metrics::Ending;
use super::push::{Push, Stage};
use super::site::Site;
use crate::delivery::BackOff;
use crate::http::{Outcome, Problem};
use crate::outbox;

/// Tries of something that Bitbucket refuses: a commit may be announced before a mirror has it.
const REFUSED_TRIES: u32 = 4;

/// Tries that never ended. A machine may be switched off a few times; a push that ends the process
/// must not do so for ever.
const UNENDED_TRIES: u32 = 10;

/// Tries to tell Bitbucket what was found: half an hour with the usual waits.
const TELLING_TRIES: u32 = 12;

/// Takes pushes until the inbox is closed.
pub(super) fn work(site: &Site, desk: &Desk<'_>) {
    while let Some(push) = site.inbox.take() {
        let (push, came_of_it) = advance(site, desk, push);
        if let Err(error) = site.inbox.give_back(&push) {
            site.say(Event::NotNoted {
                push: push.id,
                reason: error.to_string(),
            });
        }
        site.say(came_of_it);
    }
}

/// Brings a push as far as it gets now; answers with what is to be told once that is written down.
fn advance(site: &Site, desk: &Desk<'_>, mut push: Push) -> (Push, Event) {
    if push.attempts > UNENDED_TRIES && push.problem.is_none() {
        let problem = Problem::refused(
            "pushgate ended each time that it checked this push",
            Some("please report it with the output of `pushgate --version`".to_owned()),
        );
        return set_aside(site, desk, push, problem);
    }
    // What was judged is only told again.
    if push.judged.is_empty() {
        desk.begin(&push);
    }
    if push.stage == Stage::Announced {
        match desk.queue(&push) {
            Ok(remarks) => {
                push.remarks = remarks;
                push.stage = Stage::Queued;
                push.attempts = 1;
                push.problem = None;
                note(site, &push);
            }
            Err(problem) => return later(site, desk, push, problem),
        }
    }
    let examined = match desk.examine(&push) {
        Ok(examined) => examined,
        Err(problem) => return later(site, desk, push, problem),
    };
    // It is counted once, also where telling takes several tries.
    let is_first = push.judged.is_empty();
    push.judged = examined.judged();
    if is_first {
        note(site, &push);
        site.metrics.check(Ending::Done);
        site.metrics.checked(&push);
    }
    match desk.tell(&push, &examined) {
        Ok(()) => {
            site.metrics.report(Ending::Done);
            push.stage = Stage::Told;
            push.problem = None;
            let told = Event::PushTold(Box::new(push.clone()));
            (push, told)
        }
        Err(problem) => untold(site, push, problem),
    }
}

fn note(site: &Site, push: &Push) {
    if let Err(error) = site.inbox.note(push) {
        site.say(Event::NotNoted {
            push: push.id.clone(),
            reason: error.to_string(),
        });
    }
}

/// What is done with a push that can't be checked now.
fn later(site: &Site, desk: &Desk<'_>, push: Push, problem: Problem) -> (Push, Event) {
    let is_hopeless = problem.outcome == Outcome::Refused && push.attempts >= REFUSED_TRIES;
    if is_hopeless {
        return set_aside(site, desk, push, problem);
    }
    site.metrics.check(Ending::Postponed);
    postponed(push, problem)
}

/// What is done with a push whose verdict Bitbucket does not take.
fn untold(site: &Site, mut push: Push, problem: Problem) -> (Push, Event) {
    let tries = match problem.outcome {
        Outcome::Refused => REFUSED_TRIES,
        _ => TELLING_TRIES,
    };
    if push.attempts < tries {
        site.metrics.report(Ending::Postponed);
        return postponed(push, problem);
    }
    site.metrics.report(Ending::GivenUp);
    push.stage = Stage::Untold;
    push.problem = Some(in_words(&problem));
    let aside = Event::PushSetAside {
        push: Box::new(push.clone()),
        problem,
    };
    (push, aside)
}

fn postponed(mut push: Push, problem: Problem) -> (Push, Event) {
    let asked = match problem.outcome {
        Outcome::Retry { after } => after,
        _ => None,
    };
    let wait = BackOff::default().after(push.attempts, asked);
    push.next_try = in_future(wait);
    push.problem = Some(in_words(&problem));
    let postponed = Event::PushPostponed {
        push: Box::new(push.clone()),
        problem,
        wait,
    };
    (push, postponed)
}

fn set_aside(site: &Site, desk: &Desk<'_>, mut push: Push, problem: Problem) -> (Push, Event) {
    desk.give_up(&push);
    site.metrics.check(Ending::GivenUp);
    push.stage = Stage::SetAside;
    push.problem = Some(in_words(&problem));
    let aside = Event::PushSetAside {
        push: Box::new(push.clone()),
        problem,
    };
    (push, aside)
}

fn in_future(wait: Duration) -> Timestamp {
    Timestamp::now().checked_add(wait).unwrap_or(Timestamp::MAX)
}

fn in_words(problem: &Problem) -> outbox::Problem {
    outbox::Problem {
        at: Timestamp::now(),
        message: problem.message.clone(),
        help: problem.help.clone(),
    }
}
