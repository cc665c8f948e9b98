//! The fuzz targets in every run of the tests: their seeds, and changes of them by dice that are
//! thrown anew each time.

use std::path::{Path, PathBuf};

use fastrand::Rng;

use crate::ways_in::{TARGETS, Target};

/// Changed seeds that each target is given; `PUSHGATE_FUZZ_INPUTS` sets another number.
const INPUTS: usize = 400;

/// Pieces that mean something somewhere.
const PIECES: [&str; 24] = [
    "\n",
    "\r\n",
    "\n\n",
    " ",
    ": ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\",
    "\0",
    "\u{1b}[31m",
    "é",
    "\u{202e}",
    "*a",
    "&a ",
    "<<: ",
    "null",
    "-1",
    "1e999",
    "0000000000",
    "{{body}}",
];

fn seeds(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/seeds")
        .join(target);
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |path: PathBuf| (path.clone(), std::fs::read(path).unwrap());
    files.into_iter().map(read).collect()
}

/// The fixtures of the rules, one document each, as the target `document` takes them: each rule's code is
/// reached, which a few seeds of our own can't see to. `.ci/fuzz` makes the same of them.
fn fixtures() -> Vec<(PathBuf, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let below = |folder: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    };
    let families = below(&root).into_iter();
    let rules = families.flat_map(|family| below(&family));
    let rules = rules.filter(|rule| rule.is_dir());
    let mut files: Vec<PathBuf> = rules.flat_map(|rule| below(&rule)).collect();
    files.sort();
    let as_seed = |path: PathBuf| {
        let named = match path.extension()?.to_str()? {
            "yml" => "bitbucket-pipelines.yml",
            "conf" => "algorithmia.conf",
            "yaml" if path.starts_with(root.join("gimlet")) => ".gimlet/a.yaml",
            "yaml" => "port.yaml",
            _ => return None,
        };
        let text = std::fs::read(&path).ok()?;
        Some((path, [named.as_bytes(), b"\n", &text].concat()))
    };
    files.into_iter().filter_map(as_seed).collect()
}

/// A seed with a few bytes cut, doubled, replaced, put in, or taken from another seed.
fn changed(seeds: &[(PathBuf, Vec<u8>)], dice: &mut Rng) -> Vec<u8> {
    let mut bytes = seeds[dice.usize(..seeds.len())].1.clone();
    for _ in 0..dice.usize(1..6) {
        let start = dice.usize(..=bytes.len());
        let end = bytes.len().min(start + dice.usize(..40));
        let piece = match dice.u8(..5) {
            0 => Vec::new(),
            1 => [&bytes[start..end], &bytes[start..end]].concat(),
            2 => bytes[start..end]
                .iter()
                .map(|byte| byte ^ (1 << dice.u8(..8)))
                .collect(),
            3 => dice.choice(PIECES).unwrap_or_default().as_bytes().to_vec(),
            _ => {
                let other = &seeds[dice.usize(..seeds.len())].1;
                let from = dice.usize(..=other.len());
                other[from..other.len().min(from + 60)].to_vec()
            }
        };
        let end = if dice.bool() { end } else { start };
        bytes.splice(start..end, piece);
    }
    bytes
}

/// Leaves the input that fails where it can be run again by itself.
fn put_through((name, put_through): Target, input: &[u8], what: &str) {
    if std::panic::catch_unwind(|| put_through(input)).is_err() {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile");
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join(format!("{name}-{}", std::process::id()));
        std::fs::write(&file, input).unwrap();
        panic!("{name}: {what} fails; the input is {}", file.display());
    }
}

fn target(name: &str) -> Target {
    let known = TARGETS.iter().find(|(other, _)| *other == name);
    *known.unwrap()
}

fn run(name: &str) {
    let target = target(name);
    let mut seeds = seeds(name);
    assert!(seeds.len() >= 8, "{name} has hardly any seeds");
    if name == "document" {
        seeds.extend(fixtures());
        assert!(seeds.len() > 200, "{} documents", seeds.len());
    }
    for (path, seed) in &seeds {
        put_through(target, seed, &path.display().to_string());
    }
    let inputs = std::env::var("PUSHGATE_FUZZ_INPUTS").ok();
    let inputs = inputs
        .and_then(|number| number.parse().ok())
        .unwrap_or(INPUTS);
    let begin = fastrand::u64(..);
    let mut dice = Rng::with_seed(begin);
    for number in 0..inputs {
        let input = changed(&seeds, &mut dice);
        put_through(
            target,
            &input,
            &format!("input {number} of the dice {begin}"),
        );
    }
}

#[test]
fn documents() {
    run("document");
}

#[test]
fn pushes() {
    run("push");
}

#[test]
fn answers() {
    run("answers");
}

#[test]
fn webhooks() {
    run("webhook");
}

#[test]
fn configurations() {
    run("config");
}

/// What lies behind the configuration's parser is reached by those alone that it takes.
#[test]
fn the_whole_configurations_of_the_seeds_are_ones() {
    let read = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/config");
        let text = std::fs::read_to_string(path.join(name)).unwrap();
        pushgate::config::Config::parse(&text, name).unwrap_or_else(|error| panic!("{error}"))
    };
    assert_eq!(read("whole").algorithmia.builds.len(), 1);
    assert_eq!(read("triggers").triggers.len(), 6);
}

#[test]
fn every_target_is_run_here_and_by_cargo_fuzz() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let manifest = std::fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let own = include_str!("seeds.rs");
    for (name, _) in TARGETS {
        let binary = format!("name = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"");
        assert!(manifest.contains(&binary), "{name}");
        assert!(root.join(format!("fuzz_targets/{name}.rs")).is_file());
        assert!(own.contains(&format!("run(\"{name}\")")), "{name}");
    }
    assert_eq!(
        std::fs::read_dir(root.join("seeds")).unwrap().count(),
        TARGETS.len()
    );
}
