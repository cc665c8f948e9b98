//! What a sweep costs, printed and not asserted but for the result: `benches/sync.sh` runs these.

use crate::script::{fill, run_script, run_sweep, slow};
use crate::site::Site;

/// The script's own job: 10 projects of 100 repositories, 5 ms an answer, 2,400 entities.
#[test]
#[ignore = "takes half a minute: benches/sync.sh"]
fn the_scripts_own_job() {
    let (theirs, ours) = (Site::new(), Site::new());
    for site in [&theirs, &ours] {
        assert_eq!(fill(site, 10, 100), 2400);
        slow(site);
    }
    let script = run_script(&theirs);
    let first = run_sweep(&ours, &[]);
    println!("sweep:  {first}");
    let calls = ours.port.requests().len();
    let again = run_sweep(&ours, &[]);
    println!("again:  {again}");
    let calls = &ours.port.requests()[calls..];
    assert!(
        calls
            .iter()
            .all(|call| call.path.ends_with("/access_token"))
    );
    if let Some(script) = script {
        println!("script: {script}");
        let times = script.time.as_secs_f64() / first.time.as_secs_f64();
        println!("the sweep is {times:.1} times as fast");
        assert_eq!(ours.entities(), theirs.entities());
    }
    assert_eq!(ours.entities().len(), 2400);
}

/// Time grows with the repositories, memory does not.
#[test]
#[ignore = "takes minutes: benches/sync.sh"]
fn ten_thousand_repositories() {
    for projects in [10, 50, 100] {
        let site = Site::new();
        let entities = fill(&site, projects, 100);
        let first = run_sweep(&site, &[]);
        let again = run_sweep(&site, &[]);
        assert_eq!(site.keys().len(), entities);
        println!("{:>6} repositories, {entities} entities", projects * 100);
        println!("  sweep: {first}");
        println!("  again: {again}");
    }
}
