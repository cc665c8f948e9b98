//! What the sweep is for: whatever default branches declare is in Port afterwards.

use serde_json::json;

use crate::site::{Site, of, service};

#[test]
fn what_default_branches_declare_is_in_port_and_the_second_run_asks_for_tips_only() {
    let site = Site::with(&[
        ("PRJ/web", "port.yaml", &service("web")),
        ("PRJ/api", "port.yml", &service("api")),
        ("OTHER/docs", "README.md", "hello"),
    ]);
    site.bitbucket.add_repository("OTHER/empty");
    site.bitbucket.archive("PRJ/api");
    let (status, report) = site.report(&[]);
    assert_eq!(status, 0, "{report:#}");
    assert_eq!(site.keys(), ["service/api", "service/web"]);
    assert_eq!(report["summary"]["read"], 3);
    assert_eq!(report["summary"]["upserted"], 2);
    assert_eq!(report["summary"]["without_documents"], 2);
    assert_eq!(of(&report, "OTHER/empty")["status"], "empty");
    assert_eq!(of(&report, "PRJ/web")["entities"], 1);
    let agent = site.port.entity("service", "web").unwrap()["$datasource"].clone();
    assert!(agent.as_str().unwrap().ends_with("(PRJ/web)"), "{agent}");

    let before = site.bitbucket.requests().len();
    let calls = site.port.requests().len();
    let (status, report) = site.report(&[]);
    assert_eq!(status, 0, "{report:#}");
    assert_eq!(report["summary"]["unchanged"], 3);
    assert_eq!(report["summary"]["entities"], 2);
    let mut requests = site.requests_since(before);
    requests.retain(|path| path.matches('/').count() > 6);
    assert_eq!(requests.len(), 4, "one a repository: {requests:#?}");
    let calls = &site.port.requests()[calls..];
    assert!(
        calls
            .iter()
            .all(|call| call.path.ends_with("/access_token")),
        "{calls:#?}"
    );
    site.bitbucket.assert_conforms();
    site.port.assert_conforms();
}

#[test]
fn a_new_tip_brings_changes_clears_and_deletions() {
    let site = Site::with(&[("PRJ/web", "port.yaml", &service("web"))]);
    site.port.insert(
        "service",
        "web",
        json!({"identifier": "web", "properties": {"foreign": 1}}),
    );
    assert_eq!(site.sync(&[]).status, 0);
    site.put(
        "PRJ/web",
        "port.yaml",
        "identifier: web\ntitle: New\nblueprint: service\n",
    );
    let (status, report) = site.report(&[]);
    assert_eq!(status, 0);
    assert_eq!(of(&report, "PRJ/web")["status"], "read");
    let entity = site.port.entity("service", "web").unwrap();
    assert_eq!(entity["title"], "New");
    assert_eq!(
        entity["properties"],
        json!({"foreign": 1, "language": null})
    );
    site.bitbucket
        .commit("PRJ/web", "main", &[("port.yaml", None)]);
    let (status, report) = site.report(&[]);
    assert_eq!((status, &report["summary"]["deleted"]), (0, &json!(1)));
    assert_eq!(site.keys(), Vec::<String>::new());
}

#[test]
fn the_filter_chooses_projects_and_is_trimmed() {
    let mut site = Site::with(&[
        ("ONE/a", "port.yaml", &service("a")),
        ("TWO/b", "port.yaml", &service("b")),
        ("~ada/c", "port.yaml", &service("c")),
    ]);
    site.set("BITBUCKET_PROJECTS_FILTER", " TWO , ~ada,");
    assert_eq!(site.sync(&[]).status, 0);
    assert_eq!(site.keys(), ["service/b", "service/c"]);
    assert_eq!(site.sync(&["--project", "ONE"]).status, 0);
    assert_eq!(site.keys(), ["service/a", "service/b", "service/c"]);
}

#[test]
fn the_configured_branch_goes_to_port_and_another_configuration_reads_again() {
    let mut site = Site::with(&[("PRJ/web", "port.yaml", &service("main"))]);
    site.bitbucket.commit(
        "PRJ/web",
        "release",
        &[
            ("port.yaml", Some(service("release").as_bytes())),
            ("deploy/port.yaml", Some(service("deep").as_bytes())),
        ],
    );
    site.configure("port: { branch: release }\n");
    assert_eq!(site.sync(&[]).status, 0);
    assert_eq!(site.keys(), ["service/release"]);
    // The tip is the same, the files are not.
    site.configure("port: { branch: release, files: [\"**/port.yaml\"] }\n");
    let (status, report) = site.report(&[]);
    assert_eq!((status, &report["summary"]["read"]), (0, &json!(1)));
    assert_eq!(site.keys(), ["service/deep", "service/release"]);
    site.bitbucket.add_repository("PRJ/without");
    site.put("PRJ/without", "port.yaml", &service("other"));
    let (_, report) = site.report(&[]);
    assert_eq!(of(&report, "PRJ/without")["status"], "empty");
}

