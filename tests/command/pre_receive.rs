//! Pushes with the real git: what is wrong is refused, everything else is not in the way.

use std::fs;

use crate::server::{BAD, Clone, GOOD, PUSHGATE, Push, Server, text};

/// A push that must be refused for its document, and moves nothing.
fn refused(push: &Push) {
    assert!(!push.accepted, "{}", push.raw);
    assert!(
        push.said.starts_with("pushgate 0.1.0: refused; "),
        "{}",
        push.raw
    );
    assert!(
        push.raw.contains("pre-receive hook declined"),
        "{}",
        push.raw
    );
}

fn accepted(push: &Push) {
    assert!(push.accepted, "{}", push.raw);
    assert!(
        push.said.starts_with("pushgate 0.1.0: accepted"),
        "{}",
        push.raw
    );
}

/// A bad push, then a good one.
fn gate_works(clone: &Clone<'_>) {
    refused(&clone.change("port.yaml", BAD).push(&["HEAD:main"]));
    let push = clone.change("port.yaml", GOOD).push(&["HEAD:main"]);
    accepted(&push);
    assert_eq!(
        push.said,
        "pushgate 0.1.0: accepted; Port: 1 new, not delivered: no credentials"
    );
}

#[test]
fn a_bad_document_is_refused_with_the_line_and_the_fix() {
    let server = Server::new();
    let clone = server.clone();
    let push = clone.change("port.yaml", BAD).push(&["HEAD:main"]);
    refused(&push);
    assert_eq!(server.tip("main"), None);
    // The README shows just this.
    let shown: String = push
        .said
        .lines()
        .map(|line| format!("remote: {line}\n"))
        .collect();
    assert!(include_str!("../../README.md").contains(&shown), "{shown}");
    insta::assert_snapshot!(push.said);
}

#[test]
fn the_mended_document_is_accepted_with_one_line() {
    let server = Server::new();
    let clone = server.clone();
    gate_works(&clone);
    let push = clone
        .change("port.yaml", GOOD.replace("Rust", "Go"))
        .push(&["HEAD:main"]);
    assert_eq!(
        push.said,
        "pushgate 0.1.0: accepted; Port: 1 changed, not delivered: no credentials"
    );
    let push = clone.change("README.md", "hello").push(&["HEAD:main"]);
    assert_eq!(push.said, "pushgate 0.1.0: accepted; no document to check");
    clone.git(&["rm", "-q", "port.yaml"]);
    let push = clone.commit().push(&["HEAD:main"]);
    assert_eq!(
        push.said,
        "pushgate 0.1.0: accepted; Port: 1 deleted, not delivered: no credentials"
    );
}

#[test]
fn objects_may_be_loose_or_packed() {
    for limit in ["1", "100000"] {
        let server = Server::new();
        server.git(&["config", "receive.unpackLimit", limit]);
        let clone = server.clone();
        gate_works(&clone);
        server.git(&["gc", "--quiet"]);
        server.git(&["pack-refs", "--all"]);
        refused(&clone.change("port.yaml", BAD).push(&["HEAD:main"]));
    }
}

#[test]
fn what_a_branch_holds_already_is_not_judged_again() {
    let server = Server::new();
    let clone = server.clone();
    clone
        .change("port.yaml", BAD)
        .push_unchecked(&["HEAD:main"]);
    let push = clone.change("README.md", "hello").push(&["HEAD:main"]);
    assert_eq!(push.said, "pushgate 0.1.0: accepted; no document to check");
    let push = clone.push(&["HEAD:refs/heads/topic"]);
    assert_eq!(push.said, "pushgate 0.1.0: accepted; no document to check");
    refused(
        &clone
            .change("port.yaml", format!("{BAD}# more\n"))
            .push(&["HEAD:topic"]),
    );
}

#[test]
fn what_enters_a_branch_is_judged_there_even_if_another_has_it() {
    let server = Server::new();
    let clone = server.clone();
    clone
        .change("README.md", "hello")
        .push_unchecked(&["HEAD:main"]);
    clone
        .change("port.yaml", BAD)
        .push_unchecked(&["HEAD:topic"]);
    refused(&clone.push(&["HEAD:main"]));
}

#[test]
fn every_ref_of_a_push_counts() {
    let server = Server::new();
    let clone = server.clone();
    clone.change("port.yaml", GOOD).git(&["branch", "good"]);
    clone.change("port.yaml", BAD).git(&["branch", "bad"]);
    refused(&clone.push(&["good:main", "bad:zzz", "good:aaa"]));
    assert_eq!((server.tip("main"), server.tip("aaa")), (None, None));
    accepted(&clone.push(&["good:main", "good:aaa"]));
}

