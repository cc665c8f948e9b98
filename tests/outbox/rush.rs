//! Two hundred pushes at once.

use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

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
    let mut times: Vec<Duration> = waits.into_iter().map(|wait| wait.join().unwrap()).collect();
    times.sort();
    println!(
        "{PUSHES} hooks at once in {:?}: median {:?}, p95 {:?}, each with its process",
        start.elapsed(),
        times[PUSHES / 2],
        times[PUSHES * 95 / 100]
    );
    let output = server.pushgate(&["outbox", "list", "--format", "json"], "");
    let listed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), PUSHES);
    let list = listed.to_string();
    let missing: Vec<_> = commits
        .iter()
        .filter(|commit| !list.contains(&commit[..10]))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
