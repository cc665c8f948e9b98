//! The steps of `docs/ci.md`, taken out of it and run as each system runs them: in a clean folder with a clean
//! environment.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;
use sha2::{Digest, Sha256};
use standin::Command;
use tempfile::TempDir;

use crate::run::{PUSHGATE, code, folder, missing, said};

const PAGE: &str = include_str!("../../docs/ci.md");

const GOOD: &str = "identifier: hello\ntitle: Hello\nblueprint: service\n";
const BAD: &str = "identifier: hello\ntitel: Hello\nblueprint: service\n";

/// The block of code behind a marker.
fn step(name: &str) -> &'static str {
    let (_, rest) = PAGE
        .split_once(&format!("<!-- step: {name} -->\n```"))
        .unwrap();
    let (_, rest) = rest.split_once('\n').unwrap();
    rest.split_once("\n```").unwrap().0
}

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap()
}

/// A checked-out repository, and a folder outside of it that has the binary in `bin`.
struct Machine {
    work: TempDir,
    outside: TempDir,
}

impl Machine {
    fn new(port: &str) -> Self {
        let work = folder(&[("port.yaml", port), ("src/main.py", "")]);
        let outside = folder(&[("bin/x", ""), ("temp/x", "")]);
        std::os::unix::fs::symlink(PUSHGATE, outside.path().join("bin/pushgate")).unwrap();
        Self { work, outside }
    }

    /// A shell as a CI system starts it: nothing of this machine but its programs.
    fn shell(&self, program: &str, options: &[&str], script: &str) -> Command {
        let path = self.outside.path().join("script.sh");
        fs::write(&path, script).unwrap();
        let mut command = Command::new(program);
        command
            .env_clear()
            .env(
                "PATH",
                format!("{}/bin:/usr/bin:/bin", self.outside.path().display()),
            )
            .env("HOME", self.outside.path())
            .env("CI", "true")
            .args(options)
            .arg(path)
            .current_dir(self.work.path());
        command
    }

    fn at(&self, path: &str) -> PathBuf {
        self.work.path().join(path)
    }
}

/// What stands in the document ends with 0 for a good repository and with 1 for a bad one.
fn good_and_bad(run: impl Fn(&Machine) -> Output) -> [(Machine, Output); 2] {
    [(GOOD, 0), (BAD, 1)].map(|(port, expected)| {
        let machine = Machine::new(port);
        let output = run(&machine);
        assert_eq!(code(&output), expected, "{}", said(&output));
        (machine, output)
    })
}

fn failures(path: &Path) -> usize {
    let text = fs::read_to_string(path).unwrap();
    roxmltree::Document::parse(&text).unwrap();
    text.matches("<failure").count()
}

#[test]
fn bitbucket_pipelines() {
    let file = yaml(step("pipelines"));
    let script = file["pipelines"]["default"][0]["step"]["script"]
        .as_array()
        .unwrap();
    // Pipelines runs the items in one shell that ends with the first that fails.
    let lines: Vec<&str> = script.iter().map(|line| line.as_str().unwrap()).collect();
    let [(good, _), (bad, _)] = good_and_bad(|machine| {
        machine
            .shell("sh", &["-e"], &lines.join("\n"))
            .output()
            .unwrap()
    });
    assert_eq!(failures(&good.at("test-reports/pushgate.xml")), 0);
    assert_eq!(failures(&bad.at("test-reports/pushgate.xml")), 1);
}

#[test]
fn the_file_that_init_writes_is_the_documented_one() {
    let folder = folder(&[]);
    let image = "registry.example.com/tools/pushgate:0.1.0";
    let output = crate::run::pushgate(folder.path(), &[], &["pipelines", "init", "--image", image]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    let written = fs::read_to_string(folder.path().join("bitbucket-pipelines.yml")).unwrap();
    assert_eq!(yaml(&written), yaml(step("pipelines")));
    // And the documented one passes the check itself.
    fs::write(
        folder.path().join("bitbucket-pipelines.yml"),
        step("pipelines"),
    )
    .unwrap();
    let check = crate::run::pushgate(folder.path(), &[], &["check"]);
    assert_eq!(said(&check), "1 document checked, nothing wrong\n");
}

#[test]
fn jenkins() {
    let text = step("jenkins");
    assert_eq!(text.matches('{').count(), text.matches('}').count());
    let (_, rest) = text.split_once("sh '").unwrap();
    let script = rest.split_once('\'').unwrap().0;
    // Jenkins runs `sh` steps with -xe.
    let [(good, _), (bad, _)] =
        good_and_bad(|machine| machine.shell("sh", &["-xe"], script).output().unwrap());
    let (_, rest) = text.split_once("testResults: '").unwrap();
    let report = rest.split_once('\'').unwrap().0;
    assert_eq!(failures(&good.at(report)), 0);
    assert_eq!(failures(&bad.at(report)), 1);
}

#[test]
fn gitlab() {
    let file = yaml(step("gitlab"));
    let job = &file["pushgate"];
    // The runner hands the script to a shell that ends with the first command that fails.
    let script = job["script"].as_str().unwrap();
    let report = job["artifacts"]["reports"]["codequality"].as_str().unwrap();
    let [(good, _), (bad, _)] =
        good_and_bad(|machine| machine.shell("sh", &["-e"], script).output().unwrap());
    let entries = |machine: &Machine| {
        let text = fs::read_to_string(machine.at(report)).unwrap();
        serde_json::from_str::<Vec<Value>>(&text).unwrap().len()
    };
    assert_eq!((entries(&good), entries(&bad)), (0, 1));
}

#[test]
fn github_actions() {
    if Command::new("curl").arg("--version").output().is_err() {
        return missing("curl is not installed");
    }
    let file = yaml(step("github"));
    let steps = file["jobs"]["pushgate"]["steps"].as_array().unwrap();
    let script = steps.iter().find_map(|step| step["run"].as_str()).unwrap();
    let digest = Sha256::digest(fs::read(PUSHGATE).unwrap());
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let run = |machine: &Machine, digest: &str| {
        // Of the image's own there is nothing: the step fetches the binary.
        fs::remove_file(machine.outside.path().join("bin/pushgate")).unwrap();
        machine
            .shell(
                "bash",
                &["--noprofile", "--norc", "-eo", "pipefail"],
                script,
            )
            .env("GITHUB_ACTIONS", "true")
            .env("RUNNER_TEMP", machine.outside.path().join("temp"))
            .env("PUSHGATE_URL", format!("file://{PUSHGATE}"))
            .env("PUSHGATE_SHA256", digest)
            .output()
            .unwrap()
    };
    let [_, (_, bad)] = good_and_bad(|machine| run(machine, &digest));
    assert!(
        said(&bad).contains("::error file=port.yaml,line=2,"),
        "{}",
        said(&bad)
    );
    // A binary that is not the one is never run.
    let machine = Machine::new(BAD);
    let output = run(&machine, &digest.replace(|_: char| true, "0"));
    assert_eq!(code(&output), 1);
    assert!(!said(&output).contains("::error"), "{}", said(&output));
}
