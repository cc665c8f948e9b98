//! The scripts that measure: on a machine that lacks what they need they say what to install.

use std::process::Command;

use crate::page::root;

#[test]
fn a_script_names_what_is_missing_before_it_measures() {
    let tools = tempfile::tempdir().unwrap();
    for name in ["dirname", "realpath"] {
        std::os::unix::fs::symlink(format!("/usr/bin/{name}"), tools.path().join(name)).unwrap();
    }
    let mut scripts = 0;
    for entry in std::fs::read_dir(root().join("benches")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "sh") || path.ends_with("needs.sh")
        {
            continue;
        }
        scripts += 1;
        let output = Command::new("/bin/bash")
            .arg(&path)
            .env("PATH", tools.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{}: {said}", path.display());
        let named = said
            .lines()
            .all(|line| line.starts_with("missing on this machine: "));
        assert!(named, "{}: {said}", path.display());
        assert!(said.contains("cargo: rustup"), "{}: {said}", path.display());
    }
    assert!(scripts >= 4, "{scripts}");
}
