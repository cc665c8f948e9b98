//! The Debian package: what is in it, and installing it, into a root of its own.

use standin::Command;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::machine::{BAD, GOOD, command, has_program, only, package, said, succeed};

/// The package, built once.
pub fn deb() -> Option<&'static Path> {
    static DEB: OnceLock<Option<(tempfile::TempDir, PathBuf)>> = OnceLock::new();
    DEB.get_or_init(|| {
        if !has_program("cargo-deb", "the Debian package")
            || !has_program("dpkg", "the Debian package")
        {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let built = package("deb", folder.path());
        assert!(built.status.success(), "{}", said(&built));
        let deb = only(folder.path(), ".deb");
        Some((folder, deb))
    })
    .as_ref()
    .map(|(_, deb)| deb.as_path())
}

fn unpacked(deb: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    succeed(
        Command::new("dpkg-deb")
            .arg("--extract")
            .arg(deb)
            .arg(folder.path()),
    );
    folder
}

#[test]
fn what_is_in_it() {
    let Some(deb) = deb() else { return };
    let listed = succeed(Command::new("dpkg-deb").arg("--contents").arg(deb));
    let mut lines: Vec<String> = listed
        .lines()
        .filter(|line| !line.ends_with('/'))
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            format!(
                "{} {} {}",
                words[0],
                words[1],
                words[5].trim_start_matches('.')
            )
        })
        .filter(|line| !line.contains("/man1/pushgate-"))
        .collect();
    lines.sort_by_key(|line| line.rsplit(' ').next().map(str::to_owned));
    insta::assert_snapshot!("contents", lines.join("\n"));

    let told = succeed(Command::new("dpkg-deb").arg("--field").arg(deb));
    let ever_other = ["Installed-Size", "Architecture", "Depends"];
    let told: Vec<&str> = told
        .lines()
        .filter(|line| !ever_other.iter().any(|field| line.starts_with(field)))
        .collect();
    let told = told
        .join("\n")
        .replace(env!("CARGO_PKG_VERSION"), "VERSION");
    insta::assert_snapshot!("fields", told);
}

#[test]
fn a_static_binary_depends_on_nothing() {
    let Some(deb) = deb() else { return };
    let depends = succeed(
        Command::new("dpkg-deb")
            .arg("--field")
            .arg(deb)
            .arg("Depends"),
    );
    let unpacked = unpacked(deb);
    let program = unpacked.path().join("usr/bin/pushgate");
    let libraries = said(&Command::new("ldd").arg(program).output().unwrap());
    let is_static = !libraries.contains("=>");
    assert_eq!(depends.trim().is_empty(), is_static, "{depends}{libraries}");
}

#[test]
fn units_and_scripts_start_the_binary_that_it_brings() {
    let Some(deb) = deb() else { return };
    let unpacked = unpacked(deb);
    let files = [
        "usr/share/pushgate/hooks/bitbucket/pre-receive.sh",
        "usr/share/pushgate/hooks/bitbucket/post-receive.sh",
        "usr/lib/systemd/system/pushgate-deliver.service",
        "usr/lib/systemd/system/pushgate-serve.service",
    ];
    for file in files {
        let text = fs::read_to_string(unpacked.path().join(file)).unwrap();
        let words = text.split([' ', '=', '\n']);
        let programs: Vec<&str> = words
            .filter(|word| word.starts_with('/') && word.ends_with("/pushgate"))
            .filter(|word| word.contains("bin/"))
            .collect();
        assert_eq!(programs, ["/usr/bin/pushgate"], "{file}");
    }
}

