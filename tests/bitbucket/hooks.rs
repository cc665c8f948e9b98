//! Hooks as Bitbucket 8 and later start them: no repository is named, the REST API has it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::{Value, json};
use standin::{AlgorithmiaStandIn, BitbucketStandIn, Command, Fault, PortStandIn, feed};
use tempfile::TempDir;

use crate::bench::git;

const PUSHGATE: &str = env!("CARGO_BIN_EXE_pushgate");
const ONE: &str =
    "identifier: one\ntitle: One\nblueprint: service\nproperties:\n  readme: file://README.md\n";
const TWO: &str = "- {identifier: one, title: One, blueprint: service}\n- {identifier: two, title: Two, blueprint: service}\n";

/// A Bitbucket, a Port, and a developer's clone that is mirrored into the one.
struct Site {
    folder: TempDir,
    bitbucket: BitbucketStandIn,
    port: PortStandIn,
    algorithmia: AlgorithmiaStandIn,
    clone: PathBuf,
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clone = folder.path().join("clone");
        fs::create_dir(&clone).unwrap();
        git(&clone, &["init", "--quiet", "--initial-branch=main"]);
        let key = folder.path().join("key.pem");
        fs::write(&key, standin::ssh_private_key()).unwrap();
        let config = format!(
            "delivery: {{ after_push: none }}\nalgorithmia:\n  builds:\n    - {{ repository: PRJ/hello, algorithm: acme/hello, ssh_key_file: {} }}\n",
            key.display()
        );
        fs::write(folder.path().join("config.yaml"), config).unwrap();
        let port = PortStandIn::start().unwrap();
        let algorithmia = AlgorithmiaStandIn::start().unwrap();
        algorithmia.add_algorithm("acme", "hello", "0a1b2c3d-0000-1111-2222-333344445555");
        let bitbucket = BitbucketStandIn::start().unwrap();
        Self {
            folder,
            bitbucket,
            port,
            algorithmia,
            clone,
        }
    }

    /// Commits files to `main` (empty text removes one), takes it over into Bitbucket, and returns
    /// the line that the hook is told.
    fn push(&self, files: &[(&str, &str)]) -> String {
        self.push_to("main", files)
    }

    fn push_to(&self, branch: &str, files: &[(&str, &str)]) -> String {
        let zero = "0".repeat(40);
        let tip = |name: &str| {
            let tip = git(
                &self.clone,
                &["for-each-ref", "--format=%(objectname)", name],
            );
            if tip.is_empty() { zero.clone() } else { tip }
        };
        let reference = format!("refs/heads/{branch}");
        let old = tip(&reference);
        if branch != "main" {
            git(&self.clone, &["switch", "--quiet", "--create", branch]);
        }
        for (path, content) in files {
            let path = self.clone.join(path);
            if content.is_empty() {
                fs::remove_file(path).unwrap();
            } else {
                fs::write(path, content).unwrap();
            }
        }
        git(&self.clone, &["add", "--all"]);
        git(&self.clone, &["commit", "--quiet", "--message", "x"]);
        let new = tip(&reference);
        git(&self.clone, &["switch", "--quiet", "main"]);
        self.bitbucket.mirror("PRJ/hello", &self.clone.join(".git"));
        format!("{old} {new} {reference}\n")
    }

    /// pushgate with what Bitbucket 8 gives a hook, and nothing else of git.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PUSHGATE);
        command
            .args(arguments)
            .env_clear()
            .current_dir("/")
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("PUSHGATE_CONFIG", self.folder.path().join("config.yaml"))
            .env("PUSHGATE_STATE", self.state())
            .env("BB_HOOK_TRIGGER_ID", "push")
            .env("BB_HOOK_TYPE", "POST")
            .env("BB_IS_DRY_RUN", "false")
            .env("BB_PROJECT_KEY", "PRJ")
            .env("BB_REPO_SLUG", "hello")
            .env("BB_USER_NAME", "ada")
            .env("PORT_API_URL", self.port.url())
            .env("PORT_CLIENT_ID", self.port.client_id())
            .env("PORT_CLIENT_SECRET", self.port.client_secret())
            .env("ALGORITHMIA_API", self.algorithmia.url())
            .env("ALGORITHMIA_API_KEY", self.algorithmia.api_key())
            .env("BITBUCKET_HOST", self.bitbucket.url())
            .env("BITBUCKET_USERNAME", self.bitbucket.user())
            .env("BITBUCKET_PASSWORD", self.bitbucket.password());
        command
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// Runs the post-receive hook, which has to end well; answers with what it said.
    fn post_receive(&self, lines: &str) -> String {
        let output = feed(&mut self.command(&["hook", "post-receive"]), lines);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{said}");
        said
    }

    fn deliver(&self) -> Output {
        self.command(&["deliver"]).output().unwrap()
    }

    fn outbox(&self) -> Vec<Value> {
        let output = self
            .command(&["outbox", "list", "--format", "json"])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The identifiers that Port holds.
    fn entities(&self) -> Vec<String> {
        let keys = self.port.entities().into_keys();
        keys.map(|(_, identifier)| identifier).collect()
    }

    /// From now on Bitbucket answers nothing but this.
    fn fail(&self, status: u16) {
        self.bitbucket.fail_by(move |_| Some(Fault::status(status)));
    }
}

