//! Triggers: the configuration's mistakes, a push that tells a service, `compile`, and algorithms
//! that a file names.

use std::fs;

use serde_json::Value;
use standin::{Fault, TriggerStandIn};

use crate::compile::compile;
use crate::server::{Clone, Server, text};
use crate::site::{BY_HAND, PATIENT, Site};

pub const TOKEN: &str = "planted-token-of-the-service";

/// A service, and a server whose configuration names it; SERVER stands for its address.
pub fn site(config: &str) -> (Site, TriggerStandIn) {
    let service = TriggerStandIn::start().unwrap();
    let site = Site::new(&config.replace("SERVER", &service.url()));
    fs::write(site.server.folder().join("token"), TOKEN).unwrap();
    (site, service)
}

pub const CI: &str = "triggers:\n  - name: ci\n    repository: PRJ/*\n    branch: '{main,release/*}'\n    url: SERVER/build\n    headers: { Authorization: 'Bearer ${token}' }\n    secrets: { token: token }\n    body: '{\"sha\":\"${sha}\",\"branch\":\"${branch}\"}'\n";

fn told(service: &TriggerStandIn) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let taken = service.taken().into_iter();
    taken
        .map(|request| (text(&request.body["branch"]), text(&request.body["sha"])))
        .collect()
}

#[test]
fn a_push_tells_the_service_of_each_branch_that_is_meant() {
    let (site, service) = site(&format!("{CI}{PATIENT}"));
    let clone = site.server.clone();
    let push = clone.change("src/x", "1").push(&["HEAD:main"]);
    let first = site.server.tip("main").unwrap();
    let said = Site::after(&push);
    let expected = format!("build of {} by ci: accepted for building", &first[..10]);
    assert!(said.contains(&expected), "{said}");
    Site::after(
        &clone
            .change("src/x", "2")
            .push(&["HEAD:topic", "HEAD:refs/tags/v1"]),
    );
    assert_eq!(service.taken().len(), 1);
    clone.git(&["checkout", "-q", "-b", "other"]);
    let second = clone.change("src/x", "3").git(&["rev-parse", "HEAD"]);
    Site::after(&clone.push(&["HEAD:release/1", "HEAD:release/2"]));
    // Known already under another name.
    Site::after(&clone.push(&["HEAD:release/3"]));
    Site::after(&clone.push(&[":release/1"]));
    assert_eq!(
        told(&service),
        [
            ("main".to_owned(), first),
            ("release/1".to_owned(), second.trim().to_owned())
        ]
    );
    assert_eq!(
        service.taken()[0].header("authorization"),
        Some(format!("Bearer {TOKEN}").as_str())
    );
    assert!(site.outbox().is_empty());
}

#[test]
fn a_service_that_is_down_is_told_later_and_the_push_stands() {
    let (site, service) = site(&format!("{CI}{BY_HAND}"));
    let quoting = Fault::with_body(500, &format!("down, {TOKEN}"));
    service.fail_next(1, &quoting);
    let push = site.server.clone().change("x", "1").push(&["HEAD:main"]);
    Site::after(&push);
    let output = site.deliver();
    assert_eq!(output.status.code(), Some(3));
    let said = text(&output.stderr) + &text(&output.stdout);
    assert!(
        said.contains("ci itself failed (status 500, it says: down,"),
        "{said}"
    );
    let outbox = site.outbox();
    assert_eq!(outbox[0]["system"], "trigger ci");
    let id = outbox[0]["id"].as_str().unwrap().to_owned();
    let shown = site.server.pushgate(&["outbox", "show", &id], "");
    for told in [said, format!("{outbox:?}"), text(&shown.stdout)] {
        assert!(!told.contains(TOKEN), "{told}");
        assert!(told.contains("[hidden]"), "{told}");
    }
    site.server.pushgate(&["outbox", "retry", &id], "");
    assert_eq!(site.deliver().status.code(), Some(0));
    assert_eq!(service.taken().len(), 1);
}

