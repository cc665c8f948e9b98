//! A document: bytes → tree → findings → reports, mended text and entities.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use pushgate::blueprint::BlueprintFile;
use pushgate::catalog::{DesiredState, Entity};
use pushgate::check::{Checked, Checker, Settings};
use pushgate::document::{Kind, Kinds, OperatorKind, Source, Span};
use pushgate::finding::Finding;
use pushgate::report::{Human, Remote, Reported, Root, github, gitlab, json, junit, sarif};
use serde_json::Value;

use super::shown::{assert_lines, assert_one_line, assert_short};

/// One path of each kind; the last one is an operator's.
const PATHS: [&str; 6] = [
    "port.yaml",
    ".gimlet.yaml",
    ".gimlet/a.yaml",
    "bitbucket-pipelines.yml",
    "algorithmia.conf",
    "own.yaml",
];

/// Findings of a document that are kept.
const MOST_FINDINGS: usize = 200;

/// Bytes of a report that stand for nothing in the document, and those for each finding: an excerpt
/// of a few lines, message, help and other places.
const REPORT: (usize, usize) = (4 * 1024, 16 * 1024);

/// A schema with what schemas have that is dear: patterns, alternatives, recursion.
const OWN_SCHEMA: &str = r##"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "required": ["name"],
  "properties": {
    "name": {"type": "string", "pattern": "^([a-z]+-?)+$", "maxLength": 63},
    "level": {"oneOf": [{"const": "gold"}, {"type": "integer", "minimum": 0, "multipleOf": 5}]},
    "parts": {"type": "array", "uniqueItems": true, "contains": {"type": "string"}, "items": {"$ref": "#"}},
    "until": {"type": "string", "format": "date-time"}
  },
  "patternProperties": {"^x-": {"type": ["string", "null"]}},
  "additionalProperties": {"$ref": "#"},
  "dependentRequired": {"level": ["until"]}
}"##;

/// Port's blueprints, as `pushgate blueprints pull` writes them.
const BLUEPRINTS: &str = r#"[
  {"identifier": "service", "title": "Service",
   "schema": {"properties": {
      "language": {"type": "string", "enum": ["go", "rust"]},
      "tier": {"type": "number", "minimum": 1, "maximum": 3},
      "url": {"type": "string", "format": "url", "pattern": "^https"},
      "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 3},
      "extra": {"type": "object"}},
    "required": ["language"]},
   "relations": {"system": {"target": "system", "many": false, "required": true},
                 "users": {"target": "service", "many": true, "required": false}}},
  {"identifier": "system", "title": "System", "schema": {"properties": {}, "required": []}, "relations": {}}
]"#;

/// Lives as long as the process: the files must be there whenever a document first needs them.
struct Desk {
    checker: Checker,
    _files: [tempfile::NamedTempFile; 2],
}

static DESK: LazyLock<Desk> = LazyLock::new(|| {
    let file = |suffix: &str, text: &str| {
        let mut file = tempfile::Builder::new().suffix(suffix).tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    };
    let schema = file(".json", OWN_SCHEMA);
    let blueprints = file(".json", BLUEPRINTS);
    let operator = vec![OperatorKind {
        name: "own".to_owned(),
        files: vec!["own.yaml".to_owned()],
        schema: schema.path().to_owned(),
    }];
    let port = ["port.yaml".to_owned()];
    let checker = Checker::new(Settings {
        kinds: Kinds::new(&port, &operator).unwrap(),
        operator,
        blueprints: Some(BlueprintFile::new(PathBuf::from(blueprints.path()))),
        ..Settings::default()
    })
    .unwrap();
    Desk {
        checker,
        _files: [schema, blueprints],
    }
});

/// The document's path on the first line, its bytes behind it. Where the line names no document, all
/// of it is one, of a kind that its length decides.
pub fn put_through(input: &[u8]) {
    let checker = &DESK.checker;
    let (kind, path, bytes) = opened(checker, input);
    let checked = checker.check(&kind, path, bytes);
    assert_honest(&checked);
    let again = checker.check(&kind, path, bytes);
    let shown = reports(&checked);
    assert_eq!(shown, reports(&again), "the second time differs");
    assert_mends(checker, &kind, path, bytes, &checked);
    if matches!(kind, Kind::Port) {
        assert_entities_last(&checked);
    }
}

fn opened<'i>(checker: &Checker, input: &'i [u8]) -> (Kind, &'i str, &'i [u8]) {
    let line = input.iter().position(|&byte| byte == b'\n');
    let named = line.and_then(|end| {
        let path = std::str::from_utf8(&input[..end]).ok()?;
        Some((checker.kinds().of_path(path)?, path, &input[end + 1..]))
    });
    let (kind, path, bytes) = named.unwrap_or_else(|| {
        let path = PATHS[input.len() % PATHS.len()];
        (checker.kinds().of_path(path).unwrap(), path, input)
    });
    (kind.clone(), path, bytes)
}

