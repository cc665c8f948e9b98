//! Code Insights reports and build statuses: within the limits, replaced and not doubled.

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use pushgate::bitbucket::{
    Annotated, Annotation, BuildState, BuildStatus, InsightDatum, InsightKind, InsightReport,
    InsightResult, InsightSeverity,
};
use standin::{BitbucketStandIn, Command, Fault};
use tempfile::TempDir;

use crate::bench::{client, git, name};

const PUSHGATE: &str = env!("CARGO_BIN_EXE_pushgate");

fn annotation(number: usize, severity: InsightSeverity, message: String) -> Annotation {
    Annotation {
        path: Some(format!("f{number}.yaml")),
        line: number,
        message,
        severity,
        kind: InsightKind::Bug,
        external_id: format!("{number}"),
    }
}

fn report(annotations: Vec<Annotation>) -> InsightReport {
    InsightReport {
        key: "key".to_owned(),
        title: "T".to_owned(),
        details: "D".to_owned(),
        result: InsightResult::Fail,
        link: None,
        data: (0..9)
            .map(|value| InsightDatum {
                title: format!("N{value}"),
                value,
            })
            .collect(),
        annotations,
    }
}

fn server() -> (BitbucketStandIn, String) {
    let standin = BitbucketStandIn::start().unwrap();
    standin.add_repository("PRJ/hello");
    let commit = standin.commit("PRJ/hello", "main", &[("a", Some(b"1"))]);
    (standin, commit)
}

#[test]
fn a_thousand_annotations_and_no_more_the_worst_first() {
    let (standin, commit) = server();
    let (client, hello) = (client(&standin), name("PRJ/hello"));
    let mut annotations: Vec<_> = (0..1200)
        .map(|number| annotation(number, InsightSeverity::Medium, "w".to_owned()))
        .collect();
    annotations.extend(
        (1200..1230).map(|number| annotation(number, InsightSeverity::High, "e".to_owned())),
    );
    // Twice: the second takes the place of the first.
    for _ in 0..2 {
        let told = client
            .publish_insights(&hello, &commit, &report(annotations.clone()))
            .unwrap();
        assert_eq!(
            told,
            Annotated {
                shown: 1000,
                left_out: 230
            }
        );
    }
    let published = &standin.reports("PRJ/hello", &commit)["key"];
    assert_eq!(published.annotations.len(), 1000);
    assert!(
        published.annotations[..30]
            .iter()
            .all(|one| one["severity"] == "HIGH")
    );
    assert_eq!(published.annotations[30]["path"], "f0.yaml");
    let details = published.body["details"].as_str().unwrap();
    assert!(
        details.contains("230 more remarks are not shown"),
        "{details}"
    );
    // Fewer leave none of the earlier ones behind.
    let told = client
        .publish_insights(&hello, &commit, &report(Vec::new()))
        .unwrap();
    assert_eq!(
        told,
        Annotated {
            shown: 0,
            left_out: 0
        }
    );
    assert!(
        standin.reports("PRJ/hello", &commit)["key"]
            .annotations
            .is_empty()
    );
    standin.assert_conforms();
}

#[test]
fn long_texts_are_cut_between_characters() {
    let (standin, commit) = server();
    let (client, hello) = (client(&standin), name("PRJ/hello"));
    let long = "😀ü".repeat(3000);
    let mut sent = report(vec![
        annotation(1, InsightSeverity::Medium, long.clone());
        1001
    ]);
    sent.title.clone_from(&long);
    sent.details.clone_from(&long);
    client.publish_insights(&hello, &commit, &sent).unwrap();
    let published = &standin.reports("PRJ/hello", &commit)["key"];
    let units = |text: &serde_json::Value| text.as_str().unwrap().encode_utf16().count();
    assert!(units(&published.annotations[0]["message"]) > 1990);
    assert!(units(&published.body["details"]) <= 2000);
    let details = published.body["details"].as_str().unwrap();
    assert!(
        details.ends_with("1 more remark is not shown: a report takes 1000."),
        "{details}"
    );
    let status = BuildStatus {
        key: long.clone(),
        state: BuildState::InProgress,
        url: "https://ci.example.com/1".to_owned(),
        name: long.clone(),
        description: long.clone(),
        reference: Some("refs/heads/main".to_owned()),
    };
    client.set_build_status(&hello, &commit, &status).unwrap();
    let too_long = BuildStatus {
        url: format!("https://ci.example.com/{long}"),
        ..status
    };
    let problem = client
        .set_build_status(&hello, &commit, &too_long)
        .unwrap_err();
    assert!(problem.to_string().contains("450 characters"), "{problem}");
    standin.assert_conforms();
}

