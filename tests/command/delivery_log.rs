//! `pushgate deliver --log json`: an object a line.

use serde_json::Value;
use standin::Fault;

use crate::server::text;
use crate::site::{BY_HAND, Site, entity};

fn lines(site: &Site) -> Vec<Value> {
    let output = site.server.pushgate(&["deliver", "--log", "json"], "");
    assert_eq!(text(&output.stderr), "");
    let stdout = text(&output.stdout);
    stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn every_event_is_an_object_with_the_trace_of_its_call() {
    let site = Site::new(BY_HAND);
    let fault = Fault::with_header(503, "x-trace-id", "4bf92f3577b34da6");
    site.port.fail_next_on("bulk", 1, &fault);
    let clone = site.server.clone();
    let push = clone.change("port.yaml", entity("web"));
    assert!(push.push(&["HEAD:main"]).accepted);
    let [failed, ended] = &lines(&site)[..] else {
        panic!("not two lines");
    };
    assert_eq!(failed["event"], "postponed");
    assert_eq!(failed["level"], "warning");
    assert_eq!(failed["repository"], "PRJ/hello");
    assert_eq!(failed["trace_id"], "4bf92f3577b34da6");
    assert!(failed["next_try"].is_string() && failed["at"].is_string());
    assert_eq!(failed["deliveries"].as_array().unwrap().len(), 1);
    assert_eq!(ended["event"], "ended");

    site.server.pushgate(&["outbox", "retry", "--all"], "");
    let [finished, _] = &lines(&site)[..] else {
        panic!("not two lines");
    };
    assert_eq!(finished["event"], "finished");
    assert_eq!(finished["system"], "Port");
    assert_eq!(finished["deliveries"], failed["deliveries"]);
}
