//! What `pushgate serve` tells: one line an event, for people or for programs.

use super::delivery_log::{Level, Line, LogFormat, complain};
use super::output;
use crate::gate::Verdict;
use crate::http::SHORTEST_SECRET;
use crate::report::Counts;
use crate::serve::push::Push;
use crate::serve::{Event, Reach};
use crate::visible::visible;

/// Tells of one event.
pub(super) fn say(log: LogFormat, event: Event) {
    match (log, event) {
        (_, Event::Delivery(event)) => log.say(event),
        (LogFormat::Json, event) => for_programs(&event),
        (LogFormat::Human, event) => for_people(&event),
    }
}

/// `refused; 2 errors: refs of PRJ/hello`, by what is known of the push.
fn told(push: &Push) -> String {
    let verdict = match push.verdict() {
        Some(Verdict::Accepted) => "accepted",
        Some(Verdict::Refused) => "refused",
        None => "not checked",
    };
    let counts = push
        .judged
        .iter()
        .fold(Counts::default(), |sum, judged| sum.plus(judged.counts()));
    match counts.all() {
        0 => verdict.to_owned(),
        _ => format!("{verdict}; {}", counts.words()),
    }
}

fn branches(push: &Push) -> String {
    let moved = push.moved.iter();
    let named: Vec<String> = moved
        .map(|moved| format!("{} at {}", visible(&moved.branch), moved.new.short()))
        .collect();
    named.join(", ")
}

/// What to give to Bitbucket.
fn receiving(url: &str, reach: Reach) -> String {
    let url = visible(url);
    match reach {
        Reach::Public => format!("webhooks go to {url}"),
        Reach::Own => format!(
            "webhooks go to {url}; behind a proxy, to that path of its address, which `serve: {{ public_url: … }}` names"
        ),
    }
}

const GUESSABLE: &str =
    "who sees one webhook can find out the secret that it is signed with, and sign others";

fn make_one() -> String {
    format!(
        "it has fewer than {SHORTEST_SECRET} characters: make one with `openssl rand -hex 32`, set it as WEBHOOK_SECRET or in the file of `serve: {{ secret_file: … }}`, and give it to Bitbucket with `pushgate bitbucket webhooks ensure --set-secret`"
    )
}

fn for_programs(event: &Event) {
    match event {
        Event::Listening { address } => Line::new(
            Level::Info,
            "listening",
            format!("listening on http://{address}"),
        )
        .write(),
        Event::Receiving { url, reach } => {
            Line::new(Level::Info, "receiving", receiving(url, *reach)).write();
        }
        Event::GuessableSecret => {
            Line::new(Level::Warning, "guessable_secret", GUESSABLE.to_owned())
                .with_help(&make_one())
                .write();
        }
        Event::WebhookRefused { status, reason } => Line::new(
            Level::Warning,
            "webhook_refused",
            format!("answered with {status}: {reason}"),
        )
        .write(),
        Event::PushTaken(push) => Line::new(Level::Info, "push_taken", branches(push))
            .about(&push.repository, &[])
            .write(),
        Event::PushTold(push) => Line::new(Level::Info, "push_checked", told(push))
            .about(&push.repository, &[])
            .write(),
        Event::PushPostponed { push, problem, .. } => {
            Line::of(Level::Warning, "push_postponed", problem)
                .about(&push.repository, &[])
                .write();
        }
        Event::PushSetAside { push, problem } => {
            Line::of(Level::Error, "push_set_aside", problem)
                .about(&push.repository, &[])
                .write();
        }
        Event::Acted { what } => Line::new(Level::Info, "acted", what.clone()).write(),
        Event::NotNoted { push, reason } => {
            Line::new(Level::Error, "push_not_noted", format!("{push}: {reason}")).write()
        }
        Event::Stopping => Line::new(Level::Info, "stopping", "stopping".to_owned()).write(),
        Event::Delivery(_) => {}
    }
}

/// What is wrong goes to standard error.
fn for_people(event: &Event) {
    match event {
        Event::Listening { address } => {
            output::out(&format!("listening on http://{address}\n"));
        }
        Event::Receiving { url, reach } => {
            output::out(&format!("{}\n", receiving(url, *reach)));
        }
        Event::GuessableSecret => {
            let mut text = output::notes();
            text.line(&format!("warning: {GUESSABLE}"));
            text.help(&make_one());
            output::err(&text.finish());
        }
        Event::WebhookRefused { status, reason } => {
            warn(&format!("a webhook was answered with {status}: {reason}"));
        }
        Event::PushTaken(push) => {
            output::out(&format!(
                "{}: announced: {}\n",
                push.repository,
                branches(push)
            ));
        }
        Event::PushTold(push) => {
            let line = format!("{}: {}: {}\n", push.repository, branches(push), told(push));
            output::out(&line);
        }
        Event::PushPostponed {
            push,
            problem,
            wait,
        } => complain(
            &format!(
                "{}: push {}: not yet, next try in {} s",
                push.repository,
                push.id,
                wait.as_secs().max(1)
            ),
            problem,
        ),
        Event::PushSetAside { push, problem } => complain(
            &format!("{}: push {}: set aside", push.repository, push.id),
            problem,
        ),
        Event::Acted { what } => output::out(&format!("{what}\n")),
        Event::NotNoted { push, reason } => {
            warn(&format!("push {push} can't be written down: {reason}"));
        }
        Event::Stopping => output::out("stopping\n"),
        Event::Delivery(_) => {}
    }
}

fn warn(what: &str) {
    let mut line = output::notes();
    line.line(&format!("warning: {what}"));
    output::err(&line.finish());
}
