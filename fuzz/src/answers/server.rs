//! A server that gives one answer to every call, a connection each, and closes it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What Port's clients are given as their token.
const TOKEN: &str = "planted-token-of-the-server";

/// An answer that was made up.
#[derive(Clone, Default)]
pub(super) struct Answer {
    head: Vec<u8>,
    body: Vec<u8>,
    is_whole: bool,
}

impl Answer {
    /// Status and headers, an empty line, the body.
    pub(super) fn of(text: &[u8]) -> Self {
        if text.starts_with(b"HTTP/") {
            return Self {
                head: Vec::new(),
                body: text.to_vec(),
                is_whole: true,
            };
        }
        let end = text.windows(2).position(|two| two == b"\n\n");
        let (head, body) = end.map_or((text, &b""[..]), |end| (&text[..end], &text[end + 2..]));
        Self {
            head: head.to_vec(),
            body: body.to_vec(),
            is_whole: false,
        }
    }
}

#[derive(Default)]
struct State {
    answer: Answer,
    calls: usize,
}

pub(super) struct Server {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

struct Request {
    path: String,
    authorization: String,
    body: Vec<u8>,
}

impl Server {
    /// Starts one that lives as long as the process.
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            state: Arc::default(),
        };
        let state = Arc::clone(&server.state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that goes away is its own affair.
                let _ = serve(&stream, &state);
                let _ = stream.shutdown(Shutdown::Both);
            }
        });
        server
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn token(&self) -> &'static str {
        TOKEN
    }

    /// From now on this is the answer to all but the call for a token.
    pub(super) fn answer_with(&self, answer: Answer) {
        *lock(&self.state) = State { answer, calls: 0 };
    }

    /// Calls since then.
    pub(super) fn calls(&self) -> usize {
        lock(&self.state).calls
    }
}

fn lock(state: &Mutex<State>) -> std::sync::MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(stream: &TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.set_nodelay(true)?;
    let request = read(stream)?;
    let answer = {
        let mut state = lock(state);
        state.calls += 1;
        state.answer.clone()
    };
    let bytes = if request.path.ends_with("/auth/access_token") {
        let body = format!(r#"{{"ok":true,"accessToken":"{TOKEN}","expiresIn":10800}}"#);
        written(b"200", body.as_bytes())
    } else {
        let authorization = request.authorization.as_bytes();
        let body = replaced(&answer.body, b"{{authorization}}", authorization);
        let body = replaced(&body, b"{{body}}", &request.body);
        let head = replaced(&answer.head, b"{{authorization}}", authorization);
        match answer.is_whole {
            true => body,
            false => written(&head, &body),
        }
    };
    let mut stream = stream;
    stream.write_all(&bytes)
}

fn read(stream: &TcpStream) -> std::io::Result<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let target = line.split(' ').nth(1).unwrap_or_default();
    let mut request = Request {
        path: target.split('?').next().unwrap_or_default().to_owned(),
        authorization: String::new(),
        body: Vec::new(),
    };
    let mut length = 0;
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').unwrap_or((&line, ""));
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap_or(0),
            "authorization" => value.trim().clone_into(&mut request.authorization),
            _ => {}
        }
    }
    reader.take(length).read_to_end(&mut request.body)?;
    Ok(request)
}

/// An answer with the length of its body, unless its own headers say something of it.
fn written(head: &[u8], body: &[u8]) -> Vec<u8> {
    let mut lines = head.split(|&byte| byte == b'\n');
    let status = lines.next().unwrap_or_default();
    let mut bytes = [&b"HTTP/1.1 "[..], status, b" X\r\nConnection: close\r\n"].concat();
    let mut has_length = false;
    for line in lines {
        let name: Vec<u8> = line
            .iter()
            .take_while(|&&byte| byte != b':')
            .map(u8::to_ascii_lowercase)
            .collect();
        has_length |= matches!(name.as_slice(), b"content-length" | b"transfer-encoding");
        bytes.extend_from_slice(line);
        bytes.extend_from_slice(b"\r\n");
    }
    if !has_length {
        bytes.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}

fn replaced(text: &[u8], name: &[u8], value: &[u8]) -> Vec<u8> {
    let mut rest = text;
    let mut out = Vec::with_capacity(text.len());
    // The value is put in a few times at most: it could be the larger part of the answer.
    for _ in 0..4 {
        let Some(at) = rest.windows(name.len()).position(|part| part == name) else {
            break;
        };
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(value);
        rest = &rest[at + name.len()..];
    }
    out.extend_from_slice(rest);
    out
}
