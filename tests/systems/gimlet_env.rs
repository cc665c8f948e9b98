//! `gimlet env`: the settings of a server, wherever they stand.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;

use crate::run::{code, command, folder, missing, pushgate, said, told};

/// Settings in which nothing is wrong; the key is named by its path.
const GOOD: &str = "\
HOST=https://gimlet.example.com
WEBHOOK_SECRET=0123456789abcdef0123456789abcdef
BITBUCKET_SERVER_ADDRESS=https://bitbucket.example.com
BITBUCKET_SERVER_USER=gimlet
BITBUCKET_SERVER_TOKEN=MDM0MjM5NDc2MDxxOr1fYWxsIGdvb2Q
BITBUCKET_SERVER_CONSUMER_KEY=OauthKey
BITBUCKET_SERVER_CONSUMER_SECRET=fedcba9876543210fedcba9876543210
BITBUCKET_SERVER_PRIVATE_KEY=./bitbucket.pem
";

/// The good settings with one line in place of another of the same variable; without, where it is empty.
fn with(name: &str, line: &str) -> String {
    let changed = GOOD
        .lines()
        .map(|old| match old.starts_with(&format!("{name}=")) {
            true => line,
            false => old,
        });
    let lines: Vec<&str> = changed.filter(|line| !line.is_empty()).collect();
    lines.join("\n") + "\n"
}

/// A folder with a key of so many bits in it.
pub fn with_key(bits: &str) -> Option<TempDir> {
    let folder = folder(&[]);
    openssl(
        folder.path(),
        &["genrsa", "-traditional", "-out", "bitbucket.pem", bits],
    )?;
    Some(folder)
}

fn openssl(folder: &Path, arguments: &[&str]) -> Option<()> {
    let Ok(output) = command("openssl", folder).args(arguments).output() else {
        missing("openssl is not installed");
        return None;
    };
    assert!(output.status.success(), "{}", said(&output));
    Some(())
}

pub fn check(folder: &Path, name: &str, text: &str) -> Output {
    fs::write(folder.join(name), text).unwrap();
    pushgate(folder, &[], &["gimlet", "env", "--file", name])
}

fn findings(folder: &Path, name: &str, text: &str) -> Vec<Value> {
    fs::write(folder.join(name), text).unwrap();
    let output = pushgate(
        folder,
        &[],
        &["gimlet", "env", "--file", name, "--format", "json"],
    );
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap().clone();
    let is_error = findings
        .iter()
        .any(|finding| finding["severity"] == "error");
    assert_eq!(code(&output), i32::from(is_error));
    findings
}

#[test]
fn good_settings_are_good_wherever_they_stand() {
    let Some(folder) = with_key("2048") else {
        return;
    };
    let fine =
        |output: Output| assert_eq!(told(&output), "1 document checked, nothing wrong\n= 0\n");
    fine(check(folder.path(), ".env", GOOD));
    let variables: Vec<(&str, &str)> = GOOD
        .lines()
        .filter_map(|line| line.split_once('='))
        .collect();
    fine(pushgate(folder.path(), &variables, &["gimlet", "env"]));
    // The key's text is as good as its path.
    let key = fs::read_to_string(folder.path().join("bitbucket.pem")).unwrap();
    let text = with(
        "BITBUCKET_SERVER_PRIVATE_KEY",
        &format!("export BITBUCKET_SERVER_PRIVATE_KEY=\"{key}\""),
    );
    fine(check(folder.path(), "gimlet.env", &text));
    let escaped = key.replace('\n', "\\n");
    let text = with(
        "BITBUCKET_SERVER_PRIVATE_KEY",
        &format!("BITBUCKET_SERVER_PRIVATE_KEY=\"{escaped}\""),
    );
    fine(check(folder.path(), "gimlet.env", &text));
}

