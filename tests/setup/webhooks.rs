//! `pushgate bitbucket webhooks`.

use serde_json::{Value, json};
use standin::Fault;

use crate::world::{SECRET, World};

const URL: &str = "https://gate.example.com/webhooks";
const VERSIONS: [&str; 5] = ["5.6.0", "7.21.0", "8.0.0", "8.18.0", "9.2.0"];

fn ensure(world: &World, arguments: &[&str]) -> crate::world::Answer {
    let start = ["bitbucket", "webhooks", "ensure", "--url", URL];
    world.run(&[&start[..], arguments].concat())
}

#[test]
fn a_repository_gets_its_webhook_once_on_every_version() {
    for version in VERSIONS {
        let world = World::of_version(version);
        let first = ensure(&world, &["--repository", "PRJ/hello"]);
        assert_eq!(first.code, Some(0), "{version}: {first:?}");
        assert_eq!(first.out, "PRJ/hello: created\n1 created\n");
        let [webhook] = &world.bitbucket.webhooks("PRJ/hello")[..] else {
            panic!("{version}");
        };
        assert_eq!(webhook["url"], URL);
        assert_eq!(webhook["events"], json!(["repo:refs_changed"]));
        assert_eq!(webhook["configuration"]["secret"], SECRET);
        assert_eq!(webhook["active"], true);
        assert_eq!(webhook["sslVerificationRequired"], true);
        let writes = world.bitbucket.writes().len();
        let second = ensure(&world, &["--repository", "PRJ/hello"]);
        assert_eq!(second.out, "PRJ/hello: unchanged\n1 unchanged\n");
        assert_eq!(world.bitbucket.writes().len(), writes, "{version}");
        world.bitbucket.assert_conforms();
    }
}

#[test]
fn a_project_gets_one_of_its_own_where_the_server_knows_such() {
    for version in VERSIONS {
        let world = World::of_version(version);
        let answer = ensure(&world, &["--project", "PRJ"]);
        assert_eq!(answer.code, Some(0), "{version}: {answer:?}");
        let of_project = world.bitbucket.webhooks("PRJ").len();
        let of_repositories =
            ["PRJ/hello", "PRJ/web"].map(|name| world.bitbucket.webhooks(name).len());
        match version {
            "8.18.0" | "9.2.0" => assert_eq!((of_project, of_repositories), (1, [0, 0])),
            _ => assert_eq!((of_project, of_repositories), (0, [1, 1])),
        }
        assert!(world.bitbucket.webhooks("OPS/tools").is_empty());
        let writes = world.bitbucket.writes().len();
        assert_eq!(ensure(&world, &["--project", "PRJ"]).code, Some(0));
        assert_eq!(world.bitbucket.writes().len(), writes, "{version}");
    }
}

#[test]
fn a_filter_that_matches_nothing_is_told_as_such() {
    let world = World::of_version("9.2.0");
    let list = ["bitbucket", "webhooks", "list", "--filter"];
    let none = world.run(&[&list[..], &["prj/*"]].concat());
    assert_eq!(none.out, "no repository is meant\n");
    let some = world.run(&[&list[..], &["PRJ/*"]].concat());
    assert_eq!(some.out, "no webhook\n");
}

#[test]
fn a_project_that_is_named_twice_gets_one() {
    let world = World::of_version("9.2.0");
    let answer = ensure(&world, &["--project", "PRJ, PRJ", "--project", "prj"]);
    assert_eq!(answer.out, "PRJ: created\n1 created\n");
    assert_eq!(world.bitbucket.webhooks("PRJ").len(), 1);
    let remove = ["bitbucket", "webhooks", "remove", "--url", URL];
    let gone = world.run(&[&remove[..], &["--project", "PRJ,PRJ"]].concat());
    assert!(gone.out.starts_with("PRJ: removed\n"), "{gone:?}");
    assert!(gone.out.contains("1 removed"), "{gone:?}");
}

#[test]
fn after_an_update_of_the_server_nothing_is_called_twice() {
    let world = World::of_version("8.0.0");
    ensure(&world, &["--project", "PRJ"]);
    world.bitbucket.set_version("9.2.0");
    let plan = ensure(&world, &["--project", "PRJ", "--dry-run"]);
    assert_eq!(
        plan.out,
        "PRJ: would be created\nPRJ/hello: would be removed\nPRJ/web: would be removed\n1 would be created, 2 would be removed\n"
    );
    assert!(world.bitbucket.webhooks("PRJ").is_empty());
    assert_eq!(ensure(&world, &["--project", "PRJ"]).code, Some(0));
    assert_eq!(world.bitbucket.webhooks("PRJ").len(), 1);
    assert!(world.bitbucket.webhooks("PRJ/hello").is_empty());
}

