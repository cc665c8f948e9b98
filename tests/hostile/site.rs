//! A hostile server, the one it would like to have the credentials sent to, and pushgate between them.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use pushgate::catalog::Entity;
use pushgate::outbox::{CatalogJob, Delivery, Job, Outbox, StoreAddress};
use serde_json::json;
use standin::{Child, Command};
use tempfile::TempDir;

use crate::answer::{Answer, Asked, whole};

/// The binary under test.
pub const PUSHGATE: &str = env!("CARGO_BIN_EXE_pushgate");

/// What no output may hold.
pub const SECRET: &str = "planted-credential-8c1f";

/// How long anything may take: far more than each call's own limit, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(240);

/// A server that answers every request in one way.
pub struct HostileServer {
    pub url: String,
    heard: Arc<Mutex<Vec<String>>>,
}

/// Whether the server lets Port's clients in before it turns hostile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    Granted,
    Never,
}

impl HostileServer {
    /// Starts one that lives as long as the process.
    pub fn start(answer: Answer, token: Token, elsewhere: &str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heard = Arc::<Mutex<Vec<String>>>::default();
        let (elsewhere, heard_there) = (elsewhere.to_owned(), Arc::clone(&heard));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (elsewhere, heard) = (elsewhere.clone(), Arc::clone(&heard_there));
                thread::spawn(move || {
                    // A client that has had enough goes away.
                    let _ = serve(stream, answer, token, &elsewhere, &heard);
                });
            }
        });
        Self { url, heard }
    }

    /// The heads of all requests.
    pub fn heard(&self) -> Vec<String> {
        self.heard
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

fn serve(
    mut stream: TcpStream,
    answer: Answer,
    token: Token,
    elsewhere: &str,
    heard: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut head = String::new();
    loop {
        let before = head.len();
        if reader.read_line(&mut head)? == 0 || head[before..].trim().is_empty() {
            break;
        }
    }
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (given, value) = line.split_once(':')?;
            given.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    };
    let length = header("content-length").and_then(|length| length.parse().ok());
    let mut body = Vec::new();
    // What is not read would make the end of the connection an error of its own.
    reader.take(length.unwrap_or(0)).read_to_end(&mut body)?;
    heard
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(head.clone());
    let path = head.split(' ').nth(1).unwrap_or_default();
    if token == Token::Granted && path.contains("/auth/access_token") {
        let granted = json!({"ok": true, "accessToken": SECRET, "expiresIn": 10_800});
        return whole(
            &mut stream,
            "200 OK",
            &["Connection: close"],
            granted.to_string().as_bytes(),
        );
    }
    let asked = Asked {
        path,
        credentials: header("authorization").unwrap_or_default(),
        elsewhere,
    };
    answer.write(&mut stream, &asked)?;
    stream.shutdown(Shutdown::Write)?;
    // Until the client has read it: what is closed too early is taken back.
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    let _ = std::io::copy(&mut stream, &mut std::io::sink());
    Ok(())
}

/// How a command ended.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
    /// Most memory that was in use, in KiB.
    pub peak: u64,
}

/// pushgate, set up to talk to one hostile server.
pub struct Site {
    pub server: HostileServer,
    /// Where a redirect leads.
    pub elsewhere: HostileServer,
    folder: TempDir,
}

impl Site {
    pub fn new(answer: Answer, token: Token) -> Self {
        let elsewhere = HostileServer::start(Answer::EmptyBody, Token::Never, "");
        let site = Self {
            server: HostileServer::start(answer, token, &elsewhere.url),
            elsewhere,
            folder: tempfile::tempdir().unwrap(),
        };
        let key = site.folder.path().join("key.pem");
        fs::write(&key, standin::ssh_private_key()).unwrap();
        restrict(&key);
        let config = format!(
            "http: {{ timeout: 1s }}\ndelivery: {{ after_push: none }}\nalgorithmia:\n  builds:\n    - {{ repository: PRJ/hello, algorithm: acme/hello, ssh_key_file: {} }}\n",
            key.display()
        );
        fs::write(site.folder.path().join("config.yaml"), config).unwrap();
        site
    }

