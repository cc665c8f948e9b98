//! Who builds a commit, as the configuration names it.

use crate::config::{Build, Trigger, Way};
use crate::outbox::BuildTarget;

/// The algorithm of a line of `algorithmia.builds`.
pub fn of_build(build: &Build) -> BuildTarget {
    BuildTarget::Algorithmia {
        algorithm: build.algorithm.clone(),
        ssh_key_file: build.ssh_key_file.clone(),
    }
}

/// The service of a trigger; one of the preset `algorithmia` is the algorithm itself, so that a commit
/// is built once, whichever of the two names it.
pub fn of_trigger(trigger: &Trigger) -> BuildTarget {
    match &trigger.way {
        Way::Call(_) => BuildTarget::Trigger(trigger.name.clone()),
        Way::Algorithmia {
            algorithm,
            ssh_key_file,
        } => BuildTarget::Algorithmia {
            algorithm: algorithm.clone(),
            ssh_key_file: ssh_key_file.clone(),
        },
    }
}
