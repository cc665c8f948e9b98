//! Repositories that are gone.

use serde_json::json;

use crate::site::{Site, of, service};

fn two() -> Site {
    Site::with(&[
        ("PRJ/stays", "port.yaml", &service("stays")),
        ("PRJ/goes", "port.yaml", &service("goes")),
    ])
}

#[test]
fn entities_of_a_repository_that_is_gone_leave_port_only_where_that_is_asked_for() {
    let site = two();
    assert_eq!(site.sync(&[]).status, 0);
    site.bitbucket.remove_repository("PRJ/goes");
    for _ in 0..2 {
        let (status, report) = site.report(&[]);
        assert_eq!(status, 0);
        assert_eq!(of(&report, "PRJ/goes")["status"], "gone");
        assert_eq!(of(&report, "PRJ/goes")["entities"], 1);
        assert_eq!(site.keys().len(), 2);
    }
    let (status, report) = site.report(&["--prune", "--dry-run"]);
    assert_eq!(status, 0);
    let plan = &of(&report, "PRJ/goes")["plan"];
    assert_eq!(plan["entities"][0]["change"], "deleted", "{report:#}");
    assert_eq!(site.keys().len(), 2);
    let (status, report) = site.report(&["--prune"]);
    assert_eq!((status, &report["summary"]["deleted"]), (0, &json!(1)));
    assert_eq!(site.keys(), ["service/stays"]);
    let (_, report) = site.report(&["--prune"]);
    assert_eq!(report["summary"]["gone"], 0);
}

#[test]
fn what_the_sweep_does_not_cover_is_not_gone() {
    let mut site = two();
    site.bitbucket.add_repository("OTHER/x");
    site.put("OTHER/x", "port.yaml", &service("x"));
    assert_eq!(site.sync(&[]).status, 0);
    site.bitbucket.remove_repository("PRJ/goes");
    site.set("BITBUCKET_PROJECTS_FILTER", "OTHER");
    let (status, report) = site.report(&["--prune"]);
    assert_eq!((status, &report["summary"]["gone"]), (0, &json!(0)));
    assert_eq!(site.keys().len(), 3);
}

#[test]
fn entities_that_a_hook_delivered_for_a_plain_git_server_are_not_gone() {
    let site = two();
    assert_eq!(site.sync(&[]).status, 0);
    // As a hook does it: the inventory knows the repository, no sweep has ever seen it.
    let other = Site::with(&[("GIT/plain", "port.yaml", &service("plain"))]);
    let ran = other
        .command(crate::site::PUSHGATE, &["sync"])
        .env("PUSHGATE_STATE", site.state())
        .env("PORT_API_URL", site.port.url())
        .output()
        .unwrap();
    assert!(ran.status.success(), "{ran:?}");
    let (status, report) = site.report(&["--prune"]);
    assert_eq!((status, &report["summary"]["gone"]), (0, &json!(0)));
    assert!(site.keys().contains(&"service/plain".to_owned()));
}

#[test]
fn a_repository_that_cannot_be_read_is_not_gone() {
    let site = two();
    assert_eq!(site.sync(&[]).status, 0);
    site.bitbucket.set_state("PRJ/goes", "OFFLINE");
    let (status, report) = site.report(&["--prune"]);
    assert_eq!((status, &report["summary"]["gone"]), (3, &json!(0)));
    assert_eq!(site.keys().len(), 2);
}

/// It was moved: the entities become the new one's, and are never deleted meanwhile.
#[test]
fn entities_of_a_moved_repository_move_with_it() {
    let site = two();
    assert_eq!(site.sync(&[]).status, 0);
    site.bitbucket.remove_repository("PRJ/goes");
    site.bitbucket.add_repository("NEW/moved");
    site.put("NEW/moved", "port.yaml", &service("goes"));
    let (status, report) = site.report(&["--prune"]);
    assert_eq!(status, 0, "{report:#}");
    assert_eq!(site.keys(), ["service/goes", "service/stays"]);
    assert_eq!(site.port.requests_on("delete").len(), 0);
    let agent = site.port.entity("service", "goes").unwrap()["$datasource"].clone();
    assert!(agent.as_str().unwrap().ends_with("(NEW/moved)"), "{agent}");
}
