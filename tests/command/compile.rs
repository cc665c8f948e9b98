//! `compile`: a build by hand.

use std::process::Output;

use standin::Fault;

use crate::server::{Server, text};
use crate::site::{BY_HAND, PATIENT};
use crate::triggers::{CI, TOKEN, site};

pub fn compile(server: &Server, more: &[&str]) -> (Option<i32>, String, String) {
    let mut arguments = vec!["compile", "--repository", "PRJ/hello"];
    arguments.extend(more);
    let Output {
        status,
        stdout,
        stderr,
    } = server.pushgate(&arguments, "");
    (status.code(), text(&stdout), text(&stderr))
}

const SHA: &str = "1234567890123456789012345678901234567890";

#[test]
fn compile_builds_a_commit_again_and_says_what_became_of_it() {
    let (site, service) = site(&format!("{CI}{PATIENT}"));
    let asked = ["--sha", SHA, "--branch", "main", "--wait"];
    for times in 1..=2 {
        let (code, out, err) = compile(&site.server, &asked);
        assert_eq!(
            (code, out.as_str(), err.as_str()),
            (
                Some(0),
                "build of 1234567890 by ci: accepted for building\n",
                ""
            )
        );
        assert_eq!(service.taken().len(), times);
    }
    // Without `--wait` as well, where it is quick.
    let (code, out, _) = compile(&site.server, &["--sha", SHA, "--branch", "main"]);
    assert_eq!(code, Some(0));
    assert!(out.contains("accepted for building"), "{out}");

    service.fail_next(1, &Fault::with_body(400, "no such commit"));
    let (code, out, err) = compile(&site.server, &asked);
    assert_eq!((code, out.as_str()), (Some(3), ""));
    let err = err.replace("\n  ", " ");
    assert!(
        err.contains("refused: ci does not take the request (status 400"),
        "{err}"
    );
    assert!(err.contains("pushgate outbox retry"), "{err}");
    assert_eq!(site.outbox().len(), 1);
}

#[test]
fn a_dry_run_of_compile_shows_the_call_without_its_secrets_and_leaves_nothing_behind() {
    let form = "  - name: forms\n    repository: PRJ/hello\n    url: 'SERVER/${slug}?key=${token}&at=${sha}'\n    secrets: { token: gone }\n    form: { ref: '${ref}', token: '${token}' }\n";
    let (site, service) = site(&format!("{CI}{form}{PATIENT}"));
    let outbox = site.outbox();
    let asked = ["--sha", SHA, "--branch", "feature/ä", "--dry-run"];
    let (code, out, err) = compile(&site.server, &asked);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    insta::assert_snapshot!(out.replace(&service.url(), "SERVER"));
    // One that has no secret to hide names none of another's either.
    let only = compile(&site.server, &[&asked[..], &["--trigger", "ci"]].concat());
    assert!(out.starts_with(&only.1), "{}", only.1);
    assert!(!out.contains(TOKEN), "{out}");
    assert_eq!(site.outbox(), outbox);
    assert!(service.requests().is_empty());

    // What can't be sent can't be shown.
    let (code, out, err) = compile(&site.server, &["--sha", SHA, "--dry-run"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(
        err.contains("nobody said which it is") && err.contains("--branch BRANCH"),
        "{err}"
    );
    let (code, _, err) = compile(&site.server, &["--sha", SHA, "--dry-run", "--wait"]);
    assert_eq!(code, Some(2), "{err}");
}

#[test]
fn compile_that_is_not_over_in_time_says_so() {
    let (site, service) = site(&format!("{CI}{BY_HAND}"));
    let more = [
        "--sha",
        SHA,
        "--branch",
        "main",
        "--wait",
        "--deadline",
        "1",
    ];
    let (code, _, err) = compile(&site.server, &more);
    assert_eq!(code, Some(3));
    assert!(
        err.contains("not yet") && err.contains("`pushgate deliver` carries it out"),
        "{err}"
    );
    let (code, _, _) = compile(&site.server, &["--sha", SHA, "--branch", "main"]);
    assert_eq!(code, Some(0));
    assert_eq!(site.outbox().len(), 2);
    assert_eq!(site.deliver().status.code(), Some(0));
    // Who asked twice before the first was carried out gets one.
    assert_eq!(service.taken().len(), 1);
}

#[test]
fn compile_does_not_wait_for_what_nobody_tries_again() {
    let (site, service) = site(&format!("{CI}{PATIENT}"));
    service.fail_next(1, &Fault::status(401));
    let more = ["--sha", SHA, "--branch", "main", "--wait"];
    let (code, _, err) = compile(&site.server, &more);
    assert_eq!(code, Some(3));
    let err = err.replace("\n  ", " ");
    assert!(
        err.contains("not yet: ci does not accept the credentials"),
        "{err}"
    );
    // What passes is waited for.
    service.fail_next(2, &Fault::status(503));
    let (code, out, err) = compile(&site.server, &more);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("accepted for building"), "{out}");

    let builds = "algorithmia:\n  builds:\n    - { repository: PRJ/hello, algorithm: acme/hello, ssh_key_file: k }\n";
    let server = Server::new().config(builds);
    let (code, _, err) = compile(&server, &["--sha", SHA, "--wait"]);
    assert_eq!(code, Some(3));
    assert!(err.contains("Algorithmia is not configured here"), "{err}");
}

#[test]
fn compile_names_what_is_wrong_with_its_use() {
    let (site, service) = site(&format!(
        "{CI}  - {{ name: web, repository: PRJ/hello, url: SERVER/web, branch: main }}\n{BY_HAND}"
    ));
    let cases: [(&[&str], &str); 4] = [
        (&["--sha", "1234567"], "`1234567` is no commit's id"),
        (
            &["--sha", SHA, "--trigger", "wbe"],
            "it is built by `ci`, `web`",
        ),
        (
            &["--sha", SHA, "--repository", "OTHER/x"],
            "nothing builds OTHER/x",
        ),
        (&["--sha", SHA, "--deadline", "1"], "--wait"),
    ];
    for (more, words) in cases {
        let mut arguments = vec!["compile"];
        if !more.contains(&"--repository") {
            arguments.extend(["--repository", "PRJ/hello"]);
        }
        arguments.extend(more);
        let output = site.server.pushgate(&arguments, "");
        assert_eq!(output.status.code(), Some(2));
        let said = text(&output.stderr).replace("\n  ", " ");
        assert!(said.contains(words), "{said}");
    }
    let output = site.server.pushgate(&["compile", "--sha", SHA], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("which repository?"));
    assert!(site.outbox().is_empty());

    let (code, ..) = compile(&site.server, &["--sha", SHA, "--trigger", "web"]);
    assert_eq!(code, Some(0));
    assert_eq!(site.outbox().len(), 1);
    site.deliver();
    assert_eq!(service.taken()[0].path, "/web");
}
