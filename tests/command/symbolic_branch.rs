//! A server that keeps a branch's former name as a symbolic ref: who pushes to it moves the branch.

use crate::ownership::{SHOP, declared_by_other};
use crate::server::{BAD, GOOD, Server};
use crate::site::{BY_HAND, Site, entity};

#[test]
fn what_is_pushed_to_a_former_name_reaches_port() {
    for options in [&[][..], &["--object-format=sha256"]] {
        let site = Site::of(Server::named("PRJ/hello.git", options), BY_HAND);
        let server = &site.server;
        let clone = server.clone();
        let push = |identifier: &str, branch: &str| {
            clone.change("port.yaml", entity(identifier));
            let push = clone.push(&[&format!("HEAD:{branch}")]);
            assert!(push.accepted, "{}", push.raw);
            assert_eq!(site.deliver().status.code(), Some(0));
            site.entities()
        };
        assert_eq!(push("one", "main"), ["service/one"]);
        server.git(&["symbolic-ref", "refs/heads/master", "refs/heads/main"]);
        assert_eq!(push("two", "master"), ["service/two"], "{options:?}");
        // The default branch may be named by its former name as well.
        server.git(&["symbolic-ref", "HEAD", "refs/heads/master"]);
        assert_eq!(push("three", "main"), ["service/three"], "{options:?}");
        assert_eq!(push("four", "master"), ["service/four"], "{options:?}");
    }
}

#[test]
fn the_branch_for_port_may_be_named_by_its_former_name() {
    for options in [&[][..], &["--object-format=sha256"]] {
        let server = Server::named("PRJ/hello.git", options);
        let site = Site::of(server, &format!("{BY_HAND}\nport: {{ branch: master }}\n"));
        let server = &site.server;
        server.git(&["symbolic-ref", "refs/heads/master", "refs/heads/main"]);
        let clone = server.clone();
        for (identifier, branch) in [("one", "main"), ("two", "master")] {
            clone.change("port.yaml", entity(identifier));
            let push = clone.push(&[&format!("HEAD:{branch}")]);
            assert!(push.accepted, "{}", push.raw);
            assert_eq!(site.deliver().status.code(), Some(0));
            assert_eq!(
                site.entities(),
                [format!("service/{identifier}")],
                "{options:?}"
            );
        }
    }
}

#[test]
fn what_is_pushed_to_a_former_name_is_judged_like_the_branch_behind_it() {
    for options in [&[][..], &["--object-format=sha256"]] {
        let server = Server::named("PRJ/hello.git", options).config(
            "gate: { enforcement: off, branches: [{ name: main, enforcement: enforce }] }\n",
        );
        let clone = server.clone();
        clone.change("port.yaml", GOOD);
        assert!(clone.push(&["HEAD:main"]).accepted);
        server.git(&["symbolic-ref", "refs/heads/master", "refs/heads/main"]);
        let tip = server.tip("main");
        clone.change("port.yaml", BAD);
        let push = clone.push(&["HEAD:master"]);
        assert!(!push.accepted, "{options:?}: {}", push.raw);
        assert_eq!(server.tip("main"), tip);
    }
}

#[test]
fn a_former_name_takes_no_entity_over_whichever_name_goes_to_port() {
    for branch in ["main", "master"] {
        let site = Site::new(&format!("{BY_HAND}\nport: {{ branch: {branch} }}\n"));
        declared_by_other(&site);
        assert_eq!(site.deliver().status.code(), Some(0));
        let server = &site.server;
        server.git(&["symbolic-ref", "refs/heads/master", "refs/heads/main"]);
        let clone = server.clone();
        clone.change("port.yaml", entity("web-shop"));
        for name in ["HEAD:refs/heads/main", "HEAD:refs/heads/master"] {
            let push = clone.push(&[name]);
            assert!(!push.accepted, "{branch}, {name}: {}", push.raw);
            assert!(push.said.contains("port/owned-elsewhere"), "{}", push.said);
        }
        assert_eq!(site.entities(), [SHOP]);
    }
}
