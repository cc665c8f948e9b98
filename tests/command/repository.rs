//! What takes more than one file, in real pushes and in `check`: duplicates, `file://` values.

use std::fs;

use crate::check;
use crate::server::{Clone, GOOD, Push, Server, text};

const README: &str = "identifier: hello\ntitle: Hello\nblueprint: service\nproperties:\n  readme: file://docs/about.md\n";

fn accepted(push: &Push) {
    assert!(push.accepted, "{}", push.raw);
}

/// The push is refused for this rule and no other, and `check` says so too.
fn refused(clone: &Clone<'_>, push: &Push, rule: &str) {
    assert!(!push.accepted, "{}", push.raw);
    let first = push.said.lines().next().unwrap();
    assert!(first.starts_with("pushgate 0.1.0: refused; "), "{first}");
    assert!(first.ends_with("; 1 error in 1 document"), "{first}");
    let shown = format!("error[{rule}]");
    assert!(push.said.contains(&shown), "{}", push.raw);
    let output = check::run(&clone.path, &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains(&shown), "{output:?}");
}

/// What a push was told, on one line.
fn unwrapped(push: &Push) -> String {
    let words: Vec<&str> = push.said.split_whitespace().collect();
    words.join(" ")
}

fn entities(count: usize) -> String {
    (0..count)
        .map(|number| format!("- identifier: e{number}\n  title: E\n  blueprint: service\n"))
        .collect()
}

