//! Algorithmia: building the pushed commit. Knows nothing of git or of the outbox.

mod client;
mod problem;
mod reference;
mod ssh_key;

pub use client::{BadAddress, Client, Compiled, Credentials, Settings, base_url};
pub use reference::{AlgorithmRef, NotAnAlgorithm};
pub use ssh_key::{LooseKeyFile, SshKey, SshKeyError, SshKeyFault};
