//! Programs of the machine that tests use, and what they make.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

/// Whether a program is here that a test needs; its absence is a failure on CI.
///
/// # Panics
/// On CI, where it is not.
#[must_use]
pub fn has_program(name: &str, test: &str) -> bool {
    let found = Command::new(name)
        .arg(if name == "openssl" { "version" } else { "-?" })
        .stdin(Stdio::null())
        .output()
        .is_ok();
    if !found {
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "{name} is missing, which {test} needs"
        );
        println!("skipped: {test} needs {name}");
    }
    found
}

/// Runs a program that makes something, which has to succeed.
///
/// # Panics
/// Where it does not, with what it said.
pub fn run(program: &str, arguments: &[&str]) {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("it runs");
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Runs a command with this on its standard input, to its end.
///
/// # Panics
/// Where it can't be started.
pub fn feed(command: &mut crate::watch::Command, stdin: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    // Who ends without reading closes the pipe: that is no failure of the test.
    if let Some(mut pipe) = child.stdin.take() {
        let _ = pipe.write_all(stdin.as_bytes());
    }
    child.wait_with_output().expect("it ends")
}

/// Makes `NAME.pem` and `NAME.key` in a folder: a certificate that nobody else has signed, for this
/// subject and with these extensions, by openssl.
///
/// # Panics
/// Where openssl does not make it.
pub fn self_signed(folder: &Path, name: &str, subject: &str, extensions: &[&str]) {
    let file = |ending: &str| {
        let path = folder.join(format!("{name}.{ending}"));
        path.display().to_string()
    };
    let (key, certificate) = (file("key"), file("pem"));
    let mut arguments = vec![
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
    ];
    arguments.extend(["-subj", subject, "-keyout", &key, "-out", &certificate]);
    for extension in extensions {
        arguments.extend(["-addext", extension]);
    }
    run("openssl", &arguments);
}

/// A good key, made once a run by ssh-keygen; none where that is missing.
///
/// # Panics
/// Where no file can be written, and on CI where ssh-keygen is missing.
#[must_use]
pub fn good_key() -> Option<PathBuf> {
    static KEY: OnceLock<Option<(tempfile::TempDir, PathBuf)>> = OnceLock::new();
    KEY.get_or_init(|| {
        has_program("ssh-keygen", "the SSH key").then(|| {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("key.pem");
            let file = path.to_str().expect("a path that is text");
            run(
                "ssh-keygen",
                &[
                    "-q", "-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "", "-f", file,
                ],
            );
            (folder, path)
        })
    })
    .as_ref()
    .map(|(_, path)| path.clone())
}
