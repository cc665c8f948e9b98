//! The commands of the pages, run as they stand there.
//!
//! A block of `sh` must end well, line by line. A block of `console` has its commands behind `$ ` and
//! shows what they print; a line `...` there stands for any lines. The blocks of a page are run one
//! after another in one shell. `<!-- not run: REASON -->` before a block keeps it from being run;
//! tests/docs/mentions.rs then still holds its options against the binary's.

use std::fmt::Write as _;

use crate::page::{Block, Page, all};
use crate::site::{Equipment, Site};

/// Stands before what each command prints, with the command's number; no command prints it.
const MARK: char = '\u{1e}';

/// Comments before blocks that `.ci/run` takes out of the README and runs.
const RUN_BY_CI: [&str; 2] = ["demo", "tests"];

/// The page for people who have set nothing up yet.
const BARE: &str = "docs/quick-start.md";

/// A command of a page, and what it should print: anything where the page shows nothing.
struct Step {
    place: String,
    command: String,
    printed: Option<String>,
}

fn steps(block: &Block) -> Vec<Step> {
    if block.language != "console" {
        return vec![Step {
            place: block.place.clone(),
            command: block.text.clone(),
            printed: None,
        }];
    }
    let mut steps: Vec<Step> = Vec::new();
    for line in block.text.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step {
                place: block.place.clone(),
                command: format!("{command}\n"),
                printed: Some(String::new()),
            });
            continue;
        }
        let step = steps.last_mut().unwrap();
        if let Some(more) = line.strip_prefix("> ")
            && step.printed.as_deref() == Some("")
        {
            let _ = writeln!(step.command, "{more}");
        } else if let Some(printed) = &mut step.printed {
            let _ = writeln!(printed, "{}", line.trim_end());
        }
    }
    steps
}

/// Whether the lines are those; `...` stands for any.
fn fits(expected: &[&str], found: &[&str]) -> bool {
    match expected {
        [] => found.is_empty(),
        ["...", rest @ ..] => (0..=found.len()).any(|skipped| fits(rest, &found[skipped..])),
        [line, rest @ ..] => found.first() == Some(line) && fits(rest, &found[1..]),
    }
}

/// How many commands of a page were run, and what is wrong with them.
fn judge(page: &Page) -> (usize, Option<String>) {
    let equipment = if page.path == BARE {
        Equipment::Bare
    } else {
        Equipment::SetUp
    };
    let blocks = page.blocks();
    let run = blocks.iter().filter(|block| {
        let comment = block.comment.as_deref().unwrap_or_default();
        ["sh", "bash", "console"].contains(&block.language.as_str())
            && !comment.starts_with("not run: ")
            && !RUN_BY_CI.contains(&comment)
    });
    let steps: Vec<Step> = run.flat_map(steps).collect();
    if steps.is_empty() {
        return (0, None);
    }
    let site = Site::new();
    let mut script = "exec 2>&1\n".to_owned();
    for (number, step) in steps.iter().enumerate() {
        // What a console shows may have failed: that is what it shows.
        let strict = if step.printed.is_none() {
            "set -e"
        } else {
            "set +e"
        };
        let command = site.with_own_words(&step.command);
        let _ = write!(script, "printf '{MARK}{number}\\n'\n{strict}\n{command}");
    }
    let output = site.run(&script, equipment);
    let printed = String::from_utf8(output.stdout).unwrap();
    let printed = site.as_in_a_page(&printed);
    let mut wrong = String::new();
    let parts: Vec<&str> = printed.split(MARK).skip(1).collect();
    for (step, part) in steps.iter().zip(&parts) {
        let found = part.split_once('\n').map_or("", |(_, printed)| printed);
        let lines = |text: &str| {
            text.lines()
                .map(|line| line.trim_end().to_owned())
                .collect()
        };
        let (found_lines, expected): (Vec<String>, Option<Vec<String>>) =
            (lines(found), step.printed.as_deref().map(lines));
        let Some(expected) = expected else { continue };
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        let found_lines: Vec<&str> = found_lines.iter().map(String::as_str).collect();
        if !fits(&expected, &found_lines) {
            let _ = writeln!(wrong, "{}: {}prints\n{found}", step.place, step.command);
        }
    }
    if !output.status.success() || parts.len() < steps.len() {
        let step = &steps[parts.len().saturating_sub(1)];
        let last = parts.last().unwrap_or(&"");
        let _ = writeln!(wrong, "{}: fails: {}{last}", step.place, step.command);
    }
    (steps.len(), (!wrong.is_empty()).then_some(wrong))
}

#[test]
fn every_command_does_what_the_page_says() {
    let pages = all();
    // Each has a site of its own, so that none waits for another.
    let judged: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = pages
            .iter()
            .map(|page| scope.spawn(|| judge(page)))
            .collect();
        let ended = threads.into_iter().map(|thread| thread.join().unwrap());
        ended.collect()
    });
    let ran: usize = judged.iter().map(|(ran, _)| ran).sum();
    let wrong: Vec<String> = judged.into_iter().filter_map(|(_, wrong)| wrong).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(ran > 40, "{ran}");
}

#[test]
fn what_is_not_run_says_why() {
    for page in all() {
        for block in page.blocks() {
            if let Some(comment) = &block.comment
                && let Some(reason) = comment.strip_prefix("not run")
            {
                assert!(
                    reason.len() > 12 && reason.starts_with(": "),
                    "{}",
                    block.place
                );
            }
        }
    }
}

#[test]
fn lines_are_compared_with_gaps() {
    assert!(fits(&["a", "...", "c"], &["a", "b", "b", "c"]));
    assert!(fits(&["..."], &[]));
    assert!(fits(&["a", "..."], &["a"]));
    assert!(!fits(&["a", "...", "c"], &["a", "b"]));
    assert!(!fits(&["a"], &["a", "b"]));
    assert!(!fits(&["a", "b"], &["a"]));
}
