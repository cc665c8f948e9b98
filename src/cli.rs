//! The commands: one thin file each.

mod algorithmia;
mod bitbucket;
mod blueprints;
mod charts;
mod check;
mod colour;
mod compile;
mod completions;
mod deliver;
mod delivering;
mod delivery_log;
mod doctor;
mod equipment;
mod exit;
mod explain;
mod gimlet;
mod help;
mod hook;
mod init;
mod inspection;
mod man;
mod new_file;
mod outbox;
mod output;
mod parsed;
mod pipelines;
mod plan;
mod progress;
mod reports;
mod repository_argument;
mod serve;
mod serve_log;
mod sync;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{Config, ConfigError, Place};
use crate::environment::{self, Environment};
use crate::report::Remote;
use crate::repository::RepositoryName;

use repository_argument::RepositoryArgument;

pub use colour::ColourChoice;
pub use exit::{CommandError, ExitStatus};

/// The gate at the door of a git server: checks the files of a software catalog before a push is
/// accepted, and delivers them afterwards.
#[derive(Debug, Parser)]
#[command(
    name = "pushgate",
    version,
    max_term_width = 100,
    disable_help_subcommand = true,
    after_help = help::TOP
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// The heading of what every command takes, so that its own options stand together.
const GLOBAL: &str = "Global options";

/// What goes before or after the command.
#[derive(Debug, Default, Args)]
struct Global {
    /// The configuration's file [default: PUSHGATE_CONFIG; else, for `check` and what else is done in a work tree, its
    /// .pushgate.yaml; else /etc/pushgate/config.yaml]
    #[arg(long, global = true, value_name = "FILE", help_heading = GLOBAL)]
    config: Option<PathBuf>,
    /// When to colour the output: auto, on a terminal unless NO_COLOR is set; always; never
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN", hide_possible_values = true, help_heading = GLOBAL)]
    color: ColourChoice,
    /// The repository's name, where Bitbucket does not tell it [default: PUSHGATE_REPOSITORY, else the last two parts of
    /// a bare repository's path]
    #[arg(long, global = true, value_name = "PROJECT/SLUG", value_parser = RepositoryArgument::name, help_heading = GLOBAL)]
    repository: Option<RepositoryArgument>,
}

/// `pushgate check` by itself.
#[derive(Debug, Parser)]
#[command(disable_help_flag = true)]
struct CheckAlone {
    #[command(flatten)]
    global: Global,
    #[command(flatten)]
    arguments: check::Arguments,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check port.yaml, .gimlet.yaml, bitbucket-pipelines.yml and others
    #[command(after_help = help::CHECK)]
    Check(check::Arguments),
    /// Explain a rule: what it finds, why, and how to mend or silence it
    #[command(after_help = help::EXPLAIN)]
    Explain(explain::Arguments),
    /// Show what a push would change in Port
    Plan(plan::Arguments),
    /// Put the hooks into a bare repository, or one into a work tree
    #[command(after_help = help::INIT)]
    Init(init::Arguments),
    /// Prove the set-up, item by item, with the remedy for each failure
    #[command(after_help = help::DOCTOR)]
    Doctor(doctor::Arguments),
    /// What a git server runs for every push: judge it, then deliver it
    #[command(subcommand, after_help = help::HOOK)]
    Hook(hook::Hook),
    /// Carry out what waits in the outbox
    #[command(after_help = help::DELIVER)]
    Deliver(deliver::Arguments),
    /// Look at what waits to be delivered; retry, discard or approve it
    #[command(subcommand, after_help = help::OUTBOX)]
    Outbox(outbox::Action),
    /// Sweep a Bitbucket Server: what it declares goes to Port
    Sync(sync::Arguments),
    /// Receive Bitbucket's webhooks, show what waits, and deliver it
    #[command(after_help = help::SERVE)]
    Serve(serve::Arguments),
    /// Have a commit built by hand, also where it was built before
    #[command(after_help = help::COMPILE)]
    Compile(compile::Arguments),
    /// Fetch Port's blueprints, with which entities are compared
    #[command(subcommand, after_help = help::BLUEPRINTS)]
    Blueprints(blueprints::Action),
    /// Fetch Helm charts, with which Gimlet's manifests are compared
    #[command(subcommand, after_help = help::CHARTS)]
    Charts(charts::Action),
    /// Set a Bitbucket Server up, and see whether the gate runs there
    #[command(subcommand, after_help = help::BITBUCKET)]
    Bitbucket(bitbucket::Action),
    /// Set Algorithmia up: its source code hosts, and algorithms
    #[command(subcommand, after_help = help::ALGORITHMIA)]
    Algorithmia(algorithmia::Action),
    /// Check the settings of a Gimlet server, or write its manifest
    #[command(subcommand, after_help = help::GIMLET)]
    Gimlet(gimlet::Action),
    /// Set Bitbucket Pipelines up with AWS and DuploCloud
    #[command(subcommand, after_help = help::PIPELINES)]
    Pipelines(pipelines::Action),
    /// The script that has a shell complete pushgate's command line
    Completions(completions::Arguments),
    /// The manual's pages, one a command, for `man`
    Man(man::Arguments),
}

