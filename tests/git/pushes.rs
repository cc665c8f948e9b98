//! What pushgate sees of a push from inside the hook, quarantine and all.

use crate::hook::{Server, push};
use crate::made::{As, Folder, Made, git, git_can, succeed};

const SERVERS: [Server; 2] = [Server::Git, Server::Bitbucket8];

/// A client with one commit on main.
fn client(folder: &Folder, options: &[&str]) -> Made {
    let client = folder.repository_as("client.git", options);
    client.commit(
        "main",
        &[
            ("port.yaml", As::File("one")),
            (".gimlet/a.yaml", As::File("a")),
            ("src/port.yaml", As::File("elsewhere")),
        ],
    );
    client
}

/// First push, change, no change, new branches, force push, deletion: all in a row.
fn a_repository_lives(folder: &Folder, options: &[&str], how: Server) {
    let client = client(folder, options);
    let server = folder.repository_as("server.git", options);
    let push = |refs: &[&str]| push(&client, &server, how, refs);

    let first = r#"refs/heads/main: .gimlet/a.yaml file "a"; port.yaml file "one";"#;
    assert_eq!(push(&["main"]), [first]);

    client.commit("main", &[("port.yaml", As::File("two"))]);
    assert_eq!(
        push(&["main"]),
        [r#"refs/heads/main: port.yaml file "two";"#]
    );

    client.commit(
        "main",
        &[("src/code", As::File("x")), (".gimlet/a.yaml", As::Gone)],
    );
    assert_eq!(push(&["main"]), ["refs/heads/main:"]);

    // A branch that brings nothing new, one that does, one that holds what `changed` holds.
    client.commit_from(Some("main"), "same", &[("src/code", As::File("y"))]);
    client.commit_from(Some("main"), "changed", &[("port.yaml", As::File("three"))]);
    assert_eq!(
        push(&["same", "changed"]),
        [
            r#"refs/heads/changed: port.yaml file "three";"#,
            "refs/heads/same:"
        ]
    );
    client.commit_from(Some("changed"), "again", &[("src/code", As::File("z"))]);
    assert_eq!(push(&["again"]), ["refs/heads/again:"]);

    // Back to what main had before, with another history.
    client.commit_from(None, "main", &[("port.yaml", As::File("one"))]);
    assert_eq!(
        push(&["+main", ":again"]),
        [
            "refs/heads/again: deleted",
            r#"refs/heads/main: port.yaml file "one";"#
        ]
    );
}

#[test]
fn git_itself() {
    a_repository_lives(&Folder::new(), &[], Server::Git);
}

#[test]
fn bitbucket_8() {
    a_repository_lives(&Folder::new(), &[], Server::Bitbucket8);
}

#[test]
fn a_path_that_git_quotes() {
    for how in SERVERS {
        a_repository_lives(&Folder::named("a:b \"c\\d ä"), &[], how);
    }
}

#[test]
fn a_sha_256_repository() {
    if git_can("SHA-256", &["--object-format=sha256"]) {
        for how in SERVERS {
            a_repository_lives(&Folder::new(), &["--object-format=sha256"], how);
        }
    }
}

#[test]
fn a_reftable_repository() {
    if git_can("reftable", &["--ref-format=reftable"]) {
        for how in SERVERS {
            a_repository_lives(&Folder::new(), &["--ref-format=reftable"], how);
        }
    }
}

#[test]
fn a_packed_push() {
    let folder = Folder::new();
    let client = client(&folder, &[]);
    let server = folder.repository("server.git");
    server.git(&["config", "receive.unpackLimit", "1"]);
    for how in SERVERS {
        client.commit("main", &[("port.yaml", As::File("packed"))]);
        client.git(&["branch", "-f", "other", "main"]);
        let seen = push(&client, &server, how, &["other"]);
        assert!(seen[0].contains(r#"port.yaml file "packed";"#), "{seen:?}");
        server.git(&["update-ref", "-d", "refs/heads/other"]);
    }
}

#[test]
fn a_fork_borrows_objects() {
    for (name, how) in [
        ("plain", Server::Git),
        ("plain", Server::Bitbucket8),
        ("a:b", Server::Git),
        ("a:b", Server::Bitbucket8),
    ] {
        let folder = Folder::named(name);
        let client = client(&folder, &[]);
        let parent = folder.repository("parent.git");
        push(&client, &parent, how, &["main"]);
        let path = folder.path().join("fork.git");
        succeed(
            git(folder.path())
                .args(["clone", "-q", "--bare", "--shared"])
                .args([parent.path(), &path]),
        );
        let fork = Made::at(path);
        client.commit("main", &[("src/code", As::File("x"))]);
        assert_eq!(push(&client, &fork, how, &["main"]), ["refs/heads/main:"]);
        client.commit("main", &[("port.yaml", As::File("fork's"))]);
        assert_eq!(
            push(&client, &fork, how, &["main"]),
            [r#"refs/heads/main: port.yaml file "fork's";"#]
        );
    }
}

#[test]
fn tags() {
    let folder = Folder::new();
    let client = client(&folder, &[]);
    let server = folder.repository("server.git");
    push(&client, &server, Server::Git, &["main"]);
    client.commit_from(Some("main"), "aside", &[("port.yaml", As::File("tagged"))]);
    for arguments in [
        ["tag", "-a", "-m", "x", "inner", "aside"],
        ["tag", "-a", "-m", "x", "outer", "inner"],
        ["tag", "-a", "-m", "x", "file", "main:port.yaml"],
        ["tag", "-a", "-m", "x", "tree", "main^{tree}"],
        ["tag", "-a", "-m", "x", "known", "main"],
    ] {
        client.git(&arguments);
    }
    client.git(&["tag", "light", "main:port.yaml"]);
    let refs = ["outer", "file", "tree", "known", "light"];
    assert_eq!(
        push(&client, &server, Server::Git, &refs),
        [
            "refs/tags/file: a blob",
            "refs/tags/known:",
            "refs/tags/light: a blob",
            r#"refs/tags/outer: port.yaml file "tagged";"#,
            "refs/tags/tree: a tree",
        ]
    );
    // From a tag on a file to one on a commit: as if it were new.
    client.git(&["tag", "-f", "file", "aside"]);
    assert_eq!(
        push(&client, &server, Server::Git, &["+file"]),
        [r#"refs/tags/file: port.yaml file "tagged";"#]
    );
}

#[test]
fn what_stands_in_a_document_s_place() {
    let folder = Folder::new();
    let client = client(&folder, &[]);
    let server = folder.repository("server.git");
    push(&client, &server, Server::Git, &["main"]);
    let commit = client.commit("main", &[("port.yaml", As::Symlink("src/port.yaml"))]);
    assert_eq!(
        push(&client, &server, Server::Git, &["main"]),
        ["refs/heads/main: port.yaml symbolic link;"]
    );
    client.commit("main", &[("port.yaml", As::Submodule(commit.as_str()))]);
    assert_eq!(
        push(&client, &server, Server::Git, &["main"]),
        ["refs/heads/main: port.yaml submodule;"]
    );
    client.commit(
        "main",
        &[("port.yaml", As::Gone), ("port.yaml/x", As::File("x"))],
    );
    assert_eq!(
        push(&client, &server, Server::Git, &["main"]),
        ["refs/heads/main: port.yaml folder;"]
    );
    client.commit(
        "main",
        &[("port.yaml", As::Gone), (".gimlet", As::File("no folder"))],
    );
    assert_eq!(
        push(&client, &server, Server::Git, &["main"]),
        ["refs/heads/main:"]
    );
}

#[test]
fn the_first_branch_of_a_repository_need_not_be_its_default_branch() {
    let folder = Folder::new();
    let client = client(&folder, &[]);
    let server = folder.repository("server.git");
    assert_eq!(
        push(&client, &server, Server::Git, &["main:refs/heads/topic"]),
        [r#"refs/heads/topic: .gimlet/a.yaml file "a"; port.yaml file "one";"#]
    );
    assert_eq!(
        push(&client, &server, Server::Git, &["main"]),
        ["refs/heads/main:"]
    );
}
