//! Algorithmia: building the pushed commit, and the administration of source code hosts and
//! algorithms. Knows nothing of git's repositories or of the outbox.

mod address;
mod algorithm;
mod build;
mod call;
mod client;
mod compile;
mod credentials;
mod description;
mod envelope;
mod new_algorithm;
mod problem;
mod reference;
mod scm;
mod ssh_key;
mod ssh_key_fault;
mod words;

pub use address::{HttpsAddress, NotAnAddress, SshAddress};
pub use algorithm::{Algorithm, Repository};
pub use build::{Build, BuildStatus, Builds};
pub use call::{Call, Purpose};
pub use client::{BadAddress, Client, Settings, base_url};
pub use compile::Compiled;
pub use credentials::{Credentials, Role};
pub use description::{
    Callability, Description, Details, License, NetworkAccess, Processor, ScmCredentials,
    Settings as AlgorithmSettings, Source, VersionInfo, Visibility,
};
pub use new_algorithm::{
    AlgorithmName, DescriptionError, EnvironmentId, NewAlgorithm, NotAName, NotAnEnvironment,
};
pub use reference::{AlgorithmRef, NotAnAlgorithm};
pub use scm::{NewScm, NotAProjectKey, ProjectKey, Scm, ScmAddresses, ScmChange, ScmUrls};
pub use ssh_key::{LooseKeyFile, SshKey};
pub use ssh_key_fault::{SshKeyError, SshKeyFault};
