//! `pushgate bitbucket hooks status`: held against real pushes through the real hooks.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use standin::Command;

use crate::server::{GOOD, Server};
use crate::world::{Answer, World};

fn status(world: &World, arguments: &[&str]) -> Answer {
    world.run(
        &[
            &["bitbucket", "hooks", "status", "--repository", "PRJ/hello"],
            arguments,
        ]
        .concat(),
    )
}

/// What it printed, without the names of this machine and of the test's folder.
fn shown(answer: &Answer) -> String {
    const LOOKED_AT: &str = "looked at: this node's record";
    let (rows, place) = answer.out.split_once(LOOKED_AT).unwrap();
    let (place, rest) = place.split_once(';').unwrap();
    assert!(place.ends_with("/verdicts"), "{place}");
    format!("{rows}{LOOKED_AT} (NODE), STATE/verdicts;{rest}")
}

/// Has the commit checked as CI does.
fn check_in_ci(world: &World, commit: &str) {
    std::fs::write(world.home.path().join("port.yaml"), GOOD).unwrap();
    let report = ["--report", "bitbucket", "--commit", commit];
    let named = ["check", "port.yaml", "--repository", "PRJ/hello"];
    let answer = world.run(&[&named[..], &report].concat());
    assert_eq!(answer.code, Some(0), "{answer:?}");
}

/// A bare repository whose hooks keep their record where the world's pushgate looks for it, and the
/// server's own view of it.
fn pushed(world: &mut World) -> Server {
    let server = Server::named("PRJ/hello.git", &[]);
    std::fs::create_dir_all(server.state()).unwrap();
    world.set("PUSHGATE_STATE", server.state().to_str().unwrap());
    let clone = server.clone();
    assert!(
        clone
            .change("port.yaml", GOOD)
            .push(&["HEAD:main"])
            .accepted
    );
    world.bitbucket.mirror("PRJ/hello", server.bare());
    server
}

/// A commit that is younger than every record.
fn commit_later(server: &Server, folder: &std::path::Path) {
    let mut git: Command = server.command("git");
    let later = SystemTime::now() + Duration::from_secs(60);
    let later = later.duration_since(UNIX_EPOCH).unwrap().as_secs();
    git.current_dir(folder)
        .env("GIT_COMMITTER_DATE", format!("@{later} +0000"))
        .args(["commit", "-q", "--allow-empty", "-m", "now"]);
    assert!(git.status().unwrap().success());
}

#[test]
fn a_push_through_the_gate_is_proof() {
    for version in ["5.6.0", "7.21.0", "8.0.0", "8.18.0", "9.2.0"] {
        let mut world = World::of_version(version);
        world.bitbucket.install_external_hooks();
        let _server = pushed(&mut world);
        world.run(&["bitbucket", "hooks", "install", "--project", "PRJ"]);
        let answer = status(&world, &["--format", "json"]);
        assert_eq!(answer.code, Some(0), "{version}: {answer:?}");
        let told: Value = serde_json::from_str(&answer.out).unwrap();
        assert_eq!(
            told["repositories"][0]["status"], "ran",
            "{version}: {told}"
        );
        world.bitbucket.assert_conforms();
    }
}

#[test]
fn a_server_that_runs_no_hook_is_found() {
    let mut world = World::of_version("8.18.0");
    let server = pushed(&mut world);
    world.run(&["bitbucket", "hooks", "install", "--project", "PRJ"]);
    // The update to 8.18: both hooks are off, and nobody says so.
    let clone = server.clone();
    commit_later(&server, &clone.path);
    clone.push_unchecked(&["HEAD:main"]);
    world.bitbucket.mirror("PRJ/hello", server.bare());
    let answer = status(&world, &[]);
    assert_eq!(answer.code, Some(1), "{answer:?}");
    let short = &server.tip("main").unwrap()[..10];
    insta::assert_snapshot!(shown(&answer).replace(short, "0123456789"));
    // Nor does a check that came after the push hide it.
    check_in_ci(&world, &server.tip("main").unwrap());
    assert_eq!(status(&world, &[]).out, answer.out);
    let answer = world.run(&[
        "doctor",
        "--only",
        "bitbucket.gate",
        "--repository",
        "PRJ/hello",
    ]);
    assert_eq!(answer.code, Some(1), "{answer:?}");
    assert!(
        answer.out.contains("failed   bitbucket.gate: commit"),
        "{answer:?}"
    );
}

