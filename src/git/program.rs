//! A repository as the `git` program reads it: slower, but it knows every format.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};

use super::environment::HookEnvironment;
use super::id::ObjectId;
use super::object::{Blob, Object, ObjectKind};
use super::read_error::{Fault, ReadError};
use super::ref_update::RefName;
use super::store::{Branch, Branches, ObjectStore};
use crate::visible::clipped_bytes;

/// What git may say of its own before it is cut off.
const COMPLAINT: usize = 300;

/// Runs git in one repository; objects come from one long-lived `git cat-file --batch`.
pub(super) struct Program {
    directory: PathBuf,
    environment: HookEnvironment,
    reader: RefCell<Option<CatFile>>,
    symbolic: OnceCell<HashMap<RefName, RefName>>,
}

/// A running `git cat-file --batch`.
struct CatFile {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    complaints: File,
    /// How much of the complaints is about earlier objects.
    told: u64,
}

impl Drop for CatFile {
    fn drop(&mut self) {
        // It may be in the middle of an object that nobody wants; there is nothing to save.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    /// Starts nothing yet.
    pub(super) fn new(directory: &Path, environment: &HookEnvironment) -> Self {
        Self {
            directory: directory.to_owned(),
            environment: environment.clone(),
            reader: RefCell::new(None),
            symbolic: OnceCell::new(),
        }
    }

    /// `git` in this repository, seeing what the hook sees. With `GIT_DIR` set git does not ask
    /// who owns the repository.
    fn git(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command
            .args(arguments)
            .current_dir(self.environment.working_directory())
            .env("GIT_DIR", &self.directory)
            .env("LC_ALL", "C")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_TERMINAL_PROMPT", "0")
            // What is missing from a partial clone stays missing: a hook does not go to the network.
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_ALLOW_PROTOCOL", "")
            // libgit2 knows no replaced objects, and a push is judged by what it brings.
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env_remove("GIT_NAMESPACE")
            .env_remove("GIT_WORK_TREE")
            .stdin(Stdio::null());
        for (name, value) in self.environment.variables() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }

    fn ask(&self, id: &ObjectId, limit: u64) -> Result<Object, Fault> {
        let mut slot = self.reader.borrow_mut();
        let mut reader = match slot.take() {
            Some(reader) => reader,
            None => self.start().map_err(Fault::Unreadable)?,
        };
        match reader.answer(id, limit) {
            Ok(object) => {
                // Of an object that is too large the rest was not read: the next one starts anew.
                if matches!(object.content, Blob::Content(_)) {
                    *slot = Some(reader);
                }
                Ok(object)
            }
            Err(Unanswered::Missing) => {
                let fault = reader.complaint("git finds no such object");
                *slot = Some(reader);
                Err(fault)
            }
            Err(Unanswered::Broken(reason)) => {
                // Should it live on, it would wait for more ids and never end.
                let _ = reader.child.kill();
                let _ = reader.child.wait();
                Err(reader.complaint(&reason))
            }
        }
    }

    fn start(&self) -> Result<CatFile, String> {
        let complaints = tempfile::tempfile().map_err(|error| cannot_start(&error))?;
        let stderr = complaints
            .try_clone()
            .map_err(|error| cannot_start(&error))?;
        let mut child = self
            .git(&["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .map_err(|error| cannot_start(&error))?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(input), Some(output)) => Ok(CatFile {
                child,
                input,
                output: BufReader::new(output),
                complaints,
                told: 0,
            }),
            _ => Err("`git` was started without pipes".to_owned()),
        }
    }

    /// The branches that are symbolic refs, and where each leads to.
    fn symbolic_branches(&self) -> Result<HashMap<RefName, RefName>, ReadError> {
        let format = "--format=%(symref) %(refname)";
        let (status, output, complaint) = self.output(&["for-each-ref", format, "refs/heads/"])?;
        if !status.success() {
            return Err(ReadError::References { reason: complaint });
        }
        let lines = output.split(|byte| *byte == b'\n');
        // A ref's name holds no blank.
        let names = lines.filter_map(|line| {
            let blank = memchr::memchr(b' ', line).filter(|blank| *blank > 0)?;
            let (target, name) = (&line[..blank], &line[blank + 1..]);
            Some((RefName::from_bytes(name), RefName::from_bytes(target)))
        });
        Ok(names.collect())
    }

    /// Standard output of a short command, or what git said on failure.
    pub(super) fn output(
        &self,
        arguments: &[&str],
    ) -> Result<(ExitStatus, Vec<u8>, String), ReadError> {
        let output = self
            .git(arguments)
            .output()
            .map_err(|error| ReadError::References {
                reason: cannot_start(&error),
            })?;
        let complaint = clipped_bytes(output.stderr.trim_ascii(), COMPLAINT);
        Ok((output.status, output.stdout, complaint))
    }
}

/// Why there is no object.
enum Unanswered {
    /// Git says so and goes on.
    Missing,
    /// Git stopped, or says what nobody understands.
    Broken(String),
}

impl From<std::io::Error> for Unanswered {
    fn from(error: std::io::Error) -> Self {
        Self::Broken(format!("git stopped answering: {error}"))
    }
}

