//! The first page: what waits and why, and the newest pushes.

use jiff::Timestamp;
use maud::{Markup, html};

use super::layout::{Notice, Viewer};
use super::push::{branches, verdict};
use super::words::{ago, until};
use super::{prose, shown};
use crate::outbox::{Outline, Overview, Problem, State};
use crate::report::counted;
use crate::serve::inbox::Waiting;
use crate::serve::push::{Push, Stage};

/// The outbox as far as it can be seen.
pub(in crate::serve) enum Outbox {
    /// It can.
    Seen(Overview),
    /// The store does not answer.
    OutOfReach(Notice),
}

/// The first page.
pub(in crate::serve) fn overview(
    viewer: &Viewer,
    outbox: &Outbox,
    waiting: Waiting,
    undone: &[Push],
    newest: &[Push],
) -> Markup {
    let now = Timestamp::now();
    viewer.page(
        "Status",
        &html! {
            h1 { "Status" }
            (figures(outbox, waiting))
            @if let Outbox::OutOfReach(notice) = outbox {
                div.notice role="alert" {
                    p { strong { "The outbox can't be seen." } " " (prose(&notice.text)) }
                    @if let Some(help) = &notice.help { p { (prose(help)) } }
                }
            }
            @if waiting.unreadable > 0 {
                div.notice role="alert" {
                    p { strong { (counted(waiting.unreadable, "file")) " of pushes can't be read." }
                        " They stay in the state folder; a newer pushgate may have written them." }
                }
            }
            section aria-labelledby="waiting" {
                h2 #waiting { "What waits" }
                (what_waits(viewer, outbox, undone, waiting.undone, now))
            }
            section aria-labelledby="pushes" {
                h2 #pushes { "Recent pushes" }
                @if newest.is_empty() {
                    p.empty { "No push has been checked yet." }
                } @else {
                    ul.list { @for push in newest { (recent(viewer, push, now)) } }
                }
            }
        },
    )
}

fn figures(outbox: &Outbox, waiting: Waiting) -> Markup {
    let of = |state| match outbox {
        Outbox::Seen(overview) => overview.count(state).to_string(),
        Outbox::OutOfReach(_) => "?".to_owned(),
    };
    let figures = [
        ("pushes to check", waiting.open.to_string(), ""),
        ("pushes set aside", waiting.set_aside.to_string(), "bad"),
        ("deliveries waiting", of(State::Waiting), ""),
        ("deliveries refused", of(State::Refused), "bad"),
        ("to approve", of(State::Held), "held"),
    ];
    html! {
        dl.figures {
            @for (what, count, class) in &figures {
                div class=(if matches!(count.as_str(), "0" | "?") { "" } else { *class }) {
                    dt { (what) }
                    dd { (count) }
                }
            }
        }
    }
}

fn what_waits(
    viewer: &Viewer,
    outbox: &Outbox,
    undone: &[Push],
    all_undone: usize,
    now: Timestamp,
) -> Markup {
    let (deliveries, total) = match outbox {
        Outbox::Seen(overview) => (overview.first.as_slice(), overview.total()),
        Outbox::OutOfReach(_) => (&[][..], 0),
    };
    let nothing = undone.is_empty() && total == 0 && matches!(outbox, Outbox::Seen(_));
    html! {
        @if nothing { p.empty { "Nothing waits." } }
        @if !undone.is_empty() || !deliveries.is_empty() {
            ul.list {
                @for push in undone { (undone_push(viewer, push, now)) }
                @for delivery in deliveries { (delivery_item(viewer, delivery, now)) }
            }
        }
        @if all_undone > undone.len() {
            p.faint { "There are " (all_undone - undone.len()) " more: the oldest are shown." }
        }
        @if total > deliveries.len() {
            p.faint { (total - deliveries.len()) " more deliveries are not shown; "
                code { "pushgate outbox list" } " lists them all." }
        }
    }
}

fn delivery_item(viewer: &Viewer, delivery: &Outline, now: Timestamp) -> Markup {
    let (word, class) = match delivery.state {
        State::Waiting => ("waiting", "open"),
        State::Refused => ("refused", "bad"),
        State::Held => ("to approve", "held"),
    };
    let id = delivery.id.as_str();
    let repository = shown(delivery.repository.as_str());
    html! {
        li {
            div.line {
                span.badge.(class) { (word) }
                strong { (repository) }
                span { (shown(&delivery.job)) }
            }
            p.faint {
                (ago(delivery.created, now))
                @if delivery.attempts > 0 {
                    ", tried " (counted(delivery.attempts as usize, "time"))
                }
                @if delivery.state == State::Waiting && delivery.attempts > 0 {
                    ", next try " (until(delivery.next_try, now))
                }
            }
            (problem(delivery.problem.as_ref()))
            @if viewer.form_key.is_some() {
                div.actions {
                    @if delivery.state == State::Held {
                        (viewer.button(&format!("/deliveries/{id}/approve"), "Approve",
                            &format!("Approve the deletions of {repository}")))
                    } @else {
                        (viewer.button(&format!("/deliveries/{id}/retry"), "Retry now",
                            &format!("Retry the delivery of {repository} now")))
                    }
                }
            }
        }
    }
}

fn undone_push(viewer: &Viewer, push: &Push, now: Timestamp) -> Markup {
    let (word, class, what) = match push.stage {
        Stage::Queued if !push.judged.is_empty() => {
            ("to tell", "open", "verdict to be told to Bitbucket")
        }
        Stage::Announced | Stage::Queued | Stage::Told => {
            ("to check", "open", "push to be checked")
        }
        Stage::Untold => ("untold", "bad", "Bitbucket was not told of the verdict"),
        Stage::SetAside => ("set aside", "bad", "push that could not be checked"),
    };
    let repository = shown(push.repository.as_str());
    html! {
        li {
            div.line {
                span.badge.(class) { (word) }
                strong { a href={ (viewer.base) "/pushes/" (push.id) } { (repository) } }
                span { (what) }
            }
            p.faint {
                (branches(push)) ", " (ago(push.received, now))
                @if push.stage.is_open() && push.attempts > 0 {
                    ", tried " (counted(push.attempts as usize, "time"))
                    @if push.problem.is_some() { ", next try " (until(push.next_try, now)) }
                }
            }
            (problem(push.problem.as_ref()))
            @if viewer.form_key.is_some() && (push.problem.is_some() || !push.stage.is_open()) {
                div.actions {
                    (viewer.button(&format!("/pushes/{}/retry", push.id), "Retry now",
                        &format!("Retry the push of {repository} now")))
                }
            }
        }
    }
}

fn recent(viewer: &Viewer, push: &Push, now: Timestamp) -> Markup {
    let counts = push
        .judged
        .iter()
        .fold(crate::report::Counts::default(), |sum, judged| {
            sum.plus(judged.counts())
        });
    html! {
        li {
            div.line {
                (verdict(push))
                strong { a href={ (viewer.base) "/pushes/" (push.id) } { (shown(push.repository.as_str())) } }
                span { (branches(push)) }
            }
            p.faint {
                (ago(push.received, now))
                @if let Some(pusher) = &push.pusher { " by " (shown(pusher)) }
                @if counts.all() > 0 { " · " (counts.words()) }
                @if push.stage == Stage::Untold { " · Bitbucket was not told" }
            }
        }
    }
}

/// What was in the way, and what to do about it.
pub(super) fn problem(problem: Option<&Problem>) -> Markup {
    html! {
        @if let Some(problem) = problem {
            div.problem {
                p { (prose(&problem.message)) }
                @if let Some(help) = &problem.help { p.help { (prose(help)) } }
            }
        }
    }
}
