//! Values that can be read and yet mean nothing: who writes one means another.

use std::path::Path;
use std::time::Duration;

use super::Config;
use super::mistake::Mistake;

impl Config {
    /// The first value that could only be passed over in silence, or that would stop all work.
    pub(super) fn nonsense(&self) -> Option<Mistake> {
        let port = &self.port;
        let builds = self.algorithmia.builds.iter().enumerate();
        let build = |index: usize, key: &str| {
            ["algorithmia", "builds", &index.to_string(), key].map(str::to_owned)
        };
        let branches = [(["port", "branch"].map(str::to_owned).to_vec(), &port.branch)];
        let branches = branches
            .into_iter()
            .chain(builds.clone().map(|(index, one)| {
                let route = build(index, "branch").to_vec();
                (route, &one.branch)
            }));
        let mut found = branches.filter_map(|(route, branch)| no_branch(route, branch.as_deref()?));
        if let Some(mistake) = found.next() {
            return Some(mistake);
        }
        let is_pattern = |text: &str| text.contains(['*', '?', '[', '{']);
        for (index, one) in builds {
            let repository = one.repository.as_str();
            if is_pattern(repository) {
                return Some(Mistake::at(
                    build(index, "repository"),
                    format!("`{repository}` is a pattern, and one repository is named here"),
                    "for several write a trigger: `triggers: [{ name: …, preset: algorithmia, repository: …, algorithm: …, ssh_key_file: … }]`",
                ));
            }
        }
        let share = port.hold_deletions.more_than;
        if !(0.0..=1.0).contains(&share) {
            return Some(Mistake::at(
                ["port", "hold_deletions", "more_than"],
                format!("{share} is no share from 0 to 1"),
                "for half of the entities write `0.5`",
            ));
        }
        if let Some(entity) = port.owners.keys().find(|key| !names_an_entity(key)) {
            return Some(Mistake::at(
                ["port", "owners", entity],
                format!("`{entity}` names no entity"),
                "write it as BLUEPRINT/IDENTIFIER, for example service/web",
            ));
        }
        if self.delivery.workers == 0 {
            return Some(Mistake::at(
                ["delivery", "workers"],
                "without a worker nothing is delivered",
                "write 1 or more; where other processes deliver write `after_push: none`",
            ));
        }
        if self.delivery.state.as_deref() == Some(Path::new("")) {
            return Some(Mistake::at(
                ["delivery", "state"],
                "it names no folder",
                "name one that the git server's user may write, or take the key out",
            ));
        }
        self.no_time()
    }

    fn no_time(&self) -> Option<Mistake> {
        let times = [
            (
                ["gate", "deadline"].as_slice(),
                Some(self.gate.deadline),
                "10s",
            ),
            (&["http", "timeout"], self.http.timeout, "30s"),
            (
                &["serve", "limits", "read_timeout"],
                Some(self.serve.limits.read_timeout),
                "10s",
            ),
        ];
        times
            .into_iter()
            .find(|(_, time, _)| *time == Some(Duration::ZERO))
            .map(|(route, _, default)| {
                Mistake::at(
                    route.iter().copied(),
                    "it leaves no time to do anything",
                    format!("write it like `{default}`, or take the key out"),
                )
            })
    }
}

/// A branch is named by its short name, as it stands below `refs/heads/`.
fn no_branch(route: Vec<String>, branch: &str) -> Option<Mistake> {
    if let Some(short) = branch.strip_prefix("refs/heads/") {
        return Some(Mistake::at(
            route,
            format!("`{branch}` is a ref, and a branch is named here"),
            format!("write `{short}`"),
        ));
    }
    let is_name = git2::Reference::is_valid_name(&format!("refs/heads/{branch}"));
    (!is_name).then(|| {
        Mistake::at(
            route,
            format!("`{branch}` can't be a branch"),
            "write the name of one branch, for example `main`; without the key it is the repository's default branch",
        )
    })
}

fn names_an_entity(text: &str) -> bool {
    text.split_once('/')
        .is_some_and(|(blueprint, identifier)| !blueprint.is_empty() && !identifier.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_nothing_is_told_with_its_place() {
        let build = "algorithm: a/b, ssh_key_file: /k";
        let cases = [
            (
                "port: { branch: refs/heads/main }".to_owned(),
                "1:17: port.branch: `refs/heads/main` is a ref, and a branch is named here",
            ),
            (
                "port: { branch: 'release/*' }".to_owned(),
                "1:17: port.branch: `release/*` can't be a branch",
            ),
            (
                "port: { branch: '' }".to_owned(),
                "1:17: port.branch: `` can't be a branch",
            ),
            (
                format!(
                    "algorithmia: {{ builds: [{{ repository: P/r, branch: 'm*', {build} }}] }}"
                ),
                "1:52: algorithmia.builds[0].branch: `m*` can't be a branch",
            ),
            (
                format!("algorithmia: {{ builds: [{{ repository: 'P/*', {build} }}] }}"),
                "1:39: algorithmia.builds[0].repository: `P/*` is a pattern, and one repository is named here",
            ),
            (
                "port: { hold_deletions: { more_than: 50 } }".to_owned(),
                "1:38: port.hold_deletions.more_than: 50 is no share from 0 to 1",
            ),
            (
                "port: { hold_deletions: { more_than: .nan } }".to_owned(),
                "1:38: port.hold_deletions.more_than: NaN is no share from 0 to 1",
            ),
            (
                "port: { hold_deletions: { more_than: -0.1 } }".to_owned(),
                "1:38: port.hold_deletions.more_than: -0.1 is no share from 0 to 1",
            ),
            (
                "port: { owners: { service: PRJ/web } }".to_owned(),
                "1:28: port.owners.service: `service` names no entity",
            ),
            (
                "delivery: { workers: 0 }".to_owned(),
                "1:22: delivery.workers: without a worker nothing is delivered",
            ),
            (
                "delivery: { state: '' }".to_owned(),
                "1:20: delivery.state: it names no folder",
            ),
            (
                "gate: { deadline: 0s }".to_owned(),
                "1:19: gate.deadline: it leaves no time to do anything",
            ),
            (
                "http: { timeout: 0ms }".to_owned(),
                "1:18: http.timeout: it leaves no time to do anything",
            ),
            (
                "serve: { limits: { read_timeout: 0s } }".to_owned(),
                "1:34: serve.limits.read_timeout: it leaves no time to do anything",
            ),
        ];
        for (text, message) in cases {
            let error = Config::parse(&text, "c.yaml").unwrap_err();
            assert_eq!(error.to_string(), format!("c.yaml:{message}"));
            assert!(miette::Diagnostic::help(&error).is_some(), "{text}");
        }
    }

    #[test]
    fn what_means_something_is_taken() {
        for text in [
            "port: { branch: release/1.x, hold_deletions: { at_least: 0, more_than: 0 } }",
            "port: { branch: ünï, hold_deletions: { more_than: 1 }, owners: { a/b/c: P/r } }",
            "gate: { deadline: 1ms }\ndelivery: { wait: 0s, workers: 1, state: . }",
            "serve: { limits: { replay_window: 0s } }",
        ] {
            assert!(Config::parse(text, "c.yaml").is_ok(), "{text}");
        }
    }
}
