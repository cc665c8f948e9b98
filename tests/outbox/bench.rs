//! What every test here stands on.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use pushgate::catalog::{Delivered, Entity, EntityKey};
use pushgate::git::CommitId;
use pushgate::outbox::{
    BuildJob, BuildTarget, CatalogJob, Delivery, Job, Outbox, PostgresAddress, StoreAddress,
};
use serde_json::json;

use crate::postgres::{Postgres, postgres};

/// Waits until something is so; fails where it does not come to be within that time.
pub fn wait_until(limit: Duration, what: &str, mut is_so: impl FnMut() -> bool) {
    standin::wait_for(limit, what, || is_so().then_some(()));
}

const STATE: &str = "PUSHGATE_TEST_STATE";
const STORE: &str = "PUSHGATE_TEST_STORE";

/// The outbox that [`Bench::once_more`] gave to this process; none in the tests' own process.
pub fn given_outbox() -> Option<Outbox> {
    let state = std::env::var_os(STATE)?;
    let address = match std::env::var(STORE) {
        Ok(url) => StoreAddress::Postgres(Box::new(PostgresAddress::parse(&url).unwrap())),
        Err(_) => StoreAddress::Folder(state.clone().into()),
    };
    Some(Outbox::open(state.as_ref(), address).unwrap())
}

/// The outbox of a state folder, with its store in it.
pub fn outbox_in(state: &Path) -> Outbox {
    Outbox::open(state, StoreAddress::Folder(state.to_owned())).unwrap()
}

/// A state folder, and where its store is.
pub struct Bench {
    pub folder: tempfile::TempDir,
    pub postgres: Option<(Arc<Postgres>, String)>,
}

/// Runs a test over SQLite, and over PostgreSQL where it is installed.
pub fn over_both(test: impl Fn(&Bench)) {
    test(&Bench::over_sqlite());
    if let Some(bench) = Bench::over_postgres() {
        test(&bench);
    }
}

impl Bench {
    pub fn over_sqlite() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            postgres: None,
        }
    }

    pub fn over_postgres() -> Option<Self> {
        let server = postgres()?;
        let url = server.database();
        Some(Self {
            postgres: Some((server, url)),
            ..Self::over_sqlite()
        })
    }

    /// This program once more, for one test that is none by itself: it finds the outbox by
    /// [`given_outbox`].
    pub fn once_more(&self, test: &str) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", test, "--nocapture"])
            .env(STATE, self.folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some((_, url)) = &self.postgres {
            command.env(STORE, url);
        }
        command
    }

    /// The outbox, as each process opens it.
    pub fn outbox(&self) -> Outbox {
        self.outbox_of_node(self.folder.path())
    }

    /// The outbox of another node of the same cluster.
    pub fn outbox_of_node(&self, state: &Path) -> Outbox {
        match &self.postgres {
            None => outbox_in(state),
            Some((_, url)) => {
                let address = PostgresAddress::parse(url).unwrap();
                Outbox::open(state, StoreAddress::Postgres(Box::new(address))).unwrap()
            }
        }
    }
}

pub fn key(identifier: &str) -> EntityKey {
    EntityKey {
        blueprint: "service".to_owned(),
        identifier: identifier.to_owned(),
    }
}

pub fn entity(identifier: &str) -> Entity {
    let value = json!({"blueprint": "service", "identifier": identifier, "title": identifier});
    Entity::from_json("port.yaml", value).unwrap()
}

pub fn delivered(identifier: &str) -> Delivered {
    Delivered::of(&entity(identifier), true)
}

pub fn commit(number: usize) -> CommitId {
    CommitId(format!("{:040x}", number + 1).parse().unwrap())
}

/// A push to a repository after which it declares these entities.
pub fn catalog(repository: &str, desired: &[&str]) -> Delivery {
    let job = CatalogJob {
        ref_name: "refs/heads/main".to_owned(),
        old: None,
        new: commit(1),
        desired: Ok(desired
            .iter()
            .map(|identifier| entity(identifier))
            .collect()),
        extent: Default::default(),
        previous: Vec::new(),
        delete: true,
        git_dir: None,
        approved: false,
    };
    Delivery::new(repository.parse().unwrap(), Job::Catalog(job))
}

pub fn build(repository: &str, number: usize) -> Delivery {
    let job = BuildJob {
        branch: Some("main".to_owned()),
        commit: commit(number),
        target: BuildTarget::Algorithmia {
            algorithm: "acme/hello".parse().unwrap(),
            ssh_key_file: "/nowhere/key.pem".into(),
        },
        again: false,
    };
    Delivery::new(repository.parse().unwrap(), Job::Build(job))
}

/// The tables themselves, behind the store's back.
pub struct Tables {
    file: std::path::PathBuf,
    postgres: Option<(Arc<Postgres>, String)>,
}

impl Tables {
    /// Runs a statement; what a query finds, as text.
    pub fn sql(&self, statement: &str) -> String {
        match &self.postgres {
            Some((server, url)) => {
                let (_, database) = url.rsplit_once('/').unwrap();
                server.ask(database, statement).trim().to_owned()
            }
            None => {
                let connection = rusqlite::Connection::open(&self.file).unwrap();
                connection.busy_timeout(Duration::from_secs(20)).unwrap();
                let mut prepared = connection.prepare(statement).unwrap();
                let mut rows = prepared.query([]).unwrap();
                let row = rows.next().unwrap();
                row.map_or(String::new(), |row| {
                    row.get::<_, i64>(0).unwrap().to_string()
                })
            }
        }
    }

    /// Lets that much time pass for whoever has claimed something.
    pub fn age_flights(&self, time: Duration) {
        let time = time.as_micros();
        self.sql(&format!("UPDATE flights SET until = until - {time}"));
    }
}

impl Bench {
    pub fn tables(&self) -> Tables {
        Tables {
            file: self.folder.path().join("outbox.sqlite"),
            postgres: self.postgres.clone(),
        }
    }

    pub fn sql(&self, statement: &str) -> String {
        self.tables().sql(statement)
    }

    pub fn age_flights(&self, time: Duration) {
        self.tables().age_flights(time);
    }
}
