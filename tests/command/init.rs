//! `pushgate init` in a bare repository and in a work tree.

use std::fs;
use std::path::Path;
use std::process::Output;

use crate::server::{BAD, GOOD, PUSHGATE, Server, command, succeed, text};

fn init(folder: &Path) -> Output {
    command(PUSHGATE, folder)
        .arg("init")
        .current_dir(folder)
        .output()
        .unwrap()
}

#[test]
fn a_bare_repository_gets_both_hooks_and_they_work() {
    let server = Server::new();
    fs::remove_dir_all(server.bare().join("hooks")).unwrap();
    for _ in 0..2 {
        let output = init(server.bare());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    }
    let clone = server.clone();
    assert!(!clone.change("port.yaml", BAD).push(&["HEAD:main"]).accepted);
    assert!(
        clone
            .change("port.yaml", GOOD)
            .push(&["HEAD:main"])
            .accepted
    );
}

#[test]
fn a_hook_of_somebody_else_is_left_alone() {
    let server = Server::new();
    server.hook("post-receive", "exit 0");
    fs::remove_file(server.bare().join("hooks/pre-receive")).unwrap();
    let output = init(server.bare());
    assert_eq!(output.status.code(), Some(2));
    assert!(!server.bare().join("hooks/pre-receive").exists());
    let said = text(&output.stderr).replace('\n', " ");
    assert!(said.contains("is there already"), "{said}");
}

#[test]
fn hooks_that_git_would_not_run_are_not_written() {
    let server = Server::new();
    fs::remove_dir_all(server.bare().join("hooks")).unwrap();
    let shared = server.folder().join("shared");
    server.git(&["config", "core.hooksPath", shared.to_str().unwrap()]);
    let output = init(server.bare());
    assert_eq!(output.status.code(), Some(2));
    assert!(!server.bare().join("hooks").exists());
    let said = text(&output.stderr)
        .replace(PUSHGATE, "PUSHGATE")
        .replace("\n       ", "")
        .replace("\n ", "")
        .replace(server.folder().to_str().unwrap(), "SRV");
    insta::assert_snapshot!(said);

    fs::create_dir(&shared).unwrap();
    for hook in ["pre-receive", "post-receive"] {
        let script = format!("#!/bin/sh\nexec pushgate hook {hook}\n");
        fs::write(shared.join(hook), script).unwrap();
    }
    let output = init(server.bare());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("have pushgate already"));

    // The repository's own folder by another name is its own.
    server.git(&["config", "core.hooksPath", "./hooks"]);
    let output = init(server.bare());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(server.bare().join("hooks/pre-receive").exists());
}

#[test]
fn a_work_tree_gets_the_pre_commit_snippet_once() {
    let folder = tempfile::tempdir().unwrap();
    succeed(
        command("git", folder.path())
            .args(["init", "-q"])
            .arg(folder.path()),
    );
    let path = folder.path().join(".pre-commit-config.yaml");
    fs::write(&path, "repos:\n  - repo: local\n    hooks: []\n").unwrap();
    assert_eq!(init(folder.path()).status.code(), Some(0));
    let once = fs::read_to_string(&path).unwrap();
    insta::assert_snapshot!(once);
    let output = init(folder.path());
    assert!(text(&output.stdout).contains("has pushgate already"));
    assert_eq!(fs::read_to_string(&path).unwrap(), once);
}

#[test]
fn anywhere_else_it_says_where_it_belongs() {
    let folder = tempfile::tempdir().unwrap();
    let output = init(folder.path());
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        text(&output.stderr),
        "pushgate: . is neither a bare repository nor a work tree\n  help: run it in one of the two, or name it:\n        `pushgate init /srv/git/hello.git`\n"
    );
}
