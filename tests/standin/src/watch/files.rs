//! The files that a run may have written: the state folder's, and those that its arguments name.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use super::secrets;

/// The one file that may hold a secret: the token that Port gave, for the next process.
const TOKEN_FILE: &str = "port-token.json";

/// What changes when a file is written.
type Stamp = (u64, Option<SystemTime>);

/// Files that were looked at as they are now, by all runs of this process.
static KNOWN: Mutex<Option<HashMap<PathBuf, Stamp>>> = Mutex::new(None);

#[derive(Debug)]
pub(super) struct Files {
    state: Option<PathBuf>,
    /// What the arguments name, as it was before.
    named: Vec<(PathBuf, Option<Stamp>)>,
}

impl Files {
    /// Of a program that is about to be run.
    pub(super) fn of(command: &Command) -> Self {
        let here = command.get_current_dir().unwrap_or(Path::new("."));
        let mut variables = command.get_envs();
        let state = variables.find_map(|(name, value)| {
            let state = value.filter(|_| name == OsStr::new("PUSHGATE_STATE"))?;
            Some(here.join(state))
        });
        let named = command.get_args().filter_map(|argument| {
            let argument = argument.to_str()?;
            let name = argument.rsplit_once('=').map_or(argument, |(_, name)| name);
            let path = here.join(name);
            (!name.is_empty() && !path.is_dir()).then(|| (path.clone(), stamp(&path)))
        });
        Self {
            state,
            named: named.collect(),
        }
    }

    /// Searches what has changed since.
    pub(super) fn look_again(&self, name: &str) {
        for (path, before) in &self.named {
            if stamp(path) != *before {
                search(path, name);
            }
        }
        if let Some(state) = &self.state {
            search_folder(state, name);
        }
    }
}

/// None where there is no such file.
fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    Some((metadata.len(), metadata.modified().ok()))
}

fn search_folder(folder: &Path, name: &str) {
    // Deliveries that go on meanwhile take files away: what is gone shows nothing.
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => search_folder(&path, name),
            Ok(kind) if kind.is_file() && entry.file_name() != TOKEN_FILE && is_new(&path) => {
                search(&path, name);
            }
            _ => {}
        }
    }
}

/// Whether nobody has looked at the file as it is now.
fn is_new(path: &Path) -> bool {
    let Some(now) = stamp(path) else {
        return false;
    };
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let known = known.get_or_insert_default();
    known.insert(path.to_owned(), now) != Some(now)
}

fn search(path: &Path, name: &str) {
    let shown = fs::read(path).ok().and_then(|bytes| secrets::leaks(&bytes));
    if let Some(shown) = shown {
        panic!("{name} leaves a secret in {}: {shown}", path.display());
    }
}
