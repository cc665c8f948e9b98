//! Where a page's commands are run: a folder of its own, with nothing of this machine but its programs.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use standin::{AlgorithmiaStandIn, BitbucketStandIn, Command, PortStandIn};
use tempfile::TempDir;

const GOOD: &str = "identifier: hello\ntitle: Hello\nblueprint: service\n";

/// A git server with one repository, its clone, and stand-ins for all remote systems.
pub struct Site {
    folder: TempDir,
    port: PortStandIn,
    bitbucket: BitbucketStandIn,
    algorithmia: AlgorithmiaStandIn,
    tip: String,
    /// The ids of Algorithmia's source code hosts.
    hosts: Vec<String>,
}

/// What a page finds in its environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Equipment {
    /// Programs alone, and an empty folder: a machine on which nothing was set up.
    Bare,
    /// A clone of a repository of the server, and the credentials of all systems.
    SetUp,
}

impl Site {
    pub fn new() -> Self {
        let port = PortStandIn::start().unwrap();
        let bitbucket = BitbucketStandIn::start().unwrap();
        bitbucket.add_project("PRJ");
        bitbucket.add_repository("PRJ/hello");
        port.set_blueprints(vec![serde_json::json!({
            "identifier": "service", "title": "Service", "relations": {},
            "schema": { "properties": { "language": { "type": "string" } }, "required": [] },
        })]);
        let algorithmia = AlgorithmiaStandIn::start().unwrap();
        let id = "11112222-3333-4444-5555-666677778888";
        algorithmia.add_algorithm("OWNER", "NAME", id);
        let mut site = Self {
            folder: tempfile::tempdir().unwrap(),
            port,
            bitbucket,
            algorithmia,
            tip: String::new(),
            hosts: Vec::new(),
        };
        for folder in [
            "bin",
            "empty",
            "etc/pushgate",
            "srv/git/PRJ",
            "var/lib/pushgate",
        ] {
            fs::create_dir_all(site.at(folder)).unwrap();
        }
        symlink(env!("CARGO_BIN_EXE_pushgate"), site.at("bin/pushgate")).unwrap();
        if let Some(key) = standin::good_key() {
            fs::copy(key, site.at("etc/pushgate/hello.pem")).unwrap();
        }
        fs::write(site.config(), site.written_config()).unwrap();
        site.done(
            "git",
            ".",
            &[
                "init",
                "-q",
                "--bare",
                "--initial-branch=main",
                "srv/git/PRJ/hello.git",
            ],
        );
        site.done(
            "git",
            ".",
            &["clone", "-q", "srv/git/PRJ/hello.git", "hello"],
        );
        site.done("git", "hello", &["config", "core.abbrev", "7"]);
        fs::write(site.at("hello/port.yaml"), GOOD).unwrap();
        site.done("git", "hello", &["add", "--all"]);
        site.done(
            "git",
            "hello",
            &["commit", "-q", "-m", "Describe the service"],
        );
        site.done("pushgate", "srv/git/PRJ/hello.git", &["init"]);
        site.done("git", "hello", &["push", "-q", "origin", "HEAD:main"]);
        let tip = site.done("git", "hello", &["rev-parse", "HEAD"]);
        site.tip = tip.trim().to_owned();
        site.bitbucket
            .mirror("PRJ/hello", &site.at("srv/git/PRJ/hello.git"));
        for project in ["OLD", "PRJ"] {
            let host = "https://bb.example.com";
            let ssh = "ssh://git@bb.example.com:7999";
            let create = ["algorithmia", "scm", "create", "--project-key", project];
            let addresses = ["--web", host, "--api", host, "--ssh", ssh];
            site.done(
                "pushgate",
                "hello",
                &[create.as_slice(), &addresses].concat(),
            );
        }
        // The first is the cluster's own.
        site.hosts = site.algorithmia.scms().split_off(1);
        site
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn config(&self) -> PathBuf {
        self.at("etc/pushgate/config.yaml")
    }

    fn written_config(&self) -> String {
        format!(
            "algorithmia:\n  builds:\n    - {{ repository: PRJ/hello, algorithm: OWNER/NAME, ssh_key_file: '{}' }}\n",
            self.at("etc/pushgate/hello.pem").display()
        )
    }

    /// Runs what has to succeed.
    fn done(&self, program: &str, folder: &str, arguments: &[&str]) -> String {
        let mut command = self.command(program, &self.at(folder), Equipment::SetUp);
        let output = command.args(arguments).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {arguments:?}: {error}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn command(&self, program: &str, folder: &Path, equipment: Equipment) -> Command {
        let mut command = Command::new(program);
        let path = std::env::var("PATH").unwrap();
        command
            .env_clear()
            .env("PATH", format!("{}:{path}", self.at("bin").display()))
            .env("HOME", self.folder.path())
            .env("LC_ALL", "C.UTF-8")
            .env("COLUMNS", "80")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_NAME", "Ada")
            .env("GIT_AUTHOR_EMAIL", "ada@example.com")
            .env("GIT_COMMITTER_NAME", "Ada")
            .env("GIT_COMMITTER_EMAIL", "ada@example.com")
            .current_dir(folder)
            .stdin(Stdio::null());
        if equipment == Equipment::SetUp {
            command
                .env("PUSHGATE_CONFIG", self.config())
                .env("PUSHGATE_STATE", self.at("var/lib/pushgate"))
                .env("PORT_API_URL", self.port.url())
                .env("PORT_CLIENT_ID", self.port.client_id())
                .env("PORT_CLIENT_SECRET", self.port.client_secret())
                .env("BITBUCKET_HOST", self.bitbucket.url())
                .env("BITBUCKET_USERNAME", self.bitbucket.user())
                .env("BITBUCKET_PASSWORD", self.bitbucket.password())
                .env("WEBHOOK_SECRET", "a secret of the webhooks, long enough")
                .env("HOST", "https://gimlet.example.com")
                .env("ALGORITHMIA_API", self.algorithmia.url())
                .env("ALGORITHMIA_API_KEY", self.algorithmia.api_key())
                .env("ALGORITHMIA_ADMIN_API_KEY", self.algorithmia.admin_key());
        }
        command
    }

    /// What a page calls by a word of its own, or by a path that only a server has.
    pub fn with_own_words(&self, script: &str) -> String {
        let root = self.folder.path().display();
        let port = format!(
            "PORT_API_URL={} PORT_CLIENT_ID={} PORT_CLIENT_SECRET={}",
            self.port.url(),
            self.port.client_id(),
            self.port.client_secret()
        );
        let (user, password) = self.algorithmia.project_owner();
        let owner =
            format!("BB_PROJECT_OWNER_USERNAME={user} BB_PROJECT_OWNER_PASSWORD={password}");
        script
            .replace("PORT_CLIENT_ID=… PORT_CLIENT_SECRET=…", &port)
            .replace(
                "BB_PROJECT_OWNER_USERNAME=… BB_PROJECT_OWNER_PASSWORD=…",
                &owner,
            )
            .replace(" SHA ", &format!(" {} ", self.tip))
            .replace(" SHA\n", &format!(" {}\n", self.tip))
            .replace(" OLD_ID", &format!(" {}", self.hosts[0]))
            .replace("--scm ID", &format!("--scm {}", self.hosts[1]))
            .replace(" UUID", " 99990000-1111-2222-3333-444455556666")
            .replace("/srv/git/", &format!("{root}/srv/git/PRJ/"))
            .replace("/etc/pushgate", &format!("{root}/etc/pushgate"))
            .replace("/var/lib/pushgate", &format!("{root}/var/lib/pushgate"))
    }

    /// What was printed, with the folder's own path as a page would have it.
    pub fn as_in_a_page(&self, printed: &str) -> String {
        let root = self.folder.path().to_str().unwrap();
        printed
            .replace(&format!("{root}/srv/git/PRJ/"), "/srv/git/")
            .replace(&format!("{root}/empty"), "/home/ada")
            .replace(&format!("{root}/"), "/")
    }

    /// Runs a script; standard error goes where standard output goes.
    pub fn run(&self, script: &str, equipment: Equipment) -> Output {
        let file = self.at("script.sh");
        fs::write(&file, script).unwrap();
        let folder = match equipment {
            Equipment::Bare => self.at("empty"),
            Equipment::SetUp => self.at("hello"),
        };
        let mut command = self.command("timeout", &folder, equipment);
        command.args(["300", "sh"]).arg(file).output().unwrap()
    }
}
