//! Which reports a run writes, and where to.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use standin::Command;
use tempfile::TempDir;

/// A work tree.
pub struct Tree(TempDir);

impl Tree {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(".git")).unwrap();
        Self(folder)
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        standin::write(self.0.path(), path, content);
    }

    #[cfg(unix)]
    pub fn link(&self, path: &str, target: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, path).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }
}

pub fn check(tree: &Tree, arguments: &[&str]) -> Output {
    check_in(tree.0.path(), arguments)
}

fn check_in(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pushgate"))
        .env_clear()
        .current_dir(folder)
        .stdin(Stdio::null())
        .arg("check")
        .args(arguments)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const BAD: &str = "identifier: a\ntitel: A\nblueprint: b\n";

fn bad() -> Tree {
    let tree = Tree::new();
    tree.write("port.yaml", BAD);
    tree
}

#[test]
fn where_all_reports_go_to_files_people_read_standard_output() {
    let tree = bad();
    let plain = check(&tree, &[]);
    for arguments in [
        &["--format", "json=r.json"][..],
        &["--format", "json", "--output-file", "r.json"],
        &["--output-file=r.json", "--format=json"],
    ] {
        let output = check(&tree, arguments);
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(text(&output.stdout), text(&plain.stdout), "{arguments:?}");
        assert!(tree.read("r.json").starts_with(r#"{"version":1,"#));
        fs::remove_file(tree.path("r.json")).unwrap();
    }
    check(&tree, &["--output-file", "r.txt"]);
    assert!(
        tree.read("r.txt")
            .ends_with("1 document checked: 1 error\n")
    );
}

/// What other systems keep for years holds no line of the document.
#[test]
fn no_report_but_the_one_for_people_shows_the_text() {
    let tree = Tree::new();
    tree.write("port.yaml", "identifier: a\ntitel: hunter2\nblueprint: b\n");
    let shown =
        |format: &str| text(&check(&tree, &["--format", format]).stdout).contains("hunter2");
    assert!(shown("human"));
    for format in ["json", "sarif", "junit", "github", "gitlab"] {
        assert!(!shown(format), "{format}");
    }
}

#[test]
fn the_file_belongs_to_the_last_report_without_one() {
    let tree = bad();
    let arguments = "--format json --format github=r.github --format junit --output-file r.xml";
    let output = check(&tree, &arguments.split(' ').collect::<Vec<_>>());
    assert!(text(&output.stdout).starts_with(r#"{"version":1,"#));
    assert!(tree.read("r.xml").starts_with("<?xml "));
    assert!(tree.read("r.github").starts_with("::error file=port.yaml,"));
}

#[test]
fn reports_that_contradict_each_other_are_wrong_use() {
    let tree = bad();
    tree.write("folder/x", "");
    let mut said = String::new();
    for (arguments, code) in [
        ("--format json --format sarif", 2),
        ("--format json=r --format sarif=./r", 2),
        ("--format json=r --output-file s", 2),
        ("--format json=", 2),
        ("--format jsn", 2),
        ("--format json=missing/r.json", 3),
        ("--format json=folder", 3),
        ("--format json=port.yaml/r.json", 3),
    ] {
        let output = check(&tree, &arguments.split(' ').collect::<Vec<_>>());
        said.push_str(&format!("$ pushgate check {arguments}\n"));
        said.push_str(&text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{said}");
    }
    insta::assert_snapshot!(said);
}

#[test]
fn a_file_that_cannot_be_written_costs_no_other_report() {
    let tree = bad();
    let output = check(&tree, &["--format=json=missing/r", "--format=junit=r.xml"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stdout).ends_with("1 document checked: 1 error\n"));
    assert!(tree.read("r.xml").ends_with("</testsuites>\n"));
}

#[test]
fn paths_count_from_the_work_tree_wherever_one_stands() {
    let tree = bad();
    tree.write("a/b/x", "");
    let arguments = "--format sarif=s --format gitlab=g --format github=h --format junit=j";
    let arguments: Vec<&str> = arguments.split(' ').collect();
    let output = check_in(&tree.path("a/b"), &arguments);
    assert!(text(&output.stdout).starts_with("../../port.yaml:2:1: "));
    assert!(
        tree.read("a/b/h")
            .starts_with("::error file=port.yaml,line=2,")
    );
    assert!(
        tree.read("a/b/s")
            .contains(r#""uri":"port.yaml","uriBaseId":"SRCROOT""#)
    );
    assert!(tree.read("a/b/g").contains(r#""path":"port.yaml""#));
    assert!(tree.read("a/b/j").contains(r#"file="port.yaml""#));
}

#[cfg(unix)]
#[test]
fn links_and_devices_stay_what_they_are_and_others_may_read_reports() {
    use std::os::unix::fs::PermissionsExt;

    let tree = bad();
    tree.write("real.json", "old");
    tree.link("link.json", "real.json");
    let output = check(
        &tree,
        &["--format=json=link.json", "--format=junit=/dev/null"],
    );
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(tree.read("real.json").starts_with('{'));
    assert!(
        fs::symlink_metadata(tree.path("link.json"))
            .unwrap()
            .is_symlink()
    );
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
    // A pipe has no path.
    let output = check(&tree, &["--format=json=/dev/stdout"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("\"findings\":"));

    // One whose file is not there yet, behind another one, too.
    fs::create_dir(tree.path("kept")).unwrap();
    tree.link("first.json", "kept/second.json");
    tree.link("kept/second.json", "third.json");
    check(&tree, &["--format=json=first.json"]);
    for link in ["first.json", "kept/second.json"] {
        assert!(tree.path(link).is_symlink(), "{link}");
    }
    assert!(tree.read("kept/third.json").starts_with('{'));
    check(&tree, &["--format=json=new.json"]);
    tree.write("plain", "");
    let mode = |path: &str| fs::metadata(tree.path(path)).unwrap().permissions().mode();
    assert_eq!(mode("new.json"), mode("plain"));
}

#[cfg(unix)]
#[test]
fn a_path_that_is_no_text_gives_valid_reports() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let tree = Tree::new();
    let name = OsStr::from_bytes(b"caf\xE9\x1b.yaml");
    fs::write(tree.path("").join(name), BAD).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_pushgate"))
        .current_dir(tree.path(""))
        .args([
            "check",
            "--kind=port",
            "--format=json",
            "--format=sarif=s",
            "--format=junit=j",
        ])
        .args(["--format=github=h", "--format=gitlab=g"])
        .arg(name)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    for file in ["s", "g"] {
        serde_json::from_str::<serde_json::Value>(&tree.read(file)).unwrap();
    }
    assert!(tree.read("s").contains("caf%EF%BF%BD%1B.yaml"));
    assert!(
        tree.read("h")
            .starts_with("::error file=caf\u{fffd}\\u{1b}.yaml,line=2,")
    );
    roxmltree::Document::parse(&tree.read("j")).unwrap();
}