#[test]
fn a_forced_push_is_judged_tip_against_tip() {
    let server = Server::new();
    let clone = server.clone();
    accepted(&clone.change("port.yaml", GOOD).push(&["HEAD:main"]));
    clone.git(&["checkout", "-q", "--orphan", "other"]);
    refused(
        &clone
            .change("port.yaml", BAD)
            .push(&["--force", "HEAD:main"]),
    );
    accepted(
        &clone
            .change("port.yaml", GOOD)
            .push(&["--force", "HEAD:main"]),
    );
}

#[test]
fn deletions_pass_in_silence() {
    let server = Server::new();
    let clone = server.clone();
    accepted(
        &clone
            .change("port.yaml", GOOD)
            .push(&["HEAD:main", "HEAD:topic"]),
    );
    let push = clone.push(&["--delete", "topic"]);
    assert!(push.accepted, "{}", push.raw);
    assert_eq!(push.said, "");
}

#[test]
fn tags_are_followed_and_those_on_files_named() {
    let server = Server::new();
    let clone = server.clone();
    accepted(&clone.change("port.yaml", GOOD).push(&["HEAD:main"]));
    clone.git(&["tag", "--annotate", "--message", "one", "v1"]);
    clone.git(&["tag", "--annotate", "--message", "two", "v2", "v1"]);
    let push = clone.push(&["v2"]);
    assert_eq!(push.said, "pushgate 0.1.0: accepted; no document to check");
    clone
        .change("port.yaml", BAD)
        .git(&["tag", "--annotate", "--message", "bad", "bad"]);
    refused(&clone.push(&["bad"]));
    clone.git(&["tag", "blob", "HEAD:port.yaml"]);
    let push = clone.push(&["blob"]);
    accepted(&push);
    assert!(
        push.said.contains("refs/tags/blob names no commit"),
        "{}",
        push.said
    );
}

#[test]
fn pipelines_are_judged_and_their_secrets_kept() {
    let server = Server::new();
    let clone = server.clone();
    let file = |token: &str| {
        format!(
            "pipelines:\n  default:\n    - step:\n        script:\n          - export DUPLO_TOKEN={token}\n"
        )
    };
    let path = "bitbucket-pipelines.yml";
    let push = clone
        .change(path, file("q7Rt2kLm9Zx81"))
        .push(&["HEAD:main"]);
    refused(&push);
    assert!(
        push.said.contains("error[pipelines/secret]: the secret"),
        "{}",
        push.said
    );
    assert!(
        push.said.contains("export DUPLO_TOKEN=*************"),
        "{}",
        push.said
    );
    assert!(!push.raw.contains("q7Rt2kLm9Zx81"), "{}", push.raw);
    accepted(&clone.change(path, file("$OTHER")).push(&["HEAD:main"]));
    // The same name elsewhere is nobody's pipeline.
    let push = clone
        .change("web/bitbucket-pipelines.yml", "- nothing\n")
        .push(&["HEAD:main"]);
    assert_eq!(push.said, "pushgate 0.1.0: accepted; no document to check");
}

#[test]
fn a_fork_reads_what_its_origin_holds() {
    let origin = Server::new();
    let clone = origin.clone();
    accepted(&clone.change("port.yaml", GOOD).push(&["HEAD:main"]));
    let fork = Server::named("~ada/hello.git", &[]);
    let objects = origin.bare().join("objects");
    fs::write(
        fork.bare().join("objects/info/alternates"),
        format!("{}\n", objects.display()),
    )
    .unwrap();
    fork.git(&[
        "update-ref",
        "refs/heads/main",
        &origin.tip("main").unwrap(),
    ]);
    let clone = fork.clone();
    let push = clone.change("README.md", "hello").push(&["HEAD:main"]);
    assert_eq!(push.said, "pushgate 0.1.0: accepted; no document to check");
    refused(&clone.change("port.yaml", BAD).push(&["HEAD:main"]));
}

#[test]
fn odd_paths_are_fine() {
    for name in ["a:b/c d.git", "quo\"te/ü.git", "tab\tand:colon/x.git"] {
        let server = Server::named(name, &[]);
        let clone = server.clone();
        gate_works(&clone);
        server.git(&["gc", "--quiet"]);
        refused(&clone.change("port.yaml", BAD).push(&["HEAD:main"]));
    }
}

