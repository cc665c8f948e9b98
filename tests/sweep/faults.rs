//! What Port's script stumbles over: everything else arrives, and what did not is said.

use serde_json::json;
use standin::Fault;

use crate::site::{Site, of, service};

fn three() -> Site {
    Site::with(&[
        ("PRJ/a", "port.yaml", &service("a")),
        ("PRJ/b", "port.yaml", &service("b")),
        ("PRJ/c", "port.yaml", &service("c")),
    ])
}

/// The script asks for that page for ever.
#[test]
fn an_error_page_in_the_middle_of_a_list_is_never_its_end() {
    let site = three();
    site.bitbucket.add_repository("ZLAST/z");
    site.put("ZLAST/z", "port.yaml", &service("z"));
    assert_eq!(site.sync(&[]).status, 0);
    site.bitbucket.remove_repository("PRJ/c");
    site.put("ZLAST/z", "port.yaml", &service("z2"));
    site.bitbucket.set_largest_page(1);
    site.bitbucket.fail_by(|request| {
        let second = request.path.ends_with("/projects/PRJ/repos")
            && request.query.get("start").is_some_and(|start| start != "0");
        second.then(|| Fault::with_body(500, "<html>oops</html>"))
    });
    let (status, report) = site.report(&["--prune"]);
    assert_eq!(status, 3);
    assert_eq!(report["complete"], false);
    let message = report["unlisted"][0]["message"].as_str().unwrap();
    assert!(
        message.contains("list the repositories of `PRJ`"),
        "{message}"
    );
    assert!(!message.contains("oops"), "{message}");
    // The other project is swept, and nothing is taken for gone.
    assert_eq!(
        site.keys(),
        ["service/a", "service/b", "service/c", "service/z2"]
    );
    site.bitbucket.mend();
    let (status, report) = site.report(&["--prune"]);
    assert_eq!(status, 0, "{report:#}");
    assert_eq!(of(&report, "PRJ/c")["status"], "gone");
    assert_eq!(site.keys(), ["service/a", "service/b", "service/z2"]);
}

/// The script crashes on it, says so in a log, and ends with 0.
#[test]
fn a_date_in_a_file_is_text() {
    let site = three();
    site.put(
        "PRJ/b",
        "port.yaml",
        "identifier: b\ntitle: B\nblueprint: service\nproperties:\n  since: 2026-01-31\n",
    );
    assert_eq!(site.sync(&[]).status, 0);
    let b = site.port.entity("service", "b").unwrap();
    assert_eq!(b["properties"], json!({"since": "2026-01-31"}));
    assert_eq!(site.keys().len(), 3);
}

#[test]
fn a_file_that_is_no_yaml_is_named_and_deletes_nothing() {
    let site = three();
    assert_eq!(site.sync(&[]).status, 0);
    site.put("PRJ/b", "port.yaml", "identifier: [b\n");
    site.put("PRJ/c", "port.yaml", &service("c2"));
    for _ in 0..2 {
        let (status, report) = site.report(&[]);
        assert_eq!(status, 1);
        let b = of(&report, "PRJ/b");
        assert_eq!(b["undetermined"]["file"], "port.yaml");
        assert_eq!(b["findings"][0]["rule"], "yaml/syntax", "{b:#}");
        assert_eq!(site.keys(), ["service/a", "service/b", "service/c2"]);
    }
}

#[test]
fn a_401_of_bitbucket_midway_is_about_one_repository() {
    let site = three();
    site.bitbucket
        .fail_next("/repos/b/commits", 1, &Fault::status(401));
    let (status, report) = site.report(&[]);
    assert_eq!(status, 3);
    assert_eq!(of(&report, "PRJ/b")["status"], "unreadable");
    let help = of(&report, "PRJ/b")["problem"]["help"].as_str().unwrap();
    assert!(help.contains("BITBUCKET_USERNAME"), "{help}");
    assert_eq!(site.keys(), ["service/a", "service/c"]);
    // What could not be read is read the next time.
    assert_eq!(site.sync(&[]).status, 0);
    assert_eq!(site.keys().len(), 3);
}

#[test]
fn a_401_of_port_midway_renews_the_token() {
    let site = three();
    site.port
        .fail_next_on("/entities/bulk", 1, &Fault::status(401));
    assert_eq!(site.sync(&[]).status, 0);
    assert_eq!(site.keys().len(), 3);
}

#[test]
fn a_list_with_one_bad_entity_brings_the_others_and_deletes_nothing() {
    let list = |second: &str| {
        format!(
            "- {{identifier: one, title: One, blueprint: service}}\n- {second}\n- {{identifier: three, title: Three, blueprint: service}}\n"
        )
    };
    let good = "{identifier: two, title: Two, blueprint: service}";
    for bad in [
        "{identifier: 2, title: Two, blueprint: service}",
        "{identifier: two, title: Two}",
        "just text",
        "2",
    ] {
        let site = Site::with(&[("PRJ/list", "port.yaml", &list(good))]);
        assert_eq!(site.sync(&[]).status, 0);
        let changed = list(bad).replace("title: Three", "title: Changed");
        site.put("PRJ/list", "port.yaml", &changed);
        let (status, report) = site.report(&[]);
        assert_eq!(status, 1, "{bad}");
        let reason = of(&report, "PRJ/list")["passed_by"][0]["reason"].as_str();
        assert!(reason.unwrap().starts_with("entry 2 "), "{bad}: {reason:?}");
        assert_eq!(site.keys(), ["service/one", "service/three", "service/two"]);
        assert_eq!(
            site.port.entity("service", "three").unwrap()["title"],
            "Changed"
        );
        // Once it is mended, what really left the file goes.
        site.put(
            "PRJ/list",
            "port.yaml",
            &list(good).replace("- {identifier: two", "- {identifier: 22x"),
        );
        assert_eq!(site.sync(&[]).status, 0);
        assert_eq!(site.keys(), ["service/22x", "service/one", "service/three"]);
    }
}

