//! What is wrong with a call, in words.

use crate::http::{Answer, Failure, Outcome, Problem, Secret};
use crate::visible::one_line;

use super::encoding::Encoding;
use super::name::TriggerName;
use super::preset::Preset;

/// How much of a server's text is shown.
const LONGEST_TEXT: usize = 300;

/// The secrets of a call in every form in which a server may quote them.
pub(super) struct Hidden(Vec<Secret>);

impl Hidden {
    pub(super) fn of<'a>(secrets: impl Iterator<Item = &'a Secret>) -> Self {
        let forms = [
            Encoding::Plain,
            Encoding::Percent,
            Encoding::Header,
            Encoding::Json,
            Encoding::Xml,
        ];
        let mut texts: Vec<String> = secrets
            .flat_map(|secret| forms.map(|form| form.encode(secret.expose())))
            .collect();
        // A longer form first: it may hold a shorter one.
        texts.sort_by(|one, two| two.len().cmp(&one.len()).then_with(|| one.cmp(two)));
        texts.dedup();
        Self(texts.into_iter().map(Secret::new).collect())
    }

    fn hide(&self, text: &str) -> String {
        self.0
            .iter()
            .fold(text.to_owned(), |text, secret| secret.hide_in(&text))
    }

    /// Hidden before the text is cut, or half a secret would be left.
    fn shown(&self, text: &str) -> String {
        one_line(&self.hide(text), LONGEST_TEXT)
    }
}

/// A call that brought no answer.
pub(super) fn of_failure(name: &TriggerName, failure: Failure, hidden: &Hidden) -> Problem {
    let failure = match failure {
        // Sign-in pages are given the address that was asked for, with all that stood in it.
        Failure::Redirected { host, to, moved } => Failure::Redirected {
            host,
            to: origin_of(&to),
            moved: moved.filter(|moved| moved.is_of_hosts_only()),
        },
        failure => failure,
    };
    let problem = Problem::of_failure(failure, |text| hidden.hide(text));
    Problem {
        message: hidden.hide(&format!("{name}: {}", problem.message)),
        help: problem.help.map(|help| hidden.hide(&help)),
        ..problem
    }
}

/// Scheme and host of an address, and that more follows; nothing of a path.
fn origin_of(address: &str) -> String {
    match address.split_once("://") {
        Some((scheme, rest)) => {
            let host = rest.split(['/', '?', '#', ' ']).next().unwrap_or_default();
            let host = host.rsplit('@').next().unwrap_or_default();
            format!("{scheme}://{host}/…")
        }
        None => "another path".to_owned(),
    }
}

/// An answer whose status is none of those that mean success.
pub(super) fn of_answer(name: &TriggerName, answer: &Answer, hidden: &Hidden) -> Problem {
    let status = answer.status();
    let (words, help) = words(status);
    let mut message = format!("{name} {words} (status {status}");
    let said = hidden.shown(&String::from_utf8_lossy(answer.body()));
    if !said.trim().is_empty() {
        message.push_str(&format!(", it says: {said}"));
    }
    message.push(')');
    Problem {
        outcome: outcome(answer),
        code: Some(status.to_string()),
        message,
        help: help.map(str::to_owned),
        trace_id: None,
        unreachable: false,
    }
}

/// All calls of a trigger have the same credentials: where one is forbidden, all are.
fn outcome(answer: &Answer) -> Outcome {
    match answer.outcome() {
        Outcome::Refused if answer.status() == 403 => Outcome::Blocked,
        // A success that the operator does not count as one.
        Outcome::Done => Outcome::Refused,
        outcome => outcome,
    }
}

fn words(status: u16) -> (&'static str, Option<&'static str>) {
    let credentials = "check the files that `secrets` of the trigger names, and that `headers` or \
                       `url` use them as the service wants them";
    match status {
        200..=299 => (
            "answers with a status that does not count as success",
            Some(
                "add the status to `success` of the trigger if it means that the commit was taken",
            ),
        ),
        401 => ("does not accept the credentials", Some(credentials)),
        403 => (
            "does not let these credentials start builds",
            Some(credentials),
        ),
        404 | 410 => (
            "has nothing at that address",
            Some(
                "correct the trigger's address in the configuration, then `pushgate outbox retry`",
            ),
        ),
        405 => (
            "does not take this method",
            Some("correct `method` of the trigger, then `pushgate outbox retry`"),
        ),
        407 => (
            "is not reached: the proxy wants credentials",
            Some("check `https_proxy`, or name the host in `no_proxy`"),
        ),
        408 | 425 => ("was not ready", None),
        429 => ("asks for a pause", None),
        500..=599 => ("itself failed", None),
        400 | 415 | 422 => (
            "does not take the request",
            Some("correct `body`, `form` or `url` of the trigger, then `pushgate outbox retry`"),
        ),
        _ => (
            "refuses the build",
            Some(
                "if the status means that the commit was taken, add it to `success` of the \
                 trigger; else `pushgate outbox retry` once it is mended there",
            ),
        ),
    }
}

/// A success by its status that the service does not give.
pub(super) fn of_web_page(name: &TriggerName, preset: Preset) -> Problem {
    Problem {
        outcome: Outcome::Retry { after: None },
        ..Problem::refused(
            format!("{name}: the answer is a web page"),
            Some(format!(
                "check the address: something else than {} seems to answer there",
                preset.name()
            )),
        )
    }
}

/// A success by its status that says in its text that there was nothing to start.
pub(super) fn of_nothing_started(
    name: &TriggerName,
    preset: Preset,
    answer: &Answer,
    hidden: &Hidden,
) -> Problem {
    let said = hidden.shown(&String::from_utf8_lossy(answer.body()));
    let said = if said.is_empty() {
        "nothing"
    } else {
        said.as_str()
    };
    Problem::refused(
        format!(
            "{name}: {} has started nothing, it says: {said}",
            preset.name()
        ),
        Some(
            "give a job there the very address of `clone_url`, and let it poll (without a \
             schedule); then `pushgate outbox retry`"
                .to_owned(),
        ),
    )
}

/// A branch is asked for, and nobody knows it.
pub(super) fn of_no_branch(name: &TriggerName) -> Problem {
    Problem::refused(
        format!("{name}: the call names the branch, and nobody said which it is"),
        Some("name it: `pushgate compile --branch BRANCH …`".to_owned()),
    )
}

/// A value that would lead out of its place in the address.
pub(super) fn of_dots(name: &TriggerName) -> Problem {
    Problem::refused(
        format!("{name}: a part of the address would be `.` or `..`, which leads elsewhere"),
        Some("put the value into the query, the body or a header".to_owned()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_hidden_in_every_form() {
        let secret = Secret::new("a b\"<c>/ü");
        let hidden = Hidden::of(std::iter::once(&secret));
        for form in [
            "a b\"<c>/ü",
            "a%20b%22%3Cc%3E%2F%C3%BC",
            "a%20b%22%3Cc%3E/%C3%BC",
            "a b\\\"<c>/ü",
            "a b&quot;&lt;c&gt;/ü",
        ] {
            assert_eq!(hidden.hide(&format!("x {form} y")), "x [hidden] y");
        }
        let long = format!("{}{}", "x".repeat(LONGEST_TEXT - 3), secret.expose());
        assert!(!hidden.shown(&long).contains("a b"));
    }

    #[test]
    fn of_a_redirect_only_the_host_is_shown() {
        assert_eq!(
            origin_of("https://u:p@login.acme.org/x?from=secret"),
            "https://login.acme.org/…"
        );
        assert_eq!(origin_of("/login?token=secret"), "another path");
    }
}
