//! What Algorithmia says is wrong: what it means for a retry, in words.

use crate::http::{Answer, Outcome, Problem};
use crate::visible::one_line;

use super::call::Purpose;
use super::client::Settings;
use super::envelope::Said;
use super::words;

/// How much of a server's text is shown.
const LONGEST_TEXT: usize = 300;

/// What a failed call says; `hide` takes secrets out of the server's text.
pub(super) fn of_answer(
    answer: &Answer,
    purpose: Purpose,
    settings: &Settings,
    hide: impl Fn(&str) -> String,
) -> Problem {
    // A gateway's error page says nothing that its status does not.
    let said = match is_web_page(answer) {
        true => Said::default(),
        false => Said::of(answer.body()),
    };
    let (mut message, help) = words::of(purpose, answer.status(), said.code, settings);
    let code = said.code.map(|code| format!("code {code}"));
    let details: Vec<String> = [
        said.message.filter(|text| !text.trim().is_empty()),
        code,
        said.id.map(|id| format!("id {id}")),
    ]
    .into_iter()
    .flatten()
    .map(|text| one_line(&hide(&text), LONGEST_TEXT))
    .collect();
    message.push_str(&match details.is_empty() {
        true => format!(" (status {})", answer.status()),
        false => format!(" (Algorithmia says: {})", details.join(", ")),
    });
    Problem {
        outcome: outcome(answer, said.code),
        code: said.code.map(|code| code.to_string()),
        message,
        help,
        trace_id: None,
        unreachable: false,
    }
}

/// Codes for a thing that is not there: an algorithm, a build, a build's log (vendor's API documents).
const NOT_THERE: [u64; 5] = [1000, 1001, 1009, 1010, 1011];

/// Whether what was asked for is not there. A 404 whose code names another thing is none.
pub(super) fn is_missing(answer: &Answer) -> bool {
    answer.status() == 404
        && !is_web_page(answer)
        && Said::of(answer.body())
            .code
            .is_none_or(|code| NOT_THERE.contains(&code))
}

/// Whether the body is HTML, which no cluster sends.
pub(super) fn is_web_page(answer: &Answer) -> bool {
    answer
        .header("content-type")
        .is_some_and(|kind| kind.starts_with("text/html"))
}

/// A success by its status that no cluster gives.
pub(super) fn not_understood() -> Problem {
    foreign("the answer is a web page")
}

/// A success that lacks what every cluster answers; `what` says what that is.
pub(super) fn incomplete(what: &str) -> Problem {
    foreign(&format!("the answer holds no {what}"))
}

fn foreign(message: &str) -> Problem {
    let help = "check the address: something else than Algorithmia's API seems to answer there";
    Problem {
        outcome: Outcome::Retry { after: None },
        ..Problem::refused(message, Some(help.to_owned()))
    }
}

/// A build that ran and failed.
pub(super) fn of_failed_build(output: &str) -> Problem {
    let message = if output.is_empty() {
        "the build failed; Algorithmia shows no output of it".to_owned()
    } else {
        format!("the build failed: {output}")
    };
    let help = "mend what the output names and push again";
    Problem::refused(message, Some(help.to_owned()))
}

/// The status decides; a code can say that a failure passes, or that it never will.
fn outcome(answer: &Answer, code: Option<u64>) -> Outcome {
    let by_status = answer.outcome();
    match code {
        Some(4083 | 4084 | 5001) if by_status == Outcome::Refused => Outcome::Retry { after: None },
        Some(2002) => Outcome::Blocked,
        Some(1000..=4082 | 5002..=6001) if matches!(by_status, Outcome::Retry { .. }) => {
            match answer.status() {
                429 => by_status,
                _ => Outcome::Refused,
            }
        }
        _ => by_status,
    }
}
