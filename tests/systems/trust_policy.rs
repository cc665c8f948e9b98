//! `pipelines trust-policy`: what it writes, and what it finds in what others wrote.

use std::process::Output;

use serde_json::{Value, json};

use crate::run::{code, folder, pushgate, said, told, with_change};

pub const WORKSPACE: &str = "3fa85f64-5717-4562-b3fc-2c963f66afa6";

pub const REPOSITORY: &str = "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d";

pub const PROVIDER: &str = "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc";

const NEEDED: [&str; 6] = [
    "--account",
    "123412341234",
    "--workspace",
    "acme",
    "--workspace-id",
    WORKSPACE,
];

pub fn write(more: &[&str]) -> Output {
    let all = [&["pipelines", "trust-policy"][..], &NEEDED, more].concat();
    pushgate(folder(&[]).path(), &[], &all)
}

pub fn check(policy: &str, variables: &[(&str, &str)], more: &[&str]) -> Output {
    let folder = folder(&[("policy.json", policy)]);
    let all = [
        &["pipelines", "trust-policy", "--check", "policy.json"][..],
        more,
    ]
    .concat();
    pushgate(folder.path(), variables, &all)
}

/// The policy of DuploCloud's documentation, filled in.
fn documented() -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "BitbucketWorkspace",
            "Effect": "Allow",
            "Principal": {"Federated": format!("arn:aws:iam::123412341234:oidc-provider/{PROVIDER}")},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {
                format!("{PROVIDER}:aud"): format!("ari:cloud:bitbucket::workspace/{WORKSPACE}")}},
        }],
    })
}

/// The same with a subject, and a change made to its statement.
pub fn with(change: impl Fn(&mut Value)) -> String {
    let mut policy = documented();
    let statement = &mut policy["Statement"][0];
    statement["Condition"]["StringLike"] =
        json!({format!("{PROVIDER}:sub"): format!("{{{REPOSITORY}}}:*")});
    change(statement);
    serde_json::to_string_pretty(&policy).unwrap()
}

#[test]
fn the_policy_is_the_documented_one_and_says_what_it_leaves_open() {
    let output = write(&[]);
    insta::assert_snapshot!(told(&output));
    let written: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(written, documented());
}

#[test]
fn repositories_and_subjects_close_it() {
    let output = write(&[
        "--repository",
        &format!("{{{}}}", REPOSITORY.to_uppercase()),
        "--repository",
        REPOSITORY,
        "--subject",
        "{9b1deb4d-3b7d-4bad-9bdd-000000000000}:{environment}:*",
        "--partition",
        "aws-us-gov",
    ]);
    insta::assert_snapshot!(told(&output));
    // What is written is what the check finds nothing wrong with.
    let policy = String::from_utf8(output.stdout).unwrap();
    let again = check(&policy, &[], &NEEDED[2..]);
    assert_eq!(told(&again), "1 document checked, nothing wrong\n= 0\n");
}

#[test]
fn values_that_make_no_policy_are_refused() {
    let run = |change: &[&str]| {
        let all = with_change(&["pipelines", "trust-policy"], &NEEDED, change);
        let output = pushgate(folder(&[]).path(), &[], &all);
        assert_eq!((code(&output), output.stdout.len()), (2, 0), "{change:?}");
        format!("# {}\n{}", change.join(" "), told(&output))
    };
    let braces = format!("{{{WORKSPACE}}}");
    insta::assert_snapshot!(
        [
            run(&["--account", "{account id}"]),
            run(&["--account", "12341234"]),
            run(&["--workspace", "{workspace}"]),
            run(&["--workspace", "acme/hello"]),
            run(&["--workspace-id", "{workspace id}"]),
            run(&["--workspace-id", &braces]),
            run(&["--workspace-id", "acme"]),
            run(&["--repository", "acme/hello"]),
            run(&["--repository", "{REPOSITORY-UUID}"]),
            run(&["--subject", "*"]),
            run(&["--subject", "{*}:*"]),
            run(&["--subject", "{*-*}:*"]),
            run(&["--subject", "{9b1d*}:*"]),
            run(&["--subject", "{REPOSITORY-UUID}:*"]),
        ]
        .concat()
    );
    let named = pushgate(
        folder(&[]).path(),
        &[],
        &[
            &["--repository", "acme/hello", "pipelines", "trust-policy"][..],
            &NEEDED,
        ]
        .concat(),
    );
    assert_eq!(code(&named), 2);
    assert!(
        said(&named).contains("`acme/hello` is a repository's name"),
        "{}",
        said(&named)
    );
    let nothing = pushgate(folder(&[]).path(), &[], &["pipelines", "trust-policy"]);
    assert_eq!(code(&nothing), 2);
}

