//! `pushgate algorithmia scm`: the source code hosts that new algorithms can choose.

mod words;

use clap::{ArgGroup, Args, Subcommand};
use miette::Diagnostic;
use thiserror::Error;

use self::words::{known, shown_id, table, tell, words};
use super::{Format, Trying, client, show, value_of};
use crate::algorithmia::{Client, NewScm, Role, Scm, ScmChange, ScmUrls};
use crate::cli::{CommandError, ExitStatus, Invocation, output};
use crate::http::{Outcome, Problem};
use crate::visible::one_line;

/// The actions of `scm`.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Action {
    /// Show them all
    List(List),
    /// Tell the cluster of a project of a Bitbucket Server
    Create(Create),
    /// Enable or disable one, or change its addresses
    Update(Update),
    /// Delete one, which must be disabled
    Delete(Delete),
}

/// The arguments of `list`.
#[derive(Debug, Args)]
pub(in crate::cli) struct List {
    /// How they are printed
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

/// The arguments of `create`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Create {
    /// The Bitbucket project in which repositories are created: three capital letters or digits
    #[arg(long, value_name = "PRJ")]
    project_key: String,
    /// Bitbucket's web pages, https://HOST
    #[arg(long, value_name = "URL")]
    web: String,
    /// Bitbucket's API: the same address on a Bitbucket Server
    #[arg(long, value_name = "URL")]
    api: String,
    /// Git by SSH, ssh://git@HOST:PORT
    #[arg(long, value_name = "URL")]
    ssh: String,
    /// How the configuration is printed
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    #[command(flatten)]
    trying: Trying,
}

/// The arguments of `update`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("state").args(["enable", "disable"]))]
pub(in crate::cli) struct Update {
    /// The configuration's id, as `list` shows it
    #[arg(value_name = "ID")]
    id: String,
    /// Let new algorithms choose it
    #[arg(long)]
    enable: bool,
    /// Let no new algorithm choose it
    #[arg(long)]
    disable: bool,
    /// Bitbucket's web pages; the three addresses are changed together
    #[arg(long, value_name = "URL")]
    web: Option<String>,
    /// Bitbucket's API
    #[arg(long, value_name = "URL")]
    api: Option<String>,
    /// Git by SSH
    #[arg(long, value_name = "URL")]
    ssh: Option<String>,
    /// How the configuration is printed
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    #[command(flatten)]
    trying: Trying,
}

/// The arguments of `delete`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Delete {
    /// The configuration's id, as `list` shows it
    #[arg(value_name = "ID")]
    id: String,
    /// Disable it first where it is enabled
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    trying: Trying,
}

#[derive(Debug, Error, Diagnostic)]
enum ScmError {
    #[error("nothing to change")]
    #[diagnostic(help("pass `--enable` or `--disable`, or `--web`, `--api` and `--ssh`"))]
    NoChange,
    #[error("the addresses are changed all three together, and {missing} missing")]
    #[diagnostic(help("pass `--web`, `--api` and `--ssh`, also those that stay as they are"))]
    NotAllAddresses { missing: String },
    #[error("there is no SCM configuration `{id}`")]
    #[diagnostic(help("{known}"))]
    Unknown { id: String, known: String },
    #[error("{0} is the default SCM configuration, which can't be disabled")]
    #[diagnostic(help(
        "make another one the default first, as a cluster administrator in Algorithmia"
    ))]
    IsDefault(String),
    #[error("{0} is Algorithmia's own source code host, which can't be deleted")]
    #[diagnostic(help(
        "`pushgate algorithmia scm update {0} --disable` keeps new algorithms from choosing it"
    ))]
    IsBuiltIn(String),
    #[error(
        "{0} is enabled, and Algorithmia deletes disabled configurations only (its error 4040)"
    )]
    #[diagnostic(help(
        "disable it first with `pushgate algorithmia scm update {0} --disable`, and see that no new algorithm needs it; `--force` does both"
    ))]
    StillEnabled(String),
    #[error("{id} is for the same project of the same server, {difference}")]
    #[diagnostic(help("{help}"))]
    Differs {
        id: String,
        difference: &'static str,
        help: String,
    },
    #[error("{id} is disabled now, but not deleted: {problem}")]
    #[diagnostic(help("{help}"))]
    HalfDeleted {
        id: String,
        problem: String,
        help: String,
    },
}

