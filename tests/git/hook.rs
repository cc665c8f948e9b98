//! pushgate's code inside a real pre-receive hook of a real push: the hook runs this very test
//! program, which writes down what it sees.

use std::fmt::Write as _;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use pushgate::git::{
    Blob, Change, HookEnvironment, ObjectStore as _, RefUpdate, Repository, changed_documents,
};

use crate::made::{Made, Usual, git};

/// Names the file to write to; only a hook has it.
const RESULT: &str = "PUSHGATE_TEST_HOOK_RESULT";

/// How a server calls its hooks.
#[derive(Clone, Copy)]
pub enum Server {
    /// Git itself.
    Git,
    /// Bitbucket 8 and later: elsewhere, without `GIT_DIR`.
    Bitbucket8,
}

/// Not a test of its own: what the hook runs.
#[test]
fn inside_the_hook() {
    let Some(result) = std::env::var_os(RESULT) else {
        return;
    };
    let mut input = Vec::new();
    std::io::stdin().read_to_end(&mut input).unwrap();
    std::fs::write(result, seen(&input)).unwrap();
}

fn seen(input: &[u8]) -> String {
    let environment = HookEnvironment::from_process().unwrap();
    let repository = match Repository::open(&environment) {
        Ok(repository) => repository,
        Err(error) => return format!("error: {error}\n"),
    };
    let mut text = String::new();
    for update in RefUpdate::parse_all(input).unwrap() {
        write!(text, "{}:", update.name()).unwrap();
        match changed_documents(&repository, &update, &Usual, |_| true) {
            Ok(Change::Documents { documents, .. }) => {
                for document in documents {
                    write!(text, " {} {}", document.path, document.what).unwrap();
                    if document.what.is_file() {
                        match repository.blob(&document.id, 1000).unwrap() {
                            Blob::Content(bytes) => {
                                write!(text, " {:?}", String::from_utf8(bytes).unwrap()).unwrap();
                            }
                            Blob::TooLarge { bytes } => write!(text, " {bytes} bytes").unwrap(),
                        }
                    }
                    text.push(';');
                }
            }
            Ok(Change::NotACommit { kind }) => write!(text, " a {kind}").unwrap(),
            Ok(Change::Deleted) => text.push_str(" deleted"),
            Err(error) => write!(text, " error: {error}").unwrap(),
        }
        text.push('\n');
    }
    text
}

/// Pushes from one repository to another and returns what pushgate saw in the hook, a line for
/// each ref, sorted.
pub fn push(client: &Made, server: &Made, how: Server, refs: &[&str]) -> Vec<String> {
    let result = server.path().join("seen-by-the-hook");
    install(server, how, &result);
    let output = git(client.path())
        .args(["push", "-q"])
        .arg(server.path())
        .args(refs)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = std::fs::read_to_string(&result).unwrap();
    std::fs::remove_file(&result).unwrap();
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

fn install(server: &Made, how: Server, result: &Path) {
    let program = std::env::current_exe().unwrap();
    let elsewhere = match how {
        Server::Git => "",
        Server::Bitbucket8 => "unset GIT_DIR\ncd /\n",
    };
    let script = format!(
        "#!/bin/sh\n{elsewhere}export {RESULT}={}\nexec {} --exact hook::inside_the_hook >/dev/null\n",
        quoted(result),
        quoted(&program)
    );
    let hook = server.path().join("hooks/pre-receive");
    std::fs::create_dir_all(server.path().join("hooks")).unwrap();
    std::fs::write(&hook, script).unwrap();
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn quoted(path: &Path) -> String {
    format!("'{}'", path.to_str().unwrap().replace('\'', r"'\''"))
}
