//! Answers that no honest server gives, down to the bytes on the connection.

use std::io::{self, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

/// What comes back for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A body that says no length and never ends.
    EndlessBody,
    /// A body in chunks that never end.
    EndlessChunks,
    /// A body of which a byte comes now and then, and never the last one.
    DrippingBody,
    /// Headers of which a byte comes now and then.
    DrippingHeaders,
    /// Nothing at all, on a connection that stays open.
    Silence,
    /// One header after another.
    EndlessHeaders,
    /// One header without an end.
    EndlessHeader,
    /// `100 Continue`, for ever.
    EndlessContinues,
    /// A redirect to the very address that was asked for.
    RedirectToItself,
    /// A redirect to another host.
    RedirectElsewhere,
    /// A page for people.
    WebPage,
    /// Text where JSON should be.
    NoJson,
    /// JSON with bytes that are no text.
    NoUtf8,
    /// Half a million lists in one another.
    Deep,
    /// A gigabyte of blanks in a megabyte.
    Bomb,
    /// Less than was promised.
    CutShort,
    /// Chunks whose length is none.
    BadChunks,
    /// HTTP/1.0: no length, the end of the connection is the end.
    OldAndEmpty,
    /// Two lengths.
    TwoLengths,
    /// A length that no memory holds.
    HugeLength,
    /// Another protocol.
    NoHttp,
    /// The connection is closed at once.
    Nothing,
    /// Good by its status, and empty.
    EmptyBody,
    /// An error whose text moves cursors and repeats what it was sent.
    RudeError,
}

impl Answer {
    /// Every answer.
    pub const ALL: [Self; 24] = [
        Self::EndlessBody,
        Self::EndlessChunks,
        Self::DrippingBody,
        Self::DrippingHeaders,
        Self::Silence,
        Self::EndlessHeaders,
        Self::EndlessHeader,
        Self::EndlessContinues,
        Self::RedirectToItself,
        Self::RedirectElsewhere,
        Self::WebPage,
        Self::NoJson,
        Self::NoUtf8,
        Self::Deep,
        Self::Bomb,
        Self::CutShort,
        Self::BadChunks,
        Self::OldAndEmpty,
        Self::TwoLengths,
        Self::HugeLength,
        Self::NoHttp,
        Self::Nothing,
        Self::EmptyBody,
        Self::RudeError,
    ];

