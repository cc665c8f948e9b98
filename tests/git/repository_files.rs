//! What the rules ask of a repository: a commit and a work tree of it answer alike, and hostile
//! documents cost little.

use std::cell::{Cell, RefCell};
use std::path::Path;

use proptest::prelude::*;
use pushgate::check::{Checked, Checker, Placed, RepositoryFiles, Settings};
use pushgate::committed::{Committed, Listed};
use pushgate::config::Gate;
use pushgate::document::{Kind, Limits};
use pushgate::gate::{Judge, ToPort, Verdict};
use pushgate::git::{
    Blob, Branches, CommitId, Object, ObjectId, ObjectKind, ObjectStore, ReadError, RefName,
    Repository,
};
use pushgate::work_tree::{WorkTree, WorkTreeFiles};

use crate::made::{As, Folder, Made, git, succeed, update};

/// What stands at a path of a generated commit.
#[derive(Clone, Debug)]
enum Thing {
    Text(String),
    Symlink,
    Submodule,
}

fn path() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec!["a", "b", "docs", "é"]);
    prop::collection::vec(part, 1..3).prop_map(|parts| parts.join("/"))
}

fn thing() -> impl Strategy<Value = Thing> {
    let texts = vec![
        "text",
        "",
        "nul \0 byte",
        "version https://git-lfs.github.com/spec/v1\n",
    ];
    let texts = texts.into_iter().map(str::to_owned);
    let long = [600, 1100].map(|length| "x".repeat(length));
    let texts: Vec<String> = texts.chain(long).collect();
    prop_oneof![
        3 => prop::sample::select(texts).prop_map(Thing::Text),
        2 => Just(Thing::Symlink),
        2 => Just(Thing::Submodule),
    ]
}

/// A `file://` value, of which many lead somewhere.
fn value() -> impl Strategy<Value = String> {
    let beginning = prop::sample::select(vec!["", "", "", "./", "../", "/", "docs/../", ".git/"]);
    (beginning, path()).prop_map(|(beginning, path)| format!("file://{beginning}{path}"))
}

fn port_file() -> impl Strategy<Value = String> {
    let entity = (0..4_u8, prop::collection::vec(value(), 0..4));
    prop::collection::vec(entity, 1..4).prop_map(|entities| {
        let mut text = String::new();
        for (number, values) in entities {
            text.push_str(&format!(
                "- identifier: e{number}\n  title: E\n  blueprint: service\n  properties:\n    p: 1\n"
            ));
            for (at, value) in values.iter().enumerate() {
                text.push_str(&format!("    p{at}: {value}\n"));
            }
        }
        text
    })
}

fn manifest() -> impl Strategy<Value = String> {
    let name = || prop::sample::select(vec!["one", "two", "'{{ .APP }}'"]);
    (name(), name()).prop_map(|(app, env)| format!("app: {app}\nenv: {env}\nnamespace: default\n"))
}

/// Things and documents by path.
type Things = Vec<(String, Thing)>;
type Documents = Vec<(String, String)>;

/// A commit's files, and how many of its documents are the ones to check.
fn commit() -> impl Strategy<Value = (Things, Documents, usize)> {
    let documents = (
        prop::option::of(port_file()),
        prop::option::of(port_file()),
        prop::collection::vec(manifest(), 0..4),
    );
    let documents = documents.prop_map(|(yaml, yml, manifests)| {
        let mut documents = Vec::new();
        for (number, text) in manifests.into_iter().enumerate() {
            documents.push((format!(".gimlet/{number}.yaml"), text));
        }
        documents.extend(yaml.map(|text| ("port.yaml".to_owned(), text)));
        documents.extend(yml.map(|text| ("port.yml".to_owned(), text)));
        documents
    });
    (
        prop::collection::vec((path(), thing()), 0..12),
        documents,
        1..6_usize,
    )
}

fn small() -> Checker {
    let limits = Limits {
        bytes: 1000,
        named_files: 1500,
        ..Limits::default()
    };
    Checker::new(Settings {
        limits,
        ..Settings::default()
    })
    .unwrap()
}

/// The same kinds and rules; its limits let the documents themselves be read.
fn large() -> Checker {
    Checker::new(Settings::default()).unwrap()
}

