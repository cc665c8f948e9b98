//! `outbox`: what waits, what is told of it, and what is done with it by hand.

use std::fs;

use serde_json::{Value, json};
use standin::Fault;

use crate::server::{GOOD, text};
use crate::site::{BUILDS, BY_HAND, PATIENT, Site, entity};

/// Deletions of one entity wait for a person already.
const HOLDING: &str = "port: { hold_deletions: { at_least: 1, more_than: 0.1 } }\n";

/// What people are shown of the one delivery that waits.
fn shown(site: &Site) -> String {
    let output = site.server.pushgate(&["outbox", "show", &id(site)], "");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout)
}

/// What programs are shown of it.
fn shown_json(site: &Site) -> Value {
    let arguments = ["outbox", "show", &id(site), "--format", "json"];
    let output = site.server.pushgate(&arguments, "");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn id(site: &Site) -> String {
    let waiting = site.outbox();
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    waiting[0]["id"].as_str().unwrap().to_owned()
}

macro_rules! assert_shown {
    ($name:literal, $text:expr) => {
        insta::with_settings!({
            filters => vec![
                (r"\d{8}t\d{12}-[0-9a-z]{8}", "[id]"),
                (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "[moment]"),
                (r"in \d+ s, ", "in [some] s, "),
                (r"[0-9a-f]{40}", "[commit]"),
                (r"\b[0-9a-f]{10}\b", "[short]"),
                (r"127\.0\.0\.1:\d+", "[port]"),
            ],
        }, { insta::assert_snapshot!($name, $text); });
    };
}

#[test]
fn a_delivery_that_waits_is_told_in_words() {
    let site = Site::new(BY_HAND);
    let clone = site.server.clone();
    let file: String = (0..22)
        .map(|number| entity(&format!("e{number}")))
        .collect();
    Site::after(&clone.change("port.yaml", file).push(&["HEAD:main"]));
    assert_shown!("shown_waiting", shown(&site));
    // The second pause does not end while somebody looks.
    let faults = [
        Fault::status(503),
        Fault::with_header(503, "retry-after", "600"),
    ];
    for fault in &faults {
        site.port.fail_next(1, fault);
        site.server.pushgate(&["outbox", "retry", "--all"], "");
        assert_eq!(site.deliver().status.code(), Some(3));
    }
    assert_shown!("shown_tried", shown(&site));
    let id = id(&site);
    site.server.pushgate(&["outbox", "retry", "--all"], "");
    assert_eq!(site.deliver().status.code(), Some(0));
    let output = site.server.pushgate(&["outbox", "show", &id], "");
    assert_shown!("shown_finished", text(&output.stdout));
    let output = site.server.pushgate(&["outbox", "show", "--all"], "");
    assert_eq!(text(&output.stdout), "nothing waits\n");
    let nothing = ["outbox", "show", "--all", "--format", "json"];
    assert_eq!(text(&site.server.pushgate(&nothing, "").stdout), "");
}

#[test]
fn a_delivery_that_needs_a_person_says_what_to_do() {
    let site = Site::new(&format!("{HOLDING}{BY_HAND}"));
    let clone = site.server.clone();
    let both = entity("goes") + &entity("stays");
    Site::after(&clone.change("port.yaml", both).push(&["HEAD:main"]));
    assert_eq!(site.deliver().status.code(), Some(0));
    Site::after(
        &clone
            .change("port.yaml", entity("stays"))
            .push(&["HEAD:main"]),
    );
    site.deliver();
    assert_shown!("shown_held", shown(&site));
    site.server.pushgate(&["outbox", "discard", "--all"], "");

    site.port.set_blueprints(vec![json!({
        "identifier": "other", "schema": {"properties": {}, "required": []}, "relations": {}
    })]);
    Site::after(
        &clone
            .change("port.yaml", entity("new"))
            .push(&["HEAD:main"]),
    );
    site.deliver();
    assert_shown!("shown_refused", shown(&site));
}

#[test]
fn a_build_that_waits_names_its_commit_and_branch() {
    let site = Site::new(&format!("{BUILDS}{BY_HAND}"));
    Site::after(&site.server.clone().change("x", "1").push(&["HEAD:main"]));
    assert_shown!("shown_build", shown(&site));
    let shown = shown_json(&site);
    assert_eq!(shown["job"]["build"]["algorithm"], "acme/hello", "{shown}");
}

#[test]
fn programs_get_the_entities_or_the_error() {
    let site = Site::new(&format!("gate: {{ enforcement: off }}\n{BY_HAND}"));
    let clone = site.server.clone();
    Site::after(&clone.change("port.yaml", entity("a")).push(&["HEAD:main"]));
    let known = shown_json(&site);
    let desired = &known["job"]["catalog"]["desired"];
    assert_eq!(desired["entities"][0]["identifier"], "a", "{known}");
    assert_eq!(desired.as_object().unwrap().len(), 1, "{desired}");
    for key in [
        "id",
        "created",
        "repository",
        "attempts",
        "next_try",
        "state",
        "problems",
    ] {
        assert!(known.get(key).is_some(), "{key}: {known}");
    }
    site.server.pushgate(&["outbox", "discard", "--all"], "");

    clone
        .change("port.yaml", "identifier: [\n")
        .push(&["HEAD:main"]);
    let known = shown_json(&site);
    let desired = &known["job"]["catalog"]["desired"];
    let error = desired["error"].as_str().unwrap();
    assert!(error.starts_with("port.yaml: "), "{known}");
    assert_shown!("shown_undetermined", shown(&site));
}

#[test]
fn what_could_not_be_delivered_waits_and_is_delivered_later() {
    let site = Site::new(BY_HAND);
    let clone = site.server.clone();
    let push = clone.change("port.yaml", GOOD).push(&["HEAD:main"]);
    assert_eq!(
        Site::after(&push),
        "pushgate 0.1.0: 1 delivery queued; `pushgate deliver` carries it out"
    );
    site.port.fail_next(1, &Fault::status(503));
    let output = site.deliver();
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stdout));
    let waiting = site.outbox();
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0]["state"], "waiting");
    assert_eq!(waiting[0]["attempts"], 1);
    let id = waiting[0]["id"].as_str().unwrap();
    let output = site.server.pushgate(&["outbox", "retry", id], "");
    assert_eq!(output.status.code(), Some(0));
    let output = site.deliver();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(site.outbox(), Vec::<Value>::new());
    assert_eq!(site.entities(), ["service/hello"]);
    let show = ["outbox", "show", id, "--format", "json"];
    let output = site.server.pushgate(&show, "");
    assert!(
        text(&output.stdout).contains("\"upserted\": 1"),
        "{}",
        text(&output.stdout)
    );
    assert_eq!(
        text(&site.server.pushgate(&["outbox", "list"], "").stdout),
        "nothing waits\n"
    );
}

