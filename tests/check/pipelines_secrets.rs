//! A secret that is written into a file is in no report, whatever the finding is about.

use pushgate::check::Checked;
use pushgate::document::Kind;
use pushgate::report::{Human, Remote, Reported, json};

use crate::rendering::checker;

/// What every report says together.
fn reports(checked: &Checked) -> String {
    let reported = [Reported::from(checked)];
    let mut remote = Remote::new();
    remote.findings(&reported[0]).unwrap();
    [
        Human::plain(200).report(&reported).unwrap(),
        Human::coloured(40).report(&reported).unwrap(),
        remote.finish(),
        json(&reported).unwrap(),
    ]
    .join("\n")
}

#[test]
fn no_report_shows_a_secret() {
    let secret = "q7Rt2kLm9Zx81";
    let token = "glpat-1a2b3c4d5e6f7g8h9i0j";
    for text in [
        // The finding is about the secret.
        "pipelines:\n  default:\n    - step:\n        script:\n          - export NPM_TOKEN=SECRET\n",
        "image: {name: 'a:1', username: $A, password: SECRET}\npipelines: {default: [step: {script: [a]}]}\n",
        "pipelines:\n  default:\n    - step:\n        script:\n          - git clone https://bot:SECRET@git.example.com/a.git\n",
        "pipelines:\n  default:\n    - step:\n        script:\n          - pipe: a/b:1\n            variables: {URL: 'https://bot:SECRET@git.example.com/a.git'}\n",
        "pipelines:\n  default:\n    - step:\n        script: git clone https://bot:SECRET@git.example.com/a.git\n",
        // Or about something else on the line, which quotes it.
        "pipelines:\n  default:\n    - step:\n        script:\n          - echo DUPLO_TOKEN: SECRET\n",
        "pipelines:\n  default:\n    - step:\n        script: export NPM_TOKEN=SECRET\n",
        "pipelines:\n  default:\n    - step:\n        size: TOKEN\n        script: [a]\n",
        "pipelines:\n  default:\n    - step:\n        TOKEN: 1\n        script: [a]\n",
        "pipelines:\n  default:\n    - step:\n        script: [a]\n        caches: [TOKEN]\n",
        "pipelines:\n  default:\n    - step:\n        script:\n          - pipe: a/b:1\n            variables: {DUPLO_TOKEN: SECRET, COUNT: 3}\n",
        "pipelines:\n  default:\n    - step:\n        script:\n          - pipe: a/b:1\n            variables:\n              PASSWORD: 7281994530112\n",
        "pipelines:\n  default:\n    - step:\n        script:\n          - pipe: a/b:1\n            variables:\n              PASSWORD: !SECRET\n",
        "pipelines:\n  default:\n    - step:\n        script:\n          - pipe: a/b:1\n            variables:\n              PASSWORD: |\n                SECRET\n              COUNT: 3\n",
        // Or in the neighbourhood of a finding.
        "pipelines:\n  default:\n    - step:\n        script:\n          - export NPM_TOKEN=SECRET\n        scirpt: [a]\n",
        "# TOKEN\npipelines: {}\n",
        // Or the file can't be read at all.
        "pipelines:\n  default: [\n    DUPLO_TOKEN: SECRET\n    TOKEN\n",
        "DUPLO_TOKEN: SECRET\n\tpipelines: {}\n",
        "DUPLO_TOKEN: \"SECRET\npipelines: {}\n",
        "DUPLO_TOKEN: \"first-line\n  SECRET\"\npipelines: {}\n",
        "DUPLO_TOKEN: SECRET\u{7}\npipelines: {}\n",
        "DUPLO_TOKEN: SECRET\nDUPLO_TOKEN: SECRET\npipelines: {}\n",
    ] {
        let text = text.replace("DUPLO_TOKEN", "@@").replace("NPM_TOKEN", "@1");
        let text = text.replace("TOKEN", token).replace("SECRET", secret);
        let text = text.replace("@@", "DUPLO_TOKEN").replace("@1", "NPM_TOKEN");
        let checked = checker().check(&Kind::Pipelines, "bitbucket-pipelines.yml", text.as_bytes());
        assert!(!checked.findings.is_empty(), "{text}");
        let said = reports(&checked);
        for shown in [secret, token, "7281994530112"] {
            assert!(!said.contains(shown), "{text}\n{said}");
        }
        let fixes = checked
            .findings
            .iter()
            .filter_map(|finding| finding.fix.as_ref());
        for edit in fixes.flat_map(|fix| &fix.edits) {
            assert!(
                !edit.text.contains(secret) && !edit.text.contains(token),
                "{text}"
            );
        }
    }
}

#[test]
fn places_stay_what_they_are_beside_a_secret() {
    let text = "pipelines:\n  default:\n    - step:\n        script:\n          - pipe: a/b:1\n            variables: {PASSWORD: 'paßwörter-1', COUNT: 3}\n";
    let checked = checker().check(&Kind::Pipelines, "bitbucket-pipelines.yml", text.as_bytes());
    let said = Human::plain(200)
        .report(&[Reported::from(&checked)])
        .unwrap();
    assert!(
        said.contains("bitbucket-pipelines.yml:6:57: error[pipelines/type]"),
        "{said}"
    );
    assert!(said.contains("╭─[bitbucket-pipelines.yml:6:57]"), "{said}");
    assert!(!said.contains("wörter"), "{said}");
}

#[test]
fn what_stands_in_for_a_key_of_aws_refuses_no_push() {
    let real = "wJalrXUtnFEMIxK7MDENGxbPxRfiCYzKeyOfFour";
    assert_eq!(real.len(), 40);
    let step = |item: &str| format!("pipelines:\n  default:\n    - step:\n        script:\n{item}");
    let (error, warning) = ("pipelines/secret", "pipelines/literal-password");
    for (item, of_a_test) in [
        ("          - export AWS_SECRET_ACCESS_KEY=@\n", warning),
        (
            "          - pipe: a/b:1.0\n            variables: {AWS_SECRET_ACCESS_KEY: '@'}\n",
            warning,
        ),
        (
            "          - pipe: a/b:1.0\n            variables: {DUPLO_TOKEN: '@'}\n",
            error,
        ),
    ] {
        for (key, rule) in [
            (real, error),
            ("test", of_a_test),
            ("minio-secret", of_a_test),
        ] {
            let text = step(item).replace('@', key);
            let checked =
                checker().check(&Kind::Pipelines, "bitbucket-pipelines.yml", text.as_bytes());
            let rules: Vec<_> = checked.findings.iter().map(|f| f.rule.as_str()).collect();
            assert_eq!(rules, [rule], "{text}");
        }
    }
}
