//! What the gate does outside the repository, and what of a push reaches the processes that it starts.

use std::fs;

use standin::{AlgorithmiaStandIn, BitbucketStandIn, Fault, PortStandIn, leaks};

use crate::receiver::until;
use crate::server::{GOOD, Server};

fn server(port: &PortStandIn, config: &str) -> Server {
    Server::new()
        .config(config)
        .with("PORT_API_URL", port.url())
        .with("PORT_CLIENT_ID", port.client_id())
        .with("PORT_CLIENT_SECRET", port.client_secret())
}

#[test]
fn before_a_push_is_accepted_nobody_is_told_of_it() {
    let (port, bitbucket, algorithmia) = (
        PortStandIn::start().unwrap(),
        BitbucketStandIn::start().unwrap(),
        AlgorithmiaStandIn::start().unwrap(),
    );
    let server = server(&port, "delivery: { wait: 60s }\n")
        .with("BITBUCKET_HOST", bitbucket.url())
        .with("BITBUCKET_SERVER_TOKEN", bitbucket.token())
        .with("ALGORITHMIA_API", algorithmia.url())
        .with("ALGORITHMIA_API_KEY", algorithmia.api_key());
    // Another hook refuses what the gate has accepted.
    let gate = fs::read_to_string(server.bare().join("hooks/pre-receive")).unwrap();
    let gate = gate.replace("#!/bin/sh\nexec ", "");
    server.hook(
        "pre-receive",
        &format!("{gate} || exit 1\necho no >&2; exit 1"),
    );
    let push = server
        .clone()
        .change("port.yaml", GOOD)
        .push(&["HEAD:main"]);
    assert!(!push.accepted, "{}", push.raw);
    assert!(
        push.said.starts_with("pushgate 0.1.0: accepted"),
        "{}",
        push.said
    );
    let requests = [
        port.requests(),
        bitbucket.requests(),
        algorithmia.requests(),
    ];
    assert!(requests.iter().all(Vec::is_empty), "{requests:?}");
    assert!(!server.state().exists(), "nothing is written down either");
}

/// The arguments and the variables of a running process.
fn process(id: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    let read = |name: &str| fs::read(format!("/proc/{id}/{name}")).ok();
    Some((read("cmdline")?, read("environ")?))
}

/// Who delivers outlives the push: git's quarantine is gone by then, and the process list is everybody's.
#[test]
fn the_delivering_process_has_nothing_of_the_push_and_no_secret_in_its_arguments() {
    let port = PortStandIn::start().unwrap();
    port.fail_next(1, &Fault::Hang);
    let server = server(&port, "delivery: { after_push: detach }\n");
    let push = server
        .clone()
        .change("port.yaml", GOOD)
        .push(&["HEAD:main"]);
    assert!(push.accepted, "{}", push.raw);
    let state = format!("PUSHGATE_STATE={}", server.state().display());
    let (arguments, variables) = until("a delivering process", || {
        fs::read_dir("/proc").unwrap().flatten().find_map(|entry| {
            let (arguments, variables) = process(entry.file_name().to_str()?)?;
            let is_ours = |bytes: &[u8], part: &str| String::from_utf8_lossy(bytes).contains(part);
            let found = is_ours(&variables, &state) && is_ours(&arguments, "deliver");
            found.then_some((arguments, variables))
        })
    });
    assert_eq!(leaks(&arguments), None);
    let variables = String::from_utf8_lossy(&variables);
    let of_git: Vec<&str> = variables
        .split('\0')
        .filter(|variable| variable.starts_with("GIT_"))
        .collect();
    assert!(of_git.is_empty(), "{of_git:?}");
}
