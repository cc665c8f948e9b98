//! `pushgate completions`, in the shells themselves.

use standin::Command;
use std::fs;
use std::path::Path;

use crate::machine::{binary, command, has_program, succeed};

fn script(shell: &str) -> String {
    succeed(Command::new(binary()).args(["completions", shell]))
}

/// What bash offers for the last word of the line.
fn bash_offers(words: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("completions"), script("bash")).unwrap();
    let program = r#"
        . ./completions
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        handler=$(complete -p pushgate | sed 's/.*-F \([^ ]*\).*/\1/')
        "$handler" pushgate "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let mut bash = command("bash", folder.path());
    bash.args(["--norc", "-c", program, "bash"]).args(words);
    succeed(&mut bash).lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_commands_options_values_and_rules() {
    let cases: [(&[&str], &[&str]); 5] = [
        (&["pushgate", "outb"], &["outbox"]),
        (&["pushgate", "hook", "p"], &["post-receive", "pre-receive"]),
        (&["pushgate", "check", "--bluep"], &["--blueprints"]),
        (&["pushgate", "--color", "a"], &["always", "auto"]),
        (
            &["pushgate", "explain", "port/missing-t"],
            &["port/missing-title"],
        ),
    ];
    for (line, expected) in cases {
        let mut offered = bash_offers(line);
        offered.sort();
        assert_eq!(offered, expected, "{line:?}");
    }
}

#[test]
fn fish_completes_with_descriptions() {
    if !has_program("fish", "the completions of fish") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("pushgate.fish"), script("fish")).unwrap();
    let offers = |line: &str| {
        let program = format!("source pushgate.fish; complete --do-complete '{line}'");
        succeed(command("fish", folder.path()).args(["--no-config", "--command", &program]))
    };
    let outbox = offers("pushgate outb");
    assert!(outbox.starts_with("outbox\t"), "{outbox}");
    let hooks = offers("pushgate hook pre");
    assert!(hooks.starts_with("pre-receive\t"), "{hooks}");
}

/// What zsh puts onto the line for a press of the tabulator, in a terminal of its own.
fn zsh_makes_of(folder: &Path, line: &str) -> String {
    fs::create_dir_all(folder.join("functions")).unwrap();
    fs::write(folder.join("functions/_pushgate"), script("zsh")).unwrap();
    let program = r#"
        zmodload zsh/zpty
        zpty shell zsh --no-rcs --interactive
        zpty -w shell "PROMPT=; fpath=($PWD/functions \$fpath); autoload -Uz compinit; compinit -D -u"
        zpty -w shell "show() { print -r -- \"<\$BUFFER>\" }; zle -N show; bindkey '^X' show; echo re''ady"
        zpty -r shell answer '*ready*'
        zpty -n -w shell "$1"$'\t'$'\C-x'
        zpty -r shell answer '*>*'
        print -r -- "$answer"
    "#;
    succeed(command("zsh", folder).args(["--no-rcs", "-c", program, "zsh", line]))
}

#[test]
fn zsh_completes() {
    if !has_program("zsh", "the completions of zsh") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let shown = zsh_makes_of(folder.path(), "pushgate blueprints sch");
    assert!(shown.contains("<pushgate blueprints schema >"), "{shown:?}");
}

#[test]
fn every_shell_has_a_script_that_names_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = script(shell);
        for name in ["check", "pre-receive", "outbox", "completions", "man"] {
            assert!(script.contains(name), "{shell} lacks {name}");
        }
    }
    let output = Command::new(binary())
        .args(["completions", "tcsh"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}
