//! Repositories of every make, as the gate finds them on a server: forks, odd paths, other formats and
//! owners.

use std::fs;

use crate::pre_receive::{accepted, gate_works, refused};
use crate::server::{BAD, GOOD, PUSHGATE, Server};

#[test]
fn a_fork_reads_what_its_origin_holds() {
    let origin = Server::new();
    let clone = origin.clone();
    accepted(&clone.change("port.yaml", GOOD).push(&["HEAD:main"]));
    let fork = Server::named("~ada/hello.git", &[]);
    let objects = origin.bare().join("objects");
    fs::write(
        fork.bare().join("objects/info/alternates"),
        format!("{}\n", objects.display()),
    )
    .unwrap();
    fork.git(&[
        "update-ref",
        "refs/heads/main",
        &origin.tip("main").unwrap(),
    ]);
    let clone = fork.clone();
    let push = clone.change("README.md", "hello").push(&["HEAD:main"]);
    assert_eq!(push.said, "pushgate 0.1.0: accepted; no document to check");
    refused(&clone.change("port.yaml", BAD).push(&["HEAD:main"]));
}

#[test]
fn odd_paths_are_fine() {
    for name in ["a:b/c d.git", "quo\"te/ü.git", "tab\tand:colon/x.git"] {
        let server = Server::named(name, &[]);
        let clone = server.clone();
        gate_works(&clone);
        server.git(&["gc", "--quiet"]);
        refused(&clone.change("port.yaml", BAD).push(&["HEAD:main"]));
    }
}

#[test]
fn without_git_dir_the_quarantine_leads_to_the_repository() {
    let server = Server::new();
    let script = format!("unset GIT_DIR; cd /; exec '{PUSHGATE}' hook pre-receive");
    server.hook("pre-receive", &script);
    gate_works(&server.clone());
}

#[test]
fn sha256_and_reftable_go_through_the_git_program() {
    for option in ["--object-format=sha256", "--ref-format=reftable"] {
        let probe = Server::new();
        let path = probe.folder().join("probe");
        let supported = probe
            .command("git")
            .args(["init", "-q", option])
            .arg(path)
            .status()
            .unwrap();
        if !supported.success() {
            let message = format!("this git knows no {option}");
            assert!(std::env::var_os("CI").is_none(), "{message}");
            eprintln!("skipped: {message}");
            continue;
        }
        let server = Server::named("PRJ/hello.git", &[option]);
        let clone = server.clone();
        gate_works(&clone);
        let push = clone
            .change("README.md", "hello")
            .push(&["HEAD:main", "HEAD:refs/heads/new"]);
        assert_eq!(push.said, "pushgate 0.1.0: accepted; no document to check");
        refused(&clone.change("port.yaml", BAD).push(&["HEAD:main"]));
    }
}

#[cfg(unix)]
#[test]
fn a_repository_of_another_user_is_judged_too() {
    use std::os::unix::fs::{MetadataExt, chown};

    let server = Server::new();
    let clone = server.clone();
    if fs::metadata(server.bare()).unwrap().uid() != 0 {
        let message = "only root can give a repository away";
        assert!(std::env::var_os("CI").is_none(), "{message}");
        eprintln!("skipped: {message}");
        return;
    }
    fs::write(
        server.folder().join(".gitconfig"),
        "[safe]\n\tdirectory = *\n",
    )
    .unwrap();
    chown(server.bare(), Some(65534), None).unwrap();
    // git has accepted the repository; the hook must not depend on the user's configuration.
    server.hook(
        "pre-receive",
        &format!("unset HOME; exec '{PUSHGATE}' hook pre-receive"),
    );
    gate_works(&clone);
}
