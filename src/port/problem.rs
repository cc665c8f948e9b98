//! What goes wrong at Port, in words, with what to do about it.

use std::fmt;

use serde_json::Value;

use crate::http::{Answer, Outcome, Problem, of_status};
use crate::visible::one_line;

/// How much of a server's text is shown.
const LONGEST_TEXT: usize = 300;

/// Problems that are spelled out before the rest is counted.
const SPELLED_OUT: usize = 5;

/// What was made true, and what was not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Entities created or changed.
    pub upserted: usize,
    /// Entities deleted, or gone already.
    pub deleted: usize,
    /// What is wrong with single entities.
    pub problems: Vec<EntityProblem>,
    /// What ended the work before its time.
    pub stopped: Option<Problem>,
}

/// One entity that Port did not take.
#[derive(Clone, Debug, PartialEq)]
pub struct EntityProblem {
    /// `blueprint/identifier`.
    pub entity: String,
    /// The file that declares it; none for a deletion.
    pub file: Option<String>,
    /// What is wrong.
    pub problem: Problem,
}

impl Report {
    /// What it means for the delivery: as long as anything may still come right, it is tried again.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let stopped = self.stopped.iter();
        let entities = self.problems.iter().map(|entity| &entity.problem);
        stopped
            .chain(entities)
            .map(|problem| problem.outcome)
            .max_by_key(|outcome| match outcome {
                Outcome::Done => 0,
                Outcome::Refused => 1,
                Outcome::Retry { after } => 2 + u8::from(after.is_some()),
                Outcome::Blocked => 4,
            })
            .unwrap_or(Outcome::Done)
    }

    /// Everything that is wrong, for people; none where nothing is.
    #[must_use]
    pub fn summary(&self) -> Option<Problem> {
        let outcome = self.outcome();
        let first = match (&self.stopped, self.problems.first()) {
            (Some(stopped), _) => stopped,
            (None, Some(first)) => &first.problem,
            (None, None) => return None,
        };
        let mut messages: Vec<String> = self
            .stopped
            .iter()
            .map(|stopped| stopped.message.clone())
            .collect();
        messages.extend(
            self.problems
                .iter()
                .take(SPELLED_OUT)
                .map(ToString::to_string),
        );
        if self.problems.len() > SPELLED_OUT {
            messages.push(format!("and {} more", self.problems.len() - SPELLED_OUT));
        }
        Some(Problem {
            outcome,
            code: first.code.clone(),
            message: messages.join("; "),
            help: first.help.clone(),
            trace_id: first.trace_id.clone(),
            unreachable: first.unreachable,
        })
    }
}

impl fmt::Display for EntityProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", one_line(&self.entity, LONGEST_TEXT))?;
        if let Some(file) = &self.file {
            write!(f, " of {}", one_line(file, LONGEST_TEXT))?;
        }
        write!(f, ": {}", self.problem.message)
    }
}

pub(super) fn unwritable() -> Problem {
    Problem::refused("it can't be written as JSON", None)
}

/// An answer that is a success by its status, but not one that Port gives.
pub(super) fn not_understood(
    answer: &Answer,
    what: &str,
    hide: &dyn Fn(&str) -> String,
) -> Problem {
    Problem {
        outcome: Outcome::Retry { after: None },
        code: None,
        message: format!(
            "the answer holds {what} (status {}){}",
            answer.status(),
            trace(answer, hide)
        ),
        help: Some(
            "check the address: something else than Port's API seems to answer there".to_owned(),
        ),
        trace_id: trace_id(answer, hide),
        unreachable: false,
    }
}

/// What a failed call says.
pub(super) fn of_answer(answer: &Answer, hide: &dyn Fn(&str) -> String) -> Problem {
    let body: Value = answer.json().unwrap_or_default();
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    let message = match text("message") {
        Some(message) => Some(message.to_owned()),
        None if body.is_object() => None,
        None => Some(String::from_utf8_lossy(answer.body()).into_owned()),
    };
    let details = body.get("details").filter(|details| !details.is_null());
    let mut problem = of_error(
        answer.status(),
        text("error"),
        message.as_deref(),
        details,
        hide,
    );
    problem.outcome = answer.outcome();
    if is_shut_out(answer.status(), message.as_deref().unwrap_or_default()) {
        problem.outcome = Outcome::Blocked;
    }
    problem.message.push_str(&trace(answer, hide));
    problem.trace_id = trace_id(answer, hide);
    problem
}

