//! The image that buildah makes of the container's files, and containers of it, in a storage of their own.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use standin::{Child, Command};

use crate::machine::{has_program, package, said, succeed};

/// The image's name in its storage.
const NAME: &str = "pushgate";

/// An image with one container of it; all of it is gone when dropped.
pub struct Image {
    folder: tempfile::TempDir,
    container: String,
    program: Vec<String>,
    arguments: Vec<String>,
}

/// The texts of a list in what an engine says of an image.
fn list(value: &Value) -> Vec<String> {
    serde_json::from_value(value.clone()).unwrap()
}

/// Says why there is no image, which is a failure on CI.
fn left_out(reason: &str) {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{reason}");
    println!("skipped: no image can be made here: {reason}");
}

impl Image {
    /// None where this machine can't make it; on CI it has to.
    pub fn build() -> Option<Self> {
        if !has_program("buildah", "the container's image") {
            return None;
        }
        // Others build images too, but can't look into them.
        if succeed(Command::new("id").arg("--user")).trim() != "0" {
            left_out("only root sees the files of an image");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let built = package("container", folder.path());
        if !built.status.success() {
            // The binary needs libraries: then it is refused, which is held here.
            let words = said(&built);
            assert!(
                words.contains("needs libraries, and a container from scratch has none"),
                "{words}"
            );
            println!(
                "skipped: the image needs a static binary, PUSHGATE_BINARY=target/static/pushgate"
            );
            return None;
        }
        let mut image = Self {
            folder,
            container: String::new(),
            program: Vec::new(),
            arguments: Vec::new(),
        };
        let context = image.folder.path().join("container");
        let mut build = image.buildah(&["build", "--isolation", "chroot", "--tag", NAME]);
        let built = build.arg(context).output().unwrap();
        if !built.status.success() {
            left_out(&said(&built));
            return None;
        }
        let made = image.inspect();
        image.program = list(&made["Entrypoint"]);
        image.arguments = list(&made["Cmd"]);
        image.container = image.told(&["from", NAME]);
        Some(image)
    }

    fn buildah(&self, arguments: &[&str]) -> Command {
        let mut buildah = Command::new("buildah");
        buildah
            .args(["--storage-driver", "vfs", "--root"])
            .arg(self.storage())
            .arg("--runroot")
            .arg(self.folder.path().join("running"))
            .args(arguments)
            .env("TMPDIR", self.folder.path())
            .stdin(Stdio::null());
        buildah
    }

    /// The line that buildah answers with.
    fn told(&self, arguments: &[&str]) -> String {
        let output = self.buildah(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// What every engine is told of the image: its user, variables, program.
    pub fn inspect(&self) -> Value {
        let told = self.told(&["inspect", "--type", "image", NAME]);
        serde_json::from_str::<Value>(&told).unwrap()["OCIv1"]["config"].take()
    }

    /// The files of a container of its own, in which nothing has run.
    pub fn files(&self) -> PathBuf {
        let container = self.told(&["from", NAME]);
        PathBuf::from(self.told(&["mount", &container]))
    }

    /// Where images, containers and their volumes lie.
    pub fn storage(&self) -> PathBuf {
        self.folder.path().join("storage")
    }

    /// Runs pushgate in the container as the image says. Options are those of an engine: files that are
    /// mounted, variables.
    pub fn run(&self, options: &[&str], arguments: &[&str]) -> Command {
        let mut run = self.buildah(&["run", "--isolation", "chroot"]);
        run.args(options)
            .args([&self.container, "--"])
            .args(&self.program)
            .args(arguments);
        run
    }

    /// Runs what the image does by itself.
    pub fn start(&self, options: &[&str]) -> Running {
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        let mut run = self.run(options, &arguments);
        let child = run.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        Running(child.unwrap())
    }

    /// A file of this machine in place of one of the container, which can't write it.
    pub fn mounted(file: &Path, inside: &str) -> String {
        format!("--volume={}:{inside}:ro", file.display())
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        // Files that are mounted would keep the folder.
        let _ = self.buildah(&["rm", "--all"]).output();
    }
}

/// A container at work; ended when dropped.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Killed, buildah would leave what runs in the container behind.
        let process = self.0.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &process]).output();
        let _ = self.0.wait();
    }
}
