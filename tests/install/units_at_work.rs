//! The Debian package and its units under a real systemd. `packaging/try-debian` runs these tests: they
//! need a Debian to boot, which takes minutes to fetch.

use std::fs;
use std::net::TcpListener;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use standin::{BitbucketStandIn, Command, PortStandIn};

use crate::booted::{Booted, wait_for};
use crate::debian::deb;
use crate::machine::succeed;

const SERVICES: [&str; 4] = [
    "pushgate-deliver",
    "pushgate-retry",
    "pushgate-serve",
    "pushgate-sync",
];
const SECRET: &str = "the secret of the webhook";

fn boot() -> Booted {
    Booted::boot(deb().unwrap())
}

fn document(identifier: &str) -> String {
    format!("identifier: {identifier}\ntitle: Hello\nblueprint: service\n")
}

/// Pushes a commit to the default branch of the server's repository.
fn push(debian: &Booted, identifier: &str) {
    debian.write("/tmp/port.yaml", &document(identifier));
    debian.as_git(
        "cd /srv/git/clone; cp /tmp/port.yaml .; git add port.yaml; \
         git -c user.name=Ada -c user.email=ada@example.com commit --quiet --message=Describe; \
         git push --quiet origin main",
    );
}

/// Posts a webhook as Bitbucket does.
fn announce(address: &str, commit: &str) {
    let body = json!({
        "eventKey": "repo:refs_changed",
        "actor": {"name": "ada"},
        "repository": {"slug": "announced", "project": {"key": "PRJ"}},
        "changes": [{
            "ref": {"id": "refs/heads/main", "displayId": "main", "type": "BRANCH"},
            "refId": "refs/heads/main", "fromHash": "0".repeat(40), "toHash": commit, "type": "ADD",
        }],
    })
    .to_string();
    let mut mac = <Hmac<Sha256>>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    let bytes = mac.finalize().into_bytes();
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--fail", "--data-raw", &body])
        .args(["--header", "Content-Type: application/json; charset=utf-8"])
        .args(["--header", "X-Event-Key: repo:refs_changed"])
        .args(["--header", &format!("X-Hub-Signature: sha256={digits}")])
        .arg(format!("{address}/webhook"));
    succeed(&mut curl);
}

/// Each does what it is for, with nothing but what its sandbox leaves to it. A system call outside of the
/// filter ends the process here, where it would only fail.
#[test]
#[ignore = "boots a Debian: packaging/try-debian"]
fn units_do_their_work_in_their_sandbox() {
    let port = PortStandIn::start().unwrap();
    let bitbucket = BitbucketStandIn::start().unwrap();
    let debian = boot();
    debian.install();
    debian.add_user();
    for service in SERVICES {
        let file = format!("/etc/systemd/system/{service}.service.d/kill.conf");
        debian.write(&file, "[Service]\nSystemCallErrorNumber=kill\n");
    }
    debian.succeed(&["systemctl", "daemon-reload"]);
    debian.write(
        "/etc/pushgate/config.yaml",
        "port: { deliver: always }\ndelivery: { after_push: none }\nserve: { listen: '127.0.0.1:0' }\n",
    );
    let environment = [
        ("PORT_API_URL", port.url()),
        ("PORT_CLIENT_ID", port.client_id().to_owned()),
        ("PORT_CLIENT_SECRET", port.client_secret().to_owned()),
        ("BITBUCKET_SERVER_ADDRESS", bitbucket.url()),
        ("BITBUCKET_SERVER_TOKEN", bitbucket.token().to_owned()),
        ("WEBHOOK_SECRET", SECRET.to_owned()),
    ];
    let lines = environment.map(|(name, value)| format!("{name}='{value}'\n"));
    debian.write("/etc/pushgate/environment", &lines.concat());
    let arrives = |identifier: &str| {
        wait_for(identifier, || port.entity("service", identifier));
    };

    // The worker, after a push through the hooks, and after it was killed.
    debian.succeed(&["systemctl", "enable", "--now", "pushgate-deliver"]);
    debian.as_git(
        "git init --quiet --bare --initial-branch=main /srv/git/PRJ/hello.git; \
         pushgate init /srv/git/PRJ/hello.git; \
         git clone --quiet /srv/git/PRJ/hello.git /srv/git/clone 2>&1; \
         git -C /srv/git/clone symbolic-ref HEAD refs/heads/main",
    );
    push(&debian, "pushed");
    arrives("pushed");
    debian.succeed(&["systemctl", "kill", "--signal=KILL", "pushgate-deliver"]);
    debian.wait_until("pushgate-deliver", "NRestarts", "1");
    push(&debian, "after-the-kill");
    arrives("after-the-kill");
    debian.succeed(&["systemctl", "stop", "pushgate-deliver"]);

    // What was left over, and the sweep.
    push(&debian, "left-over");
    assert_eq!(port.entity("service", "left-over"), None);
    debian.succeed(&["systemctl", "start", "pushgate-retry"]);
    arrives("left-over");
    let file = document("swept");
    bitbucket.add_repository("PRJ/swept");
    bitbucket.commit("PRJ/swept", "main", &[("port.yaml", Some(file.as_bytes()))]);
    debian.succeed(&["systemctl", "start", "pushgate-sync"]);
    arrives("swept");

    // The receiver of webhooks.
    debian.succeed(&["systemctl", "start", "pushgate-serve"]);
    let address = wait_for("the address", || {
        let journal = debian.journal("pushgate-serve");
        let (_, rest) = journal.split_once("listening on ")?;
        Some(rest.split('"').next().unwrap().to_owned())
    });
    succeed(Command::new("curl").args(["--silent", "--fail", &format!("{address}/readyz")]));
    let file = document("announced");
    bitbucket.add_repository("PRJ/announced");
    let commit = bitbucket.commit(
        "PRJ/announced",
        "main",
        &[("port.yaml", Some(file.as_bytes()))],
    );
    announce(&address, &commit);
    arrives("announced");
    debian.succeed(&["systemctl", "stop", "pushgate-serve"]);

    for service in SERVICES {
        let journal = debian.journal(service);
        assert_eq!(
            debian.property(service, "Result"),
            "success",
            "{service}: {journal}"
        );
        // The sweep is written for people.
        if service != "pushgate-sync" {
            for line in journal.lines() {
                assert!(
                    serde_json::from_str::<Value>(line).is_ok(),
                    "{service}: {line}"
                );
            }
        }
    }

    // A call that is not allowed is seen.
    debian.write(
        "/etc/systemd/system/pushgate-serve.service.d/less.conf",
        "[Service]\nSystemCallFilter=~listen\nRestart=no\n",
    );
    debian.succeed(&["systemctl", "daemon-reload"]);
    debian.run(&["systemctl", "start", "pushgate-serve"]);
    debian.wait_until("pushgate-serve", "ActiveState", "failed");
    assert_eq!(debian.property("pushgate-serve", "ExecMainStatus"), "31");
}