/// Shows or changes.
pub(super) fn run(invocation: &Invocation, action: &Action) -> Result<ExitStatus, CommandError> {
    match action {
        Action::List(arguments) => {
            let scms = client(invocation, Role::Administrator)?
                .scms()
                .map_err(CommandError::repeatable)?;
            match arguments.format {
                Format::Human => output::report(&table(&scms)),
                Format::Json => output::json(&scms)?,
            }
            Ok(ExitStatus::Fine)
        }
        Action::Create(arguments) => create(invocation, arguments),
        Action::Update(arguments) => update(invocation, arguments),
        Action::Delete(arguments) => delete(invocation, arguments),
    }
}

fn create(invocation: &Invocation, arguments: &Create) -> Result<ExitStatus, CommandError> {
    let new = NewScm {
        project_key: value_of(&arguments.project_key)?,
        urls: ScmUrls {
            web: value_of(&arguments.web)?,
            api: value_of(&arguments.api)?,
            ssh: value_of(&arguments.ssh)?,
        },
    };
    let client = client(invocation, Role::Administrator)?;
    if arguments.trying.dry_run {
        return Ok(show(&client, &[new.call()]));
    }
    if let Some(there) = existing(&client, &new)? {
        return tell(arguments.format, &there, "is there already");
    }
    let made = match client.create_scm(&new) {
        Ok(scm) => scm,
        // Lost on its way back, or somebody else was quicker: it is there now, and was not before.
        Err(problem) if may_be_there(&problem) => match existing(&client, &new) {
            Ok(Some(scm)) => scm,
            Ok(None) => return Err(CommandError::repeatable(problem)),
            Err(error) if error.status() == ExitStatus::Usage => return Err(error),
            Err(_) => return Err(CommandError::repeatable(problem)),
        },
        Err(problem) => return Err(CommandError::repeatable(problem)),
    };
    // The answer to its creation lacks what lists have.
    let made = Scm {
        project_key: Some(new.project_key.to_string()),
        urls: new.urls.into(),
        ..made
    };
    tell(arguments.format, &made, "created")
}

fn may_be_there(problem: &Problem) -> bool {
    let is_duplicate = problem.code.as_deref() == Some("4044");
    is_duplicate || problem.outcome != Outcome::Blocked
}

/// The configuration that is just as it shall be.
fn existing(client: &Client, new: &NewScm) -> Result<Option<Scm>, CommandError> {
    let scms = client.scms().map_err(CommandError::repeatable)?;
    let Some(scm) = scms.into_iter().find(|scm| new.is_for_same_project(scm)) else {
        return Ok(None);
    };
    let id = one_line(&scm.id, 100);
    let urls = &new.urls;
    let (difference, change) = if !urls.are_of(&scm) {
        let change = format!("--web {} --api {} --ssh {}", urls.web, urls.api, urls.ssh);
        ("but has other addresses", change)
    } else if !scm.enabled {
        ("but is disabled", "--enable".to_owned())
    } else {
        return Ok(Some(scm));
    };
    Err(CommandError::usage(ScmError::Differs {
        help: format!("change it: `pushgate algorithmia scm update {id} {change}`"),
        id,
        difference,
    }))
}

