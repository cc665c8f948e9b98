//! `pushgate algorithmia scm`: what is refused before anything is sent, what is done, and what is said.

use standin::Fault;

use crate::site::{Site, URLS};

const CREATE: [&str; 5] = ["algorithmia", "scm", "create", "--project-key", "PRJ"];

fn create() -> Vec<&'static str> {
    CREATE.into_iter().chain(URLS).collect()
}

#[test]
fn create_takes_good_values_only() {
    let site = Site::new();
    let with = |option: &str, value: &'static str| {
        let mut arguments = create();
        let at = arguments.iter().position(|one| *one == option).unwrap();
        arguments[at + 1] = value;
        arguments
    };
    let bad = [
        with("--project-key", "prj"),
        with("--project-key", "PRJX"),
        with("--project-key", "P-J"),
        with("--web", "http://bb.acme.org"),
        with("--api", "bb.acme.org"),
        with("--api", "https://ada:hunter2@bb.acme.org"),
        with("--ssh", "https://bb.acme.org"),
        with("--ssh", "ssh://bb.acme.org:7999"),
        with("--ssh", "ssh://git@bb.acme.org:7999:PRJ/hello.git"),
        with("--ssh", "ssh://git@bb.acme.org/prj/hello.git"),
        CREATE.to_vec(),
    ];
    let bad: Vec<&[&str]> = bad.iter().map(Vec::as_slice).collect();
    let said = site.refused(&bad);
    let (shown, hidden) = ("ada:hunter2@", "`…@bb.acme.org` holds a user");
    assert!(
        said.contains(hidden) && said.matches(shown).count() == 1,
        "{said}"
    );
    insta::assert_snapshot!(said);
    assert!(site.cluster.requests().is_empty());
}

#[test]
fn a_configuration_is_created_once() {
    let site = Site::new();
    let create = create();
    let json: Vec<&str> = create.iter().copied().chain(["--format", "json"]).collect();
    let slash: Vec<&str> = create
        .iter()
        .map(|one| match *one {
            "https://bb.acme.org" => "https://BB.acme.org/",
            one => one,
        })
        .collect();
    insta::assert_snapshot!(site.transcript(&[&create, &create, &slash, &json]));
    assert_eq!(site.changes().len(), 1);

    // The same project with other addresses, or disabled, is no equal one: say the command.
    let mut other = create.clone();
    other[6] = "https://web.acme.org";
    let scm = site.cluster.scms().pop().unwrap();
    let mut said = site.refused(&[&other]);
    site.succeed(&["algorithmia", "scm", "update", &scm, "--disable"]);
    said.push_str(&site.refused(&[&create]));
    insta::assert_snapshot!(said);
    // Another server's project of the same key is another one.
    let mut elsewhere = create;
    elsewhere[8] = "https://bb.other.org";
    site.succeed(&elsewhere);
    assert_eq!(site.cluster.scms().len(), 3);
    site.cluster.assert_conforms();
}

#[test]
fn a_lost_answer_and_a_race_are_no_failure() {
    for fault in [
        Fault::CloseAfterApply,
        // Somebody else was quicker.
        Fault::with_body(409, r#"{"error":{"code":4044,"message":"Duplicate"}}"#),
    ] {
        let site = Site::new();
        if !matches!(fault, Fault::CloseAfterApply) {
            // It is there, and the first list was made before.
            site.scm();
            let empty = Fault::Status(
                200,
                vec![("content-type".to_owned(), "application/json".to_owned())],
                r#"{"results":[]}"#.to_owned(),
            );
            site.cluster.fail_next_on("/v1/scms", 1, &empty);
        }
        site.cluster.fail_next_on("/v1/admin/scms", 1, &fault);
        let said = site.succeed(&create());
        assert!(
            said.contains("(bitbucket, project PRJ, enabled) created"),
            "{said}"
        );
        assert_eq!(site.cluster.scms().len(), 2);
    }
    // What was lost on its way there is not there.
    let site = Site::new();
    site.cluster
        .fail_next_on("/v1/admin/scms", 1, &Fault::CloseBeforeApply);
    let ran = site.run(&create());
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.err.contains("closed the connection"), "{}", ran.err);
}

#[test]
fn who_does_not_know_whether_it_was_done_is_told_to_run_it_again() {
    let site = Site::new();
    site.succeed(&create());
    let id = site.cluster.scms().pop().unwrap();
    let delete = ["algorithmia", "scm", "delete", &id, "--force"];
    site.cluster
        .fail_next_on("/v1/admin/scms/", 1, &Fault::CloseAfterApply);
    let ran = site.run(&delete);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    let said = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("may or may not have done it help: run the command again"),
        "{said}"
    );
    site.succeed(&delete);
    assert!(!site.cluster.scms().contains(&id));
}

#[test]
fn lists_are_for_people_and_for_programs() {
    let site = Site::new();
    site.cluster.add_default_github();
    let scm = site.scm();
    site.succeed(&["algorithmia", "scm", "update", &scm, "--disable"]);
    let list = ["algorithmia", "scm", "list"];
    let json = ["algorithmia", "scm", "list", "--format", "json"];
    insta::assert_snapshot!(site.transcript(&[&list, &json]));
}

