//! Who is heard: only who signs the very body with the secret.

use serde_json::{Value, json};

use crate::client::Answer;
use crate::receiver::{NOBODY, Place, ZERO, change, push, refs_changed, signature};

const CONFIG: &str = "serve: { listen: '127.0.0.1:0', deliver: false }\n";

fn said(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap()
}

#[test]
fn only_a_right_signature_of_the_raw_body_is_acted_upon() {
    let place = Place::new(NOBODY, CONFIG);
    let receiver = place.start();
    let body = push(1);
    let spaced = [b" ".as_slice(), &body].concat();
    let right = signature(crate::receiver::SECRET, &body);
    let other = signature("another secret", &body);
    let empty = signature("", &body);
    let cases = [
        (&body, None, "not signed"),
        (&body, Some(""), "no `sha256=`"),
        (&body, Some("sha256="), "no `sha256=`"),
        (&body, Some("sha1=0000"), "no `sha256=`"),
        (&body, Some(&right[..right.len() - 1]), "no `sha256=`"),
        (&body, Some(other.as_str()), "does not fit"),
        (&body, Some(empty.as_str()), "does not fit"),
        // The same JSON, other bytes.
        (&spaced, Some(right.as_str()), "does not fit"),
    ];
    for (body, header, why) in cases {
        let headers: Vec<_> = header
            .map(|value| ("X-Hub-Signature", value))
            .into_iter()
            .collect();
        let answer = receiver.post(body, &headers);
        assert_eq!(answer.status, 401, "{header:?}: {}", answer.body);
        assert!(answer.body.contains(why), "{header:?}: {}", answer.body);
        assert!(!answer.body.contains(crate::receiver::SECRET));
    }
    assert_eq!(
        receiver.metric("pushgate_webhooks_total{outcome=\"untrusted\"}"),
        8.0
    );
    assert_eq!(
        receiver.metric("pushgate_pushes_waiting{state=\"open\"}"),
        0.0
    );
    let answer = receiver.announce(&body);
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(said(&answer)["status"], "queued");
    assert_eq!(
        receiver.metric("pushgate_pushes_waiting{state=\"open\"}"),
        1.0
    );
    let log = receiver.log().join("\n");
    assert!(log.contains("webhook_refused"), "{log}");
    assert!(!log.contains(crate::receiver::SECRET), "{log}");
}

#[test]
fn what_came_before_is_answered_and_not_acted_upon_again() {
    let place = Place::new(NOBODY, CONFIG);
    let receiver = place.start();
    let body = push(1);
    assert_eq!(said(&receiver.announce(&body))["status"], "queued");
    let right = signature(crate::receiver::SECRET, &body);
    // Another request id is nothing that the signature covers.
    for id in ["f6d2a3b0-0000-4000-8000-000000000001", "another"] {
        let headers = [("X-Hub-Signature", right.as_str()), ("X-Request-Id", id)];
        let answer = receiver.post(&body, &headers);
        assert_eq!(answer.status, 200);
        assert_eq!(said(&answer)["status"], "known");
    }
    assert_eq!(
        receiver.metric("pushgate_pushes_waiting{state=\"open\"}"),
        1.0
    );
    // Another process knows it too.
    receiver.kill();
    let receiver = place.start();
    assert_eq!(said(&receiver.announce(&body))["status"], "known");
    assert_eq!(said(&receiver.announce(&push(2)))["status"], "queued");
    assert_eq!(
        receiver.metric("pushgate_webhooks_total{outcome=\"replayed\"}"),
        1.0
    );
    assert_eq!(
        receiver.metric("pushgate_pushes_waiting{state=\"open\"}"),
        2.0
    );
}

#[test]
fn pings_other_events_and_moves_without_a_commit_are_answered_and_need_nothing() {
    let place = Place::new(NOBODY, CONFIG);
    let receiver = place.start();
    let ping = br#"{"test":true}"#;
    let signed = signature(crate::receiver::SECRET, ping);
    let headers = [
        ("X-Hub-Signature", signed.as_str()),
        ("X-Event-Key", "diagnostics:ping"),
    ];
    let answer = receiver.post(ping, &headers);
    assert_eq!(
        (answer.status, said(&answer)),
        (200, json!({"status": "pong"}))
    );
    // An unsigned ping proves nothing of the secret.
    assert_eq!(receiver.post(ping, &headers[1..]).status, 401);
    let one = "1111111111111111111111111111111111111111";
    let mut tag = change("v1", ZERO, one);
    tag["ref"]["type"] = "TAG".into();
    tag["refId"] = "refs/tags/v1".into();
    // A deletion may name a commit all the same.
    let mut gone = change("gone", one, one);
    gone["type"] = "DELETE".into();
    for changes in [vec![tag, gone, change("away", one, ZERO)], vec![]] {
        let answer = receiver.announce(&refs_changed("PRJ/hello", &changes));
        assert_eq!(
            (answer.status, &said(&answer)["status"]),
            (200, &json!("ignored"))
        );
    }
    let body = push(1);
    let signed = signature(crate::receiver::SECRET, &body);
    let headers = [
        ("X-Hub-Signature", signed.as_str()),
        ("X-Event-Key", "pr:opened"),
    ];
    assert_eq!(said(&receiver.post(&body, &headers))["status"], "ignored");
    assert_eq!(
        receiver.metric("pushgate_pushes_waiting{state=\"open\"}"),
        0.0
    );
}

#[test]
fn what_is_no_push_is_refused_in_words() {
    let place = Place::new(NOBODY, CONFIG);
    let receiver = place.start();
    let bodies = [
        "nonsense".to_owned(),
        "{}".to_owned(),
        "[]".to_owned(),
        String::new(),
        format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)),
        String::from_utf8(push(1)).unwrap().replace("PRJ", "../P"),
        String::from_utf8(push(1))
            .unwrap()
            .replace(&format!("{:040x}", 2), "../../etc"),
    ];
    for body in bodies {
        let answer = receiver.announce(body.as_bytes());
        assert_eq!(answer.status, 400, "{}", answer.body);
        assert!(
            answer.body.contains("no `repo:refs_changed`"),
            "{}",
            answer.body
        );
    }
    assert_eq!(
        receiver.metric("pushgate_webhooks_total{outcome=\"malformed\"}"),
        7.0
    );
}
