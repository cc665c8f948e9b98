//! This machine's programs, the binary that is packed, and what `packaging/build` makes of it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use standin::Command;
pub use standin::has_program;

/// The binary that is packed; this build's is stripped first, or it would be packed for minutes.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(path) = std::env::var_os("PUSHGATE_BINARY") {
            return root().join(path);
        }
        let built = Path::new(env!("CARGO_BIN_EXE_pushgate"));
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stripped");
        std::fs::create_dir_all(&folder).unwrap();
        let stripped = folder.join("pushgate");
        let strip = Command::new("strip")
            .arg("-o")
            .arg(&stripped)
            .arg(built)
            .status();
        match strip.is_ok_and(|status| status.success()) {
            true => stripped,
            false => built.to_owned(),
        }
    })
}

/// The project's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A command with nothing of the user's own configuration.
pub fn command(program: impl AsRef<OsStr>, home: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .env("LC_ALL", "C.UTF-8")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_NAME"), "Ada")))
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "ada@example.com")))
        .current_dir(home)
        .stdin(Stdio::null());
    command
}

/// All that was printed, standard output first.
pub fn said(output: &Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

/// Runs what has to succeed; all that it printed.
pub fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", said(&output));
    said(&output)
}

/// Has `packaging/build` make one package, into the folder.
pub fn package(kind: &str, out: &Path) -> Output {
    // All are staged in one folder.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    Command::new(root().join("packaging/build"))
        .arg("--binary")
        .arg(binary())
        .arg("--out")
        .arg(out)
        .arg("--fast")
        .arg(kind)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// The one file in the folder with that ending.
pub fn only(folder: &Path, ending: &str) -> PathBuf {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().unwrap().ends_with(ending))
        .collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

/// A port.yaml with one mistake, and the rule that names it.
pub const BAD: &str = "identifier: hello\ntitel: Hello\nblueprint: service\n";
/// The mended one.
pub const GOOD: &str = "identifier: hello\ntitle: Hello\nblueprint: service\n";
