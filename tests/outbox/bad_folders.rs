//! A disk that is full, and a state folder that is not the hook's: the pusher is told, and nothing
//! that was accepted before is lost.

use std::fs;
use std::path::Path;

use standin::{Command, PortStandIn};

use crate::server::{Server, text};

/// A user that owns nothing.
const NOBODY: &str = "65534";

/// A file system of its own in a folder, as long as it lives.
pub struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// None where the tests may not mount.
    pub fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let output = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs"])
            .arg(folder.path())
            .output();
        let mounted = output.is_ok_and(|output| output.status.success());
        if !mounted {
            println!("skipped: the full disk needs the right to mount");
        }
        mounted.then_some(Self(folder))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Leaves no room.
    pub fn fill(&self) {
        let mut file = fs::File::create(self.path().join("ballast")).unwrap();
        let block = [7_u8; 4096];
        while std::io::Write::write_all(&mut file, &block).is_ok() {}
    }

    pub fn read_only(&self) {
        self.remount("ro");
    }

    pub fn writable(&self) {
        self.remount("rw");
    }

    fn remount(&self, how: &str) {
        let mut mount = Command::new("mount");
        mount
            .args(["-o", &format!("remount,{how}")])
            .arg(self.path());
        assert!(mount.status().unwrap().success());
    }

    pub fn clear(&self) {
        fs::remove_file(self.path().join("ballast")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

fn server(port: &PortStandIn, state: &Path) -> Server {
    server_with("delivery: { after_push: none }\n", port, state)
}

pub fn server_with(config: &str, port: &PortStandIn, state: &Path) -> Server {
    Server::new()
        .config(config)
        .with("PORT_API_URL", port.url())
        .with("PORT_CLIENT_ID", port.client_id())
        .with("PORT_CLIENT_SECRET", port.client_secret())
        .with("PUSHGATE_STATE", state.to_str().unwrap())
}

pub fn entity(identifier: &str) -> String {
    format!("identifier: {identifier}\ntitle: T\nblueprint: service\n")
}

pub fn waiting(server: &Server) -> usize {
    let output = server.pushgate(&["outbox", "list", "--format", "json"], "");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let listed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    listed.as_array().unwrap().len()
}

pub fn there(port: &PortStandIn) -> Vec<String> {
    let keys = port.entities().into_keys();
    keys.map(|(_, identifier)| identifier).collect()
}

pub fn can_act_as_nobody() -> bool {
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| {
        use std::os::unix::fs::MetadataExt;
        own.uid() == 0
    });
    let can = is_root && Command::new("setpriv").arg("--version").output().is_ok();
    if !can {
        println!("skipped: acting as another user needs root and setpriv");
    }
    can
}

pub fn as_nobody(server: &Server, arguments: &[&str], input: &str) -> std::process::Output {
    let mut command = server.command("setpriv");
    command
        .args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"])
        .arg(crate::server::PUSHGATE)
        .args(arguments);
    crate::server::feed(&mut command, input)
}

#[test]
fn a_full_disk_is_told_and_loses_nothing() {
    let Some(disk) = SmallDisk::mount() else {
        return;
    };
    let port = PortStandIn::start().unwrap();
    let server = server(&port, disk.path());
    let clone = server.clone();
    let push = clone
        .change("port.yaml", entity("one"))
        .push(&["HEAD:main"]);
    assert!(push.accepted, "{}", push.raw);
    assert!(push.said.contains("1 delivery queued"), "{}", push.said);

    disk.fill();
    // The branch has moved before anybody could object; what the hook says reaches the pusher.
    let push = clone
        .change("port.yaml", entity("two"))
        .push(&["HEAD:main"]);
    assert!(!push.said.contains("queued"), "{}", push.said);
    assert!(
        push.said.contains("the outbox can't write"),
        "{}",
        push.said
    );
    assert!(push.said.contains("disk is not full"), "{}", push.said);
    // Whoever delivers can't write either, says so, and carries out nothing half.
    let output = server.pushgate(&["deliver"], "");
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let said = text(&output.stderr);
    assert!(said.contains("outbox"), "{said}");

    disk.clear();
    assert_eq!(waiting(&server), 1, "what was queued before is gone");
    let output = server.pushgate(&["deliver"], "");
    assert!(output.status.success(), "{}", text(&output.stderr));
    // Its tip is what counts: also that of the push that could not be queued.
    assert_eq!(there(&port), ["two"]);
    let push = clone
        .change("port.yaml", entity("three"))
        .push(&["HEAD:main"]);
    assert!(push.said.contains("queued"), "{}", push.said);
    let output = server.pushgate(&["deliver"], "");
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(there(&port), ["three"]);
}

#[test]
fn a_disk_that_fills_up_while_it_is_delivered_keeps_what_waits() {
    let Some(disk) = SmallDisk::mount() else {
        return;
    };
    let port = PortStandIn::start().unwrap();
    let server = server(&port, disk.path());
    let clone = server.clone();
    clone
        .change("port.yaml", entity("one"))
        .push(&["HEAD:main"]);
    assert_eq!(waiting(&server), 1);
    // It lies in the store by now, and nothing more can be written to that.
    disk.fill();
    let output = server.pushgate(&["deliver"], "");
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    disk.clear();
    assert_eq!(waiting(&server), 1);
    let output = server.pushgate(&["deliver"], "");
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(there(&port), ["one"]);
    assert_eq!(waiting(&server), 0);
}

#[test]
fn a_folder_of_another_user_is_told_and_loses_nothing() {
    let port = PortStandIn::start().unwrap();
    let state = tempfile::tempdir().unwrap();
    let folder = state.path().join("state");
    let server = server(&port, &folder);
    let clone = server.clone();
    let push = clone
        .change("port.yaml", entity("one"))
        .push(&["HEAD:main"]);
    assert!(push.said.contains("queued"), "{}", push.said);
    let queued = || fs::read_dir(folder.join("spool/pending")).unwrap().count();
    assert_eq!(queued(), 1);
    if !can_act_as_nobody() {
        return;
    }
    // The hook as somebody who may read the repository and the configuration, and no more.
    let mut open = Command::new("chmod");
    open.args(["-R", "a+rX"]).arg(server.folder());
    assert!(open.status().unwrap().success());
    let old = server.tip("main").unwrap();
    clone
        .change("port.yaml", entity("two"))
        .push_unchecked(&["HEAD:main"]);
    assert!(open.status().unwrap().success());
    let line = format!("{old} {} refs/heads/main\n", server.tip("main").unwrap());
    let as_nobody = |arguments: &[&str], input: &str| as_nobody(&server, arguments, input);
    let output = as_nobody(&["hook", "post-receive"], &line);
    if text(&output.stderr).contains("failed to execute") {
        println!("skipped: the other user can't reach the program");
        return;
    }
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let said = text(&output.stderr);
    assert!(
        said.contains("outbox can't")
            && said.contains("belongs to root, and pushgate runs as nobody"),
        "{said}"
    );
    for arguments in [["outbox", "list"].as_slice(), &["deliver"]] {
        let output = as_nobody(arguments, "");
        assert_eq!(output.status.code(), Some(3), "{arguments:?}");
        let said = text(&output.stderr);
        assert!(said.contains("belongs to root"), "{said}");
    }
    assert_eq!(queued(), 1);
    let output = server.pushgate(&["deliver"], "");
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(there(&port), ["two"]);
}
