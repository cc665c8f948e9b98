//! A PostgreSQL of the tests' own: on loopback, in a temporary folder, gone with the last test that
//! uses it.

use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tempfile::TempDir;

/// The user that the server runs as where the tests run as root, which it refuses.
const USER: &str = "postgres";

/// A running server.
pub struct Postgres {
    folder: TempDir,
    programs: PathBuf,
    port: u16,
    settings: Vec<String>,
    server: Mutex<Child>,
    databases: AtomicUsize,
}

/// The server that all tests of this process share; none where PostgreSQL is not installed, which is
/// a failure on CI.
pub fn postgres() -> Option<Arc<Postgres>> {
    static SHARED: Mutex<Weak<Postgres>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(running) = shared.upgrade() {
        return Some(running);
    }
    let started = Arc::new(Postgres::start()?);
    *shared = Arc::downgrade(&started);
    Some(started)
}

impl Postgres {
    /// A server of one's own, to be stopped and started.
    pub fn start() -> Option<Self> {
        Self::start_with(|_| Vec::new())
    }

    /// The same, with settings (`name=value`) that may be about files in the server's folder.
    pub fn start_with(settings: impl FnOnce(&Path) -> Vec<String>) -> Option<Self> {
        let Some(programs) = programs() else {
            assert!(
                std::env::var("CI").as_deref() != Ok("true"),
                "PostgreSQL is missing, which the outbox's tests need"
            );
            println!("skipped over PostgreSQL: it is not installed");
            return None;
        };
        let folder = tempfile::Builder::new()
            .prefix("pushgate-postgres")
            .tempdir()
            .unwrap();
        if is_root() {
            let user = succeed(Command::new("id").args(["-u", USER]));
            chown(folder.path(), Some(user.trim().parse().unwrap()), None).unwrap();
        }
        let port = free_port();
        let data = folder.path().join("data");
        succeed(
            unprivileged(&programs.join("initdb"))
                .args(["-A", "trust", "--no-sync", "-U", "pushgate", "-D"])
                .arg(&data),
        );
        let settings = settings(folder.path());
        if is_root() {
            // What the settings are about has to be the server's own.
            let mut chown = Command::new("chown");
            succeed(chown.args(["-R", USER]).arg(folder.path()));
        }
        let postgres = Self {
            server: Mutex::new(spawn(&programs, folder.path(), port, &settings)),
            folder,
            settings,
            programs,
            port,
            databases: AtomicUsize::new(0),
        };
        postgres.wait();
        Some(postgres)
    }

    /// The address of a new database.
    pub fn database(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("pushgate{number}");
        self.ask("postgres", &format!("CREATE DATABASE {name}"));
        format!("postgres://pushgate@127.0.0.1:{}/{name}", self.port)
    }

    /// Where it listens on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Runs a statement as the server's owner; what `psql` prints.
    pub fn ask(&self, database: &str, statement: &str) -> String {
        succeed(
            Command::new(self.programs.join("psql"))
                .args(["-h", "127.0.0.1", "-U", "pushgate", "-d", database])
                .args(["-p", &self.port.to_string(), "-Atqc", statement]),
        )
    }

    /// Ends all connections but one's own, as a server that fails over does.
    pub fn cut_connections(&self) {
        self.ask(
            "postgres",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'",
        );
    }

    /// Stops the server at once and starts it anew.
    pub fn restart(&self) {
        let mut server = self.server.lock().unwrap();
        stop(&mut server, rustix::process::Signal::INT);
        *server = spawn(
            &self.programs,
            self.folder.path(),
            self.port,
            &self.settings,
        );
        drop(server);
        self.wait();
    }

    fn wait(&self) {
        let ready = || {
            let mut asked = Command::new(self.programs.join("pg_isready"));
            asked.args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
            asked.status().unwrap().success()
        };
        standin::wait_for(Duration::from_secs(60), "PostgreSQL starts", || {
            let ended = self.server.lock().unwrap().try_wait().unwrap();
            assert!(ended.is_none(), "PostgreSQL does not start: {ended:?}");
            ready().then_some(())
        });
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let server = self
            .server
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        stop(server, rustix::process::Signal::INT);
    }
}

fn stop(server: &mut Child, signal: rustix::process::Signal) {
    let _ = rustix::process::kill_process(rustix::process::Pid::from_child(server), signal);
    let _ = server.wait();
}

fn spawn(programs: &Path, folder: &Path, port: u16, settings: &[String]) -> Child {
    unprivileged(&programs.join("postgres"))
        .arg("-D")
        .arg(folder.join("data"))
        .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"])
        .args(["-c", "max_connections=200", "-c", "fsync=off", "-c"])
        .arg(format!("unix_socket_directories={}", folder.display()))
        .args(settings.iter().flat_map(|setting| ["-c", setting]))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The newest installed version's programs.
fn programs() -> Option<PathBuf> {
    let packaged = std::fs::read_dir("/usr/lib/postgresql").into_iter();
    let mut versions: Vec<(u32, PathBuf)> = packaged
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort();
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    versions
        .into_iter()
        .rev()
        .map(|(_, programs)| programs)
        .chain(std::env::split_paths(&on_path))
        .find(|programs| programs.join("initdb").is_file())
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

/// A program of the server's, as somebody else where we are root.
fn unprivileged(program: &Path) -> Command {
    let mut command = if is_root() {
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid", USER, "--regid", USER, "--clear-groups"])
            .arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir("/").env("LC_ALL", "C");
    command
}

fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}
