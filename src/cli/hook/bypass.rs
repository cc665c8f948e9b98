//! Users who may push what the gate would refuse: named, logged, announced.

use std::fs::DirBuilder;
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;

use serde::Serialize;

use crate::cli::Invocation;
use crate::config::Config;
use crate::git::RefUpdate;
use crate::private_file;
use crate::repository::RepositoryName;

/// Whether the pusher may bypass the gate.
#[derive(Debug)]
pub(super) enum Bypass {
    /// No: the verdict stands.
    No,
    /// Yes.
    Yes {
        /// Who.
        user: String,
        /// Whether it could be logged.
        logged: io::Result<()>,
    },
}

#[derive(Serialize)]
struct Entry<'a> {
    time: String,
    user: &'a str,
    repository: Option<&'a str>,
    refs: Vec<&'a str>,
}

/// The file in the state folder that names each bypass, one JSON object a line; its owner's alone.
const LOG: &str = "bypass.log";

/// Asks whether the pusher may bypass, and logs it where so.
pub(super) fn ask(
    invocation: &Invocation,
    config: &Config,
    repository: Option<&RepositoryName>,
    updates: &[RefUpdate],
) -> Bypass {
    let Some(user) = invocation.environment.user() else {
        return Bypass::No;
    };
    if !config.gate.bypass.users.iter().any(|name| name == user) {
        return Bypass::No;
    }
    let entry = Entry {
        time: jiff::Timestamp::now().to_string(),
        user,
        repository: repository.map(RepositoryName::as_str),
        refs: updates
            .iter()
            .map(|update| update.name().as_str())
            .collect(),
    };
    Bypass::Yes {
        user: user.to_owned(),
        logged: log(invocation, config, &entry),
    }
}

fn log(invocation: &Invocation, config: &Config, entry: &Entry<'_>) -> io::Result<()> {
    let folder = config
        .state_folder(&invocation.environment)
        .map_err(io::Error::other)?;
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)?;
    let mut file = private_file::log_file(&folder.join(LOG))?;
    // One write a line: two pushes at once do not mix theirs.
    let line = serde_json::to_string(entry)? + "\n";
    file.write_all(line.as_bytes())
}