#[test]
fn its_binary_and_its_configuration_work() {
    let Some(deb) = deb() else { return };
    let unpacked = unpacked(deb);
    let work = tempfile::tempdir().unwrap();
    let program = unpacked.path().join("usr/bin/pushgate");
    let config = unpacked.path().join("etc/pushgate/config.yaml");
    let with_all = work.path().join("config.yaml");
    for (document, code) in [(BAD, 1), (GOOD, 0)] {
        fs::write(work.path().join("port.yaml"), document).unwrap();
        let mut check = command(&program, work.path());
        let output = check
            .arg("--config")
            .arg(&config)
            .args(["check", "port.yaml"])
            .output();
        let output = output.unwrap();
        assert_eq!(output.status.code(), Some(code), "{}", said(&output));
    }
    // Each example in it can be taken into use by taking its `# ` away.
    let text = fs::read_to_string(&config).unwrap();
    let examples = text
        .lines()
        .filter_map(|line| line.strip_prefix("# "))
        .filter(|line| {
            let key = line.split(':').next().unwrap();
            line.starts_with("  ") || (line.contains(':') && !key.contains(' '))
        });
    let examples: Vec<&str> = examples.collect();
    assert!(examples.len() > 12, "{examples:?}");
    fs::write(&with_all, examples.join("\n")).unwrap();
    let mut check = command(&program, work.path());
    succeed(
        check
            .arg("--config")
            .arg(&with_all)
            .args(["check", "port.yaml"]),
    );
}

/// dpkg's own view, in a root of its own: the scripts leave the machine alone there.
#[test]
fn it_is_installed_upgraded_removed_and_purged() {
    let Some(deb) = deb() else { return };
    let root = tempfile::tempdir().unwrap();
    let state = root.path().join("var/lib/pushgate");
    for folder in [
        "var/lib/dpkg/updates",
        "var/lib/dpkg/info",
        "var/lib/pushgate",
    ] {
        fs::create_dir_all(root.path().join(folder)).unwrap();
    }
    for file in ["status", "available"] {
        fs::write(root.path().join("var/lib/dpkg").join(file), "").unwrap();
    }
    fs::write(state.join("delivery"), "waits").unwrap();
    let dpkg = |arguments: &[&str]| {
        let mut dpkg = Command::new("dpkg");
        dpkg.arg(format!("--root={}", root.path().display()))
            // Nothing else is installed there, not even a shell.
            .args([
                "--force-depends",
                "--force-script-chrootless",
                "--force-not-root",
            ])
            .args(arguments);
        succeed(&mut dpkg)
    };
    let file = deb.to_str().unwrap();
    dpkg(&["--install", file]);
    let status = dpkg(&["--status", "pushgate"]);
    assert!(status.contains("Status: install ok installed"), "{status}");
    // The operator's own configuration stays over an upgrade.
    let config = root.path().join("etc/pushgate/config.yaml");
    fs::write(&config, "gate: { deadline: 5s }\n").unwrap();
    dpkg(&["--install", file]);
    assert_eq!(
        fs::read_to_string(&config).unwrap(),
        "gate: { deadline: 5s }\n"
    );
    dpkg(&["--remove", "pushgate"]);
    assert!(config.exists() && !root.path().join("usr/bin/pushgate").exists());
    dpkg(&["--purge", "pushgate"]);
    assert!(!config.exists());
    assert_eq!(fs::read_to_string(state.join("delivery")).unwrap(), "waits");
    let enabled = root.path().join("etc/systemd/system");
    assert!(!enabled.exists() || fs::read_dir(enabled).unwrap().next().is_none());
}

/// What a timer has started ends by itself: dpkg would wait for the end of a sweep begun anew.
#[test]
fn an_upgrade_restarts_only_what_stays() {
    let Some(deb) = deb() else { return };
    let mut told = Command::new("dpkg-deb");
    let script = succeed(told.arg("--info").arg(deb).arg("postinst"));
    let restarted: Vec<&str> = script
        .lines()
        .filter_map(|line| line.trim().strip_prefix("deb-systemd-invoke "))
        .filter_map(|line| line.split(" >").next())
        .collect();
    assert_eq!(
        restarted,
        [
            "try-restart pushgate-deliver.service",
            "try-restart pushgate-serve.service",
        ]
    );
}

#[test]
fn lintian_finds_no_error() {
    let Some(deb) = deb() else { return };
    if !has_program("lintian", "the check of the Debian package") {
        return;
    }
    let judged = Command::new("lintian")
        .args([
            "--fail-on",
            "error",
            "--no-tag-display-limit",
            "--allow-root",
        ])
        // A static binary is what is wanted here; libyaml is a part of it that was written anew in Rust.
        .args([
            "--suppress-tags",
            "statically-linked-binary,unstripped-binary-or-object,embedded-library",
        ])
        .arg(deb)
        .output()
        .unwrap();
    assert!(judged.status.success(), "{}", said(&judged));
}
