//! Which repository a hook's environment means.

use std::ffi::OsString;
use std::path::Path;

use pushgate::git::{HookEnvironment, Repository};

use crate::made::Folder;

fn environment(variables: &[(&str, String)], here: &Path) -> HookEnvironment {
    let variables = variables
        .iter()
        .map(|(name, value)| (OsString::from(name), OsString::from(value)));
    HookEnvironment::new(variables, here)
}

fn quoted(path: &str) -> String {
    format!("\"{}\"", path.replace('\\', r"\\").replace('"', "\\\""))
}

#[test]
fn git_dir_comes_first_and_starts_at_the_working_directory() {
    let folder = Folder::new();
    let one = folder.repository("one.git");
    let two = folder.repository("two.git");
    let quarantine = format!("{}/objects/tmp_objdir-incoming-x", two.path().display());
    for (value, here) in [
        (".", one.path()),
        ("one.git", folder.path()),
        ("./one.git/.", folder.path()),
        ("two.git/../one.git", folder.path()),
        (one.path().to_str().unwrap(), Path::new("/")),
    ] {
        let variables = [
            ("GIT_DIR", value.to_owned()),
            ("GIT_QUARANTINE_PATH", quarantine.clone()),
        ];
        assert_eq!(environment(&variables, here).locate().unwrap(), one.path());
    }
}

#[test]
fn a_wrong_git_dir_is_an_error_even_where_another_repository_is() {
    let folder = Folder::new();
    let one = folder.repository("one.git");
    let variables = [("GIT_DIR", "gone".to_owned())];
    assert!(environment(&variables, one.path()).locate().is_err());
}

#[test]
fn without_git_dir_the_quarantine_says_where() {
    for name in ["plain", "a:b \"c"] {
        let folder = Folder::named(name);
        let one = folder.repository("one.git");
        let path = one.path().to_str().unwrap();
        for variables in [
            vec![(
                "GIT_QUARANTINE_PATH",
                format!("{path}/./objects/incoming-x"),
            )],
            vec![("GIT_OBJECT_DIRECTORY", format!("{path}/objects/incoming-x"))],
            // The quarantine lies elsewhere: the last alternate is the repository's own.
            vec![
                ("GIT_QUARANTINE_PATH", "/elsewhere/x".to_owned()),
                (
                    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
                    format!("/parent/objects:{}", quoted(&format!("{path}/./objects"))),
                ),
            ],
        ] {
            let environment = environment(&variables, Path::new("/"));
            assert_eq!(environment.locate().unwrap(), one.path());
        }
    }
}

#[test]
fn the_working_directory_counts_only_if_it_is_a_repository_itself() {
    let folder = Folder::new();
    let one = folder.repository("one.git");
    assert_eq!(environment(&[], one.path()).locate().unwrap(), one.path());
    assert!(
        environment(&[], &one.path().join("objects"))
            .locate()
            .is_err()
    );
    assert!(environment(&[], folder.path()).locate().is_err());
}

#[test]
fn a_given_directory_needs_no_variable() {
    let folder = Folder::new();
    let one = folder.repository("one.git");
    let opened = Repository::open(&HookEnvironment::at(one.path())).unwrap();
    assert_eq!(opened.directory(), one.path());
}
