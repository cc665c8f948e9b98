//! `pushgate check` on files, folders and standard input.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;
use standin::folder;
use tempfile::TempDir;

use crate::server::{BAD, GOOD, PUSHGATE, command, feed, succeed, text};

pub fn work_tree(files: &[(&str, &str)]) -> TempDir {
    let folder = folder(files);
    succeed(
        command("git", folder.path())
            .arg("init")
            .arg("-q")
            .arg(folder.path()),
    );
    folder
}

pub fn run(folder: &Path, arguments: &[&str]) -> Output {
    command(PUSHGATE, folder)
        .current_dir(folder)
        .arg("check")
        .args(arguments)
        .output()
        .unwrap()
}

pub fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

pub fn paths(output: &Output) -> Vec<String> {
    let report = json(output);
    let findings = report["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|finding| finding["path"].as_str().unwrap().to_owned())
        .collect()
}

/// A pipe is never in a commit, and who reads it may wait for ever.
#[cfg(unix)]
#[test]
fn a_pipe_in_a_documents_place_is_none() {
    let tree = work_tree(&[("port.yaml", GOOD)]);
    let pipe = tree.path().join("bitbucket-pipelines.yml");
    succeed(command("mkfifo", tree.path()).arg(&pipe));
    let output = run(tree.path(), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).starts_with("1 document checked"));
}

#[test]
fn a_clean_work_tree_gets_one_line_and_zero() {
    let tree = work_tree(&[
        ("port.yaml", GOOD),
        ("src/port.yaml", BAD),
        ("README.md", ""),
    ]);
    let output = run(tree.path(), &[]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stdout), "1 document checked, nothing wrong\n");
    let output = run(folder(&[]).path(), &[]);
    assert_eq!(output.status.code(), Some(0));
    let said = text(&output.stdout);
    let (first, help) = said.split_once('\n').unwrap();
    assert_eq!(first, "no documents to check");
    assert!(
        help.starts_with("  help: port.yaml, .gimlet.yaml, "),
        "{said}"
    );
}

#[test]
fn without_paths_the_whole_work_tree_is_meant_wherever_one_stands() {
    let tree = work_tree(&[("port.yaml", BAD), ("src/deep/x", "")]);
    let output = run(&tree.path().join("src/deep"), &["--format", "json"]);
    assert_eq!(paths(&output), ["../../port.yaml"]);
}

