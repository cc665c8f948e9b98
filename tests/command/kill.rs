//! Processes killed at any moment: what was acknowledged is delivered, and twice is as good as once.

use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::server::{PUSHGATE, text};
use crate::site::{BUILDS, BY_HAND, Site, entity};

/// A small generator of its own, so that a failing round can be told by its seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % limit
    }
}

#[test]
fn a_delivering_process_may_be_killed_between_any_two_requests() {
    // Nobody is there to approve that the entities of twelve pushes go at once.
    let many = "port: { hold_deletions: { at_least: 100 } }\n";
    let site = Site::new(&format!("{BUILDS}{BY_HAND}{many}"));
    let clone = site.server.clone();
    let mut dice = Dice(7);
    let mut commits = Vec::new();
    for round in 0..12 {
        let names = [round, round + 1, round + 2];
        let document: String = names
            .iter()
            .map(|name| entity(&format!("e{name}")))
            .collect();
        Site::after(&clone.change("port.yaml", document).push(&["HEAD:main"]));
        commits.push(site.server.tip("main").unwrap());
        let seen = site.requests();
        let wanted = seen + usize::try_from(dice.below(4)).unwrap();
        let mut child = site
            .server
            .command(PUSHGATE)
            .arg("deliver")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while site.requests() < wanted && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        // It may be over already: then there is nothing to kill.
        let _ = child.kill();
        child.wait().unwrap();
    }
    let output = site.deliver();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(site.outbox().is_empty(), "{:?}", site.outbox());
    assert_eq!(
        site.entities(),
        ["service/e11", "service/e12", "service/e13"]
    );
    let built = site.algorithmia.builds();
    for commit in commits {
        assert!(
            built.iter().any(|build| build.commit == commit),
            "{commit} was never compiled"
        );
    }
}

#[test]
fn a_killed_hook_leaves_a_whole_job_or_none() {
    let site = Site::new(BY_HAND);
    let clone = site.server.clone();
    clone
        .change("port.yaml", entity("a"))
        .push_unchecked(&["HEAD:main"]);
    let zero = "0".repeat(40);
    let line = format!(
        "{zero} {} refs/heads/main\n",
        site.server.tip("main").unwrap()
    );
    // A whole run tells within which time a kill may strike; its job is taken out again.
    let started = Instant::now();
    let output = site.server.pushgate(&["hook", "post-receive"], &line);
    assert_eq!(output.status.code(), Some(0));
    let whole = u64::try_from(started.elapsed().as_micros()).unwrap();
    let output = site.server.pushgate(&["outbox", "discard", "--all"], "");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(site.outbox().is_empty());
    let mut dice = Dice(11);
    let mut killed = 0;
    for _ in 0..40 {
        let mut child = site
            .server
            .command(PUSHGATE)
            .args(["hook", "post-receive"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(line.as_bytes())
            .unwrap();
        let until = Instant::now() + Duration::from_micros(dice.below(whole));
        while Instant::now() < until && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        let _ = child.kill();
        let output = child.wait_with_output().unwrap();
        killed += u32::from(output.status.code().is_none());
        let waiting = site.outbox();
        assert!(
            waiting.iter().all(|job| job["state"] == "waiting"),
            "{waiting:?}"
        );
        if text(&output.stderr).contains("queued") {
            assert!(!waiting.is_empty(), "acknowledged and lost");
        }
    }
    assert!(killed > 0, "every run was over before it was killed");
    let output = site.server.pushgate(&["hook", "post-receive"], &line);
    assert_eq!(output.status.code(), Some(0));
    let output = site.deliver();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(site.entities(), ["service/a"]);
    assert!(site.outbox().is_empty());
}
