//! Every rule has a folder of fixtures under its name: what is bad gives that rule and no other,
//! what is good gives nothing, and what people read of the bad ones is a snapshot.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use pushgate::blueprint::BlueprintFile;
use pushgate::chart::ChartFolder;
use pushgate::check::{Checked, Checker, Elsewhere, NotAFile, Settings, rules};
use pushgate::document::{Kind, Limits};

use crate::rendering::{check_for, kind_of, render};
use crate::together::check_folder;

/// Limits so small that a fixture can hit them, and what else lies in the folder of the rule.
fn small(rule: &str) -> Checker {
    let charts = folder(rule).join("charts");
    let blueprints = folder(rule).join("blueprints.json");
    let limits = Limits {
        bytes: 4000,
        depth: 16,
        nodes: 300,
        expanded: 500,
        named_files: 10_000,
        ..Limits::default()
    };
    Checker::new(Settings {
        limits,
        charts: charts.is_dir().then(|| ChartFolder::new(charts)),
        blueprints: blueprints.is_file().then(|| BlueprintFile::new(blueprints)),
        ..Settings::default()
    })
    .unwrap()
}

fn folder(rule: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(rule)
}

/// The files of a rule whose name begins so.
fn files(rule: &str, beginning: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder(rule)) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| name(path).starts_with(beginning))
        .collect();
    files.sort();
    files
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// A file by itself, or the documents of a folder together.
fn check(rule: &str, file: &Path) -> Vec<Checked> {
    if file.is_dir() {
        // Elsewhere, so that it is a root by itself.
        let folder = tempfile::tempdir().unwrap();
        let all = file.join(".");
        standin::run(
            "cp",
            &["-R", all.to_str().unwrap(), folder.path().to_str().unwrap()],
        );
        return check_folder(&small(rule), folder.path());
    }
    let family = rule.split('/').next().unwrap_or_default();
    let bytes = std::fs::read(file).unwrap();
    vec![check_for(
        rule,
        &small(rule),
        &kind_of(family),
        &name(file),
        &bytes,
    )]
}

/// What is said where a fixture is not what it is there for.
fn told(rule: &str, file: &Path, checked: &[Checked]) -> String {
    format!("{rule} {}\n{}", name(file), render_all(checked))
}

fn render_all(checked: &[Checked]) -> String {
    checked.iter().map(render).collect()
}

/// Rules about things that are no files; [`what_is_no_file_is_a_finding`] has them.
fn is_about_files(rule: &str) -> bool {
    rule.starts_with("file/")
}

#[test]
fn every_rule_has_its_fixtures() {
    let lacking: Vec<_> = rules::all()
        .map(|rule| rule.id)
        .filter(|rule| !is_about_files(rule))
        .filter(|rule| files(rule, "bad").is_empty() || files(rule, "good").is_empty())
        .collect();
    assert!(lacking.is_empty(), "{lacking:#?}");
}

#[test]
fn bad_fixtures_give_their_own_rule_only() {
    let mut wrong = String::new();
    for rule in rules::all() {
        for file in files(rule.id, "bad") {
            let checked = check(rule.id, &file);
            let findings = checked.iter().flat_map(|checked| &checked.findings);
            let found: BTreeSet<_> = findings.map(|finding| finding.rule.as_str()).collect();
            if found != BTreeSet::from([rule.id]) {
                wrong.push_str(&told(rule.id, &file, &checked));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn good_fixtures_give_nothing() {
    let mut wrong = String::new();
    for rule in rules::all() {
        for file in files(rule.id, "good") {
            let checked = check(rule.id, &file);
            let is_good = |one: &Checked| one.findings.is_empty() && one.is_readable();
            if !checked.iter().all(is_good) {
                wrong.push_str(&told(rule.id, &file, &checked));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn what_people_read() {
    for rule in rules::all() {
        let shown: String = files(rule.id, "bad")
            .iter()
            .map(|file| render_all(&check(rule.id, file)))
            .collect();
        if !is_about_files(rule.id) {
            insta::assert_snapshot!(rule.id.replace('/', "-"), shown);
        }
    }
}

#[test]
fn fixtures_belong_to_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for family in [
        "yaml",
        "port",
        "gimlet",
        "pipelines",
        "algorithmia",
        "ignore",
    ] {
        for entry in std::fs::read_dir(root.join(family)).unwrap() {
            let rule = format!("{family}/{}", name(&entry.unwrap().path()));
            assert!(rules::by_id(&rule).is_some(), "{rule}");
        }
    }
}

#[test]
fn what_is_no_file_is_a_finding() {
    let checker = small("file");
    let link = |target: Option<&str>| {
        NotAFile::Elsewhere(Elsewhere::Symlink {
            target: target.map(str::to_owned),
        })
    };
    let shown: String = [
        (Kind::Port, "port.yaml", link(None)),
        (Kind::Port, "port.yaml", link(Some("../\u{1b}[2Jsecrets"))),
        (
            Kind::Port,
            "port.yaml",
            NotAFile::Elsewhere(Elsewhere::Submodule),
        ),
        (Kind::Port, "port.yaml", NotAFile::Folder),
        (Kind::Gimlet, ".gimlet/staging", NotAFile::Folder),
    ]
    .into_iter()
    .map(|(kind, path, what)| {
        let checked = checker.not_a_file(&kind, path, what);
        assert!(!checked.is_readable());
        render(&checked)
    })
    .chain([render(&checker.oversized(
        &Kind::Port,
        "port.yaml",
        7_000_000,
    ))])
    .collect();
    insta::assert_snapshot!(shown);
}
