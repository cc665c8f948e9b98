//! A hook that runs as another user than the one who owns the repository.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use pushgate::git::{HookEnvironment, ObjectStore as _, RefName, Repository, documents_at};

use crate::made::{As, Folder, Usual, git_can, named};

/// Names the repository to read; only the other user's process has it.
const DIRECTORY: &str = "PUSHGATE_TEST_FOREIGN_REPOSITORY";

/// Not a test of its own: what the other user runs.
#[test]
fn as_another_user() {
    let Some(directory) = std::env::var_os(DIRECTORY) else {
        return;
    };
    let repository = Repository::open(&HookEnvironment::at(directory)).unwrap();
    let main = repository.reference(&RefName::of_branch("main")).unwrap();
    assert_eq!(repository.branches().unwrap().count(), 1);
    let commit = pushgate::git::CommitId(main.unwrap());
    let found = documents_at(&repository, &commit, &Usual).unwrap();
    assert_eq!(named(&found), ["port.yaml (file)"]);
}

fn reads_it(directory: &Path) {
    let program = std::env::current_exe().unwrap();
    let another = || {
        let mut command = Command::new("setpriv");
        command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]);
        command
    };
    // Neither every user nor every machine can do that.
    let probe = another().arg(&program).arg("--list").output();
    if !probe.is_ok_and(|output| output.status.success()) {
        println!("skipped: no other user can run this test here");
        return;
    }
    let output = another()
        .arg(&program)
        .args(["--exact", "foreign_owner::as_another_user"])
        .env(DIRECTORY, directory)
        .env("HOME", "/nonexistent")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
}

#[test]
fn the_owner_does_not_matter() {
    for options in [&[][..], &["--object-format=sha256"]] {
        if !git_can("SHA-256", options) {
            continue;
        }
        let folder = Folder::new();
        let readable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(folder.outermost(), readable).unwrap();
        let made = folder.repository_as("r.git", options);
        made.commit("main", &[("port.yaml", As::File("1"))]);
        reads_it(made.path());
    }
}
