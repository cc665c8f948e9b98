//! The hooks of `.pre-commit-hooks.yaml` in the real pre-commit and in prek.

use std::fs;
use std::path::Path;

use standin::Command;

use crate::server::{BAD, GOOD, PUSHGATE, command, succeed, text};

/// The runners, where this machine has them.
fn runners() -> Vec<&'static str> {
    ["pre-commit", "prek"]
        .into_iter()
        .filter(|runner| {
            let there = Command::new(runner).arg("--version").output().is_ok();
            if !there {
                let message = format!("{runner} is not installed: `pip install {runner}`");
                assert!(std::env::var_os("CI").is_none(), "{message}");
                eprintln!("skipped: {message}");
            }
            there
        })
        .collect()
}

/// A repository that holds this project's hook definition, as pre-commit clones it.
fn hook_repository(home: &Path) -> String {
    let path = home.join("hooks");
    fs::create_dir(&path).unwrap();
    let definition = include_str!("../../.pre-commit-hooks.yaml");
    fs::write(path.join(".pre-commit-hooks.yaml"), definition).unwrap();
    let git = |arguments: &[&str]| succeed(command("git", home).current_dir(&path).args(arguments));
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "hooks"]);
    git(&["tag", "v0.1.0"]);
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_commit_of_a_bad_document_is_stopped_with_the_same_findings() {
    for runner in runners() {
        let home = tempfile::tempdir().unwrap();
        let hooks = hook_repository(home.path());
        let tree = home.path().join("tree");
        fs::create_dir(&tree).unwrap();
        // The binary under test is the one on the PATH.
        let bin = Path::new(PUSHGATE).parent().unwrap();
        let path = std::env::var("PATH").unwrap();
        let path = format!("{}:{path}", bin.display());
        let run = |program: &str, arguments: &[&str]| {
            let mut command = command(program, home.path());
            command
                .current_dir(&tree)
                .env("PATH", &path)
                .args(arguments)
                .output()
                .unwrap()
        };
        assert!(run("git", &["init", "-q"]).status.success());
        let config = format!(
            "repos:\n  - repo: {hooks}\n    rev: v0.1.0\n    hooks:\n      - id: pushgate-system\n"
        );
        fs::write(tree.join(".pre-commit-config.yaml"), config).unwrap();
        let install = run(runner, &["install"]);
        assert!(install.status.success(), "{}", text(&install.stderr));

        fs::write(tree.join("port.yaml"), BAD).unwrap();
        fs::create_dir(tree.join(".gimlet")).unwrap();
        fs::write(tree.join(".gimlet/vars"), "X=1\n").unwrap();
        fs::write(tree.join("README.md"), "").unwrap();
        assert!(run("git", &["add", "."]).status.success());
        let commit = run("git", &["commit", "-m", "bad"]);
        assert!(!commit.status.success(), "{runner} let it pass");
        let said = text(&commit.stdout) + &text(&commit.stderr);
        let alone = run(PUSHGATE, &["check", "port.yaml"]);
        for line in text(&alone.stdout)
            .lines()
            .filter(|line| !line.trim().is_empty())
        {
            assert!(
                said.contains(line.trim()),
                "{runner} lacks {line:?}:\n{said}"
            );
        }

        fs::write(tree.join("port.yaml"), GOOD).unwrap();
        assert!(run("git", &["add", "."]).status.success());
        let commit = run("git", &["commit", "-m", "good"]);
        assert!(commit.status.success(), "{}", text(&commit.stderr));
    }
}