    /// Puts an entity into the outbox, as a push does.
    pub fn queue(&self) {
        let entity = json!({"blueprint": "service", "identifier": "one", "title": "One"});
        let job = CatalogJob {
            ref_name: "refs/heads/main".to_owned(),
            old: None,
            new: pushgate::git::CommitId("1".repeat(40).parse().unwrap()),
            desired: Ok(vec![Entity::from_json("port.yaml", entity).unwrap()]),
            extent: Default::default(),
            previous: Vec::new(),
            delete: true,
            git_dir: None,
            approved: false,
        };
        let state = self.state();
        let outbox = Outbox::open(&state, StoreAddress::Folder(state.clone())).unwrap();
        let delivery = Delivery::new("PRJ/hello".parse().unwrap(), Job::Catalog(job));
        outbox.put(&delivery).unwrap();
    }

    fn state(&self) -> std::path::PathBuf {
        self.folder.path().join("state")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PUSHGATE);
        let url = &self.server.url;
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("LC_ALL", "C")
            .env("PUSHGATE_STATE", self.state())
            .env("PUSHGATE_CONFIG", self.folder.path().join("config.yaml"))
            .env("PORT_API_URL", url)
            .env("PORT_CLIENT_ID", "id")
            .env("PORT_CLIENT_SECRET", SECRET)
            .env("BITBUCKET_SERVER_ADDRESS", url)
            .env("BITBUCKET_SERVER_TOKEN", SECRET)
            .env("ALGORITHMIA_API", url)
            .env("ALGORITHMIA_API_KEY", SECRET)
            .stdin(Stdio::null());
        command
    }

    /// Runs pushgate to its end, and holds everything against what always has to be so.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        let (out, err) = (
            self.folder.path().join("out"),
            self.folder.path().join("err"),
        );
        let mut child = self
            .command(arguments)
            .stdout(File::create(&out).unwrap())
            .stderr(File::create(&err).unwrap())
            .spawn()
            .unwrap();
        let (code, peak) = ended(&mut child);
        let ran = Ran {
            code,
            out: fs::read_to_string(out).unwrap(),
            err: fs::read_to_string(err).unwrap(),
            peak,
        };
        for text in [&ran.out, &ran.err] {
            let hidden = text
                .chars()
                .find(|&c| c != '\n' && pushgate::visible::is_hidden(c));
            assert_eq!(hidden, None, "{ran:?}");
            assert!(!text.contains(SECRET), "{ran:?}");
            assert!(
                !text.contains("panicked") && !text.contains("internal error"),
                "{ran:?}"
            );
            assert!(text.len() < 16 * 1024, "{} bytes: {ran:?}", text.len());
        }
        ran
    }

    /// What it said, with what differs from run to run named, in one line each.
    pub fn shown(&self, text: &str) -> String {
        let host = |server: &HostileServer| server.url.trim_start_matches("http://").to_owned();
        text.replace(&host(&self.server), "HOST")
            .replace(&host(&self.elsewhere), "ELSEWHERE")
            .replace(self.folder.path().to_str().unwrap(), "FOLDER")
    }
}

fn restrict(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// Waits for the end; the most memory on the way, as far as the system tells.
fn ended(child: &mut Child) -> (Option<i32>, u64) {
    let begin = Instant::now();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        let told = fs::read_to_string(&status).unwrap_or_default();
        let line = told.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        peak = peak.max(kib.unwrap_or(0));
        if let Some(status) = child.try_wait().unwrap() {
            // What it left behind is searched for secrets.
            child.wait().unwrap();
            return (status.code(), peak);
        }
        if begin.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("it does not end");
        }
        thread::sleep(Duration::from_millis(2));
    }
}
