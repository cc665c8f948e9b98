//! The scripts in `hooks/`, under the shells of servers and wherever they are put.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::server::{BAD, GOOD, PUSHGATE, Server};

/// Shells by the words they are called with; what is not installed is skipped, but not in CI.
fn shells() -> Vec<String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let find = |name: &str| -> Option<PathBuf> {
        let mut files = std::env::split_paths(&path).map(|folder| folder.join(name));
        files.find(|file| file.is_file())
    };
    let mut shells = Vec::new();
    for (program, applet) in [("sh", ""), ("dash", ""), ("bash", ""), ("busybox", "sh")] {
        match find(program) {
            Some(file) => shells.push(format!("'{}' {applet} -u", file.display())),
            None => {
                assert!(std::env::var_os("CI").is_none(), "no {program}");
                eprintln!("skipped: no {program}");
            }
        }
    }
    shells
}

/// A folder whose name a shell may trip over, with the binary and an empty configuration.
fn odd_folder(server: &Server) -> PathBuf {
    let folder = server.folder().join("a b\n$c\"*;\\ \n");
    fs::create_dir(&folder).unwrap();
    symlink(PUSHGATE, folder.join("pushgate")).unwrap();
    fs::write(folder.join("config.yaml"), "").unwrap();
    folder
}

/// A script of the project, copied to where an operator has it.
fn copied(script: &str, folder: &Path) -> String {
    let from = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("hooks")
        .join(script);
    let to = folder.join(from.file_name().unwrap());
    fs::copy(from, &to).unwrap();
    to.to_str().unwrap().to_owned()
}

fn gate_works(server: &Server, what: &str) {
    let clone = server.clone();
    let push = clone
        .change("port.yaml", BAD)
        .push(&["--force", "HEAD:main"]);
    assert!(!push.accepted, "{what}: {}", push.raw);
    let refused = push.said.contains("refused; 1 error");
    assert!(refused, "{what}: {}", push.raw);
    let push = clone
        .change("port.yaml", GOOD)
        .push(&["--force", "HEAD:main"]);
    assert!(push.accepted, "{what}: {}", push.raw);
}

#[test]
fn the_add_ons_script_finds_what_lies_beside_it_under_every_shell() {
    for shell in shells() {
        let server = Server::new();
        let folder = odd_folder(&server);
        let script = copied("external-hooks/pre-receive.sh", &folder);
        // It needs no other program, and no PATH.
        let call = format!("PATH=/nowhere; export PATH; exec {shell} '{script}'");
        server.hook("pre-receive", &call);
        gate_works(&server, &shell);
        // By its bare name, as from its own folder.
        let folder = folder.display();
        let call =
            format!("GIT_DIR=$PWD; export GIT_DIR; cd '{folder}'; exec {shell} pre-receive.sh");
        server.hook("pre-receive", &call);
        gate_works(&server, &shell);
    }
}

#[test]
fn gits_own_script_needs_pushgate_on_the_path_only() {
    for shell in shells() {
        let server = Server::new();
        let folder = odd_folder(&server);
        let script = copied("git/pre-receive", &folder);
        let folder = folder.display();
        let call = format!("PATH='{folder}'; export PATH; exec {shell} '{script}'");
        server.hook("pre-receive", &call);
        gate_works(&server, &shell);
        // Where it is not there, nothing passes.
        let call = format!("PATH=/nowhere; export PATH; exec {shell} '{script}'");
        server.hook("pre-receive", &call);
        let push = server.clone().change("a", "b").push(&["HEAD:topic"]);
        assert!(!push.accepted, "{shell}: {}", push.raw);
    }
}
