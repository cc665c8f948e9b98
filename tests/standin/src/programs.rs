//! Programs of the machine that tests use, and what they make.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

/// Whether a program is here that a test needs; its absence is a failure on CI.
///
/// # Panics
/// On CI, where it is not.
#[must_use]
pub fn has_program(name: &str, test: &str) -> bool {
    let found = Command::new(name)
        .arg(if name == "openssl" { "version" } else { "-?" })
        .stdin(std::process::Stdio::null())
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

/// Runs a program that makes keys, which has to succeed.
///
/// # Panics
/// Where it does not, with what it said.
pub fn run(program: &str, arguments: &[&str]) {
    let output = Command::new(program)
        .args(arguments)
        .stdin(std::process::Stdio::null())
        .output()
        .expect("it runs");
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
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
