//! `pushgate check --fix` on files and on standard input.

use std::fs;
#[cfg(unix)]
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use crate::check::{json, paths, run, work_tree};
use crate::server::{GOOD, PUSHGATE, command, feed, text};

const MISSPELT: &str = "# ours\r\nidentifier:  1.10\r\ntitel: A\r\nblueprint: b";
const MENDED: &str = "# ours\r\nidentifier:  \"1.10\"\r\ntitle: A\r\nblueprint: b";

#[test]
fn files_are_mended_in_place_and_told_of() {
    let tree = work_tree(&[
        ("port.yaml", MISSPELT),
        (".gimlet.yaml", "app: a b\nenv: c\n"),
    ]);
    let output = run(tree.path(), &["--fix"]);
    assert_eq!(text(&output.stderr), "fixed 2 findings in 1 file\n");
    assert_eq!(output.status.code(), Some(1));
    assert!(!text(&output.stdout).contains("port.yaml"));
    let after = fs::read_to_string(tree.path().join("port.yaml")).unwrap();
    assert_eq!(after, MENDED);
    let output = run(tree.path(), &["--fix", "port.yaml"]);
    assert_eq!(
        (output.status.code(), text(&output.stderr).as_str()),
        (Some(0), "")
    );
    assert_eq!(text(&output.stdout), "1 document checked, nothing wrong\n");
}

#[test]
fn programs_get_the_number_too() {
    let tree = work_tree(&[("port.yaml", MISSPELT)]);
    let report = json(&run(tree.path(), &["--format", "json"]));
    assert_eq!(report["summary"]["fixed"], 0);
    assert_eq!(report["findings"][0]["fixable"], true);
    let output = run(tree.path(), &["--fix", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(json(&output)["summary"]["fixed"], 2);
    assert_eq!(paths(&output), [""; 0]);
}

#[test]
fn what_is_right_is_not_written() {
    let tree = work_tree(&[("port.yaml", GOOD), ("algorithmia.conf", "{")]);
    let path = tree.path().join("port.yaml");
    let before = fs::metadata(&path).unwrap();
    assert_eq!(run(tree.path(), &["--fix"]).status.code(), Some(1));
    let after = fs::metadata(&path).unwrap();
    assert_eq!(before.modified().unwrap(), after.modified().unwrap());
    #[cfg(unix)]
    assert_eq!(before.ino(), after.ino());
    let left: Vec<_> = fs::read_dir(tree.path()).unwrap().collect();
    assert_eq!(left.len(), 3, "{left:?}");
}

#[cfg(unix)]
#[test]
fn the_mode_stays() {
    let tree = work_tree(&[("port.yaml", MISSPELT)]);
    let path = tree.path().join("port.yaml");
    for mode in [0o600, 0o664, 0o755] {
        fs::write(&path, MISSPELT).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(run(tree.path(), &["--fix"]).status.code(), Some(0));
        assert_eq!(fs::read_to_string(&path).unwrap(), MENDED);
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, mode);
    }
}

#[cfg(unix)]
#[test]
fn the_owner_stays() {
    let tree = work_tree(&[("port.yaml", MISSPELT)]);
    let path = tree.path().join("port.yaml");
    if std::os::unix::fs::chown(&path, Some(4711), Some(4712)).is_err() {
        eprintln!("skipped: only root gives files away, and only root's fixes could take them");
        return;
    }
    assert_eq!(run(tree.path(), &["--fix"]).status.code(), Some(0));
    assert_eq!(fs::read_to_string(&path).unwrap(), MENDED);
    let file = fs::metadata(&path).unwrap();
    assert_eq!((file.uid(), file.gid()), (4711, 4712));
}

#[cfg(unix)]
#[test]
fn a_link_is_never_followed() {
    let tree = work_tree(&[("real.yaml", MISSPELT)]);
    symlink("real.yaml", tree.path().join("port.yaml")).unwrap();
    let output = run(tree.path(), &["--fix", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(json(&output)["findings"][0]["rule"], "file/symlink");
    let link = fs::symlink_metadata(tree.path().join("port.yaml")).unwrap();
    assert!(link.is_symlink());
    assert_eq!(
        fs::read_to_string(tree.path().join("real.yaml")).unwrap(),
        MISSPELT
    );
}

#[cfg(unix)]
#[test]
fn a_read_only_file_is_named_and_keeps_no_other_from_being_mended() {
    let other = |text: &str| text.replace("1.10", "2.10");
    let tree = work_tree(&[
        (".pushgate.yaml", "port: { files: ['**/port.yaml'] }"),
        ("port.yaml", MISSPELT),
        ("books/port.yaml", &other(MISSPELT)),
    ]);
    let path = tree.path().join("port.yaml");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    let output = run(tree.path(), &["--fix", "--format", "json"]);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(paths(&output), ["port.yaml", "port.yaml"]);
    assert_eq!(json(&output)["summary"]["fixed"], 2);
    insta::assert_snapshot!(text(&output.stderr));
    assert_eq!(fs::read_to_string(&path).unwrap(), MISSPELT);
    assert_eq!(
        fs::read_to_string(tree.path().join("books/port.yaml")).unwrap(),
        other(MENDED)
    );
}

#[test]
fn standard_input_is_mended_to_standard_output() {
    let tree = work_tree(&[]);
    let fix = |input: &str, arguments: &[&str]| {
        let mut pushgate = command(PUSHGATE, tree.path());
        pushgate.current_dir(tree.path());
        pushgate.args(["check", "--fix", "--stdin-filename", "port.yaml"]);
        feed(pushgate.args(arguments), input)
    };
    let output = fix(MISSPELT, &[]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stdout), MENDED);
    let output = fix(&format!("{MISSPELT}\r\nteam: {{}}"), &["--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stdout), format!("{MENDED}\r\nteam: {{}}"));
    let report: serde_json::Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(report["summary"]["fixed"], 2);
    let output = fix("a: [", &[]);
    assert_eq!(
        (output.status.code(), text(&output.stdout).as_str()),
        (Some(1), "a: [")
    );
}
