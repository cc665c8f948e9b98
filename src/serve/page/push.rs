//! One push: its verdict and what was found, branch by branch.

use jiff::Timestamp;
use maud::{Markup, html};

use super::layout::Viewer;
use super::overview::problem;
use super::words::{ago, until};
use super::{prose, shown};
use crate::finding::Severity;
use crate::gate::Verdict;
use crate::kept_finding::KeptFinding;
use crate::report::counted;
use crate::serve::push::{Judged, Push, Stage};

/// Branches that are named in one line.
const NAMED: usize = 3;

/// The page of a push.
pub(in crate::serve) fn push(viewer: &Viewer, push: &Push) -> Markup {
    let now = Timestamp::now();
    let repository = shown(push.repository.as_str());
    viewer.page(
        &format!("Push to {repository}"),
        &html! {
            h1 { "Push to " (repository) }
            div.line { (verdict(push)) span { (branches(push)) } }
            p.faint {
                (ago(push.received, now))
                @if let Some(pusher) = &push.pusher { " by " (shown(pusher)) }
                " · " (stage(push))
                @if push.stage.is_open() && push.problem.is_some() {
                    ", next try " (until(push.next_try, now))
                }
            }
            (problem(push.problem.as_ref()))
            @if push.stage.may_be_retried() {
                div.actions {
                    (viewer.button(&format!("/pushes/{}/retry", push.id), "Retry now",
                        &format!("Retry the push of {repository} now")))
                }
            }
            @for remark in &push.remarks { p.remark { (prose(remark)) } }
            @for judged in &push.judged { (branch(judged)) }
        },
    )
}

fn branch(judged: &Judged) -> Markup {
    let shown_of = judged.findings.len();
    html! {
        section {
            h2 { code { (shown(&judged.branch)) } " at " code { (judged.commit.short()) } }
            p {
                (badge(judged.verdict)) " "
                (counted(judged.documents, "document")) " checked"
                @if judged.counts().all() > 0 { ", " (judged.counts().words()) }
            }
            @if !judged.findings.is_empty() {
                ul.list { @for found in &judged.findings { (finding(found)) } }
            }
            @if judged.counts().all() > shown_of && judged.verdict.is_some() {
                p.faint { (judged.counts().all() - shown_of) " more not shown; run "
                    code { "pushgate check" } " in your work tree to see all." }
            }
        }
    }
}

fn finding(found: &KeptFinding) -> Markup {
    let class = match found.severity {
        Severity::Error => "bad",
        Severity::Warning => "held",
    };
    html! {
        li {
            div.line {
                span.badge.(class) { (found.severity) }
                code { (shown(&found.path)) ":" (found.line) ":" (found.column) }
                code.faint { (shown(&found.rule)) }
            }
            p { (prose(&found.message)) }
            @if let Some(help) = &found.help { p.help { (prose(help)) } }
        }
    }
}

/// What the gate said, or how far the push is.
pub(super) fn verdict(push: &Push) -> Markup {
    match push.stage {
        Stage::SetAside => html! { span.badge.bad { "not checked" } },
        _ if push.judged.is_empty() => html! { span.badge.open { "to check" } },
        _ => badge(push.verdict()),
    }
}

fn badge(verdict: Option<Verdict>) -> Markup {
    let (class, word) = match verdict {
        Some(Verdict::Accepted) => ("good", "accepted"),
        Some(Verdict::Refused) => ("bad", "refused"),
        None => ("open", "off"),
    };
    html! { span.badge.(class) { (word) } }
}

fn stage(push: &Push) -> &'static str {
    match push.stage {
        Stage::Queued if !push.judged.is_empty() => "waits to be told to Bitbucket",
        Stage::Announced | Stage::Queued => "waits to be checked",
        Stage::Told => "told to Bitbucket",
        Stage::Untold => "Bitbucket was not told",
        Stage::SetAside => "waits for a person",
    }
}

/// The branches of a push, the first few by name.
pub(super) fn branches(push: &Push) -> Markup {
    let more = push.moved.len().saturating_sub(NAMED);
    html! {
        @for (number, moved) in push.moved.iter().take(NAMED).enumerate() {
            @if number > 0 { ", " }
            code { (shown(&moved.branch)) } " at " code { (moved.new.short()) }
        }
        @if more > 0 { " and " (more) " more" }
    }
}
