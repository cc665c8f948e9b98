//! The wheel, and pre-commit and prek that install it: without a network, a Rust toolchain or a pushgate
//! on the PATH.

use standin::Command;
use std::fs;
use std::path::{Path, PathBuf};

use crate::machine::{BAD, GOOD, binary, command, has_program, only, package, root, said, succeed};
use crate::page;

/// A folder with the wheel, and with setuptools, which makes a package of setup.py.
fn wheels() -> Option<tempfile::TempDir> {
    let folder = tempfile::tempdir().unwrap();
    for program in ["maturin", "wheel", "python3"] {
        if !has_program(program, "the wheel") {
            return None;
        }
    }
    let built = package("wheel", folder.path());
    assert!(built.status.success(), "{}", said(&built));
    Some(folder)
}

/// `.ci/run` has fetched setuptools into `target/wheels`: without a network nothing else brings it.
fn with_setuptools(wheels: &Path) -> bool {
    let fetched = fs::read_dir(root().join("target/wheels"))
        .into_iter()
        .flatten();
    let mut there = false;
    for file in fetched.map(Result::unwrap) {
        fs::copy(file.path(), wheels.join(file.file_name())).unwrap();
        there = true;
    }
    if !there {
        let message =
            "target/wheels lacks setuptools: pip download --dest target/wheels setuptools";
        assert!(std::env::var_os("CI").is_none(), "{message}");
        println!("skipped: {message}");
    }
    there
}

#[test]
fn the_wheel_holds_the_binary_and_what_it_is_made_of() {
    let Some(wheels) = wheels() else { return };
    let wheel = only(wheels.path(), ".whl");
    let name = wheel.file_name().unwrap().to_str().unwrap();
    let version = env!("CARGO_PKG_VERSION");
    assert!(
        name.starts_with(&format!("pushgate-{version}-py3-none-manylinux")),
        "{name}"
    );
    let program = "
import hashlib, sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
for entry in wheel.infolist():
    print('executable' if entry.external_attr >> 16 & 0o111 else 'file      ', entry.filename)
held = [name for name in wheel.namelist() if name.endswith('/scripts/pushgate')]
assert wheel.read(held[0]) == open(sys.argv[2], 'rb').read(), 'another binary'
print(wheel.read([name for name in wheel.namelist() if name.endswith('/METADATA')][0]).decode())
";
    let mut python = Command::new("python3");
    let listed = succeed(python.args(["-c", program]).arg(&wheel).arg(binary()));
    let listed = listed.replace(version, "VERSION");
    insta::assert_snapshot!("wheel", listed);
}

/// The repository that has the hook, as people name it in `.pre-commit-config.yaml`.
fn hook_repository(home: &Path) -> PathBuf {
    let path = home.join("pushgate");
    fs::create_dir_all(path.join("src")).unwrap();
    for file in [
        ".pre-commit-hooks.yaml",
        "setup.py",
        "Cargo.toml",
        "Cargo.lock",
        "README.md",
    ] {
        fs::copy(root().join(file), path.join(file)).unwrap();
    }
    // Folders at the root are what makes setuptools guess at packages.
    fs::write(path.join("src/main.rs"), "fn main() {}\n").unwrap();
    for arguments in [
        &["init", "-q"][..],
        &["add", "."],
        &["commit", "-qm", "hook"],
        &["tag", "v0.1.0"],
    ] {
        succeed(command("git", home).current_dir(&path).args(arguments));
    }
    path
}

/// The PATH without pushgate and without a Rust toolchain: of a folder that has them, such as Debian's own,
/// all else is linked below `home`.
fn path_of_a_developer(home: &Path) -> String {
    const WITHOUT: [&str; 3] = ["pushgate", "cargo", "rustc"];
    let path = std::env::var("PATH").unwrap();
    let bare = path.split(':').enumerate().map(|(number, folder)| {
        let folder = Path::new(folder);
        if !WITHOUT.iter().any(|program| folder.join(program).exists()) {
            return folder.to_owned();
        }
        let links = home.join(format!("path-{number}"));
        fs::create_dir_all(&links).unwrap();
        for program in fs::read_dir(folder).unwrap().flatten() {
            let name = program.file_name();
            if !WITHOUT.iter().any(|without| name == *without) {
                // Linked for the other runner already.
                let _ = std::os::unix::fs::symlink(program.path(), links.join(name));
            }
        }
        links
    });
    let bare: Vec<String> = bare.map(|folder| folder.display().to_string()).collect();
    bare.join(":")
}

#[test]
fn pre_commit_and_prek_install_it_without_a_network() {
    let Some(wheels) = wheels() else { return };
    if !with_setuptools(wheels.path()) || !has_program("unshare", "a run without a network") {
        return;
    }
    for runner in ["pre-commit", "prek"] {
        // prek installs Python packages by uv.
        if !has_program(runner, "the hook") || !has_program("uv", "the hook in prek") {
            continue;
        }
        let home = tempfile::tempdir().unwrap();
        let hook = hook_repository(home.path());
        let tree = home.path().join("tree");
        fs::create_dir(&tree).unwrap();
        let path = path_of_a_developer(home.path());
        // In a network of its own, in which nothing is up.
        let offline = |program: &str, arguments: &[&str]| {
            command("unshare", home.path())
                .args(["--map-root-user", "--net", "--", program])
                .args(arguments)
                .current_dir(&tree)
                .env("PATH", &path)
                .env("PIP_NO_INDEX", "1")
                .env("PIP_FIND_LINKS", wheels.path())
                .env("UV_OFFLINE", "1")
                .env("UV_NO_INDEX", "1")
                .env("UV_FIND_LINKS", wheels.path())
                .output()
                .unwrap()
        };
        let git = |arguments: &[&str]| assert!(offline("git", arguments).status.success());
        git(&["init", "-q"]);
        let config = page::block("pre-commit").replace(
            "https://git.example.com/tools/pushgate",
            hook.to_str().unwrap(),
        );
        fs::write(tree.join(".pre-commit-config.yaml"), config).unwrap();
        fs::write(tree.join("port.yaml"), BAD).unwrap();
        git(&["add", "."]);
        let installed = offline(runner, &["install"]);
        assert!(installed.status.success(), "{}", said(&installed));

        let refused = offline("git", &["commit", "-m", "bad"]);
        let words = said(&refused);
        assert!(!refused.status.success(), "{runner} let it pass: {words}");
        let finding = "port.yaml:2:1: error[port/missing-title]";
        assert!(words.contains(finding), "{runner}: {words}");

        fs::write(tree.join("port.yaml"), GOOD).unwrap();
        git(&["add", "."]);
        let accepted = offline("git", &["commit", "-m", "good"]);
        assert!(accepted.status.success(), "{runner}: {}", said(&accepted));
    }
}
