//! `--help` of every command, in 80 columns: read like prose when it changes.

use standin::Command;
use std::sync::OnceLock;

use crate::page::root;

/// The help of a command, `outbox list`, in a terminal of 80 columns; nothing for the top.
fn help(words: &[String]) -> String {
    help_in(words, 80)
}

fn help_in(words: &[String], columns: usize) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_pushgate"))
        .args(words)
        .arg("--help")
        .env_clear()
        .env("COLUMNS", columns.to_string())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words:?}: {text}{error}");
    assert!(error.is_empty(), "{words:?}: {error}");
    text
}

/// The commands that a help lists.
fn listed(help: &str) -> Vec<String> {
    let Some((_, rest)) = help.split_once("\nCommands:\n") else {
        return Vec::new();
    };
    rest.lines()
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

/// Every command with its help, the top first.
pub fn tree() -> &'static [(Vec<String>, String)] {
    static TREE: OnceLock<Vec<(Vec<String>, String)>> = OnceLock::new();
    TREE.get_or_init(|| {
        let mut tree = Vec::new();
        let mut open = vec![Vec::new()];
        while let Some(words) = open.pop() {
            let help = help(&words);
            for name in listed(&help).into_iter().rev() {
                let mut below = words.clone();
                below.push(name);
                open.push(below);
            }
            tree.push((words, help));
        }
        tree
    })
}

/// The page of all helps, which is how they are read before they change.
///
/// `PUSHGATE_PAGES=write cargo test --test docs help` writes it.
#[test]
fn the_page_shows_every_help() {
    let tree = tree();
    assert!(tree.len() > 40, "{}", tree.len());
    let mut page = OWN.to_owned();
    for (words, help) in tree {
        // Clap does not break the line of the usage.
        let mut lines = help.lines().filter(|line| !line.starts_with("Usage: "));
        let wide = lines.find(|line| line.chars().count() > 80);
        assert!(wide.is_none(), "{words:?}: wider than 80 columns: {wide:?}");
        let name = ["pushgate".to_owned()].into_iter().chain(words.clone());
        let name = name.collect::<Vec<_>>().join(" ");
        page.push_str(&format!(
            "\n## {name}\n\n```text\n{}\n```\n",
            help.trim_end()
        ));
    }
    let path = root().join("docs/commands.md");
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    if std::env::var_os("PUSHGATE_PAGES").is_some_and(|how| how == "write") {
        std::fs::write(&path, &page).unwrap();
    }
    assert!(
        found == page,
        "docs/commands.md is stale: run again with PUSHGATE_PAGES=write, and read what changes"
    );
}

const OWN: &str = "\
# Commands

What `--help` prints for each command, in a terminal of 80 columns. `-h` is shorter. `--config`, `--color` and
`--repository` go before or after the command.
";

/// The lines below `Examples:`.
fn examples(help: &str) -> Vec<&str> {
    help.lines()
        .skip_while(|line| !line.starts_with("Example"))
        .skip(1)
        .take_while(|line| !line.is_empty())
        .collect()
}

#[test]
fn examples_stay_as_they_are_in_a_narrow_terminal() {
    let mut seen = 0;
    for (words, wide) in tree() {
        let narrow = help_in(words, 60);
        assert_eq!(examples(&narrow), examples(wide), "{words:?}");
        seen += examples(wide).len();
        let too_wide = narrow
            .lines()
            .filter(|line| !line.starts_with("Usage: "))
            .find(|line| line.chars().count() > 60);
        assert_eq!(too_wide, None, "{words:?}");
    }
    assert!(seen > 30, "{seen} examples");
}

#[test]
fn the_commands_of_the_top_have_one_line_each() {
    let (_, top) = &tree()[0];
    let list = top.split_once("\nCommands:\n").unwrap().1;
    let list = list.split_once("\n\n").unwrap().0;
    let gone_on: Vec<&str> = list
        .lines()
        .filter(|line| line.starts_with("   "))
        .collect();
    assert!(gone_on.is_empty(), "{gone_on:?}");
}
