//! From an accepted push to Port and Algorithmia, which answer on loopback.

use std::fs;

use serde_json::{Value, json};
use standin::{Command, Fault};

use crate::server::{BAD, GOOD, PUSHGATE, Server, text};
use crate::site::{BUILDS, BY_HAND, PATIENT, Site, entity};

#[test]
fn a_push_reaches_port_and_what_leaves_the_file_leaves_port() {
    let site = Site::new(PATIENT);
    let clone = site.server.clone();
    let push = clone
        .change("port.yaml", entity("a") + &entity("b"))
        .push(&["HEAD:main"]);
    let said = Site::after(&push);
    assert!(said.contains("2 written, 0 deleted"), "{said}");
    assert_eq!(site.entities(), ["service/a", "service/b"]);
    site.port
        .insert("service", "foreign", json!({"title": "not ours"}));
    let push = clone
        .change("port.yaml", entity("b") + &entity("c"))
        .push(&["HEAD:main"]);
    assert!(
        push.said
            .starts_with("pushgate 0.1.0: accepted; Port: 1 new, 1 deleted"),
        "{}",
        push.said
    );
    assert_eq!(
        site.entities(),
        ["service/b", "service/c", "service/foreign"]
    );
    assert_eq!(site.outbox(), Vec::<Value>::new());
    let agent = site.port.requests_on("/entities/bulk")[0]
        .header("user-agent")
        .map(str::to_owned);
    assert_eq!(agent.as_deref(), Some("pushgate/0.1.0 (PRJ/hello)"));
    site.port.assert_conforms();
}

#[test]
fn what_is_to_stay_is_not_told_as_deleted() {
    let site = Site::new("port: { delete: false }\n");
    let clone = site.server.clone();
    let first = entity("a") + &entity("b");
    Site::after(&clone.change("port.yaml", first).push(&["HEAD:main"]));
    let push = clone
        .change("port.yaml", entity("b") + &entity("c"))
        .push(&["HEAD:main"]);
    assert!(
        push.said
            .starts_with("pushgate 0.1.0: accepted; Port: 1 new, 1 kept"),
        "{}",
        push.said
    );
    site.deliver();
    assert_eq!(site.entities(), ["service/a", "service/b", "service/c"]);
}

#[test]
fn only_the_default_branch_goes_to_port() {
    let site = Site::new(PATIENT);
    let clone = site.server.clone();
    let push = clone.change("port.yaml", GOOD).push(&["HEAD:topic"]);
    assert_eq!(Site::after(&push), "");
    let push = clone.push(&["HEAD:main"]);
    assert!(Site::after(&push).contains("1 written"), "{}", push.said);
    let push = clone
        .change("README.md", "no entity changes")
        .push(&["HEAD:main"]);
    assert_eq!(Site::after(&push), "");
    assert_eq!(site.port.requests_on("/entities/bulk").len(), 1);
}

#[test]
fn an_explicit_null_clears_and_a_file_is_sent_as_its_text() {
    let site = Site::new(&format!(
        "rules: {{ port/file-missing: warning }}\n{PATIENT}"
    ));
    let clone = site.server.clone();
    clone.write("docs/guide.md", "# Guide\n");
    let document = "identifier: a\ntitle: A\nblueprint: service\nproperties:\n  language: Rust\n  guide: file://docs/guide.md\n  lost: file://docs/lost.md\n";
    let push = clone.change("port.yaml", document).push(&["HEAD:main"]);
    let said = Site::after(&push);
    assert!(
        said.contains("property `lost` stays as Port has it"),
        "{said}"
    );
    let properties = site.port.entity("service", "a").unwrap()["properties"].clone();
    assert_eq!(
        properties,
        json!({"language": "Rust", "guide": "# Guide\n"})
    );
    let document = document.replace("Rust", "null");
    Site::after(&clone.change("port.yaml", document).push(&["HEAD:main"]));
    let properties = site.port.entity("service", "a").unwrap()["properties"].clone();
    assert_eq!(properties["language"], Value::Null);
    site.port.assert_conforms();
}