#[test]
fn without_git_dir_the_quarantine_leads_to_the_repository() {
    let server = Server::new();
    let script = format!("unset GIT_DIR; cd /; exec '{PUSHGATE}' hook pre-receive");
    server.hook("pre-receive", &script);
    gate_works(&server.clone());
}

#[test]
fn sha256_and_reftable_go_through_the_git_program() {
    for option in ["--object-format=sha256", "--ref-format=reftable"] {
        let probe = Server::new();
        let path = probe.folder().join("probe");
        let supported = probe
            .command("git")
            .args(["init", "-q", option])
            .arg(path)
            .status()
            .unwrap();
        if !supported.success() {
            let message = format!("this git knows no {option}");
            assert!(std::env::var_os("CI").is_none(), "{message}");
            eprintln!("skipped: {message}");
            continue;
        }
        let server = Server::named("PRJ/hello.git", &[option]);
        let clone = server.clone();
        gate_works(&clone);
        let push = clone
            .change("README.md", "hello")
            .push(&["HEAD:main", "HEAD:refs/heads/new"]);
        assert_eq!(push.said, "pushgate 0.1.0: accepted; no document to check");
        refused(&clone.change("port.yaml", BAD).push(&["HEAD:main"]));
    }
}

#[cfg(unix)]
#[test]
fn a_repository_of_another_user_is_judged_too() {
    use std::os::unix::fs::{MetadataExt, chown};

    let server = Server::new();
    let clone = server.clone();
    if fs::metadata(server.bare()).unwrap().uid() != 0 {
        let message = "only root can give a repository away";
        assert!(std::env::var_os("CI").is_none(), "{message}");
        eprintln!("skipped: {message}");
        return;
    }
    fs::write(
        server.folder().join(".gitconfig"),
        "[safe]\n\tdirectory = *\n",
    )
    .unwrap();
    chown(server.bare(), Some(65534), None).unwrap();
    // git has accepted the repository; the hook must not depend on the user's configuration.
    server.hook(
        "pre-receive",
        &format!("unset HOME; exec '{PUSHGATE}' hook pre-receive"),
    );
    gate_works(&clone);
}

#[cfg(unix)]
#[test]
fn links_submodules_and_folders_are_no_documents() {
    let server = Server::new();
    let clone = server.clone();
    clone.write("elsewhere.yaml", GOOD);
    std::os::unix::fs::symlink("elsewhere.yaml", clone.path.join("port.yaml")).unwrap();
    clone.write("port.yml/x", "");
    let commit = clone
        .change("README.md", "hello")
        .git(&["rev-parse", "HEAD"]);
    let cache = format!("160000,{},algorithmia.conf", commit.trim());
    clone.git(&["update-index", "--add", "--cacheinfo", &cache]);
    clone.git(&["commit", "-q", "-m", "module"]);
    let push = clone.push(&["HEAD:main"]);
    refused(&push);
    insta::assert_snapshot!(push.said);
}

#[test]
fn a_file_that_an_entity_names_counts_as_its_change() {
    let server = Server::new();
    let clone = server.clone();
    let document = format!("{GOOD}  readme: file://docs/README.md\n");
    clone.write("docs/README.md", "one");
    let push = clone.change("port.yaml", document).push(&["HEAD:main"]);
    assert_eq!(
        push.said,
        "pushgate 0.1.0: accepted; Port: 1 new, not delivered: no credentials"
    );
    let push = clone.change("docs/README.md", "two").push(&["HEAD:main"]);
    assert_eq!(
        push.said,
        "pushgate 0.1.0: accepted; Port: 1 changed, not delivered: no credentials"
    );
    let push = clone.change("docs/other.md", "two").push(&["HEAD:main"]);
    assert_eq!(push.said, "pushgate 0.1.0: accepted; no document to check");
}

#[test]
fn the_operator_may_only_warn_or_look_away() {
    let config = "gate:\n  enforcement: warn\n  branches:\n    - { name: 'release/*', enforcement: enforce }\n    - { name: 'wild/**', enforcement: off }\n";
    let server = Server::new().config(config);
    let clone = server.clone();
    clone.change("port.yaml", BAD);
    let push = clone.push(&["HEAD:main"]);
    accepted(&push);
    insta::assert_snapshot!(push.said);
    refused(
        &clone
            .change("port.yaml", format!("{BAD}#\n"))
            .push(&["HEAD:release/1"]),
    );
    let push = clone.push(&["HEAD:wild/a/b"]);
    assert_eq!(push.said, "pushgate 0.1.0: accepted; no document to check");
}

