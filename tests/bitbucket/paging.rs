//! Lists: whole, or known not to be.

use standin::{BitbucketStandIn, Fault};

use crate::bench::{client, name};

fn filled(files: usize, page: usize) -> (BitbucketStandIn, String) {
    let standin = BitbucketStandIn::start().unwrap();
    standin.set_largest_page(page);
    standin.add_repository("PRJ/hello");
    let paths: Vec<String> = (0..files).map(|number| format!("f{number:04}")).collect();
    let files: Vec<_> = paths
        .iter()
        .map(|path| (path.as_str(), Some(&b"x"[..])))
        .collect();
    let commit = standin.commit("PRJ/hello", "main", &files);
    (standin, commit)
}

#[test]
fn every_page_is_asked_for() {
    for files in [0, 1, 9, 10, 11, 95] {
        let (standin, commit) = filled(files, 10);
        let client = client(&standin);
        let listed: Vec<String> = client
            .files(&name("PRJ/hello"), &commit)
            .map(Result::unwrap)
            .collect();
        assert_eq!(listed.len(), files);
        assert!(listed.is_sorted());
        assert_eq!(standin.requests().len(), files.div_ceil(10).max(1));
        standin.assert_conforms();
    }
}

#[test]
fn an_error_page_in_the_middle_is_an_error_and_not_the_end() {
    for fault in [
        Fault::status(500),
        Fault::with_body(401, r#"{"errors":[{"message":"expired"}]}"#),
        Fault::status(404),
        Fault::with_body(200, "<html>sign in</html>"),
        Fault::with_body(200, "{}"),
        Fault::with_body(200, r#"{"values":[],"isLastPage":false}"#),
        Fault::with_body(
            200,
            r#"{"values":["f"],"isLastPage":false,"nextPageStart":73}"#,
        ),
        Fault::with_body(200, r#"{"values":[{"no":"path"}],"isLastPage":true}"#),
    ] {
        let (standin, commit) = filled(30, 10);
        let client = client(&standin);
        let hello = name("PRJ/hello");
        let mut files = client.files(&hello, &commit);
        for _ in 0..10 {
            files.next().unwrap().unwrap();
        }
        standin.fail_next("/files", 1, &fault);
        let after: Vec<bool> = files.map(|file| file.is_ok()).collect();
        // One error, and nothing that looks like more of the list behind it.
        assert_eq!(after, [false], "{fault:?}");
    }
}
