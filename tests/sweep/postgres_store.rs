//! The same sweep over the store that a cluster shares.

use serde_json::json;

use crate::postgres::postgres;
use crate::site::{Site, of, service};

#[test]
fn a_sweep_remembers_in_postgresql_too() {
    let Some(postgres) = postgres() else { return };
    let mut site = Site::with(&[
        ("PRJ/web", "port.yaml", &service("web")),
        (
            "PRJ/bad",
            "port.yaml",
            "identifier: x\ntitel: X\nblueprint: service\n",
        ),
        ("PRJ/goes", "port.yaml", &service("goes")),
    ]);
    site.set("PUSHGATE_STORE", &postgres.database());
    let (status, report) = site.report(&[]);
    assert_eq!(status, 1, "{report:#}");
    assert_eq!(site.keys().len(), 3);
    let (status, report) = site.report(&[]);
    assert_eq!((status, &report["summary"]["unchanged"]), (1, &json!(3)));
    site.bitbucket.remove_repository("PRJ/goes");
    site.put("PRJ/web", "port.yaml", &service("web2"));
    let (_, report) = site.report(&["--prune"]);
    assert_eq!(of(&report, "PRJ/goes")["status"], "gone");
    assert_eq!(site.keys(), ["service/web2", "service/x"]);
    assert_eq!(site.report(&["--dry-run"]).0, 1);
}
