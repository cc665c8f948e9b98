//! Pushes with the real git: what is wrong is refused, everything else is not in the way.

use crate::server::{BAD, Clone, GOOD, PUSHGATE, Push, Server};

/// A push that must be refused for its document, and moves nothing.
pub fn refused(push: &Push) {
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

pub fn accepted(push: &Push) {
    assert!(push.accepted, "{}", push.raw);
    assert!(
        push.said.starts_with("pushgate 0.1.0: accepted"),
        "{}",
        push.raw
    );
}

/// A bad push, then a good one.
pub fn gate_works(clone: &Clone<'_>) {
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
