//! Following a build on Algorithmia: taking a commit (202) names no build, so that it is found by the
//! commit (facts: vendor's OpenAPI document, `builds` and `logs`).

use std::time::{Duration, Instant};

use crate::algorithmia::{AlgorithmRef, Build, BuildStatus, Client, SshKey};
use crate::cli::progress::Progress;
use crate::cli::{ExitStatus, output};
use crate::git::CommitId;
use crate::http::{Outcome, Problem};
use crate::outbox::{BuildJob, BuildTarget};
use crate::report::counted;
use crate::visible::{clip, one_line, visible};

/// The first pause between two looks; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How often the builds before are asked for: without them nobody can tell old from new.
const TRIES: usize = 3;

/// How often the log of a build that is over is asked for; it appears a little later.
const LOG_TRIES: usize = 5;

/// How much of a log is shown.
const LOG_LINES: usize = 40;
const LOG_COLUMNS: usize = 400;

/// How often the line on a terminal is renewed.
const TICK: Duration = Duration::from_secs(1);

/// Follows the builds of one run.
pub(super) struct Follower {
    client: Client,
    before: Vec<Before>,
}

/// What there was of an algorithm's builds of the commit before it was asked for.
struct Before {
    algorithm: AlgorithmRef,
    builds: Result<Vec<Build>, Problem>,
}

/// How following ended.
enum End {
    Succeeded(Build),
    Failed(Build),
    /// It runs, or has not begun.
    NotYet(Option<Build>),
    /// Nobody can tell.
    Lost(Problem),
}

impl Follower {
    /// Notes which builds of the commit there are already: building a commit again is an ordinary
    /// operation, and an old success is no news.
    pub(super) fn new(client: Client, jobs: &[BuildJob], end: Option<Instant>) -> Self {
        let before = jobs
            .iter()
            .filter_map(|job| {
                let algorithm = algorithm(job)?;
                Some(Before {
                    algorithm: algorithm.clone(),
                    builds: known(&client, algorithm, &job.commit, end),
                })
            })
            .collect();
        Self { client, before }
    }

    /// Waits until the build is over, and says how it ended.
    pub(super) fn follow(&self, job: &BuildJob, end: Option<Instant>) -> ExitStatus {
        let Some(algorithm) = algorithm(job) else {
            return ExitStatus::Fine;
        };
        let before = self.before.iter().find(|one| one.algorithm == *algorithm);
        let before: &[Build] = match before.map(|one| &one.builds) {
            Some(Ok(builds)) => builds,
            Some(Err(problem)) => return lost(job, problem),
            None => &[],
        };
        let mut progress = Progress::new();
        let ended = self.watch(job, algorithm, before, end, &mut progress);
        let taken = progress.taken();
        progress.end();
        match ended {
            End::Succeeded(build) => {
                output::out(&format!("{job}: built ({}, {taken})\n", named(&build)));
                ExitStatus::Fine
            }
            End::Failed(build) => {
                let mut text = output::notes();
                text.line(&format!(
                    "{job}: the build failed ({}, {taken})",
                    named(&build)
                ));
                output::err(&text.finish());
                self.show_log(job, algorithm, &build, &mut progress);
                ExitStatus::Failure
            }
            End::NotYet(build) => {
                let mut text = output::notes();
                text.line(&match &build {
                    Some(build) => {
                        format!("{job}: not over after {taken} ({} goes on)", named(build))
                    }
                    None => format!(
                        "{job}: after {taken} Algorithmia shows no build of this commit that began \
                         since it was asked for"
                    ),
                });
                text.help(
                    "give it longer with `--timeout SECONDS`; the commit is taken, and need not be \
                     sent again",
                );
                output::err(&text.finish());
                ExitStatus::Failure
            }
            End::Lost(problem) => lost(job, &problem),
        }
    }

