//! The patterns by which `deploy` and `cleanup` choose branches, tags and messages.

use super::glob::{self, Fault};
use super::place;
use crate::check::explain::Subject;
use crate::check::findings::{Draft, Findings};
use crate::check::rules::yaml::quoted;
use crate::check::words::{code, is_copyable, whole};
use crate::document::{NodeId, NodeKind, Pointer, Span};
use crate::finding::{Fix, RuleId};

const GLOB: RuleId = RuleId::of("gimlet/glob");
const LIST: RuleId = RuleId::of("gimlet/type");
const NEVER: RuleId = RuleId::of("gimlet/deploy-never-fires");
const CLEANUP: RuleId = RuleId::of("gimlet/cleanup");

/// Looks at every pattern of a manifest. Of what it speaks, nobody else does.
pub(super) fn check(subject: &mut Subject<'_>, findings: &mut Findings<'_>) {
    for keys in [
        ["deploy", "branch"],
        ["deploy", "tag"],
        ["cleanup", "branch"],
    ] {
        let at = place::below(&keys);
        let Some((node, _)) = subject.document.resolve(&at) else {
            continue;
        };
        let is_told = match (&subject.document.node(node).kind, keys) {
            (NodeKind::Sequence(_), _) => list(subject, &at, node, findings),
            (_, ["deploy", "tag"]) => negated_tag(subject, &at, findings),
            (_, ["cleanup", _]) => negated_cleanup(subject, &at, findings),
            _ => false,
        };
        if is_told || broken(subject, &at, findings) {
            subject.hide(at);
        }
    }
    let messages = place::below(&["deploy", "commitMessagePatterns"]);
    let Some((node, _)) = subject.document.resolve(&messages) else {
        return;
    };
    for index in 0..subject.document.items(node).len() {
        broken(subject, &messages.join(index.to_string()), findings);
    }
}

/// `branch: [a, b]`: several are one glob in braces.
fn list(subject: &Subject<'_>, at: &Pointer, node: NodeId, findings: &mut Findings<'_>) -> bool {
    let document = subject.document;
    let items: Option<Vec<&str>> = document
        .items(node)
        .iter()
        .map(|item| document.string(item.node))
        .collect();
    let Some(items) = items.filter(|items| !items.is_empty()) else {
        return false;
    };
    let is_plain = |item: &&str| !item.is_empty() && !item.contains(['!', '{', '}', ',', '\\']);
    let glob = match items.as_slice() {
        [one] => (*one).to_owned(),
        many if many.iter().all(is_plain) => format!("{{{}}}", many.join(",")),
        _ => return false,
    };
    if !is_copyable(&glob) || glob::parse(&glob).is_err() {
        return false;
    }
    findings.add_with(&LIST, || {
        let line = subject.line(at, &quoted(&glob));
        let name = subject.name(at);
        let draft = place::draft(
            subject,
            &LIST,
            at,
            format!("{name} must be one pattern, but is a list"),
        );
        let draft = draft.help(format!("write {}", whole(&line)));
        match list_span(subject, at) {
            Some(span) => draft.fix(Fix::replace(span, format!(": {}", quoted(&glob)))),
            None => draft,
        }
    });
    true
}

/// The text from behind a key to the end of its list, where there is nothing else in between.
fn list_span(subject: &Subject<'_>, at: &Pointer) -> Option<Span> {
    let (node, place) = subject.find(at);
    let key = place.key.filter(|_| place.defined.is_none())?;
    let between = Span::new(key.end, node.span.start);
    let is_bare = |text: &str| {
        text.strip_prefix(':')
            .is_some_and(|gap| gap.trim().is_empty())
    };
    let has_comment = subject.source.slice(node.span).contains('#');
    (key.end <= node.span.start && is_bare(subject.source.slice(between)) && !has_comment)
        .then(|| Span::new(key.end, node.span.end))
}

/// `tag: '!v*'` names no tag at all.
fn negated_tag(subject: &Subject<'_>, at: &Pointer, findings: &mut Findings<'_>) -> bool {
    let Some(text) = place::text(subject, at) else {
        return false;
    };
    let Some(pattern) = text
        .strip_prefix('!')
        .filter(|text| text.contains(['*', '?', '[', '{']))
    else {
        return false;
    };
    findings.add_with(&NEVER, || {
        let line = subject.line(at, "release-*");
        place::draft(
            subject,
            &NEVER,
            at,
            format!("`!` does not negate the pattern {} in `tag`", code(pattern)),
        )
        .label("`!` negates one exact tag only")
        .help(format!(
            "in place of {} name the tags that are to be deployed, such as {}",
            code(text),
            whole(&line)
        ))
    });
    true
}

/// `cleanup.branch: '!main'` cleans up after every branch, `main` included.
fn negated_cleanup(subject: &Subject<'_>, at: &Pointer, findings: &mut Findings<'_>) -> bool {
    let negated = place::text(subject, at).and_then(|text| text.strip_prefix('!'));
    let Some(pattern) = negated else {
        return false;
    };
    findings.add_with(&CLEANUP, || {
        place::draft(
            subject,
            &CLEANUP,
            at,
            format!(
                "`cleanup` fires on every branch, {} too: `!` does not negate here",
                code(pattern)
            ),
        )
        .help("name the branches that have previews, such as `branch: feature/*`")
    });
    true
}

/// A glob that Gimlet can't read.
fn broken(subject: &Subject<'_>, at: &Pointer, findings: &mut Findings<'_>) -> bool {
    let Some(text) = place::text(subject, at).filter(|text| !text.contains("{{")) else {
        return false;
    };
    let negation = usize::from(text.starts_with('!'));
    let Err(broken) = glob::parse(&text[negation..]) else {
        return false;
    };
    findings.add_with(&GLOB, || {
        let piece = broken.at.start + negation..broken.at.end + negation;
        let span = place::of_piece(subject, at, text, piece.clone());
        say(subject, at, text, &text[piece], broken.fault, span)
    });
    true
}

fn say(
    subject: &Subject<'_>,
    at: &Pointer,
    text: &str,
    piece: &str,
    fault: Fault,
    span: Span,
) -> Draft {
    let name = subject.name(at);
    let (message, help) = match fault {
        Fault::OpenBracket => (
            format!("the pattern {} opens `[` and never closes it", code(text)),
            format!(
                "close it with `]`, or write {} if a bracket is meant",
                code(r"\[")
            ),
        ),
        Fault::OpenBrace => (
            format!("the pattern {} opens `{{` and never closes it", code(text)),
            "close it with `}`, such as `{main,master}`".to_owned(),
        ),
        Fault::EmptyBrackets => (
            format!(
                "{} in the pattern of {name} holds no character",
                code(piece)
            ),
            "write the characters that may stand there, such as `[0-9]`".to_owned(),
        ),
        Fault::SeveralRanges => (
            format!(
                "{} is more than one range, which Gimlet can't read",
                code(piece)
            ),
            match glob::as_choice(piece) {
                Some(choice) => format!("write {} in its place", whole(&choice)),
                None => "keep one range, such as `[!a-z]`".to_owned(),
            },
        ),
        Fault::Reversed => (
            format!("the range {} ends before it begins", code(piece)),
            format!("write {}", code(&piece.chars().rev().collect::<String>())),
        ),
        Fault::Backslash => (
            format!(
                "the pattern {} ends with a `\\` that escapes nothing",
                code(text)
            ),
            "remove it, or write `\\\\` if a backslash is meant".to_owned(),
        ),
    };
    subject.draft(&GLOB, at, span, message).help(help)
}
