//! `pushgate check`: files and folders of a work tree.

mod bitbucket;
mod crew;
mod each;
mod fix;
mod read;

use std::collections::{BTreeMap, HashSet};
use std::io::{self, Read};
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

use clap::Args;
use miette::Diagnostic;
use thiserror::Error;

use self::fix::WriteError;
use super::reports::ReportArguments;
use super::{CommandError, ExitStatus, Invocation, output};
use crate::blueprint::{BlueprintFile, BlueprintsError};
use crate::check::{Checked, Checker, Placed};
use crate::config;
use crate::document::Kind;
use crate::io_reason::io_reason;
use crate::report::{Counts, Reported, Root};
use crate::visible::visible;
use crate::work_tree::{self, Candidate, Place, WorkTree, WorkTreeFiles};

/// The arguments of `check`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Files or folders; duplicates are looked for in the rest of their work tree too [default: the
    /// documents of the work tree]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    reports: ReportArguments,
    #[command(flatten)]
    report_to: bitbucket::ReportTo,
    /// Take every given file for a document of this kind, in folders every YAML and JSON file
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Check standard input as if it were this file
    #[arg(long, value_name = "PATH", conflicts_with = "paths")]
    stdin_filename: Option<PathBuf>,
    /// Hold entities against the blueprints in this file [default: port.blueprints of the
    /// configuration, else .pushgate/blueprints.json]
    #[arg(long, value_name = "FILE")]
    blueprints: Option<PathBuf>,
    /// Make the changes that certainly mend a finding, in the files themselves; standard input is
    /// mended to standard output, and the findings go to standard error
    #[arg(long)]
    fix: bool,
}

/// What keeps `check` from starting.
#[derive(Debug, Error, Diagnostic)]
enum CheckError {
    #[error("there is no kind of document named `{name}`")]
    #[diagnostic(help("the kinds are {known}"))]
    UnknownKind { name: String, known: String },
    #[error("cannot tell by its name what kind of document `{path}` is")]
    #[diagnostic(help("add `--kind` with one of {known}"))]
    NoKind { path: String, known: String },
    #[error("{text}")]
    #[diagnostic(help("{}", help.as_deref().unwrap_or("name another file")))]
    Blueprints { text: String, help: Option<String> },
    #[error("cannot read `{path}`: {}", io_reason(source))]
    #[diagnostic(help("correct the path, or let this user read the file"))]
    Unreadable { path: String, source: io::Error },
}

/// Checks and prints; findings of severity error make the exit code 1.
pub(super) fn run(
    invocation: &Invocation,
    arguments: &Arguments,
) -> Result<ExitStatus, CommandError> {
    let reports = arguments.reports.reports()?;
    let here = WorkTree::around(Path::new("."));
    let config = invocation.load_config(config::Place::WorkTree(here.root()))?;
    let destination = arguments.report_to.destination(invocation, &config)?;
    let blueprints = match &arguments.blueprints {
        Some(path) => Some(named_blueprints(path)?),
        None => {
            let place = config::Place::WorkTree(here.root());
            config.blueprints(place, &invocation.environment)
        }
    };
    // Never taken apart, as the documents below: the process ends here, and it would cost a tenth of it.
    let checker = ManuallyDrop::new(
        config
            .checker_with(blueprints)
            .map_err(CommandError::usage)?,
    );
    let kind = arguments
        .kind
        .as_deref()
        .map(|name| kind_named(&checker, name))
        .transpose()?;
    let working_directory = std::path::absolute(".").unwrap_or_else(|_| here.root().to_owned());
    let root = Root::new(here.root(), &working_directory);
    let report = |checked: &[Checked], out: fn(&str)| {
        if let Some(doubt) = checker.doubt_of_blueprints() {
            let are_named = arguments.blueprints.is_some();
            doubt_blueprints(doubt, are_named, config.port.blueprints.is_some())?;
        }
        let reported: Vec<_> = checked.iter().map(Reported::from).collect();
        reports.write(invocation, &reported, &root, out)?;
        if let Some(destination) = &destination {
            destination.send(&reported, &root)?;
        }
        Ok(if Counts::total(&reported).errors > 0 {
            ExitStatus::Findings
        } else {
            ExitStatus::Fine
        })
    };
    if let Some(path) = &arguments.stdin_filename {
        let (candidate, bytes) = read_stdin(&checker, path, kind.as_ref())?;
        let shown = work_tree::shown(path);
        let (checked, out): (_, fn(&str)) = if arguments.fix {
            let fixed = checker.fix(&candidate.kind, &shown, &bytes);
            output::bytes(fixed.bytes.as_deref().unwrap_or(&bytes));
            (fixed.checked, output::err)
        } else {
            let checked = checker.check(&candidate.kind, &shown, &bytes);
            (checked, output::out)
        };
        let mut checked = [checked];
        together(&checker, &[candidate], &mut checked)?;
        return report(&checked, out);
    }
    let (checked, failures) =
        check_paths(&checker, &arguments.paths, kind.as_ref(), arguments.fix)?;
    let checked = ManuallyDrop::new(checked);
    let status = report(&checked, output::out)?;
    fix::tell(&checked);
    fix::failed(failures)?;
    Ok(status)
}

