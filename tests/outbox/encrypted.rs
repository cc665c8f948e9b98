//! A PostgreSQL that encrypts: what `sslmode` lets through, and what it does not.

use std::path::Path;
use std::time::Duration;

use pushgate::outbox::{Outbox, OutboxError, PostgresAddress, Store, StoreAddress};
use standin::Command;

use crate::bench::wait_until;
use crate::postgres::Postgres;
use crate::server::{PUSHGATE, command, succeed, text};

/// What became of a connection.
#[derive(Debug, PartialEq, Eq)]
enum Came {
    Encrypted,
    Plain,
    Distrusted,
    NoAuthorities,
    Failed,
}

fn openssl(folder: &Path, arguments: &[&str]) {
    succeed(Command::new("openssl").current_dir(folder).args(arguments));
}

/// `NAME.pem` and `NAME.key` of an authority.
fn authority(folder: &Path, name: &str) {
    let subject = format!("/CN=The authority {name}");
    let extensions = ["basicConstraints=critical,CA:TRUE"];
    standin::self_signed(folder, name, &subject, &extensions);
}

/// A server whose certificate is made out to `localhost` by an authority of its own, and which asks
/// the user `secret` for a password.
fn start(folder: &Path) -> Option<Postgres> {
    if !standin::has_program("openssl", "the encrypted PostgreSQL") {
        return None;
    }
    authority(folder, "ours");
    authority(folder, "theirs");
    Postgres::start_with(|own| {
        openssl(
            own,
            &[
                "req",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-subj",
                "/CN=localhost",
                "-keyout",
                "server.key",
                "-out",
                "server.csr",
            ],
        );
        std::fs::write(own.join("names"), "subjectAltName=DNS:localhost").unwrap();
        let ours = |end: &str| folder.join(format!("ours.{end}")).display().to_string();
        openssl(
            own,
            &[
                "x509",
                "-req",
                "-days",
                "2",
                "-in",
                "server.csr",
                "-CA",
                &ours("pem"),
                "-CAkey",
                &ours("key"),
                "-set_serial",
                "7",
                "-extfile",
                "names",
                "-out",
                "server.pem",
            ],
        );
        let hosts = "hostssl all secret 127.0.0.1/32 scram-sha-256\n\
                     host all all 127.0.0.1/32 trust\n";
        std::fs::write(own.join("hosts"), hosts).unwrap();
        let file = |name: &str| own.join(name).display().to_string();
        vec![
            "ssl=on".to_owned(),
            format!("ssl_cert_file={}", file("server.pem")),
            format!("ssl_key_file={}", file("server.key")),
            format!("hba_file={}", file("hosts")),
        ]
    })
}

fn opened(address: PostgresAddress) -> Result<Store, OutboxError> {
    let state = tempfile::tempdir().unwrap();
    Outbox::open(state.path(), StoreAddress::Postgres(Box::new(address)))?.store()
}

