//! The regular expressions of a release: `deploy.branch`, `deploy.ciJobFilter` and `trigger`.

use regex_syntax::ast::parse::Parser;
use regex_syntax::ast::{Error, ErrorKind};

use super::place;
use super::releases::text;
use crate::check::explain::Subject;
use crate::check::findings::{Draft, Findings};
use crate::check::words::{code, is_copyable, whole};
use crate::document::{NodeId, Pointer};
use crate::finding::RuleId;

const REGEX: RuleId = RuleId::of("gimlet/regex");
const FILTER: RuleId = RuleId::of("gimlet/ci-job-filter");

/// Longer patterns are nobody's own, and not looked at.
const LONGEST: usize = 4096;

/// Looks at the expressions of the release `node`, which is at `release`.
pub(super) fn check(
    subject: &Subject<'_>,
    release: &Pointer,
    node: NodeId,
    findings: &mut Findings<'_>,
) {
    let deploy = subject.document.get(node, "deploy");
    let in_deploy = |key| text(subject, deploy?.value.node, key);
    for (key, text) in [
        ("branch", in_deploy("branch")),
        ("ciJobFilter", in_deploy("ciJobFilter")),
        ("trigger", text(subject, node, "trigger")),
    ] {
        let Some(text) = text.filter(|text| text.len() <= LONGEST) else {
            continue;
        };
        let at = || match key {
            "trigger" => release.join(key),
            _ => release.join("deploy").join(key),
        };
        // Compiling it as well would cost far more, and find nothing that people write.
        if let Err(error) = Parser::new().parse(text) {
            findings.add_with(&REGEX, || broken(subject, &at(), text, &error));
        } else if key == "ciJobFilter" {
            needless_slash(subject, at, text, findings);
        }
    }
}

fn broken(subject: &Subject<'_>, at: &Pointer, text: &str, error: &Error) -> Draft {
    let start = error.span().start.offset;
    // What repeats nothing is marked itself, not the nothing before it.
    let end = match error.kind() {
        ErrorKind::RepetitionMissing => text[start..].chars().next(),
        _ => None,
    };
    let end = end.map_or(error.span().end.offset, |c| start + c.len_utf8());
    let span = place::of_piece(subject, at, text, start..end);
    let piece = text.get(start..end).unwrap_or_default();
    let (why, help) = words(error.kind(), piece, text);
    let message = format!("{} is no regular expression: {why}", code(text));
    let help = match help {
        Help::Write(better) if is_copyable(&better) => {
            let line = subject.line(at, &format!("'{}'", better.replace('\'', "''")));
            format!("write {}", whole(&line))
        }
        Help::Write(_) => "write `.*` for any text".to_owned(),
        Help::Say(help) => help.to_owned(),
    };
    subject.draft(&REGEX, at, span, message).help(help)
}

enum Help {
    /// The expression that was probably meant.
    Write(String),
    Say(&'static str),
}

fn words(kind: &ErrorKind, piece: &str, text: &str) -> (String, Help) {
    let say = |why: &str, help| (why.to_owned(), Help::Say(help));
    match kind {
        ErrorKind::RepetitionMissing => (
            format!(
                "{} repeats what stands before it, and nothing does",
                code(piece)
            ),
            // Whoever begins with `*` thought of a glob.
            match text.strip_prefix('*') {
                Some(rest) => Help::Write(format!(".*{rest}")),
                None => {
                    Help::Say("write `.*` for any text, or a `\\` in front for the sign itself")
                }
            },
        ),
        ErrorKind::ClassUnclosed => say(
            "`[` is never closed",
            "close it with `]`, or write `\\[` if a bracket is meant",
        ),
        ErrorKind::GroupUnclosed => say(
            "`(` is never closed",
            "close it with `)`, or write `\\(` if a parenthesis is meant",
        ),
        ErrorKind::GroupUnopened => say(
            "`)` closes nothing",
            "remove it, or write `\\)` if a parenthesis is meant",
        ),
        ErrorKind::ClassRangeInvalid => say(
            "a range ends before it begins",
            "write its smaller end first, such as `[a-z]`",
        ),
        ErrorKind::EscapeUnexpectedEof => say(
            "it ends with a `\\` that escapes nothing",
            "remove it, or write `\\\\` if a backslash is meant",
        ),
        ErrorKind::EscapeUnrecognized => (
            format!("{} means nothing", code(piece)),
            Help::Say("remove the `\\`"),
        ),
        ErrorKind::RepetitionCountUnclosed
        | ErrorKind::RepetitionCountInvalid
        | ErrorKind::RepetitionCountDecimalEmpty
        | ErrorKind::DecimalEmpty
        | ErrorKind::DecimalInvalid => say(
            "braces count how often something is repeated",
            "write a count such as `{2}`, `(a|b)` for one of several, or `\\{` for a brace",
        ),
        ErrorKind::UnsupportedLookAround => say(
            "looking ahead or behind is not possible here",
            "write what may stand there instead of what may not",
        ),
        ErrorKind::UnsupportedBackreference => say(
            "it can't refer back to a group",
            "write the group's text again",
        ),
        ErrorKind::NestLimitExceeded(_) => say(
            "its groups are nested too deep",
            "use fewer groups inside one another",
        ),
        _ => (
            format!("{} can't stand there", code(piece)),
            Help::Say("correct it, or write a `\\` in front if it is meant as it stands"),
        ),
    }
}

/// `.*/build` wants a slash before the job, where many a CI puts none.
fn needless_slash(
    subject: &Subject<'_>,
    at: impl Fn() -> Pointer,
    text: &str,
    findings: &mut Findings<'_>,
) {
    // A job's name, and none of the events that are a part of other names.
    let job = text.strip_prefix(".*/").filter(|job| {
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        !job.is_empty() && job.chars().all(is_name) && !["push", "tag", "pr"].contains(job)
    });
    let Some(job) = job else {
        return;
    };
    findings.add_with(&FILTER, || {
        let at = at();
        let line = subject.line(&at, &format!("'.*{job}'"));
        let message = format!(
            "{} wants a `/` in front of the job's name, where CircleCI has a blank: {}",
            code(text),
            code(&format!("ci/circleci: {job}"))
        );
        place::draft(subject, &FILTER, &at, message).help(format!(
            "write {}, which fits with and without",
            whole(&line)
        ))
    });
}
