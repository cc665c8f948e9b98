//! `pushgate algorithmia algorithm`: what is refused before anything is sent, what is done, what is
//! said.

use serde_json::{Value, json};
use standin::Fault;

use crate::site::{ENVIRONMENT, ID, Site};

/// `algorithm create` with these arguments.
fn create<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let start = ["algorithmia", "algorithm", "create"];
    start.iter().chain(more).copied().collect()
}

#[test]
fn create_takes_good_values_only() {
    let site = Site::new();
    let file = |name: &str, value: Value| {
        site.write(name, &serde_json::to_string_pretty(&value).unwrap());
    };
    file("name.json", json!({"name": "other"}));
    file("owner.json", json!({"settings": {"username": "other"}}));
    file("scm.json", json!({"source": {"scm": "other"}}));
    file(
        "placeholder.json",
        json!({"settings": {"algorithm_environment": "ENV_ID"}}),
    );
    file("slip.json", json!({"settings": {"licence": "apl"}}));
    file("word.json", json!({"settings": {"network_access": "none"}}));
    file("label.json", json!({"details": {"summary": "x"}}));
    file("free.json", json!({"settings": {"license": "mit"}}));
    site.write("broken.json", "{\n  \"name\": \n}");
    site.write("half.json", r#"{"username": "ada"}"#);
    site.write("bare.json", r#""planted-password""#);
    site.write("list.json", r#"["planted-password"]"#);
    let full = [
        "acme/new",
        "--scm",
        "internal",
        "--environment",
        ENVIRONMENT,
    ];
    let with = |more: &[&'static str]| -> Vec<&'static str> {
        create(&full.iter().chain(more).copied().collect::<Vec<_>>())
    };
    let cases = [
        create(&["new", "--scm", "internal", "--environment", ENVIRONMENT]),
        create(&[
            "acme/2new",
            "--scm",
            "internal",
            "--environment",
            ENVIRONMENT,
        ]),
        create(&[
            "acme/ne-w",
            "--scm",
            "internal",
            "--environment",
            ENVIRONMENT,
        ]),
        create(&["a b/new", "--scm", "internal", "--environment", ENVIRONMENT]),
        create(&["acme/new", "--scm", "internal"]),
        create(&["acme/new", "--environment", ENVIRONMENT]),
        create(&["acme/new", "--scm", "internal", "--environment", "python3"]),
        create(&[
            "acme/new",
            "--scm",
            "internal",
            "--file",
            "placeholder.json",
        ]),
        with(&["--file", "missing.json"]),
        with(&["--file", "broken.json"]),
        with(&["--file", "name.json"]),
        with(&["--file", "owner.json"]),
        with(&["--file", "scm.json"]),
        with(&["--file", "slip.json"]),
        with(&["--file", "word.json"]),
        with(&["--file", "label.json"]),
        with(&["--file", "free.json"]),
        with(&["--credentials", "half.json"]),
        with(&["--credentials", "bare.json"]),
        with(&["--credentials", "list.json"]),
    ];
    let cases: Vec<&[&str]> = cases.iter().map(Vec::as_slice).collect();
    let said = site.refused(&cases);
    assert!(!said.contains("planted"), "{said}");
    insta::assert_snapshot!(said);
    assert!(site.cluster.requests().is_empty());
}

#[test]
fn the_account_is_never_on_the_command_line() {
    let site = Site::new();
    let scm = site.scm();
    let (name, password) = site.cluster.project_owner();
    let arguments = create(&["acme/new", "--scm", &scm, "--environment", ENVIRONMENT]);

    // Nobody names it.
    let site = site
        .with("BB_PROJECT_OWNER_USERNAME", "")
        .with("BB_PROJECT_OWNER_PASSWORD", "");
    let mut said = site.refused(&[&arguments]);
    let site = site.with("BB_PROJECT_OWNER_USERNAME", name);
    said.push_str(&site.refused(&[&arguments]));
    insta::assert_snapshot!(said.replace(&scm, "SCM"));

    // A file names it, and others may read that.
    let account = json!({"username": name, "password": password});
    let path = site.write("account.json", &account.to_string());
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let mut from_file = arguments.clone();
    from_file.extend(["--credentials", "account.json"]);
    let ran = site.run(&from_file);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        ran.err.contains("others may read `account.json`"),
        "{ran:?}"
    );
    assert_eq!(
        site.changes().pop().unwrap().body["scmsCredentials"],
        account
    );

    // A token is in place of both; this server wants none.
    let site = site
        .with("BB_PROJECT_OWNER_USERNAME", "")
        .with("BB_PROJECT_OWNER_TOKEN", "planted-token");
    let token = create(&["acme/third", "--scm", &scm, "--environment", ENVIRONMENT]);
    let ran = site.run(&token);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.err.contains("Bitbucket does not let Algorithmia in"));
    assert!(
        ran.err.contains("[hidden]") && !ran.err.contains("planted"),
        "{ran:?}"
    );
    let sent = site.changes().pop().unwrap();
    assert_eq!(
        sent.body["scmsCredentials"],
        json!({"secretToken": "planted-token"})
    );
    site.cluster.assert_conforms();
}

#[test]
fn an_algorithm_is_created_once() {
    let site = Site::new();
    let scm = site.scm();
    let arguments = create(&["acme/new", "--scm", &scm, "--environment", ENVIRONMENT]);
    let json: Vec<&str> = arguments
        .iter()
        .copied()
        .chain(["--format", "json"])
        .collect();
    let show = ["algorithmia", "algorithm", "show", "acme/new"];
    let said = site.transcript(&[&arguments, &arguments, &json, &show]);
    insta::assert_snapshot!(said);
    let sent = site.changes();
    assert_eq!(sent.len(), 2, "the SCM configuration and the algorithm");
    let (name, password) = site.cluster.project_owner();
    assert_eq!(
        sent[1].body,
        json!({
            "name": "new",
            "details": {"label": "new"},
            "settings": {
                "username": "acme",
                "source_visibility": "closed",
                "algorithm_environment": ENVIRONMENT,
                "license": "apl",
                "network_access": "isolated",
                "pipeline_enabled": true,
            },
            "source": {"scm": scm},
            "scmsCredentials": {"username": name, "password": password},
        })
    );

    // One of the same name that is something else is not taken for it.
    let other = create(&[
        "acme/new",
        "--scm",
        "internal",
        "--environment",
        ENVIRONMENT,
    ]);
    let environment = "00000000-0000-0000-0000-000000000000";
    let another = create(&["acme/new", "--scm", &scm, "--environment", environment]);
    insta::assert_snapshot!(site.refused(&[&other, &another]));

    // An answer that is lost is looked for.
    site.cluster
        .fail_next_on("/v1/algorithms/lost", 1, &Fault::status(404));
    site.cluster
        .fail_next_on("/v1/algorithms/lost", 1, &Fault::CloseAfterApply);
    let lost = create(&["lost/one", "--scm", &scm, "--environment", ENVIRONMENT]);
    let said = site.succeed(&lost);
    assert!(said.starts_with("lost/one created: id "), "{said}");
    site.cluster.assert_conforms();
}

#[test]
fn show_tells_what_the_cluster_knows() {
    let site = Site::new();
    insta::assert_snapshot!(site.transcript(&[
        &["algorithmia", "algorithm", "show", "acme/hello"],
        &["algorithmia", "algorithm", "show", ID],
        &[
            "algorithmia",
            "algorithm",
            "show",
            "acme/hello",
            "--format",
            "json"
        ],
        &["algorithmia", "algorithm", "show", "acme/missing"],
        &["algorithmia", "algorithm", "show", "acme"],
    ]));
    // A 404 of something else in between is no missing algorithm.
    let page = Fault::Status(
        404,
        vec![("content-type".to_owned(), "text/html".to_owned())],
        "<html>nginx</html>".to_owned(),
    );
    site.cluster.fail_next(1, &page);
    let ran = site.run(&["algorithmia", "algorithm", "show", "acme/hello"]);
    assert_eq!(ran.code, Some(3));
    assert!(ran.err.contains("the answer is a web page"), "{}", ran.err);
}

#[test]
fn the_clusters_own_refusals_are_explained() {
    let site = Site::new();
    let scm = site.scm();
    let arguments = create(&["acme/new", "--scm", &scm, "--environment", ENVIRONMENT]);
    let mut said = String::new();
    for (status, code) in [
        (400, 1008),
        (400, 2015),
        (400, 3100),
        (400, 4002),
        (400, 4009),
        (400, 4042),
        (500, 4081),
        (500, 4084),
        (403, 2001),
        (500, 5001),
    ] {
        let body = json!({"error": {"id": "e-1", "code": code, "message": "what it says"}});
        let quoting = Fault::with_body(status, &body.to_string());
        site.cluster
            .fail_next_on("/v1/algorithms/acme/new", 1, &Fault::status(404));
        site.cluster
            .fail_next_on("/v1/algorithms/acme", 1, &quoting);
        // It looks again where the answer leaves that open.
        let ran = site.run(&arguments);
        assert_eq!(ran.code, Some(3), "{ran:?}");
        said.push_str(&format!("{status} {code}\n{}\n", ran.err));
    }
    insta::assert_snapshot!(said);
}

#[test]
fn a_dry_run_shows_the_request_and_sends_none() {
    let site = Site::new();
    let more = [
        "acme/new",
        "--scm",
        "SCM",
        "--environment",
        ENVIRONMENT,
        "--dry-run",
    ];
    insta::assert_snapshot!(site.transcript(&[&create(&more)]));
    assert!(site.cluster.requests().is_empty());
}
