//! Delivering processes that are killed and started anew.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use fastrand::Rng;
use rustix::process::{Pid, Signal, kill_process};
use standin::Child;

use super::site::Site;
use crate::bench::wait_until;

/// How long a worker may take to end that was asked to.
const GRACE: Duration = Duration::from_secs(20);

pub struct Workers<'a> {
    site: &'a Site,
    children: Vec<Child>,
    /// Every line that any of them has printed, and when it was read.
    lines: Arc<Mutex<Vec<(Instant, String)>>>,
    readers: Vec<JoinHandle<()>>,
}

impl<'a> Workers<'a> {
    pub fn start(site: &'a Site, number: usize) -> Self {
        let mut team = Self {
            site,
            children: Vec::new(),
            lines: Arc::default(),
            readers: Vec::new(),
        };
        for _ in 0..number {
            let child = team.hire();
            team.children.push(child);
        }
        team
    }

    fn hire(&mut self) -> Child {
        let errors = File::options()
            .create(true)
            .append(true)
            .open(self.site.folder().join("workers.log"))
            .unwrap();
        let mut child = self
            .site
            .command(&["deliver", "--watch"])
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let lines = Arc::clone(&self.lines);
        self.readers.retain(|reader| !reader.is_finished());
        self.readers.push(thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                lines.lock().unwrap().push((Instant::now(), line));
            }
        }));
        child
    }

    /// Kills one at whatever it does, and starts another.
    pub fn kill_one(&mut self, dice: &mut Rng) {
        let index = dice.usize(..self.children.len());
        let child = &mut self.children[index];
        let ended = child.try_wait().unwrap();
        assert!(
            ended.is_none(),
            "a worker ended by itself: {ended:?}\n{}",
            self.said()
        );
        child.kill().unwrap();
        child.wait().unwrap();
        self.children[index] = self.hire();
    }

    /// Asks all of them to end, which they do cleanly.
    pub fn stop(&mut self) {
        for child in &self.children {
            kill_process(Pid::from_child(child), Signal::TERM).unwrap();
        }
        for mut child in std::mem::take(&mut self.children) {
            wait_until(GRACE, "a worker ends", || {
                child.try_wait().unwrap().is_some()
            });
            let status = child.wait().unwrap();
            assert_eq!(status.code(), Some(0), "{}", self.said());
        }
        for reader in std::mem::take(&mut self.readers) {
            reader.join().unwrap();
        }
    }

    /// The commits, by their first ten digits, that a worker has said were compiled, and when first.
    pub fn recorded_builds(&self) -> HashMap<String, Instant> {
        let mut recorded = HashMap::new();
        for (at, line) in self.lines.lock().unwrap().iter() {
            if !line.ends_with("accepted for building") {
                continue;
            }
            let (_, commit) = line.split_once(" at ").unwrap();
            recorded.entry(commit[..10].to_owned()).or_insert(*at);
        }
        recorded
    }

    /// The end of what they complained about.
    pub fn said(&self) -> String {
        let log = std::fs::read(self.site.folder().join("workers.log")).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }
}

impl Drop for Workers<'_> {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
