//! What a new branch brings, and which other branches account for it.

use crate::ownership::{SHOP, declared_by_other};
use crate::server::{BAD, GOOD, Server};
use crate::site::{BY_HAND, Site, entity};

/// A server whose branches below `wip/` are judged less strictly than all others.
fn lax(enforcement: &str) -> Server {
    Server::new().config(&format!(
        "gate: {{ branches: [{{ name: 'wip/*', enforcement: {enforcement} }}] }}\n"
    ))
}

#[test]
fn a_branch_that_is_judged_less_strictly_accounts_for_nothing_on_a_stricter_one() {
    for enforcement in ["off", "warn"] {
        let server = lax(enforcement);
        let clone = server.clone();
        assert!(
            clone
                .change("README.md", "hello")
                .push(&["HEAD:main"])
                .accepted
        );
        clone.change("port.yaml", BAD);
        assert!(clone.push(&["HEAD:wip/x"]).accepted, "{enforcement}");
        let push = clone.push(&["HEAD:release"]);
        assert!(!push.accepted, "{enforcement}: {}", push.raw);
        assert_eq!(server.tip("release"), None);
        // One as lax is told of it once.
        let push = clone.push(&["HEAD:wip/y"]);
        assert_eq!(push.said, "pushgate 0.1.0: accepted; no document to check");
        // Nothing follows from a tag.
        assert!(clone.push(&["HEAD:refs/tags/v1"]).accepted);
    }
}

#[test]
fn the_branch_that_goes_to_port_is_judged_whole_where_it_is_new() {
    for enforcement in ["off", "enforce"] {
        let server = lax(enforcement);
        let clone = server.clone();
        clone
            .change("port.yaml", BAD)
            .push_unchecked(&["HEAD:wip/x"]);
        let push = clone.push(&["HEAD:main"]);
        assert!(!push.accepted, "{}", push.raw);
        assert_eq!(server.tip("main"), None);
        assert!(
            clone
                .change("port.yaml", GOOD)
                .push(&["HEAD:main"])
                .accepted
        );
    }
}

#[test]
fn a_document_that_another_branch_holds_takes_no_entity_over() {
    let site = Site::new(BY_HAND);
    declared_by_other(&site);
    assert_eq!(site.deliver().status.code(), Some(0));
    let clone = site.server.clone();
    clone.change("port.yaml", entity("web-shop"));
    // Only the branch that goes to Port delivers anything.
    assert!(clone.push(&["HEAD:topic"]).accepted);
    let push = clone.push(&["HEAD:main"]);
    assert!(!push.accepted, "{}", push.raw);
    assert!(push.said.contains("port/owned-elsewhere"), "{}", push.said);
    assert_eq!(site.entities(), [SHOP]);
}

/// The same as of a branch that moves, and what `check` says in the work tree.
#[test]
fn a_document_whose_file_is_gone_is_judged_on_a_new_branch_too() {
    let server = Server::new();
    let clone = server.clone();
    clone.write("port.yaml", format!("{GOOD}  readme: file://docs.md\n"));
    let push = clone.change("docs.md", "hello").push(&["HEAD:main"]);
    assert!(push.accepted, "{}", push.raw);
    assert!(clone.push(&["HEAD:refs/heads/same"]).accepted);
    clone.git(&["rm", "-q", "docs.md"]);
    let push = clone.commit().push(&["HEAD:refs/heads/topic"]);
    assert!(!push.accepted, "{}", push.raw);
    assert!(push.said.contains("port/file-missing"), "{}", push.said);
}
