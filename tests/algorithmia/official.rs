//! The vendor's own client as an oracle: what it sends, we send, field for field.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use standin::Recorded;

use crate::site::{ENVIRONMENT, ID, SHA, Site};

/// Calls the package `algorithmia-api-client` as its documentation does.
const CLIENT: &str = r#"
import json, sys
import algorithmia_api_client as api
given = json.load(sys.stdin)

def client(key):
    configuration = api.Configuration(
        host=given["url"],
        api_key={"Authorization": key},
        api_key_prefix={"Authorization": "Simple"},
    )
    return api.ApiClient(configuration)

def call(function, *arguments):
    try:
        return function(*arguments)
    except (ValueError, TypeError, api.ApiException) as error:
        # It reads some answers more narrowly than its server writes them, and one call is refused;
        # the request has gone out.
        print(type(error).__name__, error, file=sys.stderr)

admin, key = client(given["admin"]), client(given["key"])
scms = api.ScmApi(admin)
urls = api.ScmUrls(**given["urls"])
call(scms.list_scms)
call(scms.create_scm, api.ScmConfigurationRequestDto(
    provider="bitbucket", scm=api.ScmBitbucketConfiguration(project_key="PRJ"), urls=urls))
call(scms.update_scm, given["scm"], api.ScmUpdateRequest(enabled=False))
call(scms.update_scm, given["scm"], api.ScmUpdateRequest(enabled=True, urls=urls))
algorithms = api.AlgorithmsApi(key)
call(algorithms.get_algorithm, "acme", "new")
call(algorithms.create_algorithm, "acme", api.CreateRequest(
    name="new",
    details=api.Details(label="new"),
    settings=api.SettingsMandatory(
        source_visibility="closed", algorithm_environment=given["environment"], license="apl",
        network_access="isolated", pipeline_enabled=True),
    source=api.SourceCreate(scm=given["scm"]),
    # The model of "one of both" wants both: a defect of its generator. This is the one that is meant.
    scms_credentials=api.SCMSUserPass(username=given["username"], password=given["password"])))
call(algorithms.get_algorithm_by_id_builds, given["id"])
call(algorithms.compile_algorithm_by_id, given["id"], api.BuildRequest(
    ssh_private_key=given["ssh"], commit_sha=given["sha"]))
call(algorithms.get_algorithm_by_id_build_by_id, given["id"], "build-0001")
call(algorithms.get_algorithm_by_id_build_logs, given["id"], "build-0001")
call(scms.update_scm, given["scm"], api.ScmUpdateRequest(enabled=False))
call(scms.delete_scm, given["scm"])
"#;

/// The Python that has the client; `.ci/run` makes it below `target`.
fn python() -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/algorithmia-client/bin/python3");
    let found = [own, PathBuf::from("python3")].into_iter().find(|python| {
        Command::new(python)
            .args(["-c", "import algorithmia_api_client"])
            .output()
            .is_ok_and(|output| output.status.success())
    });
    if found.is_none() {
        let message = "the vendor's client is missing: python3 -m venv target/algorithmia-client && target/algorithmia-client/bin/pip install algorithmia-api-client==1.5.5";
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{message}");
        println!("skipped: {message}");
    }
    found
}

/// What the vendor's client sends.
fn theirs(python: &Path, site: &Site, given: &Value) -> Vec<Recorded> {
    use std::io::Write;
    let before = site.cluster.requests().len();
    let mut child = site
        .command(python.to_str().unwrap())
        .args(["-c", CLIENT])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let text = given.to_string();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(text.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    site.cluster.requests().split_off(before)
}

/// What of a request has to be the same.
fn essence(request: &Recorded) -> Value {
    json!({
        "method": request.method,
        "path": request.path,
        "authorization": request.header("authorization"),
        // A request without a body has no type to be of.
        "content-type": request.header("content-type").filter(|_| request.length > 0),
        "accept": request.header("accept"),
        "body": request.body,
    })
}

#[test]
fn our_requests_are_those_of_the_vendors_client() {
    let Some(python) = python() else { return };
    let site = Site::new();
    let urls = json!({
        "web": "https://bb.acme.org",
        "api": "https://bb.acme.org",
        "ssh": "ssh://git@bb.acme.org:7999",
    });
    // Ours first; the answers of the stand-in then name the same things to the other client.
    let scm = site.scm();
    site.succeed(&["algorithmia", "scm", "update", &scm, "--disable"]);
    let mut update = vec!["algorithmia", "scm", "update", &scm, "--enable"];
    update.extend(crate::site::URLS);
    site.succeed(&update);
    let create = [
        "algorithmia",
        "algorithm",
        "create",
        "acme/new",
        "--scm",
        &scm,
    ];
    let mut create = create.to_vec();
    create.extend(["--environment", ENVIRONMENT]);
    site.succeed(&create);
    let key = site.folder().join("key.pem").display().to_string();
    site.write("config.yaml", &format!(
        "algorithmia:\n  builds:\n    - {{ repository: PRJ/hello, algorithm: {ID}, ssh_key_file: {key} }}\n"
    ));
    site.cluster.set_course(standin::Course {
        running: 1,
        end: standin::BuildEnd::Fails {
            log: "no".to_owned(),
            late: 0,
        },
        ..standin::Course::default()
    });
    let compile = [
        "compile",
        "--repository",
        "PRJ/hello",
        "--sha",
        SHA,
        "--wait",
    ];
    assert_eq!(site.run(&compile).code, Some(3));
    // It is used, so that the cluster will not delete it: what is sent is the same.
    let delete = ["algorithmia", "scm", "delete", &scm, "--force"];
    assert_eq!(site.run(&delete).code, Some(3));
    let ours = site.cluster.requests();
    site.cluster.assert_conforms();

    let (username, password) = site.cluster.project_owner();
    let given = json!({
        "url": site.cluster.url(),
        "key": site.cluster.api_key(),
        "admin": site.cluster.admin_key(),
        "username": username,
        "password": password,
        "urls": urls,
        "scm": scm,
        "environment": ENVIRONMENT,
        "id": ID,
        "sha": SHA,
        "ssh": standin::ssh_private_key(),
    });
    let theirs = theirs(&python, &site, &given);
    assert_eq!(theirs.len(), 12, "every call went out: {theirs:#?}");
    for their in &theirs {
        let mut wanted = essence(their);
        if their.path == "/v1/algorithms/acme" {
            // The vendor's page sends the owner once more, which the client's model does not know.
            assert!(wanted["body"]["settings"]["username"].is_null());
            wanted["body"]["settings"]["username"] = json!("acme");
        }
        if their.method == "POST" && their.path == "/v1/admin/scms" {
            // Its model writes the document's default out; the vendor's page leaves it to the server.
            let body = wanted["body"].as_object_mut().unwrap();
            assert_eq!(body.remove("enabled"), Some(json!(true)));
        }
        assert!(
            ours.iter().any(|our| essence(our) == wanted),
            "nothing of ours is\n{wanted:#}\namong\n{:#}",
            Value::from_iter(ours.iter().map(essence))
        );
    }
}
