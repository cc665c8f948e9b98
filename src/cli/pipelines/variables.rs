//! `pushgate pipelines variables`: secured variables of Pipelines in Bitbucket Cloud.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use miette::Diagnostic;
use thiserror::Error;

use super::super::parsed::parsed;
use super::super::{CommandError, ExitStatus, Invocation, output};
use super::client;
use crate::bitbucket::Credentials;
use crate::environment::{
    BITBUCKET_CLOUD_API, BITBUCKET_CLOUD_PASSWORD, BITBUCKET_CLOUD_TOKEN, BITBUCKET_CLOUD_USERNAME,
    Environment,
};
use crate::http::Secret;
use crate::io_reason::io_reason;
use crate::pipelines::{Change, Cloud, CloudSettings, Scope, Slug, VariableKey};
use crate::visible::visible;

/// The actions of `pipelines variables`.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Action {
    /// Set a secured variable, its value from the environment's variable of the same name
    Ensure(Ensure),
}

/// The arguments of `pipelines variables ensure`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Ensure {
    /// The variable's name, for example DUPLO_TOKEN
    // Parsed later: the command line's own parser would repeat a value that somebody wrote behind the name.
    #[arg(value_name = "NAME")]
    key: String,
    /// The workspace, as it stands in its address
    #[arg(long, value_name = "WORKSPACE", value_parser = parsed::<Slug>)]
    workspace: Slug,
    /// The repository [default: the variable is of the whole workspace]
    #[arg(long, value_name = "REPOSITORY", value_parser = parsed::<Slug>)]
    repo: Option<Slug>,
    /// The deployment environment of the repository
    #[arg(long, value_name = "NAME", requires = "repo")]
    deployment: Option<String>,
    /// A file with the value, in place of the environment
    #[arg(long, value_name = "FILE")]
    value_file: Option<PathBuf>,
    /// A file with an access token [default: BITBUCKET_CLOUD_TOKEN, else BITBUCKET_CLOUD_USERNAME with
    /// BITBUCKET_CLOUD_PASSWORD]
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Error, Diagnostic)]
enum VariablesError {
    #[error("the environment has no {key}, whose value would be set")]
    #[diagnostic(help(
        "set it without writing the value into the shell's history: `read -rs {key} && export {key}`; or name a \
         file: `--value-file FILE`"
    ))]
    NoValue { key: VariableKey },
    #[error("the value of {key} {what}")]
    #[diagnostic(help("set it again, without them"))]
    BadValue {
        key: VariableKey,
        what: &'static str,
    },
    #[error("there are no credentials for Bitbucket Cloud")]
    #[diagnostic(help(
        "set BITBUCKET_CLOUD_TOKEN to an access token with the scope `pipeline:variable`, or \
         BITBUCKET_CLOUD_USERNAME and BITBUCKET_CLOUD_PASSWORD to your e-mail address and an API token, or name a \
         file: `--token-file FILE`"
    ))]
    NoCredentials,
    #[error("{set} is set, and {missing} is not")]
    #[diagnostic(help("set both, or BITBUCKET_CLOUD_TOKEN alone"))]
    HalfCredentials {
        set: &'static str,
        missing: &'static str,
    },
    #[error("cannot read `{path}`: {}", io_reason(source))]
    #[diagnostic(help("correct the path, or let this user read the file"))]
    Unreadable { path: String, source: io::Error },
    #[error("there is nothing in `{path}`")]
    #[diagnostic(help("write the secret into it, and nothing else"))]
    Empty { path: String },
}

