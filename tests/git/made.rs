//! Repositories as the real `git` program makes them, in temporary folders, untouched by the
//! configuration of whoever runs the tests.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use pushgate::git::{
    CommitId, DocumentPaths, HookEnvironment, ObjectId, RefUpdate, Repository, TreeDocument,
};
use tempfile::TempDir;

/// A temporary folder whose path holds a blank, as servers' paths may.
pub struct Folder {
    temporary: TempDir,
    path: PathBuf,
}

impl Folder {
    pub fn new() -> Self {
        Self::named("a folder")
    }

    pub fn named(name: &str) -> Self {
        let temporary = TempDir::new().unwrap();
        let path = temporary.path().canonicalize().unwrap().join(name);
        std::fs::create_dir(&path).unwrap();
        Self { temporary, path }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder that holds it all.
    pub fn outermost(&self) -> &Path {
        self.temporary.path()
    }

    /// A bare repository in it.
    pub fn repository(&self, name: &str) -> Made {
        self.repository_as(name, &[])
    }

    pub fn repository_as(&self, name: &str, options: &[&str]) -> Made {
        let path = self.path.join(name);
        let mut git = git(&self.path);
        git.args(["init", "-q", "--bare", "-b", "main"]);
        git.args(options).arg(&path);
        succeed(&mut git);
        Made { path }
    }
}

/// What a commit's path shall be.
#[derive(Clone, Copy)]
pub enum As<'a> {
    File(&'a str),
    Executable(&'a str),
    Symlink(&'a str),
    Submodule(&'a str),
    Gone,
}

/// A bare repository.
pub struct Made {
    path: PathBuf,
}

impl Made {
    pub fn at(path: PathBuf) -> Self {
        Self { path }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn git<S: AsRef<OsStr>>(&self, arguments: &[S]) -> String {
        let output = succeed(git(&self.path).args(arguments));
        String::from_utf8(output.stdout)
            .unwrap()
            .trim_end()
            .to_owned()
    }

    /// A commit on `branch`, on top of what the branch has.
    pub fn commit(&self, branch: &str, files: &[(&str, As<'_>)]) -> CommitId {
        let has_branch = git(&self.path)
            .args([
                "rev-parse",
                "-q",
                "--verify",
                &format!("refs/heads/{branch}"),
            ])
            .output()
            .unwrap()
            .status
            .success();
        let from = has_branch.then(|| format!("refs/heads/{branch}"));
        self.commit_from(from.as_deref(), branch, files)
    }

    /// A commit on `branch`, on top of `from` or of nothing.
    pub fn commit_from(
        &self,
        from: Option<&str>,
        branch: &str,
        files: &[(&str, As<'_>)],
    ) -> CommitId {
        let mut stream = String::new();
        if from.is_none() {
            writeln!(stream, "reset refs/heads/{branch}").unwrap();
        }
        write!(
            stream,
            "commit refs/heads/{branch}\ncommitter A <a@example.com> 1700000000 +0000\ndata 1\nx\n"
        )
        .unwrap();
        if let Some(from) = from {
            writeln!(stream, "from {}", self.git(&["rev-parse", from])).unwrap();
        }
        for (path, what) in files {
            let (mode, content) = match what {
                As::File(content) => ("100644", content),
                As::Executable(content) => ("100755", content),
                As::Symlink(target) => ("120000", target),
                As::Submodule(commit) => {
                    writeln!(stream, "M 160000 {commit} {path}").unwrap();
                    continue;
                }
                As::Gone => {
                    writeln!(stream, "D {path}").unwrap();
                    continue;
                }
            };
            write!(
                stream,
                "M {mode} inline {path}\ndata {}\n{content}\n",
                content.len()
            )
            .unwrap();
        }
        self.feed(&["fast-import", "--quiet", "--force"], stream.as_bytes());
        self.commit_of(&format!("refs/heads/{branch}"))
    }

    /// Runs git with this on its standard input.
    pub fn feed(&self, arguments: &[&str], input: &[u8]) -> String {
        let mut child = git(&self.path)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "git {arguments:?}");
        String::from_utf8(output.stdout)
            .unwrap()
            .trim_end()
            .to_owned()
    }

    pub fn id(&self, revision: &str) -> ObjectId {
        self.git(&["rev-parse", revision]).parse().unwrap()
    }

    pub fn commit_of(&self, revision: &str) -> CommitId {
        CommitId(self.id(revision))
    }

    pub fn open(&self) -> Repository {
        Repository::open(&HookEnvironment::at(&self.path)).unwrap()
    }

    /// The file of a loose object.
    pub fn loose(&self, id: &ObjectId) -> PathBuf {
        let (folder, file) = id.as_str().split_at(2);
        self.path.join("objects").join(folder).join(file)
    }
}

/// `git`, here, with nobody's configuration.
pub fn git(here: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .current_dir(here)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", "/nonexistent")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("LC_ALL", "C")
        .envs(["AUTHOR", "COMMITTER"].iter().flat_map(|who| {
            [
                (format!("GIT_{who}_NAME"), "A"),
                (format!("GIT_{who}_EMAIL"), "a@example.com"),
                (format!("GIT_{who}_DATE"), "1700000000 +0000"),
            ]
        }));
    command
}

pub fn succeed(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// Whether this git can make such repositories; says so if not.
pub fn git_can(what: &str, options: &[&str]) -> bool {
    let folder = TempDir::new().unwrap();
    let can = git(folder.path())
        .args(["init", "-q", "--bare"])
        .args(options)
        .arg("probe")
        .output()
        .unwrap()
        .status
        .success();
    if !can {
        println!("skipped: this git makes no {what} repositories");
    }
    can
}

/// Documents at the root and directly in `.gimlet`, as by default.
pub struct Usual;

impl DocumentPaths for Usual {
    fn is_document(&self, path: &str) -> bool {
        matches!(path, "port.yaml" | ".gimlet.yaml")
            || path
                .strip_prefix(".gimlet/")
                .is_some_and(|name| !name.contains('/') && name.ends_with(".yaml"))
    }

    fn is_in_the_way(&self, _path: &str) -> bool {
        true
    }

    fn may_contain(&self, folder: &str) -> bool {
        folder == ".gimlet"
    }
}

/// Documents anywhere.
pub struct Everywhere;

impl DocumentPaths for Everywhere {
    fn is_document(&self, path: &str) -> bool {
        path == "port.yaml" || path.ends_with("/port.yaml")
    }

    fn is_in_the_way(&self, _path: &str) -> bool {
        true
    }

    fn may_contain(&self, _folder: &str) -> bool {
        true
    }
}

pub fn named(documents: &[TreeDocument]) -> Vec<String> {
    documents
        .iter()
        .map(|document| format!("{} ({})", document.path, document.what))
        .collect()
}

/// One ref update from its parts; `-` stands for nothing.
pub fn update(old: &str, new: &str, name: &str) -> RefUpdate {
    let length = old.len().max(new.len());
    let word = |id: &str| {
        if id == "-" {
            "0".repeat(length)
        } else {
            id.to_owned()
        }
    };
    let line = format!("{} {} {name}\n", word(old), word(new));
    RefUpdate::parse_all(line.as_bytes()).unwrap().remove(0)
}
