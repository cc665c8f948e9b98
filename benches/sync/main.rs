//! What a sweep costs, printed and not asserted but for the result: `benches/sync.sh` runs it.
//!
//! A name on the command line runs the one whose name holds it.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "what goes wrong ends the run, and the figures are its output"
)]

#[path = "../../tests/sweep/script.rs"]
mod script;
#[path = "../../tests/sweep/site.rs"]
#[expect(dead_code, reason = "the tests need more of it")]
mod site;

use std::time::Duration;

use standin::Fault;

use script::{fill, run_script, run_sweep};
use site::Site;

/// The stand-ins' time for an answer.
const ANSWER: Duration = Duration::from_millis(5);

fn main() {
    // cargo adds `--bench`.
    let wanted = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'));
    let jobs: [(&str, fn()); 2] = [
        ("the_scripts_own_job", the_scripts_own_job),
        ("ten_thousand_repositories", ten_thousand_repositories),
    ];
    for (name, run) in jobs {
        if wanted.as_ref().is_none_or(|wanted| name.contains(wanted)) {
            println!("{name}");
            run();
        }
    }
}

/// Lets every answer take as long as a server's.
fn slow(site: &Site) {
    site.bitbucket.fail_by(|_| Some(Fault::Slow(ANSWER)));
    site.port.fail_by(|_| Some(Fault::Slow(ANSWER)));
}

/// The script's own job: 10 projects of 100 repositories, 5 ms an answer, 2,400 entities.
fn the_scripts_own_job() {
    let (theirs, ours) = (Site::new(), Site::new());
    for site in [&theirs, &ours] {
        assert_eq!(fill(site, 10, 100), 2400);
        slow(site);
    }
    let script = run_script(&theirs);
    let first = run_sweep(&ours, &[]);
    println!("  sweep:  {first}");
    let calls = ours.port.requests().len();
    let again = run_sweep(&ours, &[]);
    println!("  again:  {again}");
    let calls = &ours.port.requests()[calls..];
    assert!(
        calls
            .iter()
            .all(|call| call.path.ends_with("/access_token"))
    );
    if let Some(script) = script {
        println!("  script: {script}");
        let times = script.time.as_secs_f64() / first.time.as_secs_f64();
        println!("  the sweep is {times:.1} times as fast");
        assert_eq!(ours.entities(), theirs.entities());
    }
    assert_eq!(ours.entities().len(), 2400);
}

/// Time grows with the repositories, memory does not.
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
