//! Port's own script beside the sweep: the same job on the same server. The script is no part of
//! this project: it is taken from the documents beside the repository, where they are, and only its
//! limit of 1,000 requests an hour is raised, which would let it sleep for hours.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::site::{PUSHGATE, Site};

/// 2,400 entities in 1,000 repositories of 10 projects: eight of ten have three.
pub fn fill(site: &Site, projects: usize, repositories: usize) -> usize {
    // The script asks for 25 at once, and would have one that counts.
    site.port.keep_token();
    let mut entities = 0;
    for project in 0..projects {
        for number in 0..repositories {
            let name = format!("P{project:02}/repository-{number:04}");
            site.bitbucket.add_repository(&name);
            let file = match number % 10 {
                0 => {
                    site.put(&name, "README.md", "nothing to declare\n");
                    continue;
                }
                1 => {
                    site.put(&name, "src/main.rs", "fn main() {}\n");
                    continue;
                }
                _ => declared(project, number),
            };
            entities += 3;
            site.put(&name, "port.yaml", &file);
        }
    }
    entities
}

fn declared(project: usize, number: usize) -> String {
    let entity = |part: &str, relations: &str| {
        format!(
            "- identifier: s{project}-{number}-{part}\n  title: \"Service {number} {part}\"\n  blueprint: {}\n  team: team-{project}\n  icon: Service\n  properties:\n    language: Rust\n    tier: {}\n    tags: [a, b, \"{number}\"]\n    about: |\n      Lines of text\n      with ümlauts\n    nothing: null\n  relations:{relations}\n",
            if part == "db" { "database" } else { "service" },
            number % 4,
        )
    };
    let to = |part: &str| format!("\n    uses: s{project}-{number}-{part}");
    [
        entity("db", " {}"),
        entity("api", &to("db")),
        entity("web", &to("api")),
    ]
    .concat()
}

/// Where `.ci/run` puts a Python with what the script imports.
fn python() -> Option<PathBuf> {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/port-script/bin/python");
    if python.exists() {
        return Some(python);
    }
    let message = "Python's packages for Port's script are not here: `.ci/run` installs them";
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{message}");
    println!("skipped: {message}");
    None
}

/// The script as its documentation prints it.
fn script(folder: &Path) -> Option<PathBuf> {
    let documents = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/documents");
    let Some(text) = std::fs::read_dir(documents).ok().and_then(|files| {
        files
            .filter_map(Result::ok)
            .find(|file| file.file_name().to_string_lossy().starts_with("003"))
            .and_then(|file| std::fs::read_to_string(file.path()).ok())
    }) else {
        println!("skipped: the document with Port's script is not beside the repository");
        return None;
    };
    let begin = text.find("```python").unwrap();
    let code = text[begin..].split_once('\n').unwrap().1;
    let code = code.split_once("\n```").unwrap().0;
    assert!(
        code.contains("RATE_LIMIT = 1000 "),
        "the script has changed"
    );
    let code = code.replace("RATE_LIMIT = 1000 ", "RATE_LIMIT = 1000000000 ");
    let path = folder.join("gitops.py");
    std::fs::write(&path, code).unwrap();
    Some(path)
}

/// What a run took.
#[derive(Clone, Copy, Debug)]
pub struct Took {
    pub time: Duration,
    /// Of all its threads, the system's part included.
    pub processor: Duration,
    /// The largest, in KiB.
    pub memory: u64,
}

impl std::fmt::Display for Took {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            time,
            processor,
            memory,
        } = self;
        write!(
            f,
            "{:>8.2} s, {:>6.2} s of processor, {memory:>6} KiB",
            time.as_secs_f64(),
            processor.as_secs_f64()
        )
    }
}

/// Runs the script.
pub fn run_script(site: &Site) -> Option<Took> {
    let script = script(site.folder.path())?;
    let python = python()?;
    Some(timed(
        site,
        &[python.to_str().unwrap(), script.to_str().unwrap()],
    ))
}

/// Runs the sweep.
pub fn run_sweep(site: &Site, arguments: &[&str]) -> Took {
    timed(site, &[&[PUSHGATE, "sync"], arguments].concat())
}

/// Runs a program below one that tells what it took.
fn timed(site: &Site, command: &[&str]) -> Took {
    const WATCH: &str = "import resource,subprocess,sys,time\nt=time.monotonic()\ns=subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL,stderr=subprocess.DEVNULL).returncode\nr=resource.getrusage(resource.RUSAGE_CHILDREN)\nprint(time.monotonic()-t,r.ru_utime+r.ru_stime,r.ru_maxrss,s)";
    let started = Instant::now();
    let output = site
        .command("python3", &[&["-c", WATCH], command].concat())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let numbers: Vec<f64> = said
        .split_whitespace()
        .map(|number| number.parse().unwrap())
        .collect();
    let &[seconds, processor, memory, status] = numbers.as_slice() else {
        panic!(
            "{said} {} {:?}",
            String::from_utf8_lossy(&output.stderr),
            started.elapsed()
        );
    };
    assert_eq!(status, 0.0, "{command:?} failed");
    Took {
        time: Duration::from_secs_f64(seconds),
        processor: Duration::from_secs_f64(processor),
        memory: memory as u64,
    }
}

#[test]
fn port_has_what_the_script_would_have_left_there() {
    let (theirs, ours) = (Site::new(), Site::new());
    for site in [&theirs, &ours] {
        assert_eq!(fill(site, 3, 20), 144);
        // Port had some of it before, from elsewhere too.
        let had = serde_json::json!({"identifier": "s0-2-api", "title": "Old", "properties": {"foreign": 1, "tier": 9}});
        site.port.insert("service", "s0-2-api", had);
    }
    if run_script(&theirs).is_none() {
        return;
    }
    run_sweep(&ours, &[]);
    assert_eq!(ours.entities().len(), 144);
    assert_eq!(ours.entities(), theirs.entities());
}
