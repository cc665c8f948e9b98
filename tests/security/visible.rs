//! Text of whoever pushes reaches nobody's terminal, log or browser as anything but text.

use std::fs;
use std::path::Path;

use serde_json::Value;
use standin::{BitbucketStandIn, PortStandIn};

use crate::server::{Clone, PUSHGATE, Push, Server, command, text};

/// A cursor that moves, C1's own escape, text from right to left, a character of no width.
const NASTY: &str = "x\u{1b}[2J\u{9b}31m\u{202e}y\u{200b}z\u{7f}";

/// Git lets no more of it into the name of a branch.
const BRANCH: &str = "b\u{9b}31m\u{202e}y\u{200b}z";

const CONFIG: &str = "port: { files: ['**/*.yaml'] }\ndelivery: { after_push: none }\n";

/// Line breaks are what reports are made of; all else that moves or hides is written as an escape.
fn is_plain(text: &str) -> bool {
    text.chars()
        .all(|c| c == '\n' || !pushgate::visible::is_hidden(c))
}

fn assert_plain(what: &str, text: &str) {
    assert!(is_plain(text), "{what}: {text:?}");
    assert!(!text.is_empty(), "{what} says nothing");
}

/// What any terminal takes for a command.
fn is_escape(c: char) -> bool {
    c < ' ' && c != '\n'
}

/// Every file below a folder, as far as it is text.
fn texts_below(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(texts_below(&path));
        } else if let Ok(text) = fs::read_to_string(&path) {
            found.push((path.display().to_string(), text));
        }
    }
    found
}

fn document(keys: &str) -> String {
    // YAML takes none of these raw but the last two; escaped it takes them all.
    let escaped = "x\\x1b[2J\\x9b31m\u{202e}y\u{200b}z\\x7f";
    format!("identifier: \"{escaped}\"\n\"ti\\x1btel\": \"{escaped}\"\nblueprint: service\n{keys}")
}

fn hostile_author(clone: &Clone<'_>) {
    let name = format!("Ada{NASTY}");
    clone.git(&["add", "--all"]);
    let author = format!("user.name={name}");
    let message = format!("m {NASTY}");
    clone.git(&[
        "-c",
        &author,
        "commit",
        "-q",
        "--author",
        &format!("{name} <a@b>"),
        "-m",
        &message,
    ]);
}

fn pushed(server: &Server, content: &str) -> Push {
    let clone = server.clone();
    clone.write(&format!("{NASTY}.yaml"), content);
    hostile_author(&clone);
    clone.push(&["HEAD:main", &format!("HEAD:refs/heads/{BRANCH}")])
}

#[test]
fn a_push_is_told_of_in_plain_text() {
    let server = Server::new().config(CONFIG).with("BB_USER_NAME", NASTY);
    let push = pushed(&server, &document("titel: x\n"));
    assert!(!push.accepted, "{}", push.raw);
    assert_plain("the pusher", &push.said);
    assert!(push.said.contains("\\u{1b}[2J"), "{}", push.said);
    // Where an operator lets somebody through, that is written down.
    let config = "port: { files: ['**/*.yaml'] }\ngate: { enforcement: warn }\n";
    let server = Server::new().config(config).with("BB_USER_NAME", NASTY);
    fs::create_dir(server.state()).unwrap();
    let push = pushed(&server, &document("titel: x\n"));
    assert!(push.accepted, "{}", push.raw);
    assert_plain("the pusher", &push.said);
    let files = texts_below(&server.state());
    assert!(!files.is_empty());
    for (name, text) in files {
        // A record is JSON, which has its own escapes for the rest.
        assert!(!text.contains(is_escape), "{name}: {text:?}");
    }
}

