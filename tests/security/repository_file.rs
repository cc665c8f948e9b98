//! What a repository says of itself: `.pushgate.yaml`, which whoever may push may write.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Output;

use standin::PortStandIn;
use tempfile::TempDir;

use crate::server::{BAD, GOOD, PUSHGATE, Server, command, text};

/// Everything that would open the gate.
const OPEN: &str = "gate: { enforcement: off, bypass: { users: [ada] }, on_deadline: allow }\n\
                    rules: { port/unknown-key: off }\n\
                    port: { files: [other.yaml], deliver: never }\n";

fn check(folder: &Path) -> Output {
    command(PUSHGATE, folder)
        .current_dir(folder)
        .arg("check")
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    text(&output.stdout) + &text(&output.stderr)
}

#[test]
fn a_pushed_configuration_changes_nothing_on_the_server() {
    let server = Server::new().with("BB_USER_NAME", "ada");
    let clone = server.clone();
    // It stands in the work tree, on the branch before and in the bare repository.
    assert!(
        clone
            .change(".pushgate.yaml", OPEN)
            .push(&["HEAD:main"])
            .accepted
    );
    std::fs::write(server.bare().join(".pushgate.yaml"), OPEN).unwrap();
    let push = clone.change("port.yaml", BAD).push(&["HEAD:main"]);
    assert!(!push.accepted, "{}", push.raw);
    let first = push.said.lines().next().unwrap();
    assert_eq!(first, "pushgate 0.1.0: refused; 1 error in 1 document");

    // Nor does it change what is delivered.
    let port = PortStandIn::start().unwrap();
    let server = Server::new()
        .with("PORT_API_URL", port.url())
        .with("PORT_CLIENT_ID", port.client_id())
        .with("PORT_CLIENT_SECRET", port.client_secret())
        .config("delivery: { wait: 60s }\n");
    let clone = server.clone();
    clone.write(".pushgate.yaml", OPEN);
    assert!(
        clone
            .change("port.yaml", GOOD)
            .push(&["HEAD:main"])
            .accepted
    );
    assert_eq!(port.entities().len(), 1);
}

/// A work tree with a `.pushgate.yaml`, and a file outside it that is nobody's business.
fn tree(config: Option<&str>) -> (TempDir, TempDir) {
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(
        outside.path().join("secret.yaml"),
        "token planted-outside: {\nnot: [a, configuration\n",
    )
    .unwrap();
    let tree = tempfile::tempdir().unwrap();
    std::fs::create_dir(tree.path().join(".git")).unwrap();
    std::fs::write(tree.path().join("port.yaml"), GOOD).unwrap();
    std::fs::write(tree.path().join("slo.yaml"), "a: 1\n").unwrap();
    if let Some(config) = config {
        let outside = outside.path().join("secret.yaml");
        let config = config.replace("OUTSIDE", outside.to_str().unwrap());
        std::fs::write(tree.path().join(".pushgate.yaml"), config).unwrap();
    }
    (tree, outside)
}

#[test]
fn a_configuration_that_is_a_link_is_not_read() {
    let (tree, outside) = tree(None);
    let link = tree.path().join(".pushgate.yaml");
    symlink(outside.path().join("secret.yaml"), &link).unwrap();
    let output = check(tree.path());
    // The planted text is looked for in every output.
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    let told = said(&output).replace('\n', " ").replace("  ", " ");
    assert!(told.contains("is a symbolic link"), "{told}");
    assert!(told.contains("PUSHGATE_CONFIG"), "{told}");
}

#[test]
fn files_that_it_names_are_not_shown() {
    for config in [
        "kinds: [ { name: slo, files: [slo.yaml], schema: OUTSIDE } ]\n",
        "port: { blueprints: OUTSIDE }\n",
        "gimlet: { charts: OUTSIDE }\n",
    ] {
        let (tree, _outside) = tree(Some(config));
        let output = check(tree.path());
        assert!(
            !said(&output).contains("not: [a"),
            "{config}: {}",
            said(&output)
        );
    }
}

#[test]
fn a_configuration_that_is_gone_refuses_the_push() {
    let server = Server::new().with("PUSHGATE_CONFIG", "/nowhere/config.yaml");
    let push = server
        .clone()
        .change("port.yaml", GOOD)
        .push(&["HEAD:main"]);
    assert!(!push.accepted, "{}", push.raw);
    assert!(push.said.contains("/nowhere/config.yaml"), "{}", push.said);
}

/// A path need not be UTF-8, and one that was passed over would leave the gate with its defaults.
#[test]
fn a_configuration_whose_path_is_no_text_is_not_passed_over() {
    let server = Server::new();
    let before = server.folder().join("caf");
    let path = [before.as_os_str().as_encoded_bytes(), b"\xe9.yaml"].concat();
    let path = Path::new(OsStr::from_bytes(&path));
    fs::write(path, "rules: { port/missing-title: off }\n").unwrap();
    let before = before.display();
    server.hook(
        "pre-receive",
        &format!(
            "PUSHGATE_CONFIG=$(printf '{before}\\351.yaml') exec '{PUSHGATE}' hook pre-receive"
        ),
    );
    let clone = server.clone();
    let push = clone
        .change("port.yaml", "identifier: hello\nblueprint: service\n")
        .push(&["HEAD:main"]);
    assert!(push.accepted, "{}", push.raw);
    fs::remove_file(path).unwrap();
    let push = clone.change("port.yaml", GOOD).push(&["HEAD:main"]);
    assert!(!push.accepted, "{}", push.raw);
}
