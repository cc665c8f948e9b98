//! Health and metrics.

use std::collections::BTreeMap;
use std::fs;

use crate::receiver::{NOBODY, Place, push};

const CONFIG: &str = "serve: { listen: '127.0.0.1:0', deliver: false }\n";

#[test]
fn ready_is_who_can_make_pushes_durable_and_reach_the_store() {
    let place = Place::new(NOBODY, CONFIG);
    let receiver = place.start();
    assert_eq!(receiver.get("/healthz").body, "alive\n");
    let ready = receiver.get("/readyz");
    assert_eq!((ready.status, ready.body.as_str()), (200, "ready\n"));
    // The folder is gone, as a lost mount is.
    fs::rename(place.state().join("pushes"), place.path().join("aside")).unwrap();
    let answer = receiver.get("/readyz");
    assert_eq!(answer.status, 503);
    assert!(
        answer.body.contains("pushes can't be written"),
        "{}",
        answer.body
    );
    assert!(
        !answer.body.contains(place.path().to_str().unwrap()),
        "{}",
        answer.body
    );
    assert_eq!(receiver.get("/healthz").status, 200);
    // What can't be made durable is not acknowledged, and may be sent again.
    let refused = receiver.announce(&push(1));
    assert_eq!(refused.status, 503, "{}", refused.body);
    assert_eq!(refused.header("retry-after"), "60");
    fs::rename(place.path().join("aside"), place.state().join("pushes")).unwrap();
    assert_eq!(receiver.get("/readyz").status, 200);
    let taken = receiver.announce(&push(1));
    assert!(taken.body.contains("queued"), "{}", taken.body);
}

#[test]
fn a_store_that_does_not_answer_is_told_apart_from_an_empty_one() {
    let place = Place::new(NOBODY, CONFIG).with(
        "PUSHGATE_STORE",
        "postgres://nobody:hidden-password@127.0.0.1:9/none",
    );
    let receiver = place.start();
    let answer = receiver.get("/readyz");
    assert_eq!(answer.status, 503);
    assert!(
        answer.body.contains("store does not answer"),
        "{}",
        answer.body
    );
    let metrics = receiver.get("/metrics").body;
    assert!(metrics.contains("pushgate_store_up 0\n"), "{metrics}");
    assert!(!metrics.contains("pushgate_deliveries{"), "{metrics}");
    let page = receiver.get("/").body;
    assert!(page.contains("The outbox can't be seen."), "{page}");
    for text in [&answer.body, &metrics, &page] {
        assert!(!text.contains("hidden-password"), "{text}");
    }
    // Pushes are taken all the same.
    assert_eq!(receiver.announce(&push(1)).status, 200);
}

/// Reads OpenMetrics as strictly as a scraper does.
fn parse(text: &str) -> BTreeMap<String, f64> {
    let mut samples = BTreeMap::new();
    let mut types = BTreeMap::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line == "# EOF" {
            assert_eq!(lines.peek(), None, "text behind the end");
            return samples;
        }
        if let Some(comment) = line.strip_prefix("# ") {
            let mut words = comment.splitn(3, ' ');
            let (what, name, rest) = (words.next(), words.next(), words.next());
            assert!(matches!(what, Some("HELP" | "TYPE" | "UNIT")), "{line}");
            assert!(rest.is_some_and(|rest| !rest.is_empty()), "{line}");
            if what == Some("TYPE") {
                assert_eq!(types.insert(name.unwrap(), rest.unwrap()), None, "{line}");
            }
            continue;
        }
        let (series, value) = line.rsplit_once(' ').unwrap();
        let name = series.split('{').next().unwrap();
        let family = ["_total", "_bucket", "_sum", "_count", "_info"]
            .iter()
            .find_map(|ending| name.strip_suffix(ending))
            .filter(|family| types.contains_key(family))
            .unwrap_or(name);
        assert!(types.contains_key(family), "no type for {line}");
        assert!(name.starts_with("pushgate_"), "{line}");
        if let Some(labels) = series
            .strip_prefix(name)
            .filter(|labels| !labels.is_empty())
        {
            let inner = labels
                .strip_prefix('{')
                .and_then(|rest| rest.strip_suffix('}'));
            for pair in inner.unwrap().split("\",") {
                let (label, value) = pair.split_once("=\"").unwrap();
                assert!(
                    label
                        .bytes()
                        .all(|byte| byte.is_ascii_lowercase() || byte == b'_'),
                    "{line}"
                );
                assert!(!value.trim_end_matches('"').contains('"'), "{line}");
            }
        }
        let value: f64 = value
            .parse()
            .unwrap_or_else(|_| panic!("no number: {line}"));
        assert_eq!(
            samples.insert(series.to_owned(), value),
            None,
            "twice: {line}"
        );
    }
    panic!("no `# EOF` at the end");
}

#[test]
fn metrics_are_what_a_scraper_reads() {
    let place = Place::new(NOBODY, CONFIG);
    let receiver = place.start();
    receiver.announce(&push(1));
    receiver.get("/pushes/nobody-has-this");
    receiver.get("/made/up/path?x=%22%7D");
    let answer = receiver.get("/metrics");
    assert_eq!(
        answer.header("content-type"),
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
    let samples = parse(&answer.body);
    for (series, value) in [
        ("pushgate_build_info{version=\"0.1.0\"}", 1.0),
        ("pushgate_webhooks_total{outcome=\"accepted\"}", 1.0),
        ("pushgate_pushes_total{verdict=\"accepted\"}", 0.0),
        ("pushgate_pushes_total{verdict=\"refused\"}", 0.0),
        ("pushgate_findings_total{severity=\"error\"}", 0.0),
        ("pushgate_pushes_waiting{state=\"open\"}", 1.0),
        ("pushgate_pushes_waiting{state=\"set_aside\"}", 0.0),
        ("pushgate_deliveries{state=\"waiting\"}", 0.0),
        ("pushgate_deliveries{state=\"refused\"}", 0.0),
        ("pushgate_deliveries{state=\"held\"}", 0.0),
        ("pushgate_oldest_delivery_age_seconds", 0.0),
        ("pushgate_store_up", 1.0),
        (
            "pushgate_http_request_duration_seconds_count{route=\"/webhook\",status=\"200\"}",
            1.0,
        ),
        (
            "pushgate_http_request_duration_seconds_count{route=\"/pushes/{id}\",status=\"404\"}",
            1.0,
        ),
        (
            "pushgate_http_request_duration_seconds_count{route=\"other\",status=\"404\"}",
            1.0,
        ),
    ] {
        assert_eq!(
            samples.get(series),
            Some(&value),
            "{series}\n{}",
            answer.body
        );
    }
    assert!(samples["pushgate_oldest_push_age_seconds"] >= 0.0);
    // Who asks for a path makes up no label, and no name from outside is one.
    assert!(!answer.body.contains("made"), "{}", answer.body);
    assert!(!answer.body.contains("hello"), "{}", answer.body);
}
