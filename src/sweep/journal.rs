//! The entries of a sweep, on disk until the reports are written: memory does not grow with the
//! number of repositories.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Lines, Seek, Write};

use super::entry::Entry;

/// Where entries are noted, in the order of the server's lists.
#[derive(Debug)]
pub struct Journal(BufWriter<File>);

/// The entries of a journal, from its beginning.
#[derive(Debug)]
pub struct JournalEntries(Lines<BufReader<File>>);

impl Journal {
    /// A file without a name: it is gone with the process.
    ///
    /// # Errors
    /// Where the folder for temporary files can't be written.
    pub fn new() -> io::Result<Self> {
        Ok(Self(BufWriter::new(tempfile::tempfile()?)))
    }

    /// Notes one.
    ///
    /// # Errors
    /// Where it can't be written.
    pub fn note(&mut self, entry: &Entry) -> io::Result<()> {
        serde_json::to_writer(&mut self.0, entry)?;
        self.0.write_all(b"\n")
    }

    /// All entries, from the first one.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn entries(&mut self) -> io::Result<JournalEntries> {
        self.0.flush()?;
        let mut file = self.0.get_ref().try_clone()?;
        file.rewind()?;
        Ok(JournalEntries(BufReader::new(file).lines()))
    }
}

impl Iterator for JournalEntries {
    type Item = io::Result<Entry>;

    fn next(&mut self) -> Option<Self::Item> {
        let line = self.0.next()?;
        Some(line.and_then(|line| serde_json::from_str(&line).map_err(io::Error::from)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::What;

    #[test]
    fn entries_come_back_as_often_as_one_likes() {
        let mut journal = Journal::new().unwrap();
        let entry = |slug: &str| Entry {
            repository: format!("PRJ/{slug}").parse().unwrap(),
            commit: None,
            what: What::Empty,
            plan: None,
        };
        let all = [entry("one"), entry("two")];
        for entry in &all {
            journal.note(entry).unwrap();
        }
        for _ in 0..2 {
            let read: Vec<_> = journal.entries().unwrap().map(Result::unwrap).collect();
            assert_eq!(read, all);
        }
    }
}
