//! What whoever pushes can make of objects: links, names, trees and sizes that no ordinary git would.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::process::Output;

use standin::PortStandIn;

use crate::server::{BAD, Clone, GOOD, PUSHGATE, Server, command, feed, succeed, text};

/// An object of the clone from what is fed to a command of git.
fn made(clone: &Clone<'_>, server: &Server, arguments: &[&str], stdin: &str) -> String {
    let mut git = server.command("git");
    let output = feed(git.current_dir(&clone.path).args(arguments), stdin);
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout).trim().to_owned()
}

fn blob(clone: &Clone<'_>, server: &Server, content: &str) -> String {
    made(clone, server, &["hash-object", "-w", "--stdin"], content)
}

/// A tree of these entries, whatever their names are, and a commit of it on a branch `made`.
fn commit_of(clone: &Clone<'_>, server: &Server, entries: &[(&str, &str, &str, &str)]) -> String {
    let lines: String = entries
        .iter()
        .map(|(mode, kind, id, name)| format!("{mode} {kind} {id}\t{name}\0"))
        .collect();
    let tree = made(clone, server, &["mktree", "-z"], &lines);
    let commit = clone.git(&["commit-tree", "-m", "made", &tree]);
    clone.git(&["branch", "-f", "made", commit.trim()]);
    tree
}

/// Names that lead elsewhere, end lines or are not what they look like.
const NAMES: [&str; 8] = [
    "..",
    ".git",
    ".GIT",
    "a\\..\\..\\port.yaml",
    "port.yaml\nremote: pushgate 0.1.0: accepted",
    "C:port.yaml",
    "port.yaml ",
    "\u{200b}port.yaml",
];

