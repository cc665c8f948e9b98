//! The client by itself: what can be told apart, and what is not followed.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use pushgate::http::{
    Client, Failure, Method, Outcome, Proxies, Request, Settings, SetupError, TlsFault, Unreached,
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
fn a_name_without_an_address_is_told_in_our_words() {
    let client = Client::new(Settings::default()).unwrap();
    // RFC 6761: nobody has this name.
    let failure = client.send(post("http://nobody.invalid/v1")).unwrap_err();
    let said = failure.to_string();
    assert!(said.ends_with("its name is not known"), "{said}");
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

/// A server that reads a request and answers each with these bytes.
fn answering(bytes: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = Vec::new();
            let mut buffer = [0; 1024];
            while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                match stream.read(&mut buffer) {
                    Ok(0) | Err(_) => break,
                    Ok(count) => request.extend_from_slice(&buffer[..count]),
                }
            }
            let _ = stream.write_all(bytes);
        }
    });
    format!("http://{address}")
}

/// What went wrong is said in our words, not in the library's.
#[test]
fn answers_that_are_none_are_told_in_words() {
    let client = http_client(PATIENCE);
    let doubt = ", so that it may or may not have done it";
    for (answer, words, advice) in [
        (
            &b""[..],
            "closed the connection before its answer was whole",
            None,
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhal",
            "closed the connection before its answer was whole",
            None,
        ),
        (
            b"SSH-2.0-OpenSSH_9.6\r\n",
            "answers with what is no HTTP (http parse fail: invalid HTTP version)",
            Some("correct the port in the address, or write https:// where the server speaks TLS"),
        ),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
            "answers with what is no HTTP (chunk length cannot be read as a number)",
            Some("correct the port in the address, or write https:// where the server speaks TLS"),
        ),
    ] {
        let url = answering(answer);
        let host = url.strip_prefix("http://").unwrap();
        let reading = client.send(Request::new(Method::Get, &*url)).unwrap_err();
        assert_eq!(reading.to_string(), format!("{host} {words}"));
        assert_eq!(reading.advice().as_deref(), advice);
        let changing = client.send(post(&url)).unwrap_err();
        // A server that is quick may have closed the connection before the body was sent.
        let told = changing.to_string();
        assert!(
            told == format!("{host} {words}{doubt}") || told.contains("the connection"),
            "{told}"
        );
    }
}

/// What the configuration takes is an address to which paths are added.
#[test]
fn of_a_redirect_the_change_is_told() {
    let port = PortStandIn::start().unwrap();
    let client = http_client(PATIENCE);
    let host = port.url().replace("http://", "");
    for (location, advice) in [
        (
            format!("https://{host}/context/v1/blueprints"),
            format!(
                "if that is right, begin the address in the configuration with \
                 `https://{host}/context`, in place of `http://{host}`"
            ),
        ),
        (
            "https://sso.example.com/login?to=/v1/blueprints".to_owned(),
            "configure the address at which the system itself answers: a sign-in page, or another \
             server, stands before it"
                .to_owned(),
        ),
    ] {
        port.fail_next(1, &Fault::with_header(302, "location", &location));
        let url = format!("{}/v1/blueprints", port.url());
        let failure = client.send(Request::new(Method::Get, url)).unwrap_err();
        assert!(failure.to_string().contains(&location), "{failure}");
        assert_eq!(failure.advice(), Some(advice));
    }
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
                reason: Unreached::Tls(TlsFault::NotSpoken),
                ..
            }
        ),
        "{failure:?}"
    );
    let told = failure.to_string();
    assert!(told.contains("does not speak TLS"), "{told}");
    assert!(failure.advice().unwrap().contains("write http://"));
}
