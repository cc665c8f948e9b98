//! The systemd units, as systemd reads them.

use standin::Command;
use std::fs;

use crate::machine::{binary, has_program, root, said, succeed};

/// The units with this build's binary in place of the installed one, and the pages that they name.
fn units() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let program = binary().to_str().unwrap().to_owned();
    for file in fs::read_dir(root().join("hooks/systemd"))
        .unwrap()
        .map(Result::unwrap)
    {
        let text = fs::read_to_string(file.path()).unwrap();
        let text = text.replace("/usr/local/bin/pushgate", &program);
        fs::write(folder.path().join(file.file_name()), text).unwrap();
    }
    let pages = folder.path().join("man/man1");
    succeed(Command::new(binary()).args(["man", "--out"]).arg(pages));
    folder
}

fn named(folder: &tempfile::TempDir, ending: &str) -> Vec<std::path::PathBuf> {
    let files = fs::read_dir(folder.path())
        .unwrap()
        .map(|file| file.unwrap().path());
    files
        .filter(|path| path.to_str().unwrap().ends_with(ending))
        .collect()
}

#[test]
fn systemd_finds_nothing_wrong() {
    if !has_program("systemd-analyze", "the units") || !has_program("man", "the units' pages") {
        return;
    }
    let folder = units();
    let units: Vec<_> = [".service", ".timer"]
        .iter()
        .flat_map(|ending| named(&folder, ending))
        .collect();
    assert_eq!(units.len(), 6, "{units:?}");
    let verified = Command::new("systemd-analyze")
        .args(["verify", "--man=yes"])
        .args(&units)
        .env("MANPATH", folder.path().join("man"))
        .output()
        .unwrap();
    let words = said(&verified);
    let complaints: Vec<&str> = words
        .lines()
        .filter(|line| line.contains("pushgate"))
        .collect();
    assert!(complaints.is_empty(), "{words}");
}

/// systemd counts what a unit may do that it has no need of, from 0 to 10.
#[test]
fn units_may_do_little() {
    if !has_program("systemd-analyze", "the units") {
        return;
    }
    let folder = units();
    for unit in named(&folder, ".service") {
        let judged = Command::new("systemd-analyze")
            .args(["security", "--offline=true", "--threshold=20", "--no-pager"])
            .arg(&unit)
            .output()
            .unwrap();
        assert!(judged.status.success(), "{}", said(&judged));
    }
}