#[test]
fn a_push_that_only_the_later_hook_saw_is_told_to_the_pusher() {
    let mut world = World::of_version("9.2.0");
    let server = pushed(&mut world);
    world.run(&["bitbucket", "hooks", "install", "--project", "PRJ"]);
    server.hook("pre-receive", "exit 0");
    let clone = server.clone();
    commit_later(&server, &clone.path);
    let push = clone.push(&["HEAD:main", "HEAD:topic"]);
    assert!(push.accepted);
    insta::assert_snapshot!(push.said);
    world.bitbucket.mirror("PRJ/hello", server.bare());
    let answer = status(&world, &[]);
    assert_eq!(answer.code, Some(1));
    assert!(
        answer.out.contains("only the post-receive hook ran"),
        "{answer:?}"
    );
}

#[test]
fn a_merge_of_bitbucket_s_own_has_no_verdict_and_is_no_fault() {
    let mut world = World::of_version("9.2.0");
    let server = pushed(&mut world).with("BB_HOOK_TRIGGER_ID", "pull-request-merge");
    world.run(&["bitbucket", "hooks", "install", "--project", "PRJ"]);
    server.hook("pre-receive", "exit 0");
    let clone = server.clone();
    commit_later(&server, &clone.path);
    let push = clone.push(&["HEAD:main"]);
    assert_eq!(push.said, "", "{push:?}");
    world.bitbucket.mirror("PRJ/hello", server.bare());
    let answer = status(&world, &[]);
    assert_eq!(answer.code, Some(0), "{answer:?}");
    assert!(answer.out.starts_with("PRJ/hello: merged: "), "{answer:?}");
}

#[test]
fn what_nothing_shows_is_said_to_be_unproven() {
    let world = World::of_version("8.18.0");
    world.run(&["bitbucket", "hooks", "install", "--repository", "PRJ/hello"]);
    world
        .bitbucket
        .commit("PRJ/hello", "main", &[("port.yaml", Some(b"x"))]);
    world.bitbucket.archive("OPS/tools");
    let answer = world.run(&["bitbucket", "hooks", "status", "--all"]);
    assert_eq!(answer.code, Some(1), "{answer:?}");
    insta::assert_snapshot!(shown(&answer));
    world.bitbucket.set_permission("REPO_READ");
    let answer = status(&world, &[]);
    assert_eq!(answer.code, Some(3));
    insta::assert_snapshot!(shown(&answer));
}

#[test]
fn a_check_after_the_push_is_proof_where_no_hook_gives_one() {
    let world = World::of_version("9.2.0");
    let files: [(&str, Option<&[u8]>); 1] = [("port.yaml", Some(GOOD.as_bytes()))];
    let commit = world.bitbucket.commit("PRJ/hello", "main", &files);
    assert_eq!(status(&world, &[]).code, Some(1));
    check_in_ci(&world, &commit);
    let without_hook = status(&world, &[]);
    assert_eq!(without_hook.code, Some(0), "{without_hook:?}");
    world.run(&["bitbucket", "hooks", "install", "--repository", "PRJ/hello"]);
    let with_hook = status(&world, &[]);
    assert_eq!(with_hook.code, Some(0), "{with_hook:?}");
    insta::assert_snapshot!([shown(&without_hook), shown(&with_hook)].join("\n"));
    let json: Value = serde_json::from_str(&status(&world, &["--format", "json"]).out).unwrap();
    assert_eq!(json["repositories"][0]["status"], "checked");
    let state = world.home.path().join("state/verdicts");
    assert_eq!(json["record"], state.to_str().unwrap());
    // A commit that nobody has checked is what it was.
    world
        .bitbucket
        .commit("PRJ/hello", "main", &[("a", Some(b"x"))]);
    let newer = status(&world, &[]);
    assert!(newer.out.starts_with("PRJ/hello: unproven: "), "{newer:?}");
    world.bitbucket.assert_conforms();
}

#[test]
fn a_hook_makes_no_state_folder_for_its_record() {
    let server = Server::named("PRJ/hello.git", &[]);
    assert!(
        server
            .clone()
            .change("port.yaml", GOOD)
            .push(&["HEAD:main"])
            .accepted
    );
    assert!(!server.state().exists());
}

#[test]
fn many_of_which_the_same_is_to_be_said_are_told_together() {
    let world = World::of_version("9.2.0");
    let status = world.run(&["bitbucket", "hooks", "status", "--all"]);
    assert_eq!(status.code, Some(1), "{status:?}");
    let url = "https://gate.example.com/webhook";
    let removed = world.run(&["bitbucket", "webhooks", "remove", "--all", "--url", url]);
    assert_eq!(removed.code, Some(0), "{removed:?}");
    let out = format!("{}\n{}", status.out, removed.out);
    let (before, after) = out.split_once("looked at").unwrap();
    let (_, after) = after.split_once('\n').unwrap();
    insta::assert_snapshot!(format!("{before}{after}"));
}
