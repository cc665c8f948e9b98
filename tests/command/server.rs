//! A git server of one bare repository with pushgate's hooks, and clones that push to it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use standin::Command;
pub use standin::feed;
use tempfile::TempDir;

/// The binary under test.
pub const PUSHGATE: &str = env!("CARGO_BIN_EXE_pushgate");

/// A bare repository with the hooks installed.
pub struct Server {
    folder: TempDir,
    bare: PathBuf,
    variables: Vec<(String, String)>,
    clones: AtomicUsize,
}

/// A work tree whose `origin` is the server.
pub struct Clone<'a> {
    server: &'a Server,
    pub path: PathBuf,
}

/// What came of a push.
#[derive(Debug)]
pub struct Push {
    pub accepted: bool,
    /// What the hooks said, without git's `remote: `.
    pub said: String,
    /// All that git printed.
    pub raw: String,
}

/// A command with nothing of the machine's own configuration.
pub fn command(program: impl AsRef<OsStr>, home: &Path) -> Command {
    let mut command = Command::new(program);
    let path = std::env::var_os("PATH").unwrap_or_default();
    command
        .env_clear()
        .env("PATH", path)
        .env("HOME", home)
        .env("LC_ALL", "C")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_NAME", "Ada")
        .env("GIT_AUTHOR_EMAIL", "ada@example.com")
        .env("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z")
        .env("GIT_COMMITTER_NAME", "Ada")
        .env("GIT_COMMITTER_EMAIL", "ada@example.com")
        .env("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z")
        .stdin(Stdio::null());
    command
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl Server {
    pub fn new() -> Self {
        Self::named("PRJ/hello.git", &[])
    }

    /// A repository at that path below the server's folder, made with those options of `git init`.
    pub fn named(name: &str, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bare = folder.path().join("srv").join(name);
        let server = Self {
            bare,
            variables: Vec::new(),
            clones: AtomicUsize::new(0),
            folder,
        };
        fs::create_dir_all(&server.bare).unwrap();
        let mut arguments = vec!["init", "--bare", "--quiet", "--initial-branch=main"];
        arguments.extend(options);
        server.git(&arguments);
        server.hook(
            "pre-receive",
            &format!("exec '{PUSHGATE}' hook pre-receive"),
        );
        server.hook(
            "post-receive",
            &format!("exec '{PUSHGATE}' hook post-receive"),
        );
        server
    }

    /// A variable of the server's environment, as the hooks see it.
    pub fn with(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.variables.push((name.into(), value.as_ref().into()));
        self
    }

    /// The operator's configuration.
    pub fn config(self, text: &str) -> Self {
        let path = self.folder.path().join("config.yaml");
        fs::write(&path, text).unwrap();
        self.with("PUSHGATE_CONFIG", path.to_str().unwrap())
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn bare(&self) -> &Path {
        &self.bare
    }

    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// Replaces a hook; what it runs gets git's arguments and standard input.
    pub fn hook(&self, name: &str, script: &str) {
        let path = self.bare.join("hooks").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
    }

    /// A command in the bare repository with the server's environment.
    pub fn command(&self, program: &str) -> Command {
        let mut command = command(program, self.folder.path());
        command
            .current_dir(&self.bare)
            .env("PUSHGATE_STATE", self.state())
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs git in the bare repository.
    pub fn git(&self, arguments: &[&str]) -> String {
        succeed(self.command("git").args(arguments))
    }

    /// Runs pushgate with the server's environment and this standard input.
    pub fn pushgate(&self, arguments: &[&str], stdin: &str) -> Output {
        feed(self.command(PUSHGATE).args(arguments), stdin)
    }

    /// An empty clone.
    pub fn clone(&self) -> Clone<'_> {
        let number = self.clones.fetch_add(1, Ordering::Relaxed);
        let path = self.folder.path().join(format!("clone{number}"));
        let origin = self.bare.to_str().unwrap();
        let to = path.to_str().unwrap();
        succeed(
            self.command("git")
                .current_dir(self.folder.path())
                .args(["clone", "-q", origin, to]),
        );
        Clone { server: self, path }
    }

    pub fn tip(&self, name: &str) -> Option<String> {
        let output = self
            .command("git")
            .args(["rev-parse", "-q", "--verify", name])
            .output();
        let output = output.unwrap();
        output
            .status
            .success()
            .then(|| text(&output.stdout).trim().to_owned())
    }
}

impl Clone<'_> {
    pub fn git(&self, arguments: &[&str]) -> String {
        succeed(
            self.server
                .command("git")
                .current_dir(&self.path)
                .args(arguments),
        )
    }

    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        standin::write(&self.path, path, content);
        self
    }

    pub fn commit(&self) -> &Self {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", "change"]);
        self
    }

    /// Writes a file and commits it.
    pub fn change(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        self.write(path, content).commit()
    }

    /// Pushes; the arguments follow `git push origin`.
    pub fn push(&self, arguments: &[&str]) -> Push {
        let mut git = self.server.command("git");
        git.current_dir(&self.path)
            .args(["push", "origin"])
            .args(arguments);
        let output = git.output().unwrap();
        let raw = text(&output.stderr);
        let said: Vec<&str> = raw
            .lines()
            .filter_map(|line| {
                line.strip_prefix("remote: ")
                    .or(line.strip_prefix("remote:"))
            })
            .map(str::trim_end)
            .collect();
        Push {
            accepted: output.status.success(),
            said: said.join("\n"),
            raw,
        }
    }

    /// Pushes `main` past the gate, as it was before there was one.
    pub fn push_unchecked(&self, arguments: &[&str]) {
        let hooks = self.server.bare.join("hooks");
        let aside = self.server.bare.join("hooks-aside");
        fs::rename(&hooks, &aside).unwrap();
        let push = self.push(arguments);
        fs::rename(&aside, &hooks).unwrap();
        assert!(push.accepted, "{}", push.raw);
    }
}

/// Runs a command that has to succeed; answers with its standard output.
pub fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}\n{}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    text(&output.stdout)
}

pub const GOOD: &str =
    "identifier: hello\ntitle: Hello\nblueprint: service\nproperties:\n  language: Rust\n";
pub const BAD: &str = "identifier: hello\ntitel: Hello\nblueprint: service\n";
