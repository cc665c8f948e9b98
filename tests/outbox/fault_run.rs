//! Real pushes while everything fails: workers killed at random, Port and Algorithmia that answer as
//! they like. Afterwards all of it must have become true.
//!
//! `PUSHGATE_FAULT_KILLS` sets how many workers are killed (1,000 for the long run) and
//! `PUSHGATE_FAULT_SEED` with what the dice begin.

mod site;
mod workers;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;

use crate::bench::Bench;
use crate::model::Declared;
use crate::server::Clone;
use site::Site;
use workers::Workers;

/// Workers that are killed where nothing else is said.
const KILLS: usize = 10;

/// How long the rest may take once nothing fails any more.
const PATIENCE: Duration = Duration::from_secs(300);

#[test]
fn over_sqlite_with_one_worker() {
    run(&Bench::over_sqlite(), 1);
}

#[test]
fn over_sqlite_with_four_workers() {
    run(&Bench::over_sqlite(), 4);
}

#[test]
fn over_postgres_with_one_worker() {
    if let Some(bench) = Bench::over_postgres() {
        run(&bench, 1);
    }
}

#[test]
fn over_postgres_with_four_workers() {
    if let Some(bench) = Bench::over_postgres() {
        run(&bench, 4);
    }
}

fn number(variable: &str) -> Option<usize> {
    std::env::var(variable).ok()?.parse().ok()
}

fn run(bench: &Bench, workers: usize) {
    let kills = number("PUSHGATE_FAULT_KILLS").unwrap_or(KILLS);
    let seed = number("PUSHGATE_FAULT_SEED").unwrap_or_else(|| fastrand::usize(..1_000_000));
    println!("PUSHGATE_FAULT_KILLS={kills} PUSHGATE_FAULT_SEED={seed}");
    let started = Instant::now();
    let site = Site::new(bench, seed as u64);
    let acknowledged = Mutex::new(BTreeSet::new());
    let pushes = AtomicUsize::new(0);
    let over = AtomicBool::new(false);
    let mut team = Workers::start(&site, workers);
    thread::scope(|scope| {
        for (index, (name, server)) in site.servers.iter().enumerate() {
            for one in 0..2 {
                let clone = server.clone();
                let dice = Rng::with_seed((seed * 100 + index * 10 + one) as u64);
                let (acknowledged, pushes, over) = (&acknowledged, &pushes, &over);
                scope.spawn(move || {
                    let mut pusher = Pusher {
                        name,
                        clone,
                        dice,
                        commits: 0,
                    };
                    while !over.load(Ordering::Relaxed) {
                        let accepted = pusher.push(&format!("{index}.{one}"));
                        pushes.fetch_add(accepted.len(), Ordering::Relaxed);
                        acknowledged.lock().unwrap().extend(accepted);
                    }
                });
            }
        }
        // However it ends, nobody may be left pushing.
        let _over = SetOnDrop(&over);
        let mut dice = Rng::with_seed(seed as u64);
        for _ in 0..kills {
            // In the midst of something, or where nobody gets as far as a call.
            site.wait_for_calls(dice.usize(1..16), Duration::from_secs(3));
            team.kill_one(&mut dice);
        }
    });
    let disturbed = started.elapsed();
    site.mend();
    site.wait_until_empty(PATIENCE, &team);
    team.stop();
    let acknowledged = acknowledged.into_inner().unwrap();
    for (name, server) in &site.servers {
        assert_eq!(
            site.own_entities(name),
            Declared::at_tip(server).entities(),
            "{name}: Port is not what the tip declares"
        );
    }
    site.assert_others_are_untouched();
    let builds = Builds::of(&site, &team);
    let never: Vec<_> = acknowledged
        .iter()
        .filter(|commit| !builds.times.contains_key(*commit))
        .collect();
    assert!(never.is_empty(), "never compiled: {never:?}");
    assert_eq!(builds.after_success, Vec::<String>::new());
    assert_eq!(bench.sql("SELECT COUNT(*) FROM flights"), "0");
    assert_eq!(bench.sql("SELECT COUNT(*) FROM deliveries"), "0");
    println!(
        "{} over {}: {kills} kills, {} pushes of {} commits in {:.1} s, empty {:.1} s later; {} calls \
         to Port, {} of them failed on purpose; {} compiles, {} of them again ({} were never \
         answered, the others were cut off by a kill), none after it was recorded",
        ["one worker", "four workers"][usize::from(workers > 1)],
        if bench.postgres.is_some() {
            "PostgreSQL"
        } else {
            "SQLite"
        },
        pushes.load(Ordering::Relaxed),
        acknowledged.len(),
        disturbed.as_secs_f32(),
        (started.elapsed() - disturbed).as_secs_f32(),
        site.port.requests().len(),
        site.port_faults.load(Ordering::Relaxed),
        builds.compiles,
        builds.compiles - builds.times.len(),
        site.unanswered.load(Ordering::Relaxed),
    );
    let again = builds.compiles - builds.times.len();
    let unanswered = site.unanswered.load(Ordering::Relaxed);
    assert!(
        again <= unanswered + kills * 4,
        "more compiles than faults explain"
    );
}

struct SetOnDrop<'a>(&'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What was compiled, against what the workers said they had recorded.
struct Builds {
    compiles: usize,
    times: BTreeMap<String, usize>,
    /// Compiled although a worker had said before that it was.
    after_success: Vec<String>,
}

impl Builds {
    fn of(site: &Site, team: &Workers<'_>) -> Self {
        let recorded = team.recorded_builds();
        let mut builds = Self {
            compiles: 0,
            times: BTreeMap::new(),
            after_success: Vec::new(),
        };
        for (commit, at) in site.algorithmia.compiled() {
            builds.compiles += 1;
            *builds.times.entry(commit.clone()).or_default() += 1;
            if recorded.get(&commit[..10]).is_some_and(|said| *said < at) {
                builds.after_success.push(commit);
            }
        }
        builds
    }
}

/// Somebody with a clone, who pushes one change after another.
struct Pusher<'a> {
    name: &'a str,
    clone: Clone<'a>,
    dice: Rng,
    commits: usize,
}

impl Pusher<'_> {
    /// One change; the commits that were acknowledged.
    fn push(&mut self, who: &str) -> Vec<String> {
        let clone = &self.clone;
        clone.git(&["fetch", "--quiet", "origin"]);
        // Asked of the clone: another one may have pushed the first commit since it looked.
        if !clone
            .git(&["for-each-ref", "refs/remotes/origin/main"])
            .is_empty()
        {
            clone.git(&[
                "checkout",
                "--quiet",
                "--force",
                "-B",
                "main",
                "origin/main",
            ]);
        }
        let mut declared = Declared::in_clone(clone);
        for _ in 0..self.dice.usize(1..4) {
            declared.change(self.name, &mut self.dice);
        }
        declared.write(clone);
        self.commits += 1;
        clone.change("note", format!("{who} {}", self.commits));
        let commit = clone.git(&["rev-parse", "HEAD"]).trim().to_owned();
        if !clone.push(&["HEAD:main"]).accepted {
            return Vec::new();
        }
        let mut accepted = vec![commit.clone()];
        // Back and forth: the same commit pushed again is no new build.
        if self.commits > 1 && self.dice.u8(0..8) == 0 {
            let before = clone.git(&["rev-parse", "HEAD~1"]).trim().to_owned();
            if clone.push(&["+HEAD~1:main"]).accepted {
                accepted.push(before);
            }
            if clone.push(&["+HEAD:main"]).accepted {
                accepted.push(commit);
            }
        }
        accepted
    }
}
