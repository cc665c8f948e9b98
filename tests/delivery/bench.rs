//! What every test here stands on.

use std::path::Path;
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use pushgate::algorithmia::{self, AlgorithmRef};
use pushgate::branch_tip::BranchTips;
use pushgate::catalog::{Entity, EntityKey};
use pushgate::delivery::{self, BackOff, Deadline, Event, Remotes, Settings, Summary};
use pushgate::document::Kinds;
use pushgate::git::CommitId;
use pushgate::http;
use pushgate::outbox::{
    BuildJob, BuildTarget, CatalogJob, Delivery, DeliveryId, Job, Outbox, StoreAddress,
};
use pushgate::port;
use pushgate::repository::RepositoryName;
use serde_json::{Value, json};
use standin::{AlgorithmiaStandIn, PortStandIn};

pub use standin::good_key;

/// Long enough for any machine; nothing waits for it unless something hangs.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Short waits between tries, so that no test has to sleep.
pub fn settings() -> Settings {
    Settings {
        back_off: BackOff {
            first: Duration::from_millis(1),
            longest: Duration::from_millis(4),
        },
        poll: Duration::from_millis(1),
        // One after another, so that tests can tell what comes first.
        workers: 1,
        ..Settings::default()
    }
}

pub fn http_client(timeout: Duration) -> http::Client {
    http::Client::new(http::Settings {
        timeout,
        ..http::Settings::default()
    })
    .unwrap()
}

pub fn port_settings(port: &PortStandIn) -> port::Settings {
    port::Settings {
        api_url: port.url(),
        client_id: port.client_id().to_owned(),
        client_secret: http::Secret::new(port.client_secret()),
        state: None,
        create_missing_related_entities: true,
        delete_dependents: false,
    }
}

pub fn port_client(settings: port::Settings) -> port::Client {
    port::Client::new(http_client(PATIENCE), settings).unwrap()
}

pub fn algorithmia_client(stand_in: &AlgorithmiaStandIn) -> algorithmia::Client {
    algorithmia_client_at(&stand_in.url(), stand_in.api_key())
}

pub fn algorithmia_client_at(api: &str, key: &str) -> algorithmia::Client {
    let settings = algorithmia::Settings {
        api: api.to_owned(),
        credentials: algorithmia::Credentials::ApiKey(http::Secret::new(key)),
        origin: "ALGORITHMIA_API_KEY",
        timeout: PATIENCE,
    };
    algorithmia::Client::new(http_client(PATIENCE), settings).unwrap()
}

/// Nobody knows where branches stand: the repositories are neither on this disk nor in a Bitbucket.
pub fn no_branches() -> BranchTips<'static> {
    static KINDS: LazyLock<Kinds> = LazyLock::new(Kinds::default);
    BranchTips {
        kinds: &KINDS,
        bitbucket: None,
    }
}

/// The outbox of a state folder, with its store in it.
pub fn outbox_in(state: &Path) -> Outbox {
    Outbox::open(state, StoreAddress::Folder(state.to_owned())).unwrap()
}

/// A state folder with an outbox in it, a stand-in for Port, and what was told.
pub struct Bench {
    pub folder: tempfile::TempDir,
    pub outbox: Outbox,
    pub port: PortStandIn,
    pub remotes: Remotes,
    pub events: Mutex<Vec<Event>>,
}

impl Bench {
    pub fn new() -> Self {
        Self::with(|_| ())
    }

    pub fn with(change: impl FnOnce(&mut port::Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = PortStandIn::start().unwrap();
        let mut settings = port_settings(&port);
        settings.state = Some(folder.path().to_owned());
        change(&mut settings);
        Self {
            outbox: outbox_in(folder.path()),
            remotes: Remotes {
                port: Some(port_client(settings).into()),
                ..Remotes::default()
            },
            port,
            folder,
            events: Mutex::default(),
        }
    }

    pub fn put(&self, job: Job) -> DeliveryId {
        self.outbox.put(&Delivery::new(repository(), job)).unwrap()
    }

    /// Carries out what is due, and what becomes due, until nothing waits.
    pub fn deliver(&self) -> Summary {
        self.deliver_until(Deadline::after(PATIENCE))
    }

    /// Carries out what is due at this moment; what fails waits longer than any test.
    pub fn deliver_due(&self) -> Summary {
        let patient = Settings {
            back_off: BackOff {
                first: PATIENCE,
                longest: PATIENCE,
            },
            ..settings()
        };
        self.deliver_with(&patient, Deadline::NothingDue)
    }

    pub fn deliver_until(&self, deadline: Deadline) -> Summary {
        self.deliver_with(&settings(), deadline)
    }

    fn deliver_with(&self, settings: &Settings, deadline: Deadline) -> Summary {
        let observer = |event| self.events.lock().unwrap().push(event);
        delivery::deliver(
            &self.outbox,
            &self.remotes,
            settings,
            &no_branches(),
            deadline,
            &observer,
        )
        .unwrap()
    }

    pub fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap().clone()
    }

    /// The problem of the only delivery that is left.
    pub fn problem(&self) -> String {
        let listing = self.outbox.list().unwrap();
        assert_eq!(listing.deliveries.len(), 1);
        let problem = listing.deliveries[0].last_problem.clone().unwrap();
        format!("{}\n{}", problem.message, problem.help.unwrap_or_default())
    }
}

pub fn repository() -> RepositoryName {
    "PRJ/hello".parse().unwrap()
}

pub fn commit(number: usize) -> CommitId {
    CommitId(format!("{:040x}", number + 1).parse().unwrap())
}

pub fn entity(blueprint: &str, identifier: &str) -> Entity {
    entity_of(json!({"blueprint": blueprint, "identifier": identifier, "title": identifier}))
}

pub fn entity_of(value: Value) -> Entity {
    Entity::from_json("port.yaml", value).unwrap()
}

pub fn key(blueprint: &str, identifier: &str) -> EntityKey {
    EntityKey {
        blueprint: blueprint.to_owned(),
        identifier: identifier.to_owned(),
    }
}

/// A push from one commit to the next.
pub fn catalog(old: usize, new: usize, desired: Vec<Entity>, previous: Vec<EntityKey>) -> Job {
    Job::Catalog(CatalogJob {
        ref_name: "refs/heads/main".to_owned(),
        old: Some(commit(old)),
        new: commit(new),
        desired: Ok(desired),
        extent: Default::default(),
        previous,
        delete: true,
        git_dir: None,
        approved: false,
    })
}

pub fn build(commit_number: usize, algorithm: &str, key: &Path) -> Job {
    Job::Build(BuildJob {
        branch: Some("main".to_owned()),
        commit: commit(commit_number),
        target: BuildTarget::Algorithmia {
            algorithm: algorithm.parse::<AlgorithmRef>().unwrap(),
            ssh_key_file: key.to_owned(),
        },
        again: false,
    })
}
