//! What people read when something is wrong.

use std::path::PathBuf;

use pushgate::algorithmia::{SshKeyError, SshKeyFault};
use serde_json::json;
use standin::{AlgorithmiaStandIn, Fault};

use crate::bench::{Bench, algorithmia_client, build, catalog, entity, good_key, key};

#[test]
fn keys() {
    let faults = [
        SshKeyFault::Missing,
        SshKeyFault::Unreadable("Permission denied (os error 13)".to_owned()),
        SshKeyFault::Empty,
        SshKeyFault::LiteralNewlines,
        SshKeyFault::DoublyWrapped,
        SshKeyFault::Request,
        SshKeyFault::SeveralKeys(2),
        SshKeyFault::Public,
        SshKeyFault::OpenSsh { encrypted: false },
        SshKeyFault::OpenSsh { encrypted: true },
        SshKeyFault::Pkcs8,
        SshKeyFault::EncryptedPkcs8,
        SshKeyFault::EncryptedPkcs1,
        SshKeyFault::NotRsa("Ed25519".to_owned()),
        SshKeyFault::Putty,
        SshKeyFault::TooShort(1024),
        SshKeyFault::NoKey,
    ];
    let told: Vec<String> = faults
        .into_iter()
        .map(|fault| {
            let error = SshKeyError {
                path: PathBuf::from("/etc/pushgate/keys/hello.pem"),
                fault,
            };
            format!("{error}\n  help: {}\n", error.advice())
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}

fn told(message: &str) -> String {
    let (message, help) = message.split_once('\n').unwrap();
    match help {
        "" => format!("{message}\n"),
        help => format!("{message}\n  help: {help}\n"),
    }
}

#[test]
fn port() {
    let cases = [
        (400, "bad_request", "body is no JSON"),
        (403, "missing_permissions", "User is missing permissions"),
        (
            403,
            "forbidden",
            "IP not whitelisted. Found x-forwarded-for header: 192.0.2.1, orgId: o1",
        ),
        (
            404,
            "not_found",
            "Blueprint with identifier \"service\" does not exist",
        ),
        (
            404,
            "not_found",
            "Entity with identifier \"core\" does not exist in the blueprint \"_team\"",
        ),
        (409, "identifier_taken", "taken"),
        (413, "bad_request", "too large"),
        (422, "invalid_request", "\"title\" must be string"),
        (422, "blueprint_schema_mismatch", "\"size\" must be number"),
        (422, "required_relation", "relation \"team\" is required"),
        (422, "relation_many_violation", "relation \"uses\""),
        (422, "team_inheritance_enabled", "team is inherited"),
        (422, "protected_entity", "protected"),
        (418, "new_code", "something new\u{1b}[2J"),
        (429, "too_many_requests", ""),
        (500, "internal_error", "oops"),
    ];
    let mut text = Vec::new();
    for (status, code, message) in cases {
        let bench = Bench::new();
        let body = json!({"ok": false, "error": code, "message": message}).to_string();
        let trace = vec![("x-trace-id".to_owned(), "t-1".to_owned())];
        bench
            .port
            .fail_next_on("bulk", 2, &Fault::Status(status, trace, body));
        bench.put(catalog(0, 1, vec![entity("service", "one")], vec![]));
        bench.deliver_due();
        text.push(told(&bench.problem()));
    }
    let bench = Bench::new();
    let body = json!({"ok": false, "error": "has_dependents", "message": "2 entities"});
    bench
        .port
        .fail_next_on("/entities/", 1, &Fault::with_body(403, &body.to_string()));
    bench.put(catalog(0, 1, vec![], vec![key("service", "gone")]));
    bench.deliver_due();
    text.push(told(&bench.problem()));
    insta::assert_snapshot!(text.join("\n"));
}

#[test]
fn algorithmia() {
    let Some(key) = good_key() else { return };
    let cases = [
        (400, Some(2014)),
        (401, None),
        (403, Some(2001)),
        (404, Some(1001)),
        (429, None),
        (500, Some(5001)),
        (500, Some(4081)),
        (500, Some(4084)),
        (400, Some(4009)),
        (418, None),
    ];
    let mut text = Vec::new();
    for (status, code) in cases {
        let mut bench = Bench::new();
        let algorithmia = AlgorithmiaStandIn::start().unwrap();
        bench.remotes.algorithmia = Some(algorithmia_client(&algorithmia));
        let mut error = json!({"message": "what the cluster says", "id": "e-1"});
        if let Some(code) = code {
            error["code"] = code.into();
        }
        let body = json!({"error": error}).to_string();
        algorithmia.fail_next(1, &Fault::with_body(status, &body));
        bench.put(build(1, "acme/hello", &key));
        bench.deliver_due();
        text.push(told(&bench.problem()));
    }
    insta::assert_snapshot!(text.join("\n"));
}
