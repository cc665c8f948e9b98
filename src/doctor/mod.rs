//! `pushgate doctor`: proves a set-up item by item. An item looks at one thing and says how it is, and
//! where it is not well what mends it. Nothing is changed by looking.

mod diagnosis;
mod examination;
mod item;
mod subject;

mod algorithmia;
mod application_link;
mod bitbucket;
mod clock;
mod configuration;
mod gate;
mod hook;
mod port;
mod ssh_keys;
mod state;
mod webhooks;

pub use diagnosis::{Diagnosis, State};
pub use examination::{Examined, Limits, examine};
pub use item::Item;
pub use subject::{Configuration, Subject};

/// Every item, in the order in which they are told. Its id is part of the contract.
pub const ITEMS: &[Item] = &[
    configuration::FILE,
    configuration::RULES,
    configuration::ENFORCEMENT,
    state::FOLDER,
    state::STORE,
    state::DELIVERIES,
    hook::BINARY,
    hook::SHELL,
    hook::INSTALLED,
    gate::ON_NODE,
    bitbucket::SERVER,
    bitbucket::CERTIFICATE,
    bitbucket::CREDENTIALS,
    bitbucket::PERMISSIONS,
    gate::RUNS,
    webhooks::SECRET,
    webhooks::CALLS,
    clock::CLOCK,
    port::CREDENTIALS,
    algorithmia::CREDENTIALS,
    algorithmia::ALGORITHMS,
    algorithmia::SCM,
    ssh_keys::SSH_KEYS,
    application_link::ADDRESS,
    application_link::KEY_PAIR,
];
