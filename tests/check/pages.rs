//! The rules' pages, `docs/rules/FAMILY/RULE.md`, which `pushgate explain` prints: their examples are
//! run, and what all of them say alike is made here.
//!
//! `PUSHGATE_PAGES=write cargo test --test check pages` writes the made parts.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use pushgate::blueprint::BlueprintFile;
use pushgate::chart::ChartFolder;
use pushgate::check::{Checker, Rule, Settings, rules};
use pushgate::finding::Severity;

use crate::rendering::{check_for, render};
use crate::together::check_folder;

/// Rules whose mistake no page can show: bytes that are no text, a megabyte, what is no file.
const NOT_SHOWN: [&str; 8] = [
    "file/folder",
    "file/submodule",
    "file/symlink",
    "gimlet/not-a-folder",
    "yaml/control-character",
    "yaml/encoding",
    "yaml/too-large",
    "yaml/too-many-nodes",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules")
}

fn path_of(rule: &Rule) -> PathBuf {
    folder().join(format!("{}.md", rule.id))
}

fn writes() -> bool {
    std::env::var_os("PUSHGATE_PAGES").is_some_and(|how| how == "write")
}

/// What a page says of its rule's severity, and how to live with it.
fn silence(rule: &Rule) -> String {
    let id = rule.id;
    if let Some(command) = inspected_by(rule) {
        return format!(
            "Nothing silences it: neither the levels of the configuration nor comments count for\n`{command}`.\n"
        );
    }
    if rule.fixed {
        return "Always an error: what can't be read for certain can't be accepted.\n".to_owned();
    }
    let everywhere = |level: &str| {
        format!(
            "everywhere, in the operator's configuration:\n\n```yaml\nrules: {{ {id}: {level} }}\n```\n"
        )
    };
    let here =
        format!("on the line before it:\n\n```yaml\n# pushgate: ignore {id} the reason\n```\n");
    match (rule.severity, rule.family()) {
        // JSON has no comments, and a link no lines.
        (Severity::Warning, family) if family == "algorithmia" || id == "gimlet/not-a-folder" => {
            format!("A warning by default. To silence it {}", everywhere("off"))
        }
        (Severity::Error, "algorithmia") => format!(
            "An error by default. To make it a warning {}",
            everywhere("warning")
        ),
        (Severity::Warning, _) => format!(
            "A warning by default. To silence one, {here}\nTo silence it {}",
            everywhere("off")
        ),
        (Severity::Error, _) => format!(
            "An error by default. To make it a warning {}\n\
             Where that configuration also says `ignore: {{ errors: [{id}] }}`, to silence one, {here}",
            everywhere("warning")
        ),
    }
}

/// The command that finds it, of a rule that is not of documents.
fn inspected_by(rule: &Rule) -> Option<&'static str> {
    match rule.family() {
        "gimlet-server" => Some("pushgate gimlet env"),
        "trust-policy" => Some("pushgate pipelines trust-policy --check"),
        _ => None,
    }
}

const SILENCE: &str = "\n## Silence\n\n";

#[test]
fn every_page_says_how_to_silence_its_rule() {
    let mut wrong = Vec::new();
    for rule in rules::with_page() {
        let page = std::fs::read_to_string(path_of(rule)).unwrap();
        let own = page.split(SILENCE).next().unwrap_or_default().trim_end();
        let whole = format!("{own}\n{SILENCE}{}", silence(rule));
        if page == whole {
            continue;
        }
        if writes() {
            std::fs::write(path_of(rule), whole).unwrap();
        } else {
            wrong.push(rule.id);
        }
    }
    assert!(
        wrong.is_empty(),
        "run again with PUSHGATE_PAGES=write: {wrong:?}"
    );
}

#[test]
fn the_index_names_every_rule() {
    let mut index = String::from(
        "# The rules\n\n`pushgate explain RULE` prints these pages, `pushgate explain` this list.\n",
    );
    let mut family = "";
    for rule in rules::with_page() {
        if rule.family() != family {
            family = rule.family();
            let note = match inspected_by(rule) {
                Some(command) => format!("`{command}` finds these.\n\n"),
                None => String::new(),
            };
            let _ = write!(
                index,
                "\n## {family}\n\n{note}| rule | by default | what is wrong |\n|---|---|---|\n"
            );
        }
        let Rule {
            id,
            severity,
            summary,
            ..
        } = rule;
        let _ = writeln!(index, "| [`{id}`]({id}.md) | {severity} | {summary} |");
    }
    let path = folder().join("README.md");
    if writes() {
        std::fs::write(&path, &index).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(&path).unwrap_or_default(),
        index,
        "run again with PUSHGATE_PAGES=write"
    );
}

