//! `pushgate compile --wait`: a build on Algorithmia is followed by its commit.

use std::fs;

use serde_json::Value;
use standin::{BuildEnd, CompileAnswer, Course, Fault};

use crate::site::{SHA, Site};

const COMPILE: [&str; 5] = ["compile", "--repository", "PRJ/hello", "--sha", SHA];
const ON: &str = "build of acme/hello at 6375552a3d on Algorithmia";

pub fn waiting(more: &[&'static str]) -> Vec<&'static str> {
    let all = COMPILE.iter().chain(&["--wait"]).chain(more);
    all.copied().collect()
}

fn outbox(site: &Site) -> Vec<Value> {
    let out = site.succeed(&["outbox", "list", "--format", "json"]);
    serde_json::from_str(&out).unwrap()
}

#[test]
fn a_build_is_followed_until_it_has_succeeded() {
    let site = Site::new();
    site.cluster.set_course(Course {
        hidden: 1,
        running: 2,
        end: BuildEnd::Succeeds,
    });
    let ran = site.run(&waiting(&[]));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let (first, second) = ran.out.split_once('\n').unwrap();
    assert_eq!(first, format!("{ON}: accepted for building"));
    assert!(second.starts_with(&format!("{ON}: built (build build-0001, ")));
    // No terminal: a line for each step, not for each look.
    let steps: Vec<&str> = ran.err.lines().collect();
    let expected = [
        "acme/hello at 6375552a3d: waiting for the build to begin",
        "acme/hello at 6375552a3d: building (build build-0001)",
    ];
    assert_eq!(steps, expected);
    site.cluster.assert_conforms();
}

#[test]
fn a_build_that_fails_shows_the_end_of_its_log() {
    let site = Site::new();
    let key = standin::ssh_private_key();
    let secret = key.lines().nth(3).unwrap();
    let mut log: String = (1..=100).map(|line| format!("step {line}\n")).collect();
    log.push_str(&format!("cloned with {secret}\n\u{1b}[31mE: no module\n"));
    site.cluster.set_course(Course {
        hidden: 0,
        running: 1,
        end: BuildEnd::Fails { log, late: 1 },
    });
    let ran = site.run(&waiting(&[]));
    assert_eq!(ran.code, Some(3), "{ran:?}");
    let err = ran.err.replace("\n  ", " ");
    assert!(
        err.contains("the build failed (build build-0001, "),
        "{err}"
    );
    assert!(!ran.err.contains(secret), "{}", ran.err);
    let from = ran.err.find("the end of its log").unwrap();
    insta::assert_snapshot!(&ran.err[from..]);
    site.cluster.assert_conforms();

    // A short one is shown whole, an empty one is told.
    for (log, words) in [
        ("one\ntwo\n", "its log:\n  one\n  two\n"),
        ("", "its log is empty\n"),
    ] {
        site.cluster.set_course(Course {
            end: BuildEnd::Fails {
                log: log.to_owned(),
                late: 0,
            },
            ..Course::default()
        });
        let ran = site.run(&waiting(&[]));
        assert!(ran.err.ends_with(words), "{ran:?}");
    }
}

#[test]
fn a_cluster_that_builds_at_once_is_not_asked_again() {
    let site = Site::new();
    site.cluster.set_answer(CompileAnswer::Built);
    assert_eq!(site.succeed(&waiting(&[])), format!("{ON}: built\n"));
    let last = site.cluster.requests().pop().unwrap();
    assert!(last.path.ends_with("/compile"), "{}", last.path);

    site.cluster
        .set_answer(CompileAnswer::Failed("no such module".to_owned()));
    let ran = site.run(&waiting(&[]));
    assert_eq!(ran.code, Some(3));
    let err = ran.err.replace("\n  ", " ");
    assert!(err.contains("the build failed: no such module"), "{err}");
}

#[test]
fn a_dry_run_shows_the_request_and_sends_none() {
    let site = Site::new();
    let dry: Vec<&str> = COMPILE.into_iter().chain(["--dry-run"]).collect();
    insta::assert_snapshot!(site.transcript(&[&dry]));
    assert!(outbox(&site).is_empty());
    assert!(site.cluster.requests().is_empty());

    // A key of no use would be refused, and an unknown cluster could not be asked.
    let bad = Site::new();
    bad.write("key.pem", "no key\n");
    let ran = bad.run(&dry);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{ran:?}");
    assert!(ran.err.contains("key.pem"), "{}", ran.err);
    let ran = site.with("ALGORITHMIA_API", "").run(&dry);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{ran:?}");
    assert!(ran.err.contains("ALGORITHMIA_API"), "{}", ran.err);
}

#[test]
fn an_earlier_build_of_the_commit_is_no_news() {
    let site = Site::new();
    // A page of one build each: they are walked to the end.
    site.cluster.set_page(1);
    site.succeed(&waiting(&[]));
    site.succeed(&waiting(&[]));
    site.cluster.set_course(Course {
        hidden: usize::MAX,
        ..Course::default()
    });
    let ran = site.run(&waiting(&["--timeout", "1"]));
    assert_eq!(ran.code, Some(3), "{ran:?}");
    let err = ran.err.replace("\n  ", " ");
    assert!(
        err.contains("Algorithmia shows no build of this commit"),
        "{err}"
    );
    assert!(err.contains("--timeout SECONDS"), "{err}");
    assert_eq!(site.cluster.builds().len(), 3);
    site.cluster.assert_conforms();
}

#[test]
fn a_build_that_takes_too_long_goes_on_without_us() {
    let site = Site::new();
    site.cluster.set_course(Course {
        running: usize::MAX,
        ..Course::default()
    });
    let ran = site.run(&waiting(&["--timeout", "1"]));
    assert_eq!(ran.code, Some(3), "{ran:?}");
    let err = ran.err.replace("\n  ", " ");
    assert!(err.contains(": not over after "), "{err}");
    assert!(err.contains("(build build-0001 goes on)"), "{err}");
    // It was taken: nothing is left to send.
    assert!(outbox(&site).is_empty());
}

#[test]
fn what_passes_is_waited_for_and_what_does_not_is_said() {
    let site = Site::new();
    for fault in [
        Fault::status(503),
        Fault::CloseBeforeApply,
        Fault::with_header(429, "retry-after", "0"),
    ] {
        // One before the commit is sent, and one while its build is followed.
        site.cluster.set_course(Course {
            running: 1,
            ..Course::default()
        });
        site.cluster.fail_next_on("/builds", 1, &fault);
        site.cluster.fail_next_on("/builds/build-", 1, &fault);
        site.succeed(&waiting(&[]));
    }
    let forbidden = r#"{"error":{"code":2001,"message":"no"}}"#;
    site.cluster
        .fail_next_on("/builds", 1, &Fault::with_body(403, forbidden));
    let ran = site.run(&waiting(&[]));
    assert_eq!(ran.code, Some(3));
    assert!(ran.out.contains("accepted for building"), "{ran:?}");
    let err = ran.err.replace("\n  ", " ");
    assert!(
        err.contains("taken, but whether it is built can't be told: the credentials may not see"),
        "{err}"
    );
}

#[test]
fn one_algorithm_of_several_is_built_by_name() {
    let site = Site::new();
    site.cluster
        .add_algorithm("acme", "other", "0a1b2c3d-0000-1111-2222-333344446666");
    site.cluster
        .add_algorithm("file", "named", "0a1b2c3d-0000-1111-2222-333344447777");
    let key = site.folder().join("key.pem").display().to_string();
    site.write(
        "config.yaml",
        &format!(
            "algorithmia:\n  builds:\n    - {{ repository: PRJ/hello, algorithm: acme/hello, ssh_key_file: {key} }}\n    - {{ repository: PRJ/hello, algorithm: acme/other, ssh_key_file: {key} }}\n  from_file: {{ repositories: ['PRJ/*'], algorithms: ['file/*'], ssh_key_file: {key} }}\n"
        ),
    );
    let run = |repository: &str, algorithm: &str| {
        let arguments = [
            "compile",
            "--repository",
            repository,
            "--sha",
            SHA,
            "--algorithm",
            algorithm,
            "--wait",
        ];
        site.run(&arguments)
    };
    let built = |site: &Site| site.cluster.builds().pop().map(|build| build.algorithm);
    assert_eq!(run("PRJ/hello", "acme/other").code, Some(0));
    assert_eq!(built(&site).as_deref(), Some("acme/other"));
    // A repository without an entry of its own, whose file may name it.
    assert_eq!(run("PRJ/second", "file/named").code, Some(0));
    assert_eq!(built(&site).as_deref(), Some("file/named"));
    assert_eq!(site.cluster.builds().len(), 2);
    let before = site.cluster.requests().len();
    for (repository, algorithm, words) in [
        (
            "PRJ/hello",
            "acme/third",
            "it is built by `acme/hello`, `acme/other`",
        ),
        // What is mapped has precedence over what a file may say.
        (
            "PRJ/hello",
            "file/named",
            "`file/named` does not build PRJ/hello",
        ),
        ("PRJ/second", "acme/other", "nothing builds PRJ/second"),
        ("OTHER/x", "file/named", "nothing builds OTHER/x"),
        ("PRJ/hello", "other", "names no algorithm"),
    ] {
        let ran = run(repository, algorithm);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        let err = ran.err.replace("\n  ", " ");
        assert!(err.contains(words), "{err}");
    }
    assert_eq!(site.cluster.requests().len(), before);
    assert!(outbox(&site).is_empty());
}

#[test]
fn a_key_of_no_use_is_told_before_anything_is_sent() {
    let site = Site::new();
    site.write("key.pem", "hello");
    let ran = site.run(&waiting(&[]));
    assert_eq!(ran.code, Some(2), "{ran:?}");
    let err = ran.err.replace("\n  ", " ");
    assert!(err.contains("it is no RSA private key"), "{err}");
    fs::remove_file(site.folder().join("key.pem")).unwrap();
    let ran = site.run(&waiting(&[]));
    assert_eq!(ran.code, Some(2), "{ran:?}");
    let err = ran.err.replace("\n  ", " ");
    assert!(err.contains("there is no such file"), "{err}");
    assert!(site.cluster.requests().is_empty());
    assert!(outbox(&site).is_empty());
}
