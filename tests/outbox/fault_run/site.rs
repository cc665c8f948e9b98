//! Repositories with hooks, one state folder, and remote systems that fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use serde_json::{Value, json};
use standin::{AlgorithmiaStandIn, Command, Fault, PortStandIn, Recorded};

use super::workers::Workers;
use crate::bench::{Bench, wait_until};
use crate::model::{Entities, fixed, stored};
use crate::server::{PUSHGATE, Server, command, text};

/// Repositories that are pushed to.
const NAMES: [&str; 3] = ["r0", "r1", "r2"];

pub struct Site {
    pub servers: Vec<(&'static str, Server)>,
    pub port: PortStandIn,
    pub algorithmia: AlgorithmiaStandIn,
    /// Calls to Port that failed on purpose.
    pub port_faults: Arc<AtomicUsize>,
    /// Compiles that were done and never answered.
    pub unanswered: Arc<AtomicUsize>,
    calls: Arc<AtomicUsize>,
    folder: std::path::PathBuf,
    _keys: tempfile::TempDir,
    variables: Vec<(&'static str, String)>,
}

impl Site {
    pub fn new(bench: &Bench, seed: u64) -> Self {
        let folder = bench.folder.path().to_owned();
        let port = PortStandIn::start().unwrap();
        let algorithmia = AlgorithmiaStandIn::start().unwrap();
        algorithmia.add_algorithm("acme", "hello", "0a1b2c3d-0000-1111-2222-333344445555");
        // The operator's, and not in the folder that pushgate writes to.
        let keys = tempfile::tempdir().unwrap();
        let key = keys.path().join("key.pem");
        std::fs::write(&key, standin::ssh_private_key()).unwrap();
        let builds = NAMES.map(|name| {
            let key = key.display();
            format!(
                "    - {{ repository: PRJ/{name}, algorithm: acme/hello, ssh_key_file: {key} }}\n"
            )
        });
        let config = format!(
            "port: {{ files: ['**/port.yaml'], hold_deletions: {{ at_least: 100000 }} }}\n\
             delivery: {{ after_push: none }}\nhttp: {{ timeout: 1s }}\n\
             algorithmia:\n  builds:\n{}",
            builds.concat()
        );
        let path = folder.join("config.yaml");
        std::fs::write(&path, config).unwrap();
        let mut variables = vec![
            ("PUSHGATE_STATE", folder.display().to_string()),
            ("PUSHGATE_CONFIG", path.display().to_string()),
            ("PORT_API_URL", port.url()),
            ("PORT_CLIENT_ID", port.client_id().to_owned()),
            ("PORT_CLIENT_SECRET", port.client_secret().to_owned()),
            ("ALGORITHMIA_API", algorithmia.url()),
            ("ALGORITHMIA_API_KEY", algorithmia.api_key().to_owned()),
        ];
        if let Some((_, url)) = &bench.postgres {
            variables.push(("PUSHGATE_STORE", url.clone()));
        }
        let servers = NAMES.map(|name| {
            let server = Server::named(&format!("PRJ/{name}.git"), &[]);
            let with = |server: Server, (name, value): &(&str, String)| server.with(name, value);
            (name, variables.iter().fold(server, with))
        });
        for name in NAMES {
            let foreign = json!({"title": "theirs", "properties": {"foreign": "kept"}});
            port.insert("service", &fixed(name), foreign);
            port.insert("service", &format!("other-{name}"), other());
        }
        let site = Self {
            servers: servers.into(),
            port,
            algorithmia,
            port_faults: Arc::default(),
            unanswered: Arc::default(),
            calls: Arc::default(),
            folder,
            _keys: keys,
            variables,
        };
        site.begin_to_fail(seed);
        site
    }

    fn begin_to_fail(&self, seed: u64) {
        let mut dice = Rng::with_seed(seed);
        let count = Arc::clone(&self.port_faults);
        let calls = Arc::clone(&self.calls);
        self.port.fail_by(move |request| {
            calls.fetch_add(1, Ordering::Relaxed);
            let fault = port_fault(request, &mut dice);
            count.fetch_add(usize::from(fault.is_some()), Ordering::Relaxed);
            fault
        });
        let mut dice = Rng::with_seed(seed + 1);
        let count = Arc::clone(&self.unanswered);
        let calls = Arc::clone(&self.calls);
        self.algorithmia.fail_by(move |_| {
            calls.fetch_add(1, Ordering::Relaxed);
            let fault = match dice.u8(0..20) {
                0 => Fault::status(500),
                1 => Fault::CloseBeforeApply,
                2 => {
                    count.fetch_add(1, Ordering::Relaxed);
                    Fault::CloseAfterApply
                }
                3..=9 => Fault::SlowAfterApply(Duration::from_millis(dice.u64(1..80))),
                _ => return None,
            };
            Some(fault)
        });
    }

    /// From now on both answer as they should.
    pub fn mend(&self) {
        self.port.mend();
        self.algorithmia.mend();
    }

    /// A command with the server's environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(PUSHGATE, &self.folder);
        let variables = self.variables.iter();
        command
            .args(arguments)
            .current_dir(&self.folder)
            .envs(variables.map(|(name, value)| (name, value)));
        command
    }

    pub fn folder(&self) -> &std::path::Path {
        &self.folder
    }

    /// Waits until that many more calls have come to Port and Algorithmia, or somebody has nothing to
    /// do for that long.
    pub fn wait_for_calls(&self, calls: usize, limit: Duration) {
        // The kill that follows is to come at some moment of the work: that is what the pauses are for.
        let (end, enough) = (Instant::now() + limit, self.calls() + calls);
        while self.calls() < enough && Instant::now() < end {
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    /// Waits until nothing is left; what waits for its next try is tried at once, since nothing
    /// fails any more.
    pub fn wait_until_empty(&self, patience: Duration, team: &Workers<'_>) {
        wait_until(patience, "the outbox is empty", || {
            let output = self
                .command(&["outbox", "list", "--format", "json"])
                .output();
            let output = output.unwrap();
            assert!(output.status.success(), "{}", text(&output.stderr));
            let left: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
            if let Some(other) = left.iter().find(|one| one["state"] != "waiting") {
                println!("{}", team.said());
                panic!("{} deliveries are left: {other:#}", left.len());
            }
            if !left.is_empty() {
                let _ = self.command(&["outbox", "retry", "--all"]).output();
            }
            left.is_empty()
        });
    }

    /// What Port holds of a repository.
    pub fn own_entities(&self, name: &str) -> Entities {
        let own = format!("{name}-");
        let entities = self.port.entities().into_iter();
        entities
            .filter(|((_, identifier), _)| identifier.starts_with(&own))
            .map(|(key, mut entity)| {
                if key.1 == fixed(name) && key.0 == "service" {
                    let properties = entity["properties"].as_object_mut().unwrap();
                    let foreign = properties.remove("foreign");
                    assert_eq!(
                        foreign,
                        Some("kept".into()),
                        "{name}: a foreign property is gone"
                    );
                }
                (key, stored(&entity))
            })
            .collect()
    }

    pub fn assert_others_are_untouched(&self) {
        for name in NAMES {
            let there = self.port.entity("service", &format!("other-{name}"));
            assert_eq!(
                there,
                Some(other()),
                "an entity of another source was touched"
            );
        }
        assert_eq!(self.port.violations(), Vec::<String>::new());
        assert_eq!(self.algorithmia.violations(), Vec::<String>::new());
    }
}

fn other() -> Value {
    json!({"title": "of another source", "properties": {"size": 7}})
}

fn port_fault(request: &Recorded, dice: &mut Rng) -> Option<Fault> {
    let entities = request.body["entities"].as_array().map_or(0, Vec::len);
    let is_upsert = request.path.ends_with("/entities/bulk");
    Some(match dice.u8(0..100) {
        0..=5 => Fault::status(500),
        6 => Fault::with_header(429, "retry-after", "1"),
        7..=10 if is_upsert && entities > 1 => Fault::status(413),
        11..=15 if is_upsert => Fault::Partly,
        16..=20 => Fault::CloseBeforeApply,
        21..=25 => Fault::CloseAfterApply,
        26 => Fault::Hang,
        27..=35 => Fault::SlowAfterApply(Duration::from_millis(dice.u64(1..50))),
        _ => return None,
    })
}