#[test]
fn each_mistake_in_a_dotenv_file_is_told_with_its_place_and_remedy() {
    let Some(folder) = with_key("2048") else {
        return;
    };
    let cases = [
        ("HOST", ""),
        ("HOST", "HOST=gimlet.example.com"),
        ("HOST", "HOST=http://gimlet.mycompany.com"),
        ("HOST", "HOST=https://gimlet.example.com/"),
        ("HOST", "HOST=http://localhost:8080"),
        ("HOST", "HOST=http://gimlet.example.com"),
        ("HOST", "HOST=https://bitbucket.example.com"),
        ("HOST", "HOTS=https://gimlet.example.com"),
        ("WEBHOOK_SECRET", "WEBHOOK_SECRET="),
        ("WEBHOOK_SECRET", "WEBHOOK_SECRET=hunter2"),
        ("WEBHOOK_SECRET", "WEBHOOK_SECRET='openssl rand -hex 16'"),
        (
            "WEBHOOK_SECRET",
            "WEBHOOK_SECRET=fedcba9876543210fedcba9876543210",
        ),
        (
            "BITBUCKET_SERVER_ADDRESS",
            "BITBUCKET_SERVER_ADDRESS=https://bitbucket.org/acme",
        ),
        (
            "BITBUCKET_SERVER_ADDRESS",
            "BITBUCKET_SERVER_ADDRESS=https://bitbucket.example.com/rest/api/1.0",
        ),
        (
            "BITBUCKET_SERVER_ADDRESS",
            "BITBUCKET_SERVER_ADDRESS=https://ada:hunter2@bitbucket.example.com",
        ),
        (
            "BITBUCKET_SERVER_ADDRESS",
            "BITBUCKET_SERVER_ADDRESS=http://bitbucket.example.com",
        ),
        (
            "BITBUCKET_SERVER_ADDRESS",
            "BITBUCKET_SERVER_ADRESS=https://bitbucket.example.com",
        ),
        ("BITBUCKET_SERVER_TOKEN", "BITBUCKET_SERVER_TOKEN=xxxx"),
        (
            "BITBUCKET_SERVER_TOKEN",
            "BITBUCKET_SERVER_TOKEN='Bearer MDM0MjM5NDc2MDxxOr1f'",
        ),
        ("BITBUCKET_SERVER_CONSUMER_KEY", ""),
        (
            "BITBUCKET_SERVER_CONSUMER_KEY",
            "BITBUCKET_SERVER_CONSUMER_KEY=OAuthKey",
        ),
        (
            "BITBUCKET_SERVER_CONSUMER_SECRET",
            "BITBUCKET_SERVER_CONSUMER_SECRET=\"-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----\"",
        ),
        (
            "BITBUCKET_SERVER_CONSUMER_SECRET",
            "BITBUCKET_SERVER_CONSUMER_SECRET=fedcba9876543210fedcba9876543210\nBITBUCKET_SERVER_CONSUMER_SECRET=\"-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----\"",
        ),
        (
            "BITBUCKET_SERVER_PRIVATE_KEY",
            "BITBUCKET_SERVER_PRIVATE_KEY=/var/lib/gimlet/bitbucket/bitbucket.pem",
        ),
        (
            "BITBUCKET_SERVER_PRIVATE_KEY",
            "BITBUCKET_SERVER_PRIVATE_KEY=-----BEGIN RSA PRIVATE KEY-----\nMIIBhunter2\nMIIChunter2\n-----END RSA PRIVATE KEY-----",
        ),
        (
            "BITBUCKET_SERVER_PRIVATE_KEY",
            "BITBUCKET_SERVER_PRIVATE_KEY='-----BEGIN RSA PRIVATE KEY-----\\nMIIBhunter2\\n-----END RSA PRIVATE KEY-----'",
        ),
        (
            "BITBUCKET_SERVER_USER",
            "BITBUCKET_SERVER_USER=gimlet\nBITBUCKET_SERVER_SKIP_VERIFY=true",
        ),
        (
            "BITBUCKET_SERVER_ADDRESS",
            "BITBUCKET_SERVER_ADDRESS=http://bitbucket.example.com\nBITBUCKET_SERVER_SKIP_VERIFY=true",
        ),
        (
            "BITBUCKET_SERVER_USER",
            "BITBUCKET_SERVER_USER=gimlet\nBITBUCKET_SERVER_SKIP_VERIFY=yes",
        ),
        (
            "BITBUCKET_SERVER_USER",
            "BITBUCKET_SERVER_USER='gimlet '\nSOMETHING hunter2\nOTHER=\"hunter2",
        ),
    ];
    let mut text = String::new();
    for (name, line) in cases {
        let shown = if line.is_empty() {
            "(nothing)"
        } else {
            line.lines().next().unwrap()
        };
        let output = check(folder.path(), ".env", &with(name, line));
        text += &format!(
            "### {name}: {}\n{}\n",
            shown
                .replace("hunter2", "…")
                .replace("MDM0MjM5NDc2MDxxOr1f", "…"),
            told(&output)
        );
    }
    assert!(
        !text.contains("hunter2") && !text.contains("MDM0"),
        "{text}"
    );
    insta::assert_snapshot!(text);
}

