//! The client by itself: what can be told apart, and what is not followed.

use std::time::{Duration, Instant};

use pushgate::http::{
    Client, Failure, Method, Outcome, Proxies, Request, Settings, SetupError, Unreached,
};
use standin::{Fault, PortStandIn};

use crate::bench::{PATIENCE, http_client};

fn post(url: &str) -> Request {
    Request::new(Method::Post, url).json_bytes(b"{}".to_vec())
}

#[test]
fn what_never_left_is_told_from_what_may_have_been_done() {
    let port = PortStandIn::start().unwrap();
    let client = http_client(PATIENCE);
    let url = format!("{}/v1/blueprints", port.url());
    port.fail_next(1, &Fault::CloseBeforeApply);
    let lost = client.send(post(&url)).unwrap_err();
    assert!(matches!(lost, Failure::OutcomeUnknown { .. }), "{lost}");
    assert!(matches!(lost.outcome(), Outcome::Retry { .. }));
    drop(port);
    let refused = client.send(post(&url)).unwrap_err();
    assert!(
        matches!(
            refused,
            Failure::NotSent {
                reason: Unreached::ConnectionRefused,
                ..
            }
        ),
        "{refused:?}"
    );
}

#[test]
fn a_deadline_that_has_passed_sends_nothing() {
    let port = PortStandIn::start().unwrap();
    let client = http_client(PATIENCE);
    let url = format!("{}/v1/blueprints", port.url());
    let late = client
        .send(post(&url).until(Some(Instant::now())))
        .unwrap_err();
    assert!(matches!(
        late,
        Failure::NotSent {
            reason: Unreached::Deadline,
            ..
        }
    ));
    assert!(port.requests().is_empty());
}

#[test]
fn addresses_that_are_none_are_told_without_their_password() {
    let client = http_client(PATIENCE);
    for url in [
        "",
        "example.org",
        "ftp://example.org/",
        "https://u:pass word@h/",
    ] {
        let failure = client.send(Request::new(Method::Get, url)).unwrap_err();
        assert!(
            matches!(failure, Failure::Unwritable { .. }),
            "{url}: {failure:?}"
        );
        assert!(!format!("{failure:?}").contains("pass word"));
        assert_eq!(failure.outcome(), Outcome::Blocked);
    }
}

#[test]
fn a_proxy_that_is_named_is_used() {
    let port = PortStandIn::start().unwrap();
    // The stand-in does not answer to CONNECT: who asks it for one went through the proxy.
    let proxies = Proxies::from_variables(|name| (name == "http_proxy").then(|| port.url()));
    let client = Client::new(Settings {
        proxies: proxies.unwrap(),
        timeout: Duration::from_secs(20),
        ..Settings::default()
    })
    .unwrap();
    let failure = client.send(post("http://example.invalid/v1")).unwrap_err();
    assert!(matches!(failure, Failure::NotSent { .. }), "{failure:?}");
    let connects = port.requests();
    assert!(connects.iter().any(|request| request.method == "CONNECT"));
}

#[test]
fn a_ca_file_has_to_be_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    let client = || {
        Client::new(Settings {
            ca_file: Some(path.clone()),
            ..Settings::default()
        })
    };
    assert!(matches!(client(), Err(SetupError::UnreadableCa { .. })));
    std::fs::write(&path, "no certificate").unwrap();
    assert!(matches!(client(), Err(SetupError::NoCertificate { .. })));
}

#[test]
fn a_server_without_tls_is_told_as_a_failure_of_tls() {
    let port = PortStandIn::start().unwrap();
    let url = format!("{}/v1/blueprints", port.url()).replace("http://", "https://");
    let failure = http_client(PATIENCE).send(post(&url)).unwrap_err();
    assert!(
        matches!(
            &failure,
            Failure::NotSent {
                reason: Unreached::Tls(_),
                ..
            }
        ),
        "{failure:?}"
    );
}
