//! A commit read by REST gives what the same commit on a disk gives.

use std::path::Path;

use pushgate::check::{RepositoryFiles, Standing};
use pushgate::committed::{Committed, Listed};
use pushgate::declared::{declared, declared_in};
use pushgate::document::{Kind, Kinds, Limits};
use pushgate::git::{CommitId, HookEnvironment, Repository};
use pushgate::remote_commit::RemoteCommit;
use standin::{BitbucketStandIn, Fault};

use crate::bench::{client, commit_id, git, name};

/// Repositories, each a list of paths and contents (`-> PATH` for a symbolic link), that are read both
/// ways.
const REPOSITORIES: [&[(&str, &str)]; 13] = [
    &[("README.md", "# Hi\n")],
    &[
        (
            "port.yaml",
            "identifier: a\nblueprint: service\nproperties:\n  readme: file://README.md\n  deep: file://docs/a/b.md\n  gone: file://gone.md\n  folder: file://docs\n",
        ),
        ("README.md", "Hi"),
        ("docs/a/b.md", "deep"),
    ],
    &[("port.yaml", "identifier: [\n")],
    &[("port.yaml", "README.md")],
    &[("port.yaml/x", "a folder where the document should be")],
    &[
        (
            "port.yml",
            "- {identifier: a, blueprint: b}\n- {identifier: b, blueprint: b}\n",
        ),
        ("sub/port.yaml", "identifier: c\nblueprint: b\n"),
    ],
    &[
        (
            ".gimlet/staging.yaml",
            "app: a\nenv: staging\nnamespace: x\n",
        ),
        (".gimlet/deep/x.yaml", "a: b\n"),
        ("bitbucket-pipelines.yml", "pipelines: {}\n"),
    ],
    &[
        (
            "services/a/port.yaml",
            "identifier: a\nblueprint: b\nproperties: {r: 'file://services/a/r.md'}\n",
        ),
        ("services/a/r.md", "text"),
        ("services/b/port.yaml/x", "y"),
    ],
    // Links, and a file that holds a path and the end of a line.
    &[
        (
            "port.yaml",
            "identifier: a\nblueprint: b\nproperties:\n  link: file://README.md\n  path: file://path.txt\n  deep: file://docs/link.md\n",
        ),
        ("README.md", "-> docs/real.md"),
        ("docs/real.md", "Hi"),
        ("docs/link.md", "-> .././docs//real.md"),
        ("path.txt", "docs/real.md\n"),
    ],
    &[
        ("port.yaml", "-> services/a/port.yaml"),
        (
            "services/a/port.yaml",
            "identifier: a\nblueprint: b\nproperties: {folder: 'file://services/a/r.md'}\n",
        ),
        ("services/a/r.md", "-> ../../docs"),
        ("docs/a/b.md", "x"),
    ],
    // What leads nowhere is told alike as a document: neither is a mapping.
    &[
        ("README.md", "docs/none.md"),
        (".gimlet/a.yaml", "-> ../port.yaml"),
        ("port.yaml", "identifier: a\nblueprint: b\n"),
    ],
    &[(".gimlet", "-> deploy"), ("deploy/a.yaml", "app: a\n")],
    &[(".gimlet", "a file"), ("deploy/a.yaml", "app: a\n")],
];

fn commit(folder: &Path, files: &[(&str, &str)]) -> CommitId {
    for (path, content) in files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        match content.strip_prefix("-> ") {
            Some(target) => std::os::unix::fs::symlink(target, path).unwrap(),
            None => std::fs::write(path, content).unwrap(),
        }
    }
    git(folder, &["add", "--all"]);
    git(
        folder,
        &["commit", "--quiet", "--allow-empty", "--message", "x"],
    );
    commit_id(folder, "HEAD")
}

