//! Every form of a key that people have, and the command that mends it.

use std::path::Path;
use std::process::{Command, Stdio};

use pushgate::algorithmia::{SshKey, SshKeyError, SshKeyFault};

use crate::bench::{good_key, has_program, run};

fn wrong(path: &Path) -> SshKeyError {
    SshKey::read(path).unwrap_err()
}

/// Runs the command that the advice names in backticks.
fn follow(error: &SshKeyError) {
    let advice = error.advice();
    let command = advice.split('`').nth(1).unwrap();
    let output = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command}: {told}");
}

fn folder() -> tempfile::TempDir {
    // Blanks in the path prove that commands are quoted.
    tempfile::Builder::new()
        .prefix("the keys ")
        .tempdir()
        .unwrap()
}

#[test]
fn the_right_form_is_taken() {
    let Some(good) = good_key() else { return };
    assert!(SshKey::read(&good).unwrap().warning().is_none());
}

#[test]
fn blanks_carriage_returns_and_text_around_are_no_fault() {
    let Some(good) = good_key() else { return };
    let text = std::fs::read_to_string(good).unwrap();
    let folder = folder();
    for (name, text) in [
        ("crlf", text.replace('\n', "\r\n")),
        ("blank", text.replace('\n', "\n\n")),
        ("no-end", text.trim_end().to_owned()),
        ("bom", format!("\u{feff}{text}")),
        ("comment", format!("the key of hello\n{text}\n\n")),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        SshKey::read(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn forms_that_can_be_converted_name_the_command_that_does() {
    let Some(good) = good_key() else { return };
    if !has_program("openssl", "the conversion of keys") {
        return;
    }
    let folder = folder();
    let path = folder.path().join("key");
    let file = path.to_str().unwrap();
    let good = good.to_str().unwrap();
    let openssh = ["-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", file];
    let cases: [(&str, &[&str], SshKeyFault); 2] = [
        (
            "ssh-keygen",
            &openssh,
            SshKeyFault::OpenSsh { encrypted: false },
        ),
        (
            "openssl",
            &["pkcs8", "-topk8", "-nocrypt", "-in", good, "-out", file],
            SshKeyFault::Pkcs8,
        ),
    ];
    for (program, arguments, fault) in cases {
        run(program, arguments);
        run("chmod", &["600", file]);
        let error = wrong(&path);
        assert_eq!(error.fault, fault);
        follow(&error);
        SshKey::read(&path).unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        std::fs::remove_file(&path).unwrap();
    }
}

#[test]
fn keys_with_a_passphrase_are_told_apart() {
    let Some(good) = good_key() else { return };
    if !has_program("openssl", "keys with a passphrase") {
        return;
    }
    let folder = folder();
    let path = folder.path().join("key");
    let file = path.to_str().unwrap();
    let good = good.to_str().unwrap();
    let pkcs8 = [
        "pkcs8",
        "-topk8",
        "-passout",
        "pass:secret",
        "-in",
        good,
        "-out",
        file,
    ];
    let pem = [
        "-q", "-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "secret", "-f", file,
    ];
    let openssh = ["-q", "-t", "rsa", "-b", "2048", "-N", "secret", "-f", file];
    let cases: [(&str, &[&str], SshKeyFault); 3] = [
        ("ssh-keygen", &pem, SshKeyFault::EncryptedPkcs1),
        (
            "ssh-keygen",
            &openssh,
            SshKeyFault::OpenSsh { encrypted: true },
        ),
        ("openssl", &pkcs8, SshKeyFault::EncryptedPkcs8),
    ];
    for (program, arguments, fault) in cases {
        run(program, arguments);
        let error = wrong(&path);
        assert_eq!(error.fault, fault);
        assert!(error.advice().contains("ssh-keygen -p -m PEM -N ''"));
        // The same command, with the passphrase that it would ask for.
        run("chmod", &["600", file]);
        run(
            "ssh-keygen",
            &[
                "-q", "-p", "-m", "PEM", "-P", "secret", "-N", "", "-f", file,
            ],
        );
        SshKey::read(&path).unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        std::fs::remove_file(&path).unwrap();
    }
}

#[test]
fn keys_of_other_kinds_are_named() {
    if !has_program("ssh-keygen", "keys of other kinds")
        || !has_program("openssl", "keys of other kinds")
    {
        return;
    }
    let folder = folder();
    let path = folder.path().join("key");
    let file = path.to_str().unwrap();
    let cases: [(&str, &[&str], &str); 6] = [
        (
            "ssh-keygen",
            &["-q", "-t", "ed25519", "-N", "", "-f", file],
            "ssh-ed25519",
        ),
        (
            "ssh-keygen",
            &["-q", "-t", "ecdsa", "-N", "", "-f", file],
            "ecdsa",
        ),
        (
            "ssh-keygen",
            &["-q", "-t", "ecdsa", "-m", "PEM", "-N", "", "-f", file],
            "ECDSA",
        ),
        (
            "openssl",
            &["genpkey", "-algorithm", "ed25519", "-out", file],
            "another",
        ),
        (
            "openssl",
            &[
                "ecparam",
                "-genkey",
                "-name",
                "prime256v1",
                "-noout",
                "-out",
                file,
            ],
            "ECDSA",
        ),
        (
            "ssh-keygen",
            &[
                "-q", "-t", "rsa", "-b", "1024", "-m", "PEM", "-N", "", "-f", file,
            ],
            "1024 bits",
        ),
    ];
    for (program, arguments, word) in cases {
        run(program, arguments);
        let error = wrong(&path);
        assert!(error.to_string().contains(word), "{arguments:?}: {error}");
        assert!(error.advice().contains("ssh-keygen -t rsa -b 4096 -m PEM"));
        std::fs::remove_file(&path).unwrap();
    }
}

#[test]
fn damage_done_by_shell_scripts_is_explained() {
    let Some(good) = good_key() else { return };
    let text = std::fs::read_to_string(&good).unwrap();
    let folder = folder();
    let path = folder.path().join("key");

    std::fs::write(&path, text.replace('\n', "\\n")).unwrap();
    let error = wrong(&path);
    assert_eq!(error.fault, SshKeyFault::LiteralNewlines);
    follow(&error);
    SshKey::read(&path).unwrap();

    let (begin, end) = (
        "-----BEGIN RSA PRIVATE KEY-----",
        "-----END RSA PRIVATE KEY-----",
    );
    std::fs::write(&path, format!("{begin}\n{text}{end}\n")).unwrap();
    let error = wrong(&path);
    assert_eq!(error.fault, SshKeyFault::DoublyWrapped);
    follow(&error);
    SshKey::read(&path).unwrap();

    std::fs::write(&path, format!("{text}{text}")).unwrap();
    assert_eq!(wrong(&path).fault, SshKeyFault::SeveralKeys(2));

    let lines: Vec<&str> = text.lines().collect();
    let damaged = [&lines[..4], &lines[lines.len() - 1..]].concat().join("\n");
    for damaged in [
        damaged,
        lines[..5].join("\n"),
        format!("{begin}\nü\n{end}\n"),
    ] {
        std::fs::write(&path, &damaged).unwrap();
        let error = wrong(&path);
        assert_eq!(error.fault, SshKeyFault::NoKey);
        // Not one line of a key is shown.
        assert!(
            lines
                .iter()
                .skip(1)
                .all(|line| !error.to_string().contains(line))
        );
    }
}

#[test]
fn files_that_are_no_private_key_are_told() {
    let Some(good) = good_key() else { return };
    let folder = folder();
    let path = folder.path().join("key.pub");
    assert_eq!(wrong(&path).fault, SshKeyFault::Missing);
    std::fs::copy(good.with_extension("pem.pub"), &path).unwrap();
    let error = wrong(&path);
    assert_eq!(error.fault, SshKeyFault::Public);
    let cases: [(&[u8], SshKeyFault); 6] = [
        (b" \n\n", SshKeyFault::Empty),
        (b"\xff\xfe\x00binary", SshKeyFault::NoKey),
        (b"hello", SshKeyFault::NoKey),
        (b"PuTTY-User-Key-File-3: ssh-rsa\n", SshKeyFault::Putty),
        (
            b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
            SshKeyFault::Public,
        ),
        (
            b"-----BEGIN DSA PRIVATE KEY-----\nAAAA\n-----END DSA PRIVATE KEY-----\n",
            SshKeyFault::NotRsa("DSA".to_owned()),
        ),
    ];
    for (bytes, fault) in cases {
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(wrong(&path).fault, fault);
    }
    assert!(matches!(
        wrong(folder.path()).fault,
        SshKeyFault::Unreadable(_)
    ));
}
