//! A real browser: Chromium without a window. Where the machine has none the test says so and ends;
//! under `CI=true` it fails.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

/// A browser that was found.
pub struct Browser(&'static str);

/// What the browser's user likes.
#[derive(Clone, Copy, Debug)]
pub enum Scheme {
    Light,
    Dark,
}

impl Browser {
    pub fn find() -> Option<Self> {
        let names = ["chromium", "chromium-browser", "google-chrome"];
        let found = names.into_iter().find(|name| {
            let asked = Command::new(name)
                .arg("--version")
                .stderr(Stdio::null())
                .output();
            asked.is_ok_and(|output| output.status.success())
        });
        if found.is_none() {
            assert_ne!(
                std::env::var("CI").as_deref(),
                Ok("true"),
                "chromium is missing"
            );
            eprintln!("skipped: no chromium here");
        }
        found.map(Self)
    }

    /// The page as the browser has read it, after whatever it would run.
    pub fn dom(&self, url: &str) -> String {
        let output = self.run(Scheme::Light, (800, 600), &["--dump-dom", url]);
        String::from_utf8(output).unwrap()
    }

    /// A picture of the page, of that many points.
    pub fn picture(&self, url: &str, size: (u32, u32), scheme: Scheme, to: &Path) {
        let shot = format!("--screenshot={}", to.display());
        self.run(scheme, size, &["--hide-scrollbars", &shot, url]);
        let bytes = fs::read(to).unwrap();
        assert_eq!(&bytes[..8], b"\x89PNG\r\n\x1a\n", "{}", to.display());
        let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
        assert_eq!((number(16), number(20)), size, "{}", to.display());
    }

    fn run(&self, scheme: Scheme, (width, height): (u32, u32), arguments: &[&str]) -> Vec<u8> {
        let profile = tempfile::tempdir().unwrap();
        let scheme = match scheme {
            Scheme::Dark => 0,
            Scheme::Light => 1,
        };
        let output = Command::new(self.0)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--force-device-scale-factor=1",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg(format!("--window-size={width},{height}"))
            .arg(format!("--blink-settings=preferredColorScheme={scheme}"))
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{told}");
        output.stdout
    }
}

/// Stands between a browser and the receiver and adds a cookie to every request: the page as who is
/// logged in sees it. Answers with the address to browse.
pub fn logged_in(receiver: SocketAddr, cookie: &str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let line = format!("\r\nCookie: {cookie}\r\nConnection: close\r\n");
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let line = line.clone();
            std::thread::spawn(move || forward(stream, receiver, &line));
        }
    });
    address
}

fn forward(mut from: TcpStream, receiver: SocketAddr, line: &str) -> Option<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if from.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).ok()?;
    let head = head
        .replace("\r\nConnection: keep-alive", "")
        .replacen("\r\n", line, 1);
    let mut to = TcpStream::connect(receiver).ok()?;
    to.write_all(head.as_bytes()).ok()?;
    std::io::copy(&mut to, &mut from).ok()?;
    Some(())
}
