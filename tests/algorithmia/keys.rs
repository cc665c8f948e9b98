//! Every form of a key that people have, made by ssh-keygen and openssl: `pushgate compile` names it, and
//! the command that it shows mends it.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use pushgate::algorithmia::{SshKey, SshKeyError, SshKeyFault};
use standin::{good_key, has_program, run};

use crate::builds::waiting;
use crate::site::{Ran, Site};

const PASSPHRASE: &str = "secret";

fn has_both() -> bool {
    has_program("ssh-keygen", "keys of all forms") && has_program("openssl", "keys of all forms")
}

/// Runs a shell line in a folder; passphrases that are asked for are answered.
fn shell(folder: &Path, line: &str) -> bool {
    let answers = folder.join("answers");
    fs::write(&answers, format!("#!/bin/sh\necho {PASSPHRASE}\n")).unwrap();
    fs::set_permissions(&answers, fs::Permissions::from_mode(0o700)).unwrap();
    let output = Command::new("sh")
        .args(["-e", "-c", line])
        .current_dir(folder)
        .env("SSH_ASKPASS", &answers)
        .env("SSH_ASKPASS_REQUIRE", "force")
        .env("DISPLAY", ":0")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    if !output.status.success() {
        println!("{line}: {}", String::from_utf8_lossy(&output.stderr));
    }
    output.status.success()
}

/// What `compile` says of the key in `key.pem`, which keeps anything from being sent.
fn said(site: &Site) -> Ran {
    let before = site.cluster.requests().len();
    let ran = site.run(&waiting(&[]));
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert_eq!(site.cluster.requests().len(), before);
    ran
}

/// A message whose lines do not depend on how long the folder's path is.
fn unwrapped(text: &str) -> String {
    let mut whole = String::new();
    for line in text.lines() {
        let begins = ["pushgate:", "  help:", "        $ ", "        then "];
        if begins.iter().any(|start| line.starts_with(start)) {
            whole.push('\n');
            whole.push_str(line);
        } else {
            whole.push_str(&format!(" {}", line.trim()));
        }
    }
    whole.trim().to_owned() + "\n"
}

/// The command that a message shows, in a line of its own.
fn command_of(ran: &Ran) -> String {
    let mut lines = ran.err.lines().map(str::trim);
    let shown = lines.find_map(|line| line.split_once("$ ").map(|(_, command)| command));
    shown
        .unwrap_or_else(|| panic!("no command: {ran:?}"))
        .to_owned()
}

/// A form of a key: how it is made as `key.pem`, what is said of it, and whether it can be turned into
/// a good one or a new one has to be made.
struct Form {
    make: &'static str,
    words: &'static str,
    mends: Mends,
}