#[test]
fn a_document_that_does_not_parse_deletes_nothing() {
    let site = Site::new(&format!("gate: {{ enforcement: warn }}\n{PATIENT}"));
    let clone = site.server.clone();
    Site::after(
        &clone
            .change("port.yaml", entity("a") + &entity("b"))
            .push(&["HEAD:main"]),
    );
    for broken in [
        "- identifier: [a\n",
        "a: 1\na: 2\n",
        "- title: no key\n",
        "- a\n---\n- b\n",
    ] {
        let push = clone.change("port.yaml", broken).push(&["HEAD:main"]);
        assert!(push.accepted, "{}", push.raw);
        assert!(
            push.said.contains("nothing goes to Port: port.yaml"),
            "{broken:?}: {}",
            push.said
        );
        assert_eq!(site.entities(), ["service/a", "service/b"]);
        // Mended, it brings nothing back that was never gone.
        Site::after(
            &clone
                .change("port.yaml", entity("a") + &entity("b"))
                .push(&["HEAD:main"]),
        );
        assert_eq!(site.entities(), ["service/a", "service/b"]);
    }
    clone.git(&["rm", "-q", "port.yaml"]);
    clone.commit().push(&["HEAD:main"]);
    assert_eq!(site.entities(), Vec::<String>::new());
}

#[test]
fn deleting_the_default_branch_deletes_nothing() {
    let site = Site::new(PATIENT);
    site.server
        .git(&["config", "receive.denyDeleteCurrent", "false"]);
    let clone = site.server.clone();
    Site::after(&clone.change("port.yaml", GOOD).push(&["HEAD:main"]));
    let push = clone.push(&["--delete", "main"]);
    assert!(push.accepted, "{}", push.raw);
    assert_eq!(site.entities(), ["service/hello"]);
}

