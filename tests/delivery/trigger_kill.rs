//! A worker that tells a trigger's service, killed at any moment.

use std::path::Path;

use pushgate::delivery::Deadline;
use pushgate::outbox::Status;
use standin::Recorded;

use crate::bench::{commit, outbox_in};
use crate::triggers::{PLAIN, Site, clients};

const CONFIG: &str = "PUSHGATE_TEST_TRIGGERS";

/// Not a test by itself: the worker that is killed.
#[test]
fn the_worker_that_is_killed() {
    let Some(folder) = std::env::var_os(CONFIG) else {
        return;
    };
    let folder = Path::new(&folder);
    let outbox = outbox_in(folder);
    let remotes = pushgate::delivery::Remotes {
        triggers: clients(&folder.join("config.yaml")),
        ..pushgate::delivery::Remotes::default()
    };
    pushgate::delivery::deliver(
        &outbox,
        &remotes,
        &crate::bench::settings(),
        &crate::bench::no_branches(),
        Deadline::NothingDue,
        &|_| (),
    )
    .unwrap();
}

#[test]
fn a_worker_that_is_killed_leaves_every_commit_told_and_none_after_its_success() {
    for round in 0..20 {
        let site = Site::new(PLAIN);
        let ids: Vec<_> = (0..4).map(|number| site.put("ci", number)).collect();
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "trigger_kill::the_worker_that_is_killed"])
            .env(CONFIG, site.bench.folder.path())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        // After an answer, before or after it was noted.
        while site.service.taken().len() <= round % 4 && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        for _ in 0..fastrand::usize(..2_000) {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let noted: Vec<usize> = (0..4)
            .filter(|number| {
                matches!(
                    site.bench.outbox.status(&ids[*number]).unwrap(),
                    Status::Finished(_)
                )
            })
            .collect();
        let before = site.service.taken().len();
        assert!(site.bench.deliver().is_clear());
        let taken = site.service.taken();
        for number in 0..4 {
            let sha = commit(number).to_string();
            let told = |requests: &[Recorded]| {
                let of_it = requests
                    .iter()
                    .filter(|request| request.query["sha"] == sha);
                of_it.count()
            };
            assert!(told(&taken) >= 1, "{number} was never told");
            if noted.contains(&number) {
                assert_eq!(told(&taken[before..]), 0, "{number} was told again");
            }
        }
    }
}
