//! The container: an engine builds it, and runs it as its image says.

use std::fs;
use std::io::{BufRead, BufReader};

use standin::{BitbucketStandIn, Command, TlsStandIn, feed};

use crate::image::Image;
use crate::machine::{BAD, GOOD, has_program, root, said, succeed};

const CONFIG: &str = "/etc/pushgate/config.yaml";
const AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";

#[test]
fn the_files_are_enough() {
    let Some(image) = Image::build() else { return };
    let listed = succeed(Command::new("find").arg(image.files()).args([
        "-mindepth",
        "1",
        "-printf",
        "%M %U %P\\n",
    ]));
    let mut lines: Vec<&str> = listed.lines().collect();
    lines.sort_by_key(|line| line.rsplit(' ').next());
    insta::assert_snapshot!("files", lines.join("\n"));

    let version = image.run(&[], &["--version"]).output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&version.stdout),
        format!("pushgate {}\n", env!("CARGO_PKG_VERSION")),
        "{}",
        said(&version)
    );
    for (document, code) in [(BAD, 1), (GOOD, 0)] {
        let mut check = image.run(&[], &["check", "--stdin-filename", "port.yaml"]);
        let output = feed(&mut check, document);
        assert_eq!(output.status.code(), Some(code), "{}", said(&output));
    }
}

/// What `docker run` takes from the image.
#[test]
fn engines_are_told_how_to_run_it() {
    let Some(image) = Image::build() else { return };
    let told = image.inspect();
    let promised = [
        "User",
        "Env",
        "Volumes",
        "ExposedPorts",
        "WorkingDir",
        "Entrypoint",
        "Cmd",
    ];
    let lines = promised.map(|key| format!("{key}: {}", told[key]));
    insta::assert_snapshot!("image", lines.join("\n"));
}

#[test]
fn it_serves_as_its_own_user() {
    let Some(image) = Image::build() else { return };
    if !has_program("curl", "a look at the container's server") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.yaml");
    fs::write(&config, "serve: { listen: '127.0.0.1:0' }\n").unwrap();
    let mut running = image.start(&[&Image::mounted(&config, CONFIG)]);
    let listening = BufReader::new(running.0.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("listening on ").map(str::to_owned));
    let address = listening.unwrap_or_else(|| {
        let errors = BufReader::new(running.0.stderr.take().unwrap()).lines();
        let words: Vec<String> = errors.map_while(Result::ok).collect();
        panic!("{}", words.join("\n"))
    });
    succeed(Command::new("curl").args(["--silent", "--fail", &format!("{address}/readyz")]));
    let mut outbox = Command::new("find");
    outbox
        .arg(image.storage())
        .args(["-name", "outbox.sqlite", "-printf", "%M %U:%G\\n"]);
    assert_eq!(succeed(&mut outbox), "-rw------- 65532:65532\n");
}

/// Whom it trusts comes from the file of authorities in the container and from nowhere else.
#[test]
fn it_trusts_the_authorities_that_were_packed() {
    let Some(image) = Image::build() else { return };
    let bitbucket = BitbucketStandIn::start().unwrap();
    let Some(server) = TlsStandIn::start(&[("localhost", &bitbucket.url())]).unwrap() else {
        return;
    };
    let address = format!("--env=BITBUCKET_SERVER_ADDRESS={}", server.url("localhost"));
    let ask = |more: &[&str]| {
        let mut options = vec![address.as_str(), "--env=BITBUCKET_SERVER_TOKEN=token"];
        options.extend_from_slice(more);
        let mut ask = image.run(&options, &["bitbucket", "webhooks", "list", "--all"]);
        let words = said(&ask.output().unwrap());
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let told = ask(&[]);
    assert!(told.contains("TLS failed"), "{told}");
    let folder = tempfile::tempdir().unwrap();
    let authorities = folder.path().join("authorities");
    let packed = image.files().join(AUTHORITIES.trim_start_matches('/'));
    let mut text = fs::read_to_string(packed).unwrap();
    text.push_str(&fs::read_to_string(server.certificate()).unwrap());
    fs::write(&authorities, text).unwrap();
    let told = ask(&[&Image::mounted(&authorities, AUTHORITIES)]);
    assert!(
        !told.contains("TLS failed") && !told.contains("can't be reached"),
        "{told}"
    );
}

#[test]
fn hadolint_finds_nothing_wrong() {
    if has_program("hadolint", "the lint of the Dockerfile") {
        let dockerfile = root().join("packaging/container/Dockerfile");
        succeed(Command::new("hadolint").arg(dockerfile));
    }
}