#[test]
fn what_was_pushed_is_read_from_bitbucket() {
    let site = Site::new();
    let line = site.push(&[("port.yaml", ONE), ("README.md", "# Hello\n")]);
    let said = site.post_receive(&line);
    assert!(said.contains("2 deliveries queued"), "{said}");
    assert!(site.deliver().status.success());
    assert_eq!(site.entities(), ["one"]);
    let entity = site.port.entities()[&("service".to_owned(), "one".to_owned())].clone();
    assert_eq!(entity["properties"]["readme"], json!("# Hello\n"));
    let commit = line.split(' ').nth(1).unwrap();
    assert_eq!(site.algorithmia.builds()[0].commit, commit);
    // Another branch is nobody's concern.
    let before = site.port.requests().len();
    site.post_receive(&site.push_to("feature", &[("port.yaml", TWO)]));
    assert_eq!(site.outbox(), Vec::<Value>::new());
    assert_eq!(site.port.requests().len(), before);
    site.bitbucket.assert_conforms();
    site.port.assert_conforms();
}

#[test]
fn entities_that_left_the_files_go_and_those_that_can_not_be_read_stay() {
    let site = Site::new();
    site.post_receive(&site.push(&[("port.yaml", TWO)]));
    assert!(site.deliver().status.success());
    assert_eq!(site.entities(), ["one", "two"]);
    let line = site.push(&[("port.yaml", ""), ("README.md", "x")]);
    // Not one answer of these says that nothing is declared any more.
    for status in [401, 403, 404, 500] {
        site.fail(status);
        let said = site.post_receive_may_fail(&line);
        assert!(said.contains("cannot"), "{said}");
        site.deliver();
        assert_eq!(site.entities(), ["one", "two"], "{status}");
    }
    site.come_back();
    assert_eq!(site.entities(), Vec::<String>::new());
}

impl Site {
    /// Bitbucket answers again, and what waits is delivered.
    fn come_back(&self) {
        self.bitbucket.mend();
        let retry = ["outbox", "retry", "--all"];
        assert!(self.command(&retry).output().unwrap().status.success());
        let output = self.deliver();
        let told = text(&output.stdout) + &text(&output.stderr);
        assert!(output.status.success(), "{told}");
    }

    fn post_receive_may_fail(&self, lines: &str) -> String {
        text(&feed(&mut self.command(&["hook", "post-receive"]), lines).stderr)
    }
}

#[test]
fn a_bitbucket_that_is_down_is_asked_again_when_it_is_delivered() {
    let site = Site::new();
    let line = site.push(&[("port.yaml", ONE), ("README.md", "# Hello\n")]);
    site.fail(500);
    let said = site.post_receive_may_fail(&line);
    insta::with_settings!({filters => vec![(r"127\.0\.0\.1:\d+", "bitbucket.example.com")]}, {
        insta::assert_snapshot!("down_at_the_push", said);
    });
    // Durable, visible, and nothing has reached Port.
    let waiting = site.outbox();
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    assert_eq!(site.deliver().status.code(), Some(3));
    let problem = site.outbox()[0]["problem"].to_string();
    assert!(problem.contains("Bitbucket itself failed"), "{problem}");
    assert_eq!(site.outbox()[0]["state"], "waiting");
    assert!(site.port.entities().is_empty());
    site.come_back();
    assert_eq!(site.entities(), ["one"]);
}