#[test]
fn people_get_the_place_the_text_and_the_change() {
    let tree = work_tree(&[
        (
            "port.yaml",
            "- identifier: hello\n  title: Hello\n  blueprint: service\n- identifier: 12\n  titel: Zwölf\n  blueprint: service\n  team: true\n",
        ),
        (".gimlet.yaml", "app: hello\napp: again\nenv: staging\n"),
    ]);
    let output = run(tree.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(text(&output.stdout));
}

#[test]
fn one_document_of_several_is_named_by_its_number() {
    let tree = work_tree(&[(
        "port.yaml",
        "identifier: größe\r\ntitle: A\r\nblueprint: b\r\n---\r\n{identifier: zwölf, titel: B, blueprint: b}\r\n",
    )]);
    insta::assert_snapshot!(text(&run(tree.path(), &[]).stdout));
}

#[test]
fn colours_are_a_choice() {
    let tree = work_tree(&[("port.yaml", BAD)]);
    let escape = |output: Output| text(&output.stdout).contains('\u{1b}');
    assert!(!escape(run(tree.path(), &[])));
    assert!(escape(run(tree.path(), &["--color", "always"])));
    let mut forced = command(PUSHGATE, tree.path());
    forced
        .current_dir(tree.path())
        .arg("check")
        .env("CLICOLOR_FORCE", "1");
    assert!(escape(forced.output().unwrap()));
    forced.env("NO_COLOR", "1");
    assert!(!escape(forced.output().unwrap()));
}

#[test]
fn programs_get_the_object_of_the_contract() {
    let tree = work_tree(&[("port.yaml", BAD)]);
    let output = run(tree.path(), &["--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let report = json(&output);
    let finding = &report["findings"][0];
    for key in [
        "rule",
        "severity",
        "path",
        "line",
        "column",
        "end_line",
        "end_column",
        "pointer",
        "message",
        "help",
        "fixable",
    ] {
        assert!(!finding[key].is_null(), "{key}: {report}");
    }
    assert_eq!(finding["line"], 2);
    assert_eq!(report["summary"]["documents"], 1);
    assert_eq!(
        report["summary"]["errors"],
        report["findings"].as_array().unwrap().len()
    );
    assert_eq!(report["summary"]["warnings"], 0);
}

#[test]
fn folders_honour_gitignore_and_files_given_by_hand_do_not() {
    let config = "port: { files: ['**/port.yaml'] }\n";
    let [inner, built] = ["inner", "built"].map(|name| BAD.replace("hello", name));
    let tree = work_tree(&[
        (".pushgate.yaml", config),
        (".gitignore", "build/\n"),
        ("port.yaml", BAD),
        ("a/b/port.yaml", &inner),
        ("build/port.yaml", &built),
    ]);
    let output = run(tree.path(), &["--format", "json"]);
    assert_eq!(paths(&output), ["a/b/port.yaml", "port.yaml"]);
    let output = run(
        tree.path(),
        &["--format", "json", "build/port.yaml", "./port.yaml"],
    );
    assert_eq!(paths(&output), ["build/port.yaml", "port.yaml"]);
    let output = run(&tree.path().join("a"), &["--format", "json", "."]);
    assert_eq!(paths(&output), ["b/port.yaml"]);
}

#[test]
fn many_files_keep_their_order() {
    let files: Vec<(String, String)> = (0..300)
        .map(|number| {
            let text = BAD.replace("hello", &format!("hello{number}"));
            (format!("d{number:03}/port.yaml"), text)
        })
        .collect();
    let borrowed: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    let tree = work_tree(&borrowed);
    fs::write(
        tree.path().join(".pushgate.yaml"),
        "port: { files: ['**/port.yaml'] }\n",
    )
    .unwrap();
    let found = paths(&run(tree.path(), &["--format", "json"]));
    let wanted: Vec<&String> = files.iter().map(|(path, _)| path).collect();
    assert_eq!(found.iter().collect::<Vec<_>>(), wanted);
}

#[test]
fn standard_input_is_checked_under_a_name() {
    let tree = work_tree(&[]);
    let check = |arguments: &[&str]| {
        let mut pushgate = command(PUSHGATE, tree.path());
        feed(
            pushgate
                .current_dir(tree.path())
                .arg("check")
                .args(arguments),
            BAD,
        )
    };
    let output = check(&["--stdin-filename", "port.yaml", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(paths(&output), ["port.yaml"]);
    let output = check(&["--stdin-filename", "x.txt", "--kind", "port"]);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_kind_makes_documents_of_all_yaml_below_a_folder() {
    let tree = folder(&[("a.yaml", BAD), ("b/c.yml", BAD), ("d.txt", BAD)]);
    let output = run(tree.path(), &["--kind", "port", "--format", "json", "."]);
    assert_eq!(paths(&output), ["a.yaml", "b/c.yml"]);
}

/// Outside of any work tree the folders above a file still tell what it is.
#[test]
fn a_file_named_by_hand_needs_no_work_tree() {
    let tree = folder(&[(".gimlet/staging.yaml", "app: hello\n"), ("port.yaml", BAD)]);
    let output = run(tree.path(), &[".gimlet/staging.yaml", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let rule = &json(&output)["findings"][0]["rule"];
    assert!(rule.as_str().unwrap().starts_with("gimlet/"), "{rule}");
    let inside = tree.path().join(".gimlet");
    let output = run(
        &inside,
        &["staging.yaml", "../port.yaml", "--format", "json"],
    );
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(paths(&output).contains(&"../port.yaml".to_owned()));
}

#[test]
fn wrong_use_is_explained_and_ends_with_two() {
    let tree = work_tree(&[("x.txt", ""), (".pushgate.yaml", "")]);
    let mut said = String::new();
    for arguments in [
        &["missing.yaml"][..],
        &["x.txt"],
        &["--kind", "prot", "x.txt"],
        &["--config", "missing.yaml"],
    ] {
        let output = run(tree.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        said.push_str(&format!("$ pushgate check {}\n", arguments.join(" ")));
        said.push_str(&text(&output.stderr));
    }
    fs::write(
        tree.path().join(".pushgate.yaml"),
        "rules: { port/missing-titel: off }\n",
    )
    .unwrap();
    let output = run(tree.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    said.push_str("# rules: { port/missing-titel: off }\n");
    said.push_str(&text(&output.stderr));
    fs::write(
        tree.path().join(".pushgate.yaml"),
        "bitbucket: { address: https://elsewhere.example }\n",
    )
    .unwrap();
    let output = run(tree.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    said.push_str("# bitbucket: { address: https://elsewhere.example }\n");
    let root = tree.path().canonicalize().unwrap();
    said.push_str(&text(&output.stderr).replace(&root.display().to_string(), "ROOT"));
    insta::assert_snapshot!(said);
}

#[test]
fn rules_may_be_silenced_or_made_milder() {
    let tree = work_tree(&[("port.yaml", "identifier: a\nblueprint: b\n")]);
    assert_eq!(run(tree.path(), &[]).status.code(), Some(1));
    let config = tree.path().join(".pushgate.yaml");
    fs::write(&config, "rules: { port/missing-title: warning }\n").unwrap();
    let output = run(tree.path(), &[]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).ends_with("1 document checked: 1 warning\n"));
    fs::write(&config, "rules: { port/missing-title: off }\n").unwrap();
    assert_eq!(
        text(&run(tree.path(), &[]).stdout),
        "1 document checked, nothing wrong\n"
    );
}

#[test]
fn the_operators_own_kinds_are_checked_by_their_schema() {
    let tree = work_tree(&[
        (
            ".pushgate.yaml",
            "kinds:\n  - { name: service-level, files: ['slo/*.yaml'], schema: slo.schema.json }\n",
        ),
        (
            "slo.schema.json",
            r#"{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","required":["target"],"properties":{"target":{"type":"number","maximum":100}},"additionalProperties":false}"#,
        ),
        ("slo/a.yaml", "target: 101\n"),
        ("slo/b.yaml", "targte: 99\n"),
        ("slo/c.yaml", "target: 99\n"),
    ]);
    let output = run(tree.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(text(&output.stdout));
}

#[cfg(unix)]
#[test]
fn a_reader_that_leaves_is_no_failure() {
    use std::process::Stdio;

    let tree = work_tree(&[("port.yaml", GOOD)]);
    let mut pushgate = command(PUSHGATE, tree.path());
    let mut child = pushgate
        .current_dir(tree.path())
        .arg("check")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        (output.status.code(), text(&output.stderr).as_str()),
        (Some(0), "")
    );
}