#[test]
fn gimlet_s_webhook_stands_beside_ours() {
    let world = World::of_version("9.2.0");
    ensure(&world, &["--repository", "PRJ/hello"]);
    let gimlet = world.run(&[
        "bitbucket",
        "webhooks",
        "ensure",
        "--url",
        "https://gimlet.example.com/hook",
        "--name",
        "gimlet",
        "--event",
        "repo:refs_changed,pr:opened",
        "--repository",
        "PRJ/hello",
    ]);
    assert_eq!(gimlet.code, Some(0), "{gimlet:?}");
    assert_eq!(world.bitbucket.webhooks("PRJ/hello").len(), 2);
    let list = world.run(&["bitbucket", "webhooks", "list", "--repository", "PRJ/hello"]);
    insta::assert_snapshot!(list.out, @r"
    PRJ/hello: 1 `pushgate` calls https://gate.example.com/webhooks on repo:refs_changed
    PRJ/hello: 2 `gimlet` calls https://gimlet.example.com/hook on repo:refs_changed, pr:opened
    ");
    let list = world.run(&["bitbucket", "webhooks", "list", "--format", "json", "--all"]);
    let list: Value = serde_json::from_str(&list.out).unwrap();
    assert_eq!(list["version"], 1);
    assert_eq!(list["webhooks"][1]["name"], "gimlet");
    let gone = world.run(&[
        "bitbucket",
        "webhooks",
        "remove",
        "--url",
        URL,
        "--project",
        "PRJ",
    ]);
    assert_eq!(gone.code, Some(0), "{gone:?}");
    let left = world.bitbucket.webhooks("PRJ/hello");
    assert_eq!((left.len(), &left[0]["name"]), (1, &json!("gimlet")));
}

#[test]
fn what_differs_is_told_and_mended_and_the_secret_set_again() {
    let mut world = World::of_version("9.2.0");
    ensure(&world, &["--repository", "PRJ/hello"]);
    // A changed secret is seen by nobody where the server does not show it.
    world.set("WEBHOOK_SECRET", "fedcba9876543210");
    assert_eq!(
        ensure(&world, &["--repository", "PRJ/hello"]).out,
        "PRJ/hello: unchanged\n1 unchanged\n"
    );
    let again = ensure(&world, &["--repository", "PRJ/hello", "--set-secret"]);
    assert_eq!(
        again.out,
        "PRJ/hello: updated: the secret is to be set again; the secret is set again\n1 updated\n"
    );
    let secret =
        |world: &World| world.bitbucket.webhooks("PRJ/hello")[0]["configuration"]["secret"].clone();
    assert_eq!(secret(&world), "fedcba9876543210");
    world.bitbucket.show_secrets();
    world.set("WEBHOOK_SECRET", SECRET);
    let shown = ensure(
        &world,
        &[
            "--repository",
            "PRJ/hello",
            "--event",
            "repo:refs_changed,pr:merged",
        ],
    );
    assert_eq!(
        shown.out,
        "PRJ/hello: updated: not called on all events, another secret; the secret is set again\n1 updated\n"
    );
    assert_eq!(secret(&world), SECRET);
}

#[test]
fn one_that_fails_does_not_stop_the_others() {
    let world = World::of_version("7.21.0");
    for number in 0..20 {
        world.bitbucket.add_repository(&format!("PRJ/r{number:02}"));
    }
    world.bitbucket.archive("PRJ/r01");
    world
        .bitbucket
        .fail_next("/repos/r07/webhooks", 1, &Fault::status(403));
    world
        .bitbucket
        .fail_next("/projects/NONE", 1, &Fault::status(404));
    let answer = ensure(&world, &["--project", "PRJ,NONE"]);
    assert_eq!(answer.code, Some(3));
    let shown: Vec<&str> = answer
        .out
        .lines()
        .filter(|line| !line.ends_with(": created"))
        .collect();
    insta::assert_snapshot!(shown.join("\n"));
    assert_eq!(world.bitbucket.webhooks("PRJ/r19").len(), 1);
    assert!(world.bitbucket.webhooks("PRJ/r01").is_empty());
    // The next run does what is left.
    let writes = world.bitbucket.writes().len();
    assert_eq!(ensure(&world, &["--project", "PRJ"]).code, Some(0));
    assert_eq!(world.bitbucket.writes().len(), writes + 1);
}

#[test]
fn hostile_answers_are_told_in_words_and_without_secrets() {
    let world = World::of_version("9.2.0");
    let forbidden = world.run(&[
        "bitbucket",
        "webhooks",
        "ensure",
        "--url",
        "https://forbidden.example.com",
        "--repository",
        "PRJ/hello",
    ]);
    assert_eq!(forbidden.code, Some(3), "{forbidden:?}");
    // The world looks for both in all that is said.
    let quoting = format!(
        r#"{{"errors": [{{"message": "{SECRET} of {} is refused"}}]}}"#,
        world.bitbucket.token()
    );
    let fault = Fault::with_body(400, &quoting);
    world.bitbucket.fail_next("/webhooks", 1, &fault);
    let answer = ensure(&world, &["--repository", "PRJ/hello"]);
    assert_eq!(answer.code, Some(3), "{answer:?}");
    assert!(answer.out.contains("(status 400)"), "{answer:?}");
    let address = "https://gate.example.com/webhook";
    let asking: [&[&str]; 2] = [&["list"], &["remove", "--url", address]];
    for action in asking {
        world.bitbucket.fail_next("/webhooks", 1, &fault);
        let named = ["--repository", "PRJ/hello"];
        let answer = world.run(&[&["bitbucket", "webhooks"], action, &named].concat());
        assert_eq!(answer.code, Some(3), "{answer:?}");
        assert!(answer.out.contains("(status 400)"), "{answer:?}");
    }
    let shows = format!(
        r#"{{"values": [{{"id": 1, "name": "{SECRET}", "url": "https://a.example.com/{SECRET}", "active": true,
            "events": ["{SECRET}"], "configuration": {{"secret": "{SECRET}"}}}}], "isLastPage": true}}"#
    );
    let fault = Fault::with_body(200, &shows);
    world.bitbucket.fail_next("/webhooks", 1, &fault);
    let answer = world.run(&["bitbucket", "webhooks", "list", "--repository", "PRJ/hello"]);
    assert_eq!(answer.code, Some(0), "{answer:?}");
    assert!(answer.out.contains("https://a.example.com/"), "{answer:?}");
    let cases = [
        (
            Fault::with_body(200, "<html>sign in</html>"),
            "the answer is no JSON",
        ),
        (
            Fault::with_body(200, r#"{"values": 7}"#),
            "not of the expected form",
        ),
        (
            Fault::with_body(200, r#"{"values": [], "isLastPage": false}"#),
            "neither its end nor",
        ),
        (
            Fault::with_body(500, "\u{1b}[31mboom"),
            "Bitbucket itself failed (status 500)",
        ),
        (Fault::CloseBeforeApply, "closed the connection"),
    ];
    for (fault, words) in cases {
        world.bitbucket.fail_next("/webhooks", 5, &fault);
        let answer = ensure(&world, &["--repository", "PRJ/hello"]);
        assert_eq!(answer.code, Some(3), "{fault:?}: {answer:?}");
        assert!(answer.out.contains(words), "{fault:?}: {answer:?}");
        assert!(!answer.out.contains('\u{1b}'), "{answer:?}");
        // What was planned and not needed is used up.
        while world
            .run(&["bitbucket", "webhooks", "list", "--repository", "PRJ/hello"])
            .code
            != Some(0)
        {}
    }
}

#[test]
fn wrong_use_is_told_before_anything_is_asked() {
    let mut world = World::of_version("9.2.0");
    let cases: [(&[&str], &str); 6] = [
        (
            &["--url", URL, "--all", "--event", "repo:refs_changed,"],
            "a value is required for '--event <EVENT>'",
        ),
        (
            &["--url", URL, "--all", "--name", ""],
            "a value is required for '--name <NAME>'",
        ),
        (&["--url", "gate"], "no address that Bitbucket can call"),
        (
            &["--url", URL],
            "it is not said which repositories are meant",
        ),
        (
            &["--url", URL, "--repository", "PRJ/hello", "--all"],
            "say two things",
        ),
        (
            &["--url", URL, "--all", "--secret-file", "/nowhere"],
            "there is no such file",
        ),
    ];
    for (arguments, words) in cases {
        let answer = world.run(&[&["bitbucket", "webhooks", "ensure"], arguments].concat());
        assert_eq!(answer.code, Some(2), "{answer:?}");
        let said = answer.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(words), "{answer:?}");
    }
    world.set("WEBHOOK_SECRET", "");
    let answer = ensure(&world, &["--all"]);
    assert_eq!(answer.code, Some(2));
    insta::assert_snapshot!(answer.err);
    world.set("BITBUCKET_SERVER_ADDRESS", "");
    world.set("BITBUCKET_SERVER_TOKEN", "");
    let answer = ensure(&world, &["--all"]);
    assert_eq!(answer.code, Some(2));
    insta::assert_snapshot!(answer.err);
    assert!(world.bitbucket.requests().is_empty());
}
