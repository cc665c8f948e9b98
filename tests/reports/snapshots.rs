//! Each format, of the same documents.

use pushgate::check::rules;
use pushgate::report::{Human, Reported, github, gitlab, json, junit, sarif};
use serde_json::Value;

use crate::example::{Document, documents, root};

fn pretty(json: &str) -> String {
    let value: Value = serde_json::from_str(json).unwrap();
    serde_json::to_string_pretty(&value).unwrap()
}

fn snapshot(render: impl FnOnce(&[Reported<'_>]) -> String) -> String {
    let documents = documents();
    let reported: Vec<_> = documents.iter().map(Document::reported).collect();
    render(&reported)
}

#[test]
fn human_shows_the_text() {
    let text = snapshot(|documents| Human::plain(80).report(documents).unwrap());
    insta::assert_snapshot!(text);
}

#[test]
fn json_is_the_object_of_the_contract() {
    insta::assert_snapshot!(snapshot(|documents| pretty(&json(documents).unwrap())));
}

#[test]
fn github_gets_a_command_a_finding() {
    insta::assert_snapshot!(snapshot(|documents| github(documents, &root())));
}

#[test]
fn gitlab_gets_an_array() {
    insta::assert_snapshot!(snapshot(|documents| pretty(
        &gitlab(documents, &root()).unwrap()
    )));
}

#[test]
fn junit_has_a_suite_a_document() {
    insta::assert_snapshot!(snapshot(|documents| junit(documents, &root()).unwrap()));
}

#[test]
fn sarif_has_results_rules_and_fixes() {
    let text = snapshot(|documents| sarif(documents, &root()).unwrap());
    let mut log: Value = serde_json::from_str(&text).unwrap();
    // A rule's own words are read where they lie; here only that they are whole.
    let version = env!("CARGO_PKG_VERSION");
    let driver = &mut log["runs"][0]["tool"]["driver"];
    for rule in driver["rules"].as_array_mut().unwrap() {
        if let Some(known) = rules::by_id(rule["id"].as_str().unwrap()) {
            assert_eq!(rule["help"]["markdown"], known.page);
            assert_eq!(rule["help"]["text"], known.page);
            rule["help"] = Value::from("(its page)");
            rule["shortDescription"] = Value::from("(its summary)");
            let what = rule["fullDescription"]["text"].as_str().unwrap();
            assert!(!what.contains("##") && what.len() > 10, "{what}");
            rule["fullDescription"] = Value::from("(its page's beginning)");
        }
    }
    let text = serde_json::to_string_pretty(&log).unwrap();
    insta::assert_snapshot!(text.replace(version, "VERSION"));
}