/// What one entry of a bulk answer, or a whole answer, says.
pub(super) fn of_error(
    status: u16,
    code: Option<&str>,
    message: Option<&str>,
    details: Option<&Value>,
    hide: &dyn Fn(&str) -> String,
) -> Problem {
    // Hidden before the text is cut, or half a secret would be left.
    let shown = |text: &str| one_line(&hide(text), LONGEST_TEXT);
    let (words, help) = words(status, code, message.unwrap_or_default());
    let mut text = words;
    let said: Vec<String> = [
        code.map(shown),
        message
            .filter(|message| !message.trim().is_empty())
            .map(shown),
        details.map(|details| shown(&details.to_string())),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !said.is_empty() {
        text.push_str(&format!(" (Port says: {})", said.join(", ")));
    }
    // What stands among the errors was not done, whatever its status says.
    let outcome = match of_status(status, None) {
        Outcome::Done => Outcome::Retry { after: None },
        outcome => outcome,
    };
    Problem {
        outcome,
        code: code.map(shown),
        message: text,
        help,
        trace_id: None,
        unreachable: false,
    }
}

/// What a refused token call says: no delivery can pass until a person mends it.
pub(super) fn of_credentials(answer: &Answer, hide: &dyn Fn(&str) -> String) -> Problem {
    let mut problem = of_answer(answer, hide);
    if answer.status() != 403 {
        problem.message = format!(
            "Port does not accept the credentials (status {}){}",
            answer.status(),
            trace(answer, hide)
        );
        problem.help = Some(
            "check PORT_CLIENT_ID and PORT_CLIENT_SECRET, and that PORT_API_URL is of the \
             organisation's region"
                .to_owned(),
        );
    }
    problem.outcome = Outcome::Blocked;
    problem
}

/// Whether another entity of the same delivery may be what is missing or in the way.
pub(super) fn may_depend_on_others(problem: &Problem) -> bool {
    matches!(
        problem.code.as_deref(),
        Some("not_found" | "has_dependents" | "required_relation")
    )
}

/// The organisation's IP allow-list: no call will pass, whatever it asks for.
fn is_shut_out(status: u16, message: &str) -> bool {
    status == 403 && message.contains("IP not whitelisted")
}

/// Status and code in words, and what to do.
fn words(status: u16, code: Option<&str>, message: &str) -> (String, Option<String>) {
    let (words, help) = match (status, code) {
        (_, Some("blueprint_schema_mismatch")) => (
            "it does not fit its blueprint",
            "compare the entity with its blueprint: `pushgate blueprints pull`, then `pushgate \
             check`",
        ),
        (_, Some("team_inheritance_enabled" | "inherited_ownership_enabled")) => (
            "its blueprint inherits the team from another one",
            "remove `team` from the entity",
        ),
        (_, Some("relation_many_violation")) => (
            "a relation that points to one entity was given a list, or the other way round",
            "write one identifier where the blueprint's relation has `many: false`, and a list \
             where it has `many: true`",
        ),
        (403, Some("required_relation")) | (_, Some("has_dependents")) => (
            "other entities need it, so that it can't be deleted",
            "delete or change those entities in the same push, or set `port.delete_dependents: \
             true`",
        ),
        (_, Some("required_relation")) => (
            "a relation is missing that its blueprint requires",
            "add the relation to the entity",
        ),
        (_, Some("missing_permissions")) => (
            "the credentials may not do this",
            "give the service account the right to create, change and delete entities of this \
             blueprint in Port",
        ),
        (_, Some("protected_resource" | "protected_entity")) => (
            "it belongs to Port itself",
            "remove entities of blueprints that begin with `_` from the file",
        ),
        (_, Some("identifier_taken")) | (409, _) => {
            ("its identifier is taken", "choose another identifier")
        }
        (status, _) if is_shut_out(status, message) => (
            "Port does not accept calls from this machine's address",
            "add the address that Port names to the IP allow-list of the organisation",
        ),
        (403, None) => (
            "Port does not let these credentials do it",
            "give the service account of PORT_CLIENT_ID the right to it in Port",
        ),
        (404, _) if message.contains("lueprint") && !message.contains("Entity") => (
            "Port has no such blueprint",
            "create the blueprint in Port, or correct `blueprint` in the entity",
        ),
        (404, _) => (
            "something it points to is not in Port",
            "correct the relation or team, or create what it points to; related entities are created \
             by Port itself, unless `port.create_missing_related_entities` is false",
        ),
        (401, _) => (
            "Port does not accept the credentials",
            "check PORT_CLIENT_ID and PORT_CLIENT_SECRET, and that PORT_API_URL is of the \
             organisation's region",
        ),
        (413, _) => (
            "it is larger than the 1 MiB that Port takes at once",
            "shorten the entity: a `file://` value may have brought in a large file",
        ),
        (429, _) => {
            return (
                "Port asks for a pause, its rate limit is reached".to_owned(),
                None,
            );
        }
        (400 | 422, _) => (
            "its form is not what Port takes",
            "run `pushgate check` on the file that declares it",
        ),
        (500..=599, _) => {
            return (format!("Port itself failed (status {status})"), None);
        }
        _ => return (format!("Port refuses it (status {status})"), None),
    };
    (words.to_owned(), Some(help.to_owned()))
}

/// Port's support finds a call by this id.
fn trace_id(answer: &Answer, hide: &dyn Fn(&str) -> String) -> Option<String> {
    answer
        .header("x-trace-id")
        .map(|id| one_line(&hide(id), 80))
}

fn trace(answer: &Answer, hide: &dyn Fn(&str) -> String) -> String {
    trace_id(answer, hide)
        .map(|id| format!(", trace id {id}"))
        .unwrap_or_default()
}
