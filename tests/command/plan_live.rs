//! `pushgate plan --live`: against what Port really holds.

use std::fmt::Write;
use std::process::Output;

use serde_json::json;
use standin::{Fault, PortStandIn};

use crate::plan::{assert_shown, changes, json_of, pushgate, start};
use crate::server::{Clone, Server, text};

fn live(clone: &Clone<'_>, port: &PortStandIn, arguments: &[&str]) -> Output {
    pushgate(clone)
        .arg("--live")
        .args(arguments)
        .env("PORT_API_URL", port.url())
        .env("PORT_CLIENT_ID", port.client_id())
        .env("PORT_CLIENT_SECRET", port.client_secret())
        .output()
        .unwrap()
}

#[test]
fn live_shows_where_port_has_drifted_and_only_reads() {
    let port = PortStandIn::start().unwrap();
    let server = Server::new();
    let clone = start(&server);
    let service = |title: &str| json!({"title": title, "properties": {"foreign": 1}});
    port.insert("service", "stays", service("Stays"));
    port.insert("service", "goes", service("Gone elsewhere"));
    port.insert("service", "foreign", service("Foreign"));
    port.insert(
        "service",
        "changes",
        json!({
            "title": "Before", "icon": "Go", "team": ["t"],
            "properties": {"tier": 1.0, "language": "Go", "readme": "# Hello\n"},
            "relations": {"system": "base", "uses": "stays"},
        }),
    );
    let output = live(&clone, &port, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_shown!("plan_live", text(&output.stdout));
    let output = live(&clone, &port, &["--format", "json"]);
    assert_eq!(
        changes(&output),
        [
            "changed service/changes",
            "changed service/goes",
            "new system/base"
        ]
    );
    assert_eq!(json_of(&output)["against"], "port");
    let paths: Vec<String> = port
        .requests()
        .into_iter()
        .map(|request| request.path)
        .collect();
    let reads = |path: &String| path.ends_with("/search") || path.ends_with("/access_token");
    assert!(paths.iter().all(reads), "{paths:?}");
    port.assert_conforms();
}

#[test]
fn live_reads_a_thousand_entities_by_the_hundred() {
    let port = PortStandIn::start().unwrap();
    let server = Server::new();
    let clone = server.clone();
    let mut many = String::new();
    for number in 0..1000 {
        writeln!(
            many,
            "- {{ identifier: e{number}, title: E, blueprint: service }}"
        )
        .unwrap();
        port.insert("service", &format!("e{number}"), json!({"title": "E"}));
    }
    clone.change("port.yaml", &many);
    let output = live(&clone, &port, &["--format", "json"]);
    assert_eq!(json_of(&output)["summary"]["unchanged"], 1000);
    assert_eq!(port.requests_on("/search").len(), 10);
    // A server that gives less at once is asked for the rest.
    port.set_search_page(30);
    let output = live(&clone, &port, &["--format", "json"]);
    assert_eq!(json_of(&output)["summary"]["unchanged"], 1000);
    assert_eq!(port.requests_on("/search").len(), 10 + 40);
    // What has no blueprint is not there, and it is said why.
    port.set_blueprints(vec![]);
    let output = live(&clone, &port, &["--format", "json"]);
    assert_eq!(json_of(&output)["summary"]["new"], 1000);
    assert_eq!(
        json_of(&output)["remarks"][0],
        "Port has no blueprint `service`: it refuses its entities until it has"
    );
    port.assert_conforms();
}

#[test]
fn port_out_of_reach_is_a_failure() {
    let port = PortStandIn::start().unwrap();
    let server = Server::new();
    let clone = start(&server);
    port.fail_next_on("/search", 1, &Fault::status(503));
    let output = live(&clone, &port, &[]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("Port itself failed (status 503)"));
    let mut gone = pushgate(&clone);
    gone.args(["--live"])
        .env("PORT_API_URL", "http://127.0.0.1:1")
        .env("PORT_CLIENT_ID", "id")
        .env("PORT_CLIENT_SECRET", "planted-secret");
    let output = gone.output().unwrap();
    assert_eq!(
        (output.status.code(), text(&output.stdout).as_str()),
        (Some(3), "")
    );
}