#[test]
fn algorithmia_is_a_preset_and_shares_what_was_built() {
    let builds = "algorithmia:\n  builds:\n    - { repository: PRJ/hello, algorithm: acme/hello, ssh_key_file: KEY }\n";
    let preset = "triggers:\n  - { name: a, preset: algorithmia, repository: PRJ/*, branch: '**', algorithm: acme/hello, ssh_key_file: KEY }\n";
    let (site, _) = site(&format!("{builds}{preset}{PATIENT}"));
    let clone = site.server.clone();
    Site::after(&clone.change("x", "1").push(&["HEAD:main"]));
    Site::after(&clone.push(&["HEAD:topic"]));
    let tip = site.server.tip("main").unwrap();
    let built = |site: &Site| -> Vec<String> {
        let builds = site.algorithmia.builds().into_iter();
        builds.map(|build| build.commit).collect()
    };
    assert_eq!(built(&site), [tip.as_str()]);
    let (code, out, err) = compile(&site.server, &["--sha", &tip, "--wait"]);
    assert_eq!(code, Some(0), "{err}");
    let expected = format!(
        "build of acme/hello at {0} on Algorithmia: accepted for building\nbuild of acme/hello at {0} on Algorithmia: built (build ",
        &tip[..10]
    );
    assert!(out.starts_with(&expected), "{out}");
    assert_eq!(built(&site), [tip.as_str(), tip.as_str()]);
    site.algorithmia.assert_conforms();
}

const FROM_FILE: &str = "algorithmia:\n  from_file: { repositories: ['PRJ/*'], algorithms: ['acme/*'], ssh_key_file: KEY }\n";

fn names(clone: &Clone<'_>, content: &str) -> String {
    // The gate refuses some of these files itself; this is about what comes after it.
    let push = clone
        .change("algorithmia.conf", content)
        .push(&["HEAD:main"]);
    assert!(push.accepted, "{}", push.raw);
    push.said.replace("\n  ", " ")
}

