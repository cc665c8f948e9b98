//! Administrators' and organisations' keys, `Simple` and `Bearer`: which is used where, and what is said
//! where the wrong one is.

use standin::Fault;

use crate::site::Site;

const LIST: [&str; 3] = ["algorithmia", "scm", "list"];
const SHOW: [&str; 4] = ["algorithmia", "algorithm", "show", "acme/hello"];

/// Somebody with an address and nothing else.
fn nobody() -> Site {
    Site::new()
        .with("ALGORITHMIA_API_KEY", "")
        .with("ALGORITHMIA_ADMIN_API_KEY", "")
}

#[test]
fn what_is_missing_is_named() {
    let site = nobody();
    let mut said = site.refused(&[&LIST, &SHOW]);
    let site = site.with("ALGORITHMIA_API", "");
    said.push('\n');
    said.push_str(&site.refused(&[&LIST]));
    let site = site
        .with("ALGORITHMIA_API", "api.acme.org")
        .with("ALGORITHMIA_API_KEY", "simKey");
    said.push('\n');
    said.push_str(&site.refused(&[&LIST]));
    insta::assert_snapshot!(said);
}

#[test]
fn the_wrong_key_is_told_apart_from_a_bad_one() {
    let mut said = String::new();
    let mut look = |about: &str, site: &Site| {
        let text = site.transcript(&[&LIST, &SHOW]);
        said.push_str(&format!("# {about}\n{text}\n"));
    };
    let site = nobody();
    let (key, admin) = (site.cluster.api_key(), site.cluster.admin_key());
    let site = site.with("ALGORITHMIA_API_KEY", key);
    look("an organisation's key only", &site);
    let site = site.with("ALGORITHMIA_API_KEY", admin);
    look("an administrator's key in the place of the other", &site);
    let site = site
        .with(
            "ALGORITHMIA_API_KEY",
            "eyJhbGciOiJSUzI1NiJ9.eyJhIjoxfQ.c2ln",
        )
        .with("ALGORITHMIA_ADMIN_API_KEY", "Simple simKey/0123456789");
    look("a token as a key, and a scheme before a key", &site);
    let site = site
        .with("ALGORITHMIA_API_KEY", "")
        .with("ALGORITHMIA_ADMIN_API_KEY", "")
        .with("ALGORITHMIA_BEARER_TOKEN", "simKey/0123456789")
        .with("ALGORITHMIA_ADMIN_BEARER_TOKEN", "eyJh.eyJi.c2lnbmF0dXJl");
    look("a key as a token, and a token that has expired", &site);
    insta::assert_snapshot!(said);
}

#[test]
fn files_of_the_configuration_hold_them_too() {
    let site = nobody();
    site.write("admin.key", &format!("{}\n", site.cluster.admin_key()));
    site.write("token", &format!("  {}\n", site.cluster.token()));
    let url = site.cluster.url();
    let site = site.with("ALGORITHMIA_API", "").config(&format!(
        "algorithmia: {{ api: '{url}/v1/', admin_api_key_file: admin.key, bearer_token_file: token }}\n"
    ));
    site.succeed(&LIST);
    site.succeed(&SHOW);
    let sent: Vec<Option<String>> = site
        .cluster
        .requests()
        .iter()
        .map(|request| request.header("authorization").map(str::to_owned))
        .collect();
    let expected = [
        format!("Simple {}", site.cluster.admin_key()),
        format!("Bearer {}", site.cluster.token()),
    ];
    assert_eq!(sent, expected.map(Some));
    // A cluster that quotes what it was sent.
    let quoting = Fault::with_body(400, site.cluster.admin_key());
    site.cluster.fail_next(1, &quoting);
    let ran = site.run(&LIST);
    assert!(ran.err.contains("[hidden]"), "{ran:?}");
    // A file that is not there.
    std::fs::remove_file(site.folder().join("admin.key")).unwrap();
    let ran = site.run(&LIST);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.err.contains("algorithmia.admin_api_key_file"),
        "{ran:?}"
    );
}

#[test]
fn an_empty_file_is_no_key() {
    let site = nobody().config("algorithmia: { api_key_file: key }\n");
    site.write("key", "\n");
    let ran = site.run(&SHOW);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    let said = ran.err.replace("\n  ", " ");
    assert!(
        said.contains("`algorithmia.api_key_file`: there is nothing in"),
        "{said}"
    );
    assert!(site.cluster.requests().is_empty());
}
