//! Whatever is pushed, checking ends without a panic and every finding lies in the text.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use pushgate::check::Checked;
use pushgate::document::{Kind, Span};
use pushgate::finding::Severity;

use crate::rendering::checker;

fn fixtures() -> Vec<Vec<u8>> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    files
        .iter()
        .map(|file| std::fs::read(file).unwrap())
        .collect()
}

/// One change of a text: bytes cut, doubled, or put in.
#[derive(Clone, Debug)]
pub enum Change {
    Cut(prop::sample::Index, usize),
    Double(prop::sample::Index, usize),
    Insert(prop::sample::Index, &'static str),
}

pub fn change() -> impl Strategy<Value = Change> {
    let index = any::<prop::sample::Index>;
    let pieces = vec![
        "- ", ": ", "\n", "\n  ", "{", "}", "[", "]", "!x ", "&a ", "*a", "<<: *a\n", "---\n",
        "\"", "'", "|\n", "é", "\u{202E}", "null", "12", "? ", "#", "title", "app: 1\n", "\t",
    ];
    prop_oneof![
        (index(), 1..40_usize).prop_map(|(at, length)| Change::Cut(at, length)),
        (index(), 1..80_usize).prop_map(|(at, length)| Change::Double(at, length)),
        (index(), prop::sample::select(pieces)).prop_map(|(at, text)| Change::Insert(at, text)),
    ]
}

pub fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        let place = |at: &prop::sample::Index| at.index(bytes.len() + 1);
        match change {
            Change::Cut(at, length) => {
                let start = place(at);
                bytes.drain(start..bytes.len().min(start + length));
            }
            Change::Double(at, length) => {
                let start = place(at);
                let piece = bytes[start..bytes.len().min(start + length)].to_vec();
                bytes.splice(start..start, piece);
            }
            Change::Insert(at, text) => {
                let start = place(at);
                bytes.splice(start..start, text.bytes());
            }
        }
    }
    bytes
}

fn lies_in_the_text(checked: &Checked) -> bool {
    let text = checked.source.text();
    let lies = |span: Span| text.get(span.start..span.end).is_some();
    checked.findings.iter().all(|finding| {
        lies(finding.span) && finding.related.iter().all(|related| lies(related.span))
    })
}

fn kinds() -> impl Strategy<Value = Kind> {
    prop::sample::select(vec![
        Kind::Port,
        Kind::Gimlet,
        Kind::Pipelines,
        Kind::Algorithmia,
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutated_fixtures(
        bytes in prop::sample::select(fixtures()),
        changes in prop::collection::vec(change(), 1..6),
        kind in kinds(),
    ) {
        let checked = checker().check(&kind, "a.yaml", &changed(bytes, &changes));
        prop_assert!(lies_in_the_text(&checked), "{:?}", checked.findings);
        prop_assert!(checked.is_readable() || checked.errors() > 0);
        let sorted = checked.findings.is_sorted_by(|one, other| one.order() <= other.order());
        prop_assert!(sorted);
    }
}

#[test]
fn findings_are_few_and_the_rest_is_counted() {
    let keys: String = (0..5000)
        .map(|number| format!("extra{number}: 1\n"))
        .collect();
    let text = format!("identifier: a b\nblueprint: b\n{keys}");
    let checked = checker().check(&Kind::Port, "port.yaml", text.as_bytes());
    assert_eq!(checked.findings.len(), 200);
    assert_eq!((checked.errors(), checked.warnings()), (2, 5000));
    let errors = |severity| {
        checked
            .findings
            .iter()
            .filter(|f| f.severity == severity)
            .count()
    };
    assert_eq!(errors(Severity::Error), 2);
}

#[test]
fn other_tools_mappings_are_one_finding_or_one_each_and_no_burden() {
    let foreign = "- {}\n".repeat(100_000);
    let check = |text: &str| checker().check(&Kind::Port, "port.yaml", text.as_bytes());
    assert_eq!(check(&foreign).errors(), 1);
    let entity = "- {identifier: a, title: A, blueprint: b}\n";
    assert!(check(&format!("{entity}{foreign}")).errors() >= 100_000);
    // What is refused is not also warned of.
    let words = check(&"- no\n".repeat(100_000));
    assert!(words.errors() > 30_000);
    assert_eq!(words.warnings(), 0);
}

#[test]
fn a_large_list_of_bad_entities_is_no_burden() {
    let text: String = (0..9_000)
        .map(|number| format!("- identifier: {number}\n"))
        .collect();
    let checked = checker().check(&Kind::Port, "port.yaml", text.as_bytes());
    assert_eq!(checked.findings.len(), 200);
    assert_eq!(checked.errors(), 2 * 9_000);
}

/// A megabyte of steps: each is looked at once, whatever aliases make of it.
#[test]
fn a_large_pipeline_is_no_burden() {
    let check = |text: &str| {
        assert!(text.len() < 1024 * 1024, "{}", text.len());
        checker().check(&Kind::Pipelines, "bitbucket-pipelines.yml", text.as_bytes())
    };
    let steps =
        |count: usize, step: &str| format!("pipelines:\n  default:\n{}", step.repeat(count));
    // Every finding is counted, and few are kept.
    let checked = check(&steps(
        14_000,
        "    - step:\n        size: 3x\n        scirpt: [a]\n",
    ));
    assert_eq!(checked.findings.len(), 200);
    assert!(checked.errors() + checked.warnings() >= 28_000);
    // Ten thousand keys of one step that are nearly known.
    let keys: String = (0..40_000)
        .map(|number| format!("        scrip{number}: 1\n"))
        .collect();
    let checked = check(&format!("pipelines:\n  default:\n    - step:\n{keys}"));
    assert_eq!(checked.findings.len(), 200);
    assert!(checked.errors() + checked.warnings() >= 40_000);
    // One wrong step that is used again and again is one finding.
    let uses = "    - step: *a\n".repeat(20_000);
    let checked = check(&format!(
        "definitions:\n  steps:\n    - step: &a\n        scirpt: [a]\npipelines:\n  default:\n{uses}"
    ));
    assert_eq!(
        (checked.errors(), checked.warnings()),
        (1, 0),
        "{:?}",
        checked.findings.first()
    );
    // Nothing but secrets, on one line and on many.
    let tokens = "glpat-1a2b3c4d5e6f7g8h9i0j ".repeat(35_000);
    let checked = check(&format!(
        "pipelines:\n  default:\n    - step: {{script: [echo {tokens}]}}\n"
    ));
    assert_eq!((checked.findings.len(), checked.errors()), (200, 35_000));
    let shown = checked.shown().text();
    assert!(!shown.contains("glpat-"));
    let checked = check(&steps(
        10_000,
        "    - step:\n        script: [export A_TOKEN=q7Rt2kLm9Zx81]\n",
    ));
    assert_eq!((checked.findings.len(), checked.warnings()), (200, 10_000));
    // Names that are nowhere defined, and open ends.
    let names: String = (0..90_000).map(|number| format!("c{number}, ")).collect();
    let checked = check(&steps(
        1,
        &format!("    - step: {{script: [a], caches: [{names}x]}}\n"),
    ));
    assert_eq!(checked.warnings(), 90_001);
    for text in [
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN ",
        "A_TOKEN='",
        "A_TOKEN: |\n",
        "TOKEN=: ",
    ] {
        check(&text.repeat(900_000 / text.len()));
    }
}
