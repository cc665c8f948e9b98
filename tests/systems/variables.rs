//! `pipelines variables ensure` against a stand-in for Bitbucket Cloud.

use standin::{CloudStandIn, Fault};

use crate::run::{code, folder, pushgate, said, told};

const TOKEN: &str = "ATCTT3xFfGN0token";
const VALUE: &str = "AQAAvaluevaluevalue";
const REPOSITORY: &str = "repositories/acme/hello/pipelines_config/variables";
const STAGING: &str = "{11111111-0000-4000-8000-000000000001}";

fn cloud() -> CloudStandIn {
    let cloud = CloudStandIn::start(&format!("Bearer {TOKEN}")).unwrap();
    cloud.add_environment("{11111111-0000-4000-8000-000000000003}", "Test");
    cloud.add_environment("{11111111-0000-4000-8000-000000000002}", "Production");
    cloud.add_environment(STAGING, "Staging");
    cloud
}

fn ensure(
    cloud: &CloudStandIn,
    variables: &[(&str, &str)],
    arguments: &[&str],
) -> std::process::Output {
    let api = cloud.api();
    let all = [&["pipelines", "variables", "ensure"][..], arguments].concat();
    let variables = [&[("BITBUCKET_CLOUD_API", api.as_str())][..], variables].concat();
    pushgate(folder(&[]).path(), &variables, &all)
}

const GOOD: [(&str, &str); 2] = [("BITBUCKET_CLOUD_TOKEN", TOKEN), ("DUPLO_TOKEN", VALUE)];
const HELLO: [&str; 5] = ["DUPLO_TOKEN", "--workspace", "acme", "--repo", "hello"];

#[test]
fn a_variable_is_created_and_then_replaced() {
    let cloud = cloud();
    for key in ["A", "B", "C"] {
        cloud.add_variable(REPOSITORY, key, "x", false);
    }
    let first = ensure(&cloud, &GOOD, &HELLO);
    assert_eq!(
        told(&first),
        "created the secured variable DUPLO_TOKEN of acme/hello (with the access token of BITBUCKET_CLOUD_TOKEN)\n= 0\n"
    );
    let kept = cloud.variables(REPOSITORY).pop().unwrap();
    assert_eq!(
        (kept.key.as_str(), kept.value.as_str(), kept.secured),
        ("DUPLO_TOKEN", VALUE, true)
    );
    // It is on the second page of the list now.
    let again = ensure(&cloud, &[GOOD[0], ("DUPLO_TOKEN", "another-value")], &HELLO);
    assert!(
        said(&again).starts_with("replaced the secured variable"),
        "{}",
        said(&again)
    );
    let all = cloud.variables(REPOSITORY);
    assert_eq!(all.len(), 4);
    assert_eq!(all[3].value, "another-value");
    let put = cloud.requests().pop().unwrap();
    assert_eq!(put.method, "PUT");
    assert!(
        put.path.contains("/variables/%7B00000000-") && put.path.ends_with("%7D"),
        "{}",
        put.path
    );
}

#[test]
fn one_that_is_not_secured_becomes_so() {
    let cloud = cloud();
    cloud.add_variable(REPOSITORY, "DUPLO_TOKEN", "in the open", false);
    assert_eq!(code(&ensure(&cloud, &GOOD, &HELLO)), 0);
    assert!(cloud.variables(REPOSITORY)[0].secured);
}

#[test]
fn the_workspace_and_a_deployment_have_their_own() {
    let cloud = cloud();
    let whole = ensure(&cloud, &GOOD, &HELLO[..3]);
    assert_eq!(code(&whole), 0, "{}", said(&whole));
    assert_eq!(
        cloud
            .variables("workspaces/acme/pipelines-config/variables")
            .len(),
        1
    );
    let staging = ensure(
        &cloud,
        &GOOD,
        &[&HELLO[..], &["--deployment", "staging"]].concat(),
    );
    assert_eq!(code(&staging), 0, "{}", said(&staging));
    let list =
        format!("repositories/acme/hello/deployments_config/environments/{STAGING}/variables");
    assert_eq!(cloud.variables(&list).len(), 1);
    assert!(cloud.variables(REPOSITORY).is_empty());
}

#[test]
fn a_user_with_an_api_token_or_a_file_will_do() {
    // ada@example.com:planted-secret
    let cloud = CloudStandIn::start("Basic YWRhQGV4YW1wbGUuY29tOnBsYW50ZWQtc2VjcmV0").unwrap();
    let user = [
        ("BITBUCKET_CLOUD_USERNAME", "ada@example.com"),
        ("BITBUCKET_CLOUD_PASSWORD", "planted-secret"),
        ("DUPLO_TOKEN", VALUE),
    ];
    let output = ensure(&cloud, &user, &HELLO);
    assert!(
        said(&output).ends_with("(as ada@example.com)\n"),
        "{}",
        said(&output)
    );

    let cloud = self::cloud();
    let files = folder(&[
        ("token", &format!("{TOKEN}\n")),
        ("value", &format!("{VALUE}\n")),
    ]);
    let path = |name: &str| files.path().join(name).to_str().unwrap().to_owned();
    let (token, value) = (path("token"), path("value"));
    let by_file = [
        &HELLO[..],
        &["--token-file", &token, "--value-file", &value],
    ]
    .concat();
    let output = ensure(&cloud, &[], &by_file);
    assert_eq!(code(&output), 0, "{}", said(&output));
    assert_eq!(cloud.variables(REPOSITORY)[0].value, VALUE);
}

