//! A browser that was led to the receiver under a stranger's name is told nothing (DNS rebinding).

use std::io::Write;

use crate::client::{Answer, answer, connect};
use crate::receiver::{NOBODY, Place, Receiver};

/// Asks under a name.
fn ask(receiver: &Receiver, host: &str, path: &str) -> Answer {
    let mut stream = connect(receiver.address);
    let head = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    answer(&mut stream)
}

#[test]
fn a_page_is_for_its_own_names_only() {
    let config = "serve: { listen: '127.0.0.1:0', deliver: false, token_file: token, public_url: 'https://gate.example.com/push' }\n";
    let receiver = Place::new(NOBODY, config).start();
    let port = receiver.address.port();
    for (host, status) in [
        ("gate.example.com".to_owned(), 200),
        ("GATE.example.com:443".to_owned(), 200),
        (format!("127.0.0.1:{port}"), 200),
        (format!("localhost:{port}"), 200),
        (format!("[::1]:{port}"), 200),
        (format!("evil.example:{port}"), 421),
        ("gate.example.com.evil.example".to_owned(), 421),
        (format!("127.0.0.1.evil.example:{port}"), 421),
    ] {
        for path in ["/", "/login"] {
            let told = ask(&receiver, &host, path);
            assert_eq!(told.status, status, "{host}{path}: {}", told.body);
        }
        // Programs name the machine as they like, and are told nothing of pushes.
        assert_eq!(ask(&receiver, &host, "/healthz").status, 200, "{host}");
    }
}

/// Where nobody said what it is called, any name may be its own.
#[test]
fn without_a_public_name_every_name_is_taken() {
    let config = "serve: { listen: '127.0.0.1:0', deliver: false }\n";
    let receiver = Place::new(NOBODY, config).start();
    assert_eq!(ask(&receiver, "gate.internal", "/").status, 200);
}
