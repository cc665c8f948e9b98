//! A folder as root in which nothing is but the binary and what it is asked about: no library, no
//! `/etc`, no `/dev`, no `/tmp`, no certificates.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::Output;

use standin::{Command, PortStandIn, TlsStandIn, has_program};

use crate::handed_out::{binary, is_full};
use crate::server::{BAD, GOOD, Server, feed, text};

/// The root folder, with a bare repository at `/PRJ/hello.git` whose hooks run inside of it.
struct Alone {
    root: PathBuf,
    server: Server,
    port: PortStandIn,
}

/// How a command gets another root folder, as root and as anybody else.
fn enter() -> &'static [&'static str] {
    if fs::metadata("/proc/self").unwrap().uid() == 0 {
        &["chroot"]
    } else {
        &["unshare", "--map-root-user", "chroot"]
    }
}

impl Alone {
    /// Nothing where there is no binary, or no way to give a process another root.
    fn new() -> Option<Self> {
        let binary = binary()?;
        if !has_program(enter()[0], "another root folder") {
            return None;
        }
        let server = Server::new();
        let root = fs::canonicalize(server.folder().join("srv")).unwrap();
        fs::copy(&binary, root.join("pushgate")).unwrap();
        if !is_full(&binary) {
            // Only the full form is built to ask the kernel itself for random numbers.
            fs::create_dir(root.join("dev")).unwrap();
            let bytes: Vec<u8> = (0..=255).cycle().take(65_536).collect();
            for name in ["dev/random", "dev/urandom"] {
                fs::write(root.join(name), &bytes).unwrap();
            }
        }
        let alone = Self {
            root,
            server,
            port: PortStandIn::start().unwrap(),
        };
        let output = alone.run(&[], &["--version"], "");
        if output.status.success() {
            return Some(alone);
        }
        let reason = text(&output.stderr);
        assert!(
            reason.contains("ermitted") && std::env::var("CI").as_deref() != Ok("true"),
            "{reason}"
        );
        println!("skipped: another root folder is not allowed here: {reason}");
        None
    }

    fn run(&self, variables: &[(&str, &str)], arguments: &[&str], stdin: &str) -> Output {
        let (program, more) = enter().split_first().unwrap();
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(variables.iter().copied())
            .args(more)
            .arg(&self.root)
            .arg("/pushgate")
            .args(arguments);
        feed(&mut command, stdin)
    }

    /// Has the hooks run inside, where git's absolute paths begin at another root.
    fn hooks(&self, variables: &[(&str, &str)]) {
        let root = self.root.to_str().unwrap();
        let exports: String = variables
            .iter()
            .map(|(name, value)| format!("export {name}='{value}'\n"))
            .collect();
        let enter = enter().join(" ");
        for name in ["pre-receive", "post-receive"] {
            let script = format!(
                "root='{root}'\n\
                 for name in GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES; do\n\
                   eval \"value=\\${{$name-}}\"\n\
                   [ -z \"$value\" ] || export \"$name=${{value#\"$root\"}}\"\n\
                 done\n\
                 export GIT_DIR=/PRJ/hello.git PUSHGATE_STATE=/state\n\
                 {exports}exec {enter} \"$root\" /pushgate hook {name}"
            );
            self.server.hook(name, &script);
        }
    }

    /// Asks Port at that address for its blueprints.
    fn pull(&self, url: &str) -> Output {
        let variables = [
            ("PUSHGATE_STATE", "/state"),
            ("PORT_API_URL", url),
            ("PORT_CLIENT_ID", self.port.client_id()),
            ("PORT_CLIENT_SECRET", self.port.client_secret()),
        ];
        self.run(
            &variables,
            &["blueprints", "pull", "--output", "/blueprints.json"],
            "",
        )
    }

    fn write(&self, path: &str, content: &str) {
        standin::write(&self.root, path, content);
    }
}

/// What is said of a Port that answers, and has no blueprint.
const REACHED: &str = "Port lists no blueprint";

fn code(output: &Output) -> (Option<i32>, String) {
    (
        output.status.code(),
        text(&output.stdout) + &text(&output.stderr),
    )
}

#[test]
fn it_checks_explains_and_tells_its_version() {
    let Some(alone) = Alone::new() else { return };
    let (status, said) = code(&alone.run(&[], &["--version"], ""));
    assert_eq!(
        (status, said.as_str()),
        (
            Some(0),
            concat!("pushgate ", env!("CARGO_PKG_VERSION"), "\n")
        )
    );
    let (status, said) = code(&alone.run(&[], &["explain", "port/missing-title"], ""));
    assert_eq!(status, Some(0), "{said}");
    for (document, expected) in [(GOOD, Some(0)), (BAD, Some(1))] {
        alone.write("port.yaml", document);
        let (status, said) = code(&alone.run(&[], &["check", "/port.yaml"], ""));
        assert_eq!(status, expected, "{said}");
        let (status, said) =
            code(&alone.run(&[], &["check", "--stdin-filename", "port.yaml"], document));
        assert_eq!(status, expected, "{said}");
    }
}