/// The file that somebody wants to be used is there, and is good however old it is.
fn named_blueprints(path: &Path) -> Result<BlueprintFile, CommandError> {
    let about = path.metadata().map_err(|error| unreadable(path, error))?;
    if about.is_dir() {
        return Err(unreadable(path, io::ErrorKind::IsADirectory.into()));
    }
    Ok(BlueprintFile::new(path.to_owned()))
}

/// Says why entities were not held against blueprints, or not strictly. Whoever names blueprints on
/// the command line wants them used; nobody needs any.
fn doubt_blueprints(
    doubt: &BlueprintsError,
    are_named: bool,
    are_configured: bool,
) -> Result<(), CommandError> {
    if doubt.is_missing() && !are_named && !are_configured {
        return Ok(());
    }
    let text = visible(&doubt.to_string()).into_owned();
    let help = doubt.help().map(|help| help.to_string());
    if are_named {
        return Err(CommandError::usage(CheckError::Blueprints { text, help }));
    }
    let mut note = output::notes();
    note.line(&match doubt {
        BlueprintsError::Old { .. } => {
            format!("pushgate: {text}: what Port may have changed since is only a warning")
        }
        _ => format!("pushgate: {text}: entities are not held against them"),
    });
    if let Some(help) = help {
        note.help(&help);
    }
    output::err(&note.finish());
    Ok(())
}

fn kind_named(checker: &Checker, name: &str) -> Result<Kind, CommandError> {
    checker.kinds().by_name(name).cloned().ok_or_else(|| {
        CommandError::usage(CheckError::UnknownKind {
            name: name.to_owned(),
            known: known_kinds(checker),
        })
    })
}

fn known_kinds(checker: &Checker) -> String {
    let names: Vec<String> = checker
        .kinds()
        .names()
        .map(|name| format!("`{name}`"))
        .collect();
    names.join(", ")
}

fn no_kind(checker: &Checker, path: &Path) -> CommandError {
    CommandError::usage(CheckError::NoKind {
        path: visible(&path.to_string_lossy()).into_owned(),
        known: known_kinds(checker),
    })
}

fn unreadable(path: &Path, source: io::Error) -> CommandError {
    CommandError::usage(CheckError::Unreadable {
        path: visible(&path.to_string_lossy()).into_owned(),
        source,
    })
}

fn read_stdin(
    checker: &Checker,
    path: &Path,
    kind: Option<&Kind>,
) -> Result<(Candidate, Vec<u8>), CommandError> {
    let candidate = candidate(checker, WorkTree::around(path), path, kind)?;
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(Path::new("-"), error))?;
    Ok((candidate, bytes))
}

