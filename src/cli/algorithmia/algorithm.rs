//! `pushgate algorithmia algorithm`: algorithms, each with a repository for its source code.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use miette::Diagnostic;
use serde::de::DeserializeOwned;
use thiserror::Error;

use super::{Format, Trying, client, show, value_of};
use crate::algorithmia::{
    Algorithm, AlgorithmName, AlgorithmRef, Client, Description, NewAlgorithm, Role, Scm,
    ScmCredentials,
};
use crate::cli::{CommandError, ExitStatus, Invocation, output};
use crate::environment::{self, Environment};
use crate::http::{Outcome, Secret};
use crate::io_reason::io_reason;
use crate::visible::{one_line, visible};

/// The actions of `algorithm`.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Action {
    /// Create one, with a repository in Bitbucket
    ///
    /// The account that creates the repository stands in BB_PROJECT_OWNER_USERNAME and
    /// BB_PROJECT_OWNER_PASSWORD (or BB_PROJECT_OWNER_TOKEN), in the file of `--credentials`, or as
    /// `scmsCredentials` in the file of `--file`; the first of `--credentials`, variables and
    /// `--file` counts.
    Create(Create),
    /// Show one
    Show(Show),
}

/// The arguments of `create`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Create {
    /// The new algorithm's name, with the user or organisation that it belongs to
    #[arg(value_name = "OWNER/NAME")]
    name: String,
    /// The SCM configuration's id, as `scm list` shows it [default: that of the file]
    #[arg(long, value_name = "ID")]
    scm: Option<String>,
    /// The environment's `id`, not its `environment_specification_id` [default: that of the file]
    #[arg(long, value_name = "UUID")]
    environment: Option<String>,
    /// What else there is to say: `details`, `settings`, `source` and `version_info` as Algorithmia's
    /// own documents write them
    #[arg(long, value_name = "JSON")]
    file: Option<PathBuf>,
    /// A file with the account that creates the repository: {"username": …, "password": …} or
    /// {"secretToken": …}
    #[arg(long, value_name = "FILE")]
    credentials: Option<PathBuf>,
    /// How the algorithm is printed
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    #[command(flatten)]
    trying: Trying,
}

/// The arguments of `show`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Show {
    /// The algorithm's name, or its id
    #[arg(value_name = "OWNER/NAME")]
    algorithm: String,
    /// How it is printed
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

#[derive(Debug, Error, Diagnostic)]
enum AlgorithmError {
    #[error("`{}` can't be read: {reason}", visible(&path.display().to_string()))]
    #[diagnostic(help("correct the path, or let this user read the file"))]
    Unreadable { path: PathBuf, reason: String },
    #[error("{place}: {message}")]
    #[diagnostic(help("{help}"))]
    NotUnderstood {
        place: String,
        message: String,
        help: &'static str,
    },
    #[error("{set} is set, and {missing} is not")]
    #[diagnostic(help("set both, or BB_PROJECT_OWNER_TOKEN alone"))]
    HalfAnAccount {
        set: &'static str,
        missing: &'static str,
    },
    #[error("there is no algorithm {0}, or these credentials may not see it")]
    #[diagnostic(help(
        "correct its name, or create it with `pushgate algorithmia algorithm create`"
    ))]
    Unknown(String),
    #[error(
        "there is an algorithm {name} already (id {id}), but its {what} is {theirs}, not {ours}"
    )]
    #[diagnostic(help(
        "choose another name, or delete that one in Algorithmia if nobody needs it"
    ))]
    Differs {
        name: String,
        id: String,
        what: &'static str,
        theirs: String,
        ours: String,
    },
}

/// Shows or creates.
pub(super) fn run(invocation: &Invocation, action: &Action) -> Result<ExitStatus, CommandError> {
    match action {
        Action::Create(arguments) => create(invocation, arguments),
        Action::Show(arguments) => {
            let algorithm: AlgorithmRef = value_of(&arguments.algorithm)?;
            let client = client(invocation, Role::Organisation)?;
            let found = client
                .algorithm(&algorithm)
                .map_err(CommandError::repeatable)?;
            let found = found.ok_or_else(|| {
                let name = one_line(&algorithm.to_string(), 100);
                CommandError::failure(AlgorithmError::Unknown(name))
            })?;
            match arguments.format {
                Format::Human => output::report(&described(&found)),
                Format::Json => output::json(&found)?,
            }
            Ok(ExitStatus::Fine)
        }
    }
}

