//! Large bodies, slow senders, many at once.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::client::{answer, connect};
use crate::receiver::{NOBODY, Place, SECRET, push, signature};

#[test]
fn a_large_body_is_refused_before_it_is_read() {
    let place = Place::new(NOBODY, "serve: { listen: '127.0.0.1:0', deliver: false }\n");
    let receiver = place.start();
    let body = vec![b' '; 10 * 1024 * 1024];
    let refused = receiver.announce(&body);
    assert_eq!(refused.status, 413, "{}", refused.body);
    assert!(
        refused.body.contains("serve.limits.body_bytes"),
        "{}",
        refused.body
    );
    // Who does not say how much comes is stopped at the limit.
    let mut stream = connect(receiver.address);
    let head = "POST /webhook HTTP/1.1\r\nHost: x\r\nX-Event-Key: repo:refs_changed\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let piece = [b' '; 64 * 1024];
    for _ in 0..160 {
        let sent = stream
            .write_all(format!("{:x}\r\n", piece.len()).as_bytes())
            .and_then(|()| stream.write_all(&piece))
            .and_then(|()| stream.write_all(b"\r\n"));
        // It stopped listening.
        if sent.is_err() {
            break;
        }
    }
    assert_eq!(answer(&mut stream).status, 413);
    assert_eq!(
        receiver.metric("pushgate_webhooks_total{outcome=\"too_large\"}"),
        2.0
    );
    let just_right = {
        let mut body = push(1);
        body.resize(1024 * 1024, b' ');
        body
    };
    assert_eq!(receiver.announce(&just_right).status, 200);
}

#[test]
fn slow_senders_are_let_go_and_keep_nobody_waiting() {
    let config = "serve: { listen: '127.0.0.1:0', deliver: false, limits: { read_timeout: 300ms, connections: 8 } }\n";
    let place = Place::new(NOBODY, config);
    let receiver = place.start();
    // A head that never ends: every connection there is, twice over.
    let mut heads: Vec<_> = (0..16).map(|_| connect(receiver.address)).collect();
    for stream in &mut heads {
        stream
            .write_all(b"POST /webhook HTTP/1.1\r\nHost: x\r\n")
            .unwrap();
    }
    // A body that never ends.
    let body = push(1);
    let mut stream = connect(receiver.address);
    let head = format!(
        "POST /webhook HTTP/1.1\r\nHost: x\r\nX-Event-Key: repo:refs_changed\r\nX-Hub-Signature: {}\r\nContent-Length: {}\r\n\r\n",
        signature(SECRET, &body),
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&body[..10]).unwrap();
    let slow = answer(&mut stream);
    assert_eq!(slow.status, 408, "{}", slow.body);
    assert!(
        slow.body.contains("serve.limits.read_timeout"),
        "{}",
        slow.body
    );
    assert_eq!(slow.header("connection"), "close");
    assert_eq!(receiver.announce(&body).status, 200);
    assert_eq!(
        receiver.metric("pushgate_webhooks_total{outcome=\"too_slow\"}"),
        1.0
    );
}

#[test]
fn a_sender_that_leaves_early_is_not_taken_for_a_push() {
    let place = Place::new(NOBODY, "serve: { listen: '127.0.0.1:0', deliver: false }\n");
    let receiver = place.start();
    let body = push(1);
    let mut stream = connect(receiver.address);
    let head = format!(
        "POST /webhook HTTP/1.1\r\nHost: x\r\nX-Event-Key: repo:refs_changed\r\nX-Hub-Signature: {}\r\nContent-Length: {}\r\n\r\n",
        signature(SECRET, &body),
        body.len() + 1
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&body).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    crate::receiver::until("the count", || {
        (receiver.metric("pushgate_webhooks_total{outcome=\"malformed\"}") == 1.0).then_some(())
    });
    assert_eq!(
        receiver.metric("pushgate_pushes_waiting{state=\"open\"}"),
        0.0
    );
}

#[test]
fn a_thousand_at_once_are_all_taken_and_none_is_lost() {
    const ALL: u64 = 1000;
    let place = Place::new(NOBODY, "serve: { listen: '127.0.0.1:0', deliver: false }\n");
    let receiver = place.start();
    let taken = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for sender in 0..20 {
            let (receiver, taken) = (&receiver, &taken);
            scope.spawn(move || {
                for number in (0..ALL).filter(|number| number % 20 == sender) {
                    let answer = receiver.announce(&push(number));
                    assert_eq!(answer.status, 200, "{}", answer.body);
                    taken.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(taken.into_inner() as u64, ALL);
    assert_eq!(
        receiver.metric("pushgate_webhooks_total{outcome=\"accepted\"}"),
        ALL as f64
    );
    assert_eq!(
        receiver.metric("pushgate_pushes_waiting{state=\"open\"}"),
        ALL as f64
    );
    receiver.kill();
    let receiver = place.start();
    assert_eq!(
        receiver.metric("pushgate_pushes_waiting{state=\"open\"}"),
        ALL as f64
    );
}

#[test]
fn more_than_the_limit_are_asked_to_come_back() {
    let config =
        "serve: { listen: '127.0.0.1:0', deliver: false, limits: { per_minute: 5, waiting: 3 } }\n";
    let place = Place::new(NOBODY, config);
    let receiver = place.start();
    // Strangers can't use up what is for those who sign.
    for _ in 0..10 {
        assert_eq!(receiver.post(&push(1), &[]).status, 401);
    }
    let statuses: Vec<u16> = (0..7)
        .map(|number| receiver.announce(&push(number)).status)
        .collect();
    assert_eq!(statuses, [200, 200, 200, 503, 503, 429, 429]);
    let answer = receiver.announce(&push(100));
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert!(
        answer.body.contains("serve.limits.per_minute"),
        "{}",
        answer.body
    );
    // What was turned away was not noted as seen.
    assert_eq!(
        receiver.metric("pushgate_pushes_waiting{state=\"open\"}"),
        3.0
    );
}

#[test]
fn the_page_takes_no_large_forms_either() {
    let place = Place::new(
        NOBODY,
        "serve: { listen: '127.0.0.1:0', deliver: false, token_file: token }\n",
    );
    let receiver = place.start();
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    let body = format!("token={}", "x".repeat(100_000));
    let answer = crate::client::request(
        receiver.address,
        "POST",
        "/login",
        &headers,
        body.as_bytes(),
    );
    assert_eq!(answer.status, 413);
}
