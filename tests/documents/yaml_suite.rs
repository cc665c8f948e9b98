//! The YAML test suite, all of its cases, as it says itself what is valid and what a file means.

use std::path::{Path, PathBuf};

use pushgate::document::{Limits, Problem, Source, load};
use serde_json::Value;

/// Cases of the suite's release that the corpus holds.
const CASES: usize = 402;

fn suite() -> Option<PathBuf> {
    let corpus = std::env::var_os("PUSHGATE_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
        PathBuf::from,
    );
    let suite = corpus.join("yaml-test-suite");
    suite.is_dir().then_some(suite)
}

/// Folders that hold a case: `ID`, or `ID/00` and so on.
fn cases(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.join("in.yaml").is_file() {
            found.push(path);
        } else if path.is_dir() {
            found.extend(cases(&path));
        }
    }
    found.sort();
    found
}

/// Why a case does not go as the suite says; none where it does.
fn fault(case: &Path) -> Option<String> {
    let bytes = std::fs::read(case.join("in.yaml")).unwrap();
    let limits = Limits::default();
    let valid = !case.join("error").exists();
    let source = match Source::decode("in.yaml", &bytes, &limits) {
        Ok(source) => source,
        Err(refused) => return valid.then(|| format!("not decoded: {:?}", refused.problem)),
    };
    let stream = load(&source, &limits);
    let end: Option<&Problem> = stream.problems.kept().iter().find(|p| p.ends_reading());
    match (valid, end) {
        (true, Some(problem)) => return Some(format!("valid, but {:?}", problem.kind)),
        (false, None) => return Some("invalid, but taken".into()),
        (false, Some(_)) => return None,
        (true, None) => {}
    }
    let json = std::fs::read_to_string(case.join("in.json")).ok()?;
    let expected: Vec<Value> = serde_json::Deserializer::from_str(&json)
        .into_iter()
        .collect::<Result<_, _>>()
        .unwrap();
    let got: Vec<Value> = stream.documents.iter().map(|d| d.to_json()).collect();
    let equal = got.len() == expected.len() && got.iter().zip(&expected).all(|(a, b)| same(a, b));
    (!equal).then(|| {
        format!(
            "means\n  {}\nbut got\n  {}",
            Value::from(expected),
            Value::from(got)
        )
    })
}

/// Equal as YAML sees it: `450.0` and `450.00` are one number.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(l, r)| same(l, r))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(key, l)| right.get(key).is_some_and(|r| same(l, r)))
        }
        _ => left == right,
    }
}

#[test]
fn every_case_of_the_yaml_test_suite_goes_as_the_suite_says() {
    let Some(suite) = suite() else {
        println!("skipped: the corpus is not here");
        return;
    };
    let cases = cases(&suite);
    assert_eq!(cases.len(), CASES, "cases found");
    let faults: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let name = case.strip_prefix(&suite).unwrap().display();
            fault(case).map(|fault| format!("{name}: {fault}"))
        })
        .collect();
    assert!(
        faults.is_empty(),
        "{} of {CASES} cases go wrong:\n{}",
        faults.len(),
        faults.join("\n")
    );
}
