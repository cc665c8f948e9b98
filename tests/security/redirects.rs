//! A server that sends pushgate elsewhere does not get its credentials there.

use standin::{AlgorithmiaStandIn, BitbucketStandIn, Fault, PortStandIn, TriggerStandIn};

use crate::server::{GOOD, Server, text};

/// Of those that make a GET of a POST, and of those that send it again.
const STATUSES: [u16; 2] = [302, 307];

/// What asks one of the systems something.
const ASKING: [&[&str]; 4] = [
    &["sync", "--dry-run"],
    &["bitbucket", "webhooks", "list", "--all"],
    &["algorithmia", "scm", "list"],
    &["blueprints", "pull"],
];

fn server(
    port: &PortStandIn,
    bitbucket: &BitbucketStandIn,
    algorithmia: &AlgorithmiaStandIn,
) -> Server {
    Server::new()
        .config("delivery: { after_push: none }\n")
        .with("PORT_API_URL", port.url())
        .with("PORT_CLIENT_ID", port.client_id())
        .with("PORT_CLIENT_SECRET", port.client_secret())
        .with("BITBUCKET_HOST", bitbucket.url())
        .with("BITBUCKET_SERVER_TOKEN", bitbucket.token())
        .with("ALGORITHMIA_API", algorithmia.url())
        .with("ALGORITHMIA_API_KEY", algorithmia.api_key())
        .with("ALGORITHMIA_ADMIN_API_KEY", algorithmia.admin_key())
}

/// Sends whoever asks to a place that repeats what was sent, so far behind `front` characters.
fn repeating(secret: &str, front: usize) -> Fault {
    let front = "x".repeat(front);
    Fault::with_header(
        302,
        "location",
        &format!("https://sso.example.com/{front}-{secret}/"),
    )
}

#[test]
fn no_redirect_is_told_with_what_was_sent() {
    // The second stands where a message is cut.
    for front in [0, 165] {
        let port = PortStandIn::start().unwrap();
        let bitbucket = BitbucketStandIn::start().unwrap();
        let algorithmia = AlgorithmiaStandIn::start().unwrap();
        let secrets = [
            port.client_secret(),
            bitbucket.token(),
            algorithmia.admin_key(),
        ];
        port.fail_next(99, &repeating(secrets[0], front));
        bitbucket.fail_next("", 99, &repeating(secrets[1], front));
        algorithmia.fail_next(99, &repeating(secrets[2], front));
        let server = server(&port, &bitbucket, &algorithmia);
        for arguments in ASKING {
            let output = server.pushgate(arguments, "");
            let said = text(&output.stdout) + &text(&output.stderr);
            let unwrapped: String = said.split_whitespace().collect();
            assert!(
                unwrapped.contains("redirectto`https://sso"),
                "{arguments:?}: {said}"
            );
            for secret in secrets {
                let begin = format!("-{}", &secret[..8]);
                assert!(!unwrapped.contains(&begin), "{arguments:?}: {said}");
            }
        }
    }
}

#[test]
fn no_redirect_takes_credentials_along() {
    for status in STATUSES {
        // Whatever asks it was sent there.
        let elsewhere = TriggerStandIn::start().unwrap();
        let to = Fault::with_header(status, "location", &format!("{}/x", elsewhere.url()));
        let port = PortStandIn::start().unwrap();
        let bitbucket = BitbucketStandIn::start().unwrap();
        let algorithmia = AlgorithmiaStandIn::start().unwrap();
        port.fail_next(99, &to);
        bitbucket.fail_next("", 99, &to);
        algorithmia.fail_next(99, &to);
        let server = server(&port, &bitbucket, &algorithmia);
        let push = server
            .clone()
            .change("port.yaml", GOOD)
            .push(&["HEAD:main"]);
        assert!(push.accepted, "{}", push.raw);
        server.pushgate(&["deliver"], "");
        for arguments in ASKING {
            let output = server.pushgate(arguments, "");
            let said = text(&output.stdout) + &text(&output.stderr);
            assert_ne!(output.status.code(), Some(0), "{arguments:?}: {said}");
        }
        let asked = [
            port.requests(),
            bitbucket.requests(),
            algorithmia.requests(),
        ];
        assert!(
            asked.iter().all(|requests| !requests.is_empty()),
            "{status}"
        );
        assert!(
            elsewhere.requests().is_empty(),
            "{status}: {:?}",
            elsewhere.requests()
        );
    }
}
