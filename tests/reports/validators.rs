//! What other people hold reports against: schemas and programs of package registries, which
//! `.ci/run` fetches into `target/report-tools`.

use std::path::{Path, PathBuf};
use std::process::Command;

use jsonschema::Validator;
use serde_json::Value;

/// Where they are: `PUSHGATE_REPORT_TOOLS`, else `target/report-tools`.
fn tool(path: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("PUSHGATE_REPORT_TOOLS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/report-tools"),
        PathBuf::from,
    );
    let tool = folder.join(path);
    let there = tool.exists();
    if !there {
        missing(&format!("{path} is not here: `.ci/run` fetches it"));
    }
    there.then_some(tool)
}

fn missing(message: &str) {
    assert!(std::env::var_os("CI").is_none(), "{message}");
    println!("skipped: {message}");
}

fn json_schema(text: &str) -> Validator {
    jsonschema::options()
        .should_validate_formats(true)
        .build(&serde_json::from_str(text).unwrap())
        .unwrap()
}

pub fn assert_valid(schema: &Validator, report: &Value) {
    let errors: Vec<String> = schema
        .iter_errors(report)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{}\n{report:#}", errors.join("\n"));
}

const MULTITOOL: &str = "node_modules/@microsoft/sarif-multitool-linux";

/// The schema of SARIF 2.1.0, as its authors' own tool has it.
pub fn sarif_schema() -> Option<Validator> {
    let schema = tool(&format!("{MULTITOOL}/sarif-2.1.0.json"))?;
    Some(json_schema(&std::fs::read_to_string(schema).unwrap()))
}

/// What GitLab's documentation says of a Code Quality report: no package ships a schema of it.
pub fn gitlab_schema() -> Validator {
    json_schema(include_str!("gitlab-code-quality.schema.json"))
}

/// What the standard's authors and GitHub's code scanning find wrong with a SARIF file.
pub fn complaints_of_multitool(file: &Path) -> Option<Vec<String>> {
    let tool = tool(&format!("{MULTITOOL}/Sarif.Multitool"))?;
    let log = file.with_extension("validated.sarif");
    let output = Command::new(tool)
        .env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1")
        .args(["validate", "--rule-kind", "Sarif;Ghas", "--output"])
        .arg(&log)
        .arg(file)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}");
    assert!(log.exists(), "{said}");
    let complaints = said.lines().filter(|line| {
        let bad = line.contains(": error ") || line.contains(": warning ");
        // pushgate has no page on the web to name.
        bad && !line.contains("SARIF2005")
    });
    Some(complaints.map(str::to_owned).collect())
}

/// Holds a JUnit file against the schema of Jenkins' xUnit plug-in, in both its versions.
pub fn assert_junit(file: &Path) {
    let Some(folder) = tool("junit") else { return };
    if Command::new("xmllint").arg("--version").output().is_err() {
        return missing("xmllint is not installed");
    }
    let mut schemas = 0;
    for schema in std::fs::read_dir(folder).unwrap() {
        let output = Command::new("xmllint")
            .args(["--nonet", "--noout", "--schema"])
            .arg(schema.unwrap().path())
            .arg(file)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        schemas += 1;
    }
    assert!(schemas > 0, "no schema of JUnit reports is here");
}
