//! Certificates: an authority of one's own is trusted where it is named, and nowhere else.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use pushgate::config::Config;
use pushgate::environment::Environment;
use pushgate::http::{Client, Failure, Method, Request, Settings, Unreached};

use crate::bench::{has_program, run};

/// A server with a certificate that nobody knows; ended when dropped.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(folder: &Path) -> Self {
        let (key, certificate) = (folder.join("key.pem"), folder.join("cert.pem"));
        let (key, certificate) = (key.to_str().unwrap(), certificate.to_str().unwrap());
        run(
            "openssl",
            &[
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=DNS:localhost",
                "-addext",
                "basicConstraints=critical,CA:FALSE",
                "-keyout",
                key,
                "-out",
                certificate,
            ],
        );
        let mut child = Command::new("openssl")
            .args([
                "s_server",
                "-accept",
                "localhost:0",
                "-www",
                "-key",
                key,
                "-cert",
                certificate,
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines
            .map_while(Result::ok)
            .find_map(|line| Some(line.strip_prefix("ACCEPT ")?.rsplit_once(':')?.1.to_owned()))
            .unwrap();
        Self {
            child,
            url: format!("https://localhost:{port}/"),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_authority_that_is_named_is_trusted() {
    if !has_program("openssl", "a server with TLS") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let call = |ca_file| {
        let settings = Settings {
            ca_file,
            ..Settings::default()
        };
        let request = Request::new(Method::Get, server.url.as_str());
        Client::new(settings).unwrap().send(request)
    };
    let unknown = call(None).unwrap_err();
    let Failure::NotSent {
        reason: Unreached::Tls(_),
        ..
    } = &unknown
    else {
        panic!("{unknown:?}");
    };
    assert!(unknown.advice().unwrap().contains("ca_file"));
    let answer = call(Some(folder.path().join("cert.pem"))).unwrap();
    assert_eq!(answer.status(), 200);
}

/// Of Bitbucket alone, and only where the operator says so.
#[test]
fn a_certificate_is_not_looked_at_where_an_operator_says_so() {
    if !has_program("openssl", "a server with TLS") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let ca_file = folder.path().join("cert.pem");
    let ask = |config: &str, skip: &str| {
        let variables = [
            ("BITBUCKET_SERVER_ADDRESS", server.url.as_str()),
            ("BITBUCKET_SERVER_TOKEN", "token"),
            ("BITBUCKET_SERVER_SKIP_VERIFY", skip),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let environment = Environment::from_iter(variables);
        let config = Config::parse(config, "config.yaml").unwrap();
        let client = config.bitbucket(&environment).unwrap().unwrap();
        client.version().unwrap_err().to_string()
    };
    let ca_file = format!("bitbucket: {{ ca_file: {} }}", ca_file.display());
    let reached = "the answer is no JSON";
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
        assert!(failure.to_string().contains("UnknownIssuer"), "{failure}");
    }
}

#[test]
fn a_machine_without_certificates_trusts_the_built_in_authorities() {
    if !has_program("openssl", "a server with TLS") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "tls::the_one_without_certificates"])
        .env(ADDRESS, &server.url)
        .env("SSL_CERT_FILE", folder.path().join("none"))
        .env("SSL_CERT_DIR", folder.path().join("none"))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}");
    assert!(told.contains("1 passed"), "{told}");
}