    /// Writes the answer until it is whole or nobody reads it any more.
    pub fn write(self, to: &mut TcpStream, asked: &Asked<'_>) -> io::Result<()> {
        match self {
            Self::EndlessBody => {
                head(to, "200 OK", &[])?;
                for_ever(to, &[b'x'; 64 * 1024])
            }
            Self::EndlessChunks => {
                head(to, "200 OK", &["Transfer-Encoding: chunked"])?;
                for_ever(to, &chunk(&[b'x'; 64 * 1024]))
            }
            Self::DrippingBody => {
                head(to, "200 OK", &["Content-Length: 1000000"])?;
                drip(to, b" ")
            }
            Self::DrippingHeaders => {
                to.write_all(b"HTTP/1.1 200 OK\r\nX-Slow: ")?;
                drip(to, b"x")
            }
            Self::Silence => {
                // Until the client leaves: a read that brings nothing.
                let _ = io::copy(to, &mut io::sink());
                Ok(())
            }
            Self::EndlessHeaders => {
                to.write_all(b"HTTP/1.1 200 OK\r\n")?;
                for_ever(to, &b"X-More: and more of the same\r\n".repeat(1000))
            }
            Self::EndlessHeader => {
                to.write_all(b"HTTP/1.1 200 OK\r\nX-Long: ")?;
                for_ever(to, &[b'x'; 64 * 1024])
            }
            Self::EndlessContinues => for_ever(to, &b"HTTP/1.1 100 Continue\r\n\r\n".repeat(1000)),
            Self::RedirectToItself => {
                let location = format!("Location: {}", asked.path);
                whole(to, "307 Temporary Redirect", &[&location], b"")
            }
            Self::RedirectElsewhere => {
                let location = format!("Location: {}{}", asked.elsewhere, asked.path);
                whole(to, "302 Found", &[&location], b"")
            }
            Self::WebPage => whole(
                to,
                "200 OK",
                &["Content-Type: text/html"],
                b"<html><body>Sign in, please</body></html>",
            ),
            Self::NoJson => whole(to, "200 OK", &[], b"{\"ok\": yes, \"values\": ["),
            Self::NoUtf8 => whole(
                to,
                "200 OK",
                &[],
                b"{\"ok\":true,\"values\":[\"\xff\xfe\"],\"error\":\"\xc3\"}",
            ),
            Self::Deep => whole(to, "200 OK", &[], &[b'['; 500_000]),
            Self::Bomb => {
                let member = bomb();
                let length = format!("Content-Length: {}", member.len() * 1024);
                head(to, "200 OK", &["Content-Encoding: gzip", &length])?;
                (0..1024).try_for_each(|_| to.write_all(&member))
            }
            Self::CutShort => {
                head(to, "200 OK", &["Content-Length: 1000"])?;
                to.write_all(b"{\"ok\":true,")
            }
            Self::BadChunks => {
                head(to, "200 OK", &["Transfer-Encoding: chunked"])?;
                to.write_all(b"FFFFFFFFFFFFFFFFFFFF\r\n{\"ok\":true}\r\n-1\r\n\r\n")
            }
            Self::OldAndEmpty => to.write_all(b"HTTP/1.0 200 OK\r\nServer: old\r\n\r\n"),
            Self::TwoLengths => {
                head(to, "200 OK", &["Content-Length: 2", "Content-Length: 3"])?;
                to.write_all(b"{} ")
            }
            Self::HugeLength => {
                head(to, "200 OK", &["Content-Length: 18446744073709551615"])?;
                for_ever(to, &[b' '; 64 * 1024])
            }
            Self::NoHttp => to.write_all(b"SSH-2.0-OpenSSH_9.2\r\n"),
            Self::Nothing => Ok(()),
            Self::EmptyBody => whole(to, "200 OK", &[], b""),
            Self::RudeError => {
                let text = format!(
                    r#"{{"error":"\u001b[2Jx","message":"\u202e{sent}\r\n{long}","errors":[{{"message":"\u001b]0;x\u0007{sent}"}}]}}"#,
                    sent = asked.credentials.escape_default(),
                    long = "y".repeat(100_000)
                );
                whole(
                    to,
                    "400 Bad\tRequest",
                    &["X-Trace-Id: \u{e9}\u{e9}"],
                    text.as_bytes(),
                )
            }
        }
    }
}

/// What an answer may refer to.
pub struct Asked<'a> {
    /// The path of the request.
    pub path: &'a str,
    /// What was sent to prove who asks.
    pub credentials: &'a str,
    /// Another server.
    pub elsewhere: &'a str,
}

/// A whole answer, as an honest server would send it.
pub fn whole(to: &mut TcpStream, status: &str, headers: &[&str], body: &[u8]) -> io::Result<()> {
    let length = format!("Content-Length: {}", body.len());
    head(to, status, &[headers, &[length.as_str()]].concat())?;
    to.write_all(body)
}

fn head(to: &mut TcpStream, status: &str, headers: &[&str]) -> io::Result<()> {
    let mut text = format!("HTTP/1.1 {status}\r\n");
    for header in headers {
        text.push_str(header);
        text.push_str("\r\n");
    }
    to.write_all((text + "\r\n").as_bytes())
}

fn for_ever(to: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    loop {
        to.write_all(bytes)?;
    }
}

/// So slowly that no time limit for a single read ever strikes.
fn drip(to: &mut TcpStream, byte: &[u8]) -> io::Result<()> {
    loop {
        to.write_all(byte)?;
        thread::sleep(Duration::from_millis(20));
    }
}

fn chunk(bytes: &[u8]) -> Vec<u8> {
    let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
    chunk.extend_from_slice(bytes);
    chunk.extend_from_slice(b"\r\n");
    chunk
}

/// A mebibyte of blanks, compressed; one after another they are one gzip stream.
fn bomb() -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![b' '; 1024 * 1024]).unwrap();
    encoder.finish().unwrap()
}