#[test]
fn without_credentials_nothing_is_queued_unless_the_operator_says_so() {
    let server = Server::new();
    let push = server
        .clone()
        .change("port.yaml", GOOD)
        .push(&["HEAD:main"]);
    assert_eq!(
        push.said,
        "pushgate 0.1.0: accepted; Port: 1 new, not delivered: no credentials"
    );
    assert!(!server.state().exists());
    let server =
        Server::new().config("port: { deliver: always }\ndelivery: { after_push: none }\n");
    let push = server
        .clone()
        .change("port.yaml", GOOD)
        .push(&["HEAD:main"]);
    assert!(push.said.contains("1 delivery queued"), "{}", push.said);
    let output = server.pushgate(&["deliver"], "");
    assert_eq!(output.status.code(), Some(3));
    assert!(
        text(&output.stderr).contains("PORT_CLIENT_ID"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn a_state_folder_that_cannot_be_written_is_said_and_the_push_stands() {
    let site = Site::new(PATIENT);
    fs::write(site.server.state(), "a file where the folder should be").unwrap();
    let push = site
        .server
        .clone()
        .change("port.yaml", GOOD)
        .push(&["HEAD:main"]);
    let said = Site::after(&push);
    assert!(
        said.starts_with("pushgate 0.1.0: accepted, but not delivered: "),
        "{said}"
    );
}

/// The delivering process lives on while Port hangs; the pusher does not wait for it.
#[test]
fn a_hanging_port_keeps_no_pusher_waiting() {
    let site = Site::new("delivery: { wait: 50ms }\n");
    site.port.fail_next(1, &Fault::Hang);
    let push = site
        .server
        .clone()
        .change("port.yaml", GOOD)
        .push(&["HEAD:main"]);
    let said = Site::after(&push);
    assert!(said.contains("1 delivery queued"), "{said}");
    assert_eq!(site.outbox().len(), 1);
}

/// A server may leave descriptors open that it does not mark: whoever reads their other end must
/// not wait for the delivering process.
#[cfg(unix)]
#[test]
fn the_delivering_process_holds_no_descriptor_of_the_server() {
    let site = Site::new("delivery: { wait: 50ms }\n");
    let clone = site.server.clone();
    clone
        .change("port.yaml", GOOD)
        .push_unchecked(&["HEAD:main"]);
    site.port.fail_next(1, &Fault::Hang);
    let line = format!(
        "{} {} refs/heads/main\n",
        "0".repeat(40),
        site.server.tip("main").unwrap()
    );
    let mut shell = site.server.command("sh");
    shell.args(["-c", "exec \"$0\" hook post-receive 9>&1 8>&2", PUSHGATE]);
    // This returns once both pipes are closed by everybody.
    let output = crate::server::feed(&mut shell, &line);
    assert_eq!(output.status.code(), Some(0));
    assert!(
        text(&output.stderr).contains("1 delivery queued"),
        "{}",
        text(&output.stderr)
    );
    // Who delivers is still at it: Port has not answered, and no try has ended.
    let waiting = site.outbox();
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    assert_eq!(waiting[0]["attempts"], 0, "{waiting:?}");
}

#[test]
fn bitbucket_8_names_the_repository_and_gives_no_directory() {
    let site = Site::new(PATIENT);
    let line = format!("{} {} refs/heads/main\n", "0".repeat(40), "1".repeat(40));
    let mut hook = site.server.command(PUSHGATE);
    hook.args(["hook", "post-receive"])
        .current_dir("/")
        .env("BB_PROJECT_KEY", "PRJ")
        .env("BB_REPO_SLUG", "hello");
    let output = crate::server::feed(&mut hook, &line);
    assert_eq!(output.status.code(), Some(3));
    let said = text(&output.stderr);
    assert!(
        said.contains("accepted, but not delivered: Bitbucket starts this hook"),
        "{said}"
    );
    assert!(site.port.requests().is_empty());
}

/// Relative paths in the configuration mean the same in the process that delivers later.
#[test]
fn a_relative_configuration_and_state_folder_are_fine() {
    let site = Site::new(PATIENT);
    let folder = site.server.folder();
    let config = BUILDS.replace("KEY", "key.pem") + PATIENT;
    fs::write(folder.join("config.yaml"), config).unwrap();
    site.server.hook(
        "post-receive",
        &format!("PUSHGATE_CONFIG=../../../config.yaml PUSHGATE_STATE=../../../state exec '{PUSHGATE}' hook post-receive"),
    );
    let push = site
        .server
        .clone()
        .change("port.yaml", GOOD)
        .push(&["HEAD:main"]);
    let said = Site::after(&push).replace("\n  ", " ");
    assert!(said.contains("accepted for building"), "{said}");
    assert_eq!(site.entities(), ["service/hello"]);
}

#[test]
fn secrets_are_in_no_output_and_no_file() {
    let site = Site::new(&format!("{BUILDS}{BY_HAND}"));
    let clone = site.server.clone();
    let mut said = clone.change("port.yaml", GOOD).push(&["HEAD:main"]).raw;
    site.port.fail_next(
        3,
        &Fault::with_body(
            401,
            &format!("{{\"error\":\"{}\"}}", site.port.client_secret()),
        ),
    );
    for arguments in [
        &["deliver"][..],
        &["outbox", "list"],
        &["outbox", "list", "--format", "json"],
    ] {
        let output = site.server.pushgate(arguments, "");
        said.push_str(&text(&output.stdout));
        said.push_str(&text(&output.stderr));
    }
    let state = site.server.state();
    for folder in [state.join("spool/pending"), state] {
        for file in fs::read_dir(folder).unwrap().flatten() {
            // The token's own file is the one place for it.
            let is_kept = file.file_type().unwrap().is_file()
                && !file.file_name().to_string_lossy().contains("token");
            if is_kept {
                said.push_str(&String::from_utf8_lossy(&fs::read(file.path()).unwrap()));
            }
        }
    }
    for secret in [site.port.client_secret(), site.algorithmia.api_key()] {
        assert!(!said.contains(secret), "{said}");
    }
    assert!(!said.contains("PRIVATE KEY"), "{said}");
}

#[test]
fn empty_input_dry_runs_and_other_bad_pushes_lead_to_nothing() {
    let site = Site::new(PATIENT);
    let output = site.server.pushgate(&["hook", "post-receive"], "");
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
    let push = site
        .server
        .clone()
        .change("port.yaml", BAD)
        .push(&["HEAD:main"]);
    assert!(!push.accepted);
    assert!(site.port.requests().is_empty());
    let output = Command::new(PUSHGATE)
        .arg("deliver")
        .env("PUSHGATE_STATE", site.server.state())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

/// A limit on the size of files ends a process by a signal, where a full disk is only an error.
#[test]
fn a_file_that_may_not_grow_is_told_like_a_full_disk() {
    let site = Site::new(BY_HAND);
    let script = format!("ulimit -f 0; exec '{PUSHGATE}' hook post-receive");
    site.server.hook("post-receive", &script);
    let clone = site.server.clone();
    let push = clone
        .change("port.yaml", entity("one"))
        .push(&["HEAD:main"]);
    assert!(push.accepted, "{}", push.raw);
    assert!(
        push.said.contains("accepted, but not delivered"),
        "{}",
        push.raw
    );
}
