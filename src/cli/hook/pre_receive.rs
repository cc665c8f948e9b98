//! `pushgate hook pre-receive`: refuses a push whose documents are wrong.

use std::fmt::Write;
use std::mem::ManuallyDrop;
use std::time::Instant;

use super::bypass::{self, Bypass};
use super::deadline::Deadline;
use super::room::{self, Room};
use super::{HookInput, record, repository_name};
use crate::blueprint::BlueprintsError;
use crate::check::Checker;
use crate::cli::{CommandError, ExitStatus, Invocation, output};
use crate::config::{DeliverToPort, Enforcement, Place, Unwritable};
use crate::environment::{BB_HOOK_TRIGGER_ID, BB_PROJECT_KEY, BB_REPO_SLUG};
use crate::gate::{Judge, Judgement, ToPort, Verdict};
use crate::git::{self, HookEnvironment, RefName, Repository};
use crate::pushed::StoredOwners;
use crate::report::{Counts, Remote, Reported, counted};
use crate::verdicts::Hook;

/// Judges the push on standard input.
pub(in crate::cli) fn run(invocation: &Invocation) -> Result<ExitStatus, CommandError> {
    let started = Instant::now();
    let updates = match HookInput::read(&invocation.environment)? {
        // Bitbucket asks with nothing on standard input whenever a pull request is looked at.
        HookInput::Nothing => {
            let bitbucket = [BB_HOOK_TRIGGER_ID, BB_PROJECT_KEY, BB_REPO_SLUG];
            let is_asked_by = |name| invocation.environment.get(name).is_some();
            if git::objects_are_pushed() && !bitbucket.into_iter().any(is_asked_by) {
                output::err(&unheard());
            }
            return Ok(ExitStatus::Fine);
        }
        HookInput::NothingToDo => return Ok(ExitStatus::Fine),
        HookInput::Updates(updates) => updates,
    };
    let config = invocation.load_config(Place::Server)?;
    let deadline = Deadline::start(started, config.gate.deadline, config.gate.on_deadline);
    // Never dropped: taking the compiled schemas apart costs a tenth of a run that ends here.
    let blueprints = config.blueprints(Place::Server, &invocation.environment);
    let checker = ManuallyDrop::new(
        config
            .checker_with(blueprints)
            .map_err(CommandError::usage)?,
    );
    let environment = HookEnvironment::from_process().map_err(super::no_directory)?;
    let store = Repository::open(&environment).map_err(CommandError::failure)?;
    let name = repository_name(invocation, store.directory());
    let owners = StoredOwners::new(&invocation.environment, &config, name.as_ref());
    let judge = Judge {
        owners: &owners,
        store: &store,
        checker: &checker,
        gate: &config.gate,
        port: match (config.port.deliver, &config.port.branch) {
            (DeliverToPort::Never, _) => ToPort::Nothing,
            (_, Some(branch)) => ToPort::Branch(RefName::of_branch(branch)),
            (_, None) => ToPort::DefaultBranch,
        },
    };
    let judgement = judge.judge(&updates).map_err(CommandError::failure)?;
    let room = match (judgement.verdict, config.delivery.unwritable) {
        (Verdict::Accepted, Unwritable::Reject) => {
            room::prove(invocation, &config, &checker, &store, &updates)?
        }
        _ => Room::Enough,
    };
    // From here on the verdict is known: the deadline has nothing to say any more.
    deadline.over();
    let bypass = match (judgement.verdict, &room) {
        (Verdict::Accepted, Room::Enough) => Bypass::No,
        _ => bypass::ask(invocation, &config, name.as_ref(), &updates),
    };
    if let (Room::None(why), Bypass::No) = (room, &bypass) {
        return Err(CommandError::failure(why));
    }
    if judgement.verdict == Verdict::Accepted || matches!(bypass, Bypass::Yes { .. }) {
        record::note(
            invocation,
            &config,
            name.as_ref(),
            Hook::PreReceive,
            &updates,
        );
    }
    let doubt = doubt(&checker, config.port.blueprints.is_some());
    let delivery = match config.delivers_to_port(&invocation.environment) {
        true => Delivery::Follows,
        false => Delivery::None,
    };
    let gone = match config.port.delete {
        true => Gone::Deleted,
        false => Gone::Kept,
    };
    let text = answer(&judgement, delivery, gone, &bypass, doubt.as_deref())
        .map_err(|_| CommandError::internal("writing the answer"))?;
    output::err(&text);
    Ok(match (judgement.verdict, bypass) {
        (Verdict::Refused, Bypass::No) => ExitStatus::Findings,
        _ => ExitStatus::Fine,
    })
}

