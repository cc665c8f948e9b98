//! Secrets that were planted in the settings turn up nowhere.

use pushgate::http::Secret;
use pushgate::port;
use standin::{AlgorithmiaStandIn, Fault};

use crate::bench::{Bench, algorithmia_client_at, build, catalog, entity, good_key, port_settings};

const CLIENT_SECRET: &str = "planted-client-secret";
const API_KEY: &str = "planted/api+key";

/// Every file of a folder, one after the other.
fn everything_in(folder: &std::path::Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text.push_str(&everything_in(&path));
        } else if !path.ends_with("port-token.json") {
            text.push_str(&std::fs::read_to_string(&path).unwrap_or_default());
        }
    }
    text
}

#[test]
fn no_error_and_no_file_of_the_outbox_holds_a_secret() {
    let Some(key) = good_key() else { return };
    let private = std::fs::read_to_string(&key).unwrap();
    let line = private.lines().nth(3).unwrap();
    // Servers that quote whatever they were sent.
    let sent = format!("{API_KEY} {private}");
    let error = serde_json::json!({"error": {"code": 2001, "message": sent}}).to_string();
    let sent = format!("{} {CLIENT_SECRET}", "x".repeat(290));
    let flat = serde_json::json!({"error": sent, "message": sent, "details": sent});
    let planted = [CLIENT_SECRET, API_KEY, line];

    for status in [400, 401, 403, 404, 422, 500] {
        let algorithmia = AlgorithmiaStandIn::start().unwrap();
        let mut bench = Bench::with(|settings| {
            settings.client_secret = Secret::new(CLIENT_SECRET);
        });
        bench.remotes.algorithmia = Some(algorithmia_client_at(&algorithmia.url(), API_KEY));
        algorithmia.fail_next(1, &Fault::with_body(status, &error));
        bench.port.fail_next_on(
            "access_token",
            1,
            &Fault::with_body(status, &flat.to_string()),
        );
        bench.put(build(1, "acme/hello", &key));
        bench.put(catalog(0, 1, vec![entity("a", "x")], vec![]));
        let summary = bench.deliver_due();
        let told = format!(
            "{summary:?} {:?} {:?} {}",
            bench.events(),
            bench.remotes,
            everything_in(bench.folder.path())
        );
        for secret in planted {
            assert!(!told.contains(secret), "{status}: {secret} in {told}");
        }
    }
}

#[test]
fn the_token_is_hidden_where_port_quotes_it() {
    let bench = Bench::new();
    let quoting = r#"{"ok":false,"error":"invalid_request","message":"planted-token-1"}"#;
    bench
        .port
        .fail_next_on("bulk", 1, &Fault::with_body(422, quoting));
    bench.put(catalog(0, 1, vec![entity("a", "x")], vec![]));
    assert_eq!(bench.deliver().refused, 1);
    let problem = bench.problem();
    assert!(problem.contains("[hidden]"), "{problem}");
    assert!(!problem.contains("planted-token-1"), "{problem}");
}

#[test]
fn settings_can_be_printed() {
    let bench = Bench::new();
    let settings: port::Settings = port_settings(&bench.port);
    assert!(!format!("{settings:?}").contains(bench.port.client_secret()));
}
