//! A running `pushgate serve` with a folder of its own.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use standin::{Child, Command};
use tempfile::TempDir;

use crate::client::{Answer, request};

pub const PUSHGATE: &str = env!("CARGO_BIN_EXE_pushgate");
pub const SECRET: &str = "the secret of the webhook";
pub const TOKEN: &str = "a token that nobody guesses";
pub const ZERO: &str = "0000000000000000000000000000000000000000";

/// Nobody listens there: what is asked of Bitbucket waits.
pub const NOBODY: &str = "http://127.0.0.1:9";

/// How long a test waits for what should come soon.
const PATIENCE: Duration = Duration::from_secs(60);

/// A folder with a configuration; what runs in it can be killed and started again.
pub struct Place {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

/// A running process.
pub struct Receiver {
    child: Child,
    pub address: SocketAddr,
    log: Arc<Mutex<Vec<String>>>,
}

impl Place {
    /// With a Bitbucket at that address, and more configuration.
    pub fn new(bitbucket: &str, config: &str) -> Self {
        let place = Self::bare(config);
        place
            .with("BITBUCKET_HOST", bitbucket)
            .with("BITBUCKET_SERVER_TOKEN", "bitbucket-token-of-the-test")
            .with("WEBHOOK_SECRET", SECRET)
    }

    /// Without Bitbucket and without a secret.
    pub fn bare(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        standin::plant(TOKEN);
        fs::write(folder.path().join("token"), format!("{TOKEN}\n")).unwrap();
        fs::write(folder.path().join("config.yaml"), config).unwrap();
        Self {
            folder,
            variables: Vec::new(),
        }
    }

    /// A variable; a later value takes the place of an earlier one.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn state(&self) -> PathBuf {
        self.path().join("state")
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PUSHGATE);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path())
            .env("PUSHGATE_STATE", self.state())
            .env("PUSHGATE_CONFIG", self.path().join("config.yaml"))
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .args(arguments)
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// What waits in the outbox.
    pub fn outbox(&self) -> Vec<Value> {
        let output = self.run(&["outbox", "list", "--format", "json"]);
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Starts it and waits until it listens.
    pub fn start(&self) -> Receiver {
        self.start_logging("json")
    }

    /// The same, with what happens told in this format.
    pub fn start_logging(&self, format: &str) -> Receiver {
        let mut child = self
            .command(&["serve", "--log", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        drain(child.stdout.take().unwrap(), &log);
        drain(child.stderr.take().unwrap(), &log);
        let mut receiver = Receiver {
            child,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            log,
        };
        let line = receiver.wait_for_line("listening on http://");
        let message = match format {
            "json" => {
                let said: Value = serde_json::from_str(&line).unwrap();
                said["message"].as_str().unwrap().to_owned()
            }
            _ => line,
        };
        receiver.address = message
            .strip_prefix("listening on http://")
            .unwrap()
            .parse()
            .unwrap();
        receiver
    }
}

fn drain(stream: impl std::io::Read + Send + 'static, log: &Arc<Mutex<Vec<String>>>) {
    let log = Arc::clone(log);
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            log.lock().unwrap().push(line);
        }
    });
}

/// Asks again and again until there is an answer.
pub fn until<T>(what: &str, ask: impl FnMut() -> Option<T>) -> T {
    standin::wait_for(PATIENCE, what, ask)
}

impl Receiver {
    pub fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// The first line of its log that holds a text.
    pub fn wait_for_line(&mut self, part: &str) -> String {
        until(part, || {
            let found = self.log().into_iter().find(|line| line.contains(part));
            if found.is_none()
                && let Some(status) = self.child.try_wait().unwrap()
            {
                panic!("it ended with {status}: {:?}", self.log());
            }
            found
        })
    }

    pub fn get(&self, path: &str) -> Answer {
        request(self.address, "GET", path, &[], b"")
    }

    /// Posts a webhook as Bitbucket does.
    pub fn announce(&self, body: &[u8]) -> Answer {
        self.post(body, &[("X-Hub-Signature", &signature(SECRET, body))])
    }

    pub fn post(&self, body: &[u8], headers: &[(&str, &str)]) -> Answer {
        let mut all = vec![
            ("Content-Type", "application/json; charset=utf-8"),
            ("X-Event-Key", "repo:refs_changed"),
            ("X-Request-Id", "f6d2a3b0-0000-4000-8000-000000000001"),
        ];
        all.retain(|(name, _)| headers.iter().all(|(other, _)| other != name));
        all.extend_from_slice(headers);
        request(self.address, "POST", "/webhook", &all, body)
    }

    /// The value of a metric with these labels as they stand there.
    pub fn metric(&self, name: &str) -> f64 {
        let text = self.get("/metrics").body;
        text.lines()
            .find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
            .unwrap_or(0.0)
    }

    /// Sends SIGTERM and waits for the end.
    pub fn terminate(self) -> (ExitStatus, Vec<String>) {
        self.send_signal("-TERM");
        self.ended()
    }

    /// Waits for the end.
    pub fn ended(mut self) -> (ExitStatus, Vec<String>) {
        let status = until("the end", || self.child.try_wait().unwrap());
        (status, self.log())
    }

    pub fn send_signal(&self, name: &str) {
        let mut kill = Command::new("kill");
        let status = kill.args([name, &self.child.id().to_string()]).status();
        assert!(status.unwrap().success());
    }

    /// Ends it as a power cut does.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn signature(secret: &str, body: &[u8]) -> String {
    let mut mac = <Hmac<Sha256>>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    let digits: String = mac
        .finalize()
        .into_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("sha256={digits}")
}

/// A change of a branch as a webhook has it.
pub fn change(branch: &str, from: &str, to: &str) -> Value {
    let kind = match (from, to) {
        (ZERO, _) => "ADD",
        (_, ZERO) => "DELETE",
        _ => "UPDATE",
    };
    json!({
        "ref": {"id": format!("refs/heads/{branch}"), "displayId": branch, "type": "BRANCH"},
        "refId": format!("refs/heads/{branch}"), "fromHash": from, "toHash": to, "type": kind,
    })
}

/// The body of `repo:refs_changed`, as Bitbucket 9 writes it.
pub fn refs_changed(repository: &str, changes: &[Value]) -> Vec<u8> {
    let (project, slug) = repository.split_once('/').unwrap();
    json!({
        "eventKey": "repo:refs_changed",
        "date": "2026-01-31T09:45:01+0000",
        "actor": {"name": "ada", "emailAddress": "ada@example.com", "active": true,
            "displayName": "Ada", "id": 2, "slug": "ada", "type": "NORMAL"},
        "repository": {"slug": slug, "id": 84, "name": slug, "hierarchyId": "e3c939f9ef4a7fae272e",
            "scmId": "git", "state": "AVAILABLE", "statusMessage": "Available", "forkable": true,
            "project": {"key": project, "id": 84, "name": project, "public": false, "type": "NORMAL"},
            "public": false, "archived": false},
        "changes": changes,
        "commits": [],
    })
    .to_string()
    .into_bytes()
}

/// A push of one commit, which the number makes another one than every other.
pub fn push(number: u64) -> Vec<u8> {
    refs_changed(
        "PRJ/hello",
        &[change("main", ZERO, &format!("{:040x}", number + 1))],
    )
}
