//! Whatever findings say, every report is well-formed and holds all of them.

use std::collections::HashSet;

use proptest::prelude::*;
use pushgate::document::Span;
use pushgate::finding::{Fix, Related, RuleId, Severity};
use pushgate::report::{Counts, Reported, github, gitlab, json, junit, sarif};
use serde_json::Value;

use crate::example::{Document, root};
use crate::validators::{assert_valid, gitlab_schema, sarif_schema};

/// Text with what formats give a meaning to.
fn text() -> impl Strategy<Value = String> {
    let pieces = vec![
        "::error::",
        "##[add-mask]x",
        "%0A",
        "%",
        "\r\n",
        "\n",
        "\r",
        ":",
        ",",
        "<",
        "&",
        "]]>",
        "\"",
        "'",
        "\\",
        "\0",
        "\u{1b}[31m",
        "\u{85}",
        "\u{2028}",
        "\u{202E}",
        "\u{FFFE}",
        "\u{FFFF}",
        "\u{FEFF}",
        "\u{10FFFF}",
        "é",
        "日本",
        "](x)",
        "{0}",
        "{{ .App }}",
        " ",
        "../",
        "/",
        "#",
        "?",
        "a",
        "port.yaml",
    ];
    let piece = prop_oneof![
        prop::sample::select(pieces).prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

#[derive(Clone, Debug)]
struct Words {
    rule: String,
    is_error: bool,
    message: String,
    help: Option<String>,
    label: String,
    pointer: String,
    other: String,
    places: [prop::sample::Index; 4],
}

fn words() -> impl Strategy<Value = Words> {
    let texts = (
        text(),
        text(),
        prop::option::of(text()),
        text(),
        text(),
        text(),
    );
    (texts, any::<bool>(), any::<[prop::sample::Index; 4]>()).prop_map(
        |((rule, message, help, label, pointer, other), is_error, places)| Words {
            rule: format!("a{rule}"),
            is_error,
            message,
            help,
            label,
            pointer,
            other,
            places,
        },
    )
}

fn document() -> impl Strategy<Value = Document> {
    let words = prop::collection::vec(words(), 0..4);
    (text(), text(), words, 0..3_usize, 0..3_usize).prop_map(
        |(path, content, words, errors, warnings)| {
            let mut document = Document::new(&format!("x{path}"), &content);
            for words in words {
                let span = |from: usize, to: usize| {
                    let at = |place: usize| {
                        let offset = words.places[place].index(content.len() + 1);
                        content.floor_char_boundary(offset)
                    };
                    Span::new(at(from).min(at(to)), at(from).max(at(to)))
                };
                let mut finding = document.finding(span(0, 1));
                finding.rule = RuleId::named(words.rule.clone());
                if !words.is_error {
                    finding.severity = Severity::Warning;
                }
                finding.message.clone_from(&words.message);
                finding.help.clone_from(&words.help);
                finding.pointer.clone_from(&words.pointer);
                finding.related.push(Related {
                    source: None,
                    path: words.other.as_str().into(),
                    span: span(2, 3),
                    location: document.source.location(span(2, 3)),
                    label: words.label.clone(),
                });
                finding.fix = Some(Fix::replace(span(2, 3), &*words.message));
                document.findings.push(finding);
            }
            document.left_out = Counts { errors, warnings };
            document
        },
    )
}

fn unescaped(text: &str) -> String {
    text.replace("%2C", ",")
        .replace("%3A", ":")
        .replace("%0A", "\n")
        .replace("%0D", "\r")
        .replace("%25", "%")
}

fn assert_command(line: &str) {
    let rest = line
        .strip_prefix("::error ")
        .or_else(|| line.strip_prefix("::warning "))
        .unwrap();
    let (properties, message) = rest.split_once("::").unwrap();
    let mut names = Vec::new();
    for property in properties.split(',') {
        let (name, value) = property.split_once('=').unwrap();
        assert!(!value.contains(':'), "{line}");
        names.push(name);
        if matches!(name, "line" | "endLine" | "col" | "endColumn") {
            assert!(value.parse::<usize>().unwrap() > 0);
        }
    }
    let known: HashSet<&str> = ["file", "line", "endLine", "col", "endColumn", "title"].into();
    let unique: HashSet<&str> = names.iter().copied().collect();
    assert!(
        unique.is_subset(&known) && unique.len() == names.len(),
        "{line}"
    );
    assert!(
        names.contains(&"file") && names.contains(&"title"),
        "{line}"
    );
    let message = unescaped(message);
    assert!(!message.chars().any(|c| c.is_control() && c != '\n'));
    assert!(!line.chars().any(char::is_control));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..Default::default() })]

    #[test]
    fn every_report_is_well_formed(documents in prop::collection::vec(document(), 0..4)) {
        let reported: Vec<Reported<'_>> = documents.iter().map(Document::reported).collect();
        let listed: usize = documents.iter().map(|document| document.findings.len()).sum();
        let cut = documents.iter().filter(|document| document.left_out.all() > 0).count();
        let root = root();

        let report: Value = serde_json::from_str(&json(&reported).unwrap()).unwrap();
        prop_assert_eq!(report["findings"].as_array().unwrap().len(), listed);

        let report: Value = serde_json::from_str(&gitlab(&reported, &root).unwrap()).unwrap();
        assert_valid(&GITLAB, &report);
        let entries = report.as_array().unwrap();
        prop_assert_eq!(entries.len(), listed + cut);
        let names: HashSet<&Value> = entries.iter().map(|entry| &entry["fingerprint"]).collect();
        prop_assert_eq!(names.len(), entries.len());

        let report = github(&reported, &root);
        let mut lines: Vec<&str> = report.split('\n').collect();
        prop_assert_eq!(lines.pop(), Some(""));
        prop_assert!(lines.pop().unwrap().starts_with("pushgate: "));
        prop_assert_eq!(lines.len(), listed + cut);
        lines.into_iter().for_each(assert_command);

        let report = junit(&reported, &root).unwrap();
        let xml = roxmltree::Document::parse(&report).unwrap();
        let elements = |name: &str| xml.descendants().filter(|node| node.has_tag_name(name)).count();
        prop_assert_eq!(elements("testsuite"), documents.len());
        prop_assert_eq!(elements("failure") + elements("skipped"), listed + cut);
        prop_assert!(!report.chars().any(|c| c.is_control() && c != '\n'));

        let report: Value = serde_json::from_str(&sarif(&reported, &root).unwrap()).unwrap();
        let run = &report["runs"][0];
        let results = run["results"].as_array().unwrap();
        prop_assert_eq!(results.len(), listed);
        for result in results {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            prop_assert_eq!(&run["tool"]["driver"]["rules"][index]["id"], &result["ruleId"]);
            let place = &result["locations"][0]["physicalLocation"]["artifactLocation"];
            let uri = place["uri"].as_str().unwrap();
            prop_assert!(uri.is_ascii() && !uri.split('/').any(|part| part == ".."), "{}", uri);
            let index = usize::try_from(place["index"].as_u64().unwrap()).unwrap();
            prop_assert_eq!(&run["artifacts"][index]["location"], place);
        }
        let notified = &run["invocations"][0]["toolExecutionNotifications"];
        prop_assert_eq!(notified.as_array().map_or(0, Vec::len), cut);
        if let Some(schema) = &*SARIF {
            assert_valid(schema, &report);
        }
    }
}

static GITLAB: std::sync::LazyLock<jsonschema::Validator> = std::sync::LazyLock::new(gitlab_schema);
static SARIF: std::sync::LazyLock<Option<jsonschema::Validator>> =
    std::sync::LazyLock::new(sarif_schema);
