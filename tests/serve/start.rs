//! What keeps it from serving, in words.

use std::fs;

use crate::receiver::{NOBODY, Place, SECRET};

fn refused(place: &Place) -> (Option<i32>, String) {
    let output = place.run(&["serve"]);
    assert!(output.stdout.is_empty(), "{output:?}");
    (
        output.status.code(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn it_never_serves_open_to_everybody() {
    let config = "serve: { listen: '127.0.0.1:0' }\n";
    let no_secret = Place::bare(config)
        .with("BITBUCKET_HOST", NOBODY)
        .with("BITBUCKET_SERVER_TOKEN", "planted-token");
    let empty_secret = Place::bare("serve: { secret_file: empty }\n")
        .with("BITBUCKET_HOST", NOBODY)
        .with("BITBUCKET_SERVER_TOKEN", "planted-token");
    fs::write(empty_secret.path().join("empty"), "\n").unwrap();
    for place in [no_secret, empty_secret] {
        let (code, said) = refused(&place);
        assert_eq!(code, Some(2), "{said}");
        insta::allow_duplicates!(insta::assert_snapshot!("no_secret", said));
    }
    let (code, said) = refused(&Place::bare(config).with("WEBHOOK_SECRET", SECRET));
    assert_eq!(code, Some(2), "{said}");
    insta::assert_snapshot!("no_bitbucket", said);
    let short = Place::new(NOBODY, "serve: { token_file: short }\n");
    fs::write(short.path().join("short"), "guess me\n").unwrap();
    let (code, said) = refused(&short);
    assert_eq!(code, Some(2), "{said}");
    insta::assert_snapshot!("short_token", said);
}

#[test]
fn mistakes_in_the_configuration_name_their_place() {
    let cases = [
        "serve: { listen: 'nowhere' }\n",
        "serve: { public_url: 'gate' }\n",
        "serve: { limits: { read_timeout: soon } }\n",
        "serve: { secret: x }\n",
    ];
    let said: Vec<String> = cases
        .iter()
        .map(|config| {
            let place = Place::new(NOBODY, config);
            let (code, said) = refused(&place);
            assert_eq!(code, Some(2), "{said}");
            let words: Vec<&str> = said.split_whitespace().collect();
            words
                .join(" ")
                .replace(place.path().to_str().unwrap(), "FOLDER")
        })
        .collect();
    insta::assert_snapshot!("mistakes", said.join("\n"));
}

/// What is said at the start, without what changes with each: the address and the moment.
fn said_at_the_start(place: &Place, format: &str) -> String {
    let mut receiver = place.start_logging(format);
    let address = receiver.address.to_string();
    receiver.wait_for_line("webhooks go to");
    if format == "human" {
        receiver.wait_for_line("--set-secret");
    } else {
        receiver.wait_for_line("guessable_secret");
    }
    let (status, log) = receiver.terminate();
    assert!(status.success(), "{log:?}");
    // The two streams are read side by side: what stood on standard error comes last.
    let begins = ["{", "listening", "webhooks", "stopping"];
    let is_told = |line: &&String| begins.iter().any(|begin| line.starts_with(begin));
    let (told, warned): (Vec<_>, Vec<_>) = log.iter().partition(is_told);
    let lines: Vec<_> = told.into_iter().chain(warned).cloned().collect();
    lines.join("\n").replace(&address, "ADDRESS")
}

#[test]
fn it_says_where_webhooks_go_and_that_their_secret_is_short() {
    let own = "serve: { listen: '127.0.0.1:0' }\n";
    let place = Place::new(NOBODY, own).with("WEBHOOK_SECRET", "fifteen letters");
    insta::assert_snapshot!("said_at_the_start", said_at_the_start(&place, "human"));
    let public = "serve: { listen: '127.0.0.1:0', public_url: 'https://example.com/gate/' }\n";
    let place = Place::new(NOBODY, public).with("WEBHOOK_SECRET", "x");
    let said = said_at_the_start(&place, "json");
    insta::with_settings!({filters => vec![(r#""at":"[^"]+""#, r#""at":"[moment]""#)]}, {
        insta::assert_snapshot!("said_at_the_start_to_programs", said);
    });
}

#[test]
fn a_long_secret_is_no_reason_to_warn() {
    let place = Place::new(NOBODY, "serve: { listen: '127.0.0.1:0' }\n");
    let (_, log) = place.start().terminate();
    assert!(!log.join("\n").contains("warning"), "{log:?}");
}

#[test]
fn one_folder_is_served_by_one_and_a_taken_port_is_named() {
    let place = Place::new(NOBODY, "serve: { listen: '127.0.0.1:0' }\n");
    let receiver = place.start();
    let (code, said) = refused(&place);
    assert_eq!(code, Some(3), "{said}");
    assert!(
        said.contains("another `pushgate serve` uses the state folder"),
        "{said}"
    );
    let other = Place::new(
        NOBODY,
        &format!("serve: {{ listen: '{}' }}\n", receiver.address),
    );
    let (code, said) = refused(&other);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("cannot listen on 127.0.0.1:"), "{said}");
}

#[test]
fn without_bitbucket_it_serves_all_but_webhooks() {
    let place = Place::bare("serve: { listen: '127.0.0.1:0', deliver: false }\n");
    let receiver = place.start();
    assert_eq!(receiver.get("/healthz").status, 200);
    assert_eq!(receiver.get("/").status, 200);
    let answer = receiver.announce(&crate::receiver::push(1));
    assert_eq!(answer.status, 403);
    assert!(!receiver.log().join("\n").contains("webhooks go to"));
    assert!(
        answer.body.contains("no secret is configured"),
        "{}",
        answer.body
    );
}