    fn watch(
        &self,
        job: &BuildJob,
        algorithm: &AlgorithmRef,
        before: &[Build],
        end: Option<Instant>,
        progress: &mut Progress,
    ) -> End {
        let mut pause = FIRST_PAUSE;
        let mut seen: Option<Build> = None;
        loop {
            let mut wish = Duration::ZERO;
            match self.look(algorithm, &job.commit, before, seen.as_ref(), end) {
                Ok(build) => seen = build.or(seen),
                Err(problem) => match problem.outcome {
                    Outcome::Retry { after } => wish = after.unwrap_or_default(),
                    _ => return End::Lost(problem),
                },
            }
            if let Some(build) = seen.take_if(|build| build.status == BuildStatus::Succeeded) {
                return End::Succeeded(build);
            }
            if let Some(build) = seen.take_if(|build| build.status == BuildStatus::Failed) {
                return End::Failed(build);
            }
            let state = match &seen {
                Some(build) => match &build.status {
                    BuildStatus::Other(word) => {
                        format!("{} ({})", one_line(word, 40), named(build))
                    }
                    _ => format!("building ({})", named(build)),
                },
                None => "waiting for the build to begin".to_owned(),
            };
            let text = format!("{algorithm} at {}: {state}", job.commit.short());
            if !rest(pause.max(wish), end, || progress.say(&text)) {
                return End::NotYet(seen);
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// The build as it is now: the one that was seen, else one that is new, else one that was running
    /// when the commit was asked for, which clusters may go on with.
    fn look(
        &self,
        algorithm: &AlgorithmRef,
        commit: &CommitId,
        before: &[Build],
        seen: Option<&Build>,
        end: Option<Instant>,
    ) -> Result<Option<Build>, Problem> {
        let was_there = |build: &Build| before.iter().find(|old| old.id == build.id);
        if let Some(build) = seen
            && was_there(build).is_none()
        {
            return self.client.build(algorithm, &build.id, end);
        }
        let found = self.client.builds(algorithm, commit, end)?.found;
        let newest = |builds: Vec<Build>| {
            let began = |build: &Build| build.started_at.clone();
            builds.into_iter().max_by_key(began)
        };
        let (old, new): (Vec<Build>, Vec<Build>) = found
            .into_iter()
            .partition(|build| was_there(build).is_some());
        let running = |build: &Build| {
            was_there(build).is_some_and(|old| old.status == BuildStatus::InProgress)
        };
        Ok(newest(new).or_else(|| newest(old.into_iter().filter(running).collect())))
    }

    fn show_log(
        &self,
        job: &BuildJob,
        algorithm: &AlgorithmRef,
        build: &Build,
        progress: &mut Progress,
    ) {
        let key = match &job.target {
            // For hiding it only.
            BuildTarget::Algorithmia { ssh_key_file, .. } => SshKey::read(ssh_key_file).ok(),
            BuildTarget::Trigger(_) => None,
        };
        for _ in 0..LOG_TRIES {
            match self
                .client
                .build_log(algorithm, &build.id, key.as_ref(), None)
            {
                Ok(Some(log)) => return output::err(&tail(&log)),
                Ok(None) => {}
                Err(problem) if matches!(problem.outcome, Outcome::Retry { .. }) => {}
                Err(problem) => {
                    let mut text = output::notes();
                    text.line(&format!("its log can't be read: {problem}"));
                    return output::err(&text.finish());
                }
            }
            rest(TICK, None, || progress.say("waiting for its log"));
        }
        progress.end();
        output::err("Algorithmia shows no log of it\n");
    }
}

/// The end of a log, with a count of what is left out.
fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.trim_end().lines().collect();
    if lines.is_empty() {
        return "its log is empty\n".to_owned();
    }
    let left_out = lines.len().saturating_sub(LOG_LINES);
    let mut text = match left_out {
        0 => "its log:\n".to_owned(),
        _ => {
            let before = counted(left_out, "line");
            format!("the end of its log (left out before it: {before}):\n")
        }
    };
    for line in &lines[left_out..] {
        text.push_str(&format!("  {}\n", clip(&visible(line), LOG_COLUMNS)));
    }
    text
}

fn algorithm(job: &BuildJob) -> Option<&AlgorithmRef> {
    match &job.target {
        BuildTarget::Algorithmia { algorithm, .. } => Some(algorithm),
        BuildTarget::Trigger(_) => None,
    }
}

fn named(build: &Build) -> String {
    format!("build {}", one_line(&build.id, 60))
}

fn lost(job: &BuildJob, problem: &Problem) -> ExitStatus {
    let mut text = output::notes();
    text.line(&format!(
        "{job}: taken, but whether it is built can't be told: {problem}"
    ));
    if let Some(help) = &problem.help {
        text.help(help);
    }
    output::err(&text.finish());
    ExitStatus::Failure
}

fn known(
    client: &Client,
    algorithm: &AlgorithmRef,
    commit: &CommitId,
    end: Option<Instant>,
) -> Result<Vec<Build>, Problem> {
    let mut pause = FIRST_PAUSE;
    for _ in 1..TRIES {
        match client.builds(algorithm, commit, end) {
            Err(problem) if matches!(problem.outcome, Outcome::Retry { .. }) => {
                rest(pause, end, || {});
                pause *= 2;
            }
            builds => return builds.map(|builds| builds.found),
        }
    }
    client
        .builds(algorithm, commit, end)
        .map(|builds| builds.found)
}

/// Rests, saying meanwhile what there is to say; whether time is left afterwards.
fn rest(time: Duration, end: Option<Instant>, mut say: impl FnMut()) -> bool {
    let until = Instant::now() + time;
    loop {
        say();
        let now = Instant::now();
        let left = match end {
            Some(end) if end <= now => return false,
            Some(end) => until.min(end).saturating_duration_since(now),
            None => until.saturating_duration_since(now),
        };
        if left.is_zero() {
            return true;
        }
        std::thread::sleep(left.min(TICK));
    }
}
