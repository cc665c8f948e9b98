//! `pushgate doctor` against servers: good set-ups, and what it says of each bad one.

use serde_json::Value;
use standin::{AlgorithmiaStandIn, Fault, PortStandIn, TlsStandIn, ssh_private_key};

use crate::world::{Answer, World};

fn doctor(world: &World, arguments: &[&str]) -> Answer {
    world.run(&[&["doctor"], arguments].concat())
}

fn json(answer: &Answer) -> Value {
    serde_json::from_str(&answer.out).unwrap_or_else(|error| panic!("{error}: {answer:?}"))
}

/// What is said of one item: its state, its message and its remedy.
pub fn of_item(world: &World, id: &str, arguments: &[&str]) -> String {
    let only = ["--only", id, "--format", "json"];
    let answer = doctor(world, &[&only[..], arguments].concat());
    let told = json(&answer);
    let items = told["items"].as_array().unwrap();
    let item = items.iter().find(|item| item["id"] == id).unwrap();
    let state = item["state"].as_str().unwrap();
    assert_eq!(
        answer.code,
        Some(i32::from(told["summary"]["failed"] != 0)),
        "{told}"
    );
    // What is not well has a remedy, what is well has none.
    assert_eq!(item["remedy"].is_null(), state == "ok", "{item}");
    let remedy = item["remedy"].as_str().unwrap_or_default();
    world.shown(&format!(
        "{state}: {}\n{remedy}",
        item["message"].as_str().unwrap()
    ))
}