#[test]
fn every_report_of_check_is_plain_text() {
    let server = Server::new().config(CONFIG);
    let clone = server.clone();
    clone.write(&format!("{NASTY}.yaml"), document("titel: x\n"));
    let check = |format: &str| {
        let output = command(PUSHGATE, server.folder())
            .current_dir(&clone.path)
            .env("PUSHGATE_CONFIG", server.folder().join("config.yaml"))
            .args(["check", "--format", format])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    for format in ["human", "junit", "github"] {
        assert_plain(format, &check(format));
    }
    // A path is data to a program: JSON escapes what is a control character to it.
    for format in ["json", "sarif", "gitlab"] {
        let report = check(format);
        assert!(!report.contains(is_escape), "{format}: {report:?}");
        serde_json::from_str::<Value>(&report).unwrap();
    }
}

#[test]
fn code_insights_get_plain_text() {
    let server = Server::new().config(CONFIG);
    let clone = server.clone();
    clone.write(&format!("{NASTY}.yaml"), document("titel: x\n"));
    hostile_author(&clone);
    let commit = clone.git(&["rev-parse", "HEAD"]).trim().to_owned();
    let bitbucket = BitbucketStandIn::start().unwrap();
    bitbucket.mirror("PRJ/hello", &clone.path.join(".git"));
    let output = command(PUSHGATE, server.folder())
        .current_dir(&clone.path)
        .env("PUSHGATE_CONFIG", server.folder().join("config.yaml"))
        .env("BITBUCKET_SERVER_ADDRESS", bitbucket.url())
        .env("BITBUCKET_SERVER_TOKEN", bitbucket.token())
        .args([
            "check",
            "--report",
            "bitbucket",
            "--repository",
            "PRJ/hello",
        ])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let reports = bitbucket.reports("PRJ/hello", &commit);
    let annotations = &reports["pushgate-check"].annotations;
    assert!(!annotations.is_empty());
    let messages: Vec<&str> = annotations
        .iter()
        .map(|annotation| annotation["message"].as_str().unwrap())
        .collect();
    for message in &messages {
        assert_plain("a message", message);
    }
    let key = messages.iter().any(|message| message.contains("\\u{1b}"));
    assert!(key, "the key is not shown: {messages:?}");
}

#[test]
fn what_waits_is_listed_in_plain_text() {
    let port = PortStandIn::start().unwrap();
    let server = Server::new()
        .config(CONFIG)
        .with("PORT_API_URL", "http://127.0.0.1:9")
        .with("PORT_CLIENT_ID", port.client_id())
        .with("PORT_CLIENT_SECRET", port.client_secret());
    let clone = server.clone();
    clone
        .change("README.md", "x\n")
        .push_unchecked(&["HEAD:main"]);
    let before = server.tip("main").unwrap();
    let good = document("").replace("\"ti\\x1btel\"", "title");
    let (_, rest) = good.split_once('\n').unwrap();
    clone.write("port.yaml", format!("identifier: hello\n{rest}"));
    hostile_author(&clone);
    let push = clone.push(&["HEAD:main", &format!("HEAD:refs/heads/{BRANCH}")]);
    assert!(push.accepted, "{}", push.raw);
    assert_plain("the pusher", &push.said);
    for arguments in [
        &["deliver"][..],
        &["outbox", "list"],
        &["plan", "main", "--base", &before],
        &["plan", "main", "--base", &before, "--format", "markdown"],
    ] {
        let output = server.pushgate(arguments, "");
        let said = text(&output.stdout) + &text(&output.stderr);
        assert_plain(&arguments.join(" "), &said);
        if arguments[0] == "plan" {
            assert!(
                said.contains("\\u001b[2J"),
                "the title is not shown: {said}"
            );
        }
    }
    let listed = server.pushgate(&["outbox", "list", "--format", "json"], "");
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert!(listed[0].is_object(), "nothing waits: {listed}");
    for delivery in listed.as_array().unwrap() {
        let id = delivery["id"].as_str().unwrap();
        for format in ["human", "json"] {
            let output = server.pushgate(&["outbox", "show", id, "--format", format], "");
            let shown = text(&output.stdout);
            assert!(shown.contains(id), "{shown}");
            assert!(!shown.contains(is_escape), "{shown:?}");
        }
    }
}