/// The findings as text, with paths from the root.
fn together<F: RepositoryFiles>(
    documents: &[(String, Checked)],
    files: &F,
    root: &str,
) -> Result<String, F::Error> {
    let placed: Vec<_> = documents
        .iter()
        .map(|(path, checked)| Placed { path, checked })
        .collect();
    // The members were read already; what else is read is held to the small limits.
    let added = small().together(&placed, files)?;
    let mut text = String::new();
    for finding in added.iter().flat_map(|added| &added.findings) {
        let related: Vec<_> = finding
            .related
            .iter()
            .map(|related| (&related.path, related.location, &related.label))
            .collect();
        text.push_str(&format!(
            "{} {} {:?} {:?} {:?} {:?} {related:?}\n",
            finding.path,
            finding.rule,
            finding.location,
            finding.message,
            finding.label,
            finding.help
        ));
    }
    Ok(text.replace(&format!("{root}/"), ""))
}

/// Writes a commit's files as a checkout does.
fn check_out(made: &Made, branch: &str, things: &[(String, Thing)], into: &Path) {
    let index = into.with_extension("index");
    let mut read_tree = git(made.path());
    succeed(
        read_tree
            .env("GIT_INDEX_FILE", &index)
            .args(["read-tree", branch]),
    );
    let prefix = format!("--prefix={}/", into.display());
    let mut checkout = git(made.path());
    checkout.env("GIT_INDEX_FILE", &index);
    checkout.args(["-c", "core.bare=false", "--work-tree"]);
    checkout
        .arg(into)
        .args(["checkout-index", "-a", "-f", &prefix]);
    std::fs::create_dir_all(into).unwrap();
    succeed(&mut checkout);
    for (path, thing) in things {
        let path = into.join(path);
        if matches!(thing, Thing::Submodule)
            && path.is_dir()
            && path.read_dir().unwrap().count() == 0
        {
            std::fs::write(path.join(".git"), "gitdir: elsewhere\n").unwrap();
        }
    }
}