#[test]
fn a_good_set_up_is_well_on_every_version() {
    let port = PortStandIn::start().unwrap();
    let algorithmia = AlgorithmiaStandIn::start().unwrap();
    algorithmia.add_algorithm("acme", "hello", "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f");
    for version in ["5.6.0", "7.21.0", "8.0.0", "8.18.0", "9.2.0"] {
        let mut world = World::of_version(version);
        world.set("PORT_CLIENT_ID", port.client_id());
        world.set("PORT_CLIENT_SECRET", port.client_secret());
        world.set("PORT_API_URL", &port.url());
        world.set("ALGORITHMIA_API", &algorithmia.url());
        world.set("ALGORITHMIA_API_KEY", algorithmia.api_key());
        let key = world.home.path().join("key.pem");
        std::fs::write(&key, ssh_private_key()).unwrap();
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
        let config = world.home.path().join("config.yaml");
        std::fs::write(
            &config,
            "algorithmia:\n  builds:\n    - { repository: PRJ/hello, algorithm: acme/hello, ssh_key_file: key.pem }\n",
        )
        .unwrap();
        let config = config.to_str().unwrap();
        let answer = doctor(&world, &["--config", config, "--format", "json"]);
        let told = json(&answer);
        let unwell: Vec<&Value> = told["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|item| item["state"] != "ok" && item["state"] != "skipped")
            .collect();
        assert!(unwell.is_empty(), "{version}: {unwell:#?}");
        assert!(
            told["summary"]["ok"].as_u64() >= Some(14),
            "{version}: {told:#}"
        );
        world.bitbucket.assert_conforms();
        assert!(world.bitbucket.writes().is_empty());
    }
    port.assert_conforms();
}

#[test]
fn nothing_set_up_is_nothing_wrong() {
    let mut world = World::of_version("9.2.0");
    for name in [
        "BITBUCKET_SERVER_ADDRESS",
        "BITBUCKET_SERVER_TOKEN",
        "WEBHOOK_SECRET",
    ] {
        world.set(name, "");
    }
    let answer = doctor(&world, &[]);
    assert_eq!(answer.code, Some(0), "{answer:?}");
    insta::assert_snapshot!(world.shown(&answer.out));
}

#[test]
fn the_form_for_programs_stays() {
    let world = World::of_version("9.2.0");
    let answer = doctor(&world, &["--only", "bitbucket.server,", "--format", "json"]);
    assert_eq!(answer.code, Some(2), "{answer:?}");
    let answer = doctor(
        &world,
        &["--only", "bitbucket.permissions", "--format", "json"],
    );
    insta::assert_snapshot!(world.shown(&answer.out));
}

/// Makes a set-up bad.
type Spoil = fn(&mut World);

#[test]
fn every_failure_of_bitbucket_is_told_with_its_remedy() {
    let cases: [(&str, &str, Spoil, &[&str]); 14] = [
        (
            "nobody listens",
            "bitbucket.server",
            |world| world.set("BITBUCKET_SERVER_ADDRESS", "http://127.0.0.1:9"),
            &[],
        ),
        (
            "no address",
            "bitbucket.server",
            |world| world.set("BITBUCKET_SERVER_ADDRESS", "bitbucket"),
            &[],
        ),
        (
            "no credentials",
            "bitbucket.server",
            |world| world.set("BITBUCKET_SERVER_TOKEN", ""),
            &[],
        ),
        (
            "too old",
            "bitbucket.server",
            |world| world.bitbucket.set_version("5.5.9"),
            &[],
        ),
        (
            "no bitbucket",
            "bitbucket.server",
            |world| {
                world
                    .bitbucket
                    .fail_next("", 1, &Fault::with_body(200, "<h1>It works!</h1>"));
            },
            &[],
        ),
        (
            "redirect",
            "bitbucket.server",
            |world| {
                world.bitbucket.fail_next(
                    "",
                    1,
                    &Fault::with_header(302, "location", "https://sso.example.com/"),
                );
            },
            &[],
        ),
        (
            "wrong token",
            "bitbucket.credentials",
            |world| {
                world
                    .bitbucket
                    .fail_next("/projects", 1, &Fault::status(401));
            },
            &[],
        ),
        (
            "no permission",
            "bitbucket.permissions",
            |world| world.bitbucket.set_permission("NONE"),
            &[],
        ),
        (
            "reader",
            "bitbucket.permissions",
            |world| world.bitbucket.set_permission("REPO_READ"),
            &[],
        ),
        (
            "reader of one",
            "bitbucket.permissions",
            |world| world.bitbucket.set_permission("REPO_READ"),
            &["--repository", "PRJ/hello"],
        ),
        (
            "no such repository",
            "bitbucket.permissions",
            |_| {},
            &["--repository", "PRJ/none"],
        ),
        (
            "not installed",
            "bitbucket.gate",
            |_| {},
            &["--repository", "PRJ/hello"],
        ),
        (
            "not permitted",
            "bitbucket.gate",
            |world| world.bitbucket.set_permission("REPO_READ"),
            &["--repository", "PRJ/hello"],
        ),
        (
            "skips",
            "bitbucket.certificate",
            |world| {
                world.set("BITBUCKET_SERVER_ADDRESS", "https://bitbucket.example.com");
                world.set("BITBUCKET_SERVER_SKIP_VERIFY", "true");
            },
            &[],
        ),
    ];
    let mut told = String::new();
    for (name, item, spoil, arguments) in cases {
        let mut world = World::of_version("9.2.0");
        spoil(&mut world);
        told.push_str(&format!(
            "# {name}: {item}\n{}\n\n",
            of_item(&world, item, arguments)
        ));
    }
    insta::assert_snapshot!(told);
}

#[test]
fn a_certificate_that_nobody_trusts_is_told() {
    let mut world = World::of_version("9.2.0");
    let Some(tls) = TlsStandIn::start(&[("localhost", &world.bitbucket.url())]).unwrap() else {
        return;
    };
    let Some(other) = TlsStandIn::start(&[("localhost", &world.bitbucket.url())]).unwrap() else {
        return;
    };
    let config = world.home.path().join("config.yaml");
    let named = ["--config", config.to_str().unwrap()];
    let mut told = Vec::new();
    for (host, authority) in [
        ("localhost", None),
        ("localhost", Some(&other)),
        ("localhost", Some(&tls)),
        ("127.0.0.1", Some(&tls)),
    ] {
        world.set("BITBUCKET_SERVER_ADDRESS", &tls.url(host));
        let text = authority.map_or(String::new(), |authority| {
            let file = authority.certificate().display().to_string();
            format!("bitbucket: {{ ca_file: {file} }}\n")
        });
        std::fs::write(&config, text).unwrap();
        let said = of_item(&world, "bitbucket.certificate", &named);
        let url = tls.url(host);
        told.push(said.replace(url.trim_start_matches("https://"), host));
        // Who is not trusted is sent nothing.
        let is_trusted = told.len() == 3;
        assert_eq!(world.bitbucket.requests().is_empty(), told.len() < 3);
        let server = of_item(&world, "bitbucket.server", &named);
        assert_eq!(server.starts_with("ok: "), is_trusted, "{server}");
    }
    insta::assert_snapshot!(told.join("\n\n"));
}

#[test]
fn what_the_uploaded_script_starts_is_looked_for_on_this_node() {
    let world = World::of_version("9.2.0");
    let of = || of_item(&world, "hook.on_node", &["--repository", "PRJ/hello"]);
    let mut told = vec![of()];
    let folder = world.home.path();
    let binary = folder.join("pushgate");
    let config = folder.join("gate.yaml");
    world.run(&[
        "bitbucket",
        "hooks",
        "install",
        "--repository",
        "PRJ/hello",
        "--binary",
        binary.to_str().unwrap(),
        "--node-config",
        config.to_str().unwrap(),
    ]);
    told.push(of());
    std::fs::write(&binary, "#!/bin/sh\necho pushgate 0.0.1\n").unwrap();
    std::fs::write(&config, "").unwrap();
    told.push(of());
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(&binary, std::fs::Permissions::from_mode(0o755)).unwrap();
    told.push(of());
    std::fs::remove_file(&binary).unwrap();
    std::os::unix::fs::symlink(crate::server::PUSHGATE, &binary).unwrap();
    told.push(of());
    insta::assert_snapshot!(told.join("\n\n"));
}

#[test]
fn a_clock_that_is_wrong_is_told() {
    let world = World::of_version("9.2.0");
    let at = |seconds: u64| {
        let moment = if seconds > 1_000_000 {
            std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds)
        } else {
            std::time::SystemTime::now() + std::time::Duration::from_secs(seconds)
        };
        let date = httpdate::fmt_http_date(moment);
        // `configuration.file` asks nobody: the next request is the clock's.
        world
            .bitbucket
            .fail_next("/", 1, &Fault::with_header(200, "date", &date));
        of_item(&world, "clock.difference", &[])
    };
    assert!(at(0).starts_with("ok: it agrees with Bitbucket"));
    assert!(at(120).starts_with("warning: this clock is 1"));
    let late = at(1_000_000_000);
    assert!(
        late.starts_with("failed: this clock is ") && late.contains(" s ahead of Bitbucket's"),
        "{late}"
    );
    assert!(late.ends_with("set the clock by NTP, here or there: `timedatectl set-ntp true`"));
}

