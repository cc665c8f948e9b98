//! A stream of a running program, searched while a test reads it.

use std::io::{self, Read, Write as _};

use super::secrets;

/// Reads what a program prints. A secret in it ends the whole run of the tests: whoever reads may be a
/// thread whose panic nobody sees.
#[derive(Debug)]
pub struct Watched<R> {
    inner: R,
    name: String,
    /// The end of what was read, in which a secret may have begun.
    tail: Vec<u8>,
}

impl<R> Watched<R> {
    pub(super) fn new(inner: R, name: &str) -> Self {
        Self {
            inner,
            name: name.to_owned(),
            tail: Vec::new(),
        }
    }

    pub(super) fn into_inner(self) -> R {
        self.inner
    }
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.tail.extend_from_slice(&buffer[..count]);
        if let Some(shown) = secrets::leaks(&self.tail) {
            // Past the capture of the test's own output.
            let _ = writeln!(io::stderr(), "{} shows a secret: {shown}", self.name);
            std::process::exit(101);
        }
        let keep = self.tail.len().min(secrets::longest());
        self.tail.drain(..self.tail.len() - keep);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_what_was_written() {
        let mut text = String::new();
        let mut stream = Watched::new(&b"a long text\nof two lines"[..], "x");
        stream.read_to_string(&mut text).unwrap();
        assert_eq!(text, "a long text\nof two lines");
    }
}