/// Both ways must tell the same, or both not know.
fn compare(files: &[(&str, &str)], kinds: &Kinds) {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "--quiet", "--initial-branch=main"]);
    let commit = commit(folder.path(), files);
    let standin = BitbucketStandIn::start().unwrap();
    standin.set_largest_page(2);
    standin.mirror("PRJ/hello", &folder.path().join(".git"));
    let (client, hello) = (client(&standin), name("PRJ/hello"));
    let store = Repository::open(&HookEnvironment::at(folder.path().join(".git"))).unwrap();
    let limits = Limits::default();

    let remote = RemoteCommit::new(&client, &hello, &commit, kinds);
    let there = declared_in(&remote, &limits).unwrap();
    let here = declared(&store, &commit, kinds, &limits).unwrap();
    assert_eq!(there.state, here.state, "{files:?}");
    assert_eq!(there.unresolved, here.unresolved, "{files:?}");

    let disk = Committed::new(&store, &commit, kinds, Listed::Nothing);
    for kind in [Kind::Port, Kind::Gimlet, Kind::Pipelines, Kind::Algorithmia] {
        let remote = RemoteCommit::new(&client, &hello, &commit, kinds);
        let listed = remote.documents(&kind).unwrap();
        assert_eq!(listed, disk.documents(&kind).unwrap(), "{kind:?} {files:?}");
        for path in listed.iter().map(String::as_str).chain([
            "docs",
            "docs/a/b.md",
            "docs/none",
            "no/where",
            "README.md/x",
        ]) {
            assert_eq!(
                remote.at(path, 1000).unwrap(),
                disk.at(path, 1000).unwrap(),
                "{path} {files:?}"
            );
        }
    }
    let checker = pushgate::config::Config::default().checker().unwrap();
    let paths = remote.all_documents().unwrap();
    let found = |checked: Vec<pushgate::check::Checked>| -> Vec<String> {
        let all = checked.iter().flat_map(|one| {
            one.findings
                .iter()
                .map(move |finding| format!("{} {finding:?}", one.path))
        });
        all.collect()
    };
    assert_eq!(
        found(checker.check_all(&remote, &paths).unwrap()),
        found(checker.check_all(&disk, &paths).unwrap())
    );
    standin.assert_conforms();
}

#[test]
fn a_commit_is_the_same_by_rest_and_on_a_disk() {
    for files in REPOSITORIES {
        for patterns in [
            &["port.yaml", "port.yml"][..],
            &["**/port.yaml"],
            &["services/*/port.yaml"],
            &["services/a/port.yaml"],
        ] {
            let patterns: Vec<String> = patterns.iter().map(|one| (*one).to_owned()).collect();
            compare(files, &Kinds::new(&patterns, &[]).unwrap());
        }
    }
}

#[test]
fn submodules_are_no_files() {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "--quiet", "--initial-branch=main"]);
    let first = commit(folder.path(), &[("a", "b")]);
    let entry = format!("160000,{},port.yaml", first.as_str());
    git(
        folder.path(),
        &["update-index", "--add", "--cacheinfo", &entry],
    );
    git(folder.path(), &["commit", "--quiet", "--message", "x"]);
    let commit = commit_id(folder.path(), "HEAD");
    let standin = BitbucketStandIn::start().unwrap();
    standin.mirror("PRJ/hello", &folder.path().join(".git"));
    let (client, hello, kinds) = (client(&standin), name("PRJ/hello"), Kinds::default());
    let remote = RemoteCommit::new(&client, &hello, &commit, &kinds);
    assert_eq!(remote.at("port.yaml", 9).unwrap(), Standing::Submodule);
    let state = declared_in(&remote, &Limits::default()).unwrap().state;
    assert_eq!(state.unwrap_err().reason, "it is no plain file");
}

