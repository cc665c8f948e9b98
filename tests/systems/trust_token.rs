//! `pipelines trust-policy --check --token`: a policy held against the token of a real step.

use std::path::Path;

use serde_json::{Value, json};

use crate::run::{code, command, folder, missing, said, told};
use crate::trust_policy::{PROVIDER, REPOSITORY, WORKSPACE, check, with, write};

/// A token whose signature nobody looks at.
fn token(subject: &str) -> String {
    let claims = json!({
        "iss": format!("https://{PROVIDER}"),
        "aud": format!("ari:cloud:bitbucket::workspace/{WORKSPACE}"),
        "sub": subject,
    });
    let encode = |value: &Value| {
        let output = feed_base64(&value.to_string())?;
        Some(
            output
                .replace('+', "-")
                .replace('/', "_")
                .replace(['=', '\n'], ""),
        )
    };
    let (Some(head), Some(body)) = (encode(&json!({"alg": "RS256"})), encode(&claims)) else {
        return String::new();
    };
    format!("{head}.{body}.c2lnbmF0dXJl")
}

fn feed_base64(text: &str) -> Option<String> {
    let folder = folder(&[("text", text)]);
    let output = command("base64", folder.path()).arg("text").output().ok()?;
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn a_real_token_is_compared_and_never_shown() {
    let ours = token(&format!("{{{REPOSITORY}}}:{{step}}"));
    let theirs = token("{00000000-3b7d-4bad-9bdd-2b0d7b3dcb6d}:{step}");
    if ours.is_empty() {
        return missing("base64 is not installed");
    }
    let run = |policy: &str, token: &str| {
        check(
            policy,
            &[("BITBUCKET_STEP_OIDC_TOKEN", token)],
            &["--token"],
        )
    };
    let fine = run(&with(|_| {}), &ours);
    assert_eq!(told(&fine), "1 document checked, nothing wrong\n= 0\n");
    let refused = run(&with(|_| {}), &theirs);
    let text = told(&refused);
    assert!(!text.contains(&theirs) && !text.contains(theirs.split('.').nth(1).unwrap()));
    insta::assert_snapshot!(text);
    let none = check(&with(|_| {}), &[], &["--token"]);
    assert_eq!(code(&none), 2);
    let odd = run(&with(|_| {}), "hunter2");
    assert_eq!(code(&odd), 2);
    assert!(!said(&odd).contains("hunter2"));
    // The command that the output names prints the claims.
    let note = said(&write(&[]));
    let line = note
        .lines()
        .find(|line| line.trim_start().starts_with("echo "))
        .unwrap();
    let output = command("sh", Path::new("/"))
        .args(["-c", line])
        .env("BITBUCKET_STEP_OIDC_TOKEN", &ours)
        .output()
        .unwrap();
    assert!(
        said(&output).contains(&format!("{{{REPOSITORY}}}:{{step}}")),
        "{}",
        said(&output)
    );
}

#[test]
fn what_is_denied_to_a_token_is_told() {
    let ours = token(&format!("{{{REPOSITORY}}}:{{step}}"));
    if ours.is_empty() {
        return missing("base64 is not installed");
    }
    let run = |deny: Value| {
        let mut policy: Value = serde_json::from_str(&with(|_| {})).unwrap();
        let allow = policy["Statement"][0].take();
        policy["Statement"] = json!([allow, deny]);
        check(
            &policy.to_string(),
            &[("BITBUCKET_STEP_OIDC_TOKEN", &ours)],
            &["--token"],
        )
    };
    let deny = |principal: Value, action: &str, operator: &str, claim: &str, value: &str| {
        run(json!({
            "Effect": "Deny",
            "Principal": principal,
            "Action": action,
            "Condition": { operator: { claim: value } },
        }))
    };
    let provider =
        json!({"Federated": format!("arn:aws:iam::123456789012:oidc-provider/{PROVIDER}")});
    let (sub, all) = (format!("{PROVIDER}:sub"), json!("*"));
    let own = format!("{{{REPOSITORY}}}:*");
    let everybody = run(json!({"Effect": "Deny", "Principal": "*", "Action": "*"}));
    insta::assert_snapshot!(told(&everybody));
    for (denied, output) in [
        (
            true,
            deny(
                provider.clone(),
                "sts:AssumeRole*",
                "StringLike",
                &sub,
                &own,
            ),
        ),
        (
            true,
            deny(json!({"AWS": "*"}), "*", "StringLike", &sub, &own),
        ),
        (
            true,
            deny(all.clone(), "sts:*", "StringNotLike", &sub, "{other}:*"),
        ),
        (
            true,
            run(json!({"Effect": "Deny", "Principal": "*", "NotAction": "sts:GetCallerIdentity"})),
        ),
        (
            false,
            deny(all.clone(), "sts:*", "StringNotLike", &sub, &own),
        ),
        (
            false,
            deny(all.clone(), "sts:AssumeRole", "StringLike", &sub, &own),
        ),
        (
            false,
            deny(
                json!({"Federated": "accounts.google.com"}),
                "*",
                "StringLike",
                &sub,
                &own,
            ),
        ),
        // Of these no token says anything.
        (
            false,
            deny(all.clone(), "*", "StringLike", "aws:SourceIp", "*"),
        ),
        (
            false,
            deny(
                all.clone(),
                "*",
                "NotIpAddress",
                "aws:SourceIp",
                "34.199.54.113/32",
            ),
        ),
        (
            false,
            deny(all, "*", "ForAnyValue:StringNotEquals", &sub, "{other}:*"),
        ),
        (
            false,
            run(json!({"Effect": "Deny", "Principal": "*", "NotAction": "sts:*"})),
        ),
    ] {
        let text = told(&output);
        assert_eq!(code(&output), i32::from(denied), "{text}");
        assert_eq!(text.contains("is denied here"), denied, "{text}");
    }
}
