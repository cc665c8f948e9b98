//! A repository of 10,000 entities.

use std::process::Stdio;

use standin::{Child, PortStandIn};

use crate::bench::wait_until;
use crate::server::{PUSHGATE, Server};

const FILES: usize = 4;
const ENTITIES: usize = 10_000;

/// Long enough for any machine.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(300);

/// Most entities of one call (Port's specification).
const AT_ONCE: usize = 20;

#[test]
fn ten_thousand_entities_take_full_calls_and_a_second_run_only_the_token() {
    let port = PortStandIn::start().unwrap();
    let server = Server::new()
        .config("port: { files: ['**/port.yaml'] }\ndelivery: { after_push: none }\ngate: { deadline: 120s }\n")
        .with("PORT_API_URL", port.url())
        .with("PORT_CLIENT_ID", port.client_id())
        .with("PORT_CLIENT_SECRET", port.client_secret());
    let clone = server.clone();
    for file in 0..FILES {
        let entities: String = (file..ENTITIES)
            .step_by(FILES)
            .map(|number| {
                format!(
                    "- {{ identifier: e{number}, title: Service {number}, blueprint: service, \
                     properties: {{ language: Rust, tier: {}, on_call: team-{}@example.com }} }}\n",
                    number % 4,
                    number % 50
                )
            })
            .collect();
        clone.write(&format!("d{file}/port.yaml"), entities);
    }
    let push = clone.commit().push(&["HEAD:main"]);
    assert!(push.accepted, "{}", push.raw);

    let (said, peak) = deliver(&server);
    assert!(said.contains("10000 written, 0 deleted"), "{said}");
    assert_eq!(port.entities().len(), ENTITIES);
    let calls = port.requests_on("/entities/bulk");
    // Only the last one may be smaller.
    assert_eq!(calls.len(), ENTITIES / AT_ONCE);
    // The token, and once an hour the blueprints for the gate.
    assert_eq!(port.requests().len(), calls.len() + 2);
    println!(
        "10,000 entities: {} calls, peak memory {peak} kB",
        calls.len()
    );
    port.assert_conforms();
    drop(calls);

    // What changes nothing costs nothing, token or not.
    let before = port.requests().len();
    for change in ["# a comment\n", "# another one\n"] {
        let file = clone.path.join("d0/port.yaml");
        let text = std::fs::read_to_string(&file).unwrap();
        let push = clone
            .change("d0/port.yaml", text + change)
            .push(&["HEAD:main"]);
        assert!(push.accepted, "{}", push.raw);
        let (said, _) = deliver(&server);
        assert_eq!(said, "nothing waits\n");
    }
    let after = port.requests();
    let others = after[before..]
        .iter()
        .filter(|request| !request.path.contains("access_token"));
    assert_eq!(others.count(), 0);

    // One that changed is one call; the inventory is what tells, not the job.
    let file = clone.path.join("d0/port.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    let changed = text.replace("title: Service 0,", "title: Renamed,");
    let push = clone.change("d0/port.yaml", changed).push(&["HEAD:main"]);
    assert!(push.accepted, "{}", push.raw);
    let (said, peak) = deliver(&server);
    assert!(said.contains("1 written, 0 deleted"), "{said}");
    assert_eq!(
        port.requests_on("/entities/bulk").len(),
        ENTITIES / AT_ONCE + 1
    );
    println!("one of them changed: peak memory {peak} kB");
}

/// What `deliver` says, and the most memory that it held at once, in kB.
fn deliver(server: &Server) -> (String, usize) {
    let mut child = server
        .command(PUSHGATE)
        .arg("deliver")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut peak = 0;
    wait_until(PATIENCE, "everything is delivered", || {
        peak = peak.max(high_water(&child));
        child.try_wait().unwrap().is_some()
    });
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    (said, peak)
}

fn high_water(child: &Child) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()));
    let status = status.unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}
