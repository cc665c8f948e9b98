//! An empty `relations:` among the properties, with its targets beside it.

use pushgate::blueprint::BlueprintFile;
use pushgate::check::{Checked, Checker, Settings};
use pushgate::document::Kind;
use serde_json::json;

use crate::rendering::render;

const HEAD: &str = "identifier: web\ntitle: Web\nblueprint: service\n";

/// A checker that knows of the properties `language` and `tier`, and of the relations `owner` and
/// `system`.
fn with_blueprint() -> (tempfile::TempDir, Checker) {
    let folder = tempfile::tempdir().unwrap();
    let file = BlueprintFile::new(folder.path().join("blueprints.json"));
    let relation = json!({"target": "other", "required": false, "many": false});
    let text = json!({"type": "string"});
    file.write(&[json!({
        "identifier": "service",
        "schema": {"properties": {"language": text, "tier": text}, "required": []},
        "relations": {"owner": relation, "system": relation},
    })])
    .unwrap();
    let settings = Settings {
        blueprints: Some(file),
        ..Settings::default()
    };
    (folder, Checker::new(settings).unwrap())
}

fn fixed(checker: &Checker, rest: &str) -> (String, Checked) {
    let text = format!("{HEAD}{rest}");
    let fixed = checker.fix(&Kind::Port, "port.yaml", text.as_bytes());
    let bytes = fixed.bytes.unwrap_or(text.into_bytes());
    let text = String::from_utf8(bytes).unwrap();
    let rest = text.strip_prefix(HEAD).unwrap().to_owned();
    (rest, fixed.checked)
}

#[test]
fn the_blueprint_tells_what_belongs_below() {
    let (_folder, checker) = with_blueprint();
    for (before, after) in [
        (
            "properties:\n  language: go\n  # who\n  relations: # to\n  owner: a # me\n  system: b\nteam: t\n",
            Some(
                "properties:\n  language: go\n  # who\nrelations: # to\n  owner: a # me\n  system: b\nteam: t\n",
            ),
        ),
        (
            "properties:\r\n    relations:\r\n    owner: a",
            Some("properties:\r\nrelations:\r\n    owner: a"),
        ),
        // A property stands behind it.
        (
            "properties:\n  relations:\n  owner: a\n  language: go\n",
            None,
        ),
        // Nobody knows what that is.
        ("properties:\n  relations:\n  owner: a\n  other: go\n", None),
        (
            "properties:\n  relations:\n  owner: a\nrelations:\n  system: b\n",
            None,
        ),
        ("properties: {language: go, relations: , owner: a}\n", None),
        ("properties:\n  relations: null\n  owner: a\n", None),
    ] {
        let (mended, checked) = fixed(&checker, before);
        assert_eq!(mended, after.unwrap_or(before), "{}", render(&checked));
        assert_eq!(checked.findings.is_empty(), after.is_some(), "{before}");
    }
}

#[test]
fn what_stands_above_it_is_told_alone() {
    let (_folder, checker) = with_blueprint();
    let (mended, checked) = fixed(
        &checker,
        "properties:\n  owner: a\n  relations:\n  system: b\n",
    );
    assert_eq!(mended, "properties:\n  owner: a\nrelations:\n  system: b\n");
    insta::assert_snapshot!(render(&checked), @r"
    port.yaml:5:3-5:8 error[port/unknown-property] /properties/owner
      the blueprint `service` has no property `owner`
      label: a relation of that name is there
      help: move it below `relations`
    ");
}

#[test]
fn without_a_blueprint_the_lines_are_shown_and_nothing_is_moved() {
    let checker = crate::rendering::checker();
    let before = "properties:\n  language: go\n  relations:\n  owner: a\n";
    let (mended, checked) = fixed(&checker, before);
    assert_eq!(mended, before);
    insta::assert_snapshot!(render(&checked), @r"
    port.yaml:6:3-6:12 warning[port/misplaced-key] /properties/relations
      `relations` stands inside of `properties`, as if it were one of them
      label: indented too deep
      help: indent `relations:` like `properties:`, with the relations below it; if they are all that follows it, write these lines:
      properties:
        language: go
      relations:
        owner: a
    ");
}

#[test]
fn where_nothing_follows_it_only_the_indentation_is_wrong() {
    let checker = crate::rendering::checker();
    for (before, after) in [
        (
            "properties:\n  language: go\n  relations: # none yet\nteam: t\n",
            "properties:\n  language: go\nrelations: # none yet\nteam: t\n",
        ),
        ("properties:\n  relations:\n", "relations:\n"),
        (
            "properties:\n  a: 1\n  relations: null",
            "properties:\n  a: 1\nrelations: null",
        ),
    ] {
        let (mended, checked) = fixed(&checker, before);
        assert_eq!(mended, after);
        assert!(checked.findings.is_empty(), "{}", render(&checked));
    }
}
