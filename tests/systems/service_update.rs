//! `pipelines service-update` against a stand-in for DuploCloud.

use standin::{DuploStandIn, DuploVersion, Fault};

use crate::run::{code, folder, pushgate, said, told};

const TOKEN: &str = "AQAAtokentokentoken";

fn update(host: &str, arguments: &[&str]) -> std::process::Output {
    let all = [&["pipelines", "service-update"][..], arguments].concat();
    let variables = [("DUPLO_HOST", host), ("DUPLO_TOKEN", TOKEN)];
    pushgate(folder(&[]).path(), &variables, &all)
}

const HELLO: [&str; 6] = [
    "--tenant",
    "dev",
    "--service",
    "hello",
    "--image",
    "registry.example.com/hello:2",
];

fn methods(duplo: &DuploStandIn) -> Vec<String> {
    let requests = duplo.requests();
    requests
        .iter()
        .map(|one| format!("{} {}", one.method, one.path))
        .collect()
}

#[test]
fn the_image_is_changed_by_the_newer_call_and_waited_for() {
    let duplo = DuploStandIn::start(DuploVersion::V3, TOKEN).unwrap();
    // As DuploCloud's own documentation writes the address.
    let output = update(
        &format!("{}/", duplo.url()),
        &[&HELLO[..], &["--wait"]].concat(),
    );
    insta::assert_snapshot!(told(&output));
    assert_eq!(
        duplo.image("hello").unwrap(),
        "registry.example.com/hello:2"
    );
    let asked = methods(&duplo);
    let tenant = "5e0c7f2a-0000-4000-8000-000000000001";
    assert_eq!(
        asked[..4],
        [
            "GET /adminproxy/GetTenantNames".to_owned(),
            format!("GET /subscriptions/{tenant}/GetReplicationControllers"),
            format!(
                "PUT /v3/subscriptions/{tenant}/containers/replicationController/hello/containerimage"
            ),
            format!("GET /subscriptions/{tenant}/GetPods"),
        ]
    );
    let put = &duplo.requests()[2];
    assert_eq!(
        put.text,
        r#"[{"ContainerName":"duplo-main-container","ImageName":"registry.example.com/hello:2"}]"#
    );
}

#[test]
fn an_older_portal_gets_the_older_call_with_the_tags_it_has() {
    let duplo = DuploStandIn::start(DuploVersion::V2, TOKEN).unwrap();
    let output = update(&duplo.url(), &HELLO);
    assert_eq!(
        told(&output),
        "dev/hello was told to run registry.example.com/hello:2\n= 0\n"
    );
    let change = duplo.requests().pop().unwrap();
    assert!(change.path.ends_with("/ReplicationControllerChange"));
    assert_eq!(change.body["AllocationTags"], "web");
    assert_eq!(
        duplo.image("hello").unwrap(),
        "registry.example.com/hello:2"
    );
    // No pods are looked at where nobody waits.
    assert_eq!(methods(&duplo).len(), 4);
    // A sidecar is something that the older call does not know.
    let sidecar = update(
        &duplo.url(),
        &[&HELLO[..], &["--container", "logs"]].concat(),
    );
    assert_eq!(code(&sidecar), 3);
    assert!(
        said(&sidecar).contains("main container only"),
        "{}",
        said(&sidecar)
    );
}

#[test]
fn what_passes_while_waiting_does_not_end_it() {
    let duplo = DuploStandIn::start(DuploVersion::V3, TOKEN).unwrap();
    duplo.fail_next("GetPods", &Fault::status(503));
    duplo.fail_next("GetPods", &Fault::CloseBeforeApply);
    let output = update(&duplo.url(), &[&HELLO[..], &["--wait"]].concat());
    assert_eq!(code(&output), 0, "{}", said(&output));
}

#[test]
fn waiting_has_an_end() {
    let duplo = DuploStandIn::start(DuploVersion::V3, TOKEN).unwrap();
    duplo.never_run();
    let output = update(
        &duplo.url(),
        &[&HELLO[..], &["--wait", "--timeout", "1"]].concat(),
    );
    insta::assert_snapshot!(told(&output));
}

#[test]
fn what_is_wrong_is_said_in_words_and_changes_nothing() {
    let duplo = DuploStandIn::start(DuploVersion::V3, TOKEN).unwrap();
    let url = duplo.url();
    let run = |title: &str, variables: &[(&str, &str)], arguments: &[&str]| {
        let all = [&["pipelines", "service-update"][..], arguments].concat();
        let output = pushgate(folder(&[]).path(), variables, &all);
        format!("# {title}\n{}", told(&output).replace(&url, "http://duplo"))
    };
    let good = [("DUPLO_HOST", url.as_str()), ("DUPLO_TOKEN", TOKEN)];
    let of = |tenant, service, image| ["--tenant", tenant, "--service", service, "--image", image];
    let mut text = [
        run("no host", &[("DUPLO_TOKEN", TOKEN)], &HELLO),
        run("no token", &[("DUPLO_HOST", &url)], &HELLO),
        run(
            "no address",
            &[
                ("DUPLO_HOST", "example.duplocloud.net"),
                ("DUPLO_TOKEN", TOKEN),
            ],
            &HELLO,
        ),
        run(
            "no tag",
            &good,
            &of("dev", "hello", "registry.example.com/hello"),
        ),
        run("no image", &good, &of("dev", "hello", "hello world")),
        run("another tenant", &good, &of("prod", "hello", "hello:2")),
        run("another service", &good, &of("dev", "helo", "hello:2")),
        run(
            "a wrong token",
            &[
                ("DUPLO_HOST", &url),
                ("DUPLO_TOKEN", "wrong-token-of-somebody"),
            ],
            &HELLO,
        ),
        run(
            "a deeper address",
            &[
                ("DUPLO_HOST", &format!("{url}/app//x")),
                ("DUPLO_TOKEN", TOKEN),
            ],
            &HELLO,
        ),
    ]
    .concat();
    let is_change = |one: &standin::Recorded| one.method != "GET";
    assert!(!duplo.requests().iter().any(is_change));
    duplo.fail_next(
        "containerimage",
        &Fault::with_body(500, &format!(r#"{{"Message":"bad {TOKEN}"}}"#)),
    );
    text.push_str(&run("a failure", &good, &HELLO));
    insta::assert_snapshot!(text);
    assert!(!text.contains(TOKEN) && !text.contains("wrong-token-of-somebody"));
}
