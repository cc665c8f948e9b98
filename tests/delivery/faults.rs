//! Port failing in every way it may.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use pushgate::catalog::{Inventory, PlanOptions, plan};
use pushgate::delivery::{Deadline, Event};
use pushgate::http;
use pushgate::outbox::{Delivery, System};
use pushgate::port;
use standin::{Fault, PortStandIn};

use crate::bench::{
    Bench, PATIENCE, catalog, entity, http_client, key, port_client, port_settings, repository,
};
use serde_json::json;

#[test]
fn what_is_lost_before_or_after_it_was_done_ends_in_the_same_state() {
    for fault in [
        Fault::CloseBeforeApply,
        Fault::CloseAfterApply,
        Fault::status(500),
        Fault::status(408),
        Fault::status(503),
        Fault::Slow(Duration::from_millis(1)),
        Fault::with_body(200, "<html>sign in, please</html>"),
        Fault::with_body(200, r#"{"ok":false}"#),
    ] {
        let bench = Bench::new();
        bench.port.insert("a", "gone", json!({}));
        bench.port.insert("a", "gone-too", json!({}));
        bench.port.fail_next_on("entities/bulk", 2, &fault);
        bench.port.fail_next_on("bulk/entities/delete", 1, &fault);
        bench.put(catalog(
            0,
            1,
            vec![entity("a", "one"), entity("b", "two")],
            vec![key("a", "gone"), key("a", "gone-too")],
        ));
        let summary = bench.deliver();
        assert!(summary.is_clear(), "{fault:?}: {summary:?}");
        let left: Vec<String> = bench
            .port
            .entities()
            .into_keys()
            .map(|(_, id)| id)
            .collect();
        assert_eq!(left, ["one", "two"], "{fault:?}");
    }
}

#[test]
fn a_server_that_hangs_is_left_after_the_time_limit_and_asked_again() {
    let mut bench = Bench::new();
    let settings = port_settings(&bench.port);
    let impatient = http_client(Duration::from_millis(200));
    bench.remotes.port = Some(port::Client::new(impatient, settings).unwrap().into());
    bench.port.fail_next_on("bulk", 1, &Fault::Hang);
    bench.put(catalog(0, 1, vec![entity("a", "one")], vec![]));
    assert!(bench.deliver().is_clear());
    let told = bench.events().into_iter().find_map(|event| match event {
        Event::Postponed { problem, .. } => Some(problem.message),
        _ => None,
    });
    let told = told.unwrap();
    assert!(told.contains("gave no answer in time"), "{told}");
    assert!(told.contains("may or may not have done it"), "{told}");
}

#[test]
fn the_deadline_cuts_a_call_and_keeps_the_delivery() {
    let bench = Bench::new();
    bench.port.fail_next_on("bulk", 1, &Fault::Hang);
    bench.put(catalog(0, 1, vec![entity("a", "one")], vec![]));
    let summary = bench.deliver_until(Deadline::after(Duration::from_millis(200)));
    assert_eq!(summary.waiting, 1);
    assert!(bench.deliver().is_clear());
}

#[test]
fn every_form_of_asking_for_a_pause_is_heard() {
    let minute = Duration::from_secs(60);
    let date = httpdate::fmt_http_date(SystemTime::now() + minute);
    let epoch = (Timestamp::now().as_second() + 60).to_string();
    let iso = Timestamp::now().saturating_add(minute).unwrap().to_string();
    let cases = [
        ("retry-after", "60".to_owned()),
        ("retry-after", date),
        ("x-ratelimit-reset", "60".to_owned()),
        ("x-ratelimit-reset", epoch),
        ("x-ratelimit-reset", iso),
    ];
    for (name, value) in cases {
        let bench = Bench::new();
        bench
            .port
            .fail_next_on("bulk", 1, &Fault::with_header(429, name, &value));
        bench.put(catalog(0, 1, vec![entity("a", "one")], vec![]));
        let other: Delivery = Delivery::new(
            "PRJ/other".parse().unwrap(),
            catalog(0, 1, vec![entity("a", "two")], vec![]),
        );
        bench.outbox.put(&other).unwrap();
        let before = Timestamp::now();
        let summary = bench.deliver_due();
        assert_eq!(summary.waiting, 2, "{name}: {value}");
        // The limit is the organisation's: nobody else's call would pass either.
        assert_eq!(bench.port.requests_on("bulk").len(), 1);
        let listing = bench.outbox.list().unwrap();
        let tried = &listing.deliveries[0];
        assert!(
            tried.next_try >= before.saturating_add(minute / 2).unwrap(),
            "{name}: {value}: {}",
            tried.next_try
        );
        let problem = tried.last_problem.clone().unwrap();
        assert!(problem.message.contains("Port asks for a pause"));
    }
}

fn upsert_one(client: &port::Client) {
    let desired = [entity("a", "one")];
    let plan = plan(
        &desired,
        &Inventory::default(),
        &BTreeSet::new(),
        &|_| None,
        &PlanOptions::default(),
    );
    let work = port::PlannedWork {
        repository: &repository(),
        plan: &plan,
        until: None,
        stop: None,
    };
    let report = client.carry_out_plan(&work, &mut |_| ());
    assert_eq!((report.upserted, report.summary()), (1, None));
}

#[test]
fn a_token_serves_every_process_of_a_state_folder() {
    let port = PortStandIn::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut settings = port_settings(&port);
    settings.state = Some(folder.path().to_owned());
    // Each client stands for a process of its own.
    for _ in 0..3 {
        upsert_one(&port_client(settings.clone()));
    }
    assert_eq!(port.requests_on("access_token").len(), 1);
    use std::os::unix::fs::PermissionsExt;
    let file = folder.path().join("port-token.json");
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    // Revoked: renewed once, without a word.
    port.revoke_tokens();
    upsert_one(&port_client(settings.clone()));
    assert_eq!(port.requests_on("access_token").len(), 2);

    // Another credential has nothing from it.
    let mut other = settings.clone();
    other.client_id = "other".to_owned();
    assert!(port_client(other).prove().is_err());

    // A damaged file is no obstacle.
    std::fs::write(&file, "{").unwrap();
    upsert_one(&port_client(settings));
    port.assert_conforms();
}

#[test]
fn a_token_near_its_end_is_not_kept() {
    let port = PortStandIn::start().unwrap();
    port.set_token_life(0);
    let client = port_client(port_settings(&port));
    for _ in 0..2 {
        upsert_one(&client);
    }
    assert_eq!(port.requests_on("access_token").len(), 2);
}

#[test]
fn wrong_credentials_keep_the_queue_and_are_tried_once_a_run() {
    let bench = Bench::with(|settings| settings.client_secret = http::Secret::new("wrong-secret"));
    for number in 0..3 {
        let name = format!("PRJ/r{number}");
        let job = catalog(0, 1, vec![entity("a", "one")], vec![]);
        let delivery = Delivery::new(name.parse().unwrap(), job);
        bench.outbox.put(&delivery).unwrap();
    }
    let summary = bench.deliver();
    assert_eq!((summary.waiting, summary.refused), (3, 0));
    assert_eq!(bench.port.requests().len(), 1);
    let [(System::Port, problem)] = summary.blocked.as_slice() else {
        panic!("{summary:?}");
    };
    assert!(problem.message.contains("does not accept the credentials"));
    assert!(problem.help.as_ref().unwrap().contains("PORT_CLIENT_ID"));
    assert!(!format!("{:?}", bench.events()).contains("wrong-secret"));
}

#[test]
fn a_token_that_is_never_accepted_does_not_loop() {
    let bench = Bench::new();
    bench.port.fail_next(2, &Fault::status(401));
    bench.put(catalog(0, 1, vec![entity("a", "one")], vec![]));
    let summary = bench.deliver();
    assert_eq!(summary.waiting, 1);
    assert_eq!(summary.blocked.len(), 1);
    assert_eq!(bench.port.requests_on("access_token").len(), 2);
    assert!(bench.deliver().is_clear());
}

#[test]
fn a_redirect_is_not_followed() {
    let bench = Bench::new();
    let elsewhere = Fault::with_header(302, "location", "https://login.example.org/");
    bench.port.fail_next(1, &elsewhere);
    bench.put(catalog(0, 1, vec![entity("a", "one")], vec![]));
    let summary = bench.deliver();
    assert_eq!(summary.waiting, 1);
    let message = &summary.blocked[0].1.message;
    assert!(message.contains("https://login.example.org/"), "{message}");
}

#[test]
fn a_server_that_is_not_there_is_told_and_everything_waits() {
    let mut bench = Bench::new();
    let gone = {
        let port = PortStandIn::start().unwrap();
        port_settings(&port)
    };
    bench.remotes.port = Some(port_client(gone).into());
    bench.put(catalog(0, 1, vec![entity("a", "one")], vec![]));
    assert_eq!(bench.deliver_due().waiting, 1);
    let problem = bench.problem();
    assert!(problem.contains("nobody listens there"), "{problem}");
    assert!(problem.contains("check the address"), "{problem}");
}

#[test]
fn without_port_deliveries_wait_and_it_is_said() {
    let mut bench = Bench::new();
    bench.remotes.port = None;
    bench.put(catalog(0, 1, vec![entity("a", "one")], vec![]));
    let summary = bench.deliver();
    assert_eq!(summary.waiting, 1);
    assert_eq!(summary.not_configured, [System::Port]);
    assert_eq!(bench.events(), [Event::NotConfigured(System::Port)]);
}

#[test]
fn an_answer_without_end_is_cut() {
    let bench = Bench::new();
    let endless = Fault::with_body(200, &"x".repeat(9 * 1024 * 1024));
    bench.port.fail_next_on("bulk", 1, &endless);
    bench.put(catalog(0, 1, vec![entity("a", "one")], vec![]));
    assert!(bench.deliver_until(Deadline::after(PATIENCE)).is_clear());
    let told = format!("{:?}", bench.events());
    assert!(told.contains("is larger than"), "{told}");
}
