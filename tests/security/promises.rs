//! SECURITY.md names a test for each promise, and each of those tests is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the package.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below a folder.
pub fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// A row of the document's table.
struct Promise {
    id: String,
    words: String,
    tests: Vec<String>,
}

fn promises(document: &str) -> Vec<Promise> {
    let rows = document.lines().filter(|line| line.starts_with("| S"));
    rows.map(|row| {
        let mut cells = row.trim_matches('|').split(" | ").map(str::trim);
        let mut next = || cells.next().unwrap_or_default().to_owned();
        let (id, words, tests) = (next(), next(), next());
        assert!(cells.next().is_none(), "{id} has more than three cells");
        let names = tests.split('`').skip(1).step_by(2).map(str::to_owned);
        Promise {
            id,
            words,
            tests: names.collect(),
        }
    })
    .collect()
}

/// The names of all functions that are marked as tests.
fn tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let folders = ["src", "tests"].map(|name| root().join(name));
    for file in folders.iter().flat_map(|folder| rust_files(folder)) {
        let text = fs::read_to_string(file).unwrap();
        for (_, after) in text
            .match_indices("#[test]")
            .map(|(at, mark)| text.split_at(at + mark.len()))
        {
            let name = after
                .split_once("fn ")
                .and_then(|(_, rest)| rest.split_once('('));
            names.extend(name.map(|(name, _)| name.to_owned()));
        }
    }
    names
}

#[test]
fn every_promise_names_tests_that_are_there() {
    let document = fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let promises = promises(&document);
    let there = tests();
    for (number, promise) in (1..).zip(&promises) {
        assert_eq!(promise.id, format!("S{number}"), "the numbers have a gap");
        assert!(!promise.words.is_empty(), "{} says nothing", promise.id);
        assert!(!promise.tests.is_empty(), "{} names no test", promise.id);
        for test in &promise.tests {
            assert!(there.contains(test), "{}: no test `{test}`", promise.id);
        }
    }
    // A table that this test can't read any more is no table without mistakes.
    assert!(promises.len() >= 30, "{} promises", promises.len());
}