/// The findings are in order, few, and lie where they say, on character borders.
fn assert_honest(checked: &Checked) {
    let findings = &checked.findings;
    assert!(findings.is_sorted_by(|one, other| one.order() <= other.order()));
    assert!(findings.len() <= MOST_FINDINGS);
    assert!(checked.is_readable() || checked.errors() > 0);
    let source = &checked.source;
    for finding in findings {
        assert_place(source, finding.span);
        assert_eq!(finding.location, source.location(finding.span));
        assert!(finding.location.start.line >= 1 && finding.location.start.column >= 1);
        for related in &finding.related {
            let source = related.source.as_deref().unwrap_or(source);
            assert_place(source, related.span);
            assert_eq!(related.location, source.location(related.span));
        }
        for edit in finding.fix.iter().flat_map(|fix| &fix.edits) {
            assert_place(source, edit.span);
        }
        assert!(!finding.message.is_empty());
    }
    let lines = |source: &Source| source.text().lines().count();
    assert_eq!(
        lines(source),
        lines(checked.shown()),
        "the mask moves lines"
    );
}

fn assert_place(source: &Source, span: Span) {
    let text = source.text().get(span.start..span.end);
    assert!(text.is_some(), "{span:?} is no part of {:?}", source.text());
}

/// Every report, each read as those read it for whom it is.
fn reports(checked: &Checked) -> Vec<String> {
    let reported = [Reported::from(checked)];
    let root = Root::new(Path::new("/repository"), Path::new("/repository"));
    let most = REPORT.0 + checked.findings.len() * REPORT.1;
    let human = Human::plain(80).report(&reported).unwrap();
    let mut remote = Remote::new();
    remote.findings(&reported[0]).unwrap();
    let remote = remote.finish();
    assert_short(&remote, 16 * 1024);
    let github = github(&reported, &root);
    let junit = junit(&reported, &root).unwrap();
    for text in [&human, &remote, &github, &junit] {
        assert_lines(text);
        assert_short(text, most);
    }
    assert!(roxmltree::Document::parse(&junit).is_ok(), "{junit}");
    let json = json(&reported).unwrap();
    let listed: Value = serde_json::from_str(&json).unwrap();
    let listed = listed["findings"].as_array().unwrap().len();
    assert_eq!(listed, checked.findings.len());
    let sarif = sarif(&reported, &root).unwrap();
    let gitlab = gitlab(&reported, &root).unwrap();
    for text in [&sarif, &gitlab] {
        assert!(serde_json::from_str::<Value>(text).is_ok());
        assert_short(text, 8 * most);
    }
    vec![human, remote, github, junit, json, sarif, gitlab]
}

/// Mending takes findings away and brings none but what could not be read before, and is done after one run.
fn assert_mends(checker: &Checker, kind: &Kind, path: &str, bytes: &[u8], before: &Checked) {
    let fixed = checker.fix(kind, path, bytes);
    let Some(after) = fixed.bytes else {
        assert_eq!(fixed.checked.fixed, 0);
        return;
    };
    assert_ne!(after, bytes);
    assert!(fixed.checked.fixed > 0);
    assert_honest(&fixed.checked);
    // Quotes make text of a tag, which no two readers take for the same.
    assert!(fixed.checked.is_readable() || !before.is_readable());
    let left_out = before.left_out.errors + before.left_out.warnings;
    let is_uncovered = !before.stream.is_complete() && fixed.checked.stream.is_complete();
    if left_out == 0 && !is_uncovered {
        let mut left: Vec<_> = before.findings.iter().map(words).collect();
        for finding in &fixed.checked.findings {
            let known = left.iter().position(|&other| other == words(finding));
            assert!(known.is_some(), "{finding:?} is new");
            left.swap_remove(known.unwrap());
        }
        assert_eq!(left.len(), fixed.checked.fixed);
    }
    assert!(checker.fix(kind, path, &after).bytes.is_none(), "not done");
}

fn words(finding: &Finding) -> (&str, &str) {
    (finding.rule.as_str(), &finding.message)
}

/// Entities come out of the outbox as they went in.
fn assert_entities_last(checked: &Checked) {
    if !checked.is_readable() {
        return;
    }
    let mut state = DesiredState::default();
    for document in &checked.stream.documents {
        for passed_by in state.add_entities("port.yaml", document.to_json()) {
            assert_one_line(&passed_by.reason);
        }
    }
    for entity in state.entities() {
        let kept = serde_json::to_string(entity).unwrap();
        let back: Entity = serde_json::from_str(&kept).unwrap();
        assert_eq!(&back, entity, "{kept}");
    }
}
