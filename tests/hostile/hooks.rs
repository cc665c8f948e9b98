//! The hooks in an environment that nobody set in good faith, with anything on standard input.

use std::ffi::OsString;
use std::io::Write as _;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::LazyLock;

use proptest::prelude::*;
use standin::Command;
use tempfile::TempDir;

use crate::site::PUSHGATE;

/// Variables that a hook reads, or hands on.
const NAMES: [&str; 16] = [
    "BB_PROJECT_KEY",
    "BB_REPO_SLUG",
    "BB_USER_NAME",
    "BB_IS_DRY_RUN",
    "BB_HOOK_TRIGGER_ID",
    "REMOTE_USER",
    "PUSHGATE_REPOSITORY",
    "PORT_API_URL",
    "PORT_CLIENT_ID",
    "BITBUCKET_HOST",
    "ALGORITHMIA_API",
    "GIT_DIR",
    "GIT_QUARANTINE_PATH",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "XDG_STATE_HOME",
];

/// An empty bare repository, and a state folder beside it.
struct Place {
    _folder: TempDir,
    bare: PathBuf,
    state: PathBuf,
}

static PLACE: LazyLock<Place> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let bare = folder.path().join("PRJ/hello.git");
    let made = Command::new("git")
        .args(["init", "--bare", "--quiet"])
        .arg(&bare)
        .status();
    assert!(made.unwrap().success());
    Place {
        state: folder.path().join("state"),
        bare,
        _folder: folder,
    }
});

fn hook(name: &str, variables: &[(&str, OsString)], input: &[u8]) -> Output {
    let place: &Place = &PLACE;
    let mut child = Command::new(PUSHGATE)
        .args(["hook", name])
        .current_dir(&place.bare)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", Path::new("/nonexistent"))
        .env("PUSHGATE_STATE", &place.state)
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may end before it has read everything.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

/// Bytes that a variable can hold.
fn value() -> impl Strategy<Value = Vec<u8>> {
    let bytes = prop::collection::vec(1_u8..=255, 0..40);
    let known = prop::sample::select(vec![
        "true",
        "TRUE",
        "false",
        "0",
        "..",
        "/",
        ".",
        "a/b",
        "~ada",
        "\u{1b}[2J\u{202e}",
        "\r\nx",
        "http://127.0.0.1:1/",
        "http://u:p4ssw0rd@127.0.0.1:1",
        "/dev/null",
        "\"/a:b\\",
        "push",
    ]);
    prop_oneof![bytes, known.prop_map(|text| text.as_bytes().to_vec())]
}

fn variables() -> impl Strategy<Value = Vec<(&'static str, OsString)>> {
    let one = (prop::sample::select(NAMES.to_vec()), value());
    let made = one.prop_map(|(name, bytes)| (name, OsString::from_vec(bytes)));
    prop::collection::vec(made, 0..8)
}

fn input() -> impl Strategy<Value = Vec<u8>> {
    let id = prop::sample::select(vec![
        "0".repeat(40),
        "1".repeat(40),
        "a".repeat(64),
        "0".repeat(64),
        "x".to_owned(),
    ]);
    let name = prop_oneof![
        prop::sample::select(vec![
            "refs/heads/main",
            "refs/tags/v1",
            "refs/heads/\u{1b}[2J",
            "HEAD",
            ""
        ])
        .prop_map(|name| name.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..20),
    ];
    let line = (id.clone(), id, name).prop_map(|(old, new, name)| {
        let ids = format!("{old} {new} ");
        [ids.as_bytes(), name.as_slice(), b"\n".as_slice()].concat()
    });
    let lines = prop::collection::vec(line, 0..4).prop_map(|lines| lines.concat());
    prop_oneof![4 => lines, 1 => prop::collection::vec(any::<u8>(), 0..100)]
}

fn assert_answers(output: &Output) -> Result<(), TestCaseError> {
    let code = output.status.code();
    prop_assert!(matches!(code, Some(0..=3)), "{output:?}");
    for bytes in [&output.stdout, &output.stderr] {
        let text = String::from_utf8_lossy(bytes);
        let hidden = text
            .chars()
            .find(|&c| c != '\n' && pushgate::visible::is_hidden(c));
        prop_assert_eq!(hidden, None, "{}", text);
        prop_assert!(
            !text.contains("internal error") && !text.contains("panicked"),
            "{text}"
        );
        prop_assert!(text.len() < 16 * 1024);
    }
    prop_assert!(
        code == Some(0) || !output.stderr.is_empty(),
        "refused without a word"
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_environment_says_a_hook_answers_in_words(variables in variables(), input in input()) {
        for name in ["pre-receive", "post-receive"] {
            assert_answers(&hook(name, &variables, &input))?;
        }
    }

    /// Bitbucket asks with nothing on standard input whenever a pull request is looked at. Nobody else
    /// does while objects wait to be judged, and then it is said that none were.
    #[test]
    fn nothing_on_standard_input_is_fine_wherever_one_stands(variables in variables()) {
        for name in ["pre-receive", "post-receive"] {
            let output = hook(name, &variables, b"");
            prop_assert_eq!(output.status.code(), Some(0), "{:?}", output);
            prop_assert!(output.stdout.is_empty(), "{:?}", output);
            let has = |name: &str| variables.iter().any(|(other, value)| *other == name && !value.is_empty());
            let may_speak = name == "pre-receive" && has("GIT_QUARANTINE_PATH");
            prop_assert!(may_speak || output.stderr.is_empty(), "{:?}", output);
        }
    }
}
