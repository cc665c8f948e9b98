//! An entity belongs to the repository that delivered it.

use pushgate::catalog::Entity;
use pushgate::git::CommitId;
use pushgate::outbox::{CatalogJob, Delivery, Job, Outbox};
use serde_json::json;

use crate::post_receive::{BY_HAND, Site, entity};
use crate::server::text;

const SHOP: &str = "service/web-shop";

/// Another repository of the same server has `service/web-shop` in its file.
fn declared_by_other(site: &Site) {
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
    let outbox = Outbox::open(&site.server.state()).unwrap();
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
    port.yaml:1:17: error[port/owned-elsewhere]: `service/web-shop` belongs to
      the repository `PRJ/other`
       ,-[port.yaml:1:17]
     1 | - { identifier: web-shop, title: T, blueprint: service }
       :                 ^^^^|^^^
       :                     `-- delivered to Port from there
       `----
      help: choose another identifier; if the entity is to move here, take it
            out of `PRJ/other` first, or ask whoever runs the gate for `pushgate
            outbox release PRJ/other service/web-shop`
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
    assert!(site.entities().is_empty());
    let clone = site.server.clone();
    let push = clone
        .change("port.yaml", entity("web-shop"))
        .push(&["HEAD:main"]);
    assert!(push.accepted, "{}", push.said);
    site.deliver();
    assert_eq!(site.entities(), [SHOP]);
}