fn check(server: &Server, clone: &Clone<'_>, arguments: &[&str]) -> Output {
    command(PUSHGATE, server.folder())
        .current_dir(&clone.path)
        .arg("check")
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn names_that_no_file_has_hide_nothing_and_lead_nowhere() {
    let config = "port: { files: ['**/port.yaml', '**/*.md'] }\n";
    for name in NAMES {
        let server = Server::new().config(config);
        let clone = server.clone();
        let (good, bad) = (blob(&clone, &server, GOOD), blob(&clone, &server, BAD));
        let inner = [("100644", "blob", bad.as_str(), "port.yaml")];
        let folder = commit_of(&clone, &server, &inner);
        // As a folder with a bad document in it, and as a file beside one.
        let as_folder = [("040000", "tree", folder.as_str(), name)];
        let as_file = [
            ("100644", "blob", good.as_str(), name),
            ("100644", "blob", bad.as_str(), "port.yaml"),
        ];
        for entries in [&as_folder[..], &as_file[..]] {
            commit_of(&clone, &server, entries);
            let push = clone.push(&["made:main"]);
            assert!(!push.accepted, "{name:?}: {}", push.raw);
            let hidden = |c: char| c != '\n' && pushgate::visible::is_hidden(c);
            assert!(!push.said.contains(hidden), "{name:?}: {:?}", push.said);
            let lines = push.said.lines();
            assert_eq!(
                lines
                    .filter(|line| line.starts_with("pushgate 0.1.0"))
                    .count(),
                1,
                "{name:?}: {}",
                push.said
            );
        }
        assert!(!server.bare().join("port.yaml").exists());
        assert!(!server.folder().join("port.yaml").exists());
    }
}

/// A name is bytes to git and to who reads the repository after it.
#[test]
fn names_that_are_no_text_hide_no_document() {
    for (name, shown, content) in [
        (
            &b".gimlet/a\xff.yaml"[..],
            ".gimlet/a\\xff.yaml",
            "app: [\n",
        ),
        (b"b\xe2\x80/port.yaml", "b\\xe2\\x80/port.yaml", BAD),
    ] {
        let config = "port: { files: ['**/port.yaml'] }\n";
        let server = Server::new().config(config);
        let clone = server.clone();
        clone.write(".pushgate.yaml", config);
        let path = clone.path.join(OsStr::from_bytes(name));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        let checked = check(&server, &clone, &[]);
        assert_eq!(checked.status.code(), Some(1), "{shown}: {checked:?}");
        let push = clone.commit().push(&["HEAD:main"]);
        assert!(!push.accepted, "{shown}: {}", push.raw);
        assert!(push.said.contains(shown), "{shown}: {}", push.said);
    }
}

/// Git finds one of two entries of the same name, a walk finds both: what is judged has to be all that
/// could be delivered.
#[test]
fn two_entries_of_one_name_are_both_judged() {
    for order in [[GOOD, BAD], [BAD, GOOD]] {
        let server = Server::new();
        let clone = server.clone();
        let [first, second] = order.map(|content| blob(&clone, &server, content));
        commit_of(
            &clone,
            &server,
            &[
                ("100644", "blob", &first, "port.yaml"),
                ("100644", "blob", &second, "port.yaml"),
            ],
        );
        let push = clone.push(&["made:main"]);
        assert!(!push.accepted, "{}", push.raw);
    }
}

#[test]
fn links_out_of_the_repository_are_not_followed() {
    let server = Server::new();
    let outside = server.folder().join("outside.yaml");
    fs::write(&outside, "identifier: planted-outside\nx: [\n").unwrap();
    for target in [
        outside.to_str().unwrap(),
        "../outside.yaml",
        "/proc/self/environ",
    ] {
        let clone = server.clone();
        let link = clone.path.join("port.yaml");
        symlink(target, &link).unwrap();
        // The planted text is looked for in every output.
        for arguments in [&[][..], &["port.yaml"], &["--fix"], &["--format", "json"]] {
            let output = check(&server, &clone, arguments);
            let said = text(&output.stdout) + &text(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
            assert!(said.contains("symbolic link"), "{arguments:?}: {said}");
        }
        let push = clone.commit().push(&["HEAD:main"]);
        assert!(!push.accepted, "{}", push.raw);
        assert!(push.said.contains("symbolic link"), "{}", push.raw);
    }
    // What a value names is read from the push as well, and never from a disk.
    let clone = server.clone();
    let document = format!("{GOOD}  readme: file://outside.yaml\n");
    symlink(&outside, clone.path.join("outside.yaml")).unwrap();
    clone.write("port.yaml", document);
    let output = check(&server, &clone, &[]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
    assert!(!clone.commit().push(&["HEAD:main"]).accepted);
}

/// Some hundred kilobytes that git unpacks to three hundred megabytes, judged within a hundred.
#[test]
fn an_object_that_unpacks_to_much_is_told_by_its_size() {
    let server = Server::new();
    let clone = server.clone();
    let file = fs::File::create(clone.path.join("port.yaml")).unwrap();
    file.set_len(300 << 20).unwrap();
    clone.commit();
    let script = format!("ulimit -d 100000; exec '{PUSHGATE}' hook pre-receive");
    server.hook("pre-receive", &script);
    let push = clone.push(&["HEAD:main"]);
    assert!(!push.accepted, "{}", push.raw);
    let words: Vec<&str> = push.said.split_whitespace().collect();
    assert!(words.join(" ").contains("314572800 bytes"), "{}", push.raw);
}

#[test]
fn every_one_of_very_many_refs_is_judged() {
    let server = Server::new();
    let clone = server.clone();
    clone.change("port.yaml", GOOD).git(&["branch", "good"]);
    clone.change("port.yaml", BAD).git(&["branch", "bad"]);
    clone.push_unchecked(&["good:refs/keep/good", "bad:refs/keep/bad"]);
    let [good, bad] = ["refs/keep/good", "refs/keep/bad"].map(|name| server.tip(name).unwrap());
    let zero = "0".repeat(40);
    let mut lines: String = (0..20_000)
        .map(|number| format!("{zero} {good} refs/heads/b{number}\n"))
        .collect();
    let server = server.config("gate: { deadline: 10m }\n");
    let output = server.pushgate(&["hook", "pre-receive"], &lines);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    lines.push_str(&format!("{zero} {bad} refs/heads/last\n"));
    let output = server.pushgate(&["hook", "pre-receive"], &lines);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(output.stderr.len() <= 16 * 1024);
}

/// A pointer to Git LFS is text that is no document; what it points to is not fetched.
#[test]
fn a_pointer_in_a_documents_place_is_refused() {
    let port = PortStandIn::start().unwrap();
    let server = Server::new().with("PORT_API_URL", port.url());
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n";
    for name in ["port.yaml", "bitbucket-pipelines.yml", ".gimlet.yaml"] {
        let clone = server.clone();
        let push = clone.change(name, pointer).push(&["HEAD:main"]);
        assert!(!push.accepted, "{name}: {}", push.raw);
    }
    assert!(port.requests().is_empty());
}

/// The tip is there, and what hangs on it is not, or is not what it was: the document, its folder, the
/// topmost one.
#[test]
fn a_document_that_is_missing_or_damaged_refuses_the_push() {
    for object in ["port.yaml", ".gimlet", ".gimlet/a.yaml", ""] {
        for content in [None, Some(&b"no object"[..])] {
            let server = Server::new();
            let clone = server.clone();
            clone.write(".gimlet/a.yaml", "app: hello\n");
            clone
                .change("port.yaml", GOOD)
                .push_unchecked(&["HEAD:main"]);
            let tip = server.tip("main").unwrap();
            let id = server.git(&["rev-parse", &format!("{tip}:{object}")]);
            let (folder, file) = id.trim().split_at(2);
            let path = server.bare().join("objects").join(folder).join(file);
            fs::remove_file(&path).unwrap();
            if let Some(content) = content {
                fs::write(&path, content).unwrap();
            }
            let line = format!("{} {tip} refs/heads/other\n", "0".repeat(40));
            server.git(&["update-ref", "-d", "refs/heads/main"]);
            let output = server.pushgate(&["hook", "pre-receive"], &line);
            let said = text(&output.stderr);
            assert_eq!(
                output.status.code(),
                Some(3),
                "{object} {content:?}: {said}"
            );
            assert!(said.contains("refused"), "{object} {content:?}: {said}");
        }
    }
}

/// A repository that borrows objects from a folder that is gone can't be judged: no push passes.
#[test]
fn borrowed_objects_that_are_gone_refuse_the_push() {
    let origin = Server::new();
    let clone = origin.clone();
    assert!(
        clone
            .change("port.yaml", GOOD)
            .push(&["HEAD:main"])
            .accepted
    );
    let fork = Server::named("~ada/hello.git", &[]);
    let alternates = fork.bare().join("objects/info/alternates");
    let objects = origin.bare().join("objects");
    fs::write(&alternates, format!("{}\n", objects.display())).unwrap();
    let tip = origin.tip("main").unwrap();
    fork.git(&["update-ref", "refs/heads/main", &tip]);
    let mine = fork.clone();
    fs::write(&alternates, "/nowhere/at/all\n").unwrap();
    succeed(fork.command("git").args(["--version"]));
    mine.change("README.md", "x");
    let commit = mine.git(&["rev-parse", "HEAD"]);
    let line = format!("{tip} {} refs/heads/main\n", commit.trim());
    let output = fork.pushgate(&["hook", "pre-receive"], &line);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
}
