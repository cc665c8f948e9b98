//! A sweep that somebody meant to be smaller than all of the server.

use crate::site::{Site, service};

#[test]
fn nothing_is_swept_where_less_than_a_project_is_named() {
    let mut site = Site::with(&[("PRJ/web", "port.yaml", &service("web"))]);
    site.set("BITBUCKET_PROJECTS_FILTER", "PRJ");
    let mut told = Vec::new();
    for arguments in [
        &["--project", ""][..],
        &["--project", " ,"],
        &["--repository", "PRJ/web"],
        &["--repository", "web"],
        &["--concurrency", "0"],
        &["--concurrency", "many"],
    ] {
        let ran = site.sync(arguments);
        assert_eq!(ran.status, 2, "{arguments:?}: {}", ran.err);
        told.push(format!("{arguments:?}\n{}", ran.err));
    }
    insta::assert_snapshot!(told.join("\n"));
    assert_eq!(site.bitbucket.requests().len(), 0);
    assert_eq!(site.port.requests().len(), 0);
}
