//! What a hook needs on this node: the binary, a shell, and the hooks of a bare repository.

use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{Diagnosis, Item, Subject};
use crate::git::HooksFolder;
use crate::io_reason::io_reason;
use crate::shell_text::shell_path;

/// The binary that hooks start is there and is this version.
pub(super) const BINARY: Item = Item {
    id: "hook.binary",
    title: "the binary that hooks start can be run on this node",
    needs: &[],
    look: binary,
};

/// Bitbucket starts its hook scripts with bash.
pub(super) const SHELL: Item = Item {
    id: "hook.shell",
    title: "the shell of Bitbucket's hook scripts is there",
    needs: &[],
    look: |_| match executable(Path::new(BASH)) {
        Ok(()) => Diagnosis::ok(BASH),
        Err(fault) => Diagnosis::warning(
            format!(
                "{BASH}: {fault}; Bitbucket can't start its hook scripts, and every push is declined"
            ),
            "install bash on this node, unless it runs no Bitbucket",
        ),
    },
};

/// A bare repository has the hooks.
pub(super) const INSTALLED: Item = Item {
    id: "hook.installed",
    title: "the bare repository's hooks call pushgate",
    needs: &[],
    look: installed,
};

const BASH: &str = "/bin/bash";

/// More of a hook is not read.
const LONGEST_HOOK: u64 = 64 * 1024;

/// Says why a file can't be executed.
pub(super) fn executable(path: &Path) -> Result<(), String> {
    let metadata = std::fs::metadata(path).map_err(|error| io_reason(&error))?;
    if !metadata.is_file() {
        return Err("it is no file".to_owned());
    }
    if metadata.permissions().mode() & 0o111 == 0 {
        return Err("it is not executable".to_owned());
    }
    Ok(())
}

fn binary(subject: &Subject) -> Diagnosis {
    let own = concat!("pushgate ", env!("CARGO_PKG_VERSION"));
    let path = match &subject.binary {
        Some(path) => path,
        None => return Diagnosis::ok(format!("this one, {own}; `--binary` names another")),
    };
    binary_at(path, own)
}

/// Runs a binary for its version.
pub(super) fn binary_at(path: &Path, own: &str) -> Diagnosis {
    let shown = path.display();
    if let Err(fault) = executable(path) {
        return Diagnosis::failed(
            format!("{shown}: {fault}; a hook that starts it declines every push"),
            format!("install pushgate there, on every node: `install -m 755 pushgate {shown}`"),
        );
    }
    let mut command = Command::new(path);
    command.arg("--version").stdin(Stdio::null());
    match command.output() {
        Ok(output) if output.status.success() => {
            let said = String::from_utf8_lossy(&output.stdout);
            let said = crate::visible::one_line(&said, 80);
            if said == own {
                Diagnosis::ok(format!("{shown}, {own}"))
            } else {
                Diagnosis::warning(
                    format!("{shown} is `{said}`, and this is {own}"),
                    "install the same version on every node",
                )
            }
        }
        Ok(output) => Diagnosis::failed(
            format!("{shown} ends with {}", output.status),
            "install a binary for this machine: the static one needs nothing of it",
        ),
        Err(error) => Diagnosis::failed(
            format!("{shown} can't be started: {}", io_reason(&error)),
            "install a binary for this machine, on a disk that is not mounted noexec",
        ),
    }
}

fn installed(subject: &Subject) -> Diagnosis {
    let folder = subject.folder.as_deref().unwrap_or(Path::new("."));
    let is_bare = folder.join("HEAD").is_file() && folder.join("objects").is_dir();
    if !is_bare && let Some(named) = &subject.folder {
        return not_bare(named);
    }
    if !is_bare {
        return Diagnosis::skipped(
            format!("`{}` is no bare repository", folder.display()),
            "for a plain git server name one: `pushgate doctor /srv/git/hello.git`",
        );
    }
    let hooks = HooksFolder::of(folder);
    let found = ["pre-receive", "post-receive"].map(|name| hook(&hooks, name, folder));
    let shown = hooks.path().display();
    Diagnosis::all(found.to_vec(), format!("both hooks in {shown}"))
}

/// Whoever names a folder means it: nothing of it can be proven.
fn not_bare(named: &Path) -> Diagnosis {
    let shown = named.display();
    if !named.exists() {
        return Diagnosis::failed(
            format!("`{shown}` is not there"),
            "correct the path, or make the repository with `git init --bare`",
        );
    }
    Diagnosis::failed(
        format!("`{shown}` is no bare repository"),
        match named.join(".git").exists() {
            true => {
                "it is a work tree: name the repository that it is pushed to, on the server where that lies"
            }
            false => "name the folder of a bare repository, in which `HEAD` and `objects` lie",
        },
    )
}

fn hook(hooks: &HooksFolder, name: &str, repository: &Path) -> Diagnosis {
    let path = hooks.path().join(name);
    let shown = path.display();
    let install = match hooks {
        HooksFolder::Own(_) => format!("run `pushgate init {}`", shell_path(repository)),
        // What `init` writes is not looked at there. Who set it may have done so for all repositories.
        HooksFolder::Elsewhere(_) => format!(
            "call `pushgate hook {name}` from it, or take `core.hooksPath` out where `git -C {} config --show-origin core.hooksPath` says that it is set",
            shell_path(repository)
        ),
    };
    let what_for = match name {
        "pre-receive" => "pushes are accepted unchecked",
        _ => "nothing is delivered after a push",
    };
    if let Err(fault) = executable(&path) {
        let remedy = match fault.as_str() {
            "it is not executable" => format!("run `chmod +x {}`", shell_path(&path)),
            _ => install,
        };
        return Diagnosis::failed(format!("{shown}: {fault}; {what_for}"), remedy);
    }
    let mut text = Vec::new();
    let read =
        std::fs::File::open(&path).and_then(|file| file.take(LONGEST_HOOK).read_to_end(&mut text));
    match read {
        Err(error) => Diagnosis::failed(
            format!("{shown} can't be read: {}", io_reason(&error)),
            "run doctor as the git server's user",
        ),
        Ok(_) if !String::from_utf8_lossy(&text).contains("pushgate") => Diagnosis::warning(
            format!("{shown} does not name pushgate, so that perhaps {what_for}"),
            format!(
                "call `pushgate hook {name}` from it with its standard input, and end with its exit code"
            ),
        ),
        Ok(_) => Diagnosis::ok(""),
    }
}
