//! `pushgate blueprints` against a Port on loopback, and what `check` and the gate then know.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::{Value, json};
use standin::{Fault, PortStandIn};
use tempfile::TempDir;

use crate::server::{PUSHGATE, Server, command, succeed, text};
use crate::site::{BY_HAND, Site};

fn given() -> Vec<Value> {
    vec![
        json!({
            "identifier": "service", "title": "Service", "createdBy": "ada",
            "schema": {"properties": {
                "language": {"type": "string", "title": "Language", "enum": ["Go", "Rust"]},
                "contact": {"type": "string", "format": "email"},
            }, "required": ["contact"]},
            "mirrorProperties": {"tier": {"path": "system.tier"}},
            "relations": {"system": {"target": "system", "required": false, "many": false}},
        }),
        json!({"identifier": "system", "title": "System", "schema": {"properties": {}}}),
    ]
}

fn entity(properties: &str) -> String {
    format!("identifier: web\ntitle: Web\nblueprint: service\nproperties:\n{properties}")
}

fn work_tree() -> TempDir {
    let tree = tempfile::tempdir().unwrap();
    succeed(
        command("git", tree.path())
            .args(["init", "-q"])
            .arg(tree.path()),
    );
    tree
}

fn run(port: Option<&PortStandIn>, folder: &Path, arguments: &[&str]) -> Output {
    let mut pushgate = command(PUSHGATE, folder);
    pushgate.current_dir(folder).args(arguments);
    if let Some(port) = port {
        pushgate
            .env("PORT_API_URL", port.url())
            .env("PORT_CLIENT_ID", port.client_id())
            .env("PORT_CLIENT_SECRET", port.client_secret());
    }
    pushgate.output().unwrap()
}

fn said(output: &Output) -> String {
    text(&output.stdout) + &text(&output.stderr)
}

