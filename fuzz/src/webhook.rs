//! What is sent to `pushgate serve`: a signature and a body.

use pushgate::http::Secret;
use pushgate::serve::announcement::Announcement;
use pushgate::serve::push::Push;
use pushgate::serve::replay::BodyDigest;
use pushgate::serve::signature::{Untrusted, WebhookSecret};

use super::shown::{assert_one_line, assert_short};

/// The value of `X-Hub-Signature` on the first line, the body behind it.
pub fn put_through(input: &[u8]) {
    let end = input.iter().position(|&byte| byte == b'\n');
    let (signature, body) = match end {
        Some(end) => (Some(&input[..end]), &input[end + 1..]),
        None => (None, input),
    };
    let secret = WebhookSecret::new(Secret::new("correct horse battery staple")).unwrap();
    match secret.verify(signature, body) {
        // Who does not know the secret does not find the signature.
        Ok(()) => panic!("a made-up signature is trusted: {signature:?}"),
        Err(Untrusted::Unsigned) => assert_eq!(signature, None),
        Err(untrusted) => assert!(signature.is_some(), "{untrusted}"),
    }
    match Announcement::read(body) {
        Ok(announcement) => assert_durable(announcement, body),
        Err(error) => {
            let text = error.to_string();
            assert_one_line(&text);
            assert_short(&text, 1024);
        }
    }
}

/// What was taken in comes back from the disk as it was, each branch once.
fn assert_durable(announcement: Announcement, body: &[u8]) {
    let moved = &announcement.moved;
    for (index, one) in moved.iter().enumerate() {
        assert!(!moved[..index].contains(one), "{one:?} twice");
    }
    let push = Push::announced(announcement, &BodyDigest::of(body));
    let kept = serde_json::to_vec(&push).unwrap();
    let back: Push = serde_json::from_slice(&kept).unwrap();
    assert_eq!(back, push);
}
