//! What the pusher reads: narrow, short, safe for a terminal; and the verdict stands though nobody reads.

use crate::pre_receive::refused;
use crate::server::{BAD, GOOD, PUSHGATE, Server, text};

#[test]
fn the_output_is_narrow_short_and_counts_what_it_leaves_out() {
    // However busy the machine is.
    let server = Server::new().config("gate: { deadline: 10m }\n");
    let entities: String = (0..500)
        .map(|number| {
            format!(
                "- identifier: 'entity {number} {}'\n  title: x\n  blueprint: b\n",
                "y".repeat(90)
            )
        })
        .collect();
    let push = server
        .clone()
        .change("port.yaml", entities)
        .push(&["HEAD:main"]);
    refused(&push);
    assert!(push.said.len() <= 16 * 1024, "{} bytes", push.said.len());
    let widest = push
        .said
        .lines()
        .map(|line| line.chars().count())
        .max()
        .unwrap();
    assert!(widest <= 72, "{widest} columns:\n{}", push.said);
    let shown = push
        .said
        .lines()
        .filter(|line| line.starts_with("port.yaml:"))
        .count();
    let left = format!("{} errors more not shown", 500 - shown);
    assert!(push.said.contains(&left), "{shown} shown\n{}", push.said);
}

#[test]
fn control_characters_never_reach_the_terminal() {
    let server = Server::new();
    let document = "identifier: \"a\\x1b[2J\"\ntitle: \u{202e}x\nblueprint: s\u{7f}\n";
    let push = server
        .clone()
        .change("port.yaml", document)
        .push(&["HEAD:main"]);
    refused(&push);
    assert!(
        !push
            .said
            .chars()
            .any(|c| c.is_control() && c != '\n' || c == '\u{202e}'),
        "{:?}",
        push.said
    );
}

#[test]
fn what_cannot_be_told_is_refused_and_said() {
    let zero = "0".repeat(40);
    let missing = "1".repeat(40);
    let server = Server::new();
    let line = format!("{zero} {missing} refs/heads/main\n");
    let output = server.pushgate(&["hook", "pre-receive"], &line);
    assert_eq!(output.status.code(), Some(3));
    insta::assert_snapshot!("an_unreadable_object", text(&output.stderr));
    let output = server.pushgate(&["hook", "pre-receive"], "nonsense\n");
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!("a_malformed_line", text(&output.stderr));
    let server = Server::new().config("gate:\n  enforcment: warn\n");
    let output = server.pushgate(&["hook", "pre-receive"], &line);
    assert_eq!(output.status.code(), Some(2));
    let folder = server.folder().to_str().unwrap().to_owned();
    insta::assert_snapshot!(
        "a_wrong_configuration",
        text(&output.stderr)
            .replace('\n', " ")
            .replace(&folder, "FOLDER")
            .replace("  ", " ")
    );
}

#[cfg(unix)]
#[test]
fn a_pusher_who_went_away_changes_no_verdict() {
    let server = Server::new();
    server.hook(
        "pre-receive",
        &format!("exec '{PUSHGATE}' hook pre-receive >&- 2>&-"),
    );
    let clone = server.clone();
    assert!(!clone.change("port.yaml", BAD).push(&["HEAD:main"]).accepted);
    assert!(
        clone
            .change("port.yaml", GOOD)
            .push(&["HEAD:main"])
            .accepted
    );
}
