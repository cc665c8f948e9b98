//! The same file gives the same findings in `check`, on standard input and in the hook.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::server::{PUSHGATE, Server, command, feed, text};

/// Files by path, the first being the document; a folder's documents come first of all its files.
type Files = Vec<(String, Vec<u8>)>;

/// Every bad fixture, as the file that it stands for, or as the folder that it is.
fn bad_documents() -> Vec<Files> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");
    let mut documents = Vec::new();
    for family in fs::read_dir(root).unwrap().flatten() {
        let name = match family.file_name().to_str().unwrap() {
            "port" | "yaml" => "port.yaml",
            "gimlet" => ".gimlet.yaml",
            "pipelines" => "bitbucket-pipelines.yml",
            "algorithmia" => "algorithmia.conf",
            _ => continue,
        };
        for rule in fs::read_dir(family.path()).unwrap().flatten() {
            for file in fs::read_dir(rule.path()).unwrap().flatten() {
                if !file.file_name().to_str().unwrap().starts_with("bad") {
                    continue;
                }
                documents.push(match file.path().is_dir() {
                    true => files_below(&file.path(), ""),
                    false => vec![(name.to_owned(), fs::read(file.path()).unwrap())],
                });
            }
        }
    }
    documents
}

fn files_below(folder: &Path, prefix: &str) -> Files {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        match entry.path().is_dir() {
            true => files.extend(files_below(&entry.path(), &format!("{path}/"))),
            false => files.push((path, fs::read(entry.path()).unwrap())),
        }
    }
    files.sort();
    files
}

/// Whether a file of a folder is a document.
fn is_document(path: &str) -> bool {
    path.starts_with("port.y") || path.starts_with(".gimlet/") && path != ".gimlet/vars"
}

/// `path:line:column: severity[rule]` of every finding.
fn places(report: &Value) -> Vec<String> {
    let field = |finding: &Value, key: &str| {
        finding[key]
            .as_str()
            .map_or_else(|| finding[key].to_string(), str::to_owned)
    };
    let findings = report["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|finding| {
            let [path, line, column, severity, rule] =
                ["path", "line", "column", "severity", "rule"].map(|key| field(finding, key));
            format!("{path}:{line}:{column}: {severity}[{rule}]")
        })
        .collect()
}

#[test]
fn check_standard_input_and_hook_agree() {
    let server = Server::new();
    let documents = bad_documents();
    assert!(
        documents.len() > 20,
        "only {} bad fixtures",
        documents.len()
    );
    let mut with_findings = 0;
    for files in documents {
        let clone = server.clone();
        clone.git(&["checkout", "-q", "--orphan", "work"]);
        for (path, content) in &files {
            clone.write(path, content);
        }
        clone.commit();
        let names: Vec<&str> = match &files[..] {
            [(name, _)] => vec![name],
            _ => {
                let names = files.iter().map(|(path, _)| path.as_str());
                names.filter(|path| is_document(path)).collect()
            }
        };
        let check = |arguments: &[&str]| {
            let mut pushgate = command(PUSHGATE, server.folder());
            pushgate
                .current_dir(&clone.path)
                .args(["check", "--format", "json"])
                .args(arguments);
            pushgate
        };
        let output = check(&[]).output().unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let wanted = places(&report);
        // Fixtures of limits stay below the real ones: they agree on nothing.
        with_findings += usize::from(!wanted.is_empty());

        let by_name = check(&names).output().unwrap();
        assert_eq!(text(&by_name.stdout), text(&output.stdout));
        let content = files.iter().find(|(path, _)| path == names[0]).unwrap();
        if let (Ok(content), [name]) = (std::str::from_utf8(&content.1), &names[..]) {
            let piped = feed(&mut check(&["--stdin-filename", name]), content);
            assert_eq!(text(&piped.stdout), text(&output.stdout));
        }

        let push = clone.push(&["HEAD:refs/heads/work"]);
        let errors = report["summary"]["errors"].as_u64().unwrap();
        assert_eq!(push.accepted, errors == 0, "{}", push.raw);
        let widest = push.said.lines().max_by_key(|line| line.chars().count());
        assert!(
            widest.is_none_or(|line| line.chars().count() <= 72),
            "{widest:?}"
        );
        assert!(push.said.len() <= 16 * 1024);
        // A long first line is wrapped: its start is what tells.
        let said: Vec<String> = push
            .said
            .lines()
            .filter(|line| {
                names
                    .iter()
                    .any(|name| line.starts_with(&format!("{name}:")))
            })
            .map(|line| {
                line.split_once("]:")
                    .map_or(line.to_owned(), |(head, _)| format!("{head}]"))
            })
            .collect();
        let left_out = push.said.contains("more not shown");
        let compared = if left_out { said.len() } else { wanted.len() };
        assert_eq!(said, wanted[..compared], "{}", push.raw);
        if push.accepted {
            clone.push(&["--delete", "work"]);
        }
    }
    assert!(
        with_findings > 40,
        "only {with_findings} documents with findings"
    );
}