#[test]
#[ignore = "boots a Debian: packaging/try-debian"]
fn an_upgrade_restarts_and_a_removal_stops() {
    let debian = boot();
    debian.install();
    let start = ["systemctl", "start", "pushgate-serve"];
    let refused = debian.run(&start);
    assert!(!refused.status.success(), "there is no user `git` yet");
    debian.succeed(&["systemctl", "stop", "pushgate-serve"]);
    debian.add_user();
    debian.write(
        "/etc/pushgate/config.yaml",
        "serve: { listen: '127.0.0.1:0' }\n",
    );
    // It accepts connections and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    debian.write(
        "/etc/pushgate/environment",
        &format!(
            "BITBUCKET_SERVER_ADDRESS=http://{address}\nBITBUCKET_SERVER_TOKEN=token\n\
             PORT_API_URL=http://{address}\nPORT_CLIENT_ID=id\nPORT_CLIENT_SECRET=secret\n\
             WEBHOOK_SECRET=secret\n"
        ),
    );
    let timers = ["pushgate-retry.timer", "pushgate-sync.timer"];
    let mut enable = vec!["systemctl", "enable", "--now", "pushgate-serve"];
    enable.extend(timers);
    debian.succeed(&enable);
    debian.succeed(&["systemctl", "start", "--no-block", "pushgate-sync"]);
    debian.wait_until("pushgate-sync", "ActiveState", "activating");
    let process = |service| debian.property(service, "MainPID");
    let (serve, sync) = (process("pushgate-serve"), process("pushgate-sync"));

    debian.install();
    assert_ne!(process("pushgate-serve"), serve);
    assert_eq!(process("pushgate-sync"), sync, "the sweep goes on");
    for unit in ["pushgate-serve.service", timers[0], timers[1]] {
        assert_eq!(debian.property(unit, "ActiveState"), "active", "{unit}");
    }

    debian.succeed(&["dpkg", "--remove", "pushgate"]);
    let mut units = vec!["systemctl", "list-units", "--all", "--plain"];
    units.extend([
        "--no-legend",
        "--state=active,activating,failed",
        "pushgate*",
    ]);
    assert_eq!(debian.succeed(&units), "");
    assert!(!debian.path(&format!("/proc/{sync}")).exists());
    assert!(debian.path("/etc/pushgate/config.yaml").exists());
    debian.succeed(&["dpkg", "--purge", "pushgate"]);
    assert!(!debian.path("/etc/pushgate/config.yaml").exists());
    assert!(debian.path("/var/lib/pushgate/outbox.sqlite").exists());
    for folder in ["", "/multi-user.target.wants", "/timers.target.wants"] {
        let folder = debian.path(&format!("/etc/systemd/system{folder}"));
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let name = entry.file_name().into_string().unwrap();
            assert!(!name.starts_with("pushgate"), "{name} is left");
        }
    }
}
