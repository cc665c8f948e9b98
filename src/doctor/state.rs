//! Where deliveries wait: the state folder and the store.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::{Diagnosis, Item, Subject};
use crate::environment;
use crate::io_reason::io_reason;
use crate::outbox::State as DeliveryState;
use crate::report::counted;
use crate::shell_text::shell_path;

/// Less than this on the state folder's disk is soon gone.
const LITTLE_SPACE: u64 = 100 * 1024 * 1024;

/// The folder is there, is ours and has room.
pub(super) const FOLDER: Item = Item {
    id: "state.folder",
    title: "the state folder can be written",
    needs: &["configuration.file"],
    look: folder,
};

/// The store opens.
pub(super) const STORE: Item = Item {
    id: "state.store",
    title: "the store of deliveries opens",
    needs: &["state.folder"],
    look: store,
};

/// Nothing is stuck.
pub(super) const DELIVERIES: Item = Item {
    id: "state.deliveries",
    title: "no delivery is stuck",
    needs: &["state.store"],
    look: deliveries,
};

fn folder(subject: &Subject) -> Diagnosis {
    let folder = match subject.config().state_folder(&subject.environment) {
        Ok(folder) => folder,
        Err(error) => return Diagnosis::of_error(&error, "set PUSHGATE_STATE"),
    };
    let shown = folder.display();
    let metadata = match std::fs::metadata(&folder) {
        Ok(metadata) if metadata.is_dir() => metadata,
        Ok(_) => {
            return Diagnosis::failed(
                format!("{shown} is no folder"),
                "set PUSHGATE_STATE, or `delivery: { state: … }`, to a folder",
            );
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return missing(&folder),
        Err(error) => {
            return Diagnosis::failed(
                format!("{shown} can't be looked at: {}", io_reason(&error)),
                as_git_user(),
            );
        }
    };
    // A file without a name: nothing is left behind however this ends.
    if let Err(error) = tempfile::tempfile_in(&folder) {
        return Diagnosis::failed(
            format!("{shown} can't be written: {}", io_reason(&error)),
            as_git_user(),
        );
    }
    if metadata.permissions().mode() & 0o022 != 0 {
        return Diagnosis::warning(
            format!("others may write {shown}, and with it what is delivered"),
            format!("run `chmod go-w {}`", shell_path(&folder)),
        );
    }
    match free_bytes(&folder) {
        Some(free) if free < LITTLE_SPACE => Diagnosis::warning(
            format!("{} MiB are left on the disk of {shown}", free / 1024 / 1024),
            "make room: a push whose deliveries can't be written down is told so, and nothing is delivered",
        ),
        _ => Diagnosis::ok(format!("{shown} can be written by this user")),
    }
}

fn missing(folder: &Path) -> Diagnosis {
    let shown = folder.display();
    let above = folder.ancestors().skip(1).find(|above| above.is_dir());
    match above.map(tempfile::tempfile_in) {
        Some(Ok(_)) => Diagnosis::ok(format!("{shown} is made with the first delivery")),
        _ => Diagnosis::failed(
            format!("{shown} is not there, and this user can't make it"),
            format!(
                "as root run `install -d -m 700 -o GIT_USER {shown}`, GIT_USER being the user of the git server"
            ),
        ),
    }
}

fn as_git_user() -> &'static str {
    "run doctor as the git server's user, and give that user the folder: `chown -R GIT_USER FOLDER`"
}

fn free_bytes(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Whether there is a store to open: looking makes none.
fn is_there(subject: &Subject) -> bool {
    let config = subject.config();
    subject.environment.get(environment::STORE).is_some()
        || config.delivery.store_file.is_some()
        || config
            .state_folder(&subject.environment)
            .is_ok_and(|folder| folder.join("outbox.sqlite").exists())
}

fn store(subject: &Subject) -> Diagnosis {
    if !is_there(subject) {
        return Diagnosis::ok("it is made with the first delivery");
    }
    let remedy = "set PUSHGATE_STORE to postgres://USER:PASSWORD@HOST/DATABASE, or unset it";
    let outbox = match subject.outbox() {
        Ok(outbox) => outbox,
        Err(error) => return Diagnosis::of_error(&error, remedy),
    };
    match outbox.store() {
        Ok(_) if subject.environment.get(environment::STORE).is_some() => {
            Diagnosis::ok("the database of PUSHGATE_STORE opens")
        }
        Ok(_) => Diagnosis::ok("it opens"),
        Err(error) => Diagnosis::of_error(&error, remedy),
    }
}

fn deliveries(subject: &Subject) -> Diagnosis {
    if !is_there(subject) {
        return Diagnosis::ok("nothing waits");
    }
    let counts = subject
        .outbox()
        .map_err(|error| error.to_string())
        .and_then(|outbox| outbox.store().map_err(|error| error.to_string()))
        .and_then(|mut store| store.counts().map_err(|error| error.to_string()));
    match counts {
        Ok(counts) => counted_deliveries(&counts),
        Err(reason) => Diagnosis::failed(reason, "mend `state.store`"),
    }
}

fn counted_deliveries(counts: &BTreeMap<DeliveryState, usize>) -> Diagnosis {
    let of = |state| counts.get(&state).copied().unwrap_or_default();
    let (refused, held) = (of(DeliveryState::Refused), of(DeliveryState::Held));
    let waiting = match of(DeliveryState::Waiting) {
        0 => "nothing waits".to_owned(),
        1 => "1 delivery waits".to_owned(),
        count => format!("{count} deliveries wait"),
    };
    if refused + held == 0 {
        return Diagnosis::ok(waiting);
    }
    let parts = [(refused, "refused"), (held, "held")];
    let stuck: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| {
            format!(
                "{} {what}",
                counted(*count, "delivery").replace("deliverys", "deliveries")
            )
        })
        .collect();
    Diagnosis::warning(
        format!("{}; {waiting}", stuck.join(", ")),
        "`pushgate outbox list` says why; then `retry`, `approve` or `discard` them",
    )
}
