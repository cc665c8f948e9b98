//! A link or a submodule in place of `.gimlet`: who believes that the manifests behind it are checked
//! is told that they are not, by the hook and by `check` alike.

use std::os::unix::fs::symlink;

use crate::server::{Clone, PUSHGATE, Server, command, text};

const MANIFEST: &str = "app: Not_a_name\nenv: staging\nnamespace: shop\nchart: { name: x }\n";

/// What `check` says in a clone, and its exit code.
fn check(clone: &Clone<'_>, arguments: &[&str]) -> (Option<i32>, String) {
    let output = command(PUSHGATE, clone.path.parent().unwrap())
        .current_dir(&clone.path)
        .arg("check")
        .args(arguments)
        .output()
        .unwrap();
    (output.status.code(), text(&output.stdout))
}

#[test]
fn a_link_is_told_of_and_accepted() {
    let server = Server::new();
    let clone = server.clone();
    clone.write("deploy/staging.yaml", MANIFEST);
    symlink("deploy", clone.path.join(".gimlet")).unwrap();
    let push = clone.commit().push(&["HEAD:main"]);
    assert!(push.accepted, "{}", push.raw);
    insta::assert_snapshot!("gimlet_link_pushed", push.said);

    let (code, said) = check(&clone, &[]);
    assert_eq!(code, Some(0), "{said}");
    insta::assert_snapshot!("gimlet_link_checked", said);
    assert_eq!(check(&clone, &[".gimlet"]), (code, said));

    // What did not change is not told of again, and a folder in its place is read.
    let push = clone.change("README.md", "x").push(&["HEAD:main"]);
    assert_eq!(push.said, "pushgate 0.1.0: accepted; no document to check");
    std::fs::remove_file(clone.path.join(".gimlet")).unwrap();
    let push = clone
        .change(".gimlet/staging.yaml", MANIFEST)
        .push(&["HEAD:main"]);
    assert!(!push.accepted, "{}", push.raw);
}

#[test]
fn a_submodule_is_told_of_and_what_is_in_it_is_not_checked() {
    let server = Server::new();
    let clone = server.clone();
    clone.change("README.md", "x");
    let module = clone.path.join(".gimlet");
    std::fs::create_dir(&module).unwrap();
    let git = |arguments: &[&str]| {
        let at = ["-C", ".gimlet", "-c", "user.name=a", "-c", "user.email=a@b"];
        clone.git(&[&at[..], arguments].concat())
    };
    git(&["init", "-q"]);
    clone.write(".gimlet/staging.yaml", MANIFEST);
    git(&["add", "-A"]);
    git(&["commit", "-q", "-m", "module"]);
    clone.git(&["-c", "advice.addEmbeddedRepo=false", "add", ".gimlet"]);
    clone.git(&["commit", "-q", "-m", "module"]);
    let kind = clone.git(&["ls-tree", "HEAD", ".gimlet"]);
    assert!(kind.starts_with("160000"), "{kind}");

    let push = clone.push(&["HEAD:main"]);
    assert!(push.accepted, "{}", push.raw);
    insta::assert_snapshot!("gimlet_submodule_pushed", push.said);
    let (code, said) = check(&clone, &[]);
    assert_eq!(code, Some(0), "{said}");
    insta::assert_snapshot!("gimlet_submodule_checked", said);
}

#[test]
fn the_operator_says_how_much_it_weighs() {
    let server = Server::new().config("rules: { gimlet/not-a-folder: error }\n");
    let clone = server.clone();
    symlink("nowhere", clone.path.join(".gimlet")).unwrap();
    assert!(!clone.commit().push(&["HEAD:main"]).accepted);

    // A file of that name is no folder that hides anything.
    std::fs::remove_file(clone.path.join(".gimlet")).unwrap();
    let push = clone.change(".gimlet", "x").push(&["HEAD:main"]);
    assert_eq!(push.said, "pushgate 0.1.0: accepted; no document to check");
}