/// What is said where objects are pushed and nobody says to which refs: the exit status is part of the
/// contract, and the gate must not stand open without a word.
fn unheard() -> String {
    let mut text = Remote::new();
    text.line(concat!(
        "pushgate ",
        env!("CARGO_PKG_VERSION"),
        ": accepted UNCHECKED: no ref update came on standard input"
    ));
    text.help("another hook has read them: whoever runs several hooks on a push has to hand git's lines to each of them");
    text.finish()
}

/// Why entities were not held against Port's blueprints. That there are none is only worth saying
/// where somebody named them.
fn doubt(checker: &Checker, are_named: bool) -> Option<String> {
    match checker.doubt_of_blueprints()? {
        missing if missing.is_missing() && !are_named => None,
        // Where the server keeps its files is nobody's concern who pushes.
        BlueprintsError::Old { age, .. } => {
            Some(format!("not held against blueprints, which are {age} old"))
        }
        _ => Some("not held against blueprints, which can't be read".to_owned()),
    }
}

/// Whether what is accepted goes to Port from here.
#[derive(Clone, Copy)]
enum Delivery {
    Follows,
    /// Nobody gave this server credentials.
    None,
}

/// What becomes of entities that left the files.
#[derive(Clone, Copy)]
enum Gone {
    Deleted,
    /// `port.delete` is off.
    Kept,
}

impl Gone {
    /// As `pushgate plan` names it.
    fn word(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Kept => "kept",
        }
    }
}

/// The text for the pusher: one line where nothing was found.
fn answer(
    judgement: &Judgement,
    delivery: Delivery,
    gone: Gone,
    bypass: &Bypass,
    doubt: Option<&str>,
) -> Result<String, std::fmt::Error> {
    let reported: Vec<_> = judgement.documents.iter().map(Reported::from).collect();
    let counts = Counts::total(&reported);
    let mut line = format!("pushgate {}: ", env!("CARGO_PKG_VERSION"));
    match (judgement.verdict, bypass) {
        (Verdict::Refused, Bypass::No) => line.push_str("refused"),
        (_, Bypass::Yes { user, .. }) => {
            write!(line, "accepted, since `{user}` may bypass the gate")?;
        }
        (Verdict::Accepted, Bypass::No) => line.push_str("accepted"),
    }
    match judgement.preview {
        Some(preview) => {
            let parts = [
                (preview.new, "new"),
                (preview.changed, "changed"),
                (preview.deleted, gone.word()),
            ];
            let words: Vec<String> = parts
                .iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, what)| format!("{count} {what}"))
                .collect();
            write!(line, "; Port: {}", words.join(", "))?;
            if let (Verdict::Accepted, Delivery::None) = (judgement.verdict, delivery) {
                line.push_str(", not delivered: no credentials");
            }
        }
        None if judgement.documents.is_empty() => line.push_str("; no document to check"),
        None if counts.errors == 0 => {
            write!(
                line,
                "; {} checked",
                counted(judgement.documents.len(), "document")
            )?;
        }
        None => {}
    }
    if counts.all() > 0 {
        write!(line, "; {}", counts.words())?;
        let wrong = reported
            .iter()
            .filter(|document| !document.findings.is_empty())
            .count();
        write!(line, " in {}", counted(wrong, "document"))?;
    }
    let ignored: usize = reported.iter().map(|document| document.ignored).sum();
    if ignored > 0 {
        write!(line, "; {ignored} ignored")?;
    }
    if let Some(doubt) = doubt {
        write!(line, "; {doubt}")?;
    }
    let mut text = Remote::new();
    text.line(&line);
    for (name, enforcement) in &judgement.wrong {
        if *enforcement != Enforcement::Enforce {
            let name = name.as_str();
            text.line(&format!("{name}: errors are only shown here, not refused"));
        }
    }
    if let Bypass::Yes {
        logged: Err(reason),
        ..
    } = bypass
    {
        text.line(&format!("the bypass could not be logged: {reason}"));
    }
    for name in &judgement.without_commit {
        text.line(&format!(
            "{} names no commit: nothing to check in it",
            name.as_str()
        ));
    }
    for document in &reported {
        text.findings(document)?;
    }
    Ok(text.finish())
}