pub(super) fn run(invocation: &Invocation, action: &Action) -> Result<ExitStatus, CommandError> {
    let Action::Ensure(arguments) = action;
    let environment = &invocation.environment;
    let key: &VariableKey = &arguments.key.parse().map_err(CommandError::usage)?;
    let value = value(environment, key, arguments)?;
    let (credentials, of) = credentials(environment, arguments)?;
    let workspace = arguments.workspace.clone();
    let scope = match (&arguments.repo, &arguments.deployment) {
        (None, _) => Scope::Workspace { workspace },
        (Some(repository), None) => Scope::Repository {
            workspace,
            repository: repository.clone(),
        },
        (Some(repository), Some(name)) => Scope::Deployment {
            workspace,
            repository: repository.clone(),
            name: name.clone(),
        },
    };
    let settings = CloudSettings {
        api: environment.get(BITBUCKET_CLOUD_API).map(str::to_owned),
        credentials,
    };
    let cloud = Cloud::new(client(invocation)?, settings).map_err(CommandError::usage)?;
    let line = if arguments.dry_run {
        let what = match cloud
            .foresee(&scope, key)
            .map_err(CommandError::repeatable)?
        {
            Change::Created => "would create",
            Change::Replaced => "would replace",
        };
        format!("{what} the secured variable {key} of {scope} ({of}); nothing was changed\n")
    } else {
        let what = match cloud
            .ensure(&scope, key, &value)
            .map_err(CommandError::repeatable)?
        {
            Change::Created => "created",
            Change::Replaced => "replaced",
        };
        format!("{what} the secured variable {key} of {scope} ({of})\n")
    };
    output::out(&visible_line(&line));
    Ok(ExitStatus::Fine)
}

fn visible_line(line: &str) -> String {
    format!("{}\n", visible(line.trim_end()))
}

fn value(
    environment: &Environment,
    key: &VariableKey,
    arguments: &Ensure,
) -> Result<Secret, CommandError> {
    let value = match &arguments.value_file {
        Some(path) => secret_in(path)?,
        None => {
            let value = environment.get(key.as_str());
            let missing = || CommandError::usage(VariablesError::NoValue { key: key.clone() });
            value.ok_or_else(missing)?.to_owned()
        }
    };
    let what = if value.trim() != value {
        "begins or ends with blanks or a line break"
    } else if value.chars().any(|c| c == '\0') {
        "has a zero byte in it"
    } else {
        return Ok(Secret::new(value));
    };
    Err(CommandError::usage(VariablesError::BadValue {
        key: key.clone(),
        what,
    }))
}

/// The credentials, and in words whose they are.
fn credentials(
    environment: &Environment,
    arguments: &Ensure,
) -> Result<(Credentials, String), CommandError> {
    if let Some(path) = &arguments.token_file {
        let token = Secret::new(secret_in(path)?);
        let of = format!("with the access token in {}", path.display());
        return Ok((Credentials::Bearer(token), of));
    }
    if let Some(token) = environment.get(BITBUCKET_CLOUD_TOKEN) {
        let of = format!("with the access token of {BITBUCKET_CLOUD_TOKEN}");
        return Ok((Credentials::Bearer(Secret::new(token)), of));
    }
    let user = environment.get(BITBUCKET_CLOUD_USERNAME);
    let password = environment.get(BITBUCKET_CLOUD_PASSWORD);
    let half = |set, missing| {
        Err(CommandError::usage(VariablesError::HalfCredentials {
            set,
            missing,
        }))
    };
    match (user, password) {
        (Some(user), Some(password)) => {
            let credentials = Credentials::Basic {
                user: user.to_owned(),
                password: Secret::new(password),
            };
            Ok((credentials, format!("as {user}")))
        }
        (Some(_), None) => half(BITBUCKET_CLOUD_USERNAME, BITBUCKET_CLOUD_PASSWORD),
        (None, Some(_)) => half(BITBUCKET_CLOUD_PASSWORD, BITBUCKET_CLOUD_USERNAME),
        (None, None) => Err(CommandError::usage(VariablesError::NoCredentials)),
    }
}

/// A file's secret, without the line break at its end.
fn secret_in(path: &Path) -> Result<String, CommandError> {
    let shown = || visible(&path.to_string_lossy()).into_owned();
    let text = fs::read_to_string(path).map_err(|source| {
        CommandError::usage(VariablesError::Unreadable {
            path: shown(),
            source,
        })
    })?;
    match text.trim() {
        "" => Err(CommandError::usage(VariablesError::Empty { path: shown() })),
        text => Ok(text.to_owned()),
    }
}
