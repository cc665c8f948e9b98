//! Writing that never fails: a reader that went away is no reason to refuse a push.

use std::io::{self, Write};

use super::CommandError;
use crate::report::Remote;

/// Writes to standard output.
pub(super) fn out(text: &str) {
    let mut stream = io::stdout().lock();
    let _ = stream.write_all(text.as_bytes());
    let _ = stream.flush();
}

/// Writes to standard error; in a hook both reach the pusher.
pub(super) fn err(text: &str) {
    let mut stream = io::stderr().lock();
    let _ = stream.write_all(text.as_bytes());
    let _ = stream.flush();
}

/// Says why a command ended and what to do; `who` begins the line.
pub(super) fn complain(who: &str, error: &CommandError) {
    let mut text = Remote::new();
    text.line(&format!("{who}: {error}"));
    if let Some(help) = error.diagnostic().help() {
        text.help(&help.to_string());
    }
    err(&text.finish());
}