/// A real push: judged, kept in SQLite, delivered to Port at an address in digits.
#[test]
fn a_push_is_refused_accepted_and_delivered() {
    let Some(alone) = Alone::new() else { return };
    let url = alone.port.url();
    alone.write("config.yaml", "delivery: { wait: 60s }\n");
    alone.hooks(&[
        ("PORT_API_URL", &url),
        ("PORT_CLIENT_ID", alone.port.client_id()),
        ("PORT_CLIENT_SECRET", alone.port.client_secret()),
        ("PUSHGATE_CONFIG", "/config.yaml"),
    ]);
    let clone = alone.server.clone();
    let push = clone.change("port.yaml", BAD).push(&["HEAD:main"]);
    assert!(!push.accepted, "{}", push.raw);
    assert!(push.said.contains("refused; "), "{}", push.raw);
    let push = clone.change("port.yaml", GOOD).push(&["HEAD:main"]);
    assert!(push.accepted, "{}", push.raw);
    // Without /proc and /dev no process can be started beside the hook: it waits, and is carried out by hand.
    assert!(push.said.contains("1 delivery queued"), "{}", push.raw);
    let credentials = [
        ("PUSHGATE_STATE", "/state"),
        ("PORT_API_URL", url.as_str()),
        ("PORT_CLIENT_ID", alone.port.client_id()),
        ("PORT_CLIENT_SECRET", alone.port.client_secret()),
    ];
    let (status, said) = code(&alone.run(&credentials, &["deliver"], ""));
    assert_eq!(status, Some(0), "{said}");
    let delivered = alone.port.entity("service", "hello");
    assert!(delivered.is_some(), "{said}");
    let state: Vec<_> = fs::read_dir(alone.root.join("state")).unwrap().collect();
    assert!(!state.is_empty());
}

/// Names are resolved by what the binary has in itself; where that is nothing, it says so.
#[test]
fn names_are_resolved_where_there_is_a_hosts_file() {
    let Some(alone) = Alone::new() else { return };
    let url = alone.port.url().replace("127.0.0.1", "localhost");
    let (status, said) = code(&alone.pull(&url));
    assert_eq!(status, Some(3), "{said}");
    assert!(said.contains("localhost"), "{said}");
    // musl asks a name server of this machine where none is named, and gets no answer.
    let pushgate = fs::read(alone.root.join("pushgate")).unwrap();
    let name = match memchr::memmem::find(&pushgate, b"nsswitch.conf") {
        Some(_) => "a_name_that_nothing_resolves",
        None => "a_name_that_nothing_resolves_with_musl",
    };
    insta::with_settings!({filters => vec![(r"localhost:\d+", "localhost:PORT")]}, {
        insta::assert_snapshot!(name, said);
    });
    alone.write("etc/hosts", "127.0.0.1 localhost\n");
    let (status, said) = code(&alone.pull(&url));
    assert!(said.contains(REACHED), "{status:?} {said}");
}

/// Static glibc could load modules of another version for what `nsswitch.conf` names.
#[test]
fn names_are_resolved_whatever_the_machine_asks_for() {
    let Some(alone) = Alone::new() else { return };
    let url = alone.port.url().replace("127.0.0.1", "localhost");
    alone.write("etc/hosts", "127.0.0.1 localhost\n");
    for hosts in [
        "files dns",
        "mymachines resolve files myhostname dns",
        "dns files",
    ] {
        alone.write("etc/nsswitch.conf", &format!("hosts: {hosts}\n"));
        let (status, said) = code(&alone.pull(&url));
        assert!(said.contains(REACHED), "{hosts}: {status:?} {said}");
    }
}

/// Without a bundle of certificates the authorities that are built in are asked.
#[test]
fn a_certificate_of_nobody_is_not_trusted() {
    let Some(alone) = Alone::new() else { return };
    let Some(server) = TlsStandIn::start(&[("localhost", &alone.port.url())]).unwrap() else {
        return;
    };
    alone.write("etc/hosts", "127.0.0.1 localhost\n");
    let (status, said) = code(&alone.pull(&server.url("localhost")));
    assert_eq!(status, Some(3), "{said}");
    insta::with_settings!({filters => vec![(r"localhost:\d+", "localhost:PORT")]}, {
        insta::assert_snapshot!("a_certificate_of_nobody", said);
    });
}
