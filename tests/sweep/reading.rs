//! What is read of a repository, and what is said of it.

use serde_json::json;

use crate::site::{Site, of, service};

#[test]
fn documents_of_all_kinds_are_checked_in_folders_too() {
    let site = Site::with(&[("PRJ/web", "port.yaml", &service("web"))]);
    site.put(
        "PRJ/web",
        "bitbucket-pipelines.yml",
        "pipelines:\n  default:\n    - step:\n        scirpt: [ls]\n",
    );
    site.put(
        "PRJ/web",
        ".gimlet/staging.yaml",
        "app: web\nenv: staging\nnamespaec: x\n",
    );
    site.put("PRJ/web", "src/port.yaml", "no: document\n");
    let (status, report) = site.report(&[]);
    assert_eq!(status, 1);
    let web = of(&report, "PRJ/web");
    assert_eq!(web["documents"], 3, "{web:#}");
    let findings = web["findings"].as_array().unwrap();
    let paths: Vec<_> = findings
        .iter()
        .map(|f| f["path"].as_str().unwrap())
        .collect();
    assert!(paths.contains(&".gimlet/staging.yaml"), "{web:#}");
    assert!(paths.contains(&"bitbucket-pipelines.yml"), "{web:#}");
    // What is wrong elsewhere keeps no entity from Port.
    assert_eq!(site.keys(), ["service/web"]);
    // An unchanged repository is as wrong as it was.
    let (status, report) = site.report(&[]);
    assert_eq!(status, 1);
    let again = of(&report, "PRJ/web");
    assert_eq!(
        (&again["status"], &again["findings"]),
        (&json!("unchanged"), &web["findings"])
    );
    site.bitbucket.assert_conforms();
}

#[test]
fn files_that_values_name_are_read_at_the_same_commit() {
    let site = Site::with(&[("PRJ/web", "docs/about.md", "# About\r\nümlaut")]);
    site.put(
        "PRJ/web",
        "port.yaml",
        "identifier: web\ntitle: Web\nblueprint: service\nproperties:\n  about: file://docs/about.md\n  gone: file://docs/gone.md\n  folder: file://docs\n",
    );
    let (status, report) = site.report(&[]);
    assert_eq!(status, 1);
    let entity = site.port.entity("service", "web").unwrap();
    assert_eq!(entity["properties"], json!({"about": "# About\r\nümlaut"}));
    let remarks = of(&report, "PRJ/web")["remarks"].to_string();
    assert!(
        remarks.contains("there is no file `docs/gone.md`"),
        "{remarks}"
    );
    assert!(remarks.contains("`docs` is no plain file"), "{remarks}");
    site.bitbucket.assert_conforms();
}

#[test]
fn what_is_no_plain_document_is_said_and_nothing_is_delivered() {
    let site = Site::with(&[
        ("PRJ/folder", "port.yaml/x", "x"),
        ("PRJ/large", "port.yaml", &"# x\n".repeat(600_000)),
        (
            "PRJ/several",
            "port.yaml",
            "identifier: a\ntitle: A\nblueprint: b\n---\nidentifier: c\n",
        ),
    ]);
    let (status, report) = site.report(&[]);
    assert_eq!(status, 1);
    assert_eq!(site.keys(), Vec::<String>::new());
    for name in ["PRJ/folder", "PRJ/large", "PRJ/several"] {
        let found = of(&report, name);
        assert_eq!(found["undetermined"]["file"], "port.yaml", "{found:#}");
        assert_ne!(found["errors"], 0, "{found:#}");
    }
}