#[test]
fn the_file_that_a_value_names_may_come_with_the_push() {
    let server = Server::new();
    let clone = server.clone();
    clone.write("docs/about.md", "# Hello\n");
    let push = clone.change("port.yaml", README).push(&["HEAD:main"]);
    accepted(&push);
    assert_eq!(
        push.said,
        "pushgate 0.1.0: accepted; Port: 1 new, not delivered: no credentials"
    );
    let output = check::run(&clone.path, &[]);
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_file_that_is_missing_is_shown_where_it_is_named() {
    let server = Server::new();
    let clone = server.clone();
    let push = clone.change("port.yaml", README).push(&["HEAD:main"]);
    refused(&clone, &push, "port/file-missing");
    insta::assert_snapshot!(push.said);
    // On disk it is there, and never was added.
    fs::create_dir(clone.path.join("docs")).unwrap();
    fs::write(clone.path.join("docs/about.md"), "# Hello\n").unwrap();
    assert!(!clone.push(&["HEAD:main"]).accepted);
    accepted(&clone.commit().push(&["HEAD:main"]));
}

#[test]
fn a_push_that_deletes_the_file_is_refused_although_port_yaml_stays() {
    let server = Server::new();
    let clone = server.clone();
    clone.write("docs/about.md", "# Hello\n");
    accepted(&clone.change("port.yaml", README).push(&["HEAD:main"]));
    clone.git(&["rm", "-q", "docs/about.md"]);
    let push = clone.commit().push(&["HEAD:main"]);
    refused(&clone, &push, "port/file-missing");
    // What was wrong before and is not touched is not in the way.
    clone.push_unchecked(&["HEAD:main"]);
    accepted(&clone.change("other", "x").push(&["HEAD:main"]));
}

#[test]
fn what_cannot_be_sent_is_refused() {
    let big = "x".repeat((1 << 20) + 1);
    let contents: [(&str, &[u8], &str); 5] = [
        (
            "port/file-content",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
            "a pointer to Git LFS",
        ),
        ("port/file-content", b"a\0b", "a NUL byte"),
        ("port/file-content", b"caf\xe9", "no UTF-8 text"),
        ("port/file-content", big.as_bytes(), "1048577 bytes"),
        ("port/file-missing", b"", "there is no file"),
    ];
    for (rule, content, words) in contents {
        let server = Server::new();
        let clone = server.clone();
        let path = match rule {
            "port/file-missing" => "docs/other.md",
            _ => "docs/about.md",
        };
        let push = clone
            .write(path, content)
            .change("port.yaml", README)
            .push(&["HEAD:main"]);
        refused(&clone, &push, rule);
        assert!(unwrapped(&push).contains(words), "{}", push.said);
    }
}

/// Puts something into a clone where a file should be.
type Make = fn(&Clone<'_>);

#[test]
fn only_files_have_a_text() {
    let made: [(&str, Make); 3] = [
        ("a symbolic link", |clone| {
            clone.write("docs/real.md", "# Hello\n");
            #[cfg(unix)]
            std::os::unix::fs::symlink("real.md", clone.path.join("docs/about.md")).unwrap();
            clone.commit();
        }),
        ("a submodule", |clone| {
            let tip = clone.git(&["rev-parse", "HEAD"]);
            let entry = format!("160000,{},docs/about.md", tip.trim());
            clone.git(&["update-index", "--add", "--cacheinfo", &entry]);
            clone.git(&["commit", "-q", "-m", "submodule"]);
            let folder = clone.path.join("docs/about.md");
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(".git"), "gitdir: elsewhere\n").unwrap();
        }),
        ("a folder", |clone| {
            clone.change("docs/about.md/x", "# Hello\n");
        }),
    ];
    for (words, make) in made {
        let server = Server::new();
        let clone = server.clone();
        clone.change("port.yaml", README);
        make(&clone);
        let push = clone.push(&["HEAD:main"]);
        refused(&clone, &push, "port/file-kind");
        assert!(unwrapped(&push).contains(words), "{}", push.said);
    }
}

#[test]
fn paths_start_at_the_root_or_beside_the_document() {
    let server = Server::new().config("port:\n  files: ['**/port.yaml']\n");
    let clone = server.clone();
    let named = |value: &str| README.replace("file://docs/about.md", value);
    clone.write("a/b/about.md", "# Hello\n");
    for value in [
        "file://./about.md",
        "file://../b/about.md",
        "file://a/b/about.md",
    ] {
        accepted(
            &clone
                .change("a/b/port.yaml", named(value))
                .push(&["HEAD:main"]),
        );
    }
    let push = clone
        .change("a/b/port.yaml", named("file://about.md"))
        .push(&["HEAD:main"]);
    assert!(push.said.contains("port/file-missing"), "{}", push.raw);
    assert!(
        push.said.contains("write `file://./about.md`"),
        "{}",
        push.raw
    );
    let push = clone
        .change("a/b/port.yaml", named("file://../../../about.md"))
        .push(&["HEAD:main"]);
    assert!(push.said.contains("port/file-outside"), "{}", push.raw);
}

#[test]
fn an_entity_of_an_unchanged_file_is_shown_in_its_own_text() {
    let server = Server::new();
    let clone = server.clone();
    accepted(&clone.change("port.yaml", GOOD).push(&["HEAD:main"]));
    let push = clone
        .change("port.yml", format!("# Again.\n\n{GOOD}"))
        .push(&["HEAD:main"]);
    refused(&clone, &push, "port/duplicate-entity");
    insta::assert_snapshot!(push.said);
    let output = check::run(&clone.path, &["port.yml"]);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(text(&output.stdout));
    // The change that is not about it passes, and so does the one that mends it.
    clone.push_unchecked(&["HEAD:main"]);
    accepted(&clone.change("README.md", "x").push(&["HEAD:main"]));
    clone.git(&["rm", "-q", "port.yml"]);
    accepted(&clone.commit().push(&["HEAD:main"]));
}

#[test]
fn both_names_side_by_side_are_a_warning() {
    let server = Server::new();
    let clone = server.clone();
    accepted(&clone.change("port.yaml", GOOD).push(&["HEAD:main"]));
    let other = GOOD.replace("hello", "other");
    let push = clone.change("port.yml", &other).push(&["HEAD:main"]);
    accepted(&push);
    assert!(
        push.said.contains("warning[port/both-files]"),
        "{}",
        push.raw
    );
    let said = text(&check::run(&clone.path, &["port.yaml"]).stdout);
    assert!(
        said.contains("`port.yml` stands beside this file"),
        "{said}"
    );
    let said = text(&check::run(&clone.path, &[]).stdout);
    assert_eq!(said.matches("port/both-files").count(), 1, "{said}");
    let ignored = format!("# pushgate: ignore port/both-files both are read here\n{other}");
    let push = clone.change("port.yml", ignored).push(&["HEAD:main"]);
    accepted(&push);
    assert!(!push.said.contains("both-files"), "{}", push.raw);
    // What git ignores is not pushed, and is no document.
    fs::write(clone.path.join(".git/info/exclude"), "port.yml\n").unwrap();
    let said = text(&check::run(&clone.path, &["port.yaml"]).stdout);
    assert!(!said.contains("both-files"), "{said}");
}

#[test]
fn hundreds_of_duplicates_stay_a_short_answer() {
    let server = Server::new();
    let clone = server.clone();
    accepted(
        &clone
            .change("port.yaml", entities(300))
            .push(&["HEAD:main"]),
    );
    let push = clone.change("port.yml", entities(300)).push(&["HEAD:main"]);
    assert!(!push.accepted);
    assert!(
        push.said
            .starts_with("pushgate 0.1.0: refused; 300 errors in 1 document"),
        "{}",
        push.said
    );
    assert!(push.said.len() <= 16 * 1024);
    assert!(push.said.contains("more not shown"), "{}", push.said);
    // Another ref with the same document adds nothing to be counted.
    let push = clone.push(&["HEAD:main", "HEAD:topic"]);
    assert!(
        push.said
            .starts_with("pushgate 0.1.0: refused; 300 errors in 1 document"),
        "{}",
        push.said
    );
}

#[test]
fn every_ref_is_judged_by_its_own_files() {
    let server = Server::new();
    let clone = server.clone();
    clone
        .write("docs/about.md", "# Hello\n")
        .change("port.yaml", README);
    clone.git(&["branch", "with"]);
    clone.git(&["rm", "-q", "docs/about.md"]);
    clone.commit().git(&["branch", "without"]);
    let push = clone.push(&["with:main", "without:topic"]);
    refused(&clone, &push, "port/file-missing");
    let push = clone.push(&["without:aaa", "with:main"]);
    refused(&clone, &push, "port/file-missing");
    accepted(&clone.push(&["with:main", "with:topic"]));

    let server =
        Server::new().config("gate:\n  branches:\n    - { name: topic, enforcement: warn }\n");
    let clone = server.clone();
    clone
        .write("docs/about.md", "# Hello\n")
        .change("port.yaml", README);
    clone.git(&["branch", "with"]);
    clone.git(&["rm", "-q", "docs/about.md"]);
    clone.commit().git(&["branch", "without"]);
    // The error belongs to the branch where nobody is refused for it.
    accepted(&clone.push(&["without:topic", "with:main"]));
}

#[test]
fn manifests_of_the_same_app_and_environment_are_refused() {
    let manifest = |app: &str, env: &str| {
        format!(
            "app: {app}\nenv: {env}\nnamespace: default\nchart:\n  repository: https://charts.example.com\n  name: web\n  version: 1.2.0\n"
        )
    };
    let server = Server::new();
    let clone = server.clone();
    clone.write(".gimlet/a.yaml", manifest("web", "staging"));
    accepted(
        &clone
            .change(".gimlet/b.yaml", manifest("web", "production"))
            .push(&["HEAD:main"]),
    );
    let push = clone
        .change(".gimlet/c.yaml", manifest("\"w\\x65b\"", "staging"))
        .push(&["HEAD:main"]);
    refused(&clone, &push, "gimlet/duplicate-app");
    assert!(push.said.contains("`.gimlet/a.yaml`"), "{}", push.said);
    // A branch of its own is held against what lies on it.
    let push = clone.push(&["HEAD:refs/heads/topic"]);
    refused(&clone, &push, "gimlet/duplicate-app");
    let said = text(&check::run(&clone.path, &[".gimlet/c.yaml"]).stdout);
    assert!(said.contains("gimlet/duplicate-app"), "{said}");
    accepted(
        &clone
            .change(".gimlet/c.yaml", manifest("'web-{{ .BRANCH }}'", "staging"))
            .push(&["HEAD:main"]),
    );
}

#[test]
fn check_shows_other_files_from_where_one_stands() {
    let server = Server::new();
    let clone = server.clone();
    clone.write("port.yaml", GOOD).write("port.yml", GOOD);
    clone.write("src/x", "");
    let said = text(&check::run(&clone.path.join("src"), &["../port.yml"]).stdout);
    assert!(
        said.starts_with("../port.yml:1:13: error[port/duplicate-entity]"),
        "{said}"
    );
    assert!(
        said.contains("../port.yaml:1:13: declared here too"),
        "{said}"
    );
    // A file that is given by two paths is no duplicate of itself.
    let output = check::run(
        &clone.path,
        &["port.yaml", clone.path.join("port.yaml").to_str().unwrap()],
    );
    let said = text(&output.stdout);
    assert!(!said.contains("is declared in `port.yaml`"), "{said}");
    // Files that are no documents of the repository stand for themselves.
    clone
        .write("src/port.yaml", README)
        .write("src/port.yml", README);
    let output = check::run(&clone.path, &["src/port.yaml", "src/port.yml"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn check_looks_at_files_that_it_was_not_given_wherever_patterns_allow_them() {
    let server = Server::new();
    let clone = server.clone();
    let named = |name: &str| GOOD.replace("hello", name);
    clone
        .write("port.yaml", GOOD)
        .write("port.yml", GOOD)
        .write("one/port.yml", named("other"))
        .write("two/port.yml", named("other"))
        .write("ignored/port.yml", named("other"))
        .write(".gitignore", "ignored/\n");
    let own = "{name: service-level, files: ['slo/*.yaml'], schema: s.json}";
    for (config, given, found) in [
        // What another kind's patterns leave open is no matter.
        (format!("kinds: [{own}]\n"), "port.yml", "`port.yaml`"),
        (
            "port: {files: ['**/port.yml']}\n".to_owned(),
            "two/port.yml",
            "`one/port.yml`",
        ),
    ] {
        clone.write(".pushgate.yaml", config);
        let said = text(&check::run(&clone.path, &[given]).stdout);
        let errors = said.matches("error[port/duplicate-entity]").count();
        assert_eq!(errors, 1, "{said}");
        assert!(said.contains(found), "{said}");
        assert!(!said.contains("ignored"), "{said}");
    }
    // Outside of a work tree nobody knows where its files begin and end.
    std::fs::remove_dir_all(clone.path.join(".git")).unwrap();
    let output = check::run(&clone.path, &["two/port.yml"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn thousands_of_values_are_answered_soon() {
    let server = Server::new().config("gate: { deadline: 60s }\n");
    let clone = server.clone();
    let megabyte = "a line of a manual\n".repeat(55_000);
    let mut port = "identifier: a\ntitle: A\nblueprint: b\nproperties:\n".to_owned();
    for number in 0..40 {
        clone.write(&format!("docs/{number}"), format!("{number}\n{megabyte}"));
    }
    for number in 0..20_000 {
        port.push_str(&format!("  p{number}: file://docs/{}\n", number % 40));
    }
    let push = clone.change("port.yaml", port).push(&["HEAD:main"]);
    refused(&clone, &push, "port/file-content");
    assert!(
        push.said.contains("33554432 bytes together"),
        "{}",
        push.said
    );
}