/// A file given by hand: of the kind that was asked for, else of the one that its path tells.
fn candidate(
    checker: &Checker,
    tree: WorkTree,
    path: &Path,
    kind: Option<&Kind>,
) -> Result<Candidate, CommandError> {
    match kind {
        Some(kind) => Ok(Candidate::new(path, kind.clone(), None)),
        None => tree
            .candidate(checker.kinds(), path)
            .ok_or_else(|| no_kind(checker, path)),
    }
}

/// What was given to be checked.
enum Given<'p> {
    File(Candidate),
    Folder(&'p Path),
}

fn check_paths(
    checker: &Checker,
    paths: &[PathBuf],
    kind: Option<&Kind>,
    fix: bool,
) -> Result<(Vec<Checked>, Vec<WriteError>), CommandError> {
    let whole;
    let paths = if paths.is_empty() {
        whole = [WorkTree::around(Path::new(".")).root_from_here()];
        &whole
    } else {
        paths
    };
    let given = given(checker, paths, kind)?;
    let found = |each: &mut dyn FnMut(Candidate)| {
        // A file may be given by itself and with its folder; what a folder holds, it holds once.
        let mut seen = (given.len() > 1).then(HashSet::new);
        let mut each = |candidate: Candidate| {
            let path = || candidate.path.clone();
            if seen.as_mut().is_none_or(|seen| seen.insert(path())) {
                each(candidate);
            }
        };
        for given in &given {
            match given {
                Given::File(candidate) => each(candidate.clone()),
                Given::Folder(folder) => {
                    let tree = WorkTree::around(folder);
                    tree.each_document_below(folder, checker.kinds(), kind, &mut each);
                }
            }
        }
    };
    let answers = crew::check(found, |candidate| each::check(checker, candidate, fix));
    let (mut candidates, mut checked) = (Vec::new(), Vec::new());
    let mut failures = Vec::new();
    for (candidate, answer) in answers {
        let answer = answer?;
        candidates.push(candidate);
        checked.push(answer.checked);
        failures.extend(answer.failure);
    }
    together(checker, &candidates, &mut checked)?;
    Ok((checked, failures))
}

/// What the paths are: all of them are there, before one is read.
fn given<'p>(
    checker: &Checker,
    paths: &'p [PathBuf],
    kind: Option<&Kind>,
) -> Result<Vec<Given<'p>>, CommandError> {
    // Files that are given by the hundred lie beside one another.
    let mut last: Option<(&Path, WorkTree)> = None;
    let mut given = Vec::with_capacity(paths.len());
    for path in paths {
        let metadata = path
            .symlink_metadata()
            .map_err(|error| unreadable(path, error))?;
        if metadata.is_dir() {
            given.push(Given::Folder(path));
            continue;
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        let tree = match &last {
            Some((of, tree)) if *of == folder => tree.clone(),
            _ => WorkTree::around(path),
        };
        given.push(Given::File(candidate(checker, tree.clone(), path, kind)?));
        last = Some((folder, tree));
    }
    Ok(given)
}

/// Checks what takes more than one file, in each work tree by itself.
fn together(
    checker: &Checker,
    candidates: &[Candidate],
    checked: &mut [Checked],
) -> Result<(), CommandError> {
    let mut trees: BTreeMap<&Path, Vec<(usize, &Place)>> = BTreeMap::new();
    for (number, candidate) in candidates.iter().enumerate() {
        if let Some(place) = &candidate.place {
            let members = trees.entry(place.tree.root()).or_default();
            members.push((number, place));
        }
    }
    for members in trees.into_values() {
        let Some((_, Place { tree, .. })) = members.first() else {
            continue;
        };
        let placed: Vec<_> = members
            .iter()
            .map(|&(number, place)| Placed {
                path: &place.path,
                checked: &checked[number],
            })
            .collect();
        let files = WorkTreeFiles::new(tree, checker.kinds());
        let added = checker.together(&placed, &files);
        let added = added.map_err(|error| unreadable(&error.path, error.source))?;
        for ((number, _), added) in members.iter().zip(added) {
            checked[*number].add(added);
        }
    }
    Ok(())
}
