//! An entity belongs to the repository that delivered it.

use pushgate::catalog::Entity;
use pushgate::git::CommitId;
use pushgate::outbox::{CatalogJob, Delivery, Job, Outbox, StoreAddress};
use serde_json::json;

use crate::server::text;
use crate::site::{BY_HAND, Site, entity};

pub const SHOP: &str = "service/web-shop";

/// Another repository of the same server has `service/web-shop` in its file.
pub fn declared_by_other(site: &Site) {
    let declared = json!({ "blueprint": "service", "identifier": "web-shop", "title": "T" });
    let job = Job::Catalog(CatalogJob {
        ref_name: "refs/heads/main".to_owned(),
        old: None,
        new: CommitId(format!("{:040x}", 1).parse().unwrap()),
        desired: Ok(vec![Entity::from_json("port.yaml", declared).unwrap()]),
        extent: Default::default(),
        previous: Vec::new(),
        delete: true,
        git_dir: None,
        approved: false,
    });
    let state = site.server.state();
    let outbox = Outbox::open(&state, StoreAddress::Folder(state.clone())).unwrap();
    let delivery = Delivery::new("PRJ/other".parse().unwrap(), job);
    outbox.put(&delivery).unwrap();
}

#[test]
fn a_push_that_declares_what_another_repository_owns_is_refused_until_it_is_released() {
    let site = Site::new(BY_HAND);
    declared_by_other(&site);
    assert_eq!(site.deliver().status.code(), Some(0));
    assert_eq!(site.entities(), [SHOP]);
    let clone = site.server.clone();
    let push = || {
        clone
            .change("port.yaml", entity("web-shop"))
            .push(&["HEAD:main"])
    };
    let refused = push();
    assert!(!refused.accepted);
    insta::assert_snapshot!(refused.said, @r"
    pushgate 0.1.0: refused; 1 error in 1 document
    port.yaml:1:17: error[port/owned-elsewhere]: `service/web-shop` belongs
      to the repository `PRJ/other`
       ,-[port.yaml:1:17]
     1 | - { identifier: web-shop, title: T, blueprint: service }
       :                 ^^^^|^^^
       :                     `-- delivered to Port from there
       `----
      help: choose another identifier; if the entity is to move here, take
            it out of `PRJ/other` first, or ask whoever runs the gate for
            `pushgate outbox release PRJ/other service/web-shop`
    ");

    let release = ["outbox", "release", "PRJ/other", SHOP];
    let released = site.server.pushgate(&release, "");
    assert_eq!(
        released.status.code(),
        Some(0),
        "{}",
        text(&released.stderr)
    );
    assert!(push().accepted);
    assert_eq!(site.deliver().status.code(), Some(0));
    assert_eq!(site.entities(), [SHOP]);
    let again = site.server.pushgate(&release, "");
    assert_eq!(again.status.code(), Some(2));
    assert!(text(&again.stderr).contains("PRJ/other has not delivered `service/web-shop`"));
}

#[test]
fn the_configuration_says_who_wins() {
    let owners = "port: { owners: { service/web-shop: PRJ/hello } }\n";
    let site = Site::new(&format!("{BY_HAND}{owners}"));
    declared_by_other(&site);
    let refused = site.deliver();
    assert_eq!(refused.status.code(), Some(3));
    let said = text(&refused.stderr).replace("\n  ", " ");
    assert!(
        said.contains("belongs to the repository PRJ/hello"),
        "{said}"
    );
    assert!(
        said.contains("`port.owners` in the configuration"),
        "{said}"
    );
    assert!(!said.contains("outbox release"), "{said}");
    assert!(site.entities().is_empty());
    let clone = site.server.clone();
    let push = clone
        .change("port.yaml", entity("web-shop"))
        .push(&["HEAD:main"]);
    assert!(push.accepted, "{}", push.said);
    site.deliver();
    assert_eq!(site.entities(), [SHOP]);
}

#[test]
fn whom_the_configuration_names_is_told_as_its_word() {
    let owners = "port: { owners: { service/web-shop: PRJ/other } }\n";
    let site = Site::new(&format!("{BY_HAND}{owners}"));
    let clone = site.server.clone();
    let push = clone
        .change("port.yaml", entity("web-shop"))
        .push(&["HEAD:main"]);
    assert!(!push.accepted, "{}", push.raw);
    for words in [
        "the gate's configuration says so",
        "under\n        `port.owners`",
    ] {
        assert!(push.said.contains(words), "{}", push.said);
    }
    assert!(!push.said.contains("release"), "{}", push.said);
}

/// Another node may know by now that the entity is free.
#[test]
fn what_one_node_of_a_cluster_knows_is_a_warning() {
    let node = "delivery: { after_push: none, store_scope: node }\n";
    for (levels, accepted, said) in [
        ("", true, "warning[port/owned-elsewhere]"),
        (
            "rules: { port/owned-elsewhere: error }\n",
            false,
            "error[port/owned-elsewhere]",
        ),
    ] {
        let site = Site::new(&format!("{node}{levels}"));
        declared_by_other(&site);
        assert_eq!(site.deliver().status.code(), Some(0));
        let clone = site.server.clone();
        let push = clone
            .change("port.yaml", entity("web-shop"))
            .push(&["HEAD:main"]);
        assert_eq!(push.accepted, accepted, "{}", push.said);
        assert!(push.said.contains(said), "{}", push.said);
    }
}

#[test]
fn a_plan_shows_what_another_repository_owns() {
    let site = Site::new(BY_HAND);
    let clone = site.server.clone();
    let push = clone
        .change("port.yaml", entity("own"))
        .push(&["HEAD:main"]);
    assert!(push.accepted, "{}", push.said);
    let both = entity("web-shop") + &entity("new");
    clone
        .change("port.yaml", both)
        .push(&["HEAD:refs/heads/topic"]);
    let plan = |arguments: &[&str]| {
        let arguments = [&["plan", "topic"], arguments].concat();
        let output = site.server.pushgate(&arguments, "");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    // Nothing is known where nothing was delivered.
    assert!(!plan(&[]).contains("belongs to"));
    assert!(!site.server.state().join("outbox.sqlite").exists());
    declared_by_other(&site);
    assert_eq!(site.deliver().status.code(), Some(0));
    insta::assert_snapshot!(without_commits(&plan(&[])), @r#"
    + service/new  port.yaml
        + title: "T"

    - service/own  port.yaml

    ! service/web-shop  port.yaml
        belongs to the repository PRJ/other: nothing of it is delivered from here

    1 new, 1 deleted, 1 owned elsewhere, 0 unchanged
    "#);
    insta::assert_snapshot!(without_commits(&plan(&["--format", "markdown"])), @r#"
    ### What this changes in Port

    **1 new, 1 deleted, 1 owned elsewhere, 0 unchanged**

    ```diff
    + service/new  (port.yaml)
    +     title: "T"
    - service/own  (port.yaml)
    # service/web-shop  (port.yaml) belongs to the repository PRJ/other: nothing of it is delivered from here
    ```
    "#);
    let live: serde_json::Value =
        serde_json::from_str(&plan(&["--live", "--format", "json"])).unwrap();
    let owned = json!([{
        "blueprint": "service", "identifier": "web-shop", "file": "port.yaml", "owner": "PRJ/other"
    }]);
    assert_eq!(live["owned_elsewhere"], owned);
    let names: Vec<_> = live["entities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["identifier"])
        .collect();
    assert_eq!(names, ["new"]);
    // A clone's path says nothing of the name that the server knows the repository by.
    let mut here = crate::server::command(crate::server::PUSHGATE, site.server.folder());
    here.current_dir(&clone.path)
        .env("PUSHGATE_STATE", site.server.state())
        .args(["plan", "--base", "HEAD~1"]);
    let output = here.output().unwrap();
    assert!(
        !text(&output.stdout).contains("belongs to"),
        "{}",
        text(&output.stdout)
    );
    let output = here.args(["--repository", "PRJ/hello"]).output().unwrap();
    assert!(
        text(&output.stdout).contains("belongs to"),
        "{}",
        text(&output.stdout)
    );
}

/// Without the last line, which names commits.
fn without_commits(plan: &str) -> String {
    let lines: Vec<&str> = plan.trim_end().lines().collect();
    lines[..lines.len() - 1].join("\n")
}

#[test]
fn a_plan_shows_deletions_that_wait_and_keeps_to_the_configured_limit() {
    let hold = "port: { hold_deletions: { at_least: 2, more_than: 0.5 } }\n";
    let site = Site::new(&format!("{BY_HAND}{hold}"));
    let clone = site.server.clone();
    let three: String = ["a", "b", "c"].map(entity).concat();
    let push = |content: &str, to: &str| clone.change("port.yaml", content).push(&[to]);
    assert!(push(&three, "HEAD:main").accepted);
    assert_eq!(site.deliver().status.code(), Some(0));
    assert!(push(&entity("a"), "HEAD:refs/heads/topic").accepted);
    let plan = |arguments: &[&str]| {
        let output = site.server.pushgate(&[&["plan"], arguments].concat(), "");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let said = plan(&["topic"]);
    assert!(said.contains("2 of 3 entities would be deleted"), "{said}");
    assert!(!said.contains("an earlier push waits"), "{said}");
    assert!(clone.push(&["HEAD:main"]).accepted);
    assert_eq!(site.deliver().status.code(), Some(3));
    let id = site.outbox()[0]["id"].as_str().unwrap().to_owned();
    assert!(push(&(entity("a") + &entity("d")), "HEAD:refs/heads/topic").accepted);
    let said = plan(&["topic"]).replace(&id, "ID");
    insta::assert_snapshot!(without_commits(&said), @r#"
    + service/d  port.yaml
        + title: "T"

    note: an earlier push waits: 2 of the 3 entities of PRJ/hello would be deleted: `service/b`, `service/c`; if they are to go: `pushgate outbox approve ID`; else put them back into the files and push
    1 new, 1 unchanged
    "#);
    assert_eq!(
        site.server
            .pushgate(&["outbox", "approve", &id], "")
            .status
            .code(),
        Some(0)
    );
    assert_eq!(site.deliver().status.code(), Some(0));
    assert!(!plan(&["topic"]).contains("an earlier push waits"));
}