#[test]
fn build_statuses_go_the_way_that_the_server_knows() {
    let status = BuildStatus {
        key: "k".to_owned(),
        state: BuildState::Successful,
        url: "https://ci.example.com/1".to_owned(),
        name: "n".to_owned(),
        description: "d".to_owned(),
        reference: Some("refs/heads/main".to_owned()),
    };
    for (version, repository) in [
        ("9.2.0", Some("PRJ/hello")),
        ("7.13.0", None),
        ("5.6.0", None),
    ] {
        let (standin, commit) = server();
        standin.set_version(version);
        let client = client(&standin);
        client
            .set_build_status(&name("PRJ/hello"), &commit, &status)
            .unwrap();
        let build = &standin.builds(&commit)["k"];
        assert_eq!(build.repository.as_deref(), repository, "{version}");
        assert_eq!(build.body["state"], "SUCCESSFUL");
        assert_eq!(build.body.get("ref").is_some(), repository.is_some());
        // What the server can do is asked once, also by a client that gives up at a moment.
        let asked = || {
            let requests = standin.requests();
            let asks = |path: &str| path.ends_with("/capabilities");
            requests.iter().filter(|one| asks(&one.path)).count()
        };
        let before = asked();
        client
            .until(None)
            .set_build_status(&name("PRJ/hello"), &commit, &status)
            .unwrap();
        assert_eq!(asked(), before, "{version}");
        assert!(before > 0);
        standin.assert_conforms();
    }
}

#[test]
fn what_the_server_has_not_is_said() {
    let (standin, commit) = server();
    let (client, hello) = (client(&standin), name("PRJ/hello"));
    let unknown = client
        .publish_insights(&hello, &"f".repeat(40), &report(Vec::new()))
        .unwrap_err();
    assert!(unknown.is_exception("NoSuchCommitException"), "{unknown}");
    standin.set_version("5.14.0");
    let problem = client
        .publish_insights(&hello, &commit, &report(Vec::new()))
        .unwrap_err();
    assert!(
        problem
            .to_string()
            .contains("Bitbucket 5.14 has no Code Insights"),
        "{problem}"
    );
}

/// A work tree in CI whose commit Bitbucket has.
struct Ci {
    folder: TempDir,
    standin: BitbucketStandIn,
    commit: String,
}