#[test]
fn an_account_may_have_its_hyphens() {
    let all = [
        "pipelines",
        "trust-policy",
        "--account",
        "1234-1234-1234",
        "--workspace",
        "acme",
        "--workspace-id",
        WORKSPACE,
    ];
    let output = pushgate(folder(&[]).path(), &[], &all);
    assert_eq!(
        serde_json::from_slice::<Value>(&output.stdout).unwrap(),
        documented()
    );
}

#[test]
fn each_hole_in_a_policy_is_told_with_its_place_and_remedy() {
    let sub = format!("{PROVIDER}:sub");
    let aud = format!("{PROVIDER}:aud");
    let subject = |operator: &'static str, value: Value| {
        let sub = sub.clone();
        with(move |one| {
            one["Condition"]
                .as_object_mut()
                .unwrap()
                .remove("StringLike");
            one["Condition"][operator][&sub] = value.clone();
        })
    };
    let audience = |value: Value| {
        let aud = aud.clone();
        with(move |one| one["Condition"]["StringEquals"][&aud] = value.clone())
    };
    let principal = |value: Value| with(move |one| one["Principal"] = value.clone());
    let action = |value: Value| with(move |one| one["Action"] = value.clone());
    let federated = |arn: &str| principal(json!({ "Federated": arn }));
    let own = format!("arn:aws:iam::123412341234:oidc-provider/{PROVIDER}");
    let cases = [
        (
            "as documented",
            serde_json::to_string_pretty(&documented()).unwrap(),
        ),
        (
            "as documented, not filled in",
            serde_json::to_string_pretty(&documented())
                .unwrap()
                .replace("123412341234", "{account id}")
                .replace("acme", "{workspace}")
                .replace(WORKSPACE, "{workspace id}"),
        ),
        (
            "no condition",
            with(|one| {
                one.as_object_mut().unwrap().remove("Condition");
            }),
        ),
        ("any subject", subject("StringLike", json!("*"))),
        (
            "any subject in braces",
            subject("StringLike", json!(["{*}:*"])),
        ),
        (
            "any id",
            subject("StringLike", json!(["{*-*}:*", "{????????-*}:*"])),
        ),
        (
            "any id that happens to fit",
            subject(
                "StringLike",
                json!([
                    "{*4*}:*",
                    format!("*{{{REPOSITORY}}}:*"),
                    format!("*${{{PROVIDER}:sub}}")
                ]),
            ),
        ),
        ("no text", subject("StringLike", json!([]))),
        (
            "a pattern that is none",
            subject("StringEquals", json!(format!("{{{REPOSITORY}}}:*"))),
        ),
        (
            "no braces",
            subject("StringLike", json!(format!("{REPOSITORY}:*"))),
        ),
        (
            "if it is there",
            subject("StringLikeIfExists", json!(format!("{{{REPOSITORY}}}:*"))),
        ),
        (
            "all but one",
            subject("StringNotLike", json!(format!("{{{REPOSITORY}}}:*"))),
        ),
        (
            "all values",
            subject(
                "ForAllValues:StringLike",
                json!(format!("{{{REPOSITORY}}}:*")),
            ),
        ),
        (
            "an operator that is none",
            subject("StringMatches", json!(format!("{{{REPOSITORY}}}:*"))),
        ),
        (
            "another workspace's subject",
            with(|one| {
                one["Condition"]["StringLike"] = json!({"api.bitbucket.org/2.0/workspaces/other/pipelines-config/identity/oidc:sub": "{a}:*"});
            }),
        ),
        (
            "braces in the audience",
            audience(json!(format!(
                "ari:cloud:bitbucket::workspace/{{{WORKSPACE}}}"
            ))),
        ),
        ("another audience", audience(json!("sts.amazonaws.com"))),
        (
            "no id in the audience",
            audience(json!("ari:cloud:bitbucket::workspace/acme")),
        ),
        (
            "any audience",
            with(|one| {
                one["Condition"]["StringEquals"] = json!({});
                one["Condition"]["StringLike"][&aud] = json!("ari:cloud:bitbucket::workspace/*");
            }),
        ),
        ("everybody", principal(json!("*"))),
        (
            "everybody of AWS",
            principal(json!({"AWS": "*", "Federated": own})),
        ),
        (
            "somebody else",
            principal(json!({"AWS": "arn:aws:iam::123412341234:root", "Federated": own})),
        ),
        (
            "a service",
            principal(json!({"Service": ["ec2.amazonaws.com"], "Federated": own})),
        ),
        (
            "another provider",
            federated(
                "arn:aws:iam::123412341234:oidc-provider/token.actions.githubusercontent.com",
            ),
        ),
        (
            "an address",
            federated(&format!(
                "arn:aws:iam::123412341234:oidc-provider/https://{PROVIDER}"
            )),
        ),
        ("no provider", federated("cognito-identity.amazonaws.com")),
        ("the wrong action", action(json!("sts:AssumeRole"))),
        (
            "too many actions",
            action(json!([
                "sts:AssumeRoleWithWebIdentity",
                "sts:TagSession",
                "sts:*"
            ])),
        ),
        (
            "not an action",
            with(|one| {
                one.as_object_mut().unwrap().remove("Action");
                one["NotAction"] = json!("iam:*");
            }),
        ),
        (
            "a misspelt key",
            with(|one| {
                one["Conditions"] = one["Condition"].take();
                one.as_object_mut().unwrap().remove("Condition");
            }),
        ),
        (
            "no effect",
            with(|one| {
                one.as_object_mut().unwrap().remove("Effect");
            }),
        ),
        ("a policy of something else", "{\"Role\": {}}".to_owned()),
        ("no JSON", with(|_| {}).replace("\"Effect\"", "'Effect'")),
        (
            "twice",
            with(|_| {}).replace(
                "\"Effect\": \"Allow\",",
                "\"Effect\": \"Deny\",\n      \"Effect\": \"Allow\",",
            ),
        ),
    ];
    let mut text = String::new();
    for (title, policy) in cases {
        let output = check(&policy, &[], &[]);
        text += &format!("### {title}\n{}\n", told(&output));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn what_leaves_nothing_open_is_fine() {
    let fine = |policy: &str| {
        let output = check(policy, &[], &[]);
        assert_eq!(told(&output), "1 document checked, nothing wrong\n= 0\n");
    };
    fine(&with(|_| {}));
    // One statement without a list, other conditions, somebody who is denied it.
    let mut policy: Value = serde_json::from_str(&with(|one| {
        one["Condition"]["IpAddress"] = json!({"aws:SourceIp": "34.199.54.113/32"});
        one["Action"] = json!(["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]);
    }))
    .unwrap();
    policy["Statement"] = policy["Statement"][0].take();
    fine(&policy.to_string());
    let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "*"});
    policy["Statement"] = json!([policy["Statement"].take(), deny]);
    fine(&policy.to_string());
}

#[test]
fn programs_get_the_report_of_check() {
    let output = check(&documented().to_string(), &[], &["--format", "json"]);
    assert_eq!(code(&output), 1);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["findings"][0]["rule"], "trust-policy/subject");
    assert_eq!(report["findings"][0]["pointer"], "/Statement/0/Condition");
    assert_eq!(report["summary"]["errors"], 1);
}

#[test]
fn it_may_be_of_another_workspace() {
    let output = check(
        &with(|_| {}),
        &[],
        &["--workspace", "other", "--workspace-id", REPOSITORY],
    );
    assert_eq!(code(&output), 1);
    assert!(
        said(&output).contains("the provider is that of the workspace `acme`"),
        "{}",
        said(&output)
    );
    let output = check(&with(|_| {}), &[], &["--workspace-id", REPOSITORY]);
    assert!(
        said(&output).contains("the audience is that of another workspace"),
        "{}",
        said(&output)
    );
}