#[test]
fn the_mode_says_who_is_let_in() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = start(folder.path()) else {
        return;
    };
    let name = server.database().rsplit_once('/').unwrap().1.to_owned();
    server.ask(
        &name,
        "CREATE ROLE secret SUPERUSER LOGIN PASSWORD 'hunter2'",
    );
    let path = |name: &str| folder.path().join(name);
    let ours = format!("sslrootcert={}", path("ours.pem").display());
    let theirs = format!("sslrootcert={}", path("theirs.pem").display());
    let nowhere = format!("sslrootcert={}", path("nowhere.pem").display());
    let came = |who: &str, query: &str, ca_file: Option<&Path>| {
        let url = format!("postgres://{who}:{}/{name}{query}", server.port());
        let address = PostgresAddress::parse(&url).unwrap().trusting(ca_file);
        let store = opened(address);
        let (came, said) = match &store {
            Ok(_) => {
                let encrypted = server.ask(
                    &name,
                    "SELECT s.ssl FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)
                     WHERE a.application_name = 'pushgate'",
                );
                let came = match encrypted.trim() {
                    "t" => Came::Encrypted,
                    "f" => Came::Plain,
                    other => panic!("{other}"),
                };
                (came, String::new())
            }
            Err(error) => {
                let came = match error {
                    OutboxError::StoreTls { .. } => Came::Distrusted,
                    OutboxError::StoreAuthorities { .. } => Came::NoAuthorities,
                    _ => Came::Failed,
                };
                (came, error.to_string())
            }
        };
        assert!(!said.contains("hunter"), "{said}");
        // The server notices the end of a connection by and by.
        drop(store);
        wait_until_gone(&server);
        (came, said)
    };
    let (host, number) = ("pushgate@localhost", "pushgate@127.0.0.1");
    let both = |query: &str, file: &str| format!("?sslmode={query}&{file}");
    let given = path("ours.pem");
    for (who, query, ca_file, expected) in [
        // As PostgreSQL's own programs do where nothing is said.
        (host, String::new(), None, Came::Encrypted),
        (host, "?sslmode=disable".into(), None, Came::Plain),
        (host, "?sslmode=prefer".into(), None, Came::Encrypted),
        (host, "?sslmode=require".into(), None, Came::Encrypted),
        (number, "?sslmode=require".into(), None, Came::Encrypted),
        // A file for all systems says nothing of this one, until a certificate is asked for.
        (
            host,
            "?sslmode=require".into(),
            Some(path("theirs.pem")),
            Came::Encrypted,
        ),
        (number, both("require", &ours), None, Came::Encrypted),
        (number, both("require", &theirs), None, Came::Distrusted),
        (number, both("verify-ca", &ours), None, Came::Encrypted),
        (
            number,
            "?sslmode=verify-ca".into(),
            Some(given.clone()),
            Came::Encrypted,
        ),
        (number, both("verify-ca", &theirs), None, Came::Distrusted),
        (host, both("verify-full", &ours), None, Came::Encrypted),
        (
            host,
            "?sslmode=verify-full".into(),
            Some(given),
            Came::Encrypted,
        ),
        // The address has precedence.
        (
            host,
            both("verify-full", &ours),
            Some(path("theirs.pem")),
            Came::Encrypted,
        ),
        (number, both("verify-full", &ours), None, Came::Distrusted),
        (host, both("verify-full", &theirs), None, Came::Distrusted),
        (host, "?sslmode=verify-full".into(), None, Came::Distrusted),
        (
            host,
            both("verify-full", &nowhere),
            None,
            Came::NoAuthorities,
        ),
        // The password goes by way of the certificate: nobody in between can use it.
        (
            "secret:hunter2@localhost",
            both("verify-full", &ours),
            None,
            Came::Encrypted,
        ),
        (
            "secret:hunter3@localhost",
            both("verify-full", &ours),
            None,
            Came::Failed,
        ),
    ] {
        let (came, said) = came(who, &query, ca_file.as_deref());
        assert_eq!(came, expected, "{who} {query} {ca_file:?}: {said}");
    }
}

fn wait_until_gone(server: &Postgres) {
    let ours = "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'pushgate'";
    wait_until(Duration::from_secs(30), "the connection ends", || {
        server.ask("postgres", ours).trim() == "0"
    });
}

#[test]
fn the_commands_take_the_configured_authorities() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = start(folder.path()) else {
        return;
    };
    let name = server.database().rsplit_once('/').unwrap().1.to_owned();
    let url = format!(
        "postgres://pushgate:hunter2@localhost:{}/{name}?sslmode=verify-full",
        server.port()
    );
    let list = |authority: &str| {
        let config = folder.path().join("config.yaml");
        std::fs::write(&config, format!("http: {{ ca_file: {authority}.pem }}\n")).unwrap();
        command(PUSHGATE, folder.path())
            .args(["outbox", "list"])
            .env("PUSHGATE_STATE", folder.path().join("state"))
            .env("PUSHGATE_STORE", &url)
            .env("PUSHGATE_CONFIG", &config)
            .output()
            .unwrap()
    };
    let output = list("ours");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout), "nothing waits\n");
    let output = list("theirs");
    assert_eq!(output.status.code(), Some(3));
    insta::assert_snapshot!(text(&output.stderr), @r"
    pushgate: the outbox's database can't be trusted: the server's certificate
      comes from an authority that is not known here
      help: name the authority that has signed it in `http.ca_file`, or by
            `sslrootcert=FILE` in the store's address, and write the host there
            as the certificate has it
    ");
}

#[test]
fn a_server_that_cannot_encrypt_is_not_taken_where_it_must() {
    let Some(server) = crate::postgres::postgres() else {
        return;
    };
    let url = server.database() + "?sslmode=require";
    let address = PostgresAddress::parse(&url).unwrap();
    let error = opened(address).unwrap_err();
    let said = error.to_string();
    assert!(said.contains("server does not support TLS"), "{said}");
}