#[test]
fn pushes_that_wait_end_in_the_tips_state_in_any_order() {
    let site = Site::new(BY_HAND);
    let clone = site.server.clone();
    for entities in [&["a", "b"][..], &["b", "c"], &["c", "d"]] {
        let document: String = entities.iter().map(|name| entity(name)).collect();
        Site::after(&clone.change("port.yaml", document).push(&["HEAD:main"]));
    }
    site.port
        .insert("service", "a", json!({"title": "delivered before"}));
    let waiting = site.outbox();
    assert_eq!(waiting.len(), 3);
    let all = text(
        &site
            .server
            .pushgate(&["outbox", "show", "--all"], "")
            .stdout,
    );
    for delivery in &waiting {
        assert!(all.contains(delivery["id"].as_str().unwrap()), "{all}");
    }
    let output = site.deliver();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(site.entities(), ["service/c", "service/d"]);
    assert_eq!(site.outbox(), Vec::<Value>::new());
}

#[test]
fn a_refusal_is_told_to_the_pusher_and_stays_visible() {
    let site = Site::new(PATIENT);
    site.port.set_blueprints(vec![json!({
        "identifier": "other", "schema": {"properties": {}, "required": []}, "relations": {}
    })]);
    let clone = site.server.clone();
    let push = clone.change("port.yaml", GOOD).push(&["HEAD:main"]);
    assert!(push.accepted);
    let said = Site::after(&push);
    assert!(said.contains("refused"), "{said}");
    let waiting = site.outbox();
    assert_eq!(waiting[0]["state"], "refused", "{waiting:?}");
    let list = text(&site.server.pushgate(&["outbox", "list"], "").stdout);
    assert!(list.contains("refused"), "{list}");
    let output = site.server.pushgate(&["outbox", "discard", "--all"], "");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(site.outbox(), Vec::<Value>::new());
    for action in ["show", "retry", "discard", "approve"] {
        let output = site.server.pushgate(&["outbox", action, "nonsense"], "");
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let output = site.server.pushgate(&["outbox", action, "--all"], "");
        assert_eq!(text(&output.stdout), "nothing waits\n");
        let output = site.server.pushgate(&["outbox", action], "");
        assert_eq!(output.status.code(), Some(2));
        let said = text(&output.stderr);
        assert!(said.contains("--all"), "{said}");
    }
}

#[test]
fn what_cannot_be_read_is_not_passed_over_in_silence() {
    let site = Site::new(BY_HAND);
    let folder = site.server.state().join("spool/pending");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("20260101t000000000-abcdefgh.json");
    fs::write(&file, "{").unwrap();
    for action in ["retry", "discard", "approve"] {
        let output = site.server.pushgate(&["outbox", action, "--all"], "");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let said = text(&output.stdout);
        assert!(said.contains("abcdefgh.json cannot be read: "), "{said}");
        assert!(!said.contains("nothing waits"), "{said}");
    }
    assert!(file.exists());
}
