//! `docs/installing.md`: its blocks, which the other modules here take out of it and use as they stand.

use std::path::Path;

use crate::machine::{binary, command, succeed};

const PAGE: &str = include_str!("../../docs/installing.md");

/// The block of code below the comment `<!-- NAME … -->`.
pub fn block(name: &str) -> &'static str {
    let (_, from) = PAGE
        .split_once(&format!(
            "<!-- not run: tests/install runs it, {name} -->\n```"
        ))
        .unwrap_or_else(|| panic!("the page has no block {name}"));
    let (_, from) = from.split_once('\n').unwrap();
    from.split_once("```").unwrap().0
}

/// Runs a block of the page as it stands, in a home of its own, with those words in place of the page's.
fn run(name: &str, home: &Path, words: &[(&str, &str)]) {
    let mut script = block(name).to_owned();
    for (word, own) in words {
        assert!(script.contains(word), "{script}");
        script = script.replace(word, own);
    }
    let binary = binary();
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", binary.parent().unwrap().display());
    succeed(
        command("sh", home)
            .args(["-euc", &script])
            .env("PATH", path),
    );
}

#[test]
fn a_plain_git_server_is_set_up_and_proven() {
    let home = tempfile::tempdir().unwrap();
    let bare = home.path().join("hello.git");
    let bare = bare.to_str().unwrap();
    succeed(command("git", home.path()).args(["init", "--bare", "--quiet", bare]));
    let words = [("/srv/git/hello.git", bare)];
    run("git", home.path(), &words);
    run("doctor", home.path(), &words);
}

#[test]
fn completions_and_pages_go_where_the_shell_and_man_look() {
    let home = tempfile::tempdir().unwrap();
    run("completions", home.path(), &[]);
    let there = |path: &str| home.path().join(".local/share").join(path).exists();
    assert!(there("bash-completion/completions/pushgate"));
    assert!(there("man/man1/pushgate-check.1"));
}
