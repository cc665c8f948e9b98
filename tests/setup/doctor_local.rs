//! `pushgate doctor` on this machine: configuration, state, hooks and keys.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use standin::Command;

use crate::server::{GOOD, Server, command};

/// What is said of one item of a bare machine: state, message and remedy.
fn of_item(home: &Path, id: &str, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let mut doctor = command(crate::server::PUSHGATE, home);
    doctor
        .current_dir(home)
        .env("PUSHGATE_STATE", home.join("state"))
        .envs(variables.iter().copied())
        .args(["doctor", "--only", id, "--format", "json"])
        .args(arguments);
    let output = doctor.output().unwrap();
    let told: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    let items = told["items"].as_array().unwrap();
    let item = items.iter().find(|item| item["id"] == id).unwrap();
    let text = |key: &str| item[key].as_str().unwrap_or_default().to_owned();
    let told = format!("{}: {}\n{}", text("state"), text("message"), text("remedy"));
    told.replace(home.to_str().unwrap(), "HOME")
}

/// Whether openssl is here; its absence is a failure on CI.
fn has_openssl() -> bool {
    let found = Command::new("openssl")
        .arg("version")
        .stdout(Stdio::null())
        .status();
    if found.is_ok_and(|status| status.success()) {
        return true;
    }
    assert_ne!(
        std::env::var("CI").as_deref(),
        Ok("true"),
        "openssl is missing"
    );
    println!("skipped: openssl is not here");
    false
}

fn openssl(folder: &Path, arguments: &[&str]) {
    let mut openssl = Command::new("openssl");
    let output = openssl
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
}

#[test]
fn the_configuration_s_mistakes_are_told_with_their_place() {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("config.yaml");
    let of = |id: &str, text: &str| {
        fs::write(&config, text).unwrap();
        of_item(
            home.path(),
            id,
            &["--config", config.to_str().unwrap()],
            &[],
        )
    };
    let told = [
        of("configuration.file", "gate: {}\n"),
        of("configuration.file", "gate:\n  enforcment: warn\n"),
        of_item(
            home.path(),
            "configuration.file",
            &["--config", "/nowhere.yaml"],
            &[],
        ),
        of(
            "configuration.rules",
            "rules: { port/missing-titel: warning }\n",
        ),
        of("configuration.rules", "gate: [\n"),
        of("configuration.enforcement", "gate: { enforcement: off }\n"),
        of("configuration.enforcement", "gate: { enforcement: warn }\n"),
        of("configuration.enforcement", "gate: { deadline: 60s }\n"),
        of("configuration.enforcement", ""),
    ];
    insta::assert_snapshot!(told.join("\n\n"));
}

