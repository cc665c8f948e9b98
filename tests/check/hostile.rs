//! However much is wrong with a document, and however many alternatives its schema has, what is
//! taken of it is bounded, and that something was left out is said.

use pushgate::check::{Checker, Level, Settings};
use pushgate::document::{Kind, Kinds, OperatorKind};

use crate::hostile_schemas::{Hostile, all};
use crate::rendering::{checker, render};

/// So many things that are wrong with a document are looked at.
const MOST: usize = 30_000;

const CUT: &str = "more than 30000 things are wrong with the document, and checking stopped there";

fn answer(hostile: &Hostile) -> String {
    let folder = tempfile::tempdir().unwrap();
    let schema = folder.path().join("schema.json");
    std::fs::write(&schema, &hostile.schema).unwrap();
    let operator = vec![OperatorKind {
        name: "own".to_owned(),
        files: vec!["own/*.yaml".to_owned()],
        schema,
    }];
    let checker = Checker::new(Settings {
        kinds: Kinds::new(&["port.yaml".to_owned()], &operator).unwrap(),
        operator,
        ..Settings::default()
    })
    .unwrap();
    let kind = Kind::Operator("own".into());
    let mut checked = checker.check(&kind, "own/a.yaml", hostile.text.as_bytes());
    assert!(
        checked.errors() > 0,
        "{} is taken for correct",
        hostile.name
    );
    assert!(checked.errors() <= MOST + 1, "{}", hostile.name);
    assert!(checked.findings.len() <= 200);
    let left_out = checked.left_out.errors + checked.findings.len();
    checked.findings.truncate(2);
    checked.left_out.errors = left_out - checked.findings.len();
    format!("{}\n{}", hostile.name, render(&checked))
}

#[test]
fn every_hostile_schema_and_document_gets_its_answer() {
    let answers: Vec<String> = all().iter().map(answer).collect();
    insta::assert_snapshot!(answers.join("\n"));
}

#[test]
fn what_was_not_looked_at_is_an_error_whatever_the_rules_weigh() {
    let checker = Checker::new(Settings {
        levels: [("port/entity".to_owned(), Level::Off)].into(),
        ..Settings::default()
    })
    .unwrap();
    let check = |count: usize| {
        let text = "- x\n".repeat(count);
        checker.check(&Kind::Port, "port.yaml", text.as_bytes())
    };
    assert_eq!(check(MOST - 1).errors(), 0);
    let cut = check(MOST + 1);
    assert_eq!(cut.errors(), 1);
    assert_eq!(cut.findings[0].message, CUT);
}

#[test]
fn a_list_of_foreign_mappings_is_no_burden() {
    let text = "- {}\n".repeat(60_000);
    let checked = checker().check(&Kind::Port, "port.yaml", text.as_bytes());
    assert_eq!(checked.errors(), 1);
}

#[test]
fn a_list_of_words_in_place_of_entities_ends_early() {
    let text = "- x\n".repeat(100_000);
    let checked = checker().check(&Kind::Port, "port.yaml", text.as_bytes());
    assert_eq!(checked.errors(), MOST + 1);
    assert_eq!(checked.findings[0].message, CUT);
}
