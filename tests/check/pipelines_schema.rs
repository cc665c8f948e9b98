//! Whatever Atlassian's own schema refuses is an error here too: small valid files, changed in
//! every place in every way that a hand may slip.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use pushgate::check::Checker;
use pushgate::document::Kind;
use pushgate::finding::Severity;
use serde_json::{Map, Value, json};

use crate::rendering::checker;

/// Atlassian's schema, which lies beside the corpus; it is not ours to give away.
fn schema() -> Option<Value> {
    let corpus = std::env::var_os("PUSHGATE_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
        PathBuf::from,
    );
    let path = corpus.join("../specs/bitbucket-pipelines.schema.json");
    match std::fs::read(path) {
        Ok(bytes) => Some(serde_json::from_slice(&bytes).unwrap()),
        Err(_) => {
            println!("skipped: no schema of Atlassian's at hand");
            None
        }
    }
}

/// Valid files that have every key between them.
fn files() -> Vec<Value> {
    let step = json!({"step": {"script": ["make"]}});
    let of = |key: &str, value: Value| {
        let mut file = json!({"pipelines": {"default": [step]}});
        file[key] = value;
        file
    };
    let with_step = |more: Value| {
        let mut step = json!({"script": ["make"]});
        for (key, value) in more.as_object().unwrap() {
            step[key] = value.clone();
        }
        json!({"pipelines": {"default": [{"step": step}]}})
    };
    let with_items = |items: Value| json!({"pipelines": {"default": items}});
    vec![
        with_items(json!([step, step])),
        json!({"pipelines": {"custom": {"x": [{"parallel": [step]}, {"stage": {"steps": [step]}}]}}}),
        of("image", json!("node:22")),
        of(
            "image",
            json!({"name": "a:1", "run-as-user": 0, "username": "$U", "password": "$P"}),
        ),
        of(
            "image",
            json!({"name": "a:1", "aws": {"access-key": "$A", "secret-key": "$S"}}),
        ),
        of("image", json!({"name": "a:1", "aws": {"oidc-role": "r"}})),
        of(
            "clone",
            json!({"depth": 1, "enabled": true, "lfs": true, "skip-ssl-verify": false}),
        ),
        of("clone", json!({"depth": "full"})),
        of(
            "options",
            json!({"docker": true, "max-time": 5, "size": "2x", "runs-on": ["a", "b"],
            "runtime": {"cloud": {"arch": "arm", "platform": "linux", "version": "2",
                "instance-type": "x", "atlassian-ip-ranges": true}}}),
        ),
        of(
            "options",
            json!({"runs-on": "self.hosted", "runtime": {"self-hosted": {"cpu": 1,
            "memory": 2, "volumes": ["a"], "storage": {"gcp": {"bucket": "b", "key-file": "$K"}}}}}),
        ),
        of(
            "options",
            json!({"runtime": {"self-hosted": {"storage": {"aws": {"bucket": "b",
            "region": "r", "access-key": "$A", "secret-key": "$S"}}}}}),
        ),
        of(
            "options",
            json!({"runtime": {"self-hosted": {"storage": {"aws": {"bucket": "b",
            "region": "r", "oidc-role": "x"}}}}}),
        ),
        of(
            "definitions",
            json!({
            "caches": {"a": "path", "b": {"path": "p", "key": {"files": ["f"]}}},
            "services": {"db": {"image": "a:1", "memory": 128, "variables": {"A": "b"}},
                "docker": {"type": "docker", "memory": 2048}},
            "agents": {"a": {"prompt": "p", "provider": "claude", "config": {"path": "p",
                "overrides": {"a": 1}}, "permissions": {"on-ask": "allow"}}},
            "pipelines": {"p": [step]}, "imports": {"x": "y"}, "steps": [step]}),
        ),
        of(
            "triggers",
            json!({"repository-push": [{"condition": "c", "pipelines": ["p"]}]}),
        ),
        json!({"export": true, "labels": {"a": "b"}, "definitions": {"pipelines":
            {"a": {"import": "a:b:c"}}}, "pipelines": {"default": [step]}}),
        json!({"pipelines": {"branches": {"main": [step]}, "tags": {"v*": [step]},
            "pull-requests": {"**": [step]}, "custom": {"x": [
                {"variables": [{"name": "A", "default": "b", "description": "c",
                    "allowed-values": ["b", "c"]}]}, step,
                {"parallel": [step]}, {"stage": {"steps": [step]}}]}}}),
        json!({"pipelines": {"default": {"import": "a:b:c", "variables": [{"name": "A"}]},
            "custom": {"x": {"import": "a@b"}}}}),
        with_items(
            json!([{"parallel": [step, step]}, {"parallel": {"steps": [step], "fail-fast": true}},
            {"stage": {"name": "n", "steps": [step], "condition": {"changesets": {"includePaths": ["a"]}},
                "deployment": "d", "environment": "e", "trigger": "manual"}},
            {"final": {"script": ["make"], "trigger": "automatic"}}]),
        ),
        with_step(
            json!({"name": "n", "after-script": ["a"], "image": "a:1", "size": "1x",
            "caches": ["node"], "services": ["docker"], "artifacts": ["a"], "clone": {"depth": 3}}),
        ),
        with_step(
            json!({"deployment": "d", "environment": "e", "trigger": "manual", "oidc": true,
            "max-time": 3, "fail-fast": true, "runs-on": "a", "concurrency-group": "g",
            "type": "inline", "auth": {"system": {"scopes": ["a", "b"]}}}),
        ),
        with_step(
            json!({"condition": {"changesets": {"excludePaths": ["a"]}, "state": "s"},
            "runtime": {"cloud": {}}}),
        ),
        with_step(
            json!({"artifacts": {"paths": ["a"], "download": ["b"], "upload": [
            {"name": "n", "paths": ["p"], "type": "scoped", "ignore-paths": ["i"], "depth": 1,
                "capture-on": "always"}]}}),
        ),
        with_step(json!({"artifacts": {"download": false, "upload": ["a", "b"]}})),
        with_step(
            json!({"script": ["a", {"pipe": "a/b:1", "variables": {"A": "b", "C": ["d"]}},
            {"agent": "a", "prompt": "p", "provider": "rovodev"}]}),
        ),
        json!({"pipelines": {"default": [{"step": {"type": "pipeline", "custom": "x",
            "input-variables": {"A": "b"}}}]}}),
    ]
}

