//! A cluster on loopback and somebody who works with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use standin::{AlgorithmiaStandIn, Command, Recorded};
use tempfile::TempDir;

/// The binary under test.
pub const PUSHGATE: &str = env!("CARGO_BIN_EXE_pushgate");

pub const SHA: &str = "6375552a3dcc208f7483f4f58f123dab0dd9c546";
pub const ID: &str = "0a1b2c3d-0000-1111-2222-333344445555";
pub const ENVIRONMENT: &str = "61c5a799-f7d6-4a79-bed9-5acd37463e34";

/// The addresses that the page uses.
pub const URLS: [&str; 6] = [
    "--web",
    "https://bb.acme.org",
    "--api",
    "https://bb.acme.org",
    "--ssh",
    "ssh://git@bb.acme.org:7999",
];

/// A cluster with the algorithm `acme/hello`, and a folder with the operator's files.
pub struct Site {
    pub cluster: AlgorithmiaStandIn,
    folder: TempDir,
    variables: Vec<(String, String)>,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Site {
    /// Somebody with both keys and the Bitbucket account.
    pub fn new() -> Self {
        let cluster = AlgorithmiaStandIn::start().unwrap();
        cluster.add_algorithm("acme", "hello", ID);
        let folder = tempfile::tempdir().unwrap();
        let (name, password) = cluster.project_owner();
        let site = Self {
            variables: Vec::new(),
            folder,
            cluster,
        };
        let (url, key, admin) = (
            site.cluster.url(),
            site.cluster.api_key(),
            site.cluster.admin_key(),
        );
        let site = site
            .with("ALGORITHMIA_API", &url)
            .with("ALGORITHMIA_API_KEY", key)
            .with("ALGORITHMIA_ADMIN_API_KEY", admin)
            .with("BB_PROJECT_OWNER_USERNAME", name)
            .with("BB_PROJECT_OWNER_PASSWORD", password);
        let key = site.write("key.pem", &standin::ssh_private_key());
        site.config(&format!(
            "algorithmia:\n  builds:\n    - {{ repository: PRJ/hello, algorithm: acme/hello, ssh_key_file: {key} }}\ndelivery: {{ wait: 60s }}\n",
            key = key.display()
        ))
    }

    /// A variable of the environment, in place of another of its name; none is set where it is empty.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.retain(|(other, _)| other != name);
        if !value.is_empty() {
            self.variables.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// The operator's configuration.
    pub fn config(self, text: &str) -> Self {
        let path = self.write("config.yaml", text);
        self.with("PUSHGATE_CONFIG", path.to_str().unwrap())
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file that nobody else may read.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    /// A command with the site's environment and nothing of the machine's own.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("LC_ALL", "C")
            .env("PUSHGATE_STATE", self.folder.path().join("state"))
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.ran(&self.command(PUSHGATE).args(arguments).output().unwrap())
    }

    /// An output with what differs from run to run replaced.
    pub fn ran(&self, output: &Output) -> Ran {
        let text = |bytes: &[u8]| self.lasting(&String::from_utf8_lossy(bytes));
        let ran = Ran {
            code: output.status.code(),
            out: text(&output.stdout),
            err: text(&output.stderr),
        };
        for secret in [
            self.cluster.api_key(),
            self.cluster.admin_key(),
            self.cluster.token(),
            self.cluster.project_owner().1,
        ] {
            let said = format!("{}{}", ran.out, ran.err);
            assert!(!said.contains(secret), "a secret is shown: {said}");
        }
        ran
    }

    fn lasting(&self, text: &str) -> String {
        text.replace(&self.cluster.url(), "https://CLUSTER")
            .replace(self.folder.path().to_str().unwrap(), "FOLDER")
    }

    /// Runs a command that has to succeed; answers with its standard output.
    pub fn succeed(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(0), "{arguments:?}: {ran:?}");
        ran.out
    }

    /// What was sent that changes something.
    pub fn changes(&self) -> Vec<Recorded> {
        let all = self.cluster.requests().into_iter();
        all.filter(|request| request.method != "GET").collect()
    }

    /// Creates the page's SCM configuration; answers with its id.
    pub fn scm(&self) -> String {
        let mut arguments = vec!["algorithmia", "scm", "create", "--project-key", "PRJ"];
        arguments.extend(URLS);
        self.succeed(&arguments);
        self.cluster.scms().pop().unwrap()
    }

    /// What a person sees of a series of commands, with exit codes.
    pub fn transcript(&self, commands: &[&[&str]]) -> String {
        let one = |arguments: &&[&str]| {
            let Ran { code, out, err } = self.run(arguments);
            let line = self.lasting(&arguments.join(" "));
            format!("$ pushgate {line}\n{out}{err}[{}]\n", code.unwrap())
        };
        commands.iter().map(one).collect::<Vec<_>>().join("\n")
    }

    /// As [`Site::transcript`], of commands that are refused with 2 before anything is changed.
    pub fn refused(&self, commands: &[&[&str]]) -> String {
        let before = self.changes().len();
        let text = self.transcript(commands);
        assert_eq!(self.changes().len(), before, "{text}");
        let codes = text.lines().filter(|line| line.starts_with('['));
        assert!(codes.into_iter().all(|code| code == "[2]"), "{text}");
        text
    }
}
