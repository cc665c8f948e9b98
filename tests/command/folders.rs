//! Folders where documents may be: in the place of one, or only matched by a wildcard.

use crate::server::{GOOD, PUSHGATE, Server, command, text};

const MANIFEST: &str = "app: web\nenv: staging\nnamespace: web\nmanifests: |\n  x\n";

#[test]
fn a_folder_in_the_place_of_a_document_is_told_by_check_and_the_gate() {
    let server = Server::new();
    let clone = server.clone();
    std::fs::create_dir_all(clone.path.join(".gimlet/empty")).unwrap();
    clone.write(".gimlet/deep/web.yaml", MANIFEST);
    for given in [&[][..], &["."], &[".gimlet"], &[".gimlet/deep"]] {
        let output = command(PUSHGATE, &clone.path)
            .current_dir(&clone.path)
            .arg("check")
            .args(given)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{given:?}: {output:?}");
        insta::allow_duplicates! {
            insta::assert_snapshot!(text(&output.stdout), @r"
            .gimlet/deep:1:1: error[file/folder]: `.gimlet/deep` is a folder
              help: move its files into `.gimlet/` itself: with a folder in it, Gimlet reads none of them

            1 document checked: 1 error
            ");
        }
    }
    let push = clone.commit().push(&["HEAD:main"]);
    assert!(!push.accepted, "{}", push.raw);
    assert!(push.said.contains("error[file/folder]"), "{}", push.raw);
}

#[test]
fn a_folder_that_a_wildcard_matches_is_a_folder_like_any_other() {
    let server = Server::new().config(
        "kinds: [{ name: slo, files: ['slo/**'], schema: slo.schema.json }]\n\
         port: { files: ['catalog/**'] }\n",
    );
    std::fs::write(
        server.folder().join("slo.schema.json"),
        r#"{"required": ["target"]}"#,
    )
    .unwrap();
    let clone = server.clone();
    clone
        .write("catalog/shop/web.yaml", GOOD)
        .write("slo/shop/web.yaml", "target: 1\n");
    let push = clone.commit().push(&["HEAD:main"]);
    assert!(push.accepted, "{}", push.raw);
    // What lies in them is a document all the same, and goes to Port.
    assert!(push.said.contains("Port: 1 new"), "{}", push.raw);
    let push = clone
        .change("slo/shop/web.yaml", "goal: 1\n")
        .push(&["HEAD:main"]);
    assert!(!push.accepted, "{}", push.raw);
    assert!(push.said.contains("slo/shop/web.yaml:1:1"), "{}", push.raw);
}
