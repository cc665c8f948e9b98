//! The built binary in a clean folder and a clean environment.

use std::path::Path;
use std::process::{Output, Stdio};

use standin::Command;
pub use standin::folder;

/// The binary under test.
pub const PUSHGATE: &str = env!("CARGO_BIN_EXE_pushgate");

/// A program with nothing of the machine's own configuration.
pub fn command(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder)
        .env("LC_ALL", "C.UTF-8")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .current_dir(folder)
        .stdin(Stdio::null());
    command
}

/// Runs pushgate with these variables.
pub fn pushgate(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    command(PUSHGATE, folder)
        .args(arguments)
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

/// The command with the options that it needs, of which `change` takes the place of some: a later value
/// of the same option would be an error of its own.
pub fn with_change<'a>(
    command: &[&'a str],
    needed: &[&'a str],
    change: &[&'a str],
) -> Vec<&'a str> {
    let kept = needed.chunks(2).filter(|pair| !change.contains(&pair[0]));
    let options = kept.flatten().chain(change);
    command.iter().chain(options).copied().collect()
}

/// All that was printed, standard output first.
pub fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    text(&output.stdout) + &text(&output.stderr)
}

/// All that was printed and the exit code, for a snapshot.
pub fn told(output: &Output) -> String {
    format!("{}= {}\n", said(output), code(output))
}

pub fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// What needs a part that is not on this machine is skipped; on CI everything is there.
pub fn missing(what: &str) {
    assert!(std::env::var_os("CI").is_none(), "{what}");
    println!("skipped: {what}");
}