#[test]
fn every_page_belongs_to_a_rule() {
    for family in std::fs::read_dir(folder()).unwrap() {
        let family = family.unwrap().path();
        if !family.is_dir() {
            continue;
        }
        for page in std::fs::read_dir(&family).unwrap() {
            let page = page.unwrap().path();
            let (family, page) = (family.file_name().unwrap(), page.file_stem().unwrap());
            let id = format!("{}/{}", family.to_string_lossy(), page.to_string_lossy());
            assert!(
                rules::with_page_by_id(&id).is_some() || id == "kind/schema",
                "{id}"
            );
        }
    }
}

#[test]
fn every_page_has_its_parts() {
    let mut wrong = String::new();
    for rule in rules::with_page() {
        let headings: Vec<&str> = outside_examples(rule.page)
            .filter(|line| line.starts_with('#'))
            .collect();
        let title = format!("# {}", rule.id);
        let expected = [title.as_str(), "## Why", "## Bad", "## Good", "## Silence"];
        if headings != expected {
            let _ = writeln!(wrong, "{}: {headings:?}", rule.id);
        }
        let summary = rule.page.lines().nth(2).unwrap_or_default();
        if summary.is_empty() {
            let _ = writeln!(wrong, "{}: says nothing below its title", rule.id);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn outside_examples(page: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    page.lines().filter(move |line| {
        inside ^= line.starts_with("```");
        !inside
    })
}

/// The example of one section: its files, in the order of the page.
pub fn example(page: &str, section: &str) -> Vec<(String, String)> {
    let heading = format!("\n## {section}\n");
    let Some((_, rest)) = page.split_once(&heading) else {
        return Vec::new();
    };
    let rest = rest.split("\n## ").next().unwrap_or_default();
    let mut files = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in rest.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                let path = info.split_whitespace().nth(1).unwrap_or_default();
                open = Some((path.to_owned(), String::new()));
            }
            (Some(_), Some(_)) => files.extend(open.take()),
            (Some((_, text)), None) => {
                let _ = writeln!(text, "{line}");
            }
            (None, None) => {}
        }
    }
    files.retain(|(path, _)| !path.is_empty());
    files
}

/// What else lies beside the documents is taken from the rule's fixtures.
fn checker(rule: &Rule) -> Checker {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(rule.id);
    let charts = fixtures.join("charts");
    let blueprints = fixtures.join("blueprints.json");
    Checker::new(Settings {
        charts: charts.is_dir().then(|| ChartFolder::new(charts)),
        blueprints: blueprints.is_file().then(|| BlueprintFile::new(blueprints)),
        ..Settings::default()
    })
    .unwrap()
}

/// Whether the rule's fixtures are folders: then its examples are one repository each.
fn takes_several_files(rule: &Rule) -> bool {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(rule.id);
    let is_folder = |name: &str| fixtures.join(name).is_dir();
    std::fs::read_dir(&fixtures).is_ok_and(|entries| {
        let names = entries.flatten().map(|entry| entry.file_name());
        let mut bad = names.filter_map(|name| name.into_string().ok());
        bad.any(|name| name.starts_with("bad") && is_folder(&name))
    })
}

#[test]
fn the_examples_are_what_they_say() {
    let mut wrong = String::new();
    for rule in rules::all() {
        let checker = checker(rule);
        for (section, expected) in [
            ("Bad", BTreeSet::from([rule.id])),
            ("Good", BTreeSet::new()),
        ] {
            let files = example(rule.page, section);
            if files.is_empty() {
                if !NOT_SHOWN.contains(&rule.id) {
                    let _ = writeln!(wrong, "{}: no example below {section}", rule.id);
                }
                continue;
            }
            if takes_several_files(rule) {
                let folder = tempfile::tempdir().unwrap();
                for (path, text) in files {
                    standin::write(folder.path(), &path, text);
                }
                let checked = check_folder(&checker, folder.path());
                let found = checked.iter().flat_map(|checked| &checked.findings);
                let found: BTreeSet<_> = found.map(|finding| finding.rule.as_str()).collect();
                if found != expected || checked.is_empty() {
                    let shown: String = checked.iter().map(render).collect();
                    let _ = writeln!(wrong, "{} {section}:\n{shown}", rule.id);
                }
                continue;
            }
            for (path, text) in files {
                let Some(kind) = checker.kinds().of_path(&path).cloned() else {
                    let _ = writeln!(wrong, "{}: `{path}` is no document's path", rule.id);
                    continue;
                };
                let checked = check_for(rule.id, &checker, &kind, &path, text.as_bytes());
                let found: BTreeSet<_> = checked.findings.iter().map(|f| f.rule.as_str()).collect();
                if found != expected {
                    let _ = writeln!(wrong, "{} {section}:\n{}", rule.id, render(&checked));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