#[test]
fn who_may_bypass_is_named_and_logged() {
    let config = "gate: { bypass: { users: [ci-bot] } }\n";
    let server = Server::new().config(config).with("BB_USER_NAME", "ci-bot");
    let push = server.clone().change("port.yaml", BAD).push(&["HEAD:main"]);
    assert!(push.accepted, "{}", push.raw);
    let first = push.said.lines().next().unwrap();
    assert_eq!(
        first,
        "pushgate 0.1.0: accepted, since `ci-bot` may bypass the gate; 1 error in"
    );
    let log = fs::read_to_string(server.state().join("bypass.log")).unwrap();
    let entry: serde_json::Value = serde_json::from_str(log.trim()).unwrap();
    assert_eq!(entry["user"], "ci-bot");
    assert_eq!(entry["repository"], "PRJ/hello");
    assert_eq!(entry["refs"], serde_json::json!(["refs/heads/main"]));

    let server = Server::new().config(config).with("BB_USER_NAME", "ada");
    refused(&server.clone().change("port.yaml", BAD).push(&["HEAD:main"]));
}

/// In a SHA-256 repository objects come from the `git` program: one that hangs is what a hanging
/// disk would be.
#[cfg(unix)]
#[test]
fn the_deadline_answers_for_a_gate_that_hangs() {
    for (on_deadline, wanted) in [("reject", false), ("allow", true)] {
        let config = format!("gate: {{ deadline: 200ms, on_deadline: {on_deadline} }}\n");
        let server = Server::named("PRJ/hello.git", &["--object-format=sha256"]).config(&config);
        let bin = server.folder().join("bin");
        fs::create_dir(&bin).unwrap();
        let pipe = server.folder().join("pipe");
        crate::server::succeed(server.command("mkfifo").arg(&pipe));
        fs::write(
            bin.join("git"),
            format!("#!/bin/sh\nexec cat '{}'\n", pipe.display()),
        )
        .unwrap();
        crate::server::succeed(server.command("chmod").arg("+x").arg(bin.join("git")));
        let script = format!(
            "PATH='{}':$PATH exec '{PUSHGATE}' hook pre-receive",
            bin.display()
        );
        server.hook("pre-receive", &script);
        let push = server.clone().change("port.yaml", BAD).push(&["HEAD:main"]);
        assert_eq!(push.accepted, wanted, "{}", push.raw);
        let said = push.said.replace("\n  ", " ");
        assert!(
            said.contains("could not be judged within 200ms"),
            "{}",
            push.raw
        );
        // Whatever still waits for the pipe ends with it.
        drop(fs::OpenOptions::new().write(true).read(true).open(&pipe));
    }
}

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
fn nothing_on_standard_input_and_dry_runs_end_at_once() {
    let server = Server::new().config("gate: [not, a, gate]\n");
    let output = server.pushgate(&["hook", "pre-receive"], "");
    assert_eq!(
        (
            output.status.code(),
            output.stderr.len(),
            output.stdout.len()
        ),
        (Some(0), 0, 0)
    );
    let server = server.with("BB_IS_DRY_RUN", "true");
    let output = server.pushgate(&["hook", "pre-receive"], "whatever\n");
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
}

/// What runs several hooks on a push often hands git's lines to the first one only.
#[test]
fn a_push_of_which_another_hook_has_taken_the_lines_is_not_passed_in_silence() {
    let eaten = format!("cat > lines; '{PUSHGATE}' hook pre-receive");
    let server = Server::new();
    server.hook("pre-receive", &eaten);
    let push = server.clone().change("port.yaml", BAD).push(&["HEAD:main"]);
    assert!(push.accepted, "{}", push.raw);
    insta::assert_snapshot!(push.said, @r"
    pushgate 0.1.0: accepted UNCHECKED: no ref update came on standard input
      help: another hook has read them: whoever runs several hooks on a push
            has to hand git's lines to each of them
    ");
    // Whoever looks at a pull request pushes nothing.
    let server = Server::new().with("BB_HOOK_TRIGGER_ID", "pull-request-merge");
    server.hook("pre-receive", &eaten);
    let push = server.clone().change("port.yaml", BAD).push(&["HEAD:main"]);
    assert!(!push.said.contains("UNCHECKED"), "{}", push.raw);
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
