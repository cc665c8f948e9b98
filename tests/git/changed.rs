//! Which documents a ref update brings, outside a hook.

use std::cell::RefCell;
use std::collections::HashSet;

use pushgate::git::{
    Branches, Change, CommitFiles, DocumentPaths, FileAt, Object, ObjectId, ObjectStore, ReadError,
    RefName, Repository, WalkLimit, changed_documents, documents_at, documents_between, read,
};

use crate::made::{As, Everywhere, Folder, Made, Usual, named, update};

fn brought(
    store: &dyn ObjectStore,
    (old, new): (&str, &str),
    name: &str,
    paths: &dyn DocumentPaths,
) -> Vec<String> {
    match changed_documents(store, &update(old, new, name), paths, |_| true).unwrap() {
        Change::Documents { documents, .. } => named(&documents),
        other => panic!("{other:?}"),
    }
}

/// Notes which objects are read.
struct Watched {
    repository: Repository,
    read: RefCell<HashSet<ObjectId>>,
}

impl ObjectStore for Watched {
    fn object(&self, id: &ObjectId, limit: u64) -> Result<Object, ReadError> {
        self.read.borrow_mut().insert(id.clone());
        self.repository.object(id, limit)
    }

    fn reference(&self, name: &RefName) -> Result<Option<ObjectId>, ReadError> {
        self.repository.reference(name)
    }

    fn branches(&self) -> Result<Branches<'_>, ReadError> {
        self.repository.branches()
    }

    fn moves(&self, name: &RefName) -> Result<RefName, ReadError> {
        self.repository.moves(name)
    }

    fn default_branch(&self) -> Result<Option<RefName>, ReadError> {
        self.repository.default_branch()
    }
}

fn watched(made: &Made) -> Watched {
    Watched {
        repository: made.open(),
        read: RefCell::default(),
    }
}

#[test]
fn folders_that_hold_no_document_or_are_the_same_are_not_read() {
    let folder = Folder::new();
    let made = folder.repository("r.git");
    let old = made.commit(
        "main",
        &[
            ("a/port.yaml", As::File("a")),
            ("b/port.yaml", As::File("1")),
            (".gimlet/a.yaml", As::File("1")),
            ("src/x", As::File("1")),
        ],
    );
    let new = made.commit(
        "main",
        &[("b/port.yaml", As::File("2")), ("src/x", As::File("2"))],
    );

    let store = watched(&made);
    let found = documents_between(&store, &old, &new, &Everywhere).unwrap();
    assert_eq!(named(&found), ["b/port.yaml (file)"]);
    let seen = store.read.borrow();
    assert!(!seen.contains(&made.id("main:a")));
    assert!(!seen.contains(&made.id("main:.gimlet")));
    assert!(!seen.contains(&made.id("main:b/port.yaml")));
    drop(seen);

    let store = watched(&made);
    let found = documents_between(&store, &old, &new, &Usual).unwrap();
    assert!(found.is_empty());
    // Two commits, two topmost folders.
    assert_eq!(store.read.borrow().len(), 4);
}

#[test]
fn the_same_tree_in_another_commit_is_not_read_at_all() {
    let folder = Folder::new();
    let made = folder.repository("r.git");
    let old = made.commit("main", &[("port.yaml", As::File("1"))]);
    let new = made.commit("main", &[]);
    let store = watched(&made);
    assert!(
        documents_between(&store, &old, &new, &Usual)
            .unwrap()
            .is_empty()
    );
    assert_eq!(store.read.borrow().len(), 2);
}

#[test]
fn another_mode_is_a_change() {
    let folder = Folder::new();
    let made = folder.repository("r.git");
    let old = made.commit("main", &[("port.yaml", As::File("1"))]);
    let new = made.commit("main", &[("port.yaml", As::Executable("1"))]);
    let found = documents_between(&made.open(), &old, &new, &Usual).unwrap();
    assert_eq!(named(&found), ["port.yaml (file)"]);
}

#[test]
fn a_new_branch_brings_what_no_other_holds_at_that_path() {
    let folder = Folder::new();
    let made = folder.repository("r.git");
    made.commit("main", &[("port.yaml", As::File("1"))]);
    made.commit_from(Some("main"), "other", &[("port.yaml", As::File("2"))]);
    let held = made.commit_from(Some("other"), "new", &[("x", As::File("x"))]);
    let name = "refs/heads/new";
    let store = made.open();
    assert!(brought(&store, ("-", held.as_str()), name, &Usual).is_empty());
    // The branch itself does not count, should the refs have moved already.
    let own = made.commit("new", &[("port.yaml", As::File("3"))]);
    assert_eq!(
        brought(&made.open(), ("-", own.as_str()), name, &Usual),
        ["port.yaml (file)"]
    );
    // The same content at another path is another document.
    let moved = made.commit_from(Some("main"), "new", &[(".gimlet/a.yaml", As::File("1"))]);
    assert_eq!(
        brought(&made.open(), ("-", moved.as_str()), name, &Usual),
        [".gimlet/a.yaml (file)"]
    );
}

#[test]
fn a_branch_that_can_not_be_read_accounts_for_nothing() {
    let folder = Folder::new();
    let made = folder.repository("r.git");
    made.commit("main", &[("port.yaml", As::File("1"))]);
    let new = made.commit_from(Some("main"), "new", &[("x", As::File("x"))]);
    std::fs::remove_file(made.loose(&made.id("main"))).unwrap();
    let store = made.open();
    assert_eq!(
        brought(&store, ("-", new.as_str()), "refs/heads/new", &Usual),
        ["port.yaml (file)"]
    );
}