fn pulled() -> (PortStandIn, TempDir) {
    let port = PortStandIn::start().unwrap();
    port.set_blueprints(given());
    let tree = work_tree();
    let output = run(Some(&port), tree.path(), &["blueprints", "pull"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(
        text(&output.stdout),
        "pulled 2 blueprints into .pushgate/blueprints.json\n"
    );
    (port, tree)
}

/// Writes the time at which blueprints were pulled.
fn pulled_at(file: &Path, time: &str) {
    let mut stored: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    stored["pulled_at"] = time.into();
    fs::write(file, stored.to_string()).unwrap();
}

#[test]
fn what_was_pulled_is_what_entities_are_held_against() {
    let (port, tree) = pulled();
    let file = tree.path().join(".pushgate/blueprints.json");
    assert!(!fs::read_to_string(&file).unwrap().contains("ada"));
    fs::write(
        tree.path().join("port.yaml"),
        entity("  langauge: Go\n  tier: gold\n  contact: me\n"),
    )
    .unwrap();
    let checked = run(None, tree.path(), &["check"]);
    assert_eq!(checked.status.code(), Some(1));
    insta::assert_snapshot!(said(&checked));
    // Nobody has to have pulled any.
    let kept = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    let checked = run(None, tree.path(), &["check"]);
    assert_eq!(said(&checked), "1 document checked, nothing wrong\n");
    // A file by another name, in the form of Port's own answer.
    let stored: Value = serde_json::from_slice(&kept).unwrap();
    let answer = json!({"ok": true, "blueprints": stored["blueprints"]});
    fs::write(tree.path().join("answer.json"), answer.to_string()).unwrap();
    let checked = run(
        None,
        tree.path(),
        &["check", "--blueprints", "answer.json", "port.yaml"],
    );
    assert!(said(&checked).contains("3 errors"), "{}", said(&checked));
    port.assert_conforms();
}

#[test]
fn old_blueprints_refuse_only_what_never_changes() {
    let (_port, tree) = pulled();
    let file = tree.path().join(".pushgate/blueprints.json");
    pulled_at(&file, "2026-01-01T00:00:00Z");
    fs::write(
        tree.path().join("port.yaml"),
        entity("  langauge: Go\n  contact: 7\n"),
    )
    .unwrap();
    let checked = run(None, tree.path(), &["check"]);
    let report = said(&checked);
    assert_eq!(checked.status.code(), Some(1), "{report}");
    for part in [
        "warning[port/unknown-property]",
        "error[port/property-type]",
        "days old: what Port may have changed since is only a warning",
        "run `pushgate blueprints pull`",
    ] {
        assert!(report.contains(part), "{report}");
    }
    // Whoever names the file means it.
    let named = ["check", "--blueprints", ".pushgate/blueprints.json"];
    let report = said(&run(None, tree.path(), &named));
    assert!(report.contains("error[port/unknown-property]"), "{report}");
}

#[test]
fn what_cannot_be_pulled_or_used_is_said_in_words() {
    let (port, tree) = pulled();
    fs::write(tree.path().join("port.yaml"), entity("  contact: a@b.c\n")).unwrap();
    fs::write(tree.path().join("damaged.json"), "{").unwrap();
    let mut shown = String::new();
    let mut show = |port: Option<&PortStandIn>, arguments: &[&str]| {
        let output = run(port, tree.path(), arguments);
        let code = output.status.code().unwrap();
        let words = said(&output).replace(tree.path().to_str().unwrap(), "TREE");
        shown.push_str(&format!("$ {}\n{words}= {code}\n", arguments.join(" ")));
    };
    show(None, &["blueprints", "pull"]);
    port.fail_next(9, &Fault::status(403));
    show(Some(&port), &["blueprints", "pull"]);
    let empty = PortStandIn::start().unwrap();
    show(
        Some(&empty),
        &["blueprints", "pull", "--output", "empty.json"],
    );
    show(None, &["blueprints", "list", "--blueprints", "empty.json"]);
    show(
        None,
        &["blueprints", "list", "--blueprints", "damaged.json"],
    );
    show(None, &["blueprints", "list"]);
    show(None, &["blueprints", "list", "--format", "json"]);
    show(None, &["blueprints", "schema", "sevice"]);
    show(None, &["check", "--blueprints", "damaged.json"]);
    show(None, &["check", "--blueprints", "nowhere.json"]);
    show(None, &["check", "--blueprints", ".pushgate"]);
    insta::assert_snapshot!(shown);
    assert!(!tree.path().join("empty.json").exists());
}

#[test]
fn links_stay_and_devices_are_written_to() {
    let (port, tree) = pulled();
    let at = |name: &str| tree.path().join(name);
    fs::create_dir(at("shared")).unwrap();
    fs::write(at("shared/real.json"), "").unwrap();
    std::os::unix::fs::symlink("shared/real.json", at("link.json")).unwrap();
    succeed_in(
        &port,
        &tree,
        &["blueprints", "pull", "--output", "link.json"],
    );
    assert!(fs::symlink_metadata(at("link.json")).unwrap().is_symlink());
    assert!(!fs::read(at("shared/real.json")).unwrap().is_empty());
    // A link to what stands for standard output: replaced, it would hold a file afterwards.
    std::os::unix::fs::symlink("/dev/stdout", at("out")).unwrap();
    let said = succeed_in(&port, &tree, &["blueprints", "schema", "--output", "out"]);
    assert!(said.starts_with('{'), "{said}");
    assert!(fs::symlink_metadata(at("out")).unwrap().is_symlink());
}

fn succeed_in(port: &PortStandIn, tree: &TempDir, arguments: &[&str]) -> String {
    let output = run(Some(port), tree.path(), arguments);
    assert!(output.status.success(), "{}", said(&output));
    text(&output.stdout)
}

#[test]
fn an_editor_gets_a_schema() {
    let (_port, tree) = pulled();
    let path = ".pushgate/port.schema.json";
    let output = run(
        None,
        tree.path(),
        &["blueprints", "schema", "--output", path],
    );
    assert_eq!(text(&output.stdout), format!("wrote {path}\n"));
    let written = fs::read(tree.path().join(path)).unwrap();
    let schema: Value = serde_json::from_slice(&written).unwrap();
    let one = run(None, tree.path(), &["blueprints", "schema", "system"]);
    let one: Value = serde_json::from_slice(&one.stdout).unwrap();
    let choices = "/definitions/entity/properties/blueprint/enum";
    assert_eq!(schema.pointer(choices), Some(&json!(["service", "system"])));
    assert_eq!(one.pointer(choices), Some(&json!(["system"])));
    insta::assert_snapshot!(serde_json::to_string_pretty(&schema).unwrap());
}

fn copy_of(server: &Server, pulled_at: &str) -> PathBuf {
    let path = server.state().join("blueprints.json");
    fs::create_dir_all(server.state()).unwrap();
    let stored = json!({"version": 1, "pulled_at": pulled_at, "blueprints": given()});
    fs::write(&path, stored.to_string()).unwrap();
    path
}

fn now() -> String {
    let output = command("date", Path::new("/"))
        .args(["-u", "+%Y-%m-%dT%H:%M:%SZ"])
        .output();
    text(&output.unwrap().stdout).trim().to_owned()
}

#[test]
fn the_hook_holds_entities_against_the_servers_copy() {
    let server = Server::new();
    let copy = copy_of(&server, &now());
    let clone = server.clone();
    let bad = entity("  langauge: Go\n  contact: a@example.com\n");
    let push = clone.change("port.yaml", &bad).push(&["HEAD:main"]);
    assert!(!push.accepted, "{}", push.raw);
    assert!(
        push.said
            .contains("port.yaml:5:3: error[port/unknown-property]"),
        "{}",
        push.said
    );
    // Too old, it refuses nothing.
    let line = |said: &str| said.replace("\n  ", " ");
    pulled_at(&copy, "2026-01-01T00:00:00Z");
    let push = clone.push(&["HEAD:main"]);
    assert!(push.accepted, "{}", push.raw);
    let said = line(&push.said);
    let note = "accepted; Port: 1 new, not delivered: no credentials; not held against blueprints, which are ";
    assert!(said.contains(note) && said.ends_with(" days old"), "{said}");
    fs::write(&copy, "{").unwrap();
    let push = clone
        .change("port.yaml", bad.replace("Web", "Shop"))
        .push(&["HEAD:main"]);
    assert_eq!(
        line(&push.said),
        "pushgate 0.1.0: accepted; Port: 1 changed, not delivered: no credentials; not held against blueprints, which can't be read"
    );
    // A push without a document of Port does not look at them.
    let push = clone.change("README.md", "hello").push(&["HEAD:main"]);
    assert_eq!(push.said, "pushgate 0.1.0: accepted; no document to check");
}

#[test]
fn only_a_new_entity_needs_everything() {
    let server = Server::new();
    copy_of(&server, &now());
    let clone = server.clone();
    let lacking = entity("  language: Go\n");
    let push = clone.change("port.yaml", &lacking).push(&["HEAD:main"]);
    assert!(!push.accepted, "{}", push.raw);
    assert!(
        push.said.contains("error[port/missing-property]"),
        "{}",
        push.said
    );
    let whole = entity("  language: Go\n  contact: a@example.com\n");
    let push = clone.change("port.yaml", whole).push(&["HEAD:main"]);
    assert!(push.accepted, "{}", push.raw);
    // It is there now, also for branches that begin at the default branch.
    let push = clone
        .change("port.yaml", lacking.replace("Go", "Rust"))
        .push(&["HEAD:topic"]);
    assert!(push.accepted, "{}", push.raw);
    assert!(
        push.said.contains("warning[port/missing-property]"),
        "{}",
        push.said
    );
    let push = clone
        .change("port.yaml", lacking.replace("web", "other"))
        .push(&["HEAD:topic"]);
    assert!(!push.accepted, "{}", push.raw);
}

#[test]
fn whoever_delivers_keeps_the_copy_fresh() {
    let site = Site::new(BY_HAND);
    site.port.set_blueprints(given());
    let copy = site.server.state().join("blueprints.json");
    let clone = site.server.clone();
    let good = entity("  language: Go\n  contact: a@example.com\n");
    let push = clone.change("port.yaml", &good).push(&["HEAD:main"]);
    assert!(push.accepted, "{}", push.raw);
    assert!(!copy.exists());
    let asked = || {
        let requests = site.port.requests();
        let listed = requests.iter().filter(|one| one.path == "/v1/blueprints");
        listed.count()
    };
    let delivered = site.deliver();
    assert_eq!(
        delivered.status.code(),
        Some(0),
        "{}",
        text(&delivered.stderr)
    );
    assert_eq!((copy.is_file(), asked()), (true, 1));
    site.deliver();
    assert_eq!(asked(), 1);
    // Now the gate knows what it did not know before.
    let push = clone
        .change("port.yaml", good.replace("language", "tier"))
        .push(&["HEAD:main"]);
    assert!(
        push.said.contains("port/read-only-property"),
        "{}",
        push.raw
    );
    // That it can't be fetched harms nothing.
    pulled_at(&copy, "2026-01-01T00:00:00Z");
    site.port
        .fail_next_on("/v1/blueprints", 9, &Fault::status(403));
    let delivered = site.deliver();
    assert_eq!(delivered.status.code(), Some(0));
    assert!(
        text(&delivered.stderr).contains("the blueprints were not refreshed"),
        "{}",
        text(&delivered.stderr)
    );
    site.port.assert_conforms();
}