fn create(invocation: &Invocation, arguments: &Create) -> Result<ExitStatus, CommandError> {
    let name: AlgorithmName = value_of(&arguments.name)?;
    let environment = arguments.environment.as_deref().map(value_of).transpose()?;
    let about = match &arguments.file {
        Some(path) => read_description(path)?,
        None => Description::default(),
    };
    let new = NewAlgorithm::new(
        name.clone(),
        arguments.scm.clone(),
        environment,
        credentials(arguments.credentials.as_deref(), &invocation.environment)?,
        about,
        Scm::is_built_in_id,
    )
    .map_err(CommandError::usage)?;
    let client = client(invocation, Role::Organisation)?;
    if arguments.trying.dry_run {
        return Ok(show(&client, &[new.call()]));
    }
    if let Some(there) = existing(&client, &name, &new)? {
        return tell(arguments.format, &name, &there, "is there already");
    }
    match client.create_algorithm(&new) {
        Ok(made) => tell(arguments.format, &name, &made, "created"),
        // Lost on its way back, or somebody else was quicker: it is there now, and was not before.
        Err(problem) if is_retry(problem.outcome) || problem.code.as_deref() == Some("1002") => {
            match existing(&client, &name, &new) {
                Ok(Some(made)) => tell(arguments.format, &name, &made, "created"),
                Err(error) if error.status() == ExitStatus::Usage => Err(error),
                Ok(None) | Err(_) => Err(CommandError::repeatable(problem)),
            }
        }
        Err(problem) => Err(CommandError::repeatable(problem)),
    }
}

fn is_retry(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Retry { .. })
}

/// The algorithm of that name, where it is what shall be created.
fn existing(
    client: &Client,
    name: &AlgorithmName,
    new: &NewAlgorithm,
) -> Result<Option<Algorithm>, CommandError> {
    let found = client
        .algorithm(&AlgorithmRef::from(name))
        .map_err(CommandError::repeatable)?;
    let Some(found) = found else { return Ok(None) };
    let environment = new.environment().to_string();
    let held = [
        ("SCM configuration", found.scm.as_deref(), new.scm()),
        ("environment", found.environment.as_deref(), &environment),
    ];
    for (what, theirs, ours) in held {
        // What the cluster leaves out is no difference.
        if let Some(theirs) = theirs.filter(|theirs| *theirs != ours) {
            return Err(CommandError::usage(AlgorithmError::Differs {
                name: name.to_string(),
                id: one_line(&found.id, 60),
                what,
                theirs: one_line(theirs, 60),
                ours: one_line(ours, 60),
            }));
        }
    }
    Ok(Some(found))
}

fn tell(
    format: Format,
    name: &AlgorithmName,
    made: &Algorithm,
    what: &str,
) -> Result<ExitStatus, CommandError> {
    match format {
        Format::Json => output::json(made)?,
        Format::Human => {
            let mut text = format!("{name} {what}: id {}\n", one_line(&made.id, 60));
            if let Some(repository) = &made.repository {
                text.push_str(&format!(
                    "its repository is {}/{}: give the SSH key of `ssh_key_file` read access to it, \
                     and name both under `algorithmia.builds`\n",
                    one_line(&repository.owner, 100),
                    one_line(&repository.name, 100)
                ));
            }
            output::out(&text);
        }
    }
    Ok(ExitStatus::Fine)
}