#[test]
fn update_changes_what_is_asked_and_nothing_twice() {
    let site = Site::new();
    let scm = site.scm();
    let id = scm.as_str();
    let update = |more: &[&'static str]| -> Vec<String> {
        let start = ["algorithmia", "scm", "update", id];
        let all = start.iter().chain(more);
        all.map(|one| (*one).to_owned()).collect()
    };
    let all = |cases: &[&[&'static str]]| -> Vec<Vec<String>> {
        cases.iter().map(|more| update(more)).collect()
    };
    let bad = all(&[
        &[],
        &["--enable", "--disable"],
        &["--web", "https://bb.acme.org"],
        &[
            "--web",
            "https://bb.acme.org",
            "--ssh",
            "ssh://git@bb.acme.org",
        ],
        &["--web", "http://bb.acme.org"],
    ]);
    let mut said = site.refused(&refs(&bad));
    said.push('\n');
    said.push_str(&site.refused(&[
        &["algorithmia", "scm", "update", "unknown", "--enable"],
        &["algorithmia", "scm", "update", "internal", "--disable"],
    ]));
    insta::assert_snapshot!(said);

    let before = site.changes().len();
    let good = all(&[
        &["--disable"],
        &["--disable"],
        &["--enable"],
        &URLS,
        &[
            "--enable",
            "--web",
            "https://n.acme.org",
            "--api",
            "https://n.acme.org",
            "--ssh",
            "ssh://git@n.acme.org",
        ],
        &["--enable", "--format", "json"],
    ]);
    insta::assert_snapshot!(site.transcript(&refs(&good)));
    assert_eq!(site.changes().len() - before, 3);
    site.cluster.assert_conforms();
}

fn refs(commands: &[Vec<String>]) -> Vec<&'static [&'static str]> {
    let leaked = commands.iter().map(|command| {
        let words: Vec<&'static str> = command
            .iter()
            .map(|word| &*Box::leak(word.clone().into_boxed_str()))
            .collect();
        &*Box::leak(words.into_boxed_slice())
    });
    leaked.collect()
}

#[test]
fn delete_takes_disabled_ones_and_says_what_is_in_the_way() {
    let site = Site::new();
    let scm = site.scm();
    let delete = ["algorithmia", "scm", "delete", &scm];
    let force = ["algorithmia", "scm", "delete", &scm, "--force"];
    let mut said = site.refused(&[
        &delete,
        &["algorithmia", "scm", "delete", "internal"],
        &["algorithmia", "scm", "delete", "internal", "--force"],
    ]);
    // An algorithm uses it: the cluster disables it, and refuses to delete it.
    let create = [
        "algorithmia",
        "algorithm",
        "create",
        "acme/other",
        "--scm",
        &scm,
        "--environment",
        crate::site::ENVIRONMENT,
    ];
    site.succeed(&create);
    said.push('\n');
    said.push_str(&site.transcript(&[&force]));
    insta::assert_snapshot!(said);

    let site = Site::new();
    let scm = site.scm();
    let force = ["algorithmia", "scm", "delete", &scm, "--force"];
    let before = site.changes().len();
    let said = site.transcript(&[&force, &force]);
    let methods: Vec<String> = site.changes()[before..]
        .iter()
        .map(|request| request.method.clone())
        .collect();
    assert_eq!(methods, ["PATCH", "DELETE"]);
    insta::assert_snapshot!(said);
    site.cluster.assert_conforms();
}

#[test]
fn the_clusters_own_refusals_are_explained() {
    let site = Site::new();
    let scm = site.scm();
    site.succeed(&["algorithmia", "scm", "update", &scm, "--disable"]);
    let delete = ["algorithmia", "scm", "delete", &scm];
    let mut said = String::new();
    for body in [
        r#"{"error":{"id":"e-1","code":4040,"message":"Unable to delete SCM configuration"}}"#,
        r#"{"id":"e-2","code":4041,"message":"is default"}"#,
        r#"{"error":{"code":4043,"message":"in use"}}"#,
        r#"{"error":{"code":4045}}"#,
        r#"{"error":"SCM configuration not found"}"#,
        r#""just text""#,
        "null",
        r#"{"detail":[{"loc":["body"]}]}"#,
        "no JSON \u{1b}[31mat all",
    ] {
        let status = if body.contains("not found") { 404 } else { 400 };
        site.cluster
            .fail_next_on("/v1/admin/scms", 1, &Fault::with_body(status, body));
        let ran = site.run(&delete);
        assert_eq!(ran.code, Some(3), "{ran:?}");
        said.push_str(&format!("{status} {}\n{}\n", body.escape_debug(), ran.err));
    }
    let page = Fault::Status(
        502,
        vec![("content-type".to_owned(), "text/html".to_owned())],
        "<html><h1>Bad gateway</h1></html>".to_owned(),
    );
    site.cluster.fail_next_on("/v1/admin/scms", 1, &page);
    let ran = site.run(&delete);
    assert!(!ran.err.contains("html"), "{}", ran.err);
    said.push_str(&format!("502 a web page\n{}", ran.err));
    insta::assert_snapshot!(said);
}

#[test]
fn a_dry_run_shows_the_requests_and_sends_none() {
    let site = Site::new();
    let create: Vec<&str> = create().into_iter().chain(["--dry-run"]).collect();
    let update: Vec<&str> = ["algorithmia", "scm", "update", "ID 1", "--disable"]
        .into_iter()
        .chain(URLS)
        .chain(["--dry-run"])
        .collect();
    insta::assert_snapshot!(site.transcript(&[
        &create,
        &update,
        &["algorithmia", "scm", "delete", "ID", "--dry-run"],
        &["algorithmia", "scm", "delete", "ID", "--force", "--dry-run"],
    ]));
    assert!(site.cluster.requests().is_empty());
}