#[test]
fn schemas_that_cannot_be_used_are_told_before_a_push_meets_them() {
    let home = tempfile::tempdir().unwrap();
    let path = |name: &str| home.path().join(name);
    fs::write(path("good.json"), r#"{"type": "object"}"#).unwrap();
    fs::write(path("bad.json"), r#"{"type": "text"}"#).unwrap();
    let old = r#"{"$schema": "http://json-schema.org/draft-03/schema#"}"#;
    fs::write(path("old.json"), old).unwrap();
    let config = |schemas: &[&str]| {
        let kinds = schemas.iter().enumerate().map(|(number, name)| {
            let schema = path(name);
            let schema = schema.to_str().unwrap();
            format!("  - {{ name: kind{number}, files: [{number}.yaml], schema: {schema} }}\n")
        });
        fs::write(
            path("config.yaml"),
            "kinds:\n".to_owned() + &kinds.collect::<String>(),
        )
        .unwrap();
        let config = path("config.yaml");
        let arguments = ["--config", config.to_str().unwrap()];
        of_item(home.path(), "configuration.rules", &arguments, &[])
    };
    assert_eq!(
        config(&["good.json"]),
        "ok: rules, kinds, schemas and patterns of the configuration can be used\n"
    );
    let told = config(&["bad.json", "good.json", "none.json", "old.json"]);
    let wrong = [
        "failed: the schema `HOME/bad.json` is not a JSON Schema",
        "the schema `HOME/none.json` can't be read",
        "the schema `HOME/old.json` is written in `http://json-schema.org/draft-03/schema",
        "rewrite it in draft 4, 6, 7, 2019-09 or 2020-12",
    ];
    for wrong in wrong {
        assert!(told.contains(wrong), "{told}");
    }
    assert!(!told.contains("good.json"), "{told}");
}

#[test]
fn the_state_folder_s_faults_are_told() {
    let home = tempfile::tempdir().unwrap();
    let state = home.path().join("state");
    let of = |id: &str| of_item(home.path(), id, &[], &[]);
    let mut told = vec![of("state.folder")];
    assert!(!state.exists(), "looking makes nothing");
    fs::write(&state, "").unwrap();
    told.push(of("state.folder"));
    fs::remove_file(&state).unwrap();
    fs::create_dir(&state).unwrap();
    told.push(of("state.folder"));
    fs::set_permissions(&state, fs::Permissions::from_mode(0o777)).unwrap();
    told.push(of("state.folder"));
    fs::set_permissions(&state, fs::Permissions::from_mode(0o700)).unwrap();
    told.push(of("state.store"));
    assert_eq!(
        fs::read_dir(&state).unwrap().count(),
        0,
        "looking makes nothing"
    );
    fs::write(state.join("outbox.sqlite"), "no database").unwrap();
    told.push(of("state.store"));
    told.push(of("state.deliveries"));
    let wrong = [("PUSHGATE_STORE", "postgres://ada:s3cret@127.0.0.1:9/x")];
    let store = of_item(home.path(), "state.store", &[], &wrong);
    assert!(!store.contains("s3cret"), "{store}");
    told.push(store);
    insta::assert_snapshot!(told.join("\n\n"));
}

#[test]
fn deliveries_that_are_stuck_are_counted() {
    let server = Server::named("PRJ/hello.git", &[])
        .config("delivery: { after_push: none }\nport: { deliver: always }\n");
    assert!(
        server
            .clone()
            .change("port.yaml", GOOD)
            .push(&["HEAD:main"])
            .accepted
    );
    let ran = server.pushgate(&["outbox", "list"], "");
    assert!(ran.status.success());
    let told = of_item(server.folder(), "state.deliveries", &[], &[]);
    assert_eq!(told, "ok: 1 delivery waits\n");
}

#[test]
fn the_hooks_of_a_bare_repository_are_looked_at() {
    let server = Server::named("PRJ/hello.git", &[]);
    let hooks = server.bare().join("hooks");
    let bare = server.bare().to_str().unwrap();
    let of = || of_item(server.folder(), "hook.installed", &[bare], &[]);
    let mut told = vec![of()];
    fs::set_permissions(hooks.join("pre-receive"), fs::Permissions::from_mode(0o644)).unwrap();
    told.push(of());
    server.hook("pre-receive", "exit 0");
    fs::remove_file(hooks.join("post-receive")).unwrap();
    told.push(of());
    server.git(&["config", "core.hooksPath", "elsewhere"]);
    told.push(of());
    told.push(of_item(server.folder(), "hook.installed", &[], &[]));
    // Whoever names a folder means it.
    server.git(&["init", "--quiet", "tree"]);
    for named in ["nowhere.git", "tree/.git/objects", "tree"] {
        told.push(of_item(server.bare(), "hook.installed", &[named], &[]));
    }
    let binary = ["--binary", "/nowhere/pushgate"];
    told.push(of_item(server.folder(), "hook.binary", &binary, &[]));
    told.push(of_item(
        server.folder(),
        "hook.binary",
        &["--binary", "/bin/false"],
        &[],
    ));
    let own = of_item(
        server.folder(),
        "hook.binary",
        &["--binary", crate::server::PUSHGATE],
        &[],
    );
    assert!(own.starts_with("ok: "), "{own}");
    insta::assert_snapshot!(told.join("\n\n"));
}

#[test]
fn every_form_of_the_application_link_s_key_is_known() {
    if !has_openssl() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    let genrsa = |name: &str, bits: &str| {
        openssl(home.path(), &["genrsa", "-traditional", "-out", name, bits])
    };
    genrsa("bitbucket.pem", "2048");
    genrsa("weak.pem", "1024");
    genrsa("broken.pem", "512");
    openssl(
        home.path(),
        &[
            "rsa",
            "-in",
            "bitbucket.pem",
            "-pubout",
            "-out",
            "bitbucket.pub",
        ],
    );
    openssl(
        home.path(),
        &[
            "pkcs8",
            "-topk8",
            "-nocrypt",
            "-in",
            "bitbucket.pem",
            "-out",
            "pkcs8.pem",
        ],
    );
    openssl(
        home.path(),
        &[
            "rsa",
            "-traditional",
            "-aes128",
            "-passout",
            "pass:x",
            "-in",
            "bitbucket.pem",
            "-out",
            "locked.pem",
        ],
    );
    openssl(
        home.path(),
        &["genpkey", "-algorithm", "ed25519", "-out", "ed25519.pem"],
    );
    fs::copy(at("weak.pem"), at("other.pem")).unwrap();
    genrsa("other.pem", "2048");
    fs::copy(at("bitbucket.pub"), at("other.pub")).unwrap();
    fs::write(at("text.pem"), "no key").unwrap();
    let of = |value: &str| {
        of_item(
            home.path(),
            "gimlet.key_pair",
            &[],
            &[("BITBUCKET_SERVER_PRIVATE_KEY", value)],
        )
    };
    let mut told = Vec::new();
    for name in [
        "bitbucket.pem",
        "weak.pem",
        "broken.pem",
        "other.pem",
        "pkcs8.pem",
        "locked.pem",
        "ed25519.pem",
        "bitbucket.pub",
        "text.pem",
        "missing.pem",
    ] {
        told.push(of(at(name).to_str().unwrap()));
    }
    let key = fs::read_to_string(at("bitbucket.pem")).unwrap();
    told.push(of(&key));
    assert_eq!(of(&key.replace('\n', "\\n")), of(&key));
    for text in &told {
        assert!(!text.contains(key.lines().nth(1).unwrap()), "{text}");
    }
    let gimlet = ("BITBUCKET_SERVER_CONSUMER_KEY", "OauthKey");
    for host in ["gimlet", "https://gimlet.example.com/"] {
        told.push(of_item(
            home.path(),
            "gimlet.address",
            &[],
            &[gimlet, ("HOST", host)],
        ));
    }
    insta::assert_snapshot!(told.join("\n\n"));
}

/// A screen of 24 lines ends with what is to be mended, and says one reason once.
#[test]
fn the_last_line_names_what_failed() {
    let server = Server::named("PRJ/hello.git", &[]);
    let arguments = ["--config", "/nowhere.yaml", "doctor"];
    let output = standin::Command::new(crate::server::PUSHGATE)
        .args(arguments)
        .current_dir(server.folder())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    let last = said.lines().last().unwrap();
    assert!(last.contains("1 failed (configuration.file)"), "{said}");
    assert_eq!(said.matches("not looked at, since").count(), 1, "{said}");
}
