//! Writing that never fails: a reader that went away is no reason to refuse a push.

use std::io::{self, Write};

use serde::Serialize;

use super::colour::columns;
use super::{CommandError, ExitStatus};
use crate::json_text;
use crate::report::{Remote, folded};

/// Writes to standard output.
pub(super) fn out(text: &str) {
    let mut stream = io::stdout().lock();
    let _ = stream.write_all(text.as_bytes());
    let _ = stream.flush();
}

/// Standard output for who writes in pieces; a reader that went away is no error.
pub(super) struct Unfailing;

impl Write for Unfailing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = io::stdout().lock().write_all(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let _ = io::stdout().lock().flush();
        Ok(())
    }
}

/// Writes a document to standard output as it is.
pub(super) fn bytes(document: &[u8]) {
    let mut stream = io::stdout().lock();
    let _ = stream.write_all(document);
    let _ = stream.flush();
}

/// Writes a value to standard output as JSON that people can read too.
pub(super) fn json(value: &impl Serialize) -> Result<(), CommandError> {
    let text = json_text::pretty(value).map_err(|_| CommandError::internal("writing JSON"))?;
    out(&(text + "\n"));
    Ok(())
}

/// Writes to standard error; in a hook both reach the pusher.
pub(super) fn err(text: &str) {
    let mut stream = io::stderr().lock();
    let _ = stream.write_all(text.as_bytes());
    let _ = stream.flush();
}

/// Makes a defect of pushgate an internal error in words, with its exit code, in place of a panic's
/// text and code.
pub(super) fn explain_panics(who: &'static str) {
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic
            .location()
            .map_or_else(String::new, |at| format!(" at {at}"));
        let mut text = Remote::new();
        text.line(&format!("{who}: internal error{place}"));
        text.help("this is a defect of pushgate: please report it with the output of `pushgate --version`");
        err(&text.finish());
        std::process::exit(ExitStatus::Failure as i32);
    }));
}

/// Writes a report for people to standard output, its lines broken to a terminal's width.
pub(super) fn report(text: &str) {
    out(&folded(text, columns(&io::stdout())));
}

/// Columns of what a log or a pipe gets.
const COLUMNS: usize = 76;

/// An empty text for who runs a command by hand: as wide as the terminal.
pub(super) fn notes() -> Remote {
    Remote::of_width(columns(&io::stderr()).unwrap_or(COLUMNS))
}

/// Says why a command ended and what to do; `who` begins the line.
pub(super) fn complain(mut text: Remote, who: &str, error: &CommandError) {
    text.line(&format!("{who}: {error}"));
    if let Some(help) = error.diagnostic().help() {
        text.help(&help.to_string());
    }
    err(&text.finish());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs itself once more: a panic hook belongs to the whole process.
    #[test]
    fn a_defect_is_an_internal_error_in_words() {
        const INNER: &str = "PUSHGATE_TEST_PANICS";
        if std::env::var_os(INNER).is_some() {
            explain_panics("pushgate 0.1.0: refused");
            panic!("never shown");
        }
        let name = "cli::output::tests::a_defect_is_an_internal_error_in_words";
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args([name, "--exact", "--nocapture"])
            .env(INNER, "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert!(
            said.starts_with("pushgate 0.1.0: refused: internal error at src"),
            "{said}"
        );
        assert!(!said.contains("never shown"), "{said}");
    }
}