/// The account that creates the repository, where the command line's file or a variable names it.
fn credentials(
    file: Option<&Path>,
    environment: &Environment,
) -> Result<Option<ScmCredentials>, CommandError> {
    if let Some(path) = file {
        let help = "write {\"username\": \"…\", \"password\": \"…\"}, or {\"secretToken\": \"…\"}";
        warn_of_readers(path);
        return read_json(path, help).map(Some);
    }
    let (name, word) = (
        environment::BB_PROJECT_OWNER_USERNAME,
        environment::BB_PROJECT_OWNER_PASSWORD,
    );
    match (environment.get(name), environment.get(word)) {
        (Some(username), Some(password)) => Ok(Some(ScmCredentials::Password {
            username: username.to_owned(),
            password: Secret::new(password),
        })),
        (None, None) => {
            let token = environment.get(environment::BB_PROJECT_OWNER_TOKEN);
            Ok(token.map(|token| ScmCredentials::Token(Secret::new(token))))
        }
        (given, _) => {
            let (set, missing) = match given {
                Some(_) => (name, word),
                None => (word, name),
            };
            Err(CommandError::usage(AlgorithmError::HalfAnAccount {
                set,
                missing,
            }))
        }
    }
}

fn read_description(path: &Path) -> Result<Description, CommandError> {
    let help = "write it as Algorithmia's page on the build-via-API configuration does: `details`, `settings`, `source`, `version_info`";
    let about: Description = read_json(path, help)?;
    if about.credentials.is_some() {
        warn_of_readers(path);
    }
    Ok(about)
}

fn read_json<T: DeserializeOwned>(path: &Path, help: &'static str) -> Result<T, CommandError> {
    let text = std::fs::read(path).map_err(|error| {
        CommandError::usage(AlgorithmError::Unreadable {
            path: path.to_owned(),
            reason: io_reason(&error),
        })
    })?;
    serde_json::from_slice(&text).map_err(|error| {
        let full = error.to_string();
        // The place stands in front of the message already.
        let message = without_values(full.split(" at line ").next().unwrap_or(&full));
        let file = path.display().to_string();
        let place = match error.line() {
            // What is wrong with the whole has no place.
            0 => visible(&file).into_owned(),
            line => format!("{}:{line}:{}", visible(&file), error.column()),
        };
        CommandError::usage(AlgorithmError::NotUnderstood {
            place,
            message: one_line(&message, 300),
            help,
        })
    })
}

/// The parser's message in our words, without what stood in the wrong place: it may be a password.
fn without_values(message: &str) -> String {
    let own = [
        ("unknown field", "unknown key"),
        ("unknown variant", "unknown word"),
        ("missing field", "missing key"),
        ("duplicate field", "twice the key"),
    ];
    for (theirs, ours) in own {
        if let Some(rest) = message.strip_prefix(theirs) {
            return format!("{ours}{rest}");
        }
    }
    match message.rsplit_once(", expected ") {
        Some((_, expected)) => format!("{expected} belongs here"),
        None if message.starts_with("invalid") => "a value of the wrong type".to_owned(),
        None => message.to_owned(),
    }
}

/// Says so where others may read a file with a password.
fn warn_of_readers(path: &Path) {
    let mode = std::fs::metadata(path).map_or(0, |metadata| metadata.permissions().mode());
    if mode & 0o077 != 0 {
        let path = path.display().to_string();
        output::err(&format!(
            "others may read `{0}`, which holds a password (mode {1:04o}); run `chmod 600` on it\n",
            visible(&path),
            mode & 0o7777
        ));
    }
}

/// An algorithm for people: what is known of it, a line each.
fn described(algorithm: &Algorithm) -> String {
    let repository = algorithm
        .repository
        .as_ref()
        .map(|repository| format!("{}/{}", repository.owner, repository.name));
    let lines = [
        ("id", Some(algorithm.id.clone())),
        ("name", algorithm.name.clone()),
        ("label", algorithm.label.clone()),
        ("repository", repository),
        ("scm", algorithm.scm.clone()),
        ("environment", algorithm.environment.clone()),
        ("language", algorithm.language.clone()),
        ("source", algorithm.source_visibility.clone()),
        ("version", algorithm.version.clone()),
        ("commit", algorithm.commit.clone()),
    ];
    lines
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .map(|(name, value)| format!("{name:12} {}\n", one_line(&value, 200)))
        .collect()
}
