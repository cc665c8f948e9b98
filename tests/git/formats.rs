//! Repositories in every form that a server may hold, read the same.

use pushgate::git::{
    FileAt, ObjectStore as _, Peeled, RefName, changed_documents, documents_at, read,
};

use crate::made::{As, Folder, Made, Usual, git, git_can, named, succeed, update};

fn filled(folder: &Folder, options: &[&str]) -> Made {
    let made = folder.repository_as("r.git", options);
    for content in ["1", "2", "3"] {
        made.commit(
            "main",
            &[
                ("port.yaml", As::File(content)),
                (".gimlet/a.yaml", As::File("a")),
            ],
        );
    }
    made.commit_from(Some("main"), "topic/ä", &[("port.yaml", As::File("4"))]);
    made.git(&["tag", "-a", "-m", "x", "v1", "main"]);
    made
}

/// Objects, refs and documents are there, by libgit2 or by the program.
fn reads_well(made: &Made, by_program: bool) {
    let store = made.open();
    assert_eq!(store.read_by_program().is_some(), by_program);
    let main = made.commit_of("main");
    assert_eq!(
        named(&documents_at(&store, &main, &Usual).unwrap()),
        [".gimlet/a.yaml (file)", "port.yaml (file)"]
    );
    let file = read(&store, &main, "port.yaml", 10).unwrap();
    assert!(matches!(file, FileAt::Content { bytes, .. } if bytes == b"3"));
    let file = read(&store, &main, "port.yaml", 0).unwrap();
    assert!(matches!(file, FileAt::TooLarge { bytes: 1, .. }));
    // After one that was too large the next is read all the same.
    let tag = store
        .reference(&RefName::from_bytes(b"refs/tags/v1"))
        .unwrap()
        .unwrap();
    assert_eq!(store.peel(&tag).unwrap(), Peeled::Commit(main.clone()));
    assert_eq!(
        store.default_branch().unwrap(),
        Some(RefName::of_branch("main"))
    );
    let mut branches: Vec<_> = store
        .branches()
        .unwrap()
        .map(|branch| branch.unwrap())
        .map(|branch| (branch.name.as_str().to_owned(), branch.tip))
        .collect();
    branches.sort();
    assert_eq!(
        branches,
        [
            ("refs/heads/main".to_owned(), made.id("main")),
            ("refs/heads/topic/ä".to_owned(), made.id("topic/ä")),
        ]
    );
    for absent in ["refs/heads/topic", "refs/heads/none", "refs/heads/a..b"] {
        assert_eq!(
            store
                .reference(&RefName::from_bytes(absent.as_bytes()))
                .unwrap(),
            None
        );
    }
    let created = update("-", made.id("topic/ä").as_str(), "refs/heads/new");
    let change = changed_documents(&store, &created, &Usual, |_| true).unwrap();
    assert!(matches!(
        change,
        pushgate::git::Change::Documents { documents, .. } if documents.is_empty()
    ));
    // What is not there is an error, in whatever format.
    let nothing = "1".repeat(main.as_str().len()).parse().unwrap();
    assert!(store.peel(&nothing).is_err());
    assert!(store.peel(&main.0).is_ok());
}

#[test]
fn loose_objects() {
    reads_well(&filled(&Folder::new(), &[]), false);
}

#[test]
fn packs_packed_refs_and_the_rest_of_a_gc() {
    let folder = Folder::new();
    let made = filled(&folder, &[]);
    made.git(&["repack", "-q", "-a", "-d", "-b"]);
    made.git(&["pack-refs", "--all"]);
    made.git(&["commit-graph", "write", "--reachable"]);
    made.git(&["multi-pack-index", "write"]);
    reads_well(&made, false);
}

#[test]
fn sha_256() {
    if git_can("SHA-256", &["--object-format=sha256"]) {
        reads_well(&filled(&Folder::new(), &["--object-format=sha256"]), true);
    }
}

#[test]
fn reftable() {
    if git_can("reftable", &["--ref-format=reftable"]) {
        reads_well(&filled(&Folder::new(), &["--ref-format=reftable"]), true);
    }
}

#[test]
fn a_partial_clone() {
    let folder = Folder::new();
    let whole = filled(&folder, &[]);
    whole.git(&["config", "uploadpack.allowFilter", "true"]);
    let path = folder.path().join("partial.git");
    succeed(
        git(folder.path())
            .args(["clone", "-q", "--bare", "--filter=blob:none"])
            .arg(format!("file://{}", whole.path().display()))
            .arg(&path),
    );
    let partial = Made::at(path);
    let main = whole.commit_of("main");
    for by_program in [false, true] {
        if by_program {
            // What git wrote for such clones for years.
            partial.git(&["config", "extensions.partialClone", "origin"]);
        }
        let store = partial.open();
        assert_eq!(store.read_by_program().is_some(), by_program);
        assert_eq!(
            named(&documents_at(&store, &main, &Usual).unwrap()),
            [".gimlet/a.yaml (file)", "port.yaml (file)"]
        );
        // It is not fetched behind the operator's back, and not taken for an empty file.
        assert!(read(&store, &main, "port.yaml", 10).is_err());
    }
}

#[test]
fn a_work_tree_and_a_second_one() {
    let folder = Folder::new();
    let made = filled(&folder, &[]);
    let tree = folder.path().join("tree");
    made.git(&["worktree", "add", "-q", tree.to_str().unwrap(), "topic/ä"]);
    std::fs::create_dir(tree.join("deep")).unwrap();
    for start in [tree.clone(), tree.join("deep")] {
        let store = Made::at(start).open();
        assert!(documents_at(&store, &made.commit_of("main"), &Usual).is_ok());
        assert_eq!(store.branches().unwrap().count(), 2);
        assert_eq!(
            store.default_branch().unwrap(),
            Some(RefName::of_branch("topic/ä"))
        );
    }
}

#[test]
fn a_ref_whose_name_is_no_text_is_found() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let folder = Folder::new();
    let made = filled(&folder, &[]);
    let name = b"refs/heads/\xe4";
    made.git(&[
        OsStr::new("update-ref"),
        OsStr::from_bytes(name),
        OsStr::new("main"),
    ]);
    let found = made.open().reference(&RefName::from_bytes(name)).unwrap();
    assert_eq!(found, Some(made.id("main")));
}
