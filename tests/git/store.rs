//! Objects that can't be read are errors, whatever is wrong with them.

use std::io::{Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use pushgate::git::{Fault, ObjectStore as _, ReadError, changed_documents, documents_at, read};

use crate::made::{As, Folder, Made, Usual, update};

fn made(folder: &Folder) -> Made {
    let made = folder.repository("r.git");
    made.commit(
        "main",
        &[
            ("port.yaml", As::File("1")),
            (".gimlet/a.yaml", As::File("a")),
        ],
    );
    made
}

fn overwrite(path: &Path, bytes: &[u8]) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let mut file = std::fs::File::options().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(4)).unwrap();
    file.write_all(bytes).unwrap();
}

#[test]
fn a_missing_or_damaged_object_is_never_nothing() {
    for revision in ["main", "main^{tree}", "main:.gimlet"] {
        for damage in [true, false] {
            let folder = Folder::new();
            let made = made(&folder);
            let commit = made.commit_of("main");
            let path = made.loose(&made.id(revision));
            if damage {
                overwrite(&path, b"damage");
            } else {
                std::fs::remove_file(path).unwrap();
            }
            // No branch holds it, so that it has to be read.
            made.git(&["update-ref", "-d", "refs/heads/main"]);
            let store = made.open();
            assert!(documents_at(&store, &commit, &Usual).is_err(), "{revision}");
            let created = update("-", commit.as_str(), "refs/heads/new");
            assert!(changed_documents(&store, &created, &Usual, |_| true).is_err());
        }
    }
}

#[test]
fn a_missing_file_or_empty_object_is_an_error() {
    let folder = Folder::new();
    let made = made(&folder);
    let commit = made.commit_of("main");
    let path = made.loose(&made.id("main:port.yaml"));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    std::fs::write(&path, b"").unwrap();
    assert!(read(&made.open(), &commit, "port.yaml", 10).is_err());
    std::fs::remove_file(&path).unwrap();
    assert!(read(&made.open(), &commit, "port.yaml", 10).is_err());
}

#[test]
fn objects_of_another_kind_are_not_taken_for_the_one_wanted() {
    let folder = Folder::new();
    let made = made(&folder);
    let store = made.open();
    let blob = made.id("main:port.yaml");
    let fault = |error| match error {
        ReadError::Object { fault, .. } => fault,
        other => panic!("{other}"),
    };
    assert!(matches!(
        fault(store.tree(&blob).unwrap_err()),
        Fault::Unexpected { .. }
    ));
    assert!(matches!(
        fault(store.blob(&made.id("main"), 1000).unwrap_err()),
        Fault::Unexpected { .. }
    ));
    assert!(store.root_tree(&pushgate::git::CommitId(blob)).is_err());
}

#[test]
fn tags_on_tags_end_somewhere() {
    let folder = Folder::new();
    let made = made(&folder);
    let mut id = made.id("main");
    for depth in 0..70 {
        let kind = if depth == 0 { "commit" } else { "tag" };
        let tag =
            format!("object {id}\ntype {kind}\ntag t\ntagger A <a@example.com> 1 +0000\n\nx\n");
        id = made.feed(&["mktag"], tag.as_bytes()).parse().unwrap();
    }
    let error = made.open().peel(&id).unwrap_err();
    assert!(matches!(
        error,
        ReadError::Object {
            fault: Fault::TagChain(_),
            ..
        }
    ));
}