#[test]
fn entities_of_two_repositories_are_refused_as_after_a_push_and_tried_again() {
    let site = Site::with(&[("PRJ/a", "port.yaml", &service("same"))]);
    assert_eq!(site.sync(&[]).status, 0);
    site.bitbucket.add_repository("PRJ/b");
    site.put(
        "PRJ/b",
        "port.yaml",
        "- {identifier: own, title: Own, blueprint: service}\n- {identifier: same, title: Stolen, blueprint: service}\n",
    );
    let (status, report) = site.report(&[]);
    assert_eq!(status, 3, "{report:#}");
    assert_eq!(site.keys(), ["service/own", "service/same"]);
    assert_eq!(
        site.port.entity("service", "same").unwrap()["title"],
        "same"
    );
    let said = &report["undelivered"][0];
    assert_eq!(said["repository"], "PRJ/b");
    let message = said["message"].as_str().unwrap();
    assert!(
        message.contains("belongs to the repository PRJ/a"),
        "{message}"
    );
    // Another sweep tries the same delivery again: nothing piles up night by night.
    let (status, report) = site.report(&[]);
    assert_eq!(status, 3, "{report:#}");
    assert_eq!(report["undelivered"].as_array().unwrap().len(), 1);
    let listed = site.pushgate(&["outbox", "list", "--format", "json"]);
    let waiting: serde_json::Value = serde_json::from_str(&listed.out).unwrap();
    assert_eq!(waiting.as_array().unwrap().len(), 1, "{waiting:#}");
    assert_eq!(waiting[0]["state"], "refused");
    assert!(waiting[0]["attempts"].as_u64() >= Some(2), "{waiting:#}");
    // The owner gives it up: the next sweep brings it, though PRJ/b has not changed.
    site.bitbucket
        .commit("PRJ/a", "main", &[("port.yaml", None)]);
    site.sync(&[]);
    let (status, report) = site.report(&[]);
    assert_eq!(status, 0, "{report:#}");
    assert_eq!(
        site.port.entity("service", "same").unwrap()["title"],
        "Stolen"
    );
}

#[test]
fn many_deletions_wait_for_a_person() {
    let entities = |count: usize| -> String {
        (0..count)
            .map(|n| format!("- {{identifier: e{n}, title: E, blueprint: service}}\n"))
            .collect()
    };
    let site = Site::with(&[("PRJ/web", "port.yaml", &entities(12))]);
    assert_eq!(site.sync(&[]).status, 0);
    site.put("PRJ/web", "port.yaml", &entities(1));
    for _ in 0..2 {
        let (status, report) = site.report(&[]);
        assert_eq!(status, 3, "{report:#}");
        let message = report["undelivered"][0]["message"].as_str().unwrap();
        assert!(
            message.starts_with("held: 11 of the 12 entities"),
            "{message}"
        );
        assert_eq!(site.keys().len(), 12);
    }
    assert_eq!(site.pushgate(&["outbox", "approve", "--all"]).status, 0);
    assert_eq!(site.sync(&[]).status, 0);
    assert_eq!(site.keys(), ["service/e0"]);
}

#[test]
fn wrong_use_is_said_with_the_remedy() {
    let mut site = Site::new();
    site.set("PORT_CLIENT_ID", "");
    let ran = site.sync(&[]);
    assert_eq!(ran.status, 2);
    assert!(
        ran.err.contains("Port's credentials are missing"),
        "{}",
        ran.err
    );
    site.set("BITBUCKET_HOST", "");
    site.set("BITBUCKET_USERNAME", "");
    site.set("BITBUCKET_PASSWORD", "");
    let ran = site.sync(&[]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("set BITBUCKET_HOST"), "{}", ran.err);
}

#[test]
fn where_nothing_goes_to_port_documents_are_only_checked() {
    let mut site = Site::with(&[
        ("PRJ/good", "port.yaml", &service("good")),
        (
            "PRJ/bad",
            "port.yaml",
            "identifier: x\ntitel: X\nblueprint: service\n",
        ),
    ]);
    site.configure("port: { deliver: never }\n");
    site.set("PORT_CLIENT_ID", "");
    let (status, report) = site.report(&[]);
    assert_eq!((status, &report["purpose"]), (1, &json!("check")));
    assert_eq!(site.port.requests().len(), 0);
    // Once it does, the same tips are read again.
    site.configure("");
    site.set("PORT_CLIENT_ID", site.port.client_id());
    site.sync(&[]);
    assert_eq!(site.keys(), ["service/good", "service/x"]);
}
