//! A Bitbucket Server, and pushgate as an administrator runs it.

use std::process::Output;

use standin::BitbucketStandIn;
use tempfile::TempDir;

use crate::server::{PUSHGATE, command, text};

/// The secret of every webhook here.
pub const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// A Bitbucket Server, and a home for pushgate.
pub struct World {
    pub bitbucket: BitbucketStandIn,
    pub home: TempDir,
    variables: Vec<(String, String)>,
}

/// What a command answered.
#[derive(Debug)]
pub struct Answer {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl World {
    /// A server of this version with `PRJ/hello`, `PRJ/web` and `OPS/tools`.
    pub fn of_version(version: &str) -> Self {
        let bitbucket = BitbucketStandIn::start().unwrap();
        bitbucket.set_version(version);
        for name in ["PRJ/hello", "PRJ/web", "OPS/tools"] {
            bitbucket.add_repository(name);
        }
        let mut world = Self {
            home: tempfile::tempdir().unwrap(),
            variables: Vec::new(),
            bitbucket,
        };
        let (url, token) = (world.bitbucket.url(), world.bitbucket.token());
        world.set("BITBUCKET_SERVER_ADDRESS", &url);
        world.set("BITBUCKET_SERVER_TOKEN", token);
        world.set("WEBHOOK_SECRET", SECRET);
        let state = world.home.path().join("state");
        world.set("PUSHGATE_STATE", state.to_str().unwrap());
        world
    }

    /// Sets a variable, or takes it away where the value is empty.
    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(other, _)| other != name);
        if !value.is_empty() {
            self.variables.push((name.to_owned(), value.to_owned()));
        }
    }

    /// Runs pushgate. Nothing that it prints may hold a secret.
    pub fn run(&self, arguments: &[&str]) -> Answer {
        let mut command = command(PUSHGATE, self.home.path());
        let variables = self.variables.iter().map(|(name, value)| (name, value));
        command
            .current_dir(self.home.path())
            .envs(variables)
            .args(arguments);
        self.answer(command.output().unwrap())
    }

    pub fn answer(&self, output: Output) -> Answer {
        let answer = Answer {
            code: output.status.code(),
            out: text(&output.stdout),
            err: text(&output.stderr),
        };
        let mut secrets = vec![SECRET, self.bitbucket.token(), self.bitbucket.password()];
        let own = self.variables.iter().filter(|(name, _)| {
            name.ends_with("SECRET") || name.ends_with("KEY") || name.ends_with("PASSWORD")
        });
        secrets.extend(
            own.map(|(_, value)| value.as_str())
                .filter(|value| !value.starts_with('/')),
        );
        for secret in secrets {
            assert!(
                !answer.out.contains(secret) && !answer.err.contains(secret),
                "{answer:?}"
            );
        }
        answer
    }

    /// What it printed, with addresses and folders that differ from run to run named.
    pub fn shown(&self, text: &str) -> String {
        let folder = self.home.path().to_str().unwrap();
        let host = self
            .bitbucket
            .url()
            .trim_start_matches("http://")
            .to_owned();
        text.replace(folder, "HOME").replace(&host, "BITBUCKET")
    }
}