#[test]
fn the_form_of_the_key_is_looked_at() {
    let Some(folder) = with_key("1024") else {
        return;
    };
    let here = folder.path();
    let run = |arguments: &[&str]| openssl(here, arguments);
    run(&[
        "rsa",
        "-in",
        "bitbucket.pem",
        "-pubout",
        "-out",
        "public.pem",
    ]);
    run(&[
        "pkcs8",
        "-topk8",
        "-nocrypt",
        "-in",
        "bitbucket.pem",
        "-out",
        "pkcs8.pem",
    ]);
    run(&[
        "rsa",
        "-traditional",
        "-aes128",
        "-passout",
        "pass:hunter2",
        "-in",
        "bitbucket.pem",
        "-out",
        "locked.pem",
    ]);
    run(&[
        "ecparam",
        "-name",
        "prime256v1",
        "-genkey",
        "-noout",
        "-out",
        "ec.pem",
    ]);
    let key = fs::read_to_string(here.join("bitbucket.pem")).unwrap();
    fs::write(here.join("cut.pem"), &key[..200]).unwrap();
    fs::write(here.join("escaped.pem"), key.replace('\n', "\\n")).unwrap();
    fs::write(here.join("line.pem"), key.replace('\n', " ")).unwrap();
    fs::write(here.join("twice.pem"), format!("{key}{key}")).unwrap();
    fs::write(here.join("damaged.pem"), key.replace("MII", "MIJ")).unwrap();
    fs::write(here.join("empty.pem"), "").unwrap();
    let mut text = String::new();
    for name in [
        "bitbucket",
        "public",
        "pkcs8",
        "locked",
        "ec",
        "cut",
        "line",
        "twice",
        "damaged",
        "empty",
        "escaped",
        "absent",
    ] {
        let line = format!("BITBUCKET_SERVER_PRIVATE_KEY={name}.pem");
        for finding in findings(here, ".env", &with("BITBUCKET_SERVER_PRIVATE_KEY", &line)) {
            let word = |key: &str| finding[key].as_str().unwrap().to_owned();
            text += &format!(
                "{}: {}\n  help: {}\n",
                word("severity"),
                word("message"),
                word("help")
            );
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn the_environment_is_shown_line_by_line_without_its_secrets() {
    let folder = folder(&[]);
    let variables = [
        ("HOST", "https://ada:hunter2@gimlet.example.com"),
        ("WEBHOOK_SECRET", "hunter2"),
        ("BITBUCKET_SERVER_ADRESS", "hunter2"),
        ("BITBUCKET_SERVER_TOKEN", " hunter2hunter2"),
        ("BITBUCKET_SERVER_PRIVATE_KEY", "hunter2"),
    ];
    let output = pushgate(folder.path(), &variables, &["gimlet", "env"]);
    let text = told(&output);
    assert!(!text.contains("hunter2"), "{text}");
    insta::assert_snapshot!(text);
    let json = pushgate(
        folder.path(),
        &variables,
        &["gimlet", "env", "--format", "json"],
    );
    assert!(!said(&json).contains("hunter2"));
    let report: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(report["summary"]["documents"], 1);
    assert_eq!(report["findings"][0]["path"], "environment");
}

#[test]
fn wrong_use_is_told() {
    let folder = folder(&[("dir/x", "")]);
    fs::write(folder.path().join("binary"), b"\xff\xfe\0").unwrap();
    let run = |arguments: &[&str]| {
        let all = [&["gimlet", "env"][..], arguments].concat();
        let output = pushgate(folder.path(), &[], &all);
        assert_eq!(code(&output), 2);
        told(&output)
    };
    insta::assert_snapshot!(
        [
            run(&["--file", "none.env"]),
            run(&["--file", "dir"]),
            run(&["--file", "binary"]),
            run(&["--form", "dotenv"]),
        ]
        .concat()
    );
    let list = pushgate(folder.path(), &[], &["gimlet", "env", "--list"]);
    insta::assert_snapshot!("list", told(&list));
}
