//! A git server whose hooks deliver to Port and Algorithmia, which answer on loopback.

use std::fs;
use std::process::Output;

use serde_json::Value;
use standin::{AlgorithmiaStandIn, PortStandIn};

use crate::server::{Server, text};

/// A server whose hooks deliver to stand-ins.
pub struct Site {
    pub port: PortStandIn,
    pub algorithmia: AlgorithmiaStandIn,
    pub server: Server,
}

impl Site {
    /// With a configuration, in which KEY stands for a good key's path.
    pub fn new(config: &str) -> Self {
        Self::of(Server::new(), config)
    }

    /// The same around a repository of its own kind.
    pub fn of(server: Server, config: &str) -> Self {
        let port = PortStandIn::start().unwrap();
        let algorithmia = AlgorithmiaStandIn::start().unwrap();
        algorithmia.add_algorithm("acme", "hello", "0a1b2c3d-0000-1111-2222-333344445555");
        let key = server.folder().join("key.pem");
        fs::write(&key, standin::ssh_private_key()).unwrap();
        let server = server
            .config(&config.replace("KEY", key.to_str().unwrap()))
            .with("PORT_API_URL", port.url())
            .with("PORT_CLIENT_ID", port.client_id())
            .with("PORT_CLIENT_SECRET", port.client_secret())
            .with("ALGORITHMIA_API", algorithmia.url())
            .with("ALGORITHMIA_API_KEY", algorithmia.api_key());
        Self {
            port,
            algorithmia,
            server,
        }
    }

    pub fn outbox(&self) -> Vec<Value> {
        let output = self
            .server
            .pushgate(&["outbox", "list", "--format", "json"], "");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    pub fn deliver(&self) -> Output {
        self.server.pushgate(&["deliver"], "")
    }

    /// How many requests either system has got.
    pub fn requests(&self) -> usize {
        self.port.requests().len() + self.algorithmia.requests().len()
    }

    /// `blueprint/identifier` of all that Port holds.
    pub fn entities(&self) -> Vec<String> {
        let keys = self.port.entities().into_keys();
        keys.map(|(blueprint, identifier)| format!("{blueprint}/{identifier}"))
            .collect()
    }

    /// What the hooks said, without the pre-receive hook's line.
    pub fn after(push: &crate::server::Push) -> String {
        assert!(push.accepted, "{}", push.raw);
        push.said.lines().skip(1).collect::<Vec<_>>().join("\n")
    }
}

/// No delivery runs but the one that a test starts.
pub const BY_HAND: &str = "delivery: { after_push: none }\n";

/// The hook waits as long as it takes.
pub const PATIENT: &str = "delivery: { wait: 60s }\n";

pub fn entity(identifier: &str) -> String {
    format!("- {{ identifier: {identifier}, title: T, blueprint: service }}\n")
}

pub const BUILDS: &str = "algorithmia:\n  builds:\n    - { repository: PRJ/hello, algorithm: acme/hello, ssh_key_file: KEY }\n    - { repository: PRJ/hello, branch: release, algorithm: 0a1b2c3d-0000-1111-2222-333344445555, ssh_key_file: KEY }\n    - { repository: PRJ/other, algorithm: acme/hello, ssh_key_file: KEY }\n";