#[test]
fn servers_that_hang_cost_their_time_and_no_more() {
    let world = World::of_version("9.2.0");
    world.bitbucket.fail_by(|_| Some(Fault::Hang));
    let begun = std::time::Instant::now();
    let answer = doctor(&world, &["--timeout", "1", "--format", "json"]);
    assert_eq!(answer.code, Some(1));
    let told = json(&answer);
    let items = told["items"].as_array().unwrap();
    let state = |id: &str| items.iter().find(|item| item["id"] == id).unwrap()["state"].clone();
    assert_eq!(state("bitbucket.server"), "failed");
    assert_eq!(state("bitbucket.credentials"), "skipped");
    assert_eq!(state("state.folder"), "ok");
    // A bound far away: three items, one after the other, take a second each at most.
    assert!(begun.elapsed().as_secs() < 30);
}

#[test]
fn hostile_words_reach_no_terminal() {
    let world = World::of_version("9.2.0");
    let hostile = format!(
        r#"{{"errors": [{{"message": "\u001b[2J\u202e {} {}", "exceptionName": "x\u0007"}}]}}"#,
        world.bitbucket.token(),
        crate::world::SECRET
    );
    for item in [
        "bitbucket.server",
        "bitbucket.credentials",
        "bitbucket.permissions",
    ] {
        world.bitbucket.fail_by({
            let hostile = hostile.clone();
            move |_| Some(Fault::with_body(400, &hostile))
        });
        let answer = doctor(&world, &["--only", item]);
        assert_eq!(answer.code, Some(1));
        assert!(
            answer.out.chars().all(|c| c == '\n' || !c.is_control()),
            "{answer:?}"
        );
        assert!(!answer.out.contains('\u{202e}'));
    }
}
