//! Real files, where they are at hand: what is clean must give no error, what is broken one.

use std::path::{Path, PathBuf};

use pushgate::chart::{Chart, ChartFolder};
use pushgate::check::{Checker, Settings};
use pushgate::document::{Kind, Limits, Source, load};
use pushgate::finding::{Finding, Severity};

use crate::rendering::{checker, render};

fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("PUSHGATE_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
        PathBuf::from,
    );
    let there = folder.is_dir();
    if !there {
        println!("skipped: no corpus at hand");
    }
    there.then_some(folder)
}

/// The rows of a folder's index: file name, label, notes.
fn index(folder: &Path) -> Vec<(String, String, String)> {
    let text = std::fs::read_to_string(folder.join("index.tsv")).unwrap();
    text.lines()
        .skip(1)
        .map(|line| {
            let mut fields = line.split('\t').map(str::to_owned);
            let mut next = || fields.next().unwrap_or_default();
            (next(), next(), next())
        })
        .collect()
}

/// Errors of a file as text, but for those of the rules in `tolerated`.
fn errors(folder: &Path, file: &str, kind: &Kind, tolerated: &[&str]) -> String {
    let bytes = std::fs::read(folder.join(file)).unwrap();
    let mut checked = checker().check(kind, file, &bytes);
    checked.findings.retain(|finding| {
        finding.severity == Severity::Error && !tolerated.contains(&finding.rule.as_str())
    });
    render(&checked)
}

