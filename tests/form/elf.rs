//! The file itself: what it needs, how large it is, what is written in it.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use standin::has_program;

use crate::handed_out::{binary, is_full};
use crate::server::text;

/// What it takes, and a little: each megabyte more is one that nobody asked for.
const LIMIT: u64 = 12_500_000;

fn said(program: &str, file: &Path) -> String {
    let output = Command::new(program)
        .env("LC_ALL", "C")
        .arg(file)
        .output()
        .unwrap();
    text(&output.stdout) + &text(&output.stderr)
}

#[test]
fn it_needs_no_library_and_no_loader() {
    let Some(binary) = binary() else { return };
    if has_program("file", "the form of the binary") {
        let form = said("file", &binary);
        assert!(
            form.contains("static-pie linked") || form.contains("statically linked"),
            "{form}"
        );
        assert!(!form.contains("interpreter"), "{form}");
        assert!(!form.contains("not stripped"), "{form}");
    }
    if has_program("ldd", "the form of the binary") {
        let needed = said("ldd", &binary);
        assert!(
            needed.contains("statically linked") || needed.contains("not a dynamic executable"),
            "{needed}"
        );
    }
}

#[test]
fn it_is_small() {
    let Some(binary) = binary() else { return };
    let size = fs::metadata(&binary).unwrap().len();
    if is_full(&binary) {
        assert!(size < LIMIT, "{size} bytes");
    } else {
        println!("not checked: {size} bytes, of the quick form, which has no limit");
    }
}

/// A path would make two builds differ, and tell of the machine that built it.
#[test]
fn no_path_of_the_machine_that_built_it_is_in_it() {
    let Some(binary) = binary() else { return };
    if !is_full(&binary) {
        println!("not checked: the quick form is what `cargo test` builds");
        return;
    }
    let bytes = fs::read(&binary).unwrap();
    let home = std::env::var("CARGO_HOME")
        .or_else(|_| std::env::var("HOME").map(|home| home + "/.cargo"))
        .unwrap();
    for path in [env!("CARGO_MANIFEST_DIR"), &home] {
        let found = memchr::memmem::find(&bytes, path.as_bytes());
        let around = found.map(|at| text(&bytes[at..bytes.len().min(at + 200)]));
        assert_eq!(around, None);
    }
}

/// The SBOM names what the binary was built from, by version and licence.
#[test]
fn its_sbom_names_the_dependencies() {
    let Some(binary) = binary() else { return };
    if !is_full(&binary) {
        println!("not checked: the quick form has no SBOM");
        return;
    }
    let sbom = fs::read(binary.with_file_name("pushgate.cdx.json")).unwrap();
    let sbom: Value = serde_json::from_slice(&sbom).unwrap();
    assert_eq!(sbom["bomFormat"], "CycloneDX");
    assert_eq!(sbom["metadata"]["component"]["name"], "pushgate");
    let components = sbom["components"].as_array().unwrap();
    for name in ["git2", "libgit2-sys", "rustls", "libsqlite3-sys"] {
        let component = components
            .iter()
            .find(|component| component["name"] == name);
        let component = component.unwrap_or_else(|| panic!("{name} is not in the SBOM"));
        assert!(component["version"].is_string(), "{component}");
        assert!(component["licenses"].is_array(), "{component}");
    }
    for name in ["insta", "standin"] {
        let found = components.iter().any(|component| component["name"] == name);
        assert!(!found, "{name} is not in the binary");
    }
}