#[derive(PartialEq)]
enum Mends {
    /// The command makes a good one of it, in this file.
    Into(&'static str),
    /// The command makes another key.
    ByAnother,
}

const FORMS: [Form; 21] = [
    // OpenSSH's own form.
    Form {
        make: "ssh-keygen -q -t rsa -b 2048 -N '' -f key.pem",
        words: "it is in OpenSSH's form, and Algorithmia takes PKCS#1 PEM only",
        mends: Mends::Into("key.pem"),
    },
    Form {
        make: "ssh-keygen -q -t rsa -b 2048 -N secret -f key.pem",
        words: "it is in OpenSSH's form with a passphrase",
        mends: Mends::Into("key.pem"),
    },
    // PKCS#8.
    Form {
        make: "openssl pkcs8 -topk8 -nocrypt -in good.pem -out key.pem",
        words: "it is in PKCS#8 form, and Algorithmia takes PKCS#1 PEM only",
        mends: Mends::Into("key.pem"),
    },
    Form {
        make: "ssh-keygen -q -t rsa -b 2048 -m PKCS8 -N '' -f key.pem",
        words: "it is in PKCS#8 form",
        mends: Mends::Into("key.pem"),
    },
    Form {
        make: "openssl pkcs8 -topk8 -passout pass:secret -in good.pem -out key.pem",
        words: "it is in PKCS#8 form with a passphrase",
        mends: Mends::Into("key.pem"),
    },
    // PKCS#1 with a passphrase.
    Form {
        make: "ssh-keygen -q -t rsa -b 2048 -m PEM -N secret -f key.pem",
        words: "it has a passphrase, which Algorithmia can't be given",
        mends: Mends::Into("key.pem"),
    },
    // Too short, in each form.
    Form {
        make: "ssh-keygen -q -t rsa -b 1024 -m PEM -N '' -f key.pem",
        words: "it has 1024 bits",
        mends: Mends::ByAnother,
    },
    Form {
        make: "ssh-keygen -q -t rsa -b 1024 -N '' -f key.pem",
        words: "it has 1024 bits",
        mends: Mends::ByAnother,
    },
    Form {
        make: "ssh-keygen -q -t rsa -b 1024 -N secret -f key.pem",
        words: "it has 1024 bits",
        mends: Mends::ByAnother,
    },
    Form {
        make: "ssh-keygen -q -t rsa -b 1024 -m PKCS8 -N '' -f key.pem",
        words: "it has 1024 bits",
        mends: Mends::ByAnother,
    },
    // Other algorithms, in each form.
    Form {
        make: "openssl dsaparam -out p 1024 2>/dev/null; openssl gendsa -out key.pem p 2>/dev/null",
        words: "it is a key of DSA, and Algorithmia takes RSA only",
        mends: Mends::ByAnother,
    },
    Form {
        make: "openssl dsaparam -out p 1024 2>/dev/null; openssl gendsa -out k p 2>/dev/null; openssl pkey -in k -traditional -out key.pem",
        words: "it is a key of DSA",
        mends: Mends::ByAnother,
    },
    Form {
        make: "openssl ecparam -genkey -name prime256v1 -noout -out key.pem",
        words: "it is a key of ECDSA",
        mends: Mends::ByAnother,
    },
    Form {
        make: "ssh-keygen -q -t ecdsa -N '' -f key.pem",
        words: "it is a key of ECDSA",
        mends: Mends::ByAnother,
    },
    Form {
        make: "openssl genpkey -algorithm ed25519 -out key.pem",
        words: "it is a key of Ed25519",
        mends: Mends::ByAnother,
    },
    Form {
        make: "ssh-keygen -q -t ed25519 -N '' -f key.pem",
        words: "it is a key of Ed25519",
        mends: Mends::ByAnother,
    },
    // The awk line of the page, and what it makes with the page's template around it.
    Form {
        make: r#"awk 'NF {sub(/\r/, ""); printf "%s\\n",$0;}' good.pem > key.pem"#,
        words: "it holds the two characters `\\n` where its lines should end",
        mends: Mends::Into("key.pem"),
    },
    Form {
        make: r#"{ printf '%s' '-----BEGIN RSA PRIVATE KEY-----\n'; awk 'NF {sub(/\r/, ""); printf "%s\\n",$0;}' good.pem; printf '%s' '\n-----END RSA PRIVATE KEY-----\n'; } > key.pem"#,
        words: "it holds the two characters `\\n` where its lines should end",
        mends: Mends::Into("key.pem"),
    },
    Form {
        make: r#"{ echo '-----BEGIN RSA PRIVATE KEY-----'; cat good.pem; echo; echo '-----END RSA PRIVATE KEY-----'; } > key.pem"#,
        words: "BEGIN and END stand around it twice",
        mends: Mends::Into("key.pem"),
    },
    Form {
        make: r#"{ printf '{\n  "sshPrivateKey": "-----BEGIN RSA PRIVATE KEY-----\\n'; awk 'NF {sub(/\r/, ""); printf "%s\\n",$0;}' good.pem; printf '%s\n' '\n-----END RSA PRIVATE KEY-----\n",' '  "commitSha": "BB_COMMIT_HASH"' '}'; } > key.pem"#,
        words: "it is the JSON of a whole request",
        mends: Mends::Into("key.pem.pem"),
    },
    Form {
        make: "head -c 400 good.pem > key.pem",
        words: "it is no RSA private key, or a damaged one",
        mends: Mends::ByAnother,
    },
];

#[test]
fn every_form_is_recognised_and_mended_by_the_command_that_is_shown() {
    if !has_both() {
        return;
    }
    let good = good_key().unwrap();
    let mut all = String::new();
    let mut followed = BTreeSet::new();
    for Form { make, words, mends } in FORMS {
        let site = Site::new();
        let folder = site.folder();
        let key = folder.join("key.pem");
        fs::remove_file(&key).unwrap();
        fs::copy(&good, folder.join("good.pem")).unwrap();
        assert!(shell(folder, make), "{make}");
        run("chmod", &["600", key.to_str().unwrap()]);
        let ran = said(&site);
        let err = unwrapped(&ran.err);
        assert!(err.contains(words), "{make}: {err}");
        if !all.contains(&err) {
            all.push_str(&format!("{err}\n"));
        }
        // Not one line of a key is shown.
        let text = fs::read_to_string(&key).unwrap();
        let secrets = text
            .lines()
            .filter(|line| line.len() > 30 && !line.contains("---"));
        for secret in secrets {
            assert!(!ran.err.contains(secret), "{}", ran.err);
        }
        let command = command_of(&ran);
        // A new key is a new key, and takes its time: that command is followed once.
        if mends == Mends::ByAnother && !followed.insert(command.clone()) {
            continue;
        }
        let command = command.replace("FOLDER", folder.to_str().unwrap());
        assert!(shell(folder, &command), "{make}: {command}");
        let new = match mends {
            Mends::Into(name) => folder.join(name),
            Mends::ByAnother => folder.join("key.pem.new"),
        };
        fs::rename(&new, &key).unwrap();
        assert!(SshKey::read(&key).unwrap().warning().is_none(), "{make}");
        site.succeed(&waiting(&[]));
        let sent = site.cluster.builds().pop().unwrap().ssh_private_key;
        assert!(
            sent.starts_with("-----BEGIN RSA PRIVATE KEY-----\nMI"),
            "{make}"
        );
        assert!(sent.ends_with("-----END RSA PRIVATE KEY-----\n"), "{make}");
        if let (Mends::Into(_), true) = (&mends, make.contains("good.pem")) {
            // It is still the same key.
            let good = fs::read_to_string(&good).unwrap();
            assert_eq!(sent, good, "{make}");
        }
    }
    insta::assert_snapshot!(all);
}

fn wrong(path: &Path) -> SshKeyError {
    SshKey::read(path).unwrap_err()
}

fn folder() -> tempfile::TempDir {
    // Blanks in the path prove that commands are quoted.
    let mut builder = tempfile::Builder::new();
    builder.prefix("the keys ").tempdir().unwrap()
}

#[test]
fn commands_are_quoted() {
    let Some(good) = good_key() else { return };
    let folder = folder();
    let path = folder.path().join("a 'key'");
    let text = fs::read_to_string(good).unwrap();
    fs::write(&path, text.replace('\n', "\\n")).unwrap();
    let error = wrong(&path);
    assert_eq!(error.fault, SshKeyFault::LiteralNewlines);
    let advice = error.advice();
    let command = advice.split_once("$ ").unwrap().1;
    assert!(shell(folder.path(), command), "{command}");
    assert!(SshKey::read(&path).unwrap().warning().is_none());
}

#[test]
fn blanks_carriage_returns_and_text_around_are_no_fault() {
    let Some(good) = good_key() else { return };
    assert!(SshKey::read(&good).unwrap().warning().is_none());
    let text = fs::read_to_string(good).unwrap();
    let folder = folder();
    for (name, text) in [
        ("crlf", text.replace('\n', "\r\n")),
        ("blank", text.replace('\n', "\n\n")),
        ("no-end", text.trim_end().to_owned()),
        ("bom", format!("\u{feff}{text}")),
        ("comment", format!("the key of hello\n{text}\n\n")),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        SshKey::read(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn files_that_are_no_private_key_are_told() {
    let Some(good) = good_key() else { return };
    let folder = folder();
    let path = folder.path().join("key.pub");
    assert_eq!(wrong(&path).fault, SshKeyFault::Missing);
    fs::copy(good.with_extension("pem.pub"), &path).unwrap();
    assert_eq!(wrong(&path).fault, SshKeyFault::Public);
    let text = fs::read_to_string(&good).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let hole = [&lines[..4], &lines[lines.len() - 1..]].concat().join("\n");
    let cases: [(&[u8], SshKeyFault); 10] = [
        (b" \n\n", SshKeyFault::Empty),
        (b"\xff\xfe\x00binary", SshKeyFault::NoKey),
        (b"hello", SshKeyFault::NoKey),
        (hole.as_bytes(), SshKeyFault::NoKey),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nü\n-----END RSA PRIVATE KEY-----\n".as_bytes(),
            SshKeyFault::NoKey,
        ),
        (
            b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END OPENSSH PRIVATE KEY-----\n",
            SshKeyFault::NoKey,
        ),
        (b"PuTTY-User-Key-File-3: ssh-rsa\n", SshKeyFault::Putty),
        (
            b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
            SshKeyFault::Public,
        ),
        (
            b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
            SshKeyFault::NotRsa("another algorithm".to_owned()),
        ),
        (
            &[text.as_bytes(), text.as_bytes()].concat(),
            SshKeyFault::SeveralKeys(2),
        ),
    ];
    for (bytes, fault) in cases {
        fs::write(&path, bytes).unwrap();
        assert_eq!(wrong(&path).fault, fault);
    }
    assert!(matches!(
        wrong(folder.path()).fault,
        SshKeyFault::Unreadable(_)
    ));
}
