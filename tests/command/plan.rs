//! `pushgate plan`: in a work tree, in a bare repository, and against Port itself.

use std::fmt::Write;
use std::process::Output;

use serde_json::Value;
use standin::Command;

use crate::server::{Clone, PUSHGATE, Server, command, succeed, text};

const BEFORE: &str = "\
- { identifier: stays, title: Stays, blueprint: service }
- { identifier: goes, title: Goes, blueprint: service }
- { identifier: base, title: Base, blueprint: system }
- identifier: changes
  title: Before
  icon: Go
  blueprint: service
  properties: { tier: 1, language: Rust, readme: file://README.md }
  relations: { system: base, uses: [stays] }
";

const AFTER: &str = "\
- { identifier: stays, title: Stays, blueprint: service }
- identifier: new
  title: \"\\e[31mred\\e[0m ```\\n| <b>@all</b>\"
  blueprint: service
  properties: { long: \"the first words of many, the next words of many, the last words of many\" }
- identifier: changes
  title: After
  blueprint: service
  properties: { tier: 2, owner: null, readme: file://MISSING.md }
  relations: { system: base, uses: [stays, new] }
- blueprint: service
  identifier: { combinator: and, rules: [{ property: repo, operator: '=', value: hello }] }
  properties: { tier: 3 }
";

/// A server whose `main` has the state before, and a clone that knows it as the default branch.
pub fn start(server: &Server) -> Clone<'_> {
    let clone = server.clone();
    clone.write("README.md", "# Hello\n");
    clone.change("port.yaml", BEFORE).push(&["main"]);
    clone.git(&["remote", "set-head", "origin", "main"]);
    clone
}

pub fn pushgate(clone: &Clone<'_>) -> Command {
    let mut pushgate = command(PUSHGATE, clone.path.parent().unwrap());
    pushgate.current_dir(&clone.path).arg("plan");
    pushgate
}

fn plan(clone: &Clone<'_>, arguments: &[&str]) -> Output {
    pushgate(clone).args(arguments).output().unwrap()
}

pub fn json_of(output: &Output) -> Value {
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// `new service/x` of every entity.
pub fn changes(output: &Output) -> Vec<String> {
    let plan = json_of(output);
    let entities = plan["entities"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    let one = |entity: &Value| {
        let identifier = text(&entity["identifier"]);
        format!(
            "{} {}/{identifier}",
            text(&entity["change"]),
            text(&entity["blueprint"])
        )
    };
    entities.iter().map(one).collect()
}

macro_rules! assert_shown {
    ($name:literal, $text:expr) => {
        insta::with_settings!({
            filters => vec![
                (r"\b[0-9a-f]{40}\b", "[id]"),
                (r"\b[0-9a-f]{10}\b", "[short id]"),
                (r"[0-9a-f]{10} compared", "[short id] compared"),
            ]
        }, { insta::assert_snapshot!($name, $text); });
    };
}
pub(crate) use assert_shown;

#[test]
fn every_format_tells_what_a_branch_changes() {
    let server = Server::new();
    let clone = start(&server);
    clone.git(&["checkout", "-q", "-b", "feature"]);
    clone.change("port.yaml", AFTER);
    let human = plan(&clone, &[]);
    assert_eq!(human.status.code(), Some(0), "{}", text(&human.stderr));
    assert_shown!("plan_human", text(&human.stdout));
    let coloured = plan(&clone, &["--color", "always"]);
    assert_shown!(
        "plan_coloured",
        text(&coloured.stdout).replace('\u{1b}', "␛")
    );
    assert_shown!(
        "plan_json",
        text(&plan(&clone, &["--format", "json"]).stdout)
    );
    assert_shown!(
        "plan_markdown",
        text(&plan(&clone, &["--format", "markdown"]).stdout)
    );
    // It is the same from a folder below, and nothing of the work tree counts.
    clone.write("port.yaml", "broken: [").write("below/x", "");
    let mut below = pushgate(&clone);
    below.current_dir(clone.path.join("below"));
    assert_eq!(below.output().unwrap().stdout, human.stdout);
}

#[test]
fn what_main_has_got_since_is_not_deleted_by_a_branch_that_lacks_it() {
    let server = Server::new();
    let clone = start(&server);
    clone.git(&["checkout", "-q", "-b", "feature"]);
    clone.change(
        "port.yaml",
        format!("{BEFORE}- {{ identifier: mine, title: Mine, blueprint: service }}\n"),
    );
    clone.git(&["checkout", "-q", "main"]);
    let theirs = format!("{BEFORE}- {{ identifier: theirs, title: Theirs, blueprint: service }}\n");
    clone.change("port.yaml", theirs).push(&["main"]);
    for arguments in [&["feature"][..], &["--base", "origin/main", "feature"]] {
        let output = plan(&clone, &[arguments, &["--format", "json"]].concat());
        assert_eq!(changes(&output), ["new service/mine"], "{arguments:?}");
    }
    // On the default branch itself, Port has what was pushed.
    assert_eq!(changes(&plan(&clone, &["--format", "json"])), [""; 0]);
    let output = plan(&clone, &["--format", "json", "--base", "HEAD~1"]);
    assert_eq!(changes(&output), ["new service/theirs"]);
    assert_shown!("plan_nothing", text(&plan(&clone, &[]).stdout));
}

#[test]
fn without_a_remote_the_last_commit_is_what_changes() {
    let server = Server::new();
    let clone = server.clone();
    clone.change("port.yaml", BEFORE);
    let first = plan(&clone, &["--format", "json"]);
    assert_eq!(json_of(&first)["against"], Value::Null);
    assert_eq!(changes(&first).len(), 4);
    clone.write("README.md", "# Hello\n");
    clone.change("port.yaml", AFTER);
    let mut second = plan(&clone, &["--format", "json"]);
    assert!(changes(&second).contains(&"deleted service/goes".to_owned()));
    // The branch that is configured says more than the parent does.
    clone.write(
        ".pushgate.yaml",
        "port: { branch: stable, delete: false }\n",
    );
    clone.git(&["branch", "stable", "HEAD~1"]);
    clone.commit();
    second = plan(&clone, &["--format", "json"]);
    assert!(changes(&second).contains(&"kept service/goes".to_owned()));
    assert_shown!("plan_kept", text(&plan(&clone, &[]).stdout));
}

#[test]
fn in_a_bare_repository_the_branch_that_port_has_is_the_base() {
    let server = Server::new();
    let clone = start(&server);
    clone.git(&["checkout", "-q", "-b", "feature"]);
    clone
        .change("port.yaml", AFTER)
        .push_unchecked(&["feature"]);
    let output = server.pushgate(&["plan", "feature", "--format", "json"], "");
    assert_eq!(
        changes(&output),
        changes(&plan(&clone, &["--format", "json"]))
    );
    let output = server.pushgate(&["plan", "--format", "json"], "");
    assert_eq!(changes(&output), [""; 0]);
}

#[test]
fn many_deletions_are_said_to_wait() {
    let server = Server::new();
    let clone = server.clone();
    let mut many = String::new();
    for number in 0..12 {
        writeln!(
            many,
            "- {{ identifier: e{number}, title: E, blueprint: service }}"
        )
        .unwrap();
    }
    clone.change("port.yaml", &many);
    clone.change(
        "port.yaml",
        &many[..many.find("- { identifier: e1,").unwrap()],
    );
    let output = plan(&clone, &[]);
    let said = text(&output.stdout);
    assert!(
        said.contains(
            "11 of 12 entities would be deleted: that waits for `pushgate outbox approve`"
        ),
        "{said}"
    );
    assert_eq!(
        json_of(&plan(&clone, &["--format", "json"]))["summary"]["needs_approval"],
        true
    );
}

#[test]
fn a_comment_has_a_limit_and_counts_what_it_leaves_out() {
    let server = Server::new();
    let clone = server.clone();
    let mut many = String::new();
    for number in 0..2000 {
        writeln!(
            many,
            "- {{ identifier: e{number}, title: '{}', blueprint: service }}",
            "x".repeat(99)
        )
        .unwrap();
    }
    clone.change("port.yaml", &many);
    let output = plan(&clone, &["--format", "markdown"]);
    let said = text(&output.stdout);
    assert!(said.len() < 32_000, "{}", said.len());
    let shown = said
        .lines()
        .filter(|line| line.starts_with("+ service/"))
        .count();
    let left_out = format!(
        "\n{} more not shown: `pushgate plan` shows all of them\n",
        2000 - shown
    );
    assert!(shown > 100 && said.contains(&left_out), "{shown}");
}

#[test]
fn a_state_that_cannot_be_told_is_said_with_file_and_reason() {
    let server = Server::new();
    let clone = start(&server);
    clone.change("port.yaml", "- identifier: [\n");
    let mut said = String::new();
    for format in ["human", "json", "markdown"] {
        let output = plan(&clone, &["--format", format]);
        assert_eq!(output.status.code(), Some(1));
        write!(
            said,
            "$ pushgate plan --format {format}\n{}",
            text(&output.stdout)
        )
        .unwrap();
        said.push_str(&text(&output.stderr));
    }
    // Neither is it known what changes where the state before can't be told.
    clone.change("port.yaml", AFTER);
    let output = plan(&clone, &["--base", "HEAD~1"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("port.yaml: it is"));
    assert_shown!("plan_undetermined", said);
}

#[test]
fn before_the_first_commit_and_outside_of_a_repository_the_next_step_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let plan = || {
        let output = command(PUSHGATE, folder.path())
            .current_dir(folder.path())
            .arg("plan")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        text(&output.stderr)
    };
    let said = plan();
    assert!(
        said.contains("neither this folder nor one above it is a git repository"),
        "{said}"
    );
    succeed(
        command("git", folder.path())
            .current_dir(folder.path())
            .args(["init", "-q"]),
    );
    let said = plan();
    assert!(said.contains("the branch here has no commit yet"), "{said}");
    assert!(said.contains("help: commit the documents first"), "{said}");
}

#[test]
fn names_that_lead_nowhere_are_explained() {
    let server = Server::new();
    let clone = start(&server);
    clone.change("port.yaml", AFTER).push(&["main"]);
    let mut said = String::new();
    for arguments in [
        &["nowhere"][..],
        &["--base", "nowhere"],
        &["--", "--all"],
        &["--live"],
    ] {
        let output = plan(&clone, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let arguments = arguments.join(" ");
        write!(
            said,
            "$ pushgate plan {arguments}\n{}",
            text(&output.stderr)
        )
        .unwrap();
    }
    let shallow = server.folder().join("shallow");
    let origin = format!("file://{}", server.bare().display());
    let mut git = server.command("git");
    git.current_dir(server.folder());
    succeed(git.args(["clone", "-q", "--depth=1", &origin, "shallow"]));
    succeed(
        server
            .command("git")
            .current_dir(&shallow)
            .args(["remote", "set-head", "origin", "--delete"]),
    );
    let mut pushgate = command(PUSHGATE, server.folder());
    let output = pushgate.current_dir(&shallow).arg("plan").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    write!(said, "# in a shallow clone\n{}", text(&output.stderr)).unwrap();
    assert_shown!("plan_wrong_use", said);
}
