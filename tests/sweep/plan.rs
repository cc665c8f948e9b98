//! `--dry-run`.

use serde_json::json;

use crate::site::{Site, of, service};

#[test]
fn a_dry_run_tells_a_plan_and_changes_nothing() {
    let site = Site::with(&[
        ("PRJ/web", "port.yaml", &service("web")),
        ("PRJ/docs", "README.md", "x"),
    ]);
    let ran = site.sync(&["--dry-run"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    insta::assert_snapshot!("first", ran.out);
    assert!(!site.state().exists(), "nothing is written");
    assert_eq!(site.port.requests().len(), 0);

    assert_eq!(site.sync(&[]).status, 0);
    site.put(
        "PRJ/web",
        "port.yaml",
        "- {identifier: web, title: New, blueprint: service}\n- {identifier: more, title: More, blueprint: service}\n",
    );
    site.put(
        "PRJ/docs",
        "port.yaml",
        "identifier: web\ntitle: Other\nblueprint: service\n",
    );
    let calls = site.port.requests().len();
    let ran = site.sync(&["--dry-run"]);
    insta::assert_snapshot!("second", ran.out);
    let (_, report) = site.report(&["--dry-run"]);
    let plan = &of(&report, "PRJ/web")["plan"];
    assert_eq!(report["summary"]["gone"], 0, "{report:#}");
    assert_eq!(plan["against"], "delivered");
    assert_eq!(
        plan["summary"],
        json!({"new": 1, "changed": 1, "deleted": 0, "kept": 0, "unchanged": 0, "not_compared": 0, "needs_approval": false})
    );
    assert_eq!(site.port.requests().len(), calls);
    // The real run does what the dry one told.
    let (_, report) = site.report(&[]);
    assert_eq!(report["summary"]["read"], 2, "a dry run is not remembered");
    assert_eq!(report["summary"]["upserted"], 2);
}

#[test]
fn a_dry_run_needs_no_credentials_of_port() {
    let mut site = Site::with(&[("PRJ/web", "port.yaml", &service("web"))]);
    site.set("PORT_CLIENT_ID", "");
    site.set("PORT_CLIENT_SECRET", "");
    assert_eq!(site.sync(&["--dry-run"]).status, 0);
}
