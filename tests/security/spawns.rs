//! Every test runs pushgate, and git that runs it, where the output is searched for secrets.

use std::fs;

use crate::promises::{root, rust_files};

/// Who only asks where the binary is, and runs nothing: the one that is linked, copied or read.
const NAMES_THE_BINARY: [&str; 2] = ["PUSHGATE", "CARGO_BIN_EXE"];

/// Whether a line takes the standard library's own `Command`, by import or by path.
fn takes_std_command(line: &str) -> bool {
    let Some((_, taken)) = line.split_once("process::") else {
        return false;
    };
    let is_std = line.contains("std::process::") || line.trim_start().starts_with("process::");
    let mut names = taken
        .split(';')
        .next()
        .unwrap_or_default()
        .split(|c: char| !c.is_alphanumeric());
    is_std && names.any(|name| name == "Command" || name == "Child")
}

fn names_the_binary(text: &str) -> bool {
    let mut words = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    words.any(|word| {
        NAMES_THE_BINARY
            .iter()
            .any(|name| word == *name || word.starts_with("CARGO_BIN_EXE"))
    })
}

#[test]
fn no_test_runs_pushgate_unwatched() {
    let mut watched = 0;
    for path in rust_files(&root().join("tests")) {
        let is_ours = path.ends_with("security/spawns.rs");
        if is_ours || path.starts_with(root().join("tests/standin")) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        if !names_the_binary(&text) {
            continue;
        }
        watched += 1;
        let place = path.strip_prefix(root()).unwrap().display();
        for line in text.lines() {
            assert!(
                !takes_std_command(line),
                "{place} runs pushgate unwatched: `{}`; take `standin::Command` and `standin::Child`",
                line.trim()
            );
        }
    }
    // The search itself works: this many files start pushgate.
    assert!(watched >= 30, "{watched} files");
}

#[test]
fn the_search_knows_what_it_looks_for() {
    for (line, taken) in [
        ("use std::process::Command;", true),
        ("use std::process::{Command, Output, Stdio};", true),
        ("    std::process::Command::new(x)", true),
        ("use std::process::{Output, Stdio};", false),
        ("use standin::Command;", false),
        ("use rustix::process::{Pid, Signal};", false),
    ] {
        assert_eq!(takes_std_command(line), taken, "{line}");
    }
    assert!(names_the_binary("env!(\"CARGO_BIN_EXE_pushgate\")"));
    assert!(names_the_binary("'{PUSHGATE}' hook"));
    assert!(!names_the_binary(".env(\"PUSHGATE_STATE\", x)"));
}

#[test]
#[should_panic(expected = "shows a secret on standard error")]
fn a_program_that_shows_a_secret_fails_its_test() {
    let script = "echo $PORT_CLIENT_SECRET >&2";
    let _ = standin::Command::new("sh")
        .args(["-c", script])
        .env("PORT_CLIENT_SECRET", "planted-and-shown")
        .output();
}

#[test]
#[should_panic(expected = "leaves a secret in")]
fn a_program_that_leaves_a_secret_fails_its_test() {
    let state = tempfile::tempdir().unwrap();
    let script =
        "mkdir $PUSHGATE_STATE/a; printf %s \"$WEBHOOK_SECRET\" | base64 >$PUSHGATE_STATE/a/b";
    let _ = standin::Command::new("sh")
        .args(["-c", script])
        .env("WEBHOOK_SECRET", "planted and left")
        .env("PUSHGATE_STATE", state.path())
        .output();
}