/// What a hand may put in a value's place.
fn other_values() -> Vec<Value> {
    let texts = |count: usize| -> Value {
        (0..count)
            .map(|number| json!(format!("t{number}")))
            .collect()
    };
    let named = |count: usize| -> Map<String, Value> {
        (0..count)
            .map(|number| (format!("T{number}"), json!("x")))
            .collect()
    };
    vec![
        json!(null),
        json!(true),
        json!(false),
        json!("true"),
        json!(0),
        json!(-1),
        json!(1),
        json!(127),
        json!(2.5),
        json!(2.0),
        json!(""),
        json!("x"),
        json!("1x"),
        json!("manual"),
        json!("a:b"),
        json!("a:b:c"),
        json!("a@b"),
        json!("a:b:c@d"),
        json!("x".repeat(51)),
        json!("x".repeat(1001)),
        json!([]),
        json!([null]),
        json!([1]),
        json!(["x"]),
        json!(["x", "x"]),
        json!(["x", {"name": "n", "paths": ["p"]}]),
        texts(6),
        texts(11),
        json!([[]]),
        json!([{}]),
        json!({}),
        json!({"x": "y"}),
        json!({"x": 1}),
        json!({"x": null}),
        Value::Object(named(21)),
        json!([{"step": {"script": ["make"]}}]),
        json!({"step": {"script": ["make"]}}),
        json!([{"step": {}, "x": 1}]),
        json!([{"step": null, "script": ["make"]}]),
        json!([{"variables": [{"name": "A"}]}]),
        json!([{"final": {"script": ["a"]}}]),
        json!([{"pipe": "a"}]),
        json!([{"pipe": 1}]),
        json!({"pipe": "a:1", "agent": "b"}),
        json!({"echo": "x"}),
    ]
}

