//! What people read when something is wrong.

use std::ffi::OsString;

use miette::Diagnostic;
use pushgate::git::{
    CommitId, HookEnvironment, RefUpdate, Repository, changed_documents, documents_at,
};

use crate::made::{As, Everywhere, Folder, Usual, update};

fn text(error: &dyn Diagnostic) -> String {
    let help = error.help().map(|help| help.to_string());
    format!("{error}\nhelp: {}", help.unwrap_or_default())
}

#[test]
fn lines() {
    let one = "1".repeat(40);
    let long = format!("{one} {} refs/heads/main", "2".repeat(64));
    let texts: Vec<_> = [
        "refs/heads/main",
        "HEAD \u{1b}[31mmain\u{202e} x",
        &long,
        &format!("{one} {one} refs/heads/a b"),
        &format!("{one} {} x", "A".repeat(40)),
    ]
    .iter()
    .map(|line| text(&RefUpdate::parse_all(line.as_bytes()).unwrap_err()))
    .collect();
    insta::assert_snapshot!(texts.join("\n\n"));
}

#[test]
fn no_repository() {
    let open = |variables: &[(&str, &str)]| {
        let variables = variables
            .iter()
            .map(|(name, value)| (OsString::from(name), OsString::from(value)));
        match Repository::open(&HookEnvironment::new(variables, "/nowhere")) {
            Ok(_) => panic!("there is none"),
            Err(error) => text(&error),
        }
    };
    let texts = [
        open(&[]),
        open(&[("GIT_DIR", "PRJ/hello.git")]),
        open(&[
            ("GIT_QUARANTINE_PATH", "/srv/r.git/objects/incoming-1"),
            ("GIT_ALTERNATE_OBJECT_DIRECTORIES", "/srv/p.git/objects"),
        ]),
    ];
    insta::assert_snapshot!(texts.join("\n\n"));
}

#[test]
fn unreadable() {
    let folder = Folder::new();
    let made = folder.repository("r.git");
    let nothing = "1".repeat(40);
    let pushed = update("-", &nothing, "refs/heads/main");
    let tip = changed_documents(&made.open(), &pushed, &Usual, |_| true).unwrap_err();
    let commit = made.commit("main", &[("a\u{1b}b/port.yaml", As::File("1"))]);
    let store = made.open();
    std::fs::remove_file(made.loose(&made.id("main:a\u{1b}b"))).unwrap();
    let below = documents_at(&store, &commit, &Everywhere).unwrap_err();
    let blob = CommitId(
        made.feed(&["hash-object", "-w", "--stdin"], b"x")
            .parse()
            .unwrap(),
    );
    let kind = documents_at(&store, &blob, &Usual).unwrap_err();
    let texts = [text(&tip), text(&below), text(&kind)];
    insta::assert_snapshot!(texts.join("\n\n"));
}