#[test]
fn an_unborn_default_branch_holds_nothing() {
    let folder = Folder::new();
    let made = folder.repository("r.git");
    let new = made.commit("topic", &[("port.yaml", As::File("1"))]);
    let store = made.open();
    assert_eq!(
        store.default_branch().unwrap(),
        Some(RefName::of_branch("main"))
    );
    assert_eq!(
        brought(&store, ("-", new.as_str()), "refs/heads/topic", &Usual),
        ["port.yaml (file)"]
    );
}

/// A tree with these entries as they come, sorted or not.
fn tree(made: &Made, entries: &[(&str, &str, &ObjectId)]) -> ObjectId {
    let mut bytes = Vec::new();
    for (mode, name, id) in entries {
        bytes.extend(format!("{mode} {name}\0").as_bytes());
        for pair in id.as_str().as_bytes().chunks(2) {
            let digits = std::str::from_utf8(pair).unwrap();
            bytes.push(u8::from_str_radix(digits, 16).unwrap());
        }
    }
    raw(made, "tree", &bytes)
}

fn raw(made: &Made, kind: &str, bytes: &[u8]) -> ObjectId {
    let arguments = ["hash-object", "-t", kind, "-w", "--literally", "--stdin"];
    made.feed(&arguments, bytes).parse().unwrap()
}

fn commit_of(made: &Made, tree: &ObjectId) -> String {
    made.git(&["commit-tree", "-m", "x", tree.as_str()])
}

#[test]
fn a_tree_out_of_order_hides_no_document() {
    let folder = Folder::new();
    let made = folder.repository("r.git");
    let (one, two) = (raw(&made, "blob", b"1"), raw(&made, "blob", b"2"));
    let file = "100644";
    let old = tree(
        &made,
        &[
            (file, "a", &one),
            (file, "port.yaml", &one),
            (file, "z", &one),
        ],
    );
    let old = commit_of(&made, &old);
    for entries in [
        vec![
            (file, "z", &one),
            (file, "port.yaml", &two),
            (file, "a", &one),
        ],
        vec![
            (file, "z", &two),
            (file, "a", &two),
            (file, "port.yaml", &two),
        ],
        vec![
            (file, "a", &one),
            (file, "port.yaml", &one),
            (file, "port.yaml", &two),
        ],
    ] {
        let new = commit_of(&made, &tree(&made, &entries));
        assert_eq!(
            brought(&made.open(), (&old, &new), "refs/heads/main", &Usual),
            ["port.yaml (file)"]
        );
    }
}

#[test]
fn folders_that_hold_themselves_again_and_again_come_to_an_end() {
    let folder = Folder::new();
    let made = folder.repository("r.git");
    let mut below = tree(&made, &[("100644", "port.yml", &raw(&made, "blob", b"1"))]);
    for _ in 0..8 {
        let names: Vec<_> = (0..10).map(|number| format!("f{number}")).collect();
        let entries: Vec<_> = names
            .iter()
            .map(|name| ("40000", name.as_str(), &below))
            .collect();
        below = tree(&made, &entries);
    }
    let commit = commit_of(&made, &below);
    let change = changed_documents(
        &made.open(),
        &update("-", &commit, "refs/heads/main"),
        &Everywhere,
        |_| true,
    );
    assert!(matches!(
        change,
        Err(ReadError::Walk(WalkLimit::Folders(_)))
    ));
}

#[test]
fn a_name_that_is_no_text_is_passed_over() {
    let folder = Folder::new();
    let made = folder.repository("r.git");
    let blob = raw(&made, "blob", b"1");
    let mut bytes = b"100644 \xff.yaml\0".to_vec();
    bytes.extend(
        (0..20).map(|at| u8::from_str_radix(&blob.as_str()[at * 2..at * 2 + 2], 16).unwrap()),
    );
    let commit = commit_of(&made, &raw(&made, "tree", &bytes));
    let found = documents_at(
        &made.open(),
        &pushgate::git::CommitId(commit.parse().unwrap()),
        &Everywhere,
    );
    assert!(found.unwrap().is_empty());
}

#[test]
fn single_files_are_read_and_compared() {
    let folder = Folder::new();
    let made = folder.repository("r.git");
    let old = made.commit(
        "main",
        &[("docs/a.md", As::File("1")), ("b", As::File("b"))],
    );
    let new = made.commit(
        "main",
        &[
            ("docs/a.md", As::File("12")),
            ("link", As::Symlink("docs/a.md")),
            ("sub", As::Submodule(old.as_str())),
        ],
    );
    let store = made.open();
    let at = |path| read(&store, &new, path, 1).unwrap();
    assert!(matches!(at("docs/a.md"), FileAt::TooLarge { bytes: 2, .. }));
    assert!(matches!(at("b"), FileAt::Content { bytes, .. } if bytes == b"b"));
    assert_eq!(at("docs"), FileAt::Folder);
    assert_eq!(at("sub"), FileAt::Submodule);
    let target = "docs/a.md".to_owned();
    assert_eq!(at("link"), FileAt::Symlink { target });
    for missing in ["c", "docs/b", "b/c", "link/a", "sub/a", "../b", "", "docs/"] {
        assert_eq!(at(missing), FileAt::Missing, "{missing}");
    }
    let (old, new) = (
        CommitFiles::new(&store, &old),
        CommitFiles::new(&store, &new),
    );
    let differ = |path| old.differs(&new, path).unwrap();
    assert!(differ("docs/a.md") && differ("docs") && differ("link"));
    assert!(!differ("b") && !differ("c") && !differ("b/c") && !differ("docs/c"));
}
