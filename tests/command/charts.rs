//! `pushgate charts pull` from a Helm repository, and what `check` then knows.

use std::fs;
use std::path::Path;
use std::process::Output;

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use standin::{ChartsStandIn, Fault};
use tempfile::TempDir;

use crate::server::{PUSHGATE, command, succeed, text};

const SCHEMA: &str = r#"{"properties": {"replicas": {"type": "integer", "maximum": 16}}}"#;

fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, path, *content).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

/// The archive of a chart `web`, with a chart `db` packed inside of it.
fn web(version: &str) -> Vec<u8> {
    let about = format!(
        "name: web\nversion: {version}\ndependencies:\n  - name: db\n    alias: store\n    condition: store.enabled\n"
    );
    let db = archive(&[
        ("db/Chart.yaml", b"name: db\nversion: 0.1.0\n"),
        ("db/values.yaml", b"enabled: true\n"),
        (
            "db/values.schema.json",
            br#"{"properties": {"size": {"type": "integer"}}}"#,
        ),
    ]);
    archive(&[
        ("web/Chart.yaml", about.as_bytes()),
        ("web/values.yaml", b"replicas: 1\n"),
        ("web/values.schema.json", SCHEMA.as_bytes()),
        ("web/templates/deployment.yaml", b"{{ .Values.replicas }}"),
        ("web/charts/db-0.1.0.tgz", &db),
    ])
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A repository with `web` in two versions, the newer one behind a redirect.
fn repository() -> ChartsStandIn {
    let charts = ChartsStandIn::start().unwrap();
    let (old, new) = (web("1.2.0"), web("1.3.0"));
    let index = format!(
        "apiVersion: v1\nentries:\n  web:\n    - version: 1.3.0\n      urls: [downloads/web-1.3.0.tgz]\n      digest: {}\n    - version: 1.2.0\n      urls: [{}/files/web-1.2.0.tgz]\n      digest: sha256:{}\n    - version: 1.1.0\n      urls: [files/web-1.2.0.tgz]\n      digest: {}\n    - version: 1.0.0\n      urls: [files/broken.tgz]\n",
        digest(&new),
        charts.address(),
        digest(&old),
        digest(b"another"),
    );
    charts.serve("/charts/index.yaml", index);
    charts.redirect("/charts/downloads/web-1.3.0.tgz", "/elsewhere/web.tgz");
    charts.serve("/elsewhere/web.tgz", new);
    charts.serve("/files/web-1.2.0.tgz", old.clone());
    charts.serve("/charts/files/web-1.2.0.tgz", old);
    charts.serve("/charts/files/broken.tgz", "no archive at all");
    charts
}

fn manifest(repository: &str, version: &str, values: &str) -> String {
    format!(
        "app: hello\nenv: staging\nnamespace: default\nchart:\n  repository: {repository}\n  name: web\n  version: {version}\nvalues:\n{values}"
    )
}

fn work_tree(manifests: &[(&str, String)]) -> TempDir {
    let tree = tempfile::tempdir().unwrap();
    succeed(
        command("git", tree.path())
            .args(["init", "-q"])
            .arg(tree.path()),
    );
    fs::create_dir(tree.path().join(".gimlet")).unwrap();
    for (name, text) in manifests {
        let text = text.replace("app: hello", &format!("app: {}", name.replace('.', "-")));
        fs::write(tree.path().join(".gimlet").join(name), text).unwrap();
    }
    tree
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    command(PUSHGATE, folder)
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    text(&output.stdout) + &text(&output.stderr)
}

#[test]
fn the_charts_that_manifests_name_are_pulled_and_values_checked() {
    let charts = repository();
    let address = format!("{}/charts", charts.address());
    let tree = work_tree(&[
        ("a.yaml", manifest(&address, "1.2.0", "  replicas: 17\n")),
        (
            "b.yaml",
            manifest(&address, "^1.0.0", "  store: {size: large}\n"),
        ),
        ("c.yaml", manifest(&address, "1.2.0", "  replicas: 3\n")),
        (
            "d.yaml",
            "app: a\nenv: b\nnamespace: c\nchart: {name: 'https://git.example.com/x.git?sha=1'}\n"
                .to_owned(),
        ),
    ]);
    // Without a folder of charts nothing is said of values.
    assert_eq!(run(tree.path(), &["check"]).status.code(), Some(0));

    let pulled = run(tree.path(), &["charts", "pull"]);
    assert_eq!(pulled.status.code(), Some(0), "{}", said(&pulled));
    let lines = said(&pulled);
    assert_eq!(
        lines.matches("pulled .pushgate/charts/").count(),
        2,
        "{lines}"
    );
    assert!(
        lines.contains("web-1.2.0.json") && lines.contains("web-1.3.0.json"),
        "{lines}"
    );

    let checked = run(tree.path(), &["check"]);
    assert_eq!(checked.status.code(), Some(1));
    let report = said(&checked);
    assert!(
        report.contains(
            ".gimlet/a.yaml:9:13: error[gimlet/chart-value]: `replicas` must be at most 16"
        ),
        "{report}"
    );
    assert!(
        report.contains(
            ".gimlet/b.yaml:9:17: error[gimlet/chart-value]: `size` must be a whole number"
        ),
        "{report}"
    );
    assert!(
        report.ends_with("4 documents checked: 2 errors\n"),
        "{report}"
    );

    // What has an exact version and is there is not asked for again.
    let before = charts.asked_for().len();
    let again = said(&run(tree.path(), &["charts", "pull"]));
    assert!(again.contains("web-1.2.0.json is there already"), "{again}");
    assert_eq!(
        charts.asked_for().len() - before,
        3,
        "index, redirect and archive of the range"
    );
}

#[test]
fn what_cannot_be_pulled_is_said_in_words() {
    let charts = repository();
    let address = format!("{}/charts", charts.address());
    let tree = work_tree(&[]);
    let pull = |arguments: &[&str]| {
        let all = [&["charts", "pull", "--helm-repository"][..], arguments].concat();
        let output = run(tree.path(), &all);
        let code = output.status.code().unwrap();
        let words = said(&output).replace(&charts.address(), "http://charts.example.com");
        format!(
            "$ {}\n{words}= {code}\n",
            all[3..].join(" ").replace(&charts.address(), "URL")
        )
    };
    let elsewhere = charts.address();
    let text: String = [
        pull(&[&address, "--name", "wbe"]),
        pull(&[&address, "--name", "web", "--version", "9.0.0"]),
        pull(&[&address, "--name", "web", "--version", "newest"]),
        pull(&[&address, "--name", "web", "--version", "1.1.0"]),
        pull(&[&address, "--name", "web", "--version", "1.0.0"]),
        pull(&[&elsewhere, "--name", "web"]),
        pull(&["oci://registry.example.com", "--name", "web"]),
        pull(&["http://127.0.0.1:1", "--name", "web"]),
        said(&run(tree.path(), &["charts", "pull"])),
    ]
    .concat();
    insta::assert_snapshot!(text);
    assert!(!tree.path().join(".pushgate").exists());
}

#[test]
fn a_repository_that_refuses_is_not_told_as_missing() {
    for (status, words) in [
        (401, "is refused to pushgate: the answer is 401"),
        (403, "is refused to pushgate: the answer is 403"),
        (503, "can't be fetched now: the answer is 503"),
    ] {
        let charts = repository();
        charts.fail_next("/index.yaml", Fault::status(status));
        let address = format!("{}/charts", charts.address());
        let tree = work_tree(&[]);
        let pull = ["charts", "pull", "--name", "web", "--helm-repository"];
        let output = run(tree.path(), &[&pull[..], &[&address]].concat());
        assert_eq!(output.status.code(), Some(3));
        let said = said(&output);
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn a_small_archive_of_endless_charts_is_refused() {
    let names = ["web", "a", "b", "c", "d"];
    let mut folder = "web".to_owned();
    let mut files = Vec::new();
    for (name, inner) in names
        .iter()
        .zip(names.iter().skip(1).chain(["none"].iter()))
    {
        let aliases: String = (0..40)
            .map(|number| format!("  - {{ name: {inner}, alias: x{number} }}\n"))
            .collect();
        let about = format!("name: {name}\nversion: 1.0.0\ndependencies:\n{aliases}");
        files.push((format!("{folder}/Chart.yaml"), about));
        folder = format!("{folder}/charts/{inner}");
    }
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(path, about)| (path.as_str(), about.as_bytes()))
        .collect();
    let deep = archive(&files);
    let names: Vec<String> = (0..20_001).map(|number| format!("web/{number}")).collect();
    let many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    let charts = ChartsStandIn::start().unwrap();
    let index = "apiVersion: v1\nentries:\n  web: [{ version: 1.0.0, urls: [web.tgz] }]\n";
    let tree = work_tree(&[]);
    for (archive, reason) in [
        (deep, "have more than 16777216 bytes"),
        (self::archive(&many), "it holds more than 20000 files"),
    ] {
        charts.serve("/index.yaml", index);
        charts.serve("/web.tgz", archive);
        let address = charts.address();
        let output = run(
            tree.path(),
            &[
                "charts",
                "pull",
                "--helm-repository",
                &address,
                "--name",
                "web",
            ],
        );
        let words = said(&output);
        assert_eq!(output.status.code(), Some(3), "{words}");
        assert!(
            words
                .replace("\n  ", " ")
                .replace('\n', " ")
                .contains(reason),
            "{words}"
        );
    }
    assert!(!tree.path().join(".pushgate").exists());
}