/// A link in place of `.gimlet` is told of as on a disk; a submodule is one more entry of the top.
#[test]
fn what_hides_a_folder_of_manifests_is_told() {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "--quiet", "--initial-branch=main"]);
    let link = commit(folder.path(), &[(".gimlet", "-> deploy"), ("deploy/x", "")]);
    git(folder.path(), &["rm", "-q", ".gimlet"]);
    let file = commit(folder.path(), &[(".gimlet", "no path")]);
    git(folder.path(), &["rm", "-q", ".gimlet"]);
    let entry = format!("160000,{},.gimlet", link.as_str());
    git(
        folder.path(),
        &["update-index", "--add", "--cacheinfo", &entry],
    );
    git(folder.path(), &["commit", "--quiet", "--message", "x"]);
    let submodule = commit_id(folder.path(), "HEAD");
    let standin = BitbucketStandIn::start().unwrap();
    standin.mirror("PRJ/hello", &folder.path().join(".git"));
    let (client, hello) = (client(&standin), name("PRJ/hello"));
    let checker = pushgate::config::Config::default().checker().unwrap();
    for (commit, told) in [(link, true), (file, false), (submodule, true)] {
        let remote = RemoteCommit::new(&client, &hello, &commit, checker.kinds());
        let paths = remote.all_documents().unwrap();
        let checked = checker.check_all(&remote, &paths).unwrap();
        let findings = checked.iter().flat_map(|one| &one.findings);
        let rules: Vec<_> = findings.map(|finding| finding.rule.as_str()).collect();
        let expected: &[&str] = if told { &["gimlet/not-a-folder"] } else { &[] };
        assert_eq!(rules, expected, "{}", commit.as_str());
    }
    standin.assert_conforms();
}

/// Nothing that goes wrong on the way looks like a repository without entities.
#[test]
fn what_fails_is_never_an_empty_state() {
    let standin = BitbucketStandIn::start().unwrap();
    standin.add_repository("PRJ/hello");
    let file: &[u8] = b"identifier: a\nblueprint: b\nproperties: {r: 'file://r.md'}\n";
    let at = standin.commit(
        "PRJ/hello",
        "main",
        &[("port.yaml", Some(file)), ("r.md", Some(b"x"))],
    );
    let commit = CommitId(at.parse().unwrap());
    let (client, hello, limits) = (client(&standin), name("PRJ/hello"), Limits::default());
    let everywhere = Kinds::new(&["**/port.yaml".to_owned()], &[]).unwrap();
    for kinds in [Kinds::default(), everywhere] {
        let read = || {
            declared_in(
                &RemoteCommit::new(&client, &hello, &commit, &kinds),
                &limits,
            )
        };
        let entities = read().unwrap().state.unwrap().entities().count();
        assert_eq!(entities, 1);
        for part in ["/browse", "/files", "/raw/port.yaml", "/raw/r.md"] {
            for fault in [
                Fault::status(500),
                Fault::status(401),
                Fault::status(403),
                Fault::status(404),
                Fault::status(400),
                Fault::with_body(404, "<html>gone</html>"),
            ] {
                let asked = standin.requests().len();
                standin.fail_next(part, 1, &fault);
                let answer = read();
                let met = standin.requests()[asked..]
                    .iter()
                    .any(|one| one.path.contains(part));
                assert_eq!(answer.is_err(), met, "{part} {fault:?}");
                if !met {
                    // The fault is still planned: use it up.
                    let _ = client.raw(&hello, &at, "port.yaml", 9);
                    let _ = client.raw(&hello, &at, "r.md", 9);
                    let _ = client.top(&hello, &at);
                    let _ = client.files(&hello, &at).count();
                }
            }
        }
    }
    // A commit that the server does not have is an error too.
    let nowhere = CommitId("f".repeat(40).parse().unwrap());
    assert!(
        declared_in(
            &RemoteCommit::new(&client, &hello, &nowhere, &Kinds::default()),
            &limits
        )
        .is_err()
    );
}

#[test]
fn a_repository_costs_few_requests() {
    let standin = BitbucketStandIn::start().unwrap();
    standin.add_repository("PRJ/hello");
    let port: &[u8] = b"identifier: a\nblueprint: b\n";
    let with = standin.commit(
        "PRJ/hello",
        "main",
        &[("port.yaml", Some(port)), ("a/b", Some(b"x"))],
    );
    let without = standin.commit("PRJ/hello", "other", &[("README.md", Some(b"x"))]);
    let (client, hello, kinds) = (client(&standin), name("PRJ/hello"), Kinds::default());
    for (at, requests) in [(with, 2), (without, 1)] {
        let before = standin.requests().len();
        let commit = CommitId(at.parse().unwrap());
        declared_in(
            &RemoteCommit::new(&client, &hello, &commit, &kinds),
            &Limits::default(),
        )
        .unwrap();
        assert_eq!(standin.requests().len() - before, requests);
    }
}
