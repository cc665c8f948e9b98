//! A run over real files, and its reports held against the schemas of those who read them.

use std::collections::HashSet;

use serde_json::Value;

use crate::runs::{Tree, check};
use crate::validators::{
    assert_junit, assert_valid, complaints_of_multitool, gitlab_schema, sarif_schema,
};

/// More mistakes than are listed, two of one kind, a fix, a clean file, files that nobody can read,
/// odd paths.
fn tree() -> Tree {
    let tree = Tree::new();
    let own = "kinds: [{ name: slo, files: [slo.yaml], schema: slo.json }]";
    let config = format!("port: {{ files: ['**/port.yaml'] }}\n{own}\n");
    tree.write(".pushgate.yaml", config);
    tree.write("slo.json", r#"{"required": ["target"]}"#);
    tree.write("slo.yaml", "a: 1\n");
    tree.write("port.yaml", "identifier: a\ntitle: A\nblueprint: b\n");
    let many: String = (0..250)
        .map(|number| format!("- identifier: a{number}\n  titel: A\n  blueprint: b\n"))
        .collect();
    tree.write("many/port.yaml", many);
    tree.write(
        "a b/50% #1, x:y/port.yaml",
        "identifier: \"](http://evil.example) <&>\"\ntitle: A\nblueprint: !no b\nteam: 1\nteam: 2\n",
    );
    tree.write("latin/port.yaml", b"title: Caf\xE9\n");
    tree.write("control/port.yaml", "title: \u{1}\u{1b}\n");
    tree.write("warning/port.yaml", "");
    #[cfg(unix)]
    tree.link("link/port.yaml", "a\u{1b}\nb");
    tree
}

/// How many documents [`tree`] holds.
const DOCUMENTS: usize = 8;

fn parsed(tree: &Tree, file: &str) -> Value {
    serde_json::from_str(&tree.read(file)).unwrap()
}

#[test]
fn one_run_gives_every_report_and_those_who_read_them_can() {
    let tree = tree();
    let reports = "--format=sarif=r.sarif --format=junit=r.xml --format=gitlab=r.gitlab.json \
                   --format=github=r.github --format=json=r.json";
    let arguments: Vec<&str> = reports.split_whitespace().collect();
    let output = check(&tree, &arguments);
    assert_eq!(output.status.code(), Some(1));

    let summary = &parsed(&tree, "r.json")["summary"];
    let count = |key: &str| usize::try_from(summary[key].as_u64().unwrap()).unwrap();
    assert_eq!(count("documents"), DOCUMENTS);
    assert!(count("warnings") > 0, "{summary}");
    let (all, left_out) = (count("errors") + count("warnings"), count("left_out"));
    assert_eq!(left_out, 50, "{summary}");
    let listed = all - left_out;

    let sarif = parsed(&tree, "r.sarif");
    let run = &sarif["runs"][0];
    assert_eq!(run["results"].as_array().unwrap().len(), listed);
    assert_eq!(run["artifacts"].as_array().unwrap().len(), DOCUMENTS);
    let notifications = &run["invocations"][0]["toolExecutionNotifications"];
    assert_eq!(
        notifications[0]["message"]["text"],
        "50 errors more are not listed; mend what is listed to see them"
    );
    if let Some(schema) = sarif_schema() {
        assert_valid(&schema, &sarif);
    }
    if let Some(complaints) = complaints_of_multitool(&tree.path("r.sarif")) {
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    }

    let gitlab = parsed(&tree, "r.gitlab.json");
    assert_valid(&gitlab_schema(), &gitlab);
    let entries = gitlab.as_array().unwrap();
    assert_eq!(entries.len(), listed + 1);
    let fingerprints: HashSet<&Value> = entries.iter().map(|entry| &entry["fingerprint"]).collect();
    assert_eq!(fingerprints.len(), entries.len());

    assert_junit(&tree.path("r.xml"));
    let github = tree.read("r.github");
    // One for every finding, one for what was left out, the summary.
    assert_eq!(github.lines().count(), listed + 2, "{github}");
}

#[test]
fn a_run_with_nothing_wrong_is_valid_too() {
    let tree = Tree::new();
    for documents in [0, 1] {
        if documents == 1 {
            tree.write("port.yaml", "identifier: a\ntitle: A\nblueprint: b\n");
        }
        let output = check(
            &tree,
            &[
                "--format=sarif=r.sarif",
                "--format=junit=r.xml",
                "--format=gitlab",
            ],
        );
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(output.stdout, b"[]\n");
        if let Some(schema) = sarif_schema() {
            assert_valid(&schema, &parsed(&tree, "r.sarif"));
        }
        assert_junit(&tree.path("r.xml"));
        let xml = tree.read("r.xml");
        let cases = xml.matches("<testcase ").count();
        assert_eq!(cases, documents, "{xml}");
    }
}

/// GitLab compares two reports by their fingerprints.
#[test]
fn fingerprints_stay_while_lines_move() {
    let names = |text: &str| -> Vec<String> {
        let tree = Tree::new();
        tree.write("port.yaml", text);
        check(&tree, &["--format=gitlab=g.json", "--format=sarif=s.json"]);
        let gitlab = parsed(&tree, "g.json");
        let sarif = parsed(&tree, "s.json");
        let entries = gitlab.as_array().unwrap().iter();
        let of_gitlab: Vec<String> = entries
            .map(|entry| entry["fingerprint"].as_str().unwrap().to_owned())
            .collect();
        let results = sarif["runs"][0]["results"].as_array().unwrap().iter();
        let of_sarif: Vec<String> = results
            .map(|result| {
                result["partialFingerprints"]["pushgateFinding/v1"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        assert_eq!(of_gitlab, of_sarif);
        of_gitlab
    };
    let entity = "- identifier: a\n  titel: A\n  blueprint: b\n";
    let good = "- identifier: g\n  title: A\n  blueprint: b\n";
    let one = names(entity);
    assert_eq!(one.len(), 1);
    assert_eq!(names(&format!("# new\n\n{good}{entity}")), one);
    let two = names(&entity.repeat(2));
    assert_eq!(two[0], one[0]);
    assert_ne!(two[1], one[0]);
}
