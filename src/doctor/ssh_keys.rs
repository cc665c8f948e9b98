//! The SSH keys with which builds read their repositories.

use std::collections::BTreeSet;

use super::{Diagnosis, Item, Subject};
use crate::algorithmia::SshKey;
use crate::config::Way;
use crate::report::counted;

/// Each key file has the one form that Algorithmia takes.
pub(super) const SSH_KEYS: Item = Item {
    id: "algorithmia.ssh_keys",
    title: "Algorithmia can use the SSH keys",
    needs: &["configuration.file"],
    look,
};

fn look(subject: &Subject) -> Diagnosis {
    let config = subject.config();
    let own = &config.algorithmia;
    let builds = own.builds.iter().map(|build| &build.ssh_key_file);
    let from_file = own.from_file.iter().map(|from| &from.ssh_key_file);
    let triggers = config
        .triggers
        .iter()
        .filter_map(|trigger| match &trigger.way {
            Way::Algorithmia { ssh_key_file, .. } => Some(ssh_key_file),
            Way::Call(_) => None,
        });
    let files: BTreeSet<_> = builds.chain(from_file).chain(triggers).collect();
    if files.is_empty() {
        return Diagnosis::skipped(
            "no build names an SSH key",
            "to have commits compiled, list them under `algorithmia: { builds: … }`",
        );
    }
    let well = match files.len() {
        1 => "1 key in the form that Algorithmia takes".to_owned(),
        count => format!(
            "{} in the form that Algorithmia takes",
            counted(count, "key")
        ),
    };
    let found = files.into_iter().map(|path| match SshKey::read(path) {
        Err(error) => Diagnosis::failed(error.to_string(), error.advice()),
        Ok(key) => match key.warning() {
            None => Diagnosis::ok(""),
            Some(loose) => {
                let text = loose.to_string();
                match text.split_once("; ") {
                    Some((what, remedy)) => Diagnosis::warning(what, remedy),
                    None => Diagnosis::warning(text, "let only its owner read it"),
                }
            }
        },
    });
    Diagnosis::all(found.collect(), well)
}
