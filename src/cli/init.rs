//! `pushgate init`: the hooks of a bare repository, or the pre-commit hook of a work tree.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use miette::Diagnostic;
use thiserror::Error;

use super::{CommandError, ExitStatus, Invocation, output};
use crate::document::{Limits, Source, load};
use crate::git::HooksFolder;
use crate::io_reason::io_reason;
use crate::shell_text::shell_path;
use crate::work_tree::WorkTree;

/// The arguments of `init`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A bare repository or a work tree
    #[arg(value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,
}

/// What keeps `init` from its work.
#[derive(Debug, Error, Diagnostic)]
enum InitError {
    #[error("{} is neither a bare repository nor a work tree", .0.display())]
    #[diagnostic(help("run it in one of the two, or name it: `pushgate init /srv/git/hello.git`"))]
    NoRepository(PathBuf),
    #[error("{} is there already, and pushgate did not write it", .0.display())]
    #[diagnostic(help(
        "call `{1}` from it: it reads the ref updates on standard input, and its exit code must end a pre-receive hook"
    ))]
    ForeignHook(PathBuf, String),
    #[error(
        "git runs no hook in {}: `core.hooksPath` names {}", own.display(), folder.display()
    )]
    #[diagnostic(help(
        "call `{command} hook pre-receive` from the hook pre-receive there and `{command} hook post-receive` from post-receive, or take `core.hooksPath` out where `git -C {repository} config --show-origin core.hooksPath` says that it is set, and run this again"
    ))]
    HooksElsewhere {
        own: PathBuf,
        folder: PathBuf,
        command: String,
        repository: String,
    },
    #[error("{}: cannot tell where its list `repos` ends", .0.display())]
    #[diagnostic(help("add this to it by hand:\n{1}"))]
    OtherLayout(PathBuf, String),
    #[error("cannot write {}: {}", path.display(), io_reason(source))]
    #[diagnostic(help("run it as the user that owns the folder"))]
    Unwritable { path: PathBuf, source: io::Error },
}

const HOOKS: [&str; 2] = ["pre-receive", "post-receive"];
/// The line by which `init` knows its own hooks again.
const MARK: &str = "# Written by `pushgate init`; run it again to renew.";
const PRE_COMMIT: &str = ".pre-commit-config.yaml";

/// Writes what is missing and says what it wrote; a second run changes nothing.
pub(super) fn run(
    invocation: &Invocation,
    arguments: &Arguments,
) -> Result<ExitStatus, CommandError> {
    let folder = &arguments.folder;
    let is_bare = folder.join("HEAD").is_file() && folder.join("objects").is_dir();
    let result = if is_bare {
        hooks(folder, invocation.config.as_deref())
    } else {
        let tree = WorkTree::around(folder);
        if tree.root().join(".git").exists() {
            pre_commit(tree.root())
        } else {
            Err(InitError::NoRepository(folder.clone()))
        }
    };
    let done = result.map_err(CommandError::usage)?;
    output::report(&done);
    Ok(ExitStatus::Fine)
}

fn hooks(repository: &Path, config: Option<&Path>) -> Result<String, InitError> {
    let binary = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("pushgate"));
    let mut command = shell_path(&binary);
    if let Some(config) = config {
        let config = std::path::absolute(config).unwrap_or_else(|_| config.to_owned());
        command = format!("{command} --config {}", shell_path(&config));
    }
    let folder = match HooksFolder::of(repository) {
        HooksFolder::Own(folder) => folder,
        HooksFolder::Elsewhere(folder) => return elsewhere(repository, folder, command),
    };
    let written = |path: &Path, result: io::Result<()>| {
        result.map_err(|source| InitError::Unwritable {
            path: path.to_owned(),
            source,
        })
    };
    // Both are looked at before either is written.
    for hook in HOOKS {
        let path = folder.join(hook);
        if fs::read_to_string(&path).is_ok_and(|text| !text.contains(MARK)) {
            return Err(InitError::ForeignHook(
                path,
                format!("{command} hook {hook}"),
            ));
        }
    }
    let mut done = String::new();
    written(&folder, fs::create_dir_all(&folder))?;
    for hook in HOOKS {
        let path = folder.join(hook);
        let text = format!("#!/bin/sh\n{MARK}\nexec {command} hook {hook}\n");
        written(&path, replace(&path, &text, Mode::Executable))?;
        done.push_str(&format!("wrote {}\n", path.display()));
    }
    done.push_str("pushes to this repository now pass the gate\n");
    Ok(done)
}

