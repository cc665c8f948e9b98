//! What people read when something is wrong.

use std::time::Duration;

use pushgate::bitbucket::{Credentials, Problem};
use pushgate::http::Secret;
use standin::{BitbucketStandIn, Fault};

use crate::bench::{client_of, name};

const SECRET: &str = "s3cret-Pass/word+1";

fn told(problem: &Problem) -> String {
    match problem.advice() {
        None => format!("{problem}\n"),
        Some(help) => format!("{problem}\n  help: {help}\n"),
    }
}

#[test]
fn every_refusal_is_in_words() {
    let envelope = |message: &str| {
        format!(
            r#"{{"errors":[{{"context":null,"message":"{message}","exceptionName":"com.atlassian.X"}}]}}"#
        )
    };
    let cases = [
        (401, envelope("Authentication failed.")),
        (401, envelope(&format!("Bearer {SECRET} is unknown"))),
        (403, envelope("You need REPO_READ")),
        (404, envelope("Repository PRJ/hello does not exist.")),
        (404, "<html><body>nginx</body></html>".to_owned()),
        (409, envelope("It is archived")),
        (429, "Too many requests".to_owned()),
        (500, envelope("An error\\u001b[2J occurred")),
        (504, "<html>gateway</html>".to_owned()),
        (200, "<html>sign in</html>".to_owned()),
        (200, r#"{"slug":7}"#.to_owned()),
        (302, String::new()),
    ];
    let all: Vec<String> = cases
        .into_iter()
        .map(|(status, body)| {
            let standin = BitbucketStandIn::start().unwrap();
            let token = Credentials::Bearer(Secret::new(SECRET));
            let client = client_of(&standin.url(), token, Duration::ZERO);
            standin.fail_next("/repos/hello", 1, &Fault::with_body(status, &body));
            told(&client.repository(&name("PRJ/hello")).unwrap_err())
        })
        .collect();
    let all = all.join("\n");
    assert!(!all.contains(SECRET));
    insta::with_settings!({filters => vec![(r"127\.0\.0\.1:\d+", "bitbucket.example.com")]}, {
        insta::assert_snapshot!(all);
    });
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let client = client_of(
        "http://127.0.0.1:1/bitbucket",
        Credentials::Bearer(Secret::new(SECRET)),
        Duration::ZERO,
    );
    let problem = client.version().unwrap_err();
    assert!(problem.of_any_system().unreachable);
    insta::assert_snapshot!(told(&problem));
}
