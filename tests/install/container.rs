//! The container, without an engine: the files that its Dockerfile copies, in a chroot.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use standin::{Child, Command, feed};

use standin::{BitbucketStandIn, TlsStandIn};

use crate::machine::{BAD, GOOD, has_program, package, root, said, succeed};

const DOCKERFILE: &str = include_str!("../../packaging/container/Dockerfile");

/// What an engine would make of the Dockerfile.
struct Container {
    folder: tempfile::TempDir,
    variables: BTreeMap<String, String>,
    user: String,
    program: String,
    arguments: Vec<String>,
}

fn list(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap()
}

impl Container {
    /// None where the binary needs libraries: then it is refused, which is held here.
    fn build() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let built = package("container", folder.path());
        if !built.status.success() {
            let words = said(&built);
            assert!(
                words.contains("needs libraries, and a container from scratch has none"),
                "{words}"
            );
            println!(
                "skipped: the chroot needs a static binary, PUSHGATE_BINARY=target/static/pushgate"
            );
            return None;
        }
        let id = succeed(Command::new("id").arg("--user"));
        if id.trim() != "0" {
            println!("skipped: only root may chroot");
            return None;
        }
        let context = folder.path().join("container");
        let mut container = Self {
            variables: BTreeMap::new(),
            user: String::new(),
            program: String::new(),
            arguments: Vec::new(),
            folder,
        };
        let mut from = None;
        for line in DOCKERFILE.lines().filter(|line| !line.starts_with('#')) {
            let (instruction, rest) = line.split_once(' ').unwrap();
            match instruction {
                "FROM" => from = Some(rest),
                "COPY" => container.copy(&context, rest),
                "USER" => container.user = rest.to_owned(),
                "ENV" => {
                    let (name, value) = rest.split_once('=').unwrap();
                    container
                        .variables
                        .insert(name.to_owned(), value.to_owned());
                }
                "ENTRYPOINT" => container.program = list(rest).remove(0),
                "CMD" => container.arguments = list(rest),
                "VOLUME" | "EXPOSE" | "WORKDIR" => {}
                _ => panic!("what does an engine do with {line:?}?"),
            }
        }
        assert_eq!(from, Some("scratch"));
        // Every engine gives a container its devices and its hosts.
        fs::create_dir(container.root().join("dev")).unwrap();
        for (name, minor) in [("null", "3"), ("random", "8"), ("urandom", "9")] {
            let device = container.root().join("dev").join(name);
            succeed(
                Command::new("mknod")
                    .args(["-m", "666"])
                    .arg(device)
                    .args(["c", "1", minor]),
            );
        }
        let hosts = container.root().join("etc/hosts");
        fs::write(hosts, "127.0.0.1 localhost\n").unwrap();
        Some(container)
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("root")
    }

    fn copy(&self, context: &Path, arguments: &str) {
        let mut words: Vec<&str> = arguments.split(' ').collect();
        let owner = words[0].strip_prefix("--chown=").map(str::to_owned);
        if owner.is_some() {
            words.remove(0);
        }
        let target = self.root().join(words[1].trim_start_matches('/'));
        fs::create_dir_all(&target).unwrap();
        let source = context.join(words[0]);
        let mut copied = Command::new("cp");
        succeed(
            copied
                .args(["-rT", "--preserve=mode"])
                .arg(&source)
                .arg(&target),
        );
        // A folder that was there before keeps its owner.
        for entry in fs::read_dir(source).unwrap().map(Result::unwrap) {
            if let Some(owner) = &owner {
                let copied = target.join(entry.file_name());
                succeed(Command::new("chown").args(["-R", owner]).arg(copied));
            }
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("/usr/sbin/chroot");
        command
            .arg(format!("--userspec={}", self.user))
            .arg(self.root())
            .arg(&self.program)
            .args(arguments)
            .env_clear()
            .envs(&self.variables)
            .stdin(Stdio::null());
        command
    }
}

#[test]
fn the_files_are_enough() {
    let Some(container) = Container::build() else {
        return;
    };
    let mut found = Command::new("find");
    let found = found.arg(container.root()).args([
        "-mindepth",
        "1",
        "-not",
        "-path",
        "*/dev*",
        "-not",
        "-path",
        "*/etc/hosts",
        "-printf",
        "%M %U %P\\n",
    ]);
    let listed = succeed(found);
    let mut lines: Vec<&str> = listed.lines().collect();
    lines.sort_by_key(|line| line.rsplit(' ').next());
    insta::assert_snapshot!("files", lines.join("\n"));

    let version = succeed(&mut container.command(&["--version"]));
    assert_eq!(version, format!("pushgate {}\n", env!("CARGO_PKG_VERSION")));
    for (document, code) in [(BAD, 1), (GOOD, 0)] {
        let mut check = container.command(&["check", "--stdin-filename", "port.yaml"]);
        let output = feed(&mut check, document);
        assert_eq!(output.status.code(), Some(code), "{}", said(&output));
    }
}

/// A server in the container; ended when dropped.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn it_serves_as_its_own_user() {
    let Some(container) = Container::build() else {
        return;
    };
    if !has_program("curl", "a look at the container's server") {
        return;
    }
    let config = container.root().join("etc/pushgate/config.yaml");
    fs::write(config, "serve: { listen: '127.0.0.1:0' }\n").unwrap();
    let arguments: Vec<&str> = container.arguments.iter().map(String::as_str).collect();
    let mut serve = container.command(&arguments);
    let mut serving = Serving(
        serve
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let address = BufReader::new(serving.0.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("listening on ").map(str::to_owned))
        .unwrap();
    succeed(Command::new("curl").args(["--silent", "--fail", &format!("{address}/readyz")]));
    let state = container.root().join("var/lib/pushgate");
    assert!(
        fs::read_dir(state).unwrap().next().is_some(),
        "nothing was written"
    );
}

/// Whom it trusts comes from the file of authorities in the container and from nowhere else.
#[test]
fn it_trusts_the_authorities_that_were_packed() {
    let Some(container) = Container::build() else {
        return;
    };
    let bitbucket = BitbucketStandIn::start().unwrap();
    let Some(server) = TlsStandIn::start(&[("localhost", &bitbucket.url())]).unwrap() else {
        return;
    };
    let ask = || {
        let mut ask = container.command(&["bitbucket", "webhooks", "list", "--all"]);
        ask.env("BITBUCKET_SERVER_ADDRESS", server.url("localhost"))
            .env("BITBUCKET_SERVER_TOKEN", "token");
        let words = said(&ask.output().unwrap());
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let told = ask();
    assert!(told.contains("TLS failed"), "{told}");
    let authorities = container.root().join("etc/ssl/certs/ca-certificates.crt");
    let mut text = fs::read_to_string(&authorities).unwrap();
    text.push_str(&fs::read_to_string(server.certificate()).unwrap());
    fs::write(&authorities, text).unwrap();
    let told = ask();
    assert!(
        !told.contains("TLS failed") && !told.contains("can't be reached"),
        "{told}"
    );
}

#[test]
fn hadolint_finds_nothing_wrong() {
    if has_program("hadolint", "the lint of the Dockerfile") {
        let dockerfile = root().join("packaging/container/Dockerfile");
        succeed(Command::new("hadolint").arg(dockerfile));
    }
}
