//! Two hundred pushes at once.

use std::process::Stdio;
use std::sync::{Barrier, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use standin::Child;

use crate::server::{PUSHGATE, Server, text};

const PUSHES: usize = 200;

/// Hooks are started as fast as they can be; each is told of another branch's first commit.
#[test]
fn two_hundred_pushes_at_once_are_all_in_the_outbox() {
    let key = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(key.path(), standin::ssh_private_key()).unwrap();
    let builds: String = (0..PUSHES)
        .map(|number| {
            format!(
                "    - {{ repository: PRJ/hello, branch: b{number}, algorithm: acme/hello, ssh_key_file: {} }}\n",
                key.path().display()
            )
        })
        .collect();
    let server = Server::new().config(&format!(
        "delivery: {{ after_push: none }}\nalgorithmia:\n  builds:\n{builds}"
    ));
    let clone = server.clone();
    clone.change("x", "1").push_unchecked(&["HEAD:main"]);
    let zero = "0".repeat(40);
    let mut commits = Vec::new();
    for number in 0..PUSHES {
        clone.change("x", number.to_string());
        commits.push(clone.git(&["rev-parse", "HEAD"]).trim().to_owned());
    }
    clone.push_unchecked(&["HEAD:main"]);
    let start = Instant::now();
    let children: Vec<(Instant, Child)> = commits
        .iter()
        .enumerate()
        .map(|(number, commit)| {
            let mut child = server
                .command(PUSHGATE)
                .args(["hook", "post-receive"])
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let line = format!("{zero} {commit} refs/heads/b{number}\n");
            let mut stdin = child.stdin.take().unwrap();
            std::io::Write::write_all(&mut stdin, line.as_bytes()).unwrap();
            (Instant::now(), child)
        })
        .collect();
    let waits: Vec<thread::JoinHandle<Duration>> = children
        .into_iter()
        .map(|(started, child)| {
            thread::spawn(move || {
                let output = child.wait_with_output().unwrap();
                let took = started.elapsed();
                assert!(output.status.success(), "{}", text(&output.stderr));
                assert!(text(&output.stderr).contains("1 delivery queued"));
                took
            })
        })
        .collect();
    let times = waits.into_iter().map(|wait| wait.join().unwrap());
    tell("hooks", start, times.collect(), "its process");
    assert_all_wait(&server, commits.iter());
}

/// Prints what the longest ones took.
fn tell(what: &str, start: Instant, mut times: Vec<Duration>, with: &str) {
    times.sort();
    println!(
        "{PUSHES} {what} at once in {:?}: median {:?}, p95 {:?}, each with {with}",
        start.elapsed(),
        times[PUSHES / 2],
        times[PUSHES * 95 / 100]
    );
}

fn assert_all_wait<'a>(server: &Server, commits: impl Iterator<Item = &'a String>) {
    let output = server.pushgate(&["outbox", "list", "--format", "json"], "");
    let listed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), PUSHES);
    let list = listed.to_string();
    let missing: Vec<_> = commits
        .filter(|commit| !list.contains(&commit[..10]))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

const STATE: &str = "PUSHGATE_TEST_RUSH";

/// Not a test by itself: one hook's own part, from an outbox that is not open to a durable job.
#[test]
fn one_that_puts() {
    let Some(state) = std::env::var_os(STATE) else {
        return;
    };
    let delivery = crate::bench::catalog("PRJ/hello", &["one", "two", "three"]);
    let (start, waited) = (Instant::now(), waited_for_a_core());
    let outbox = crate::bench::outbox_in(state.as_ref());
    outbox.put(&delivery).unwrap();
    let (wall, waited) = (start.elapsed(), waited_for_a_core() - waited);
    println!(
        "\ntook {} {}",
        wall.as_micros(),
        wall.saturating_sub(waited).as_micros()
    );
}

/// How long this thread was ready to run and had to wait for a core so far; nothing where the system
/// does not tell.
fn waited_for_a_core() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let waited = told.split_whitespace().nth(1);
    Duration::from_nanos(waited.and_then(|nanos| nanos.parse().ok()).unwrap_or(0))
}

#[test]
fn two_hundred_processes_put_at_once_and_none_is_lost() {
    let state = tempfile::tempdir().unwrap();
    // The folders are made by the first push of all.
    let outbox = crate::bench::outbox_in(state.path());
    let children: Vec<Child> = (0..PUSHES)
        .map(|_| {
            standin::Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "rush::one_that_puts", "--nocapture"])
                .env(STATE, state.path())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    let (mut wall, mut own) = (Vec::new(), Vec::new());
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        let said = text(&output.stdout);
        let took = said.lines().find_map(|line| line.strip_prefix("took "));
        let mut took = took
            .unwrap()
            .split(' ')
            .map(|part| part.parse::<u64>().unwrap());
        wall.push(took.next().unwrap());
        own.push(took.next().unwrap());
    }
    for (what, times) in [
        ("by the clock", &mut wall),
        ("without the wait for a core", &mut own),
    ] {
        times.sort_unstable();
        println!(
            "{PUSHES} processes put a job at once, {what}: median {} µs, p95 {} µs",
            times[PUSHES / 2],
            times[PUSHES * 95 / 100]
        );
    }
    assert_eq!(outbox.list().unwrap().deliveries.len(), PUSHES);
}

#[test]
fn two_hundred_real_pushes_at_once_are_all_in_the_outbox() {
    let server = Server::new().config(
        "delivery: { after_push: none }\n\
         gate: { deadline: 120s }\n\
         triggers: [ { name: ci, repository: PRJ/hello, branch: \"b*\", url: \"http://127.0.0.1:9/${sha}\" } ]\n",
    );
    // Git would tidy up in the midst of it, and keep the pushers waiting.
    server.git(&["config", "receive.autogc", "false"]);
    let first = server.clone();
    first.change("x", "1").push_unchecked(&["HEAD:main"]);
    let clones: Vec<_> = (0..PUSHES)
        .map(|number| {
            let clone = server.clone();
            clone.change("x", number.to_string());
            let commit = clone.git(&["rev-parse", "HEAD"]).trim().to_owned();
            (clone, commit)
        })
        .collect();
    let ready = Barrier::new(PUSHES);
    let times: Mutex<Vec<Duration>> = Mutex::default();
    let start = Instant::now();
    thread::scope(|scope| {
        for (number, (clone, _)) in clones.iter().enumerate() {
            let (ready, times) = (&ready, &times);
            scope.spawn(move || {
                ready.wait();
                let start = Instant::now();
                let push = clone.push(&[&format!("HEAD:refs/heads/b{number}")]);
                times.lock().unwrap().push(start.elapsed());
                assert!(push.accepted, "{}", push.raw);
                assert!(push.said.contains("1 delivery queued"), "{}", push.said);
            });
        }
    });
    let times = times.into_inner().unwrap();
    tell("pushes", start, times, "git and both hooks");
    assert_all_wait(&server, clones.iter().map(|(_, commit)| commit));
}
