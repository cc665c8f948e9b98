//! A push that could not be queued for delivery, where the operator has it refused.

use std::fs;
use std::path::Path;

use standin::{Command, PortStandIn};

use crate::bad_folders::{
    SmallDisk, as_nobody, can_act_as_nobody, entity, server_with, there, waiting,
};
use crate::server::{Server, text};

const REJECT: &str = "gate: { bypass: { users: [ops] } }\n\
                      delivery: { after_push: none, unwritable: reject }\n";

/// What is said, whatever the lines' length.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// All files of a folder, by their paths in it.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => found.push(path.strip_prefix(folder).unwrap().display().to_string()),
            }
        }
    }
    // The record of pushes is none of the outbox.
    found.retain(|file| !file.starts_with("verdicts/"));
    found.sort();
    found
}

#[test]
fn a_push_that_cannot_be_queued_is_refused_where_the_operator_says_so() {
    let Some(disk) = SmallDisk::mount() else {
        return;
    };
    let port = PortStandIn::start().unwrap();
    let server = server_with(REJECT, &port, disk.path());
    let clone = server.clone();
    let push = clone
        .change("port.yaml", entity("one"))
        .push(&["HEAD:main"]);
    assert!(push.accepted, "{}", push.raw);
    assert_eq!(waiting(&server), 1);

    disk.fill();
    let before = server.tip("main");
    let push = clone
        .change("port.yaml", entity("two"))
        .push(&["HEAD:main"]);
    assert!(!push.accepted, "{}", push.raw);
    assert_eq!(server.tip("main"), before);
    insta::assert_snapshot!(
        words(&push.said).replace(disk.path().to_str().unwrap(), "STATE"),
        @"pushgate 0.1.0: refused: what it declares could not be queued for delivery: the outbox can't write into `STATE/spool/tmp`: the disk is full help: nothing of it was taken; tell whoever runs this git server, and push again once pushgate's state folder has room and belongs to the user that the hooks run as"
    );
    // What leads to no delivery needs no room: another branch, or a file of no entity.
    let push = clone.push(&["HEAD:refs/heads/topic"]);
    assert!(push.accepted, "{}", push.raw);
    clone.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    let push = clone.change("note", "n").push(&["HEAD:main"]);
    assert!(push.accepted, "{}", push.raw);
    disk.clear();

    disk.read_only();
    let push = clone
        .change("port.yaml", entity("two"))
        .push(&["HEAD:main"]);
    assert!(!push.accepted, "{}", push.raw);
    let said = words(&push.said);
    assert!(said.contains("the disk can only be read"), "{said}");
    disk.writable();
    let push = clone
        .change("port.yaml", entity("three"))
        .push(&["HEAD:main"]);
    assert!(push.accepted, "{}", push.raw);
    assert!(push.said.contains("1 delivery queued"), "{}", push.said);
    let output = server.pushgate(&["deliver"], "");
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(there(&port), ["three"]);
}

/// The disk holds a file, but not the job: a proof has to be as large as what it proves.
#[test]
fn a_disk_with_too_little_room_is_a_full_one() {
    let Some(disk) = SmallDisk::mount() else {
        return;
    };
    let port = PortStandIn::start().unwrap();
    let server = server_with(REJECT, &port, disk.path());
    let many: String = (0..8_000)
        .map(|number| {
            format!("- {{ identifier: service-{number:0>80}, title: T, blueprint: b }}\n")
        })
        .collect();
    let clone = server.clone();
    let push = clone.change("port.yaml", many).push(&["HEAD:main"]);
    assert!(!push.accepted, "{}", push.raw);
    let said = push.said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("the disk is full"), "{}", push.said);
    assert_eq!(files(disk.path()), Vec::<String>::new());
    let push = clone
        .change("port.yaml", entity("one"))
        .push(&["HEAD:main"]);
    assert!(push.accepted, "{}", push.raw);
}

#[test]
fn the_proof_leaves_nothing_behind() {
    let port = PortStandIn::start().unwrap();
    let state = tempfile::tempdir().unwrap();
    let server = server_with(REJECT, &port, state.path());
    let clone = server.clone();
    clone
        .change("port.yaml", entity("one"))
        .push_unchecked(&["HEAD:refs/heads/topic"]);
    let zero = "0".repeat(40);
    let line = format!("{zero} {} refs/heads/main\n", server.tip("topic").unwrap());
    let output = server.pushgate(&["hook", "pre-receive"], &line);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(files(state.path()), Vec::<String>::new());
    // Of a push that leads to nothing not even the folders are made.
    let fresh = tempfile::tempdir().unwrap();
    let server = server.with("PUSHGATE_STATE", fresh.path().to_str().unwrap());
    let output = server.pushgate(&["hook", "pre-receive"], &line.replace("main", "topic"));
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(!fresh.path().join("spool").exists());
}

#[test]
fn a_folder_that_can_only_be_read_is_refused_but_to_those_who_may_bypass() {
    if !can_act_as_nobody() {
        return;
    }
    let port = PortStandIn::start().unwrap();
    let state = tempfile::tempdir().unwrap();
    let folder = state.path().join("state");
    let server = server_with(REJECT, &port, &folder);
    let clone = server.clone();
    let push = clone
        .change("port.yaml", entity("one"))
        .push(&["HEAD:main"]);
    assert!(push.accepted, "{}", push.raw);
    let old = server.tip("main").unwrap();
    clone
        .change("port.yaml", entity("two"))
        .push_unchecked(&["HEAD:main"]);
    let mut open = Command::new("chmod");
    open.args(["-R", "a+rX"])
        .args([server.folder(), state.path()]);
    assert!(open.status().unwrap().success());
    let line = format!("{old} {} refs/heads/main\n", server.tip("main").unwrap());
    let judged = |server: &Server| as_nobody(server, &["hook", "pre-receive"], &line);
    let output = judged(&server);
    let said = words(&text(&output.stderr));
    if said.contains("failed to execute") {
        println!("skipped: the other user can't reach the program");
        return;
    }
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(
        said.contains("this user has no permission for it"),
        "{said}"
    );
    let server = server.with("BB_USER_NAME", "ops");
    let output = judged(&server);
    let said = words(&text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("accepted, since `ops` may bypass"), "{said}");
    assert!(said.contains("the bypass could not be logged"), "{said}");
}