/// What every command gets: the global options and the environment.
#[derive(Debug)]
struct Invocation {
    config: Option<PathBuf>,
    colour: ColourChoice,
    repository: Option<RepositoryName>,
    environment: Environment,
}

impl Invocation {
    fn load_config(&self, place: Place<'_>) -> Result<Config, ConfigError> {
        Config::load(self.config.as_deref(), place)
    }
}

/// Runs the process's command line.
#[must_use]
pub fn main() -> ExitCode {
    let environment = Environment::of_process();
    let cli = match as_servers_call()
        .or_else(as_check)
        .map_or_else(Cli::try_parse, Ok)
    {
        Ok(cli) => cli,
        Err(error) => {
            // Help goes to stdout and ends with 0, wrong use to stderr and ends with 2.
            let _ = error.print();
            return if error.use_stderr() {
                ExitStatus::Usage.into()
            } else {
                ExitStatus::Fine.into()
            };
        }
    };
    let (who, notes): (_, fn() -> Remote) = match &cli.command {
        Command::Hook(hook) => (hook.on_failure(), Remote::new),
        _ => ("pushgate", output::notes),
    };
    output::explain_panics(who);
    let invocation = Invocation {
        config: cli
            .global
            .config
            .or_else(|| environment.path(environment::CONFIG)),
        colour: cli.global.color,
        repository: cli
            .global
            .repository
            .and_then(RepositoryArgument::into_name),
        environment,
    };
    match run(&invocation, cli.command) {
        Ok(status) => status.into(),
        Err(error) => {
            output::complain(notes(), who, &error);
            error.status().into()
        }
    }
}

fn run(invocation: &Invocation, command: Command) -> Result<ExitStatus, CommandError> {
    match command {
        Command::Check(arguments) => check::run(invocation, &arguments),
        Command::Hook(hook) => hook::run(invocation, hook),
        Command::Plan(arguments) => plan::run(invocation, &arguments),
        Command::Deliver(arguments) => deliver::run(invocation, &arguments),
        Command::Compile(arguments) => compile::run(invocation, &arguments),
        Command::Algorithmia(action) => algorithmia::run(invocation, &action),
        Command::Sync(arguments) => sync::run(invocation, &arguments),
        Command::Outbox(action) => outbox::run(invocation, &action),
        Command::Blueprints(action) => blueprints::run(invocation, &action),
        Command::Charts(action) => charts::run(invocation, &action),
        Command::Gimlet(action) => gimlet::run(invocation, &action),
        Command::Pipelines(action) => pipelines::run(invocation, &action),
        Command::Serve(arguments) => serve::run(invocation, &arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Bitbucket(action) => bitbucket::run(invocation, &action),
        Command::Doctor(arguments) => doctor::run(invocation, &arguments),
        Command::Init(arguments) => init::run(invocation, &arguments),
        Command::Completions(arguments) => Ok(completions::run(&arguments)),
        Command::Man(arguments) => man::run(&arguments),
    }
}

/// `pushgate [--config FILE] hook NAME`, read without the parser: building it for all commands
/// costs more than a push that changes no document. Every other form goes to the parser.
fn as_servers_call() -> Option<Cli> {
    let mut arguments: Vec<OsString> = std::env::args_os().skip(1).take(5).collect();
    let config = match arguments.first()?.to_str()? {
        "--config" if arguments.len() == 4 => Some(arguments.drain(..2).next_back()?.into()),
        _ => None,
    };
    let [first, hook] = &arguments[..] else {
        return None;
    };
    let hook = match (first.to_str()?, hook.to_str()?) {
        ("hook", "pre-receive") => hook::Hook::PreReceive,
        ("hook", "post-receive") => hook::Hook::PostReceive,
        _ => return None,
    };
    Some(Cli {
        global: Global {
            config,
            ..Global::default()
        },
        command: Command::Hook(hook),
    })
}

/// `pushgate [--config FILE] check …`, read by a parser that knows nothing else: the one for all
/// commands costs a tenth of checking one file. What it does not take goes to that one, which says
/// what is wrong with it.
fn as_check() -> Option<Cli> {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    let place = match arguments.get(1)?.to_str()? {
        "--config" => 3,
        _ => 1,
    };
    if arguments.get(place)? != "check" {
        return None;
    }
    arguments.remove(place);
    let alone = CheckAlone::try_parse_from(arguments).ok()?;
    Some(Cli {
        global: alone.global,
        command: Command::Check(alone.arguments),
    })
}