#[test]
fn an_entity_that_port_refuses_is_said_and_the_others_arrive() {
    let site = three();
    site.port.set_blueprints(vec![json!({
        "identifier": "service",
        "schema": {"properties": {"language": {"type": "string"}, "tier": {"type": "number"}}},
        "relations": {},
    })]);
    site.put(
        "PRJ/b",
        "port.yaml",
        "- {identifier: b, title: B, blueprint: service}\n- {identifier: bad, title: Bad, blueprint: service, properties: {tier: high}}\n- {identifier: last, title: Last, blueprint: service}\n",
    );
    let (status, report) = site.report(&[]);
    assert_eq!(status, 3);
    assert_eq!(
        site.keys(),
        ["service/a", "service/b", "service/c", "service/last"]
    );
    let said = &report["undelivered"][0];
    assert_eq!(said["repository"], "PRJ/b");
    assert!(said["message"].as_str().unwrap().contains("bad"), "{said}");
    // Port's blueprint is mended: the next sweep brings it, though nothing was pushed.
    site.port.set_blueprints(vec![json!({
        "identifier": "service",
        "schema": {"properties": {"language": {"type": "string"}, "tier": {"type": "string"}}},
        "relations": {},
    })]);
    assert_eq!(site.sync(&[]).status, 0);
    assert_eq!(site.keys().len(), 5);
}

#[test]
fn port_that_is_down_keeps_nothing_from_being_read_and_nothing_is_lost() {
    let site = three();
    site.port.fail_by(|_| Some(Fault::status(503)));
    let (status, report) = site.report(&["--deadline", "1"]);
    assert_eq!(status, 3);
    assert_eq!(report["summary"]["read"], 3);
    assert_eq!(report["summary"]["undelivered"], 3);
    site.port.mend();
    assert_eq!(site.pushgate(&["outbox", "retry", "--all"]).status, 0);
    let (status, report) = site.report(&[]);
    assert_eq!(status, 0, "{report:#}");
    assert_eq!(report["summary"]["unchanged"], 3);
    assert_eq!(site.keys().len(), 3);
}

#[test]
fn a_deadline_beyond_all_clocks_is_one() {
    let site = three();
    let most = u64::MAX.to_string();
    let (status, report) = site.report(&["--deadline", &most]);
    assert_eq!((status, &report["summary"]["delivered"]), (0, &json!(3)));
    assert_eq!(site.pushgate(&["deliver", "--deadline", &most]).status, 0);
}

#[test]
fn wrong_credentials_end_the_sweep_at_once() {
    let mut site = three();
    site.set("BITBUCKET_PASSWORD", "wrong-Passw0rd");
    let (status, report) = site.report(&["--prune"]);
    assert_eq!(status, 3);
    assert_eq!(report["unlisted"].as_array().unwrap().len(), 1);
    assert!(!report.to_string().contains("wrong-Passw0rd"));
    assert_eq!(site.bitbucket.requests().len(), 1);
    let mut site = three();
    site.set("PORT_CLIENT_SECRET", "wrong-secret");
    let (status, report) = site.report(&[]);
    assert_eq!(status, 3);
    assert_eq!(report["summary"]["read"], 3);
    let message = report["undelivered"][0]["message"].as_str().unwrap();
    assert!(
        message.starts_with("Port takes nothing from us"),
        "{message}"
    );
    assert!(!report.to_string().contains("wrong-secret"));
}

/// Credentials that are revoked while it runs: nobody asks thousands of times with them.
#[test]
fn a_sweep_that_no_answer_comes_to_is_broken_off() {
    let site = Site::new();
    for number in 0..60 {
        site.bitbucket.add_repository(&format!("PRJ/r{number:02}"));
    }
    site.bitbucket.fail_by(|request| {
        let late = request.path.contains("/repos/r") && !request.path.contains("/repos/r00/");
        late.then(|| Fault::status(401))
    });
    let (status, report) = site.report(&["--concurrency", "2", "--prune"]);
    assert_eq!(status, 3);
    let message = report["unlisted"][0]["message"].as_str().unwrap();
    assert!(message.contains("broken off"), "{message}");
    let asked = site.bitbucket.requests().len();
    assert!(asked < 40, "{asked} requests");
}

#[test]
fn an_unknown_project_and_a_broken_repository_are_said() {
    let mut site = three();
    site.bitbucket.set_state("PRJ/b", "OFFLINE");
    site.set("BITBUCKET_PROJECTS_FILTER", "NOPE,PRJ");
    let (status, report) = site.report(&[]);
    assert_eq!(status, 3);
    let message = report["unlisted"][0]["message"].as_str().unwrap();
    assert!(message.contains("`NOPE`"), "{message}");
    assert_eq!(of(&report, "PRJ/b")["status"], "unreadable");
    assert_eq!(site.keys(), ["service/a", "service/c"]);
}
