//! What the operator says of the gate: how strict it is, for whom, and how long it may take.

use std::fs;

use crate::pre_receive::{accepted, refused};
use crate::server::{BAD, PUSHGATE, Server};

#[test]
fn the_operator_may_only_warn_or_look_away() {
    let config = "gate:\n  enforcement: warn\n  branches:\n    - { name: 'release/*', enforcement: enforce }\n    - { name: 'wild/**', enforcement: off }\n";
    let server = Server::new().config(config);
    let clone = server.clone();
    clone.change("port.yaml", BAD);
    let push = clone.push(&["HEAD:main"]);
    accepted(&push);
    insta::assert_snapshot!(push.said);
    refused(
        &clone
            .change("port.yaml", format!("{BAD}#\n"))
            .push(&["HEAD:release/1"]),
    );
    let push = clone.push(&["HEAD:wild/a/b"]);
    assert_eq!(push.said, "pushgate 0.1.0: accepted; no document to check");
}

#[test]
fn who_may_bypass_is_named_and_logged() {
    let config = "gate: { bypass: { users: [ci-bot] } }\n";
    let server = Server::new().config(config).with("BB_USER_NAME", "ci-bot");
    let push = server.clone().change("port.yaml", BAD).push(&["HEAD:main"]);
    assert!(push.accepted, "{}", push.raw);
    let first = push.said.lines().next().unwrap();
    assert_eq!(
        first,
        "pushgate 0.1.0: accepted, since `ci-bot` may bypass the gate; 1 error in"
    );
    let log = fs::read_to_string(server.state().join("bypass.log")).unwrap();
    let entry: serde_json::Value = serde_json::from_str(log.trim()).unwrap();
    assert_eq!(entry["user"], "ci-bot");
    assert_eq!(entry["repository"], "PRJ/hello");
    assert_eq!(entry["refs"], serde_json::json!(["refs/heads/main"]));

    let server = Server::new().config(config).with("BB_USER_NAME", "ada");
    refused(&server.clone().change("port.yaml", BAD).push(&["HEAD:main"]));
}

/// In a SHA-256 repository objects come from the `git` program: one that hangs is what a hanging
/// disk would be.
#[cfg(unix)]
#[test]
fn the_deadline_answers_for_a_gate_that_hangs() {
    for (on_deadline, wanted) in [("reject", false), ("allow", true)] {
        let config = format!("gate: {{ deadline: 200ms, on_deadline: {on_deadline} }}\n");
        let server = Server::named("PRJ/hello.git", &["--object-format=sha256"]).config(&config);
        let bin = server.folder().join("bin");
        fs::create_dir(&bin).unwrap();
        let pipe = server.folder().join("pipe");
        crate::server::succeed(server.command("mkfifo").arg(&pipe));
        fs::write(
            bin.join("git"),
            format!("#!/bin/sh\nexec cat '{}'\n", pipe.display()),
        )
        .unwrap();
        crate::server::succeed(server.command("chmod").arg("+x").arg(bin.join("git")));
        let script = format!(
            "PATH='{}':$PATH exec '{PUSHGATE}' hook pre-receive",
            bin.display()
        );
        server.hook("pre-receive", &script);
        let push = server.clone().change("port.yaml", BAD).push(&["HEAD:main"]);
        assert_eq!(push.accepted, wanted, "{}", push.raw);
        let said = push.said.replace("\n  ", " ");
        assert!(
            said.contains("could not be judged within 200ms"),
            "{}",
            push.raw
        );
        // Whatever still waits for the pipe ends with it.
        drop(fs::OpenOptions::new().write(true).read(true).open(&pipe));
    }
}
