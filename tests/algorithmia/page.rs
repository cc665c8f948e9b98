//! Every command of the vendor's page "Create a Bitbucket Server (build-via-API) Configuration", in its
//! order, with the very bodies that stand there.

use serde_json::{Value, json};
use standin::{CompileAnswer, Recorded};

use crate::site::{ENVIRONMENT, SHA, Site};

fn is(request: &Recorded, method: &str, path: &str, authorization: &str, body: Value) {
    assert_eq!(
        (request.method.as_str(), request.path.as_str()),
        (method, path)
    );
    assert_eq!(
        request.header("authorization"),
        Some(authorization),
        "{path}"
    );
    assert_eq!(request.body, body, "{path}");
    let json = (!body.is_null()).then_some("application/json");
    assert_eq!(request.header("content-type"), json, "{path}");
}

/// The page, once; `cluster` and `organisation` are what stands behind `Authorization:`.
fn walk(site: &Site, cluster: &str, organisation: &str) {
    let last = || site.changes().pop().unwrap();
    let old = json!({
        "web": "https://bb.acme.org",
        "api": "https://bb.acme.org",
        "ssh": "ssh://git@bb.acme.org:7999",
    });
    // Creating a Bitbucket Server SCM configuration.
    let scm = site.scm();
    let body = json!({"provider": "bitbucket", "scm": {"project_key": "PRJ"}, "urls": old});
    is(&last(), "POST", "/v1/admin/scms", cluster, body);

    // Listing SCM configurations.
    let list = site.succeed(&["algorithmia", "scm", "list", "--format", "json"]);
    let list: Value = serde_json::from_str(&list).unwrap();
    let created = &list[1];
    assert_eq!(created["id"], scm.as_str());
    assert_eq!(created["project_key"], "PRJ");
    assert_eq!(created["urls"], old);
    let request = site.cluster.requests().pop().unwrap();
    is(&request, "GET", "/v1/scms", cluster, Value::Null);

    // Updating SCM configurations.
    let new = json!({
        "web": "https://new.acme.org",
        "api": "https://new.acme.org",
        "ssh": "ssh://git@new.acme.org:7999",
    });
    let update = ["algorithmia", "scm", "update", &scm];
    let mut arguments = update.to_vec();
    arguments.push("--enable");
    for (option, key) in [("--web", "web"), ("--api", "api"), ("--ssh", "ssh")] {
        arguments.extend([option, new[key].as_str().unwrap()]);
    }
    site.succeed(&arguments);
    let path = format!("/v1/admin/scms/{scm}");
    let body = json!({"enabled": true, "urls": new});
    is(&last(), "PATCH", &path, cluster, body);

    // Creating Bitbucket Server-backed algorithms.
    let (owner, password) = site.cluster.project_owner();
    let body = json!({
        "name": "ALGO_NAME",
        "details": {
            "summary": "Summary of what your algorithm does.",
            "label": "ALGO_NAME",
            "tagline": "Tag line for your algorithm.",
        },
        "settings": {
            "source_visibility": "open",
            "username": "ALGO_OWNER",
            "algorithm_environment": ENVIRONMENT,
            "license": "apl",
            "network_access": "isolated",
            "pipeline_enabled": true,
        },
        "source": {"scm": scm, "initial_commit_message": "your commit message"},
        "scmsCredentials": {"username": owner, "password": password},
    });
    site.write("create_algo_on_bitbucket.json", &body.to_string());
    let create = ["algorithmia", "algorithm", "create", "ALGO_OWNER/ALGO_NAME"];
    let mut arguments = create.to_vec();
    arguments.extend(["--file", "create_algo_on_bitbucket.json"]);
    let said = site.succeed(&arguments);
    is(
        &last(),
        "POST",
        "/v1/algorithms/ALGO_OWNER",
        organisation,
        body,
    );
    assert!(said.contains("its repository is PRJ/ALGO_NAME"), "{said}");

    // Looking its id up.
    let show = ["algorithmia", "algorithm", "show", "ALGO_OWNER/ALGO_NAME"];
    let mut arguments = show.to_vec();
    arguments.extend(["--format", "json"]);
    let shown: Value = serde_json::from_str(&site.succeed(&arguments)).unwrap();
    let id = shown["id"].as_str().unwrap().to_owned();
    let path = "/v1/algorithms/ALGO_OWNER/ALGO_NAME";
    let request = site.cluster.requests().pop().unwrap();
    is(&request, "GET", path, organisation, Value::Null);

    // Triggering builds, by id and by name; the page says 202, the OpenAPI document 200.
    let body = json!({"sshPrivateKey": standin::ssh_private_key(), "commitSha": SHA});
    for (algorithm, path) in [
        (id.as_str(), format!("/v1/algorithms/{id}/compile")),
        ("ALGO_OWNER/ALGO_NAME", format!("{path}/compile")),
    ] {
        let key = site.folder().join("key.pem");
        let config = format!(
            "algorithmia:\n  builds:\n    - {{ repository: PRJ/ALGO_NAME, algorithm: {algorithm}, ssh_key_file: {} }}\n",
            key.display()
        );
        site.write("config.yaml", &config);
        for (answer, words) in [
            (CompileAnswer::Accepted, "built (build build-"),
            (CompileAnswer::Built, "on Algorithmia: built\n"),
        ] {
            site.cluster.set_answer(answer);
            let compile = ["compile", "--repository", "PRJ/ALGO_NAME", "--sha", SHA];
            let mut arguments = compile.to_vec();
            arguments.extend(["--algorithm", algorithm, "--wait"]);
            let said = site.succeed(&arguments);
            is(&last(), "POST", &path, organisation, body.clone());
            assert!(said.contains(words), "{said}");
        }
    }

    // Deleting SCM configurations: the cluster refuses while it is used, so that a second one goes.
    let mut arguments = vec!["algorithmia", "scm", "create", "--project-key", "AB2"];
    arguments.extend(crate::site::URLS);
    site.succeed(&arguments);
    let second = site.cluster.scms().pop().unwrap();
    site.succeed(&["algorithmia", "scm", "update", &second, "--disable"]);
    let path = format!("/v1/admin/scms/{second}");
    is(&last(), "PATCH", &path, cluster, json!({"enabled": false}));
    site.succeed(&["algorithmia", "scm", "delete", &second]);
    is(&last(), "DELETE", &path, cluster, Value::Null);
    assert_eq!(site.cluster.scms(), ["internal", scm.as_str()]);
    site.cluster.assert_conforms();
}

#[test]
fn the_page_with_an_admin_key_and_an_organisations_key() {
    let site = Site::new();
    let (admin, key) = (site.cluster.admin_key(), site.cluster.api_key());
    walk(&site, &format!("Simple {admin}"), &format!("Simple {key}"));
}

#[test]
fn the_page_with_the_token_of_a_person_who_may_do_all() {
    let site = Site::new();
    let token = site.cluster.token();
    let site = site
        .with("ALGORITHMIA_ADMIN_API_KEY", "")
        .with("ALGORITHMIA_API_KEY", "")
        .with("ALGORITHMIA_BEARER_TOKEN", token);
    let bearer = format!("Bearer {token}");
    walk(&site, &bearer, &bearer);
}
