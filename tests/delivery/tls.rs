//! Certificates: an authority of one's own is trusted where it is named, and nowhere else.

use std::process::Command;

use pushgate::config::Config;
use pushgate::environment::Environment;
use pushgate::http::{Client, Failure, Method, Request, Settings, TlsFault, Unreached};
use standin::{BitbucketStandIn, TlsStandIn};

/// A Bitbucket Server with a certificate that nobody knows; none without openssl.
fn server(bitbucket: &BitbucketStandIn) -> Option<TlsStandIn> {
    TlsStandIn::start(&[("localhost", &bitbucket.url())]).unwrap()
}

#[test]
fn an_authority_that_is_named_is_trusted() {
    let bitbucket = BitbucketStandIn::start().unwrap();
    let Some(server) = server(&bitbucket) else {
        return;
    };
    let url = server.url("localhost");
    let call = |ca_file| {
        let settings = Settings {
            ca_file,
            ..Settings::default()
        };
        let request = Request::new(Method::Get, url.as_str());
        Client::new(settings).unwrap().send(request)
    };
    let unknown = call(None).unwrap_err();
    let Failure::NotSent {
        reason: Unreached::Tls(TlsFault::UnknownIssuer),
        ..
    } = &unknown
    else {
        panic!("{unknown:?}");
    };
    assert!(unknown.advice().unwrap().contains("ca_file"));
    let answer = call(Some(server.certificate())).unwrap();
    assert_eq!(answer.status(), 404);
    assert_eq!(bitbucket.requests().len(), 1);
}

/// Of Bitbucket alone, and only where the operator says so.
#[test]
fn a_certificate_is_not_looked_at_where_an_operator_says_so() {
    let bitbucket = BitbucketStandIn::start().unwrap();
    let Some(server) = server(&bitbucket) else {
        return;
    };
    let url = server.url("localhost");
    let ca_file = server.certificate();
    let ask = |config: &str, skip: &str| {
        let variables = [
            ("BITBUCKET_SERVER_ADDRESS", url.as_str()),
            ("BITBUCKET_SERVER_TOKEN", bitbucket.token()),
            ("BITBUCKET_SERVER_SKIP_VERIFY", skip),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let environment = Environment::from_iter(variables);
        let config = Config::parse(config, "config.yaml").unwrap();
        let client = config.bitbucket(&environment).unwrap().unwrap();
        match client.version() {
            Ok(version) => version.to_string(),
            Err(problem) => problem.to_string(),
        }
    };
    let ca_file = format!("bitbucket: {{ ca_file: {} }}", ca_file.display());
    let reached = "9.2";
    for (config, skip, expected) in [
        ("", "true", reached),
        ("bitbucket: { skip_verify: true }", "", reached),
        (ca_file.as_str(), "", reached),
        ("", "", "TLS failed"),
        ("", "false", "TLS failed"),
        ("bitbucket: { skip_verify: true }", "false", "TLS failed"),
    ] {
        let told = ask(config, skip);
        assert!(told.contains(expected), "{config} {skip}: {told}");
    }
}

const ADDRESS: &str = "PUSHGATE_TEST_TLS";

/// Not a test by itself: a process that finds no certificates on its machine.
#[test]
fn the_one_without_certificates() {
    let Ok(url) = std::env::var(ADDRESS) else {
        return;
    };
    let client = Client::new(Settings::default()).unwrap();
    for _ in 0..2 {
        let failure = client
            .send(Request::new(Method::Get, url.as_str()))
            .unwrap_err();
        // The built-in authorities were asked, and don't know this one.
        assert!(
            failure.to_string().contains("signed by nobody"),
            "{failure}"
        );
    }
}

#[test]
fn a_machine_without_certificates_trusts_the_built_in_authorities() {
    let bitbucket = BitbucketStandIn::start().unwrap();
    let Some(server) = server(&bitbucket) else {
        return;
    };
    let url = server.url("localhost");
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "tls::the_one_without_certificates"])
        .env(ADDRESS, &url)
        .env("SSL_CERT_FILE", "/nowhere")
        .env("SSL_CERT_DIR", "/nowhere")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}");
    assert!(told.contains("1 passed"), "{told}");
}