/// Keys that a hand may add to a mapping.
fn other_keys() -> Vec<(&'static str, Value)> {
    vec![
        ("stp", json!({"script": ["make"]})),
        ("zzz", json!(1)),
        ("step", json!({"script": ["make"]})),
        ("parallel", json!([{"step": {"script": ["make"]}}])),
        ("condition", json!({"state": "s"})),
        ("deployment", json!("d")),
        ("fail-fast", json!(true)),
        ("username", json!("$U")),
        ("password", json!("$P")),
        ("aws", json!({"oidc-role": "r"})),
        (
            "aws",
            json!({"bucket": "b", "region": "r", "oidc-role": "x"}),
        ),
        ("oidc-role", json!("r")),
        ("access-key", json!("$A")),
        ("includePaths", json!(["a"])),
        ("excludePaths", json!(["a"])),
        ("agent", json!("a")),
        ("import", json!("a:b:c")),
        ("final", json!({"script": ["make"]})),
        ("variables", json!([{"name": "A"}])),
    ]
}

/// All values below and with this one, as pointers; the plain step of the first file only there.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    if *value == json!({"step": {"script": ["make"]}}) && at != "/pipelines/default/0" {
        return;
    }
    let below = |part: &str| format!("{at}/{}", part.replace('~', "~0").replace('/', "~1"));
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                places(value, &below(key), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                places(item, &below(&index.to_string()), found);
            }
        }
        _ => {}
    }
}

/// Every file with one change in one place.
fn changed(file: &Value) -> Vec<Value> {
    let mut all = vec![file.clone()];
    let mut pointers = Vec::new();
    places(file, "", &mut pointers);
    for pointer in pointers {
        for value in other_values() {
            let mut other = file.clone();
            *other.pointer_mut(&pointer).unwrap() = value;
            all.push(other);
        }
        for (key, value) in other_keys() {
            let mut other = file.clone();
            if let Value::Object(entries) = other.pointer_mut(&pointer).unwrap() {
                entries.insert(key.to_owned(), value);
                all.push(other);
            }
        }
        let mut without = file.clone();
        let (holder, last) = pointer.rsplit_once('/').unwrap_or_default();
        match without.pointer_mut(holder) {
            Some(Value::Object(entries)) if !pointer.is_empty() => {
                // And the key misspelt.
                let value = entries.remove(last).unwrap_or_default();
                all.push(without.clone());
                let mut misspelt = without;
                misspelt.pointer_mut(holder).unwrap()[format!("{last}s")] = value;
                all.push(misspelt);
            }
            _ => {}
        }
    }
    all
}

/// Whether the file is refused, and by which rules.
fn errors(checker: &Checker, file: &Value) -> Vec<String> {
    let text = serde_json::to_string(file).unwrap();
    let checked = checker.check(&Kind::Pipelines, "bitbucket-pipelines.yml", text.as_bytes());
    let errors = checked
        .findings
        .iter()
        .filter(|f| f.severity == Severity::Error);
    errors.map(|finding| finding.rule.to_string()).collect()
}

/// What became of changed files.
#[derive(Debug, Default)]
struct Outcome {
    refused: usize,
    /// Refused by the schema, and no error here.
    missed: Vec<String>,
}

fn compare(schema: &Value, files: &[Value]) -> Outcome {
    let schema = jsonschema::draft7::new(schema).unwrap();
    let checker = checker();
    let mut outcome = Outcome::default();
    let mut seen = HashSet::new();
    for file in files {
        assert!(schema.is_valid(file), "{file}");
        assert_eq!(errors(&checker, file), [""; 0], "{file}");
        for file in changed(file) {
            if !seen.insert(file.to_string()) || schema.is_valid(&file) {
                continue;
            }
            match errors(&checker, &file).is_empty() {
                true => outcome.missed.push(file.to_string()),
                false => outcome.refused += 1,
            }
        }
    }
    outcome
}

#[test]
fn what_atlassians_schema_refuses_is_an_error() {
    let Some(schema) = schema() else { return };
    let files = files();
    let outcomes: Vec<Outcome> = std::thread::scope(|scope| {
        let workers: Vec<_> = files
            .chunks(files.len().div_ceil(4))
            .map(|files| scope.spawn(|| compare(&schema, files)))
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .collect()
    });
    let missed: Vec<_> = outcomes
        .iter()
        .flat_map(|outcome| &outcome.missed)
        .collect();
    assert!(missed.is_empty(), "{} missed:\n{missed:#?}", missed.len());
    let refused: usize = outcomes.iter().map(|outcome| outcome.refused).sum();
    assert!(refused > 10_000, "only {refused} files were refused");
}
