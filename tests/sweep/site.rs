//! A Bitbucket Server, a Port and a machine from which the sweep runs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use standin::{BitbucketStandIn, Command, PortStandIn};
use tempfile::TempDir;

/// The binary under test.
pub const PUSHGATE: &str = env!("CARGO_BIN_EXE_pushgate");

pub struct Site {
    pub bitbucket: BitbucketStandIn,
    pub port: PortStandIn,
    pub folder: TempDir,
    variables: Vec<(String, String)>,
}

/// What a run came to.
#[derive(Debug)]
pub struct Ran {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Site {
    pub fn new() -> Self {
        Self {
            bitbucket: BitbucketStandIn::start().unwrap(),
            port: PortStandIn::start().unwrap(),
            folder: tempfile::tempdir().unwrap(),
            variables: Vec::new(),
        }
    }

    /// Repositories with one file each.
    pub fn with(repositories: &[(&str, &str, &str)]) -> Self {
        let site = Self::new();
        for (name, path, text) in repositories {
            site.bitbucket.add_repository(name);
            site.put(name, path, text);
        }
        site
    }

    /// Commits a file to the default branch.
    pub fn put(&self, name: &str, path: &str, text: &str) -> String {
        self.bitbucket
            .commit(name, "main", &[(path, Some(text.as_bytes()))])
    }

    /// From now on runs see this variable.
    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Writes a configuration that runs read from now on.
    pub fn configure(&mut self, text: &str) {
        let path = self.folder.path().join("config.yaml");
        std::fs::write(&path, text).unwrap();
        self.set("PUSHGATE_CONFIG", path.to_str().unwrap());
    }

    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// The variables that Port's script reads.
    pub fn script_variables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("PORT_CLIENT_ID", self.port.client_id().to_owned()),
            ("PORT_CLIENT_SECRET", self.port.client_secret().to_owned()),
            ("PORT_API_URL", format!("{}/v1", self.port.url())),
            ("BITBUCKET_HOST", self.bitbucket.url()),
            ("BITBUCKET_USERNAME", self.bitbucket.user().to_owned()),
            ("BITBUCKET_PASSWORD", self.bitbucket.password().to_owned()),
        ]
    }

    pub fn command(&self, program: impl AsRef<Path>, arguments: &[&str]) -> Command {
        let mut command = Command::new(program.as_ref());
        command
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("LC_ALL", "C")
            .env("PUSHGATE_STATE", self.state())
            .envs(self.script_variables())
            .envs(self.variables.iter().cloned())
            .stdin(Stdio::null());
        command
    }

    pub fn pushgate(&self, arguments: &[&str]) -> Ran {
        let output = self.command(PUSHGATE, arguments).output().unwrap();
        Ran {
            status: output.status.code().unwrap_or(-1),
            out: self.neutral(&output.stdout),
            err: self.neutral(&output.stderr),
        }
    }

    /// Runs `pushgate sync`.
    pub fn sync(&self, arguments: &[&str]) -> Ran {
        self.pushgate(&[&["sync"], arguments].concat())
    }

    /// Runs `pushgate sync --format json`; the report.
    pub fn report(&self, arguments: &[&str]) -> (i32, Value) {
        let ran = self.sync(&[&["--format", "json"], arguments].concat());
        let report = serde_json::from_str(&ran.out)
            .unwrap_or_else(|error| panic!("{error}: {}\n{}", ran.out, ran.err));
        (ran.status, report)
    }

    /// Text without what differs from run to run.
    pub fn neutral(&self, bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes)
            .replace(&self.bitbucket.url(), "http://bitbucket.example.com")
            .replace(
                self.bitbucket.url().trim_start_matches("http://"),
                "bitbucket.example.com",
            )
            .replace(
                self.port.url().trim_start_matches("http://"),
                "port.example.com",
            )
            .replace(self.folder.path().to_str().unwrap(), "FOLDER")
    }

    /// All entities of Port, without who wrote them, and without the blueprint: Port has it from the
    /// address, the script says it in the body once more.
    pub fn entities(&self) -> BTreeMap<(String, String), Value> {
        let mut entities = self.port.entities();
        for entity in entities.values_mut() {
            let entity = entity.as_object_mut().unwrap();
            entity.remove("$datasource");
            entity.remove("blueprint");
        }
        entities
    }

    /// `blueprint/identifier` of all entities in Port.
    pub fn keys(&self) -> Vec<String> {
        let entities = self.port.entities();
        let keys = entities.keys();
        keys.map(|(blueprint, identifier)| format!("{blueprint}/{identifier}"))
            .collect()
    }

    /// The paths of the requests to Bitbucket from the `from`th on.
    pub fn requests_since(&self, from: usize) -> Vec<String> {
        let requests = self.bitbucket.requests();
        requests
            .iter()
            .skip(from)
            .map(|request| request.path.clone())
            .collect()
    }
}

/// A file that declares one service.
pub fn service(identifier: &str) -> String {
    format!(
        "identifier: {identifier}\ntitle: {identifier}\nblueprint: service\nproperties:\n  language: Rust\n"
    )
}

/// The report's object of one repository.
pub fn of<'a>(report: &'a Value, name: &str) -> &'a Value {
    let repositories = report["repositories"].as_array().unwrap();
    repositories
        .iter()
        .find(|repository| repository["repository"] == name)
        .unwrap_or_else(|| panic!("{name} is not in {report:#}"))
}
