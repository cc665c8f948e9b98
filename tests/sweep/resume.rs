//! A sweep that is killed goes on where it was.

use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

use standin::Fault;

use crate::site::{PUSHGATE, Site, service};

const REPOSITORIES: usize = 40;

/// A server that takes its time.
fn slow_site() -> Site {
    let site = Site::new();
    for number in 0..REPOSITORIES {
        let name = format!("PRJ/r{number:02}");
        site.bitbucket.add_repository(&name);
        site.put(&name, "port.yaml", &service(&format!("s{number:02}")));
    }
    let slow = Duration::from_millis(25);
    site.bitbucket.fail_by(move |_| Some(Fault::Slow(slow)));
    site
}

#[test]
fn whoever_interrupts_a_sweep_is_told_that_nothing_is_lost() {
    let site = slow_site();
    let child = site
        .command(PUSHGATE, &["sync", "--concurrency", "2"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    standin::wait_for(Duration::from_secs(60), "an entity", || {
        (!site.keys().is_empty()).then_some(())
    });
    standin::run("kill", &["-INT", &child.id().to_string()]);
    let ended = child.wait_with_output().unwrap();
    // As a shell expects of a program that ctrl-C ended.
    assert_eq!(ended.status.signal(), Some(2), "{ended:?}");
    let said = String::from_utf8_lossy(&ended.stderr);
    let last = said.split_once("stopped;").unwrap().1;
    let last = last.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(
        last,
        "what was done so far is kept, and the next sweep goes on there"
    );
}

#[test]
fn a_killed_sweep_goes_on_where_it_was() {
    let site = slow_site();
    let mut child = site
        .command(PUSHGATE, &["sync", "--concurrency", "2"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let end = Instant::now() + Duration::from_secs(60);
    while site.keys().len() < 5 {
        assert!(Instant::now() < end, "nothing arrives");
        assert!(child.try_wait().unwrap().is_none(), "it ended too early");
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(site.keys().len() < REPOSITORIES);
    site.bitbucket.mend();
    let (status, report) = site.report(&[]);
    assert_eq!(status, 0, "{report:#}");
    assert_eq!(site.keys().len(), REPOSITORIES);
    let unchanged = report["summary"]["unchanged"].as_u64().unwrap();
    assert!(unchanged >= 5, "{report:#}");
    // Nothing of what the first run had recorded was sent twice in vain.
    assert_eq!(site.report(&[]).1["summary"]["unchanged"], REPOSITORIES);
}
