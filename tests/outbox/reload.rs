//! A worker that goes on, and a configuration that changes meanwhile.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;

use pushgate::outbox::{BuildJob, BuildTarget, Delivery, Job};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use standin::{AlgorithmiaStandIn, Child, Command, TriggerStandIn};

use crate::bench::{Bench, commit, over_both, wait_until};
use crate::server::{PUSHGATE, command};

const PATIENCE: Duration = Duration::from_secs(60);

/// `pushgate deliver --watch`, and the lines of its log as they come.
struct Watcher {
    child: Child,
    lines: mpsc::Receiver<Value>,
    seen: Vec<Value>,
}

impl Watcher {
    fn start(bench: &Bench) -> Self {
        let mut command = as_operator(bench);
        let mut child = command
            .args(["deliver", "--watch", "--log", "json"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (tell, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let _ = tell.send(serde_json::from_str(&line).unwrap());
            }
        });
        Self {
            child,
            lines,
            seen: Vec::new(),
        }
    }

    /// The next line about an event of that name.
    fn wait_for(&mut self, event: &str) -> Value {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).unwrap();
            self.seen.push(line.clone());
            if line["event"] == event {
                return line;
            }
        }
    }

    /// Ends it as a service manager does.
    fn end(mut self) -> Vec<Value> {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        self.wait_for("ended");
        wait_until(PATIENCE, "it ends", || {
            self.child.try_wait().unwrap().is_some()
        });
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        std::mem::take(&mut self.seen)
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn as_operator(bench: &Bench) -> Command {
    let folder = bench.folder.path();
    let mut command = command(PUSHGATE, folder);
    command
        .env("PUSHGATE_STATE", folder)
        .env("PUSHGATE_CONFIG", folder.join("config.yaml"));
    if let Some((_, url)) = &bench.postgres {
        command.env("PUSHGATE_STORE", url);
    }
    command
}

/// Puts another file in its place, as editors and configuration management do.
fn configure(folder: &Path, text: &str) {
    let next = folder.join("config.next");
    std::fs::write(&next, text).unwrap();
    std::fs::rename(&next, folder.join("config.yaml")).unwrap();
}

fn triggers(service: &TriggerStandIn) -> String {
    format!(
        "triggers:\n  - {{ name: ci, repository: PRJ/hello, url: \"{}/build/${{sha}}\" }}\n",
        service.url()
    )
}

fn put(bench: &Bench, number: usize) {
    let job = BuildJob {
        branch: Some("main".to_owned()),
        commit: commit(number),
        target: BuildTarget::Trigger("ci".parse().unwrap()),
        again: false,
    };
    let delivery = Delivery::new("PRJ/hello".parse().unwrap(), Job::Build(job));
    bench.outbox().put(&delivery).unwrap();
}

#[test]
fn a_trigger_that_changes_is_called_as_the_new_file_says() {
    over_both(|bench| {
        let folder = bench.folder.path();
        let (before, after) = (
            TriggerStandIn::start().unwrap(),
            TriggerStandIn::start().unwrap(),
        );
        configure(folder, &triggers(&before));
        let mut watcher = Watcher::start(bench);
        put(bench, 0);
        watcher.wait_for("finished");
        assert_eq!(before.requests().len(), 1);

        // One that can't be used: what was read before stays.
        configure(folder, "triggers: [ { name: ci } ]\n");
        let warning = watcher.wait_for("warning");
        let message = warning["message"].as_str().unwrap();
        assert!(message.contains("the one before stays"), "{message}");
        assert!(message.contains("config.yaml:1:"), "{message}");
        put(bench, 1);
        watcher.wait_for("finished");
        assert_eq!(before.requests().len(), 2);

        configure(folder, &triggers(&after));
        watcher.wait_for("reloaded");
        put(bench, 2);
        watcher.wait_for("finished");
        assert_eq!((before.requests().len(), after.requests().len()), (2, 1));

        // And once more: a round that has ended does not keep the next one from ending.
        configure(folder, &triggers(&before));
        watcher.wait_for("reloaded");
        put(bench, 3);
        watcher.wait_for("finished");
        assert_eq!(before.requests().len(), 3);
        let seen = watcher.end();
        let count = |event: &str| seen.iter().filter(|line| line["event"] == event).count();
        assert_eq!((count("warning"), count("reloaded")), (1, 2));
        let last = seen.last().unwrap()["message"].as_str().unwrap();
        assert!(last.starts_with("4 delivered"), "{last}");
        assert_eq!(bench.sql("SELECT COUNT(*) FROM builds"), "4");
    });
}

#[test]
fn a_file_that_appears_later_is_read() {
    let bench = Bench::over_sqlite();
    let folder = bench.folder.path();
    let service = TriggerStandIn::start().unwrap();
    configure(folder, "gate: {}\n");
    let mut watcher = Watcher::start(&bench);
    put(&bench, 0);
    watcher.wait_for("not_configured");
    // What waits for it goes on at once, and not when the worker would look again by itself.
    configure(folder, &triggers(&service));
    watcher.wait_for("finished");
    // A file that is gone is no reason to forget what it said.
    std::fs::remove_file(folder.join("config.yaml")).unwrap();
    watcher.wait_for("warning");
    put(&bench, 1);
    watcher.wait_for("finished");
    assert_eq!(service.requests().len(), 2);
    watcher.end();
}

#[test]
fn a_secret_that_changes_in_its_file_is_used() {
    let bench = Bench::over_sqlite();
    let folder = bench.folder.path();
    // Of the operator, and nothing that pushgate writes.
    let secrets = tempfile::tempdir().unwrap();
    let cluster = AlgorithmiaStandIn::start().unwrap();
    cluster.add_algorithm("acme", "hello", "0a1b2c3d-0000-1111-2222-333344445555");
    let service = TriggerStandIn::start().unwrap();
    let build = |number: usize| {
        let ssh_key_file = secrets.path().join("ssh.pem");
        std::fs::write(&ssh_key_file, standin::ssh_private_key()).unwrap();
        let job = BuildJob {
            branch: Some("main".to_owned()),
            commit: commit(number),
            target: BuildTarget::Algorithmia {
                algorithm: "acme/hello".parse().unwrap(),
                ssh_key_file,
            },
            again: false,
        };
        let delivery = Delivery::new("PRJ/hello".parse().unwrap(), Job::Build(job));
        bench.outbox().put(&delivery).unwrap();
    };
    let names = |file: &str| {
        let file = secrets.path().join(file);
        let (url, file) = (cluster.url(), file.display());
        configure(
            folder,
            &format!(
                "algorithmia: {{ api: \"{url}\", api_key_file: {file} }}\n{}",
                triggers(&service)
            ),
        );
    };
    let write = |file: &str, text: &str| std::fs::write(secrets.path().join(file), text).unwrap();
    write("key", "of last year");
    names("key");
    let mut watcher = Watcher::start(&bench);
    // What it is set up with is read.
    put(&bench, 0);
    watcher.wait_for("finished");
    write("key", cluster.api_key());
    watcher.wait_for("reloaded");
    build(1);
    watcher.wait_for("finished");

    // One that can't be used: what was read before stays.
    write("key", "");
    let warning = watcher.wait_for("warning");
    let message = warning["message"].as_str().unwrap();
    assert!(message.contains("the one before stays"), "{message}");
    assert!(message.contains("there is nothing in"), "{message}");
    build(2);
    watcher.wait_for("finished");

    // A configuration comes before the file that it names.
    names("later");
    watcher.wait_for("warning");
    write("later", cluster.api_key());
    watcher.wait_for("reloaded");
    build(3);
    watcher.wait_for("finished");
    watcher.end();
}

/// Blueprints are only read: nothing is lost when nobody waits for them.
#[test]
fn a_port_that_does_not_answer_holds_up_no_end() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let bench = Bench::over_sqlite();
    let folder = bench.folder.path();
    let secret = folder.join("secret");
    std::fs::write(&secret, "the secret of a silent Port\n").unwrap();
    let address = silent.local_addr().unwrap();
    let (url, file) = (format!("http://{address}"), secret.display());
    let port =
        format!("port: {{ api_url: '{url}', client_id: id, client_secret_file: '{file}' }}\n");
    configure(folder, &port);
    let watcher = Watcher::start(&bench);
    let _asked = silent.accept().unwrap();
    let seen = watcher.end();
    assert!(seen.iter().all(|line| line["event"] == "ended"), "{seen:?}");
}
