//! `pushgate explain`.

use std::process::Output;

use crate::server::{PUSHGATE, command, text};

fn explain(arguments: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    command(PUSHGATE, home.path())
        .current_dir(home.path())
        .arg("explain")
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn explain_prints_a_rules_page() {
    let output = explain(&["port/identifier"]);
    assert_eq!(output.status.code(), Some(0));
    let page = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/docs/rules/port/identifier.md"
    ));
    assert_eq!(text(&output.stdout), page.unwrap());
}

#[test]
fn explain_lists_all_rules_or_those_of_a_family() {
    let list = |arguments: &[&str]| {
        let output = explain(arguments);
        let lines = text(&output.stdout);
        lines.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let all = list(&[]);
    let ours = pushgate::check::rules::with_page().count();
    assert_eq!(all.len(), ours);
    let family = list(&["algorithmia"]);
    assert!(family.len() > 3 && family.len() < ours);
    assert!(family.iter().all(|line| line.starts_with("algorithmia/")));
}

#[test]
fn explain_knows_the_rules_of_what_only_a_command_inspects() {
    let page = explain(&["gimlet-server/swapped"]);
    assert_eq!(page.status.code(), Some(0));
    assert!(text(&page.stdout).starts_with("# gimlet-server/swapped\n"));
    let family = text(&explain(&["trust-policy"]).stdout);
    assert!(family.contains("trust-policy/subject"), "{family}");
    // No level of theirs can be set.
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("config.yaml");
    std::fs::write(&config, "rules: { trust-policy/subject: off }\n").unwrap();
    let check = command(PUSHGATE, home.path())
        .arg("--config")
        .args([config.to_str().unwrap(), "check"])
        .output()
        .unwrap();
    assert_eq!(check.status.code(), Some(2), "{check:?}");
}

#[test]
fn explain_knows_what_was_meant() {
    let output = explain(&["port/identifer"]);
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(text(&output.stderr), @r"
    pushgate: there is no rule `port/identifer`
      help: did you mean `pushgate explain port/identifier`?
    ");
}

#[test]
fn explain_knows_the_rule_of_an_own_kind() {
    let output = explain(&["service-level/schema"]);
    assert!(text(&output.stdout).starts_with("# KIND/schema\n"));
}