fn update(invocation: &Invocation, arguments: &Update) -> Result<ExitStatus, CommandError> {
    let change = change(arguments)?;
    let client = client(invocation, Role::Administrator)?;
    if arguments.trying.dry_run {
        return Ok(show(&client, &[change.call(&arguments.id)]));
    }
    let scms = client.scms().map_err(CommandError::repeatable)?;
    let scm = find(&scms, &arguments.id).ok_or_else(|| {
        CommandError::usage(ScmError::Unknown {
            id: one_line(&arguments.id, 100),
            known: known(&scms),
        })
    })?;
    if change.is_done(scm) {
        return tell(arguments.format, scm, "is so already");
    }
    if scm.default && change.enabled == Some(false) {
        return Err(CommandError::usage(ScmError::IsDefault(shown_id(scm))));
    }
    let changed = client
        .change_scm(&scm.id, &change)
        .map_err(CommandError::repeatable)?;
    let changed = Scm {
        project_key: changed.project_key.or_else(|| scm.project_key.clone()),
        urls: match change.urls {
            Some(urls) => urls.into(),
            None => scm.urls.clone(),
        },
        ..changed
    };
    tell(arguments.format, &changed, "changed")
}

fn change(arguments: &Update) -> Result<ScmChange, CommandError> {
    let urls = match (&arguments.web, &arguments.api, &arguments.ssh) {
        (None, None, None) => None,
        (Some(web), Some(api), Some(ssh)) => Some(ScmUrls {
            web: value_of(web)?,
            api: value_of(api)?,
            ssh: value_of(ssh)?,
        }),
        (web, api, ssh) => {
            let all = [
                ("`--web`", web.is_none()),
                ("`--api`", api.is_none()),
                ("`--ssh`", ssh.is_none()),
            ];
            let missing: Vec<&str> = all
                .into_iter()
                .filter_map(|(name, is_missing)| is_missing.then_some(name))
                .collect();
            let verb = if missing.len() == 1 { "is" } else { "are" };
            return Err(CommandError::usage(ScmError::NotAllAddresses {
                missing: format!("{} {verb}", missing.join(" and ")),
            }));
        }
    };
    let enabled = match (arguments.enable, arguments.disable) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    };
    if enabled.is_none() && urls.is_none() {
        return Err(CommandError::usage(ScmError::NoChange));
    }
    Ok(ScmChange { enabled, urls })
}

fn delete(invocation: &Invocation, arguments: &Delete) -> Result<ExitStatus, CommandError> {
    let id = &arguments.id;
    if Scm::is_built_in_id(id) {
        return Err(CommandError::usage(ScmError::IsBuiltIn(id.clone())));
    }
    let disabling = ScmChange {
        enabled: Some(false),
        urls: None,
    };
    let client = client(invocation, Role::Administrator)?;
    if arguments.trying.dry_run {
        let mut calls = vec![Scm::deletion(id)];
        if arguments.force {
            calls.insert(0, disabling.call(id));
        }
        return Ok(show(&client, &calls));
    }
    let scms = client.scms().map_err(CommandError::repeatable)?;
    let Some(scm) = find(&scms, id) else {
        output::out(&format!(
            "there is no SCM configuration `{}`: nothing to delete; {}\n",
            one_line(id, 100),
            known(&scms)
        ));
        return Ok(ExitStatus::Fine);
    };
    let shown = shown_id(scm);
    if scm.is_built_in() {
        return Err(CommandError::usage(ScmError::IsBuiltIn(shown)));
    }
    if scm.default {
        return Err(CommandError::usage(ScmError::IsDefault(shown)));
    }
    if scm.enabled && !arguments.force {
        return Err(CommandError::usage(ScmError::StillEnabled(shown)));
    }
    if scm.enabled {
        client
            .change_scm(id, &disabling)
            .map_err(CommandError::repeatable)?;
    }
    match client.delete_scm(id) {
        Ok(()) => {}
        Err(problem) if scm.enabled => {
            let back = format!("`pushgate algorithmia scm update {shown} --enable` undoes it");
            return Err(CommandError::failure(ScmError::HalfDeleted {
                id: shown,
                problem: problem.message,
                help: match problem.help {
                    Some(help) => format!("{help}; {back}"),
                    None => back,
                },
            }));
        }
        Err(problem) => return Err(CommandError::repeatable(problem)),
    }
    output::out(&format!("{} deleted\n", words(scm)));
    Ok(ExitStatus::Fine)
}

fn find<'a>(scms: &'a [Scm], id: &str) -> Option<&'a Scm> {
    scms.iter().find(|scm| scm.id == id)
}
