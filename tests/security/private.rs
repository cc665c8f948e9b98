//! What lies in the state folder is nobody else's to read.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use standin::{Fault, PortStandIn};

use crate::receiver::{Place, push};
use crate::server::{BAD, GOOD, Server, text};

/// Files that others can open, in folders that others can go through.
fn open_to_others(folder: &Path) -> Vec<String> {
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    if mode(folder) & 0o011 == 0 {
        return Vec::new();
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(open_to_others(&path));
        } else if mode(&path) & 0o077 != 0 {
            found.push(format!("{} {:o}", path.display(), mode(&path) & 0o777));
        }
    }
    found
}

/// The operator has made the folder, and nobody thought of its mode.
#[test]
fn nobody_else_reads_what_waits_or_was_delivered() {
    let port = PortStandIn::start().unwrap();
    let server = Server::new()
        .config("delivery: { wait: 10s }\ngate: { bypass: { users: [ada] } }\n")
        .with("BB_USER_NAME", "ada")
        .with("PORT_API_URL", port.url())
        .with("PORT_CLIENT_ID", port.client_id())
        .with("PORT_CLIENT_SECRET", port.client_secret());
    let clone = server.clone();
    fs::create_dir(server.state()).unwrap();
    fs::set_permissions(server.state(), fs::Permissions::from_mode(0o755)).unwrap();
    assert!(
        clone
            .change("port.yaml", GOOD)
            .push(&["HEAD:main"])
            .accepted
    );
    // Let past the gate, which is written down.
    assert!(clone.change("port.yaml", BAD).push(&["HEAD:main"]).accepted);
    port.fail_next(9, &Fault::status(503));
    let again = format!("{GOOD}  more: x\n");
    assert!(
        clone
            .change("port.yaml", again)
            .push(&["HEAD:main"])
            .accepted
    );
    let output = server.pushgate(&["deliver"], "");
    assert!(output.status.code().is_some(), "{}", text(&output.stderr));
    // Blueprints are no secret, and whoever checks may be another user than who delivers.
    let mut open = open_to_others(&server.state());
    open.retain(|file| !file.contains("/blueprints."));
    assert_eq!(open, Vec::<String>::new());
    for file in [
        "port-token.json",
        "outbox.sqlite",
        "bypass.log",
        "courier.lock",
        "node",
        "verdicts/PRJ+hello.log",
    ] {
        assert!(server.state().join(file).exists(), "{file}");
    }
}

#[test]
fn nobody_else_holds_the_lock_of_who_serves_or_reads_its_pushes() {
    let place = Place::new("http://127.0.0.1:1", "serve: { listen: '127.0.0.1:0' }\n");
    fs::create_dir(place.state()).unwrap();
    fs::set_permissions(place.state(), fs::Permissions::from_mode(0o755)).unwrap();
    let receiver = place.start();
    assert_eq!(receiver.announce(&push(1)).status, 200);
    let pushes = place.state().join("pushes");
    assert_eq!(open_to_others(&place.state()), Vec::<String>::new());
    for entry in fs::read_dir(&pushes).unwrap().flatten() {
        let mode = entry.metadata().unwrap().permissions().mode();
        assert!(entry.path().is_dir() || mode & 0o077 == 0, "{entry:?}");
    }
    assert!(pushes.join("serve.lock").exists());
}