#[test]
fn a_dry_run_only_reads() {
    let cloud = cloud();
    let dry = [&HELLO[..], &["--dry-run"]].concat();
    let first = said(&ensure(&cloud, &GOOD, &dry));
    assert!(
        first.starts_with("would create ") && first.ends_with("nothing was changed\n"),
        "{first}"
    );
    cloud.add_variable(REPOSITORY, "DUPLO_TOKEN", "x", true);
    assert!(said(&ensure(&cloud, &GOOD, &dry)).starts_with("would replace "));
    assert!(cloud.requests().iter().all(|one| one.method == "GET"));
    assert_eq!(cloud.variables(REPOSITORY)[0].value, "x");
}

#[test]
fn wrong_use_sends_nothing() {
    let cloud = cloud();
    let run = |title: &str, variables: &[(&str, &str)], arguments: &[&str]| {
        let output = ensure(&cloud, variables, arguments);
        assert_eq!(code(&output), 2, "{title}");
        format!("# {title}\n{}", told(&output))
    };
    let token = ("BITBUCKET_CLOUD_TOKEN", TOKEN);
    let text = [
        run("no value", &[token], &HELLO),
        run("an empty value", &[token, ("DUPLO_TOKEN", "")], &HELLO),
        run(
            "a line break",
            &[token, ("DUPLO_TOKEN", "AQAAvalue\n")],
            &HELLO,
        ),
        run("no credentials", &[GOOD[1]], &HELLO),
        run(
            "half of them",
            &[GOOD[1], ("BITBUCKET_CLOUD_USERNAME", "ada")],
            &HELLO,
        ),
        run("no name", &GOOD, &["duplo-token", "--workspace", "acme"]),
        run(
            "the value on the command line",
            &GOOD,
            &[&format!("DUPLO_TOKEN={VALUE}"), "--workspace", "acme"],
        ),
        run(
            "a placeholder",
            &GOOD,
            &["DUPLO_TOKEN", "--workspace", "{workspace}"],
        ),
        run(
            "another path",
            &GOOD,
            &["DUPLO_TOKEN", "--workspace", "acme/../x"],
        ),
        run(
            "no repository",
            &GOOD,
            &["DUPLO_TOKEN", "--workspace", "acme", "--deployment", "x"],
        ),
        run(
            "no file",
            &GOOD,
            &[&HELLO[..], &["--value-file", "none"]].concat(),
        ),
    ]
    .concat();
    let broken = [("BITBUCKET_CLOUD_TOKEN", "ATCTT3xFfGN0\ntoken"), GOOD[1]];
    let api = run("a line break in the token", &broken, &HELLO);
    let other_api = [GOOD[0], GOOD[1], ("BITBUCKET_CLOUD_API", "bitbucket")];
    let api = api + &run("no address", &other_api, &HELLO);
    let text = text + &api;
    assert!(!text.contains(VALUE) && !text.contains(TOKEN), "{text}");
    insta::assert_snapshot!(text);
    assert!(cloud.requests().is_empty());
}

#[test]
fn what_bitbucket_refuses_is_said_in_words_without_secrets() {
    let cloud = cloud();
    let run = |title: &str, variables: &[(&str, &str)], arguments: &[&str]| {
        let output = ensure(&cloud, variables, arguments);
        assert_eq!(code(&output), 3, "{title}");
        format!("# {title}\n{}", told(&output))
    };
    let mut text = run(
        "other credentials",
        &[("BITBUCKET_CLOUD_TOKEN", "of-nobody"), GOOD[1]],
        &HELLO,
    );
    text += &run(
        "another repository",
        &GOOD,
        &["DUPLO_TOKEN", "--workspace", "acme", "--repo", "gone"],
    );
    text += &run(
        "another deployment",
        &GOOD,
        &[&HELLO[..], &["--deployment", "live"]].concat(),
    );
    let busy = Fault::Status(
        429,
        vec![("content-type".to_owned(), "text/plain".to_owned())],
        "Rate limit for this resource has been exceeded".to_owned(),
    );
    cloud.fail_next("variables", &busy);
    text += &run("too many calls", &GOOD, &HELLO);
    let echo = format!(
        r#"{{"type":"error","error":{{"message":"bad","detail":"no {VALUE} for {TOKEN}"}}}}"#
    );
    cloud.fail_next("variables", &Fault::with_body(403, &echo));
    text += &run("an answer with secrets", &GOOD, &HELLO);
    cloud.fail_next("environments", &Fault::with_body(200, "<html>"));
    text += &run(
        "a web page",
        &GOOD,
        &[&HELLO[..], &["--deployment", "Staging"]].concat(),
    );
    // An error in the middle of a list is not its end.
    for key in ["A", "B", "DUPLO_TOKEN"] {
        cloud.add_variable(REPOSITORY, key, "x", true);
    }
    cloud.fail_next("variables", &Fault::status(409));
    let elsewhere = r#"{"values":[],"next":"http://127.0.0.1:1/2.0/x"}"#;
    cloud.fail_next("variables", &Fault::with_body(200, elsewhere));
    text += &run("a list that goes on elsewhere", &GOOD, &HELLO);
    insta::assert_snapshot!(text.replace(&cloud.api(), "API"));
    assert!(!text.contains(VALUE) && !text.contains(TOKEN) && !text.contains("of-nobody"));
    assert!(
        cloud
            .variables(REPOSITORY)
            .iter()
            .all(|one| one.value == "x")
    );
}