#[test]
fn the_tip_counts_and_not_what_a_late_job_says() {
    let site = Site::new();
    let first = site.push(&[("port.yaml", TWO)]);
    site.post_receive(&first);
    // The second push's hook has not run yet.
    site.push(&[("port.yaml", ONE), ("README.md", "text")]);
    // While the tip can't be told, nothing is delivered.
    site.fail(503);
    assert_eq!(site.deliver().status.code(), Some(3));
    assert!(site.port.entities().is_empty());
    site.come_back();
    assert_eq!(site.entities(), ["one"]);
    // Where the repository is gone, the last that is known of it counts.
    let third = site.push(&[("port.yaml", TWO)]);
    site.post_receive(&third);
    site.bitbucket.remove_repository("PRJ/hello");
    site.deliver();
    assert_eq!(site.entities(), ["one", "two"]);
}

#[test]
fn who_has_set_up_no_rest_api_is_told_what_to_set() {
    let site = Site::new();
    let line = site.push(&[("port.yaml", ONE)]);
    let run = |strip: &[&str]| {
        let mut command = site.command(&["hook", "post-receive"]);
        for name in strip {
            command.env_remove(name);
        }
        let output = feed(&mut command, &line);
        (output.status.code(), text(&output.stderr))
    };
    let all = ["BITBUCKET_HOST", "BITBUCKET_USERNAME", "BITBUCKET_PASSWORD"];
    let (code, said) = run(&all);
    assert_eq!(code, Some(3));
    insta::assert_snapshot!("no_rest_api", said);
    let (code, said) = run(&all[2..]);
    assert_eq!(code, Some(2));
    assert!(said.contains("BITBUCKET_PASSWORD"), "{said}");
    assert_eq!(site.outbox(), Vec::<Value>::new());
    // Where nothing is to be delivered, nothing is asked for.
    let mut command = site.command(&["hook", "post-receive"]);
    fs::write(
        site.folder.path().join("config.yaml"),
        "port: { deliver: never }\n",
    )
    .unwrap();
    for name in all {
        command.env_remove(name);
    }
    assert_eq!(feed(&mut command, &line).status.code(), Some(0));
}

/// The quarantine names the repository, as git of Bitbucket 8 starts the hook.
#[test]
fn pre_receive_finds_the_repository_above_its_quarantine() {
    let folder = tempfile::tempdir().unwrap();
    let bare = folder.path().join("repositories/42");
    let clone = folder.path().join("clone");
    let run = |at: &Path, arguments: &[&str]| git(at, arguments);
    run(
        folder.path(),
        &[
            "init",
            "--quiet",
            "--bare",
            "--initial-branch=main",
            bare.to_str().unwrap(),
        ],
    );
    run(
        folder.path(),
        &[
            "clone",
            "--quiet",
            bare.to_str().unwrap(),
            clone.to_str().unwrap(),
        ],
    );
    let hook = bare.join("hooks/pre-receive");
    let script = format!(
        "#!/bin/sh\ncd /\nexec env -i PATH=\"$PATH\" HOME=/ \\\n  GIT_OBJECT_DIRECTORY=\"$GIT_OBJECT_DIRECTORY\" GIT_QUARANTINE_PATH=\"$GIT_QUARANTINE_PATH\" \\\n  GIT_ALTERNATE_OBJECT_DIRECTORIES=\"$GIT_ALTERNATE_OBJECT_DIRECTORIES\" \\\n  BB_HOOK_TRIGGER_ID=push BB_HOOK_TYPE=PRE BB_IS_DRY_RUN=false BB_PROJECT_KEY=PRJ BB_REPO_SLUG=hello BB_USER_NAME=ada \\\n  '{PUSHGATE}' hook pre-receive\n"
    );
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, script).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let push = |content: &str| {
        fs::write(clone.join("port.yaml"), content).unwrap();
        run(&clone, &["add", "--all"]);
        run(&clone, &["commit", "--quiet", "--message", "x"]);
        let output = Command::new("git")
            .current_dir(&clone)
            .args(["push", "--quiet", "origin", "HEAD:main"])
            .output()
            .unwrap();
        (output.status.success(), text(&output.stderr))
    };
    let (accepted, said) = push("identifier: a\ntitle: A\nblueprint: b\n");
    assert!(accepted && said.contains("accepted; Port: 1 new"), "{said}");
    // The objects of earlier pushes are found beside those in the quarantine.
    let (accepted, said) = push("identifier: a\ntitel: A\nblueprint: b\n");
    assert!(!accepted && said.contains("refused"), "{said}");
}