impl Ci {
    fn new(port: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &["init", "--quiet", "--initial-branch=main"]);
        fs::create_dir(folder.path().join("sub")).unwrap();
        fs::write(folder.path().join("port.yaml"), port).unwrap();
        fs::write(folder.path().join("sub/x"), "x").unwrap();
        git(folder.path(), &["add", "--all"]);
        git(folder.path(), &["commit", "--quiet", "--message", "x"]);
        let standin = BitbucketStandIn::start().unwrap();
        standin.mirror("PRJ/hello", &folder.path().join(".git"));
        let commit = git(folder.path(), &["rev-parse", "HEAD"]);
        Self {
            folder,
            standin,
            commit,
        }
    }

    fn check(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        let mut command = Command::new(PUSHGATE);
        command
            .current_dir(self.folder.path())
            .args(["check", "--report", "bitbucket"])
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", PathBuf::from("/nonexistent"))
            .env("BITBUCKET_SERVER_ADDRESS", self.standin.url())
            .env("BITBUCKET_SERVER_TOKEN", self.standin.token());
        command.envs(variables.iter().copied()).output().unwrap()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn check_reports_from_ci() {
    let ci = Ci::new("identifier: a\ntitel: A\nblueprint: b\n");
    let output = ci.check(
        &["--repository", "PRJ/hello"],
        &[("BUILD_URL", "https://ci.example.com/job/7")],
    );
    // The findings still decide the exit code, and stand on standard output.
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("titel"));
    assert!(
        text(&output.stderr).contains("report sent to PRJ/hello"),
        "{}",
        text(&output.stderr)
    );
    let published = &ci.standin.reports("PRJ/hello", &ci.commit)["pushgate-check"];
    insta::with_settings!({filters => vec![(r"[0-9a-f]{32}", "[fingerprint]")]}, {
        insta::assert_snapshot!(
            "a_report",
            serde_json::to_string_pretty(&serde_json::json!([published.body, published.annotations])).unwrap()
        );
    });
    let build = &ci.standin.builds(&ci.commit)["pushgate-check"];
    assert_eq!(build.body["state"], "FAILED");
    assert_eq!(build.body["url"], "https://ci.example.com/job/7");
    ci.standin.assert_conforms();
}

#[test]
fn the_commit_and_the_repository_come_from_where_ci_has_them() {
    let good = "identifier: a\ntitle: A\nblueprint: b\n";
    type Variables<'a> = &'a [(&'a str, &'a str)];
    let ways: [(&[&str], Variables<'_>); 4] = [
        (&["--repository", "PRJ/hello", "--commit", "SHA"], &[]),
        (
            &[],
            &[
                ("GIT_URL", "https://bitbucket.example.com/scm/PRJ/hello.git"),
                ("GIT_COMMIT", "SHA"),
            ],
        ),
        (
            &[],
            &[
                ("PUSHGATE_REPOSITORY", "PRJ/hello"),
                ("BITBUCKET_COMMIT", "SHA"),
            ],
        ),
        (&["--repository", "PRJ/hello"], &[]),
    ];
    for (arguments, variables) in ways {
        let ci = Ci::new(good);
        let with_sha = |text: &str| text.replace("SHA", &ci.commit);
        let arguments: Vec<String> = arguments.iter().map(|one| with_sha(one)).collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let variables: Vec<(&str, String)> = variables
            .iter()
            .map(|(name, value)| (*name, with_sha(value)))
            .collect();
        let variables: Vec<(&str, &str)> = variables
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let output = ci.check(&arguments, &variables);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let reports = ci.standin.reports("PRJ/hello", &ci.commit);
        assert_eq!(reports["pushgate-check"].body["result"], "PASS");
        // No address, no build status.
        assert!(ci.standin.builds(&ci.commit).is_empty());
    }
}

#[test]
fn a_report_that_can_not_be_sent_is_not_a_good_check() {
    let ci = Ci::new("identifier: a\ntitle: A\nblueprint: b\n");
    let failed = |arguments: &[&str], code: i32| {
        let output = ci.check(arguments, &[]);
        assert_eq!(output.status.code(), Some(code), "{}", text(&output.stderr));
        text(&output.stderr)
    };
    assert!(failed(&[], 2).contains("--repository PROJECT/slug"));
    assert!(
        failed(&["--repository", "PRJ/hello", "--commit", "HEAD~1"], 2).contains("names no commit")
    );
    let gone = "e".repeat(40);
    let said = failed(&["--repository", "PRJ/hello", "--commit", &gone], 3);
    assert!(said.contains("push the commit first"), "{said}");
    ci.standin.fail_next("/reports", 9, &Fault::status(403));
    let said = failed(&["--repository", "PRJ/hello"], 3);
    assert!(said.contains("permission"), "{said}");
}