#[test]
fn clean_manifests_pass_and_broken_ones_do_not() {
    let Some(corpus) = corpus() else { return };
    let folder = corpus.join("gimlet");
    let mut wrong = String::new();
    for (file, label, notes) in index(&folder) {
        // `.gimlet/vars` is known by its path, and is no manifest.
        if notes.contains("dotenv") {
            continue;
        }
        // One clean file has the same key twice, which Gimlet's own YAML reader refuses.
        let tolerated: &[_] = if label == "clean" {
            &["yaml/duplicate-key"]
        } else {
            &[]
        };
        let found = errors(&folder, &file, &Kind::Gimlet, tolerated);
        let is_clean = label == "clean";
        let only_a_warning = notes.ends_with("unknown-key:appAlias");
        if found.is_empty() != is_clean && !(found.is_empty() && only_a_warning) {
            wrong.push_str(&format!("{file} {label} {notes}\n{found}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The rules that name the fault of a note; none where the note names no fault.
fn rules_of(note: &str) -> &'static [&'static str] {
    match note.split(':').next().unwrap_or_default() {
        "unquoted-template" => &["yaml/unquoted-template"],
        "unquoted-bang" => &["yaml/unknown-tag"],
        "deploy-never-fires" => &["gimlet/deploy-never-fires"],
        "cleanup-negated" => &["gimlet/cleanup"],
        // An unquoted `!main` is why one of them has no branch.
        "cleanup-never-fires" => &["gimlet/cleanup", "yaml/unknown-tag"],
        "no-chart-no-manifests" => &["gimlet/missing-chart"],
        "app-not-dns" => &["gimlet/app-name"],
        "root-not-map" => &["gimlet/format"],
        "missing" => &[
            "gimlet/missing-app",
            "gimlet/missing-env",
            "gimlet/missing-namespace",
            "gimlet/app-name",
        ],
        "unknown-key" => &["gimlet/unknown-key", "gimlet/removed-key"],
        "yaml-error" => &["yaml/syntax", "yaml/diff", "yaml/unquoted-template"],
        _ => &[],
    }
}

#[test]
fn a_broken_manifest_is_told_its_fault() {
    let Some(corpus) = corpus() else { return };
    let folder = corpus.join("gimlet");
    let (mut told, mut wrong) = (0, String::new());
    for (file, label, notes) in index(&folder) {
        if label != "broken" {
            continue;
        }
        let bytes = std::fs::read(folder.join(&file)).unwrap();
        let checked = checker().check(&Kind::Gimlet, &file, &bytes);
        for note in notes.trim_start_matches("modern ").split(';') {
            let rules = rules_of(note);
            let is_named = |finding: &Finding| rules.contains(&finding.rule.as_str());
            if rules.is_empty() || checked.findings.iter().any(is_named) {
                told += usize::from(!rules.is_empty());
            } else {
                wrong.push_str(&format!("{file} {note}\n{}", render(&checked)));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(told >= 36, "only {told} faults are looked for");
}

/// Some are pieces of documents: `...` for what is left out, marks of a diff, no line with `envs`.
#[test]
fn the_older_format_is_understood() {
    let Some(corpus) = corpus() else { return };
    let folder = corpus.join("gimlet-2020");
    let (mut whole, mut wrong) = (0, String::new());
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let is_piece = |line: &str| line.trim() == "..." || line.starts_with('+');
        if !text.starts_with("envs:") || text.lines().any(is_piece) {
            continue;
        }
        whole += 1;
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        // What a short example leaves out is missing, and an empty environment deploys nothing.
        let tolerated = ["gimlet/missing-key", "gimlet/type"];
        wrong.push_str(&errors(&folder, &name, &Kind::Gimlet, &tolerated));
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(whole > 10, "only {whole} whole documents");
}

#[test]
fn real_port_files_pass() {
    let Some(corpus) = corpus() else { return };
    let folder = corpus.join("port");
    let wrong: String = index(&folder)
        .iter()
        .map(|(file, _, notes)| {
            // Port's script skips an entity without a title: those files really are wrong.
            let tolerated: &[_] = if notes.contains("missing-title") {
                &["port/missing-title"]
            } else {
                &[]
            };
            errors(&folder, file, &Kind::Port, tolerated)
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn real_pipelines_pass() {
    let Some(corpus) = corpus() else { return };
    let folder = corpus.join("pipelines");
    let files = index(&folder);
    let wrong: String = files
        .iter()
        .map(|(file, ..)| errors(&folder, file, &Kind::Pipelines, &[]))
        .collect();
    assert!(wrong.is_empty(), "{wrong}");
    assert!(files.len() > 40, "only {} files", files.len());
}

/// The chart that most manifests use, from the schemas that lie beside the corpus.
fn one_chart(corpus: &Path, folder: &Path) -> Option<ChartFolder> {
    let specs = corpus.join("../specs/onechart");
    let read = |name: &str| std::fs::read(specs.join(name)).ok();
    let values = read("onechart-0.73.0.values.yaml")?;
    let values = Source::decode("values.yaml", &values, &Limits::default()).unwrap();
    let values = load(&values, &Limits::default()).documents[0].to_json();
    let schema = read("onechart-0.73.0.values.schema.json")?;
    let charts = ChartFolder::new(folder.to_owned());
    for version in ["0.70.0", "0.73.0"] {
        let chart = Chart {
            name: "onechart".to_owned(),
            version: version.to_owned(),
            values: values.as_object().unwrap().clone(),
            schema: Some(serde_json::from_slice(&schema).unwrap()),
            dependencies: Vec::new(),
        };
        charts.keep("https://chart.onechart.dev", chart).unwrap();
    }
    Some(charts)
}

#[test]
fn real_values_fit_the_chart() {
    let Some(corpus) = corpus() else { return };
    let kept = tempfile::tempdir().unwrap();
    let Some(charts) = one_chart(&corpus, kept.path()) else {
        println!("skipped: no schema of the chart at hand");
        return;
    };
    let checker = Checker::new(Settings {
        charts: Some(charts),
        ..Settings::default()
    })
    .unwrap();
    let folder = corpus.join("gimlet");
    let (mut held, mut wrong) = (0, String::new());
    for (file, label, _) in index(&folder) {
        let bytes = std::fs::read(folder.join(&file)).unwrap();
        let mut checked = checker.check(&Kind::Gimlet, &file, &bytes);
        let was_pulled = |finding: &Finding| finding.rule.as_str() != "gimlet/chart-missing";
        let names_the_chart = String::from_utf8_lossy(&bytes).contains("chart.onechart.dev");
        held += usize::from(names_the_chart && checked.findings.iter().all(was_pulled));
        checked
            .findings
            .retain(|finding| finding.rule.as_str() == "gimlet/chart-value");
        if label == "clean" {
            wrong.push_str(&render(&checked));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(held > 10, "only {held} manifests name a version at hand");
}