/// Git runs the hooks of a folder that several repositories may share: `init` writes nothing there.
fn elsewhere(repository: &Path, folder: PathBuf, command: String) -> Result<String, InitError> {
    let names_pushgate = |hook: &str| {
        fs::read_to_string(folder.join(hook)).is_ok_and(|text| text.contains("pushgate"))
    };
    if HOOKS.iter().all(|hook| names_pushgate(hook)) {
        return Ok(format!(
            "both hooks in {}, which `core.hooksPath` names, have pushgate already\n",
            folder.display()
        ));
    }
    Err(InitError::HooksElsewhere {
        own: repository.join("hooks"),
        folder,
        command,
        repository: shell_path(repository),
    })
}

fn pre_commit(root: &Path) -> Result<String, InitError> {
    let path = root.join(PRE_COMMIT);
    let unwritable = |source| InitError::Unwritable {
        path: path.clone(),
        source,
    };
    let old = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(unwritable(error)),
    };
    if old.contains("pushgate") {
        return Ok(format!("{} has pushgate already\n", path.display()));
    }
    let new = match with_snippet(&old) {
        Some(text) => text,
        None => return Err(InitError::OtherLayout(path, snippet(2))),
    };
    replace(&path, &new, Mode::Plain).map_err(unwritable)?;
    Ok(format!(
        "wrote {}\nrun `pre-commit install` once, so that each commit is checked\n",
        path.display()
    ))
}

/// The configuration of pre-commit with pushgate behind the last of its repositories.
fn with_snippet(old: &str) -> Option<String> {
    if old.trim().is_empty() {
        return Some(format!("repos:\n{}", snippet(2)));
    }
    let source = Source::new(PRE_COMMIT, old);
    let stream = load(&source, &Limits::default());
    let document = stream.documents.first()?;
    let repos = document.get(document.root().node, "repos")?;
    let last = document.items(repos.value.node).last()?;
    // A list in brackets has no line of its own to add.
    let line = source.position(last.at.start).line;
    let before = &source.line(line)?[..last.at.start - source.line_starts()[line - 1]];
    let dash = before.trim_end().strip_suffix('-')?.len();
    if !before[..dash].trim().is_empty() {
        return None;
    }
    let end = old[last.at.end..]
        .find('\n')
        .map_or(old.len(), |at| last.at.end + at + 1);
    let mut new = old[..end].to_owned();
    if !new.ends_with('\n') {
        new.push('\n');
    }
    new.push_str(&snippet(dash));
    new.push_str(&old[end..]);
    Some(new)
}

fn snippet(indent: usize) -> String {
    let pad = " ".repeat(indent);
    [
        "- repo: local",
        "  hooks:",
        "    - id: pushgate",
        "      name: pushgate",
        "      entry: pushgate check",
        "      language: system",
        r"      files: '^(port\.ya?ml|\.gimlet\.ya?ml|\.gimlet/[^/]+|bitbucket-pipelines\.yml|algorithmia\.conf)$'",
        r"      exclude: '^\.gimlet/(vars|[^/]*\.cue)$'",
    ]
    .iter()
    .map(|line| format!("{pad}{line}\n"))
    .collect()
}

enum Mode {
    Plain,
    Executable,
}

/// Replaces a file at once: a push that comes in between sees the old one or the new one.
fn replace(path: &Path, text: &str, mode: Mode) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = match mode {
            Mode::Plain => 0o644,
            Mode::Executable => 0o755,
        };
        file.as_file()
            .set_permissions(fs::Permissions::from_mode(mode))?;
    }
    #[cfg(not(unix))]
    let _ = mode;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_snippet_goes_behind_the_last_repository_in_its_indentation() {
        assert_eq!(with_snippet("").unwrap().lines().next(), Some("repos:"));
        let old = "repos:\n- repo: a\n  hooks:\n  - id: x\n# end\nfail_fast: true\n";
        let new = with_snippet(old).unwrap();
        assert!(
            new.starts_with("repos:\n- repo: a\n  hooks:\n  - id: x\n- repo: local\n"),
            "{new}"
        );
        assert!(new.ends_with("# end\nfail_fast: true\n"), "{new}");
        let new = with_snippet("repos:\n    - repo: a\n      hooks: []").unwrap();
        assert!(new.contains("\n    - repo: local\n      hooks:\n"), "{new}");
        assert_eq!(with_snippet("repos: []\n"), None);
        assert_eq!(with_snippet("repos: [{repo: a - b}]\n"), None);
        assert_eq!(with_snippet("- x\n"), None);
    }
}
