//! Programs that tests run, as `std::process` runs them, with a watch on secrets: what they print and what
//! they leave in the state folder holds none. Tests run pushgate, and git that runs it as a hook, through
//! [`Command`] and nothing else; `tests/security/spawns.rs` holds them to it.

mod files;
mod secrets;
mod stream;

use std::ffi::{OsStr, OsString};
use std::io::{self, Write as _};
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::process::{ChildStderr, ChildStdin, ChildStdout, ExitStatus, Output, Stdio};

pub use secrets::{MARK, leaks, plant};
pub use stream::Watched;

use files::Files;

/// Names a file that gets a line for each run, for whoever wants to know how many there were.
const COUNT: &str = "PUSHGATE_TEST_RUNS";

/// A program with arguments and variables, as [`std::process::Command`].
#[derive(Debug)]
pub struct Command(std::process::Command);

/// A running program, as [`std::process::Child`].
#[derive(Debug)]
pub struct Child {
    /// What it reads, where that was asked for.
    pub stdin: Option<ChildStdin>,
    /// What it prints, where that was asked for.
    pub stdout: Option<Watched<ChildStdout>>,
    /// What it prints on standard error, where that was asked for.
    pub stderr: Option<Watched<ChildStderr>>,
    child: std::process::Child,
    name: String,
    files: Files,
}

impl Command {
    /// Of that program.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self(std::process::Command::new(program))
    }

    /// One more argument.
    pub fn arg(&mut self, argument: impl AsRef<OsStr>) -> &mut Self {
        self.0.arg(argument);
        self
    }

    /// More arguments.
    pub fn args(&mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> &mut Self {
        self.0.args(arguments);
        self
    }

    /// A variable. What is a secret by its name is looked for from now on.
    pub fn env(&mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> &mut Self {
        secrets::plant_variable(name.as_ref(), value.as_ref());
        self.0.env(name, value);
        self
    }

    /// More variables.
    pub fn envs(
        &mut self,
        variables: impl IntoIterator<Item = (impl AsRef<OsStr>, impl AsRef<OsStr>)>,
    ) -> &mut Self {
        for (name, value) in variables {
            self.env(name, value);
        }
        self
    }

    /// Without that variable.
    pub fn env_remove(&mut self, name: impl AsRef<OsStr>) -> &mut Self {
        self.0.env_remove(name);
        self
    }

    /// Without the variables of the test itself.
    pub fn env_clear(&mut self) -> &mut Self {
        self.0.env_clear();
        self
    }

    /// In that folder.
    pub fn current_dir(&mut self, folder: impl AsRef<Path>) -> &mut Self {
        self.0.current_dir(folder);
        self
    }

    /// What it reads.
    pub fn stdin(&mut self, stream: impl Into<Stdio>) -> &mut Self {
        self.0.stdin(stream);
        self
    }

    /// Where it prints to.
    pub fn stdout(&mut self, stream: impl Into<Stdio>) -> &mut Self {
        self.0.stdout(stream);
        self
    }

    /// Where it prints to on standard error.
    pub fn stderr(&mut self, stream: impl Into<Stdio>) -> &mut Self {
        self.0.stderr(stream);
        self
    }

    /// As that user.
    #[cfg(unix)]
    pub fn uid(&mut self, user: u32) -> &mut Self {
        std::os::unix::process::CommandExt::uid(&mut self.0, user);
        self
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// Where it can't be started.
    ///
    /// # Panics
    /// Where it shows a secret.
    pub fn output(&mut self) -> io::Result<Output> {
        let (name, files) = self.before();
        let output = self.0.output()?;
        look_at(&name, &output);
        files.look_again(&name);
        Ok(output)
    }

    /// Runs it to its end and keeps what it prints.
    ///
    /// # Errors
    /// Where it can't be started.
    ///
    /// # Panics
    /// Where it shows a secret.
    pub fn status(&mut self) -> io::Result<ExitStatus> {
        Ok(self.output()?.status)
    }

    /// Starts it.
    ///
    /// # Errors
    /// Where it can't be started.
    pub fn spawn(&mut self) -> io::Result<Child> {
        let (name, files) = self.before();
        let mut child = self.0.spawn()?;
        Ok(Child {
            stdin: child.stdin.take(),
            stdout: child.stdout.take().map(|it| Watched::new(it, &name)),
            stderr: child.stderr.take().map(|it| Watched::new(it, &name)),
            child,
            name,
            files,
        })
    }

    /// What is known before a run.
    fn before(&self) -> (String, Files) {
        let program = self.0.get_program();
        let arguments: Vec<&OsStr> = self.0.get_args().collect();
        let name = format!("{} {arguments:?}", program.to_string_lossy());
        count(program, &arguments);
        (name, Files::of(&self.0))
    }
}

impl Child {
    /// Waits for its end.
    ///
    /// # Errors
    /// Where the system can't say.
    ///
    /// # Panics
    /// Where it left a secret in a file.
    pub fn wait(&mut self) -> io::Result<ExitStatus> {
        drop(self.stdin.take());
        let status = self.child.wait()?;
        self.files.look_again(&self.name);
        Ok(status)
    }

    /// Waits for its end and takes what it still prints.
    ///
    /// # Errors
    /// Where that can't be read.
    ///
    /// # Panics
    /// Where it shows a secret.
    pub fn wait_with_output(mut self) -> io::Result<Output> {
        drop(self.stdin.take());
        self.child.stdout = self.stdout.take().map(Watched::into_inner);
        self.child.stderr = self.stderr.take().map(Watched::into_inner);
        let output = self.child.wait_with_output()?;
        look_at(&self.name, &output);
        self.files.look_again(&self.name);
        Ok(output)
    }
}

impl Deref for Child {
    type Target = std::process::Child;

    fn deref(&self) -> &Self::Target {
        &self.child
    }
}

impl DerefMut for Child {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.child
    }
}

fn look_at(name: &str, output: &Output) {
    for (stream, bytes) in [
        ("standard output", &output.stdout),
        ("standard error", &output.stderr),
    ] {
        if let Some(shown) = leaks(bytes) {
            panic!("{name} shows a secret on {stream}: {shown}");
        }
    }
}

/// Nothing depends on the count: where it can't be written, there is none.
fn count(program: &OsStr, arguments: &[&OsStr]) {
    let Some(path) = std::env::var_os(COUNT) else {
        return;
    };
    let name = |text: &OsStr| Path::new(text).file_name().map(OsStr::to_owned);
    let is_pushgate = |text: &OsStr| name(text) == Some(OsString::from("pushgate"));
    let is_ours = is_pushgate(program) || arguments.iter().any(|argument| is_pushgate(argument));
    let line = if is_ours { "pushgate\n" } else { "other\n" };
    let file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path);
    let _ = file.and_then(|mut file| file.write_all(line.as_bytes()));
}
