//! Commands and options that a page names are there, also where the command can't be run by a test.

use std::collections::{BTreeMap, BTreeSet};

use crate::help;
use crate::page::all;

/// The options that a help has.
fn options(help: &str) -> BTreeSet<String> {
    help.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .filter(|word| word.starts_with("--") && word.len() > 2)
        .map(str::to_owned)
        .collect()
}

/// The command that words begin with, and the options among the rest up to where another command
/// begins.
fn mistakes(tree: &BTreeMap<Vec<String>, String>, words: &[&str]) -> Option<String> {
    let mut command = Vec::new();
    let mut rest = words;
    // Global options may stand first.
    while let ["--config" | "--repository" | "--color", _, after @ ..] = rest {
        rest = after;
    }
    while let [word, after @ ..] = rest {
        let mut longer = command.clone();
        longer.push((*word).to_owned());
        if tree.contains_key(&longer) {
            command = longer;
            rest = after;
            continue;
        }
        // `list|show|retry` names several.
        if word.contains('|') && !word.starts_with(['-', '[']) {
            let wrong = word.split('|').find(|name| {
                let mut longer = command.clone();
                longer.push((*name).to_owned());
                !tree.contains_key(&longer)
            });
            return wrong.map(|name| format!("`{name}` is no command"));
        }
        break;
    }
    let help = &tree[&command];
    let has_commands = help.contains("\nCommands:\n");
    if let Some(word) = rest.first()
        && has_commands
        && word.chars().all(|c| c.is_ascii_lowercase() || c == '-')
        && !word.starts_with("--")
    {
        return Some(format!("`{word}` is no command"));
    }
    let known = options(help);
    rest.iter()
        .flat_map(|word| word.split(['[', ']', '|', '(', ')', ',', ';', '`']))
        .filter(|word| word.starts_with("--"))
        .map(|word| word.split('=').next().unwrap_or(word))
        .find(|word| word.len() > 2 && !known.contains(*word))
        .map(|word| format!("`pushgate {}` has no {word}", command.join(" ")))
}

#[test]
fn every_command_and_option_that_is_named_is_there() {
    let tree: BTreeMap<Vec<String>, String> = help::tree().iter().cloned().collect();
    let mut wrong = Vec::new();
    let mut seen = 0;
    let mut judge = |place: &str, line: &str| {
        let line = line.split(" #").next().unwrap_or(line);
        // A pipe has blanks around it, alternatives have none.
        for part in line.split(" | ").flat_map(|part| part.split(" && ")) {
            let words: Vec<&str> = part.split_whitespace().collect();
            let Some(at) = words.iter().position(|word| *word == "pushgate") else {
                continue;
            };
            seen += 1;
            if let Some(mistake) = mistakes(&tree, &words[at + 1..]) {
                wrong.push(format!("{place}: {mistake}: {part}"));
            }
        }
    };
    for page in all() {
        for (place, piece) in page.pieces() {
            if piece.starts_with("pushgate ") {
                judge(&place, &piece);
            }
        }
        for block in page.blocks() {
            if !["sh", "console", "bash"].contains(&block.language.as_str()) {
                continue;
            }
            let joined = block.text.replace("\\\n", " ");
            for line in joined.lines() {
                let command = line.strip_prefix("$ ").unwrap_or(line);
                let is_command = block.language != "console" || line.starts_with("$ ");
                if is_command && command.contains("pushgate ") && !command.starts_with('#') {
                    judge(&block.place, command);
                }
            }
        }
    }
    assert!(seen > 100, "{seen}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
