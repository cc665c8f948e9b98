//! `pushgate man`: pages that man and mandoc read without a complaint.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use standin::Command;

use crate::machine::{binary, command, has_program, said, succeed};

fn pages() -> (tempfile::TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("share/man/man1");
    succeed(Command::new(binary()).args(["man", "--out"]).arg(&out));
    let mut pages: Vec<PathBuf> = fs::read_dir(&out)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    pages.sort();
    (folder, pages)
}

#[test]
fn every_command_has_its_page() {
    let (_folder, pages) = pages();
    let names: Vec<&str> = pages
        .iter()
        .map(|page| page.file_name().unwrap().to_str().unwrap())
        .collect();
    insta::assert_snapshot!("pages", names.join("\n"));
    for page in &pages {
        let name = page.file_stem().unwrap().to_str().unwrap();
        let text = fs::read_to_string(page).unwrap();
        assert!(
            text.contains(&format!("{} \\- ", name.replace('-', "\\-"))),
            "{name}:\n{text}"
        );
    }
}

#[test]
fn mandoc_finds_nothing_to_complain_of() {
    if !has_program("mandoc", "the lint of the man pages") {
        return;
    }
    let (_folder, pages) = pages();
    let lint = Command::new("mandoc")
        .args(["-T", "lint", "-W", "warning"])
        .args(&pages)
        .output();
    let lint = lint.unwrap();
    let complaints: Vec<String> = said(&lint)
        .lines()
        // The generator's empty date: a page that has none is the same in every build.
        .filter(|line| !line.contains("missing date"))
        .map(str::to_owned)
        .collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn a_page_reads_well() {
    if !has_program("mandoc", "the text of a man page") {
        return;
    }
    let shown = |names: &[&str]| {
        let page = succeed(Command::new(binary()).arg("man").args(names));
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("page.1"), page).unwrap();
        let mut mandoc = command("mandoc", folder.path());
        let text = succeed(mandoc.args(["-T", "utf8", "-O", "width=80", "page.1"]));
        // Bold and underlined are overstruck.
        let mut plain: Vec<char> = Vec::new();
        for letter in text.chars() {
            match letter {
                '\u{8}' => drop(plain.pop()),
                _ => plain.push(letter),
            }
        }
        let plain: String = plain.into_iter().collect();
        plain.replace(env!("CARGO_PKG_VERSION"), "VERSION")
    };
    // The rest is what `--help` prints.
    let root = shown(&[]);
    let own = root.find("EXIT STATUS").unwrap();
    insta::assert_snapshot!("own_sections", &root[own..]);
    let hook = shown(&["hook", "pre-receive"]);
    assert!(
        hook.contains("NAME\n       pushgate-hook-pre-receive - "),
        "{hook}"
    );
    assert!(hook.contains("SEE ALSO\n       pushgate(1)"), "{hook}");
}

#[test]
fn man_itself_finds_and_shows_a_page() {
    if !has_program("man", "a man page shown by man") {
        return;
    }
    let (folder, _) = pages();
    let shown = command("man", folder.path())
        .env("MANPATH", folder.path().join("share/man"))
        .env("MANPAGER", "cat")
        .arg("pushgate-outbox-retry")
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    let said = said(&shown);
    // man stretches its lines.
    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        shown.status.success()
            && words.contains("pushgate outbox retry")
            && words.contains("<ID|--all>"),
        "{said}"
    );
}

#[test]
fn what_is_no_command_is_wrong_use() {
    let output = Command::new(binary())
        .args(["man", "hook", "pre-recieve"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!("no_command", said(&output));
}
