//! The operator's own kinds: schemas of any draft, loaded when first needed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pushgate::check::{Checker, Level, Settings};
use pushgate::document::{Kind, Kinds, OperatorKind};
use pushgate::finding::Severity;

use crate::rendering::render;

fn fixture(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/operator")
        .join(file)
}

fn settings(schema: PathBuf) -> Settings {
    let operator = vec![OperatorKind {
        name: "service-level".to_owned(),
        files: vec!["slo/*.yaml".to_owned()],
        schema,
    }];
    Settings {
        kinds: Kinds::new(&["port.yaml".to_owned()], &operator).unwrap(),
        operator,
        ..Settings::default()
    }
}

fn check(schema: PathBuf, text: &[u8]) -> String {
    let checker = Checker::new(settings(schema)).unwrap();
    let kind = checker.kinds().of_path("slo/web.yaml").unwrap().clone();
    render(&checker.check(&kind, "slo/web.yaml", text))
}

#[test]
fn a_schema_of_any_draft_gives_readable_findings() {
    let bad = std::fs::read(fixture("bad.yaml")).unwrap();
    insta::assert_snapshot!(check(fixture("draft-07.schema.json"), &bad));
}

#[test]
fn what_fits_the_schema_gives_nothing() {
    let good = std::fs::read(fixture("good.yaml")).unwrap();
    assert_eq!(check(fixture("draft-07.schema.json"), &good), "");
}

#[test]
fn a_schema_that_cannot_be_used_is_never_taken_for_a_fitting_one() {
    let folder = tempfile::tempdir().unwrap();
    let schema = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let shown: String = [
        folder.path().join("nowhere.json"),
        schema("cut.json", "{"),
        schema("cut.yaml", "type: [object"),
        schema("kind.json", r#"{"type": "objekt"}"#),
        schema("remote.json", r#"{"$ref": "https://example.com/slo.json"}"#),
    ]
    .into_iter()
    .map(|path| check(path, b"name: web\n"))
    .collect();
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(&regex_of(folder.path()), "[folder]");
    settings.bind(|| insta::assert_snapshot!(shown));
}

fn regex_of(path: &Path) -> String {
    path.display().to_string().replace('.', r"\.")
}

#[test]
fn a_kind_without_a_schema_is_never_taken_for_a_fitting_one() {
    let checker = Checker::new(Settings::default()).unwrap();
    let kind = Kind::Operator("forgotten".into());
    assert_eq!(checker.check(&kind, "a.yaml", b"a: 1").errors(), 1);
}

#[test]
fn levels_change_what_a_rule_weighs() {
    let with = |rule: &str, level| {
        let levels = BTreeMap::from([(rule.to_owned(), level)]);
        Checker::new(Settings {
            levels,
            ..settings(fixture("draft-07.schema.json"))
        })
    };
    let untitled = b"identifier: a\nblueprint: b\n";
    let severities = |level| -> Vec<Severity> {
        let checked =
            with("port/missing-title", level)
                .unwrap()
                .check(&Kind::Port, "port.yaml", untitled);
        checked
            .findings
            .iter()
            .map(|finding| finding.severity)
            .collect()
    };
    assert_eq!(severities(Level::Off), []);
    assert_eq!(severities(Level::Warning), [Severity::Warning]);
    assert_eq!(severities(Level::Error), [Severity::Error]);
    assert!(with("service-level/schema", Level::Warning).is_ok());

    let misspelt = with("port/mising-title", Level::Off).unwrap_err();
    let fixed = with("yaml/syntax", Level::Warning).unwrap_err();
    let shown: Vec<String> = [misspelt, fixed]
        .iter()
        .map(|error| format!("{error}\n  {}", miette::Diagnostic::help(error).unwrap()))
        .collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn a_misspelt_key_whose_absence_is_allowed_is_still_unknown() {
    let checker = Checker::new(Settings {
        levels: BTreeMap::from([("port/missing-title".to_owned(), Level::Off)]),
        ..Settings::default()
    })
    .unwrap();
    let text = b"identifier: a\ntitel: A\nblueprint: b\n";
    let checked = checker.check(&Kind::Port, "port.yaml", text);
    insta::assert_snapshot!(render(&checked));
}
