//! Compiles, and what becomes of them: a build goes on with every look at it, not with time.

use std::time::Instant;

use serde_json::{Value, json};

use super::{Build, CompileAnswer, State, error};
use crate::request::{Recorded, Reply};

/// How a build goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course {
    /// How many looks it takes until it is shown at all.
    pub hidden: usize,
    /// How many looks at it after that find it in progress.
    pub running: usize,
    /// How it ends.
    pub end: BuildEnd,
}

/// How a build ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum BuildEnd {
    /// It can be called.
    #[default]
    Succeeds,
    /// It fails with this log, which is there after so many requests for it.
    Fails {
        /// The log.
        log: String,
        /// How many requests for it are answered with 404.
        late: usize,
    },
}

/// A build and where it is on its course.
pub(super) struct Running {
    algorithm: String,
    id: String,
    commit: String,
    number: usize,
    course: Course,
}

impl Running {
    /// Looks at it once; none while it is hidden.
    fn look(&mut self) -> Option<Value> {
        if self.course.hidden > 0 {
            self.course.hidden -= 1;
            return None;
        }
        let status = if self.course.running > 0 {
            self.course.running -= 1;
            "in-progress"
        } else if self.course.end == BuildEnd::Succeeds {
            "succeeded"
        } else {
            "failed"
        };
        Some(json!({
            "build_id": self.id,
            "status": status,
            "commit_sha": self.commit,
            "started_at": format!("2026-01-01T00:{:02}:00.000Z", self.number),
            "resource_type": "algorithm_build",
        }))
    }
}

impl State {
    pub(super) fn compile(&mut self, request: &Recorded, found: usize, algorithm: String) -> Reply {
        let text = |key: &str| request.body[key].as_str().unwrap_or_default().to_owned();
        let build = Build {
            algorithm: algorithm.clone(),
            commit: text("commitSha"),
            ssh_private_key: text("sshPrivateKey"),
        };
        if !build
            .ssh_private_key
            .starts_with("-----BEGIN RSA PRIVATE KEY-----\n")
        {
            return error(400, 2014, "the key can't be read");
        }
        let mut body = self.algorithms[found].json(&build.commit);
        let number = self.builds.len() + 1;
        self.running.push(Running {
            algorithm,
            id: format!("build-{number:04}"),
            commit: build.commit.clone(),
            number,
            course: self.course.clone(),
        });
        self.builds.push(build);
        self.times.push(Instant::now());
        match &self.answer {
            CompileAnswer::Accepted => Reply::empty(202),
            CompileAnswer::Built => Reply::json(200, &body),
            CompileAnswer::Failed(output) => {
                body["compilation"] = json!({"successful": false, "output": output});
                Reply::json(200, &body)
            }
        }
    }

    /// Newest first, page by page; the marker is the number of builds before the page.
    pub(super) fn list_builds(&mut self, request: &Recorded, algorithm: &str) -> Reply {
        let number = |name: &str| request.query.get(name)?.parse::<usize>().ok();
        let start = number("marker").unwrap_or(0);
        let limit = number("limit").unwrap_or(50).min(self.page);
        let all: Vec<Value> = self
            .running
            .iter_mut()
            .rev()
            .filter(|running| running.algorithm == algorithm)
            .filter_map(Running::look)
            .collect();
        let end = start.saturating_add(limit).min(all.len());
        let marker = (end < all.len()).then(|| end.to_string());
        Reply::json(
            200,
            &json!({"marker": marker, "next_link": null, "results": all.get(start..end)}),
        )
    }

    pub(super) fn show_build(&mut self, id: &str, algorithm: &str) -> Reply {
        let found = self.running_build(id, algorithm).and_then(Running::look);
        found.map_or_else(
            || error(404, 1010, "Build not found"),
            |build| Reply::json(200, &build),
        )
    }

    pub(super) fn show_log(&mut self, id: &str, algorithm: &str) -> Reply {
        let not_yet = || error(404, 1011, "Build logs not found");
        let Some(build) = self.running_build(id, algorithm) else {
            return not_yet();
        };
        if build.course.running > 0 {
            return not_yet();
        }
        match &mut build.course.end {
            BuildEnd::Succeeds => Reply::json(200, &json!({"logs": "built\n"})),
            BuildEnd::Fails { late, .. } if *late > 0 => {
                *late -= 1;
                not_yet()
            }
            BuildEnd::Fails { log, .. } => Reply::json(200, &json!({"logs": log})),
        }
    }

    fn running_build(&mut self, id: &str, algorithm: &str) -> Option<&mut Running> {
        let builds = self.running.iter_mut();
        builds
            .filter(|build| build.algorithm == algorithm)
            .find(|build| build.id == id)
    }
}
