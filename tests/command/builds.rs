//! From an accepted push to a build on Algorithmia.

use std::fs;

use standin::Command;

use crate::server::text;
use crate::site::{BUILDS, BY_HAND, PATIENT, Site};

#[test]
fn the_pushed_commit_is_compiled_where_repository_and_branch_match() {
    let site = Site::new(&format!("{BUILDS}{PATIENT}"));
    let clone = site.server.clone();
    let push = clone.change("src/x", "1").push(&["HEAD:main"]);
    let said = Site::after(&push).replace("\n  ", " ");
    assert!(said.contains("accepted for building"), "{said}");
    let first = site.server.tip("main").unwrap();
    Site::after(&clone.change("src/x", "2").push(&["HEAD:topic"]));
    Site::after(&clone.push(&["HEAD:release"]));
    let second = site.server.tip("release").unwrap();
    let builds = site.algorithmia.builds();
    let commits: Vec<&str> = builds.iter().map(|build| build.commit.as_str()).collect();
    assert_eq!(commits, [first.as_str(), second.as_str()]);
    let key = fs::read_to_string(site.server.folder().join("key.pem")).unwrap();
    assert!(builds.iter().all(|build| build.ssh_private_key == key));
    site.algorithmia.assert_conforms();
}

#[test]
fn a_key_that_cannot_work_is_answered_with_the_command_that_mends_it() {
    let site = Site::new(&format!("{BUILDS}{BY_HAND}"));
    let path = site.server.folder().join("key.pem");
    fs::remove_file(&path).unwrap();
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "rsa", "-b", "2048", "-N", "", "-f"])
        .arg(&path)
        .output();
    if !made.is_ok_and(|output| output.status.success()) {
        let message = "ssh-keygen is not installed";
        assert!(std::env::var_os("CI").is_none(), "{message}");
        eprintln!("skipped: {message}");
        return;
    }
    let push = site
        .server
        .clone()
        .change("src/x", "1")
        .push(&["HEAD:main"]);
    Site::after(&push);
    let said = text(&site.deliver().stderr).replace("\n        ", " ");
    assert!(said.contains("ssh-keygen -p -m PEM"), "{said}");
    assert!(site.algorithmia.builds().is_empty());
    assert_eq!(site.outbox().len(), 1);
    let mend = Command::new("ssh-keygen")
        .args(["-q", "-p", "-m", "PEM", "-N", "", "-f"])
        .arg(&path)
        .status();
    assert!(mend.unwrap().success());
    let id = site.outbox()[0]["id"].as_str().unwrap().to_owned();
    site.server.pushgate(&["outbox", "retry", &id], "");
    site.deliver();
    assert_eq!(site.algorithmia.builds().len(), 1);
}
