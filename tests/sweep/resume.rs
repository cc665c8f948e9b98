//! A sweep that is killed goes on where it was.

use std::process::Stdio;
use std::time::{Duration, Instant};

use standin::Fault;

use crate::site::{PUSHGATE, Site, service};

const REPOSITORIES: usize = 40;

#[test]
fn a_killed_sweep_goes_on_where_it_was() {
    let site = Site::new();
    for number in 0..REPOSITORIES {
        let name = format!("PRJ/r{number:02}");
        site.bitbucket.add_repository(&name);
        site.put(&name, "port.yaml", &service(&format!("s{number:02}")));
    }
    let slow = Duration::from_millis(25);
    site.bitbucket.fail_by(move |_| Some(Fault::Slow(slow)));
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