#[test]
fn a_commit_and_its_work_tree_give_the_same_findings() {
    let folder = Folder::new();
    let made = folder.repository("r.git");
    let submodule = made.commit("submodule", &[("x", As::File("x"))]);
    let number = Cell::new(0);
    let seen = RefCell::new(String::new());
    let config = ProptestConfig {
        cases: 128,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |((things, documents, checked) in commit())| {
        number.set(number.get() + 1);
        let branch = format!("case{}", number.get());
        let mut files: Vec<(&str, As<'_>)> = things
            .iter()
            .map(|(path, thing)| (path.as_str(), match thing {
                Thing::Text(text) => As::File(text),
                Thing::Symlink => As::Symlink("a"),
                Thing::Submodule => As::Submodule(submodule.as_str()),
            }))
            .collect();
        files.extend(documents.iter().map(|(path, text)| (path.as_str(), As::File(text))));
        files.push(("LAST", As::File("")));
        let commit = made.commit(&branch, &files);
        let tree = folder.path().join(&branch);
        check_out(&made, &branch, &things, &tree);

        let checker = large();
        let documents: Vec<(String, Checked)> = documents
            .into_iter()
            .rev()
            .take(checked)
            .map(|(path, text)| {
                let kind = checker.kinds().of_path(&path).unwrap();
                let checked = checker.check(kind, &path, text.as_bytes());
                (path, checked)
            })
            .collect();
        let store = made.open();
        let committed = Committed::new(&store, &commit, checker.kinds(), Listed::Nothing);
        let root = tree.to_str().unwrap().to_owned();
        let by_git = together(&documents, &committed, &root).unwrap();
        let tree = WorkTree::around(&tree);
        let files = WorkTreeFiles::new(&tree, checker.kinds());
        let by_tree = together(&documents, &files, &root).unwrap();
        prop_assert_eq!(&by_git, &by_tree);
        seen.borrow_mut().push_str(&by_git);
    });
    let seen = seen.into_inner();
    for rule in [
        "port/duplicate-entity",
        "port/both-files",
        "port/file-missing",
        "port/file-outside",
        "port/file-kind",
        "port/file-content",
        "is a symbolic link",
        "is a submodule",
        "is a folder",
    ] {
        assert!(seen.contains(rule), "no case had {rule}");
    }
}

/// Counts what is read.
struct Counting {
    repository: Repository,
    reads: Cell<usize>,
    blobs: Cell<usize>,
    bytes: Cell<u64>,
}

impl Counting {
    fn of(made: &Made) -> Self {
        Self {
            repository: made.open(),
            reads: Cell::new(0),
            blobs: Cell::new(0),
            bytes: Cell::new(0),
        }
    }
}

impl ObjectStore for Counting {
    fn object(&self, id: &ObjectId, limit: u64) -> Result<Object, ReadError> {
        let object = self.repository.object(id, limit)?;
        self.reads.set(self.reads.get() + 1);
        if object.kind == ObjectKind::Blob {
            self.blobs.set(self.blobs.get() + 1);
            if let Blob::Content(bytes) = &object.content {
                self.bytes.set(self.bytes.get() + bytes.len() as u64);
            }
        }
        Ok(object)
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

/// The findings of one document of a commit, and what they cost.
fn cost(made: &Made, commit: &CommitId, text: &str) -> (usize, Counting) {
    let checker = large();
    let checked = checker.check(&Kind::Port, "port.yaml", text.as_bytes());
    assert!(checked.findings.is_empty(), "{:?}", checked.findings);
    let store = Counting::of(made);
    let files = Committed::new(&store, commit, checker.kinds(), Listed::Nothing);
    let placed = Placed {
        path: "port.yaml",
        checked: &checked,
    };
    let added = checker.together(&[placed], &files).unwrap();
    let errors = added[0].errors();
    (errors, store)
}

fn naming(paths: impl Iterator<Item = String>) -> String {
    let mut text = "identifier: a\ntitle: A\nblueprint: b\nproperties:\n".to_owned();
    for (number, path) in paths.enumerate() {
        text.push_str(&format!("  p{number}: file://{path}\n"));
    }
    text
}

#[test]
fn thousands_of_values_read_little() {
    let folder = Folder::new();
    let made = folder.repository("r.git");
    let megabytes: Vec<(String, String)> = (0..64_u8)
        .map(|number| {
            let letter = char::from(b'0' + number);
            (
                format!("large/{number}"),
                letter.to_string().repeat(1 << 20),
            )
        })
        .collect();
    let many: Vec<String> = (0..20_000).map(|number| format!("many/{number}")).collect();
    let mut files: Vec<(&str, As<'_>)> = megabytes
        .iter()
        .map(|(path, text)| (path.as_str(), As::File(text)))
        .collect();
    files.extend(many.iter().map(|path| (path.as_str(), As::File("text"))));
    let commit = made.commit("main", &files);

    // One file, named by all.
    let text = naming((0..20_000).map(|_| "large/1".to_owned()));
    let (errors, store) = cost(&made, &commit, &text);
    assert_eq!((errors, store.blobs.get()), (1, 1));

    // Large files, each named by many.
    let text = naming((0..20_000).map(|number| format!("large/{}", number % 64)));
    let (errors, store) = cost(&made, &commit, &text);
    assert_eq!(errors, 1);
    assert!(store.blobs.get() <= 64);
    assert!(store.bytes.get() <= 32 << 20, "{}", store.bytes.get());

    // Small files of one folder, whose entries are not searched once for each.
    let (errors, store) = cost(&made, &commit, &naming(many.iter().cloned()));
    assert_eq!((errors, store.blobs.get()), (0, 20_000));
    assert!(store.reads.get() <= 20_010, "{}", store.reads.get());

    // None of them is there: the first are shown, the rest is counted.
    let text = naming((0..20_000).map(|number| format!("gone/{number}")));
    let (errors, store) = cost(&made, &commit, &text);
    assert_eq!((errors, store.blobs.get()), (20_000, 0));
    assert!(store.reads.get() < 10, "{}", store.reads.get());
}

#[test]
fn the_usual_push_reads_nothing_but_what_it_changes() {
    let folder = Folder::new();
    let made = folder.repository("r.git");
    let port = |title: &str| format!("identifier: a\ntitle: {title}\nblueprint: b\n");
    let manifest = "app: a\nenv: b\nnamespace: c\nmanifests: x\n";
    let first = port("A");
    let old = made.commit(
        "main",
        &[
            ("port.yaml", As::File(&first)),
            (".gimlet/a.yaml", As::File(manifest)),
            ("docs/a.md", As::File("a")),
        ],
    );
    let second = port("B");
    let new = made.commit("main", &[("port.yaml", As::File(&second))]);
    let (checker, gate) = (large(), Gate::default());
    let blobs = |old: &str, new: &str, name: &str| {
        let store = Counting::of(&made);
        let judge = Judge {
            owners: &(),
            store: &store,
            checker: &checker,
            gate: &gate,
            port: ToPort::Nothing,
        };
        let judgement = judge.judge(&[update(old, new, name)]).unwrap();
        assert_eq!(judgement.verdict, Verdict::Accepted);
        assert_eq!(judgement.documents.len(), 1);
        store.blobs.get()
    };
    assert_eq!(blobs(old.as_str(), new.as_str(), "refs/heads/main"), 1);
    // A second manifest is compared with the first one.
    let manifest = manifest.replace("env: b", "env: c");
    let third = made.commit("main", &[(".gimlet/b.yaml", As::File(&manifest))]);
    // The new manifest, the other one, and the unchanged `port.yaml` for what it may name.
    assert_eq!(blobs(new.as_str(), third.as_str(), "refs/heads/main"), 3);
}