impl CatFile {
    fn answer(&mut self, id: &ObjectId, limit: u64) -> Result<Object, Unanswered> {
        writeln!(self.input, "{id}")?;
        self.input.flush()?;
        let mut header = Vec::new();
        self.output.read_until(b'\n', &mut header)?;
        let broken = || {
            let header = clipped_bytes(&header, COMPLAINT);
            Unanswered::Broken(format!("git answered `{header}`"))
        };
        let mut words = header.trim_ascii_end().split(|byte| *byte == b' ');
        if words.next() != Some(id.as_str().as_bytes()) {
            return Err(broken());
        }
        let kind = words.next().ok_or_else(broken)?;
        if kind == b"missing" {
            return Err(Unanswered::Missing);
        }
        let kind = ObjectKind::from_word(kind).ok_or_else(broken)?;
        let bytes: u64 = words
            .next()
            .and_then(|word| std::str::from_utf8(word).ok()?.parse().ok())
            .ok_or_else(broken)?;
        if bytes > limit {
            let content = Blob::TooLarge { bytes };
            return Ok(Object { kind, content });
        }
        let mut content = Vec::new();
        (&mut self.output).take(bytes).read_to_end(&mut content)?;
        let mut end = [0];
        self.output.read_exact(&mut end)?;
        if u64::try_from(content.len()) != Ok(bytes) || end != *b"\n" {
            return Err(broken());
        }
        let content = Blob::Content(content);
        Ok(Object { kind, content })
    }

    /// What git wrote to its standard error, else `otherwise`.
    fn complaint(&mut self, otherwise: &str) -> Fault {
        let mut said = Vec::new();
        let read = self
            .complaints
            .seek(SeekFrom::Start(self.told))
            .and_then(|_| self.complaints.read_to_end(&mut said));
        self.told += said.len() as u64;
        Fault::Unreadable(match read {
            Ok(_) if !said.trim_ascii().is_empty() => {
                format!(
                    "{otherwise}: {}",
                    clipped_bytes(said.trim_ascii(), COMPLAINT)
                )
            }
            _ => otherwise.to_owned(),
        })
    }
}

fn cannot_start(error: &std::io::Error) -> String {
    format!("the `git` program can't be started: {error}")
}

impl ObjectStore for Program {
    fn object(&self, id: &ObjectId, limit: u64) -> Result<Object, ReadError> {
        self.ask(id, limit)
            .map_err(|fault| ReadError::object(id, fault))
    }

    fn reference(&self, name: &RefName) -> Result<Option<ObjectId>, ReadError> {
        let mut command = self.git(&["for-each-ref", FORMAT]);
        command.arg(std::ffi::OsStr::from_bytes(name.as_bytes()));
        // A pattern also matches what lies below it.
        for branch in (Listing::start(command)?).by_ref() {
            let branch = branch?;
            if branch.name == *name {
                return Ok(Some(branch.tip));
            }
        }
        Ok(None)
    }

    fn branches(&self) -> Result<Branches<'_>, ReadError> {
        let listing = Listing::start(self.git(&["for-each-ref", FORMAT, "refs/heads/"]))?;
        Ok(Box::new(listing))
    }

    fn moves(&self, name: &RefName) -> Result<RefName, ReadError> {
        let symbolic = match self.symbolic.get() {
            Some(symbolic) => symbolic,
            None => {
                let symbolic = self.symbolic_branches()?;
                self.symbolic.get_or_init(|| symbolic)
            }
        };
        Ok(symbolic.get(name).unwrap_or(name).clone())
    }

    fn default_branch(&self) -> Result<Option<RefName>, ReadError> {
        let (status, output, complaint) = self.output(&["symbolic-ref", "-q", "HEAD"])?;
        match status.code() {
            Some(0) => Ok(Some(RefName::from_bytes(output.trim_ascii_end()))),
            Some(1) => Ok(None),
            _ => Err(ReadError::References { reason: complaint }),
        }
    }
}

const FORMAT: &str = "--format=%(objectname) %(refname)";

/// A running `git for-each-ref`, read line by line.
struct Listing {
    child: Child,
    output: BufReader<ChildStdout>,
    complaints: File,
    ended: bool,
}

impl Drop for Listing {
    fn drop(&mut self) {
        if !self.ended {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

impl Listing {
    fn start(mut command: Command) -> Result<Self, ReadError> {
        let failed = |error: std::io::Error| ReadError::References {
            reason: cannot_start(&error),
        };
        let complaints = tempfile::tempfile().map_err(failed)?;
        let stderr = complaints.try_clone().map_err(failed)?;
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .map_err(failed)?;
        let output = child.stdout.take().ok_or_else(|| ReadError::References {
            reason: "`git` was started without pipes".to_owned(),
        })?;
        Ok(Self {
            child,
            output: BufReader::new(output),
            complaints,
            ended: false,
        })
    }

    /// Nothing more came: git's exit says whether that was all.
    fn end(&mut self) -> Result<(), String> {
        self.ended = true;
        let status = self.child.wait().map_err(|error| error.to_string())?;
        if status.success() {
            return Ok(());
        }
        let mut said = Vec::new();
        self.complaints
            .seek(SeekFrom::Start(0))
            .and_then(|_| self.complaints.read_to_end(&mut said))
            .map_err(|error| error.to_string())?;
        Err(clipped_bytes(said.trim_ascii(), COMPLAINT))
    }

    fn line(&mut self) -> Result<Option<Branch>, String> {
        let mut line = Vec::new();
        self.output
            .read_until(b'\n', &mut line)
            .map_err(|error| error.to_string())?;
        if line.is_empty() {
            return self.end().map(|()| None);
        }
        let line = line.strip_suffix(b"\n").unwrap_or(&line);
        let mut words = line.splitn(2, |byte| *byte == b' ');
        let tip = words
            .next()
            .and_then(|word| std::str::from_utf8(word).ok()?.parse().ok());
        match (tip, words.next()) {
            (Some(tip), Some(name)) => Ok(Some(Branch {
                name: RefName::from_bytes(name),
                tip,
            })),
            _ => Err(format!("git answered `{}`", clipped_bytes(line, COMPLAINT))),
        }
    }
}

impl Iterator for Listing {
    type Item = Result<Branch, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        self.line()
            .map_err(|reason| ReadError::References { reason })
            .transpose()
    }
}
