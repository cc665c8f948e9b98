//! The stand-ins notice what the systems' own specifications forbid.

use pushgate::http::{Method, Request, Secret};
use standin::{AlgorithmiaStandIn, PortStandIn};

use crate::bench::{PATIENCE, http_client};

#[test]
fn requests_that_break_the_specification_are_kept() {
    let port = PortStandIn::start().unwrap();
    let specified = {
        let unknown = format!("{}/v1/no/such/route", port.url());
        http_client(PATIENCE)
            .send(Request::new(Method::Get, unknown))
            .unwrap();
        !port.violations().is_empty()
    };
    if !specified {
        println!("skipped: Port's specification is not here");
        return;
    }
    let url = format!("{}/v1/blueprints/service/entities/bulk", port.url());
    for (query, body, violation) in [
        (
            "",
            r#"{"entities":[{"identifier":"x"}]}"#,
            "upsert is missing",
        ),
        (
            "?upsert=yes",
            r#"{"entities":[{"identifier":"x"}]}"#,
            "no boolean",
        ),
        (
            "?upsert=true&force=1",
            r#"{"entities":[{"identifier":"x"}]}"#,
            "unknown",
        ),
        ("?upsert=true", r#"{"entities":[]}"#, "/entities"),
        (
            "?upsert=true",
            r#"{"entities":[{"identifier":"a b"}]}"#,
            "/identifier",
        ),
        (
            "?upsert=true",
            r#"{"entities":[{"identifier":"x","title":1}]}"#,
            "/title",
        ),
    ] {
        let before = port.violations().len();
        let request = Request::new(Method::Post, format!("{url}{query}"));
        let request = request.json_bytes(body.as_bytes().to_vec());
        http_client(PATIENCE).send(request).unwrap();
        let violations = port.violations().split_off(before);
        let told = violations.join("\n");
        assert!(told.contains(violation), "{query} {body}: {told}");
    }

    let algorithmia = AlgorithmiaStandIn::start().unwrap();
    let url = format!("{}/v1/algorithms/acme/hello/compile", algorithmia.url());
    let request = Request::new(Method::Post, url)
        .authorization("Simple", &Secret::new("key"))
        .json_bytes(br#"{"commitSha":1}"#.to_vec());
    http_client(PATIENCE).send(request).unwrap();
    assert!(algorithmia.violations().concat().contains("/commitSha"));
}