#[test]
fn a_file_names_the_algorithm_where_the_operator_allows_it() {
    let rules = "gate: { enforcement: off }\n";
    let (site, _) = site(&format!("{FROM_FILE}{rules}{PATIENT}"));
    let clone = site.server.clone();
    let good = r#"{"username":"acme","algoname":"hello","langauge":"python"}"#;
    let said = names(&clone, good);
    assert!(said.contains("build of acme/hello at"), "{said}");
    assert_eq!(site.algorithmia.builds().len(), 1);
    for (content, words) in [
        (
            r#"{"username":"evil","algoname":"hello"}"#,
            "names the algorithm evil/hello, which this server does not build",
        ),
        (
            r#"{"username":"acme/x","algoname":"hello"}"#,
            "names no algorithm",
        ),
        (
            r#"{"username":"..","algoname":"hello"}"#,
            "names no algorithm",
        ),
        (
            r#"{"username":"e\u001b[31m","algoname":"hello"}"#,
            "names no algorithm",
        ),
        (r#"{"username":"acme"}"#, "has no `username` and `algoname`"),
        ("username: acme", "is not JSON"),
        (&" ".repeat(70_000), "is larger than 64 KiB"),
    ] {
        let said = names(&clone, content);
        assert!(
            said.contains("nothing is built at") && said.contains(words),
            "{said}"
        );
    }
    clone.git(&["rm", "-q", "algorithmia.conf"]);
    let push = clone.commit().push(&["HEAD:main"]);
    assert!(!push.said.contains("built"), "{}", push.said);
    Site::after(&clone.change("algorithmia.conf", good).push(&["HEAD:topic"]));
    assert_eq!(site.algorithmia.builds().len(), 1);
    site.algorithmia.assert_conforms();
}

#[test]
fn what_the_operator_maps_has_precedence_over_the_file() {
    let builds =
        "  builds:\n    - { repository: PRJ/hello, algorithm: acme/hello, ssh_key_file: KEY }\n";
    let (site, _) = site(&format!("{FROM_FILE}{builds}{PATIENT}"));
    let clone = site.server.clone();
    let other = r#"{"username":"acme","algoname":"other"}"#;
    let said = names(&clone, other);
    assert!(said.contains("build of acme/hello at"), "{said}");
    assert!(!said.contains("acme/other"), "{said}");
}

#[test]
fn mistakes_in_triggers_name_their_place_and_the_change() {
    let mut all = String::new();
    for (trigger, more) in [
        ("name: a b\n    repository: P/r\n    url: http://h/", ""),
        (
            "name: ci\n    repository: P/r\n    url: http://h/${shaa}",
            "",
        ),
        (
            "name: ci\n    repository: P/r\n    url: http://h/${tokn}\n    secrets: { token: f }",
            "",
        ),
        (
            "name: ci\n    repository: P/r\n    url: http://h/${key}",
            "",
        ),
        ("name: ci\n    repository: P/r\n    url: http://h/${sha", ""),
        (
            "name: ci\n    repository: P/r\n    url: http://h/?u=${clone_url}",
            "",
        ),
        (
            "name: ci\n    repository: P/r\n    url: https://${slug}.example.com/",
            "",
        ),
        (
            "name: ci\n    repository: P/r\n    url: https://u:p@example.com/",
            "",
        ),
        ("name: ci\n    repository: P/r\n    url: example.com/x", ""),
        ("name: ci\n    repository: P/r", ""),
        ("name: ci\n    repository: hello\n    url: http://h/", ""),
        ("name: ci\n    repository: []\n    url: http://h/", ""),
        (
            "name: ci\n    repository: P/r\n    url: http://h/\n    method: FETCH",
            "",
        ),
        (
            "name: ci\n    repository: P/r\n    url: http://h/\n    method: GET\n    body: '{}'",
            "",
        ),
        (
            "name: ci\n    repository: P/r\n    url: http://h/\n    body: '{\"sha\": ${sha}}'",
            "",
        ),
        (
            "name: ci\n    repository: P/r\n    url: http://h/\n    body: a\n    headers:\n      content-type: application/yaml",
            "",
        ),
        (
            "name: ci\n    repository: P/r\n    url: http://h/\n    body: '{}'\n    form: { a: b }",
            "",
        ),
        (
            "name: ci\n    repository: P/r\n    url: http://h/\n    form: { a: '${nope}' }",
            "",
        ),
        (
            "name: ci\n    repository: P/r\n    url: http://h/\n    headers: { 'X Y': a }",
            "",
        ),
        (
            "name: ci\n    repository: P/r\n    url: http://h/\n    headers: { X-Y: '${branc}' }",
            "",
        ),
        (
            "name: ci\n    repository: P/r\n    url: http://h/\n    headers: { authorization: Bearer planted }",
            "",
        ),
        (
            "name: ci\n    repository: P/r\n    url: http://h/\n    headers: { Host: a }",
            "",
        ),
        (
            "name: ci\n    repository: P/r\n    url: http://h/\n    secrets: { sha: f }",
            "",
        ),
        (
            "name: ci\n    repository: P/r\n    url: http://h/\n    success: [200, 302]",
            "",
        ),
        (
            "name: ci\n    repository: P/r\n    url: http://h/\n    timeout: soon",
            "",
        ),
        (
            "name: ci\n    repository: P/r\n    url: http://h/\n    plan: A-B",
            "",
        ),
        (
            "name: ci\n    repository: P/r\n    url: http://h/\n    sucess: [200]",
            "",
        ),
        ("name: ci\n    repository: P/r\n    preset: jenkin", ""),
        (
            "name: ci\n    repository: P/r\n    preset: jenkins\n    server: http://h",
            "",
        ),
        ("name: ci\n    repository: P/r\n    preset: jenkins", ""),
        (
            "name: ci\n    repository: P/r\n    preset: teamcity\n    server: http://h",
            "",
        ),
        (
            "name: ci\n    repository: P/r\n    preset: bamboo\n    server: http://h\n    plan: 'A/../B'",
            "",
        ),
        (
            "name: ci\n    repository: P/r\n    preset: bamboo\n    server: h\n    plan: A-B",
            "",
        ),
        (
            "name: ci\n    repository: P/r\n    preset: algorithmia\n    algorithm: a/b",
            "",
        ),
        (
            "name: ci\n    repository: P/r\n    preset: algorithmia\n    url: http://h/",
            "",
        ),
        (
            "name: ci\n    repository: P/r\n    url: http://h/",
            "  - { repository: P/r, name: ci, url: 'http://h/' }\n",
        ),
        (
            "name: ci\n    repository: P/r\n    url: http://h/",
            "algorithmia:\n  from_file: { repositories: P/*, algorithms: acme, ssh_key_file: k }\n",
        ),
    ] {
        let server = Server::new().config(&format!("triggers:\n  - {trigger}\n{more}"));
        let output = server.pushgate(&["outbox", "list"], "");
        assert_eq!(output.status.code(), Some(2), "{trigger}");
        let folder = format!("{}/", server.folder().display());
        let said = text(&output.stderr)
            .replace("\n        ", " ")
            .replace("\n  ", "\n")
            .replace(&folder, "");
        let written = trigger.rsplit("repository: P/r\n    ").next().unwrap();
        all.push_str(&format!(
            "# {}\n{said}\n",
            written.replace("\n    ", "\n# ")
        ));
    }
    assert!(!all.replace("Bearer planted }", "").contains("planted"));
    insta::assert_snapshot!(all);
}
